"""What a person reads at the terminal of each document."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.console import Console

from flows.terminal import batches_table, documents_table
from loaders.rows import BatchSummary, DocumentCounts, DocumentRow, PageCounts
from schemas.errors import RejectReason
from schemas.tables import BatchStatus


def shown(*rows: DocumentRow) -> str:
    console = Console(width=140, record=True, quiet=False, file=None)
    with console.capture() as capture:
        console.print(documents_table(list(rows)))
    return capture.get()


def row(**facts) -> DocumentRow:
    defaults = {"file": "a.tif", "document_id": 1, "sha256": "a" * 64, "size": 1, "state": "loaded"}
    return DocumentRow(**(defaults | facts))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"rejected_returns": 1}, "1 return rejected by a rule"),
        ({"rejected_returns": 2}, "2 returns rejected by a rule"),
        ({"state": "review", "review": 0}, "a page or a return waits"),
        (
            {"state": "rejected", "reason": RejectReason.EMPTY_FILE, "message": "deliver it again"},
            "empty file: deliver it again",
        ),
    ],
)
def test_the_last_column_says_why(facts, expected):
    assert expected in shown(row(**facts))


def test_there_is_no_why_where_nothing_needs_one():
    assert "Why" not in shown(row(accepted=7), row(state="review", review=3))


def test_a_file_name_that_holds_an_identifier_is_masked():
    told = shown(row(file="smith 912-34-5678.tif"))
    assert "***-**-5678" in told
    assert "912-34" not in told


def test_what_was_received_before_is_not_counted_twice():
    told = shown(row(state="duplicate", accepted=54, review=38))
    assert "received before" in told
    assert "54" not in told and "38" not in told


def test_a_list_of_runs_is_whole_in_80_columns():
    batch = BatchSummary.model_construct(
        run="20261124-12",
        department="us_irs",
        status=BatchStatus.FINISHED,
        started_at=datetime(2026, 11, 24, 6, 32, tzinfo=UTC),
        documents=DocumentCounts(received=12000, loaded=1000, in_review=11000),
        pages=PageCounts(total=0),
        review_items=172000,
    )
    console = Console(width=80)
    with console.capture() as capture:
        console.print(batches_table([batch]))
    told = capture.get()
    assert "…" not in told
    for word in ("20261124-12", "06:32", "finished", "12000", "11000", "172000", "Rejected"):
        assert word in told

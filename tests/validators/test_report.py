"""The batch report: self-contained, masked, counts that add up."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from pydantic import ValidationError

from schemas.forms import FieldKind
from schemas.report import (
    BatchReport,
    DocumentCounts,
    DocumentRow,
    FieldCounts,
    FieldRow,
    PageCounts,
    ReturnCounts,
    RuleRow,
    TimingRow,
)
from schemas.rules import Category, Severity
from validators.report import render_report, write_report

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def snippet(text: str) -> bytes:
    image = Image.new("L", (360, 60), 250)
    ImageDraw.Draw(image).text((12, 12), text, fill=40, font_size=32)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def sample_report(**changes: Any) -> BatchReport:
    fields = tuple(
        FieldRow(
            file=f"scan {index:03d}.tif", page=1, form="form_1040", year=2022, name=name, line=line,
            kind=kind, as_read=text, confidence=0.31 + index / 20, reason="two engines differ",
            image_png=snippet(text),
        )
        for index, (name, line, kind, text) in enumerate(
            (
                ("wages", "1z", FieldKind.AMOUNT, "52,34O"),
                ("taxpayer_ssn", None, FieldKind.TAXPAYER_ID, "536-90-4399"),
                ("address_street", None, FieldKind.TEXT, "12 Elrn St"),
                ("taxable_interest", "2b", FieldKind.AMOUNT, "l,204"),
                ("routing_number", "35b", FieldKind.ROUTING_NUMBER, "111000025"),
                ("total_income", "9", FieldKind.AMOUNT, ""),
            )
        )
    )  # fmt: skip
    documents = (
        DocumentRow(file="batch/okafor & sons.tif", pages=4, status="loaded", returns=("3f2a",)),
        DocumentRow(
            file="batch/scan 002.pdf", pages=3, status="review", returns=("9b1c" * 5,),
            reasons=("2 fields of form_1040 2022 in review: wages, total_income",
                     "page missing: schedule_b 2022 page 1"),
        ),
        DocumentRow(
            file="batch/scan 003.tif", pages=2, status="rejected", returns=("77aa" * 5,),
            reasons=("rule F1040-009 (reject): Line 9, total income, must be the sum of lines 1z,"
                     " 2b, 3b, 4b, 5b, 6b, 7 and 8. Line 9 (total income) is 52,340, but lines 1z,"
                     " 2b, 3b, 4b, 5b, 6b, 7 and 8 add up to 52,430: 90 less.",),
        ),
        DocumentRow(file="batch/locked.pdf", status="rejected",
                    reasons=("batch/locked.pdf: the PDF asks for a password",)),
        DocumentRow(file="batch/copy of scan 002.pdf", pages=3, status="duplicate",
                    reasons=("the same bytes as batch/scan 002.pdf",)),
        DocumentRow(file="batch/<script>alert(1)</script>.tif", pages=1, status="loaded"),
    )  # fmt: skip
    rules = (
        RuleRow(
            rule_id="F1040-009", severity=Severity.REJECT, category=Category.MATH_ERROR, failed=1,
            text="Line 9, total income, must be the sum of lines 1z, 2b, 3b, 4b, 5b, 6b, 7 and 8.",
            passed=44, not_evaluated=5, returns=("77aa" * 5,),
            example="Line 9 (total income) is 52,340, but 1z and 2b add up to 52,430: 90 less.",
        ),
        RuleRow(
            rule_id="F1040-061", severity=Severity.ALERT, category=Category.MISSING_DATA, failed=3,
            text="A joint return is signed by both.", passed=40, not_evaluated=7,
            returns=tuple(f"{index:020x}" for index in range(3)),
        ),
        RuleRow(
            rule_id="SCHB-004", severity=Severity.REJECT, category=Category.DATA_MISMATCH, failed=0,
            text="Line 4 goes to Form 1040, line 2b.", passed=49, not_evaluated=1,
        ),
    )  # fmt: skip
    given: dict[str, Any] = {
        "batch_id": "2026-11-23-a1b2", "department": "us_irs",
        "title": "US Internal Revenue Service",
        "source": "inbox/night", "started": START, "finished": START + timedelta(seconds=95),
        "version": "0.1.0",
        "documents": DocumentCounts(received=6, loaded=2, in_review=1, rejected=2, duplicates=1),
        "pages": PageCounts(received=13, read=9, blank=1, unknown=1, refused=1, in_rejected=1),
        "fields": FieldCounts(accepted=1204, review=23, blank=3011),
        "returns": ReturnCounts(accepted=2, review=1, rejected=1),
        "document_rows": documents, "rules_evaluated": 150, "rules_passed": 133,
        "rules_failed": 4, "rules_not_evaluated": 13, "rule_rows": rules, "worst_fields": fields,
        "timings": (TimingRow(stage="decode", seconds=3.2), TimingRow(stage="read", seconds=71.5),
                    TimingRow(stage="validate", seconds=9)),
        "data_docs": "data-docs/index.html",
        "review_hint": "23 fields and 2 pages wait for a person: taxlift review",
    }  # fmt: skip
    return BatchReport(**{**given, **changes})


def test_shows_documents_rules_fields_and_links() -> None:
    page = render_report(sample_report())
    for expected in (
        "2026-11-23-a1b2", "the PDF asks for a password", "F1040-009", "90 less",
        "wages", "52,34O", "data-docs/index.html", "1 min 35 s", "SCHB-004", "4,238",
    ):  # fmt: skip
        assert expected in page, expected


def test_needs_nothing_beside_it_and_runs_nothing() -> None:
    page = render_report(sample_report())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.findall(r"(?:src|href)=\"(?!data:|data-docs/)[^\"]*\"", page)
    assert "url(" not in page and "@import" not in page


def test_identifiers_are_masked_even_where_the_caller_forgot() -> None:
    report = sample_report(
        document_rows=(
            DocumentRow(
                file="536-90-4399.tif", status="rejected", pages=1,
                reasons=("spouse 536904399, account 1234567890123",),
            ),
        )
    )  # fmt: skip
    page = render_report(report)
    for secret in ("536904399", "536-90-4399", "111000025", "1234567890123"):
        assert secret not in page
    assert "***-**-4399" in page


def test_images_of_identifiers_are_left_out() -> None:
    page = render_report(sample_report())
    assert page.count("data:image/png;base64,") == 4
    assert page.count("identifier, not shown") == 2


@pytest.mark.parametrize(
    "build",
    [
        lambda: DocumentCounts(received=3, loaded=1, rejected=1),
        lambda: PageCounts(received=3, read=4),
        lambda: sample_report(rules_failed=5),
    ],
)
def test_counts_that_do_not_add_up_are_refused(build: Any) -> None:
    with pytest.raises(ValidationError, match="accounted for"):
        build()


def test_an_empty_batch_has_a_report(tmp_path: Path) -> None:
    empty = sample_report(
        documents=DocumentCounts(received=0), pages=PageCounts(received=0), fields=FieldCounts(),
        returns=ReturnCounts(), document_rows=(), rule_rows=(), worst_fields=(), timings=(),
        rules_evaluated=0, rules_passed=0, rules_failed=0, rules_not_evaluated=0, finished=None,
        data_docs=None,
    )  # fmt: skip
    path = write_report(empty, tmp_path / "reports" / "b.html")
    assert "No documents" in path.read_text(encoding="utf-8")
    assert [it.name for it in path.parent.iterdir()] == ["b.html"]

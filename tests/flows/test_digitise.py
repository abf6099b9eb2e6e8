"""The flow as a whole: what a batch of good returns becomes, and that nothing can be done twice."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flow_contents import all_rows, contents
from flow_runs import Ran, Sample, run_flow

from benchmarks.samples.truth import TruthDocument
from flows import digitise as flow_module
from flows import stages
from flows.context import run_context
from loaders.repository import Repository
from loaders.rows import DocumentRow
from schemas.errors import DatabaseError, MissingProgramError, RejectReason
from schemas.readings import ValueStatus

pytestmark = pytest.mark.slow


def repository(ran: Ran) -> Repository:
    return run_context("us_irs", ran.settings).repository


def documents(ran: Ran) -> dict[str, DocumentRow]:
    return {row.file: row for row in repository(ran).documents(ran.run)}


def test_every_document_is_accounted_for(undisturbed: Ran, sample: Sample) -> None:
    rows = documents(undisturbed)
    assert set(rows) == {one.file for one in sample.documents}
    assert {row.state for row in rows.values()} <= {"loaded", "review"}
    for one in sample.documents:
        row = rows[one.file]
        assert (row.sha256, row.pages, row.returns) == (one.sha256, len(one.pages), 1)


def test_counts_add_up(undisturbed: Ran, sample: Sample) -> None:
    counts = dict(undisturbed.answer)
    assert counts.pop("run")
    assert counts.pop("received") == len(sample.documents) == sum(counts.values())
    summary = repository(undisturbed).batch_summary(undisturbed.run)
    pages = sum(len(one.pages) for one in sample.documents)
    assert summary.pages.total == summary.pages.read == pages
    fields = sum(len(one.fields) for one in sample.documents)
    assert sum(summary.fields.values()) == fields
    assert sum(summary.returns.values()) == len(sample.documents)
    assert not repository(undisturbed).unaccounted(undisturbed.run)


def test_nothing_taken_without_a_person_is_wrong_on_typed_returns(
    undisturbed: Ran, sample: Sample
) -> None:
    for one in sample.documents:
        if one.ink == "hand":
            continue
        held = values(undisturbed, one)
        wrong = [
            field.name
            for field in one.fields
            if held[field.name][1] is ValueStatus.ACCEPTED and held[field.name][0] != plain(field)
        ]
        assert not wrong, f"{one.file}: {wrong}"
        accepted = sum(held[field.name][1] is ValueStatus.ACCEPTED for field in one.fields)
        filled = sum(field.filled for field in one.fields)
        assert accepted >= filled / 2, "most of a typed return needs no person"


def values(ran: Ran, document: TruthDocument) -> dict[str, tuple[object, ValueStatus]]:
    records = repository(ran).returns(ran.run)
    (record,) = [one for one in records if one.tax_return.sha256 == document.sha256]
    return {
        value.name: (amount(value.value), value.status)
        for form in record.tax_return.forms
        for value in form.values
    }


def plain(field) -> object:
    return amount(field.value)


def amount(value: object) -> object:
    text = str(value)
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else value


def test_an_analyst_can_query_the_form(undisturbed: Ran, sample: Sample) -> None:
    with sa.create_engine(undisturbed.url).connect() as connection:
        for year in {one.tax_year for one in sample.documents}:
            found = connection.execute(
                sa.text("select wages from form_1040 where tax_year = :year"), {"year": year}
            ).all()
            assert len(found) == sum(one.tax_year == year for one in sample.documents)
    digital = next(one for one in sample.documents if one.ink == "digital")
    (truth,) = [field.value for field in digital.fields if field.name == "wages"]
    with sa.create_engine(undisturbed.url).connect() as connection:
        view = sa.table(
            f"form_1040_{digital.tax_year}", sa.column("wages"), sa.column("document_sha256")
        )
        query = sa.select(view.c.wages).where(view.c.document_sha256 == digital.sha256)
        (wages,) = connection.execute(query).one()
    assert amount(wages) == amount(truth)


def test_what_is_doubtful_waits_for_a_person(undisturbed: Ran) -> None:
    found = repository(undisturbed)
    items = found.review_items(undisturbed.run, 10_000)
    summary = found.batch_summary(undisturbed.run)
    fields = [item for item in items if item.name]
    assert len(items) == summary.review_items
    assert len(fields) == summary.fields.get(ValueStatus.REVIEW, 0) > 0
    assert all(item.bbox and item.reason for item in fields)


def test_every_rule_is_told_passed_failed_or_not_evaluated(undisturbed: Ran) -> None:
    known = {rule.definition.id for rule in run_context("us_irs", undisturbed.settings).book.rules}
    for record in repository(undisturbed).returns(undisturbed.run):
        assert {result.rule_id for result in record.rules} <= known
        assert len(record.rules) > 20


def test_report_and_data_docs_are_written_without_identifiers(
    undisturbed: Ran, sample: Sample
) -> None:
    page = (undisturbed.folder / "report.html").read_text(encoding="utf-8")
    assert undisturbed.run in page
    assert all(one.file in page for one in sample.documents)
    for one in sample.documents:
        for field in one.fields:
            if field.kind.is_personal and field.filled and len(str(field.value)) > 6:
                assert str(field.value) not in page
                assert str(field.as_written) not in page
    # Self-contained: nothing is loaded from elsewhere.
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    assert (undisturbed.folder / "data-docs" / "index.html").is_file()
    assert undisturbed.settings.reports.stat().st_mode & 0o077 == 0
    assert 'href="data-docs/index.html"' in page


def test_prefect_shows_a_completed_run_with_an_artifact(undisturbed: Ran) -> None:
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

    key = ArtifactFilterKey(any_=[f"batch-{undisturbed.run}"])
    with get_client(sync_client=True) as client:
        # Other tests' homes count their runs from one as well.
        received = f"| Files received | {undisturbed.answer['received']} |"
        artifacts = [
            artifact
            for artifact in client.read_artifacts(artifact_filter=ArtifactFilter(key=key))
            if received in str(artifact.data) and "| … rejected | 0 |" in str(artifact.data)
        ]
        assert artifacts
        for artifact in artifacts:
            assert artifact.flow_run_id is not None
            state = client.read_flow_run(artifact.flow_run_id).state
            assert state is not None and state.is_completed()


def test_running_again_changes_nothing(settled_copy: Ran, sample: Sample) -> None:
    before = all_rows(settled_copy.url)
    again = run_flow(sample.folder)
    assert again.run != settled_copy.run
    assert again.answer["duplicate"] == again.answer["received"] == len(sample.documents)
    assert all_rows(settled_copy.url) == before
    assert {row.state for row in documents(again).values()} == {"duplicate"}


def test_a_run_broken_off_at_any_stage_is_finished_by_the_next(
    undisturbed: Ran,
    sample: Sample,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each run breaks one stage further on; the last finds all done but the end."""
    for task in (flow_module.receive, flow_module.read, flow_module.settle, flow_module.publish):
        monkeypatch.setattr(task, "retries", 0)
    for place, name in (
        (stages, "scan_inbox"),
        (stages, "decode_pages"),
        (stages, "assemble_returns"),
        (stages, "validate_frame"),
        (stages, "finish"),
        (flow_module, "write_report"),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(place, name, breaks_at_second_call(getattr(place, name), name))
            with pytest.raises(MissingProgramError, match=f"no {name}"):
                run_flow(sample.folder)
    ran = run_flow(sample.folder)
    runs = [row.run for row in repository(ran).runs()]
    # The report is made when the batch is closed: what follows then is another batch, which
    # makes up for the report.
    assert len(runs) == 2
    assert all((ran.settings.reports / run / "report.html").is_file() for run in runs)
    assert contents(ran.url) == contents(undisturbed.url)
    counts = repository(ran).batch_summary(runs[1]).documents
    assert counts.received == len(sample.documents) == counts.loaded + counts.in_review


def test_rules_see_the_batch_however_few_returns_are_held_at_once(
    undisturbed: Ran, sample: Sample, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    validate = stages.validate_frame

    def counted(frame, *arguments):
        seen.append(len(frame))
        return validate(frame, *arguments)

    monkeypatch.setattr(stages, "validate_frame", counted)
    monkeypatch.setattr(stages, "RETURNS_AT_ONCE", 1)
    ran = run_flow(sample.folder)
    assert seen == [len(sample.documents)]
    assert contents(ran.url) == contents(undisturbed.url)


def breaks_at_second_call(original, name: str):
    """The stage does something, and dies in the middle of it."""
    calls: list[int] = []

    def broken(*arguments, **named):
        calls.append(1)
        if len(calls) == 2 or name in ("validate_frame", "finish", "write_report", "scan_inbox"):
            if name == "scan_inbox":
                return first_then_break(original(*arguments))
            raise MissingProgramError(f"no {name}")
        return original(*arguments, **named)

    def first_then_break(items):
        yield next(items)
        raise MissingProgramError(f"no {name}")

    return broken


def test_a_document_that_taxlift_fails_on_is_rejected_and_read_when_delivered_again(
    undisturbed: Ran,
    sample: Sample,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(flow_module.read, "retry_delay_seconds", [0, 0])
    bad = sample.of("pdf")
    sha256 = next(one.sha256 for one in sample.documents if one.file == bad.name)
    decode = stages.decode_pages
    tries: list[int] = []

    def fails(path: Path, limits):
        if path.name == sha256:
            tries.append(1)
            raise ValueError("cannot make sense of 123-45-6789")
        return decode(path, limits)

    with monkeypatch.context() as broken:
        broken.setattr(stages, "decode_pages", fails)
        first = run_flow(sample.folder)
    assert len(tries) == 3, "it was tried again before it was given up"
    row = documents(first)[bad.name]
    assert (row.state, row.reason) == ("rejected", RejectReason.ENGINE_FAILED)
    assert "ValueError" in row.message and "6789" not in row.message
    assert first.answer["rejected"] == 1
    second = run_flow(sample.folder)
    assert documents(second)[bad.name].state in ("loaded", "review")
    assert contents(second.url) == contents(undisturbed.url)
    assert repository(second).batch_summary(first.run).documents.rejected == 1


def test_a_lost_database_stops_the_run(
    sample: Sample, home: Path, server: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_module.receive, "retries", 0)

    def lost(*_: object) -> str:
        raise DatabaseError("the database cannot be reached")

    monkeypatch.setattr(stages, "receive_inbox", lost)
    with pytest.raises(DatabaseError, match="cannot be reached"):
        run_flow(sample.folder)

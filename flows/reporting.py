"""Gathers what a batch's report shows, from the database and the archive, and writes it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from extractors.snippets import cut_snippets
from flows.context import RunContext
from loaders.rows import BatchSummary, DocumentRow, ReturnRecord
from schemas.masking import mask_text
from schemas.readings import FieldValue, ValueStatus
from schemas.report import (
    BatchReport,
    DocumentCounts,
    FieldCounts,
    FieldRow,
    PageCounts,
    ReturnCounts,
    RuleRow,
)
from schemas.report import DocumentRow as ReportedDocument
from schemas.returns import ReturnStatus
from schemas.rules import Outcome, RuleResult
from schemas.settings import Settings
from schemas.tables import BatchStatus
from validators.reconciliation.suspects import RuleTally, add_results
from validators.report import write_report as write_page

_WORST_FIELDS = 40
_REASONS_SHOWN = 6


class _Doubt(NamedTuple):
    """A field in review, and where it stands."""

    confidence: float
    order: int
    file: str
    sha256: str
    page: int
    value: FieldValue


def batch_folder(settings: Settings, batch_id: str) -> Path:
    """Where the report and the Data Docs of a batch are."""
    return settings.reports / batch_id


def make_batch_folder(settings: Settings, batch_id: str) -> Path:
    """That folder, there to be written to; its owner's alone, for it shows what people filed."""
    folder = batch_folder(settings, batch_id)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True)
    return folder


def write_report(context: RunContext, batch_id: str) -> Path:
    """Write the batch's report beside its Data Docs; the page's path."""
    path = make_batch_folder(context.settings, batch_id) / "report.html"
    return write_page(build_report(context, batch_id), path)


def make_up_report(context: RunContext, batch_id: str) -> None:
    """Write the report of the run before this one, if it was closed but never got so far."""
    runs = [run for run in context.repository.runs() if run.department == context.department.name]
    place = next((at for at, run in enumerate(runs) if run.run == batch_id), len(runs))
    for before in runs[place + 1 : place + 2]:
        report = batch_folder(context.settings, before.run) / "report.html"
        if before.status is BatchStatus.FINISHED and not report.exists():
            write_report(context, before.run)


def build_report(context: RunContext, batch_id: str) -> BatchReport:
    """The batch as its report shows it; returns are streamed, a few documents at a time."""
    repository = context.repository
    summary = repository.batch_summary(batch_id)
    tally = _Tally()
    for record in repository.returns(batch_id):
        tally.add(record)
    documents, pages = summary.documents, summary.pages
    rules = summary.rules
    return BatchReport(
        batch_id=batch_id,
        department=context.department.name,
        title=context.department.settings.title,
        source=mask_text(summary.inbox),
        started=summary.started_at,
        finished=summary.finished_at,
        version=version("taxlift"),
        documents=DocumentCounts(
            received=documents.received,
            loaded=documents.loaded,
            in_review=documents.in_review,
            rejected=documents.rejected,
            duplicates=documents.duplicate,
            in_flight=documents.in_flight,
        ),
        pages=PageCounts(
            received=pages.total,
            read=pages.read,
            blank=pages.blank,
            unknown=pages.unknown,
            refused=pages.refused,
        ),
        fields=FieldCounts(**{status.value: count for status, count in summary.fields.items()}),
        returns=ReturnCounts(**{status.value: count for status, count in summary.returns.items()}),
        document_rows=tuple(_reported(row, tally) for row in repository.documents(batch_id)),
        rules_evaluated=sum(rules.values()),
        rules_passed=rules.get(Outcome.PASS, 0),
        rules_failed=rules.get(Outcome.FAIL, 0),
        rules_not_evaluated=rules.get(Outcome.NOT_EVALUATED, 0),
        rule_rows=tuple(_rule_rows(context, tally)),
        worst_fields=tuple(_field_rows(context, tally.worst())),
        data_docs=_data_docs(context.settings, batch_id),
        review_hint=_review_hint(summary),
    )


def _review_hint(summary: BatchSummary) -> str:
    count = summary.review_items
    if not count:
        return ""
    waiting = "1 item waits" if count == 1 else f"{count:,} items wait"
    return f"{waiting} for a person: taxlift review --run {summary.run}"


def summary_markdown(summary: BatchSummary) -> str:
    """The batch in a table, for Prefect's artifact: counts only."""
    documents, pages = summary.documents, summary.pages
    fields = {status.value: count for status, count in summary.fields.items()}
    rows = [
        ("Files received", documents.received),
        ("… loaded", documents.loaded),
        ("… in review", documents.in_review),
        ("… rejected", documents.rejected),
        ("… received before", documents.duplicate),
        ("… in flight", documents.in_flight),
        ("Pages", pages.total),
        ("… read", pages.read),
        ("… blank", pages.blank),
        ("… unknown", pages.unknown),
        ("… refused", pages.refused),
        ("Returns", sum(summary.returns.values())),
        ("Fields accepted", fields.get("accepted", 0)),
        ("Fields for a person", fields.get("review", 0)),
        ("Rules failed", summary.rules.get(Outcome.FAIL, 0)),
        ("Rules not evaluated", summary.rules.get(Outcome.NOT_EVALUATED, 0)),
    ]
    lines = [f"# Batch {summary.run}", "", "| | |", "|---|---:|"]
    return "\n".join([*lines, *(f"| {name} | {count:,} |" for name, count in rows)])


class _Tally:
    """What the report needs of the returns, without keeping the returns."""

    def __init__(self) -> None:
        self.failed: dict[str, list[str]] = defaultdict(list)
        self.outcomes: dict[str, Counter[Outcome]] = defaultdict(Counter)
        self.example: dict[str, RuleResult] = {}
        self.rules: dict[str, RuleTally] = {}
        self.returns: dict[str, list[str]] = defaultdict(list)
        self.reasons: dict[str, list[str]] = defaultdict(list)
        self._doubts: list[_Doubt] = []
        self._seen = 0

    def add(self, record: ReturnRecord) -> None:
        tax_return = record.tax_return
        self.returns[tax_return.sha256].append(tax_return.return_id)
        if record.status is not ReturnStatus.ACCEPTED:
            self.reasons[tax_return.sha256] += record.reasons[:_REASONS_SHOWN]
        add_results(self.rules, record.rules)
        for result in record.rules:
            self.outcomes[result.rule_id][result.outcome] += 1
            if result.outcome is Outcome.FAIL:
                self.failed[result.rule_id].append(tax_return.return_id)
                self.example.setdefault(result.rule_id, result)
        self._doubts = nsmallest(_WORST_FIELDS, [*self._doubts, *self._doubts_of(record)])

    def worst(self) -> list[_Doubt]:
        return self._doubts

    def _doubts_of(self, record: ReturnRecord) -> Iterable[_Doubt]:
        for form, pages in zip(record.tax_return.forms, record.form_pages, strict=True):
            for value in form.values:
                if value.status is ValueStatus.REVIEW and value.page in pages:
                    self._seen += 1
                    yield _Doubt(
                        value.confidence,
                        self._seen,
                        record.tax_return.file,
                        record.tax_return.sha256,
                        pages[value.page],
                        value,
                    )


def _reported(row: DocumentRow, tally: _Tally) -> ReportedDocument:
    sha256 = row.sha256 or ""
    if row.state == "duplicate":
        reasons = ["the same bytes were received before"]
    else:
        own = [f"{row.reason.value.replace('_', ' ')}: {row.message}"] if row.reason else []
        reasons = own + tally.reasons.get(sha256, [])
    return ReportedDocument(
        file=row.file,
        pages=row.pages or None,
        status="in_flight" if row.state in ("received", "read") else row.state,
        returns=() if row.state == "duplicate" else tuple(tally.returns.get(sha256, ())),
        reasons=tuple(mask_text(reason) for reason in reasons),
    )


def _rule_rows(context: RunContext, tally: _Tally) -> Iterable[RuleRow]:
    texts = {rule.definition.id: rule for rule in context.book.rules}
    for rule_id, outcomes in sorted(tally.outcomes.items()):
        if rule_id not in texts:
            continue
        definition = texts[rule_id].definition
        example = tally.example.get(rule_id)
        yield RuleRow(
            rule_id=rule_id,
            text=texts[rule_id].plain_text,
            severity=definition.severity,
            category=definition.category,
            failed=outcomes[Outcome.FAIL],
            passed=outcomes[Outcome.PASS],
            not_evaluated=outcomes[Outcome.NOT_EVALUATED],
            returns=tuple(tally.failed.get(rule_id, ())),
            example=mask_text(example.message) if example else "",
            suspect=rule_id in tally.rules and tally.rules[rule_id].is_suspect,
        )


def _field_rows(context: RunContext, doubts: list[_Doubt]) -> Iterable[FieldRow]:
    pictures: dict[int, bytes] = {}
    by_document: dict[str, list[_Doubt]] = defaultdict(list)
    for doubt in doubts:
        if not doubt.value.kind.is_personal:
            by_document[doubt.sha256].append(doubt)
    for sha256, members in by_document.items():
        boxes = [(doubt.page, doubt.value.bbox) for doubt in members]
        cut = cut_snippets(context.archive.path_of(sha256), boxes, context.settings)
        pictures |= {doubt.order: png for doubt, png in zip(members, cut, strict=True) if png}
    for doubt in doubts:
        value = doubt.value
        yield FieldRow(
            file=doubt.file,
            page=doubt.page,
            form=value.form,
            year=value.year,
            name=value.name,
            line=value.line,
            kind=value.kind,
            as_read=value.as_read,
            confidence=value.confidence,
            reason=value.reason,
            image_png=pictures.get(doubt.order),
        )


def _data_docs(settings: Settings, batch_id: str) -> str | None:
    index = batch_folder(settings, batch_id) / "data-docs" / "index.html"
    return "data-docs/index.html" if index.exists() else None

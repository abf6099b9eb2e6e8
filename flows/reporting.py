"""Gathers what a batch's report shows, from the database and the archive, and writes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from extractors.snippets import cut_snippets
from flows.context import ReportContext
from flows.report_figures import (
    RECONCILED_SHOWN,
    field_figures,
    reason_rows,
    review_rows,
    rule_rows,
)
from loaders.field_queries import Doubt, count_fields, field_counts, worst_fields
from loaders.report_queries import (
    DecidedRow,
    one_moment,
    returns_with_reasons,
    review_load,
    rule_counts,
    rule_examples,
    unread_messages,
)
from loaders.rows import BatchSummary, DocumentRow
from schemas.masking import mask_text
from schemas.report import (
    BatchReport,
    DocumentCounts,
    FieldRow,
    PageCounts,
    ReturnCounts,
)
from schemas.report import DocumentRow as ReportedDocument
from schemas.returns import ReturnStatus
from schemas.rules import Outcome
from schemas.settings import Settings
from schemas.tables import BatchStatus
from validators.evaluation import DOES_NOT_APPLY
from validators.report import write_report as write_page

_WORST_FIELDS = 40
_REASONS_SHOWN = 6


def batch_folder(settings: Settings, batch_id: str) -> Path:
    """Where the report and the Data Docs of a batch are."""
    return settings.reports / batch_id


def make_batch_folder(settings: Settings, batch_id: str) -> Path:
    """That folder, there to be written to; its owner's alone, for it shows what people filed."""
    folder = batch_folder(settings, batch_id)
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True)
    return folder


def write_report(context: ReportContext, batch_id: str) -> Path:
    """Write the batch's report beside its Data Docs; the page's path."""
    path = make_batch_folder(context.settings, batch_id) / "report.html"
    return write_page(build_report(context, batch_id), path)


def make_up_report(context: ReportContext, batch_id: str) -> None:
    """Write the report of the run before this one, if it was closed but never got so far."""
    runs = [run for run in context.repository.runs() if run.department == context.department.name]
    place = next((at for at, run in enumerate(runs) if run.run == batch_id), len(runs))
    for before in runs[place + 1 : place + 2]:
        report = batch_folder(context.settings, before.run) / "report.html"
        if before.status is BatchStatus.FINISHED and not report.exists():
            write_report(context, before.run)


def build_report(context: ReportContext, batch_id: str) -> BatchReport:
    """The batch as its report shows it; the database counts, few rows come back."""
    repository = context.repository
    summary = repository.batch_summary(batch_id)
    with one_moment(repository.engine) as connection:
        counts = rule_counts(connection, batch_id, DOES_NOT_APPLY)
        rules = rule_rows(context.book, counts, rule_examples(connection, batch_id))
        unread = reason_rows(unread_messages(connection, batch_id))
        load = review_rows(review_load(connection, batch_id))
        fields = field_counts(connection, batch_id)
        figures = field_figures(connection, {batch_id: fields}, RECONCILED_SHOWN)
        doubts = worst_fields(connection, batch_id, _WORST_FIELDS)
        returns = _by_document(returns_with_reasons(connection, batch_id))
    documents, pages = summary.documents, summary.pages
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
        fields=count_fields(fields),
        returns=ReturnCounts(**{status.value: count for status, count in summary.returns.items()}),
        document_rows=tuple(_reported(row, returns) for row in repository.documents(batch_id)),
        rules_evaluated=sum(one.passed + one.not_applicable for one in rules)
        + sum(one.failed + one.not_evaluated for one in rules),
        rules_passed=sum(one.passed + one.not_applicable for one in rules),
        rules_failed=sum(one.failed for one in rules),
        rules_not_evaluated=sum(one.not_evaluated for one in rules),
        rule_rows=rules,
        not_evaluated=unread,
        field_figures=figures,
        review_load=load,
        worst_fields=tuple(_field_rows(context, doubts)),
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


def _by_document(returns: Iterable[DecidedRow]) -> dict[int, list[DecidedRow]]:
    found: dict[int, list[DecidedRow]] = defaultdict(list)
    for each in returns:
        found[each.document_id].append(each)
    return found


def _reported(row: DocumentRow, returns: Mapping[int, list[DecidedRow]]) -> ReportedDocument:
    mine: list[DecidedRow] = []
    if row.state == "duplicate":
        reasons = ["the same bytes were received before"]
    else:
        mine = returns.get(row.document_id, []) if row.document_id is not None else []
        reasons = [f"{row.reason.value.replace('_', ' ')}: {row.message}"] if row.reason else []
        for each in mine:
            if each.status is not ReturnStatus.ACCEPTED:
                reasons += each.reasons[:_REASONS_SHOWN]
    return ReportedDocument(
        file=row.file,
        pages=row.pages or None,
        status="in_flight" if row.state in ("received", "read") else row.state,
        returns=tuple(each.return_id for each in mine),
        reasons=tuple(mask_text(reason) for reason in reasons),
    )


def _field_rows(context: ReportContext, doubts: Sequence[Doubt]) -> Iterable[FieldRow]:
    pictures: dict[int, bytes | None] = {}
    by_document: dict[str, list[int]] = defaultdict(list)
    for at, doubt in enumerate(doubts):
        if not doubt.field.kind.is_personal:
            by_document[doubt.sha256].append(at)
    for sha256, places in by_document.items():
        boxes = [(doubts[at].field.page, doubts[at].bbox) for at in places]
        cut = cut_snippets(context.archive.path_of(sha256), boxes, context.settings)
        pictures |= dict(zip(places, cut, strict=True))
    for at, doubt in enumerate(doubts):
        yield doubt.field.model_copy(update={"image_png": pictures.get(at)})


def _data_docs(settings: Settings, batch_id: str) -> str | None:
    index = batch_folder(settings, batch_id) / "data-docs" / "index.html"
    return "data-docs/index.html" if index.exists() else None

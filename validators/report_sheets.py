"""The reports of a batch, a period and a rule as sheets of a workbook: all rows, real numbers."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.errors import RejectReason
from schemas.forms import FieldKind
from schemas.masking import mask_written
from schemas.period_report import BatchFigures, PeriodReport
from schemas.report import BatchReport
from schemas.rule_report import FailedReturn, RuleReport
from validators.scope import describe_form
from validators.sheet_parts import (
    RULE_COLUMNS,
    STATE_WORDS,
    TROUBLE,
    count_facts,
    facts_sheet,
    field_sheets,
    number_or_text,
    reasons_sheet,
    review_sheet,
    rule_cells,
    rules_sheet,
    share,
)
from validators.workbook import Chart, ChartKind, Sheet, Show, Value


def batch_sheets(report: BatchReport) -> list[Sheet]:
    """Of one batch."""
    facts: list[tuple[str, Value]] = [
        ("Department", report.title),
        ("Batch", report.batch_id),
        ("Received from", report.source),
        ("Started (UTC)", f"{report.started:%Y-%m-%d %H:%M:%S}"),
        ("Finished (UTC)", f"{report.finished:%Y-%m-%d %H:%M:%S}" if report.finished else None),
        ("Made by", f"taxlift {report.version}"),
        *count_facts("Documents", report.documents.model_dump()),
        *count_facts("Pages", report.pages.model_dump()),
        *count_facts("Returns", report.returns.model_dump()),
        *count_facts("Fields", report.fields.model_dump()),
        ("Rule results: passed or do not apply", report.rules_passed),
        ("Rule results: failed", report.rules_failed),
        ("Rule results: not evaluated", report.rules_not_evaluated),
        *count_facts("Arithmetic", report.field_figures.reconciliation.model_dump()),
    ]
    documents = [
        (row.file, row.pages, STATE_WORDS.get(row.status, row.status), row.returns, row.reasons)
        for row in report.document_rows
    ]
    return [
        facts_sheet("Batch", facts),
        Sheet(
            "Documents",
            (
                ("Document", Show.TEXT),
                ("Pages", Show.COUNT),
                ("Outcome", Show.TEXT),
                ("Returns", Show.NAME),
                ("Why", Show.TEXT),
            ),
            [
                (file, pages, status, " ".join(returns), "\n".join(reasons))
                for file, pages, status, returns, reasons in documents
            ],
        ),
        rules_sheet(report.rule_rows),
        reasons_sheet(report.not_evaluated),
        *field_sheets(report.field_figures),
        review_sheet(report.review_load),
        Sheet(
            "Hardest fields",
            (
                ("Document", Show.TEXT),
                ("Page", Show.COUNT),
                ("Form", Show.TEXT),
                ("Year", Show.NAME),
                ("Field", Show.NAME),
                ("Line", Show.NAME),
                ("Read as", Show.TEXT),
                ("Confidence", Show.SHARE),
                ("Why", Show.TEXT),
            ),
            [
                (
                    row.file,
                    row.page,
                    describe_form(row.form),
                    str(row.year),
                    row.name,
                    row.line,
                    mask_written(row.kind, row.as_read),
                    row.confidence,
                    row.reason,
                )
                for row in report.worst_fields
            ],
        ),
    ]


def period_sheets(report: PeriodReport) -> list[Sheet]:
    """Of a period."""
    facts: list[tuple[str, Value]] = [
        ("Department", report.title),
        ("From", f"{report.first}"),
        ("To", f"{report.last}"),
        ("Days of", report.time_zone),
        ("Counted (UTC)", f"{report.made:%Y-%m-%d %H:%M:%S}"),
        ("Made by", f"taxlift {report.version}"),
        ("Batches", len(report.batches)),
    ]
    for name, figures in (("", report.total), ("before: ", report.before)):
        if figures is not None:
            facts += [(name + label, value) for label, value in _sums(figures)]
    rejects = [(reason.value.replace("_", " "), many) for reason, many in _by_count(report)]
    return [
        facts_sheet("Period", facts),
        _batches(report.batches),
        rules_sheet(report.rule_rows, compared=report.before is not None),
        reasons_sheet(report.not_evaluated),
        *field_sheets(report.field_figures),
        review_sheet(report.review_load),
        Sheet("Not taken", (("Why", Show.TEXT), ("Files", Show.COUNT)), rejects),
    ]


def rule_sheets(report: RuleReport) -> list[Sheet]:
    """Of a rule."""
    facts: list[tuple[str, Value]] = [
        ("Department", report.title),
        ("Rule", report.rule_id),
        ("From", f"{report.first}" if report.first else "the beginning"),
        ("To", f"{report.last}" if report.last else "today"),
        ("Days of", report.time_zone),
        ("First result", f"{report.first_result}" if report.first_result else "none"),
        ("Last failure", f"{report.last_failure}" if report.last_failure else "none"),
        ("Suspect", report.suspect),
        ("Counted (UTC)", f"{report.made:%Y-%m-%d %H:%M:%S}"),
        ("Made by", f"taxlift {report.version}"),
        *count_facts("Results", report.counts.model_dump()),
    ]
    for definition, text in zip(report.definitions, report.texts, strict=True):
        years = f"{definition.years.first} to {definition.years.last}"
        facts += [
            (f"{years}: text", text),
            (f"{years}: form", describe_form(definition.form)),
            (f"{years}: severity", definition.severity.replace("_", " ")),
            (f"{years}: category", definition.category.replace("_", " ")),
            (f"{years}: when", definition.when),
            (f"{years}: check", definition.check),
            (f"{years}: tolerance", definition.tolerance),
            (f"{years}: source", definition.source),
            (f"{years}: notice", definition.notice),
            (f"{years}: since", f"{definition.since}" if definition.since else None),
        ]
    batches = [(one.batch_id, one.day, *rule_cells(one.counts)) for one in report.batches]
    return [
        facts_sheet("Rule", facts),
        Sheet(
            "Batches",
            (("Batch", Show.NAME), ("Day", Show.DAY), *RULE_COLUMNS),
            batches,
            (Chart(ChartKind.COLUMNS, "Failed and not evaluated", "Batch", TROUBLE),),
        ),
        reasons_sheet(report.not_evaluated),
        _failures(report.failures),
    ]


def _failures(failures: Sequence[FailedReturn]) -> Sheet:
    """A row a return, a column for each value that went in."""
    kinds = {given.name: given.kind for one in failures for given in one.inputs}
    columns = [
        (name, Show.AMOUNT if kind is FieldKind.AMOUNT else Show.TEXT)
        for name, kind in kinds.items()
    ]
    rows: list[tuple[Value, ...]] = []
    for one in failures:
        texts = {given.name: given.text for given in one.inputs}
        values = (number_or_text(kinds[name], texts.get(name)) for name in kinds)
        status = STATE_WORDS.get(one.status, one.status.value)
        head = (one.return_id, one.file, one.batch_id, str(one.tax_year), status, one.message)
        rows.append((*head, *values))
    return Sheet(
        "Failures",
        (
            ("Return", Show.NAME),
            ("Document", Show.TEXT),
            ("Batch", Show.NAME),
            ("Tax year", Show.NAME),
            ("Became", Show.TEXT),
            ("What the rule said", Show.TEXT),
            *columns,
        ),
        rows,
    )


def _sums(it: BatchFigures) -> list[tuple[str, Value]]:
    return [
        *count_facts("Documents", it.documents.model_dump()),
        *count_facts("Pages", it.pages.model_dump()),
        *count_facts("Returns", it.returns.model_dump()),
        *count_facts("Fields", it.fields.model_dump()),
        *count_facts("Rule results", it.rules.model_dump()),
        *count_facts("Arithmetic", it.reconciliation.model_dump()),
    ]


def _by_count(report: PeriodReport) -> list[tuple[RejectReason, int]]:
    return sorted(report.reject_reasons.items(), key=lambda item: (-item[1], item[0]))


def _batches(batches: Sequence[BatchFigures]) -> Sheet:
    rows = []
    for it in batches:
        filled = it.fields.accepted + it.fields.review
        rows.append(
            (
                it.batch_id,
                it.day,
                it.documents.received,
                it.documents.rejected,
                it.pages.received,
                it.returns.total,
                it.returns.accepted,
                share(it.returns.accepted, it.returns.total),
                it.returns.review,
                it.returns.rejected,
                filled,
                share(it.fields.accepted, filled),
                it.rules.failed,
                it.rules.not_evaluated,
                it.reconciliation.confirmed,
                it.reconciliation.corrected,
                it.reconciliation.conflict,
                it.reconciliation.mistake,
            )
        )
    return Sheet(
        "Batches",
        (
            ("Batch", Show.NAME),
            ("Day", Show.DAY),
            ("Files", Show.COUNT),
            ("Files not taken", Show.COUNT),
            ("Pages", Show.COUNT),
            ("Returns", Show.COUNT),
            ("Returns accepted", Show.COUNT),
            ("Share of returns", Show.SHARE),
            ("Returns to a person", Show.COUNT),
            ("Returns rejected", Show.COUNT),
            ("Filled fields", Show.COUNT),
            ("Share accepted", Show.SHARE),
            ("Rules failed", Show.COUNT),
            ("Rules not evaluated", Show.COUNT),
            ("Confirmed", Show.COUNT),
            ("Corrected", Show.COUNT),
            ("Conflict", Show.COUNT),
            ("Filers’ mistakes", Show.COUNT),
        ),
        rows,
        (
            Chart(
                ChartKind.LINES,
                "Acceptance by batch",
                "Batch",
                ("Share of returns", "Share accepted"),
            ),
            Chart(
                ChartKind.COLUMNS,
                "Corrected, conflicts and filers’ mistakes",
                "Batch",
                ("Corrected", "Conflict", "Filers’ mistakes"),
            ),
        ),
    )

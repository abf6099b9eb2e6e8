"""The report of a batch: one HTML page that needs nothing beside it.

Styles are inline and images are data URIs, so that the page can be sent, archived and printed.
It holds no script and loads nothing; identifiers are masked here, whoever gathered the data.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from schemas.masking import mask_text, mask_written
from schemas.report import BatchReport, FieldRow
from schemas.rules import Severity
from validators import report_plots
from validators.pages import png_uri, write_page
from validators.report_pages import REASONS_NAMED, ROWS_NAMED, page_maker, seconds

MAX_DOCUMENTS = 2_000
MAX_RETURNS_NAMED = 12
MAX_FIELDS = 60
MAX_IMAGE_BYTES = 200_000

_SEVERITY_ORDER = {Severity.REJECT_AND_STOP: 0, Severity.REJECT: 1, Severity.ALERT: 2}


def render_report(report: BatchReport) -> str:
    """The page's HTML."""
    rules = sorted(
        (rule for rule in report.rule_rows if rule.failed or rule.not_evaluated),
        key=lambda rule: (not rule.failed, _SEVERITY_ORDER[rule.severity], -rule.failed),
    )
    order = {"rejected": 0, "review": 1, "in_flight": 2, "duplicate": 3, "loaded": 4}
    documents = sorted(report.document_rows, key=lambda row: (order[row.status], row.file))
    fields = sorted(report.worst_fields, key=lambda row: row.confidence)[:MAX_FIELDS]
    figures = report.field_figures
    return (
        page_maker()
        .get_template("batch_report.html")
        .render(
            report=report,
            documents=documents[:MAX_DOCUMENTS],
            figures=figures,
            rows_named=ROWS_NAMED,
            reasons_named=REASONS_NAMED,
            more_documents=max(len(documents) - MAX_DOCUMENTS, 0),
            failed_rules=[rule for rule in rules if rule.failed],
            unread_rules=[rule for rule in rules if not rule.failed],
            returns_named=MAX_RETURNS_NAMED,
            fields=[(row, _read_as(row), _data_uri(row)) for row in fields],
            duration=_duration(report.started, report.finished),
            plots={
                "failures": report_plots.failures_plot(report.rule_rows),
                "reasons": report_plots.reasons_plot(report.not_evaluated),
                "confidence": report_plots.confidence_plot(figures.confidence),
                "by_kind": report_plots.kind_plot(figures.acceptance),
                "by_form": report_plots.form_plot(figures.acceptance),
                "review": report_plots.review_plot(report.review_load),
            },
        )
    )


def write_report(report: BatchReport, path: Path) -> Path:
    """Write the page whole or not at all; returns its path."""
    return write_page(render_report(report), path)


def masked_report(report: BatchReport) -> BatchReport:
    """The same with identifiers masked in what engines read: for programs, as the page is for
    people."""
    fields = (
        row.model_copy(update={"as_read": _read_as(row), "reason": mask_text(row.reason or "")})
        for row in report.worst_fields
    )
    return report.model_copy(update={"worst_fields": tuple(fields)})


def _read_as(row: FieldRow) -> str:
    return mask_text(mask_written(row.kind, row.as_read))


def _data_uri(row: FieldRow) -> str | None:
    """The snippet, unless it shows an identifier, is no PNG or is too large for a page."""
    image = row.image_png
    return None if row.kind.is_personal else png_uri(image, MAX_IMAGE_BYTES)


def _duration(started: datetime, finished: datetime | None) -> str:
    return seconds((finished - started) / timedelta(seconds=1)) if finished else ""

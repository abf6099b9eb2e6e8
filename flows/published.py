"""Writes reports where people find them, and says in a few words what is in them."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from flows.context import ReportContext
from flows.reporting import make_batch_folder
from loaders.export import ExportError
from schemas.errors import DiskFullError
from schemas.figures import ReconciliationCounts
from schemas.period_report import BatchFigures, PeriodReport
from schemas.report import BatchReport
from schemas.rule_report import RuleReport
from validators.pages import write_page
from validators.report import render_report
from validators.report_pages import percent, render_period, render_rule
from validators.report_sheets import batch_sheets, period_sheets, rule_sheets
from validators.workbook import Sheet, write_workbook


class Published(NamedTuple):
    """What was written, and what to say of it."""

    headline: tuple[str, ...]
    files: dict[str, Path]
    """`Page` and `Workbook` → where they are."""


def publish_batch(
    context: ReportContext, report: BatchReport, out: Path | None, html: bool, xlsx: bool
) -> Published:
    """Beside the run's Data Docs, or in a folder of one's own."""
    if out is None:
        stem = make_batch_folder(context.settings, report.batch_id) / "report"
    else:
        stem = out / f"batch-{report.batch_id}"
        report = report.model_copy(update={"data_docs": None})  # they are not there
    fields, returns = report.fields, report.returns
    headline = (
        f"Batch {report.batch_id}: {report.documents.received:,} files, "
        f"{returns.total:,} returns, {percent(returns.accepted, returns.total)} accepted",
        f"Filled fields {percent(fields.accepted, fields.accepted + fields.review)} accepted; "
        f"{report.rules_failed:,} rule results failed, "
        f"{report.rules_not_evaluated:,} not evaluated",
        _reconciled(report.field_figures.reconciliation),
    )
    return _publish(
        stem, headline, html and render_report(report), lambda: batch_sheets(report), xlsx
    )


def publish_period(
    context: ReportContext, report: PeriodReport, out: Path | None, html: bool, xlsx: bool
) -> Published:
    """In the reports' folder `periods`, or in one of one's own."""
    name = f"{report.department}-{report.first}-to-{report.last}"
    stem = (out or _folder(context, "periods")) / name
    total = report.total
    headline = (
        f"{report.first} to {report.last}: {len(report.batches):,} batches, "
        f"{total.documents.received:,} files, {total.returns.total:,} returns",
        *_accepted(total),
        _reconciled(total.reconciliation),
    )
    return _publish(
        stem, headline, html and render_period(report), lambda: period_sheets(report), xlsx
    )


def publish_rule(
    context: ReportContext, report: RuleReport, out: Path | None, html: bool, xlsx: bool
) -> Published:
    """In the reports' folder `rules`, or in one of one's own."""
    bounds = [f"from-{report.first}"] if report.first else []
    bounds += [f"to-{report.last}"] if report.last else []
    name = "-".join([report.department, report.rule_id, *bounds])
    stem = (out or _folder(context, "rules")) / name
    counts = report.counts
    headline = (
        f"Rule {report.rule_id}: failed {counts.failed:,} of {counts.evaluated:,} results that it "
        f"was evaluated on ({percent(counts.failed, counts.evaluated)})",
        f"{counts.not_evaluated:,} not evaluated, "
        f"{counts.not_applicable:,} where it does not apply",
        *([report.suspect] if report.suspect else []),
    )
    return _publish(stem, headline, html and render_rule(report), lambda: rule_sheets(report), xlsx)


def _publish(
    stem: Path,
    headline: Sequence[str],
    page: str | bool,
    sheets: Callable[[], Sequence[Sheet]],
    xlsx: bool,
) -> Published:
    files = {}
    try:
        if isinstance(page, str):
            files["Page"] = write_page(page, stem.with_name(f"{stem.name}.html"))
        if xlsx:
            files["Workbook"] = write_workbook(sheets(), stem.with_name(f"{stem.name}.xlsx"))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(f"{stem.parent}: no room left on the disk") from None
        raise ExportError(f"{stem.parent} cannot be written to: {error.strerror}") from None
    return Published(tuple(headline), files)


def _folder(context: ReportContext, name: str) -> Path:
    """Of the reports; its owner's alone, for they show what people filed."""
    folder = context.settings.reports / name
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _accepted(total: BatchFigures) -> tuple[str, ...]:
    filled = total.fields.accepted + total.fields.review
    return (
        f"Returns {percent(total.returns.accepted, total.returns.total)} accepted, filled fields "
        f"{percent(total.fields.accepted, filled)}",
        f"{total.rules.failed:,} rule results failed, {total.rules.not_evaluated:,} not evaluated",
    )


def _reconciled(counts: ReconciliationCounts) -> str:
    return (
        f"By arithmetic {counts.confirmed:,} fields confirmed, {counts.corrected:,} corrected, "
        f"{counts.conflict:,} in conflict, {counts.mistake:,} filers' mistakes"
    )

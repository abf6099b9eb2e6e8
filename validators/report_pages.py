"""The pages of a period and of a rule, and what all report pages are made with."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from jinja2 import Environment

from schemas.figures import ReconciledRow, RuleRow
from schemas.forms import FieldKind
from schemas.masking import mask_text
from schemas.period_report import BatchFigures, PeriodReport, RuleCounts
from schemas.report import DocumentCounts, FieldCounts, PageCounts, ReturnCounts
from schemas.rule_report import RuleInput, RuleReport
from validators import report_plots
from validators.pages import page_environment

ROWS_NAMED = 60
"""Corrected fields, mistakes and rules that a page shows; the workbook has more."""
REASONS_NAMED = 25
FAILURES_NAMED = 200
_NUMBERS = (FieldKind.AMOUNT, FieldKind.COUNT)


def render_period(report: PeriodReport) -> str:
    """The page of a period."""
    time = report_plots.timeline(report.batches)
    figures = report.field_figures
    failed = sorted(
        (rule for rule in report.rule_rows if rule.failed), key=lambda it: (-it.failed, it.rule_id)
    )
    return (
        page_maker()
        .get_template("period_report.html")
        .render(
            report=report,
            figures=figures,
            time=time,
            failed_rules=failed,
            rules_named=ROWS_NAMED,
            rows_named=ROWS_NAMED,
            reasons_named=REASONS_NAMED,
            last_before=report.first - timedelta(days=1),
            comparison=_comparison(report.total, report.before) if report.before else [],
            plots={
                "acceptance": report_plots.acceptance_over_time(time),
                "returns": report_plots.returns_over_time(time),
                "failures": report_plots.failures_plot(report.rule_rows),
                "reasons": report_plots.reasons_plot(report.not_evaluated),
                "reconciliation": report_plots.reconciliation_over_time(time),
                "confidence": report_plots.confidence_plot(figures.confidence),
                "by_kind": report_plots.kind_plot(figures.acceptance),
                "by_form": report_plots.form_plot(figures.acceptance),
                "review": report_plots.review_plot(report.review_load),
            },
        )
    )


def render_rule(report: RuleReport) -> str:
    """The page of a rule."""
    time = report_plots.timeline(
        [_only_rules(one.batch_id, one.day, one.counts) for one in report.batches]
    )
    return (
        page_maker()
        .get_template("rule_report.html")
        .render(
            report=report,
            time=time,
            reasons_named=REASONS_NAMED,
            failures_named=FAILURES_NAMED,
            plots={
                "failed": report_plots.rule_over_time(time),
                "unread": report_plots.rule_unread_over_time(time),
                "reasons": report_plots.reasons_plot(report.not_evaluated),
            },
        )
    )


def _only_rules(batch_id: str, day: date, counts: RuleCounts) -> BatchFigures:
    return BatchFigures(
        batch_id=batch_id,
        day=day,
        documents=DocumentCounts(received=0),
        pages=PageCounts(received=0),
        returns=ReturnCounts(),
        fields=FieldCounts(),
        rules=counts,
    )


def _comparison(now: BatchFigures, then: BatchFigures) -> list[tuple[str, str, str, str, str]]:
    """Name, now, before, change, and whether that is better or worse."""
    rows = []
    for name, one, other in (
        ("Files received", now.documents.received, then.documents.received),
        ("Returns", now.returns.total, then.returns.total),
    ):
        rows.append(
            (
                name,
                f"{one:,}",
                f"{other:,}",
                f"{one - other:+,}" if one != other else "no change",
                "",
            )
        )
    for name, more_is, part_of in _SHARES:
        here, there = part_of(now), part_of(then)
        rows.append((name, percent(*here), percent(*there), *_moved(here, there, more_is)))
    return rows


_SHARES: tuple[tuple[str, str, Callable[[BatchFigures], tuple[int, int]]], ...] = (
    ("Returns accepted", "better", lambda it: (it.returns.accepted, it.returns.total)),
    ("Returns rejected by a rule", "", lambda it: (it.returns.rejected, it.returns.total)),
    (
        "Filled fields accepted",
        "better",
        lambda it: (it.fields.accepted, it.fields.accepted + it.fields.review),
    ),
    ("Files not taken", "worse", lambda it: (it.documents.rejected, it.documents.received)),
    ("Rule results that failed", "", lambda it: (it.rules.failed, it.rules.evaluated)),
    (
        "Rule results not evaluated",
        "worse",
        lambda it: (it.rules.not_evaluated, it.rules.evaluated + it.rules.not_evaluated),
    ),
)


def _moved(now: tuple[int, int], then: tuple[int, int], more_is: str) -> tuple[str, str]:
    """How a share changed, and the class to show it by: none where chance alone may have done it.

    Less than two standard errors of the difference is taken for chance.
    """
    if not now[1] or not then[1]:
        return "", ""
    change = now[0] / now[1] - then[0] / then[1]
    shown = f"{100 * change:+.1f} points"
    if shown[1:] == "0.0 points":
        return "no change", ""
    pooled = (now[0] + then[0]) / (now[1] + then[1])
    error = math.sqrt(pooled * (1 - pooled) * (1 / now[1] + 1 / then[1]))
    if not more_is or abs(change) < 2 * error:
        return shown, ""
    other = "worse" if more_is == "better" else "better"
    return shown, more_is if change > 0 else other


def rule_change(rule: RuleRow) -> tuple[str, str]:
    """How the share of failures changed against the period before, and the class to show it."""
    if rule.evaluated and not rule.evaluated_before:
        return "new", ""
    before = (rule.failed_before or 0, rule.evaluated_before or 0)
    return _moved((rule.failed, rule.evaluated), before, "worse")


@lru_cache(maxsize=1)
def page_maker() -> Environment:
    """Templates and the words and numbers that they show."""
    return page_environment(
        percent=percent,
        moment=moment,
        day=lambda day: f"{day.day} {day:%B %Y}",
        masked=mask_text,
        seconds=seconds,
        money=money,
        sure=lambda share: f"{min(100 * share, 99.99):.2f} %" if share < 1 else "100 %",
        bin=report_plots.bin_label,
        value=_value,
        given=_given,
        change=rule_change,
    )


def _value(row: ReconciledRow, text: str | None) -> str:
    if text is None:
        return "nothing read"
    return _shown(row.kind, text)


def _given(given: RuleInput) -> str:
    if given.text is None:
        return "unread"
    return _shown(given.kind, given.text) if given.text else "blank"


def _shown(kind: FieldKind | None, text: str) -> str:
    if kind is not None and kind.is_mark:
        return "marked" if text in ("true", "True") else "not marked"
    if kind not in _NUMBERS:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number:,}"


def money(amount: Decimal | None) -> str:
    """With cents where there are any."""
    if amount is None:
        return "–"
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def percent(part: int, whole: int) -> str:
    """`93.2 %`; a dash where there is no whole."""
    if not whole:
        return "–"
    share = 100 * part / whole
    # What is not all is never shown as all, nor a little as nothing.
    if part != whole and share > 99.9:
        return "99.9 %"
    return "0.1 %" if part and share < 0.1 else f"{share:.1f} %"


def moment(at: datetime | None) -> str:
    """In the zone that it has."""
    return at.strftime("%Y-%m-%d %H:%M:%S %Z").strip() if at else "not finished"


def seconds(many: float) -> str:
    """`9.5 s`, `1 min 35 s`, `2 h 5 min`."""
    if many < 60:
        return f"{many:.1f} s"
    minutes, rest = divmod(round(many), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"

"""Which plots the reports have, and what each of their bars shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from schemas.figures import AcceptanceRow, ConfidenceBin, ReasonRow, ReviewLoad, RuleRow
from schemas.forms import FieldKind
from schemas.period_report import BatchFigures
from validators.plots import Bar, Line, Part, bars, columns, lines
from validators.scope import describe_form

MOST_BARS = 15
MOST_COLUMNS = 62
"""Days that a plot shows one by one; beyond it weeks, then months."""


class Stretch(NamedTuple):
    """Batches of one day, week or month, added up."""

    label: str
    figures: BatchFigures
    batches: int


class Timeline(NamedTuple):
    """A period in stretches of one length."""

    unit: str
    stretches: tuple[Stretch, ...]


def timeline(batches: Sequence[BatchFigures]) -> Timeline:
    """By day where that makes at most 62 stretches, else by week, else by month."""
    ordered = sorted(batches, key=lambda batch: batch.day)
    for unit, begin in _UNITS.items():
        begun = [(begin(batch.day), batch) for batch in ordered]
        groups = [
            (day, [batch for _, batch in group]) for day, group in groupby(begun, lambda it: it[0])
        ]
        if len(groups) <= MOST_COLUMNS or unit == "month":
            break
    pattern = "%Y-%m" if unit == "month" else "%Y-%m-%d"
    return Timeline(
        unit,
        tuple(
            Stretch(f"{day:{pattern}}", BatchFigures.sum(members, day), len(members))
            for day, members in groups
        ),
    )


_UNITS: Mapping[str, Callable[[date], date]] = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
}


def failures_plot(rules: Sequence[RuleRow]) -> Markup:
    """The rules that failed most often."""
    most = sorted((rule for rule in rules if rule.failed), key=lambda it: -it.failed)[:MOST_BARS]
    return bars(
        "Failures by rule",
        [Bar(rule.rule_id, (Part("bad", "failed", rule.failed),), _share(rule)) for rule in most],
    )


def _share(rule: RuleRow) -> str:
    return f"{rule.failed:,} ({100 * rule.failed / rule.evaluated:.1f} %)" if rule.evaluated else ""


def reasons_plot(reasons: Sequence[ReasonRow]) -> Markup:
    """Why rules were not evaluated."""
    shown = reasons[:MOST_BARS]
    return bars(
        "Why rules were not evaluated",
        [Bar(one.reason, (Part("wait", "results", one.results),)) for one in shown],
    )


def confidence_plot(bins: Sequence[ConfidenceBin]) -> Markup:
    """How sure the filled fields are."""
    return columns(
        "Filled fields by confidence in per cent",
        [
            Bar(
                _bin_name(one),
                (Part("good", "accepted", one.accepted), Part("wait", "to a person", one.review)),
            )
            for one in bins
        ],
    )


def bin_label(one: ConfidenceBin) -> str:
    """`< 50 %`, `95–98 %`, `≥ 99.9 %`."""
    if one.low <= 0:
        return f"< {100 * one.high:g} %"
    if one.high >= 1:
        return f"≥ {100 * one.low:g} %"
    return f"{100 * one.low:g}–{100 * one.high:g} %"


def _bin_name(one: ConfidenceBin) -> str:
    """Short, so that each column has its own: `<50`, `95+`."""
    return f"<{100 * one.high:g}" if one.low <= 0 else f"{100 * one.low:g}+"


def kind_plot(rows: Sequence[AcceptanceRow]) -> Markup:
    """Filled fields by kind, over all forms."""
    sums: dict[FieldKind, tuple[int, int]] = {}
    for row in rows:
        accepted, review = sums.get(row.kind, (0, 0))
        sums[row.kind] = (accepted + row.accepted, review + row.review)
    filled = {kind: pair for kind, pair in sums.items() if sum(pair)}
    ordered = sorted(filled.items(), key=lambda item: -sum(item[1]))
    return bars(
        "Acceptance by kind of field",
        [_taken(kind.value.replace("_", " "), *pair) for kind, pair in ordered],
    )


def _taken(label: str, accepted: int, review: int) -> Bar:
    parts = (Part("good", "accepted", accepted), Part("wait", "to a person", review))
    return Bar(label, parts, f"{100 * accepted / (accepted + review):.1f} %")


def form_plot(rows: Sequence[AcceptanceRow]) -> Markup:
    """Filled fields by form, over all kinds."""
    sums: dict[str, tuple[int, int]] = {}
    for row in rows:
        accepted, review = sums.get(row.form, (0, 0))
        sums[row.form] = (accepted + row.accepted, review + row.review)
    filled = sorted((it for it in sums.items() if sum(it[1])), key=lambda it: -sum(it[1]))
    return bars(
        "Acceptance by form",
        [_taken(describe_form(form), *pair) for form, pair in filled[:MOST_BARS]],
    )


def review_plot(loads: Sequence[ReviewLoad]) -> Markup:
    """What people must look at, by reason."""
    return bars(
        "Review load by reason",
        [
            Bar(
                f"{one.what}: {one.reason}",
                (Part("wait", "open", one.open), Part("same", "closed", one.closed)),
            )
            for one in loads[:MOST_BARS]
        ],
    )


def acceptance_over_time(time: Timeline) -> Markup:
    """Share of filled fields and of returns that needed no person."""
    figures = [one.figures for one in time.stretches]
    return lines(
        f"Acceptance by {time.unit}",
        [one.label for one in time.stretches],
        [
            Line(
                "good",
                "filled fields accepted",
                tuple(
                    _part(one.fields.accepted, one.fields.accepted + one.fields.review)
                    for one in figures
                ),
            ),
            Line(
                "fly",
                "returns accepted",
                tuple(_part(one.returns.accepted, one.returns.total) for one in figures),
            ),
        ],
    )


def returns_over_time(time: Timeline) -> Markup:
    """Returns by what was decided of them."""
    return _over_time(
        time,
        "Returns",
        lambda figures: (
            Part("good", "accepted", figures.returns.accepted),
            Part("wait", "to a person", figures.returns.review),
            Part("bad", "rejected", figures.returns.rejected),
        ),
    )


def reconciliation_over_time(time: Timeline) -> Markup:
    """What arithmetic changed, left open or laid at the filers' door; confirmations apart."""
    return _over_time(
        time,
        "Corrected, conflicts and filers’ mistakes",
        lambda figures: (
            Part("fly", "corrected", figures.reconciliation.corrected),
            Part("wait", "conflict", figures.reconciliation.conflict),
            Part("bad", "filer’s mistake", figures.reconciliation.mistake),
        ),
    )


def rule_over_time(time: Timeline) -> Markup:
    """One rule's failures."""
    return _over_time(
        time, "Failed", lambda figures: (Part("bad", "failed", figures.rules.failed),)
    )


def rule_unread_over_time(time: Timeline) -> Markup:
    """How often one rule could not be evaluated: many times as often as it fails."""
    return _over_time(
        time,
        "Not evaluated",
        lambda figures: (Part("wait", "not evaluated", figures.rules.not_evaluated),),
    )


def _over_time(
    time: Timeline, what: str, parts: Callable[[BatchFigures], tuple[Part, ...]]
) -> Markup:
    """A column for each stretch."""
    bars = [Bar(one.label, parts(one.figures)) for one in time.stretches]
    return columns(f"{what} by {time.unit}", bars)


def _part(some: int, whole: int) -> float | None:
    return some / whole if whole else None

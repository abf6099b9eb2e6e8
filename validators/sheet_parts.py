"""Sheets that the workbooks of a batch and of a period have in common, and their columns."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from schemas.figures import FieldFigures, ReasonRow, ReconciledRow, ReviewLoad, RuleRow
from schemas.forms import FieldKind
from schemas.period_report import RuleCounts
from validators.report_plots import MOST_BARS, bin_label
from validators.scope import describe_form
from validators.workbook import Chart, ChartKind, Sheet, Show, Value

_NUMBERS = (FieldKind.AMOUNT, FieldKind.COUNT)
STATE_WORDS = {"review": "to a person", "duplicate": "seen before", "in_flight": "not finished"}

RULE_COLUMNS = (
    ("Passed", Show.COUNT),
    ("Failed", Show.COUNT),
    ("Failed of evaluated", Show.SHARE),
    ("Not evaluated", Show.COUNT),
    ("Does not apply", Show.COUNT),
)
TROUBLE = ("Failed", "Not evaluated")


def rule_cells(it: RuleCounts | RuleRow) -> tuple[Value, ...]:
    """For `RULE_COLUMNS`."""
    failed = (it.failed, share(it.failed, it.evaluated))
    return (it.passed, *failed, it.not_evaluated, it.not_applicable)


def number_or_text(kind: FieldKind | None, text: str | None) -> Value:
    """As a number where it is one; blank is empty, unread says so."""
    if text is None:
        return "unread"
    if kind not in _NUMBERS or not text:
        return text or None
    try:
        return Decimal(text)
    except InvalidOperation:
        return text


def facts_sheet(title: str, facts: Iterable[tuple[str, Value]]) -> Sheet:
    """What the report is of, and its sums."""
    columns = (("What", Show.TEXT), ("Value", Show.TEXT))
    return Sheet(title, columns, [(name, value) for name, value in facts])


def count_facts(name: str, counts: dict[str, int]) -> list[tuple[str, Value]]:
    """One line a count: `Pages: blank`."""
    return [(f"{name}: {key.replace('_', ' ')}", many) for key, many in counts.items()]


def rules_sheet(rules: Iterable[RuleRow], compared: bool = False) -> Sheet:
    """A row a rule, those that failed most first; with the period before where there is one."""
    ordered = sorted(rules, key=lambda it: (-it.failed, it.rule_id))
    rows = []
    for it in ordered:
        before: tuple[Value, ...] = ()
        if compared:
            then = share(it.failed_before or 0, it.evaluated_before or 0)
            now = share(it.failed, it.evaluated)
            change = None if then is None or now is None else now - then
            before = (it.failed_before, it.evaluated_before, then, change)
        rows.append(
            (
                it.rule_id,
                it.text,
                it.severity.replace("_", " "),
                it.category.replace("_", " "),
                *rule_cells(it),
                *before,
                "yes" if it.suspect else None,
            )
        )
    earlier = (
        ("Failed before", Show.COUNT),
        ("Evaluated before", Show.COUNT),
        ("Share before", Show.SHARE),
        ("Change", Show.SHARE),
    )
    failed = sum(1 for it in ordered if it.failed)
    chart = Chart(
        ChartKind.BARS, "Failures by rule", "Rule", ("Failed",), min(failed, MOST_BARS) or None
    )
    return Sheet(
        "Rules",
        (
            ("Rule", Show.NAME),
            ("What must hold", Show.TEXT),
            ("Severity", Show.TEXT),
            ("Category", Show.TEXT),
            *RULE_COLUMNS,
            *(earlier if compared else ()),
            ("Suspect", Show.TEXT),
        ),
        rows,
        (chart,) if failed else (),
    )


def reasons_sheet(reasons: Iterable[ReasonRow]) -> Sheet:
    """Why rules were not evaluated."""
    rows = [(one.reason, one.results) for one in reasons]
    chart = Chart(ChartKind.BARS, "Why rules were not evaluated", "Why", ("Results",), MOST_BARS)
    columns = (("Why", Show.TEXT), ("Results", Show.COUNT))
    return Sheet("Not evaluated", columns, rows, (chart,))


def field_sheets(figures: FieldFigures) -> list[Sheet]:
    """Corrected fields, mistakes, confidence and acceptance."""
    return [
        _reconciled("Corrected", figures.corrected),
        _reconciled("Filers’ mistakes", figures.mistakes),
        Sheet(
            "Confidence",
            (
                ("Confidence", Show.TEXT),
                ("Filled fields", Show.COUNT),
                ("Accepted", Show.COUNT),
                ("To a person", Show.COUNT),
            ),
            [
                (bin_label(one), one.accepted + one.review, one.accepted, one.review)
                for one in figures.confidence
            ],
            (
                Chart(
                    ChartKind.COLUMNS,
                    "Filled fields by confidence",
                    "Confidence",
                    ("Accepted", "To a person"),
                ),
            ),
        ),
        Sheet(
            "Acceptance",
            (
                ("Form", Show.TEXT),
                ("Kind of field", Show.TEXT),
                ("Filled", Show.COUNT),
                ("Accepted", Show.COUNT),
                ("Share", Show.SHARE),
                ("To a person", Show.COUNT),
                ("Blank", Show.COUNT),
            ),
            [
                (
                    describe_form(row.form),
                    row.kind.replace("_", " "),
                    row.accepted + row.review,
                    row.accepted,
                    share(row.accepted, row.accepted + row.review),
                    row.review,
                    row.blank,
                )
                for row in figures.acceptance
            ],
        ),
    ]


def _reconciled(title: str, rows: Iterable[ReconciledRow]) -> Sheet:
    return Sheet(
        title,
        (
            ("Return", Show.NAME),
            ("Document", Show.TEXT),
            ("Page", Show.COUNT),
            ("Form", Show.TEXT),
            ("Year", Show.NAME),
            ("Field", Show.NAME),
            ("Line", Show.NAME),
            ("First reading", Show.AMOUNT),
            ("Held", Show.AMOUNT),
            ("What the rules want", Show.AMOUNT),
            ("Rules", Show.NAME),
            ("Probability", Show.SHARE),
            ("Status", Show.TEXT),
            ("Decided by", Show.TEXT),
        ),
        [
            (
                row.return_id,
                row.file,
                row.page,
                describe_form(row.form),
                str(row.year),
                row.name,
                row.line,
                "nothing read" if row.first is None else number_or_text(row.kind, row.first),
                None if row.held is None else number_or_text(row.kind, row.held),
                row.wanted,
                " ".join(row.rules),
                row.probability,
                STATE_WORDS.get(row.status, row.status.value),
                row.decided_by,
            )
            for row in rows
        ],
    )


def review_sheet(loads: Iterable[ReviewLoad]) -> Sheet:
    """What people must look at, by reason."""
    rows = [(one.what, one.reason, one.open, one.closed) for one in loads]
    return Sheet(
        "Review load",
        (
            ("What", Show.TEXT),
            ("Why", Show.TEXT),
            ("Open", Show.COUNT),
            ("Closed", Show.COUNT),
        ),
        rows,
        (Chart(ChartKind.BARS, "Review load by reason", "Why", ("Open", "Closed"), MOST_BARS),),
    )


def share(part: int, whole: int) -> float | None:
    """None where there is no whole."""
    return part / whole if whole else None

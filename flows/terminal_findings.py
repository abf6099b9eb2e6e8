"""What was found of a batch as a whole, as a person at the terminal sees it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from schemas.findings import Finding, Number
from schemas.masking import mask_text
from schemas.rules import Outcome

_CASES_SHOWN = 5
_FIRST_SHOWN = 5
_HEADINGS = {
    "return_id": "Return",
    "other_return": "The other",
    "others": "Others",
    "tax_year": "Tax year",
    "amount": "Amount",
    "year_before": "Year before",
    "usual": "Usual, at most",
}
"""Columns of the cases that are worth a line at the terminal; `--json` has all."""


def findings_page(run_id: str, found: Sequence[Finding]) -> RenderableType:
    """All that was found: alerts with their cases, the rest in a line each."""
    if not found:
        return Text(f"Nothing was looked at in run {run_id}: it read no page.")
    alerts = [each for each in found if each.outcome is Outcome.FAIL]
    parts: list[RenderableType] = [Text.from_markup(findings_line(run_id, found)), Text("")]
    for each in alerts:
        parts.append(_heading(each))
        parts.append(Padding(Text(mask_text(each.message)), (0, 0, 0, 2)))
        if each.cases:
            parts.append(Padding(_cases(each), (0, 0, 0, 2)))
        else:
            parts.append(Text(""))
    for outcome, words, style in (
        (Outcome.NOT_EVALUATED, "Not evaluated", "yellow"),
        (Outcome.PASS, "As expected", "green"),
    ):
        rest = [each for each in found if each.outcome is outcome]
        if rest:
            parts.append(Text(words, style=style))
            parts.append(Padding(_lines(rest), (0, 0, 1, 2)))
    return Group(*parts)


def findings_line(run_id: str, found: Sequence[Finding]) -> str:
    """`Run X as a whole: 2 alerts, 7 as expected, 1 not evaluated`, in rich's markup."""
    counts = {outcome: sum(each.outcome is outcome for each in found) for outcome in Outcome}
    alerts = counts[Outcome.FAIL]
    told = f"{alerts} alert{'' if alerts == 1 else 's'}"
    return (
        f"Run [bold]{escape(run_id)}[/] as a whole: "
        f"{f'[bold red]{told}[/]' if alerts else told}, {counts[Outcome.PASS]} as expected, "
        f"{counts[Outcome.NOT_EVALUATED]} not evaluated"
    )


def first_alerts(found: Sequence[Finding]) -> list[str]:
    """The first alerts, a line each, for the end of a run."""
    alerts = [each for each in found if each.outcome is Outcome.FAIL]
    lines = [f"  [red]•[/] {escape(mask_text(each.message))}" for each in alerts[:_FIRST_SHOWN]]
    if len(alerts) > _FIRST_SHOWN:
        lines.append(f"  and {len(alerts) - _FIRST_SHOWN} more")
    return lines


def _heading(finding: Finding) -> Text:
    heading = Text(finding.title, style="bold red")
    heading.append(f"  {finding.expectation}", style="dim")
    return heading


def _lines(found: Sequence[Finding]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for each in found:
        table.add_row(each.expectation, mask_text(each.message).removeprefix("Not evaluated: "))
    return table


def _cases(finding: Finding) -> Table:
    shown = finding.cases[:_CASES_SHOWN]
    columns = [key for key in _HEADINGS if key in shown[0]]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for key in columns:
        right = key not in ("return_id", "other_return")
        table.add_column(_HEADINGS[key], justify="right" if right else "left", no_wrap=True)
    for case in shown:
        table.add_row(*(_cell(key, case.get(key)) for key in columns))
    if finding.count > len(shown):
        table.caption = f"and {finding.count - len(shown):,} more: --json"
        table.caption_justify = "left"
    return table


def _cell(key: str, said: Number) -> str:
    if said is None:
        return ""
    if key in ("amount", "year_before", "usual"):
        whole, point, part = str(said).partition(".")
        return f"{int(whole):,}{point}{part}"
    return str(said)

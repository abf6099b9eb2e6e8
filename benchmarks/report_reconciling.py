"""What reconciliation did, in words, tables and a plot."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.believing import risk_coverage, taken
from benchmarks.charts import Line, risk_coverage_chart
from benchmarks.scoring import NUMBER_GROUPS, STRUCK_OUT, Scored, wilson
from schemas.readings import Reconciled

if TYPE_CHECKING:
    from benchmarks.reconciling import Outcome

PAGE = "reconciled.md"
PLOT = "risk-coverage-reconciled.svg"
_WRITTEN = (*NUMBER_GROUPS, "text")
_MOST_NAMED = 12


def report(outcome: Outcome, command: str) -> str:
    """Markdown."""
    lines = [
        "# Reading the return as a whole: what it brings",
        "",
        f"`{command}`: {outcome.returns} returns; truth comes from the sample maker.",
        "",
        "| | fields | exactly right before | after | accepted before | wrong among them "
        "| accepted after | wrong among them |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for group in (*_WRITTEN, "marks"):
        lines.append(_row(group, *(_of(s, (group,)) for s in (outcome.before, outcome.after))))
    every = [_of(scored, _WRITTEN) for scored in (outcome.before, outcome.after)]
    lines += [_row("**all that is written**", *every), ""]
    alone = outcome.alone
    shares = {when: alone[when] / max(outcome.returns, 1) for when in alone}
    lines += [
        f"- Returns of which no field waits for a person: {alone['before']} "
        f"({shares['before']:.1%}) before, {alone['after']} ({shares['after']:.1%}) after.",
        f"- Amounts misread before: {_listed(outcome.misread)}.",
        f"- Fields with a mistake of the filer's: {_listed(outcome.mistakes)}.",
        *(f"- {line}" for line in _outcomes(outcome)),
        f"- {_times(outcome.seconds)}; {outcome.unfinished} not finished in time.",
        "- Waiting for a person most often after: "
        + _listed(dict(outcome.waiting.most_common(_MOST_NAMED)))
        + ".",
        *(f"- Suspect rule: {one}" for one in outcome.suspects),
    ]
    return "\n".join(lines) + "\n"


def write_docs(outcome: Outcome, text: str, folder: Path) -> None:
    """The report and its plot, before and after in one."""
    pictures = folder / "measured"
    pictures.mkdir(parents=True, exist_ok=True)
    panels = {
        group: {
            when: Line(risk_coverage(found), taken(found))
            for when, scored in (("before", outcome.before), ("after", outcome.after))
            for found in [_of(scored, groups)]
        }
        for group, groups in (*((g, (g,)) for g in _WRITTEN), ("all that is written", _WRITTEN))
    }
    (pictures / PLOT).write_text(risk_coverage_chart(panels), encoding="utf-8")
    picture = (
        "\nFrom the surest downwards, how many of those taken would be wrong; rings show where the "
        "department's target errors put it.\n\n"
        f"![Risk against coverage before and after reconciliation](measured/{PLOT})\n"
    )
    (folder / PAGE).write_text(text + picture, encoding="utf-8")


def _of(scored: Sequence[Scored], groups: tuple[str, ...]) -> list[Scored]:
    """Filled fields; those in which something was struck out belong to a person anyway."""
    return [
        one
        for one in scored
        if one.group in groups and one.manner != STRUCK_OUT and (one.filled or "marks" in groups)
    ]


def _row(title: str, before: Sequence[Scored], after: Sequence[Scored]) -> str:
    cells = [title, f"{len(after):,}"]
    cells += [
        f"{sum(one.right for one in scored) / max(len(scored), 1):.2%}"
        for scored in (before, after)
    ]
    for scored in (before, after):
        found = taken(scored)
        low, high = wilson(found.wrong, found.accepted)
        of = f" = 1 in {found.accepted / found.wrong:,.0f}" if found.wrong else ""
        cells += [
            f"{found.share:.1%}",
            f"{found.wrong} of {found.accepted:,}{of} ({low:.3%} to {high:.3%})",
        ]
    return f"| {' | '.join(cells)} |"


def _outcomes(outcome: Outcome) -> list[str]:
    lines = []
    for said in Reconciled:
        right, wrong = (outcome.said[said.value, one] for one in (True, False))
        lines.append(f"{said.value}: {right + wrong:,} fields, the value held wrong in {wrong}.")
    return lines


def _times(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    if not ordered:
        return "No return was reconciled"
    return (
        f"Processor time a return: median {1000 * statistics.median(ordered):.0f} ms, "
        f"95 % within {1000 * ordered[int(0.95 * len(ordered))]:.0f} ms, "
        f"longest {1000 * ordered[-1]:.0f} ms"
    )


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"

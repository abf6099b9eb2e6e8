"""The part of the results that tells whether the confidence can be believed: tables and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.believing import (
    TARGETS,
    Taken,
    expected_error,
    reliability,
    risk_coverage,
    taken,
    taken_at,
)
from benchmarks.charts import Line, reliability_chart, risk_coverage_chart
from benchmarks.scoring import NUMBER_GROUPS, Scored, wilson

KINDS = (*NUMBER_GROUPS, "text", "marks")
_SHARES = (0.5, 0.7, 0.8, 0.9, 0.95, 1.0)

Papers = Mapping[str, Sequence[Scored]]
"""Fields by what the paper is called, `real glyphs` for instance."""


def _written(scored: Sequence[Scored], kind: str) -> list[Scored]:
    return [one for one in scored if one.group == kind and (one.filled or kind == "marks")]


def charts(papers: Papers) -> dict[str, str]:
    """File name → SVG."""
    bins = {
        kind: {name: reliability(_written(fields, kind)) for name, fields in papers.items()}
        for kind in KINDS
    }
    curves = {
        kind: {name: _line(_written(fields, kind)) for name, fields in papers.items()}
        for kind in KINDS
    }
    return {
        "reliability.svg": reliability_chart(bins),
        "risk-coverage.svg": risk_coverage_chart(curves),
    }


def _line(scored: Sequence[Scored]) -> Line:
    return Line(risk_coverage(scored), taken(scored))


def keyed_table(scored: Sequence[Scored]) -> list[str]:
    """What people would have to key at each target error, by kind."""
    heads = [f"1 in {target}" for target in TARGETS]
    lines = [
        "| to be keyed by people | fields | " + " | ".join(heads) + " | as configured |",
        "|---|---|" + "---|" * (len(TARGETS) + 1),
    ]
    rows = [(kind, _written(scored, kind)) for kind in KINDS]
    numbers = [one for kind, found in rows if kind in NUMBER_GROUPS for one in found]
    rows.append(("**all number fields**", numbers))
    for kind, found in rows:
        if not found:
            continue
        cells = [_keyed(taken_at(found, 1 / target)) for target in TARGETS]
        cells.append(_keyed(taken(found)))
        lines.append(f"| {kind} | {len(found)} | " + " | ".join(cells) + " |")
    return lines


def _keyed(one: Taken) -> str:
    if not one.accepted:
        return "100 %"
    low, high = wilson(one.wrong, one.accepted)
    return f"{1 - one.share:.1%}<br>{one.wrong} of {one.accepted} wrong ({low:.2%} to {high:.2%})"


def reliability_table(papers: Papers) -> list[str]:
    """Said and true, bin by bin."""
    lines = [
        "| kind | paper | expected error of confidence | said → right, by bin (fields) |",
        "|---|---|---|---|",
    ]
    for kind in KINDS:
        for name, fields in papers.items():
            bins = reliability(_written(fields, kind))
            if not bins:
                continue
            cells = ", ".join(
                f"{one.said:.1%} → {one.share:.1%} ({one.fields})"
                for one in bins
                if one.fields >= 10
            )
            lines.append(f"| {kind} | {name} | {expected_error(bins):.1%} | {cells} |")
    return lines


def coverage_table(papers: Papers) -> list[str]:
    """Errors among the surest half, 70 %, 80 % … of each kind."""
    heads = " | ".join(f"surest {share:.0%}" if share < 1 else "all" for share in _SHARES)
    lines = [f"| kind | paper | {heads} |", "|---|---|" + "---|" * len(_SHARES)]
    for kind in KINDS:
        for name, fields in papers.items():
            steps = risk_coverage(_written(fields, kind))
            if not steps:
                continue
            cells = []
            for share in _SHARES:
                # Fields of one confidence come in together: the first step that reaches the share.
                at = next(one for one in steps if one.share >= share - 1e-9)
                cells.append(f"{at.wrong} of {at.accepted} ({at.error:.2%})")
            lines.append(f"| {kind} | {name} | " + " | ".join(cells) + " |")
    return lines

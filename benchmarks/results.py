"""What was measured, as a page for people (Markdown, charts) and as JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.goals import acceptance_table, goal_table, speed_goals
from benchmarks.measure import Accuracy, Misread, Scenario
from benchmarks.misreadings import confusions, tally
from benchmarks.report_confidence import (
    charts,
    coverage_table,
    keyed_table,
    reliability_table,
)
from benchmarks.report_speed import each, engine_table, speed_table, stage_table
from benchmarks.samples.scanner import Quality
from benchmarks.scoring import STRUCK_OUT, Row, Scored, tabulate
from benchmarks.speed import Speed

FIGURES = "measured"
"""Folder of the charts, beside the page."""
GROUPS = ("amounts", "identifiers", "other numbers", "dates", "text", "marks", "blanks")


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything of one scenario."""

    scenario: Scenario
    accuracy: Accuracy
    speed: Speed | None = None


def _where(results: Sequence[Measured], test: Callable[[Scenario], bool]) -> list[Scored]:
    return [one for result in results if test(result.scenario) for one in result.accuracy.scored]


def _is_real(scenario: Scenario) -> bool:
    return scenario.ink == "hand" and scenario.glyphs is not None


def _is_font(scenario: Scenario) -> bool:
    return scenario.ink == "hand" and scenario.glyphs is None


def _is_typed(scenario: Scenario) -> bool:
    return scenario.ink == "typed"


_SOURCES = {"real glyphs": _is_real, "handwriting fonts": _is_font, "typed": _is_typed}


def _is_fair(scenario: Scenario) -> bool:
    return scenario.quality is Quality.FAIR


def fair_papers(results: Sequence[Measured]) -> dict[str, list[Scored]]:
    """Fields on fair scans by what wrote them; the claim's paper first."""
    fair = [result for result in results if _is_fair(result.scenario)]
    found = {f"{name}, fair": _where(fair, test) for name, test in _SOURCES.items()}
    return {name: fields for name, fields in found.items() if fields}


def figures(results: Sequence[Measured]) -> dict[str, str]:
    """File name → SVG."""
    return charts(fair_papers(results))


def markdown(
    results: Sequence[Measured], command: str, machine: str, sheet: str | None = None
) -> str:
    """The whole page.

    Args:
        sheet: name of the picture of misreadings, where it was made.
    """
    speeds = {r.scenario.name: r.speed for r in results if r.speed is not None}
    return "\n".join(
        [
            "# What we measured",
            "",
            f"`{command}` on {machine}. Truth comes from the sample maker; writers, fonts and "
            "glyphs are the held-out half, on which nothing was trained, tuned or calibrated. "
            "*Exactly right* is defined in `benchmarks/scoring.py`. Reading each field alone, "
            "before any arithmetic of the forms.",
            *_goals(results),
            *_confidence(results),
            *_accuracy(results),
            *_pages(results),
            *_speeds(speeds),
            *_misreadings(results, sheet),
            "",
        ]
    )


def _goals(results: Sequence[Measured]) -> list[str]:
    typed, real = _where(results, _is_typed), _where(results, _is_real)
    fonts = _where(results, _is_font)
    parts = ["", "## What must be shown", ""]
    if real:
        parts += [
            "Hands of **real glyphs**, which is what counts; 95 % intervals below each share.",
            "",
            *goal_table(real, typed),
            "",
            *acceptance_table(_where(results, lambda s: _is_real(s) and _is_fair(s))),
            "",
        ]
    for result in results:
        speed = result.speed
        claimed = _is_fair(result.scenario) and (_is_real(result.scenario) or not real)
        if speed is None or not claimed or result.scenario.ink != "hand":
            continue
        if speed.textbook.pages:
            (_, ours), (_, theirs) = each(speed.ours), each(speed.textbook)
            parts += [*speed_goals(theirs / ours, ours), ""]
    if fonts:
        parts += [
            "Hands of handwriting **fonts**, which flatter: every letter is its neighbour's twin.",
            "",
            *goal_table(fonts, typed),
            "",
            *acceptance_table(_where(results, lambda s: _is_font(s) and _is_fair(s))),
        ]
    return parts


def _confidence(results: Sequence[Measured]) -> list[str]:
    papers = fair_papers(results)
    if not papers:
        return []
    parts = [
        "",
        "## Can the confidence be believed?",
        "",
        "On the diagonal, what is said is what is true; above it, taxlift is more careful than it "
        "need be. Bars are 95 % intervals, larger dots more fields; dots of fewer than ten fields "
        "are left out.",
        "",
        f"![Reliability by kind of field]({FIGURES}/reliability.svg)",
        "",
        *reliability_table(papers),
        "",
        "From the surest downwards: how many of those taken would be wrong. Rings show where the "
        "department's target errors put it.",
        "",
        f"![Risk against coverage by kind of field]({FIGURES}/risk-coverage.svg)",
        "",
        *coverage_table(papers),
        "",
        "### What people would key",
        "",
        "At a target error of 1 in 100, 600 and 5000 for every kind, by the calibration's own "
        "thresholds, and as the department is configured. Fields that are not taken at 1 in 600 "
        "but might be at 1 in 5000 after a further engine's word count as keyed.",
    ]
    for name, fields in papers.items():
        parts += ["", f"**{name}**", "", *keyed_table(fields)]
    return parts


def _accuracy(results: Sequence[Measured]) -> list[str]:
    lines = [
        "",
        "## Fields exactly right",
        "",
        "Fields in which something was struck out are left out: they belong to a person.",
        "",
        "| paper | reader | " + " | ".join(GROUPS) + " |",
        "|---|---|" + "---|" * len(GROUPS),
    ]
    for result in results:
        readers = {"taxlift": result.accuracy.scored}
        if result.speed is not None and result.speed.textbook.pages:
            readers["taxlift, textbook's pages"] = result.speed.accuracy.scored
            readers["textbook"] = result.speed.textbook_scored
        for reader, scored in readers.items():
            groups = {row.group: row for row in tabulate(scored)}
            cells = " | ".join(_share(groups.get(group)) for group in GROUPS)
            lines.append(f"| {result.scenario.name} | {reader} | {cells} |")
    lines += [
        "",
        "| paper | blank or unmarked, but held to be filled | struck out: to a person "
        "| struck out: taken, and wrong |",
        "|---|---|---|---|",
    ]
    for result in results:
        scored = result.accuracy.scored
        empty = [one for one in scored if not one.filled]
        struck = [one for one in scored if one.manner == STRUCK_OUT]
        ghosts = sum(one.accepted and not one.right for one in empty)
        kept = sum(not one.accepted for one in struck)
        wrong = sum(one.accepted and not one.right for one in struck)
        lines.append(
            f"| {result.scenario.name} | {ghosts} of {len(empty)} | {kept} of {len(struck)} "
            f"| {wrong} |"
        )
    return lines


def _share(row: Row | None) -> str:
    return f"{row.share_right:.1%} of {row.fields}" if row is not None else "–"


def _pages(results: Sequence[Measured]) -> list[str]:
    lines = [
        "",
        "## Pages",
        "",
        "| paper | pages | right form, year and page | refused | silently wrong "
        "| worst field corner, px at 300 dpi: median, 99 %, max |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        pages = result.accuracy.pages
        total = pages.right + pages.refused + pages.wrong
        errors = np.array(pages.corner_errors or [math.nan])
        lines.append(
            f"| {result.scenario.name} | {total} | {pages.right} | {pages.refused} | {pages.wrong} "
            f"| {np.median(errors):.1f}, {np.quantile(errors, 0.99):.1f}, {errors.max():.1f} |"
        )
    return lines


def _speeds(speeds: Mapping[str, Speed]) -> list[str]:
    if not speeds:
        return []
    return [
        "",
        "## Speed, and the textbook on the same pages",
        "",
        "The textbook: register by ORB features, crop, one `pytesseract` call a field, told which "
        "form it looks at. Both in one process, page by page in turn; processor seconds include "
        "child processes.",
        "",
        *profile(speeds),
    ]


def profile(speeds: Mapping[str, Speed]) -> list[str]:
    """Where a page's time goes."""
    return [
        *speed_table(speeds),
        "",
        "### Where a page's time goes",
        "",
        "Wall seconds a page and share of the page:",
        "",
        *stage_table(speeds),
        "",
        "What the engines were asked:",
        "",
        *engine_table(speeds),
    ]


def _misreadings(results: Sequence[Measured], sheet: str | None) -> list[str]:
    parts = [
        "",
        "## Misreadings",
        "",
        "The benchmark writes a gallery of the 50 worst for each paper (`--out`), accepted ones "
        "first. Those of real glyphs are pictures of people's writing and stay out of the "
        "repository; their classes are here.",
    ]
    for name, test in _SOURCES.items():
        misread = [
            one for result in results if test(result.scenario) for one in result.accuracy.misread
        ]
        if misread:
            parts += ["", f"**{name}**, all scans:", "", *_classes(misread)]
    if sheet is not None:
        parts += [
            "",
            "The worst on the handwriting fonts, fair scans; readings that were accepted are red:",
            "",
            f"![Crops with what was written and what was read]({FIGURES}/{sheet})",
        ]
    return parts


def _classes(misread: Sequence[Misread]) -> list[str]:
    lines = ["| class | misreadings | accepted |", "|---|---|---|"]
    lines += [f"| {name} | {count} | {accepted} |" for name, count, accepted in tally(misread)]
    pairs = ", ".join(f"{a} → {b} ({count})" for a, b, count in confusions(misread)[:12])
    return [*lines, "", f"Digits taken for others: {pairs}."] if pairs else lines


def as_json(results: Sequence[Measured]) -> list[dict[str, Any]]:
    """The same figures for programs."""
    found = []
    for result in results:
        speed = result.speed
        found.append(
            {
                "scenario": result.scenario.name,
                "ink": result.scenario.ink,
                "quality": str(result.scenario.quality),
                "accuracy": [asdict(row) for row in tabulate(result.accuracy.scored)],
                "pages": asdict(result.accuracy.pages),
                "textbook": [asdict(row) for row in tabulate(speed.textbook_scored)]
                if speed
                else [],
                "seconds": {"ours": asdict(speed.ours), "textbook": asdict(speed.textbook)}
                if speed
                else {},
                "stages": speed.stages if speed else {},
                "engines": {name: asdict(one) for name, one in speed.engines.items()}
                if speed
                else {},
            }
        )
    return found

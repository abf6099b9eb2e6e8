"""What was measured, as a page for people (Markdown) and as JSON for the next comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from benchmarks.measure import Measured, Timing
from benchmarks.scoring import Row, tabulate

GROUPS = ("amounts", "identifiers", "other numbers", "dates", "text", "marks", "blanks")


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), which holds near 0 and 1 too."""
    if of == 0:
        return 0.0, 1.0
    z = 1.959964
    share = hits / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, centre - half), min(1.0, centre + half)


def markdown(results: Sequence[Measured], command: str, machine: str) -> str:
    """The whole page."""
    parts = [
        "# What we measured",
        "",
        f"`{command}` on {machine}. Truth comes from the sample maker; writers, fonts and glyphs "
        "are the held-out half, on which nothing was tuned. *Exactly right* is defined in "
        "`benchmarks/scoring.py`. Reading each field alone, before any arithmetic of the forms.",
        "",
        "## Fields exactly right",
        "",
        *_accuracy(results),
        "",
        "## Accepted without a person",
        "",
        *_acceptance(results),
        "",
        "## Pages",
        "",
        *_pages(results),
        "",
        "## Speed, and the textbook on the same pages",
        "",
        "The textbook: register by ORB features, crop, one `pytesseract` call a field, told which "
        "form it looks at. Both in one process, page by page in turn; processor seconds include "
        "child processes.",
        "",
        *_speed(results),
        "",
        "## Where a page's time goes",
        "",
        *_stages(results),
        "",
    ]
    return "\n".join(parts)


def as_json(results: Sequence[Measured]) -> list[dict[str, Any]]:
    """The same figures for programs."""
    return [
        {
            "scenario": result.scenario.name,
            "ink": result.scenario.ink,
            "quality": str(result.scenario.quality),
            "accuracy": [asdict(row) for row in tabulate(result.ours)],
            "textbook": [asdict(row) for row in tabulate(result.textbook)],
            "pages": asdict(result.pages),
            "seconds": {
                "ours": asdict(result.time_ours),
                "ours_on_textbook_pages": asdict(result.time_ours_on_textbook_pages),
                "textbook": asdict(result.time_textbook),
            },
            "stages": result.stages,
        }
        for result in results
    ]


def _by_group(rows: Sequence[Row]) -> dict[str, Row]:
    return {row.group: row for row in rows}


def _share(row: Row | None) -> str:
    return f"{row.share_right:.1%} of {row.fields}" if row is not None else "–"


def _accuracy(results: Sequence[Measured]) -> list[str]:
    lines = [
        "| paper | reader | " + " | ".join(GROUPS) + " |",
        "|---|---|" + "---|" * len(GROUPS),
    ]
    for result in results:
        both = (
            ("taxlift, all pages", result.ours),
            ("taxlift, textbook's pages", result.ours_on_textbook_pages),
            ("textbook", result.textbook),
        )
        for reader, scored in both:
            groups = _by_group(tabulate(scored))
            cells = " | ".join(_share(groups.get(group)) for group in GROUPS)
            lines.append(f"| {result.scenario.name} | {reader} | {cells} |")
    return lines


def _acceptance(results: Sequence[Measured]) -> list[str]:
    lines = [
        "| paper | filled fields | accepted | wrong among the accepted (95 % interval) "
        "| blank or unmarked, but held to be filled |",
        "|---|---|---|---|---|",
    ]
    for result in results:
        filled = [one for one in result.ours if one.filled]
        empty = [one for one in result.ours if not one.filled]
        accepted = [one for one in filled if one.accepted]
        wrong = sum(not one.right for one in accepted)
        low, high = wilson(wrong, len(accepted))
        ghosts = sum(one.accepted and not one.right for one in empty)
        share = len(accepted) / len(filled) if filled else 0.0
        lines.append(
            f"| {result.scenario.name} | {len(filled)} | {share:.1%} | {wrong} of {len(accepted)} "
            f"({low:.2%} to {high:.2%}) | {ghosts} of {len(empty)} |"
        )
    return lines


def _pages(results: Sequence[Measured]) -> list[str]:
    lines = [
        "| paper | pages | right form, year and page | refused | silently wrong "
        "| worst field corner, px at 300 dpi: median, 99 %, max |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        pages = result.pages
        total = pages.right + pages.refused + pages.wrong
        errors = np.array(pages.corner_errors or [math.nan])
        lines.append(
            f"| {result.scenario.name} | {total} | {pages.right} | {pages.refused} | {pages.wrong} "
            f"| {np.median(errors):.1f}, {np.quantile(errors, 0.99):.1f}, {errors.max():.1f} |"
        )
    return lines


def _each(timing: Timing) -> tuple[float, float]:
    pages = max(timing.pages, 1)
    return timing.wall / pages, timing.cpu / pages


def _speed(results: Sequence[Measured]) -> list[str]:
    lines = [
        "| paper | pages | taxlift, s a page (processor s) | textbook, s a page (processor s) "
        "| times as fast (by processor) |",
        "|---|---|---|---|---|",
    ]
    for result in results:
        if not result.time_textbook.pages:
            continue
        ours, ours_cpu = _each(result.time_ours_on_textbook_pages)
        theirs, theirs_cpu = _each(result.time_textbook)
        lines.append(
            f"| {result.scenario.name} | {result.time_textbook.pages} "
            f"| {ours:.2f} ({ours_cpu:.2f}) "
            f"| {theirs:.2f} ({theirs_cpu:.2f}) | **{theirs / ours:.1f}** "
            f"({theirs_cpu / ours_cpu:.1f}) |"
        )
    return lines


def _stages(results: Sequence[Measured]) -> list[str]:
    names = sorted({name for result in results for name in result.stages})
    lines = [
        "| paper | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
    ]
    for result in results:
        pages = max(result.time_ours.pages, 1)
        cells = " | ".join(f"{result.stages.get(name, 0.0) / pages:.3f} s" for name in names)
        lines.append(f"| {result.scenario.name} | {cells} |")
    return lines

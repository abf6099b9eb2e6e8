"""Small charts as SVG: reliability and risk against coverage, a panel for each kind of field."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.believing import Bin, Taken
from benchmarks.scoring import wilson

WIDTH, HEIGHT = 268, 218
LEFT, TOP, RIGHT, BOTTOM = 50, 30, 18, 38
A_ROW = 3
FEWEST = 10
"""Fields below which a bin is not drawn: its bar would span the panel."""
COLOURS = ("#1b5e9e", "#c2571a", "#5b6770", "#2f7d4f")
DASHES = ("", "5 3", "1.5 3", "8 3 2 3")
INK, GRID, PALE = "#20262b", "#e3e7ea", "#8a949c"
FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"

_CONFIDENCE_TICKS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
_LEAST, _MOST = 0.3, 0.9993
_ERROR_TICKS = ((1 / 5000, "1/5000"), (1 / 600, "1/600"), (1 / 100, "1/100"), (1 / 10, "1/10"))
_LOWEST_ERROR, _HIGHEST_ERROR = 1 / 12_000, 0.5

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Line:
    """One paper's way through a panel."""

    steps: Sequence[Taken]
    at_work: Taken | None = None
    """Where the department's targets put it."""


def reliability_chart(panels: Mapping[str, Mapping[str, Sequence[Bin]]]) -> str:
    """Said confidence against the share that was right; on the diagonal it can be believed."""

    def across(value: float) -> float:
        low, high = _logit(_LEAST), _logit(_MOST)
        place = (_logit(min(max(value, _LEAST), _MOST)) - low) / (high - low)
        return LEFT + place * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        place = (across(value) - LEFT) / (WIDTH - LEFT - RIGHT)
        return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)

    def panel(papers: Mapping[str, Sequence[Bin]]) -> list[str]:
        out = []
        for tick in _CONFIDENCE_TICKS:
            # Names along the axis below need more room than beside it.
            below = _percent(tick) if tick != 0.9 else ""
            out += _grid(across(tick), up(tick), below, _percent(tick))
        out.append(_segment(across(_LEAST), up(_LEAST), across(_MOST), up(_MOST), PALE, "3 3"))
        for number, bins in enumerate(papers.values()):
            colour = COLOURS[number]
            shift = (number - (len(papers) - 1) / 2) * 3
            for one in bins:
                if one.fields < FEWEST:
                    continue
                low, high = one.interval
                x = across(one.said) + shift
                out.append(_segment(x, up(low), x, up(high), colour, width=1.1, opacity=0.55))
                size = 1.6 + 1.1 * math.log10(one.fields)
                tip = f"said {one.said:.1%}, right {one.right} of {one.fields}"
                out.append(
                    f'<circle cx="{x:.1f}" cy="{up(one.share):.1f}" r="{size:.1f}" '
                    f'fill="{colour}" fill-opacity=".88"><title>{tip}</title></circle>'
                )
        return out

    drawn = {title: panel(papers) for title, papers in panels.items()}
    names = list(next(iter(panels.values()))) if panels else []
    return _sheet(drawn, names, "confidence said", "share right", lines=False)


def risk_coverage_chart(panels: Mapping[str, Mapping[str, Line]]) -> str:
    """Share taken, from the surest downwards, against the share of it that is wrong."""

    def across(share: float) -> float:
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def up(error: float) -> float:
        low, high = math.log(_LOWEST_ERROR), math.log(_HIGHEST_ERROR)
        place = (math.log(min(max(error, _LOWEST_ERROR), _HIGHEST_ERROR)) - low) / (high - low)
        return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)

    def panel(papers: Mapping[str, Line]) -> list[str]:
        out = []
        for error, name in _ERROR_TICKS:
            out += _grid(None, up(error), "", name)
        out += _grid(None, up(0), "", "none")
        for share in (0, 0.25, 0.5, 0.75, 1):
            out += _grid(across(share), None, f"{share:.0%}", "")
        for number, line in enumerate(papers.values()):
            out += _curve(line, COLOURS[number], DASHES[number], across, up)
        return out

    drawn = {title: panel(papers) for title, papers in panels.items()}
    names = list(next(iter(panels.values()))) if panels else []
    return _sheet(drawn, names, "share of filled fields taken", "wrong among them", lines=True)


def _curve(line: Line, colour: str, dash: str, across: Scale, up: Scale) -> list[str]:
    steps = _thinned(line.steps)
    if not steps:
        return []
    bounds = [(across(one.share), *wilson(one.wrong, one.accepted)) for one in steps]
    area = [f"{x:.1f},{up(high):.1f}" for x, _, high in bounds]
    area += [f"{x:.1f},{up(low):.1f}" for x, low, _ in reversed(bounds)]
    points = " ".join(f"{across(one.share):.1f},{up(one.error):.1f}" for one in steps)
    out = [
        f'<polygon points="{" ".join(area)}" fill="{colour}" fill-opacity=".10"/>',
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.7" '
        f'stroke-dasharray="{dash}" stroke-linejoin="round"/>',
    ]
    if line.at_work is not None and line.at_work.accepted:
        at = line.at_work
        out.append(
            f'<circle cx="{across(at.share):.1f}" cy="{up(at.error):.1f}" r="4" fill="#fff" '
            f'stroke="{colour}" stroke-width="2"><title>taken at work: {at.share:.1%}, '
            f"{at.wrong} of {at.accepted} wrong</title></circle>"
        )
    return out


def _thinned(steps: Sequence[Taken], most: int = 160) -> list[Taken]:
    kept, last = [], -1.0
    for one in steps:
        if one.share - last >= 1 / most or one is steps[-1]:
            kept.append(one)
            last = one.share
    return kept


def _sheet(
    panels: Mapping[str, list[str]], names: Sequence[str], below: str, beside: str, lines: bool
) -> str:
    rows = math.ceil(len(panels) / A_ROW)
    wide, high = A_ROW * WIDTH, rows * HEIGHT + 30
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" font-family="{FONT}" font-size="9.5" fill="{INK}">',
        f'<rect width="{wide}" height="{high}" fill="#fff"/>',
        *_legend(names, lines),
    ]
    for number, (title, drawn) in enumerate(panels.items()):
        x, y = number % A_ROW * WIDTH, 30 + number // A_ROW * HEIGHT
        middle, foot = (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6
        side = (TOP + HEIGHT - BOTTOM) / 2
        out += [
            f'<g transform="translate({x} {y})">',
            f'<text x="{LEFT}" y="{TOP - 9}" font-size="12" font-weight="600">{escape(title)}'
            "</text>",
            *drawn,
            f'<text x="{middle}" y="{foot}" text-anchor="middle" fill="{PALE}">{below}</text>',
            f'<text transform="translate(9 {side}) rotate(-90)" text-anchor="middle" '
            f'fill="{PALE}">{beside}</text>',
            "</g>",
        ]
    return "\n".join([*out, "</svg>", ""])


def _legend(names: Sequence[str], lines: bool) -> list[str]:
    out, x = [], float(LEFT)
    for number, name in enumerate(names):
        colour = COLOURS[number]
        if lines:
            out.append(_segment(x, 16, x + 22, 16, colour, DASHES[number], width=2))
        else:
            out.append(f'<circle cx="{x + 14}" cy="16" r="4" fill="{colour}"/>')
        out.append(f'<text x="{x + 28}" y="19.5" font-size="11">{escape(name)}</text>')
        x += 52 + 6.2 * len(name)
    return out


def _grid(x: float | None, y: float | None, below: str, beside: str) -> list[str]:
    """A line across the panel for each of the two, with its name at the axis."""
    out = []
    if x is not None:
        out.append(_segment(x, TOP, x, HEIGHT - BOTTOM, GRID))
        out.append(
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 12}" text-anchor="middle">{below}</text>'
        )
    if y is not None:
        out.append(_segment(LEFT, y, WIDTH - RIGHT, y, GRID))
        out.append(f'<text x="{LEFT - 4}" y="{y + 3:.1f}" text-anchor="end">{beside}</text>')
    return out


def _segment(
    x1: float,
    y1: float,
    x2: float,
    y2: float,
    colour: str,
    dash: str = "",
    width: float = 1,
    opacity: float = 1,
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}" stroke-opacity="{opacity}" stroke-dasharray="{dash}"/>'
    )


def _logit(value: float) -> float:
    return math.log(value / (1 - value))


def _percent(value: float) -> str:
    return f"{value * 100:.4g}%" if value in (0.5, 0.8, 0.9, 0.95, 0.99, 0.999) else ""

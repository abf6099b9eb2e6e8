"""Small plots as inline SVG: no script, colours from the page's style sheet, words for who
cannot see them.

A plot never stands alone: the page has the same numbers in a table beside it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH = 520
_LETTER = 6.6
"""Width of a letter, about."""
_ROW = 22
_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 52, 12, 10, 26, 180
_LONGEST_LABEL = 34


@dataclass(frozen=True)
class Part:
    """A piece of a bar."""

    style: str
    """Class in the style sheet: `good`, `wait`, `bad`, `same` or `fly`."""
    name: str
    number: int


@dataclass(frozen=True)
class Bar:
    """What one bar or column shows."""

    label: str
    parts: tuple[Part, ...]
    note: str = ""
    """At the end of a bar; its sum when left out."""

    @property
    def total(self) -> int:
        return sum(part.number for part in self.parts)


@dataclass(frozen=True)
class Line:
    """One line through a plot of shares; a gap where there is nothing to have a share of."""

    style: str
    name: str
    shares: tuple[float | None, ...]


def bars(title: str, rows: Sequence[Bar]) -> Markup:
    """One row a bar, the longest as wide as the plot; for names of any length."""
    most = max((row.total for row in rows), default=0) or 1
    notes = [row.note or f"{row.total:,}" for row in rows]
    left = 14 + _LETTER * max((len(_short(row.label)) for row in rows), default=0)
    room = WIDTH - left - 14 - _LETTER * max((len(note) for note in notes), default=0)
    drawn: list[str] = []
    for at, row in enumerate(rows):
        y = at * _ROW + 4
        drawn.append(_text(left - 8, y + 12, _short(row.label), "end", full=row.label))
        x = left
        for part in row.parts:
            wide = room * part.number / most
            drawn.append(_box(x, y, wide, 15, part, row.label))
            x += wide
        drawn.append(_text(x + 6, y + 12, notes[at], "start"))
    return _sheet(title, _told(rows), len(rows) * _ROW + 4, drawn, _legend(rows))


def columns(title: str, rows: Sequence[Bar]) -> Markup:
    """One column a bar, in the order of time or size."""
    most = _ceiling(max((row.total for row in rows), default=0))
    drawn = _scale([(most * part // 4, f"{most * part // 4:,}") for part in range(5)], most)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(rows), 1)
    wide = min(step * 0.74, 56)
    for at, row in enumerate(rows):
        x, y = _LEFT + (at + 0.5) * step - wide / 2, float(_HEIGHT - _BOTTOM)
        for part in row.parts:
            high = (_HEIGHT - _TOP - _BOTTOM) * part.number / most
            y -= high
            drawn.append(_box(x, y, wide, high, part, row.label))
    drawn += _names([row.label for row in rows], step)
    return _sheet(title, _told(rows), _HEIGHT, drawn, _legend(rows))


def lines(title: str, labels: Sequence[str], drawn_lines: Sequence[Line]) -> Markup:
    """Shares over time, 0 to 100 %."""
    drawn = _scale([(tick, f"{tick} %") for tick in (0, 25, 50, 75, 100)], 100)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    for line in drawn_lines:
        for run in _runs(line.shares):
            places = [(_LEFT + (at + 0.5) * step, _height(share)) for at, share in run]
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            drawn.append(f'<polyline class="line {line.style}" points="{points}"/>')
            drawn += [
                f'<circle class="{line.style}" cx="{x:.1f}" cy="{y:.1f}" r="3.2">'
                f"<title>{escape(labels[at])}: {escape(line.name)} {100 * share:.1f} %</title>"
                "</circle>"
                for (x, y), (at, share) in zip(places, run, strict=True)
            ]
    drawn += _names(labels, step)
    told = "; ".join(
        f"{line.name} {100 * known[0]:.1f} % at first, {100 * known[-1]:.1f} % at last, "
        f"least {100 * min(known):.1f} %"
        for line in drawn_lines
        if (known := [share for share in line.shares if share is not None])
    )
    legend = [(line.style, line.name) for line in drawn_lines]
    return _sheet(title, told or "nothing", _HEIGHT, drawn, legend)


def _sheet(
    title: str, told: str, height: int, drawn: Iterable[str], legend: Sequence[tuple[str, str]]
) -> Markup:
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    keys = "".join(
        f'<span><i class="dot {style}"></i>{escape(key)}</span>' for style, key in legend
    )
    return Markup(  # noqa: S704 -- every text in it went through escape()
        f'<figure class="plot"><figcaption>{escape(title)}<span class="legend">{keys}</span>'
        f'</figcaption><svg role="img" viewBox="0 0 {WIDTH} {height}" '
        f'aria-labelledby="plot-{name} plot-{name}-told">'
        f'<title id="plot-{name}">{escape(title)}</title>'
        f'<desc id="plot-{name}-told">{escape(told)}</desc>'
        f"{''.join(drawn)}</svg></figure>"
    )


def _told(rows: Sequence[Bar]) -> str:
    """The first rows in words; the table has them all."""
    said = [
        f"{row.label}: " + ", ".join(f"{part.number:,} {part.name}" for part in row.parts)
        for row in rows[:20]
    ]
    return "; ".join(said) + ("; and so on" if len(rows) > 20 else "")


def _legend(rows: Sequence[Bar]) -> list[tuple[str, str]]:
    return list(dict.fromkeys((part.style, part.name) for row in rows for part in row.parts))


def _box(x: float, y: float, wide: float, high: float, part: Part, label: str) -> str:
    if not part.number:
        return ""
    # What is there is seen, however little it is.
    wide, high = max(wide, 1.2), max(high, 1.2)
    return (
        f'<rect class="{part.style}" x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" '
        f'height="{high:.1f}"><title>{escape(label)}: {part.number:,} {escape(part.name)}</title>'
        "</rect>"
    )


def _text(x: float, y: float, text: str, anchor: str, full: str = "") -> str:
    tip = f"<title>{escape(full)}</title>" if full and full != text else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}{tip}</text>'


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else f"{label[: _LONGEST_LABEL - 1].rstrip()}…"


def _scale(ticks: Iterable[tuple[int, str]], most: int) -> list[str]:
    out = []
    for tick, name in ticks:
        y = _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * tick / most
        out.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}"/>')
        out.append(_text(_LEFT - 8, y + 4, name, "end"))
    return out


def _names(labels: Sequence[str], step: float) -> list[str]:
    wide = _LETTER * max((len(label) for label in labels), default=0) + 10
    every = max(math.ceil(wide / step), 1)
    return [
        _text(_LEFT + (at + 0.5) * step, _HEIGHT - _BOTTOM + 17, label, "middle")
        for at, label in enumerate(labels)
        if at % every == 0
    ]


def _ceiling(most: int) -> int:
    """The next round number above that four lines divide evenly."""
    for round_number in (4, 8, 12, 16, 20, 24, 32, 40, 60, 80):
        if most <= round_number:
            return round_number
    power = 10 ** (len(str(most)) - 3) if most >= 100 else 1
    steps = (100, 120, 160, 200, 240, 320, 400, 600, 800, 1000)
    return next(step * power for step in steps if most <= step * power)


def _height(share: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * share


def _runs(shares: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The stretches without a gap."""
    runs: list[list[tuple[int, float]]] = [[]]
    for at, share in enumerate(shares):
        if share is None:
            runs.append([])
        else:
            runs[-1].append((at, share))
    return [run for run in runs if run]

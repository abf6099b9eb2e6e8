"""Keeps handwriting readable: points and commas with body and room, no two characters in one.

The sample maker's truth is what a person reads off the page. Fonts have points of a single
pixel, and characters that run into each other by chance can become one. Both are set right
here, for the size in which a line lands on the page, without any chance of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.samples.ink_line import Line, Placed, place
from benchmarks.samples.ink_pen import REFERENCE_HEIGHT, Glyph, Mask, grow, stroke_width

SEPARATORS = ".,"

# Lengths in canvas pixels (300 dpi): 6 are half a millimetre.
POINT = 5.8
"""A point is no narrower and no lower."""
COMMA_PEN = 4.2
"""A comma's stroke is no thinner."""
COMMA_HEIGHT = 10.0
"""A comma is no lower, so that it differs from a point."""
ROOM = 4.5
"""Paper between a point or comma and its neighbours."""
NEAR = 4
"""Rows above and below a separator that must be free of its neighbours as well."""
BESIDE = 3.0
"""Paper between two characters over half of the rows that they share: 11 stays two strokes."""

APART = 2.5
"""Paper between a mere stroke, such as a 1, and its neighbour: touching, it is part of that."""

STROKE = 0.36
"""A character narrower than this share of a capital's height is a mere stroke."""
DEEPEST = 0.12
"""How far two characters may run into each other, as a share of the narrower one's width."""
POINT_FOOT = (0.0, 0.08)
COMMA_FOOT = (0.14, 0.36)
"""How far below the baseline a point and a comma end, in capital heights."""


@dataclass(frozen=True, slots=True)
class _Outline:
    """Where a character's ink begins and ends in every row; pixels from its origin."""

    top: int
    """The first row, from the baseline downwards."""
    left: NDArray[np.float64]
    """Infinite in rows without ink, as is `right`."""
    right: NDArray[np.float64]

    @property
    def width(self) -> float:
        return float(self.right.max() - self.left.min())


def _outline(one: Placed, scale: tuple[float, float], slant: float) -> _Outline | None:
    """The outline of a character as it will be drawn; None without ink."""
    linear, move, box = place(replace(one, x=0.0), (0.0, 0.0), scale, 0.0, slant)
    left, top, right, bottom = box
    affine = np.column_stack([linear, move - (left, top)])
    size = (max(right - left, 1), max(bottom - top, 1))
    ink = cv2.warpAffine(one.glyph.mask, affine, size, flags=cv2.INTER_LINEAR) > 0.3
    rows = np.flatnonzero(ink.any(axis=1))
    if rows.size == 0:
        return None
    ink = ink[rows[0] : rows[-1] + 1]
    some = ink.any(axis=1)
    begins = np.where(some, left + ink.argmax(axis=1), np.inf)
    ends = np.where(some, left + ink.shape[1] - ink[:, ::-1].argmax(axis=1), -np.inf)
    return _Outline(top + int(rows[0]), begins, ends)


def _between(first: _Outline, second: _Outline, near: int) -> NDArray[np.float64]:
    """Paper between two characters with one origin, in the rows where both have ink.

    With `near`, the second's ink counts for that many rows above and below it too.
    """
    top = min(first.top, second.top) - near
    bottom = max(first.top + len(first.right), second.top + len(second.left)) + near
    ends, begins = np.full(bottom - top, -np.inf), np.full(bottom - top, np.inf)
    ends[first.top - top : first.top - top + len(first.right)] = first.right
    for shift in range(-near, near + 1):
        start = second.top - top + shift
        rows = slice(start, start + len(second.left))
        begins[rows] = np.minimum(begins[rows], second.left)
    paper = begins - ends
    return paper[np.isfinite(paper)]


def _lacking(
    pair: str, ink: tuple[_Outline, _Outline], up: float, apart: float, natural: float
) -> float:
    """Pixels by which the second must move to the right.

    Args:
        pair: the two characters, which need not be neighbours.
        ink: the outlines of the two.
        up: height of a capital.
        apart: how far the second's origin lies to the right of the first's.
        natural: how far it would by the hand's own steps, without chance.
    """
    if any(character in SEPARATORS for character in pair):
        paper = _between(*ink, NEAR)
        return ROOM - (float(paper.min()) + apart) if paper.size else 0.0
    narrower = min(outline.width for outline in ink)
    deepest = DEEPEST * narrower
    paper = _between(*ink, 1)
    if paper.size == 0:
        return 0.0
    closest = float(paper.min())
    if pair.isalpha():  # joined letters run into each other by design
        deepest = max(deepest, -(closest + natural))
        return -deepest - (closest + apart)
    if narrower < STROKE * up:
        deepest = -APART
    shared = _between(*ink, 0)
    middle = float(np.median(shared)) if shared.size else np.inf
    return max(-deepest - (closest + apart), BESIDE - (middle + apart))


def _ink_rows(mask: Mask) -> tuple[int, int]:
    rows = np.flatnonzero(mask.max(axis=1) > 0.5 * mask.max())
    return int(rows[0]), int(rows[-1]) + 1


def _embolden(one: Placed, scale: tuple[float, float]) -> Placed:
    """The point or comma with a body that a scan keeps, on or below the baseline."""
    glyph = one.glyph
    if not glyph.mask.any():
        return one
    unit_x, unit_y = (length * one.size / REFERENCE_HEIGHT for length in scale)
    mask, baseline = glyph.mask, glyph.baseline
    first, last = _ink_rows(mask)
    if one.character == ",":
        stretch = COMMA_HEIGHT / ((last - first) * unit_y)
        if stretch > 1:
            tall = round(mask.shape[0] * stretch)
            mask = cv2.resize(mask, (mask.shape[1], tall)).astype(np.float32)
            baseline *= tall / glyph.mask.shape[0]
        wider = (COMMA_PEN / unit_x - stroke_width(mask)) / 2
    else:
        columns = np.flatnonzero(mask.max(axis=0) > 0.5 * mask.max())
        across = float(columns[-1] + 1 - columns[0])
        wider = max(POINT / unit_x - across, POINT / unit_y - (last - first)) / 2
    margin = 0
    if wider > 0:
        margin = int(np.ceil(wider)) + 2
        mask = grow(np.pad(mask, margin), wider)
    wider = max(wider, 0.0)
    bold = Glyph(
        mask,
        glyph.origin + margin,
        baseline + margin,
        glyph.advance,
        glyph.left - wider,
        glyph.right + wider,
    )
    low, high = POINT_FOOT if one.character == "." else COMMA_FOOT
    foot = (_ink_rows(mask)[1] - bold.baseline) * one.size / REFERENCE_HEIGHT + one.y
    return replace(one, glyph=bold, y=one.y + float(np.clip(foot, low, high)) - foot)


def settle(line: Line, scale: tuple[float, float], slant: float) -> Line:
    """The line as it can be read at this scale: same characters, moved apart where needed.

    Args:
        line: as written; it stays as it is.
        scale: canvas pixels of a capital height, across and upwards.
        slant: the shear to the right with which it is drawn.
    """
    settled: list[Placed] = []
    inks: list[_Outline | None] = []
    moved = 0.0
    for one in line.placed:
        bold = _embolden(one, scale) if one.character in SEPARATORS else one
        ink = _outline(bold, scale, slant)
        x = bold.x + moved
        if ink is not None:
            x += max(_moves(settled[-2:], inks[-2:], replace(bold, x=x), ink, scale))
        moved = x - bold.x
        settled.append(replace(bold, x=x))
        inks.append(ink)
    left = min((one.x + _edges(one)[0] for one in settled), default=line.left)
    right = max((one.x + _edges(one)[1] for one in settled), default=line.right)
    return Line(settled, left, right, line.text)


def _moves(
    before: Sequence[Placed],
    inks: Sequence[_Outline | None],
    one: Placed,
    ink: _Outline,
    scale: tuple[float, float],
) -> list[float]:
    """How far each of the characters before it asks this one to move; capital heights, 0 least.

    Two are asked: the top of a 7 reaches over the point after it.
    """
    across, up = scale
    moves = [0.0]
    for other, its in zip(before, inks, strict=True):
        if its is None:
            continue
        apart = (one.x - other.x) * across
        natural = other.glyph.advance * other.size / REFERENCE_HEIGHT * across
        pair = other.character + one.character
        moves.append(_lacking(pair, (its, ink), up, apart, natural) / across)
    return moves


def _edges(one: Placed) -> tuple[float, float]:
    unit = one.size / REFERENCE_HEIGHT
    return one.glyph.left * unit, one.glyph.right * unit

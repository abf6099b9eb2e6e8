"""What shape the ink in and around a checkbox has, in a few numbers.

Inside the box the scan itself is looked at as well: official boxes are white there, and lifting
takes a box that is blacked out for a thick frame of the form's. Outside only the lifted ink is
looked at, since there the form's own print stands beside the box.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import ink_threshold
from extractors.page_image import FieldImage

Mask = NDArray[np.bool_]

_DARKEST_THRESHOLD = 170
_RIM = 0.12
"""Share of the side left out all round the inside: residue of the frame lies there."""
_CORE_RIM = 0.2
"""The same for the scan before lifting, where the frame itself is."""
_DARK_ON_SCAN = 0.6
"""Share of the paper's brightness below which the scan is ink."""
_SPECK = 12
"""Pixels."""
_MOSTLY = 0.5
"""Share of a stroke from which on it belongs to another field, if more of it lies there."""
_NEAR, _FAR = 0.62, 1.6
"""Distances from the middle, in sides, between which a ring or a mark beside the box lies."""
_LEVEL = 0.45
"""Heights of the box by which the middle of a mark beside it may be higher or lower."""
_SURROUNDINGS = 0.85
_DIRECTIONS = 24


@dataclass(frozen=True, slots=True)
class MarkShape:
    """The filer's ink at one box; lengths in sides of the box, areas in its area."""

    cover: float = 0.0
    """Share of the inside that is covered."""
    extent: float = 0.0
    """How far across the inside the ink reaches, level and upright taken together."""
    ring: float = 0.0
    """Share of the directions from the middle in which the same stroke lies outside the box, in
    the half above or below that has fewer."""
    beside: float = 0.0
    """Length of the longest stroke that lies outside the box, and in no other."""
    foreign: float = 0.0
    """Share of the inside covered by strokes of a neighbouring box: a tick's long tail."""
    mass: float = 0.0
    """Area of the ink in the box and close around it."""


NO_INK = MarkShape()


def shape_of(image: FieldImage) -> MarkShape:
    """The shape of the ink at a checkbox; nearly all boxes of a page have none."""
    x0, y0, x1, y1 = image.inner
    side = max((x1 - x0 + y1 - y0) / 2, 1.0)
    core = _inside(image, _CORE_RIM * side)
    dark = _dark_core(image, core)
    lifted = image.ink <= min(ink_threshold(image.ink), _DARKEST_THRESHOLD)
    if not dark.any() and not lifted.any():
        return NO_INK
    strokes = _Strokes(image, lifted)
    mine = strokes.pixels(strokes.own)
    mine[core] |= dark
    inside = mine[_inside(image, _RIM * side)]
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    extent = 0.0
    if rows.size:
        level, upright = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
        extent = (level / inside.shape[1] + upright / inside.shape[0]) / 2
    foreign = strokes.pixels(strokes.foreign)[_inside(image, 0.0)]
    distance = _distance(image, side)
    return MarkShape(
        cover=float(inside.mean()) if inside.size else 0.0,
        extent=float(extent),
        ring=max(
            (_directions(strokes.labels == one, image, distance) for one in strokes.outside),
            default=0.0,
        ),
        beside=strokes.longest_aside(image.inner) / side,
        foreign=float(foreign.mean()) if foreign.size else 0.0,
        mass=float((mine & (distance < _SURROUNDINGS)).sum()) / side**2,
    )


class _Strokes:
    """The connected pieces of lifted ink in a box's crop, and whose they are."""

    def __init__(self, image: FieldImage, lifted: Mask) -> None:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(
            lifted.astype(np.uint8), connectivity=8
        )
        self.labels = np.asarray(labels, np.int32)
        self._stats = np.asarray(stats, np.int32)
        inner = self._area(_box(lifted.shape, image.inner), count)
        marks = np.zeros(lifted.shape, bool)
        others = np.zeros(lifted.shape, bool)
        for neighbour in image.neighbours:
            others |= _box(lifted.shape, neighbour.box)
            if neighbour.is_mark:
                marks |= _box(lifted.shape, neighbour.box)
        area = self._stats[:, cv2.CC_STAT_AREA]
        elsewhere = self._area(others, count)
        theirs = (elsewhere > _MOSTLY * area) & (elsewhere > inner)
        # A tick has more of its ink in its own box than in the one its tail runs into.
        theirs |= self._area(marks, count) > inner
        seen = (area >= _SPECK) & (np.arange(count) > 0)
        self.own = seen & ~theirs
        self.foreign = seen & theirs
        # Rings round two boxes touch: whose such a stroke is, the directions tell.
        self.outside = np.flatnonzero(seen & (inner < area)).tolist()
        # Writing in the field beside the box touches that field, a mark beside the box does not.
        aside = self.own & (inner < 0.5 * area) & (elsewhere < 0.3 * area)
        self.aside = np.flatnonzero(aside & self._level_with(image.inner)).tolist()

    def _level_with(self, inner: tuple[int, int, int, int]) -> Mask:
        """Which strokes lie whole in the crop, at the height of the box.

        Those of other boxes, rings round them above all, are cut off or lie higher or lower.
        """
        left, top = self._stats[:, cv2.CC_STAT_LEFT], self._stats[:, cv2.CC_STAT_TOP]
        right = left + self._stats[:, cv2.CC_STAT_WIDTH]
        middle = top + self._stats[:, cv2.CC_STAT_HEIGHT] / 2
        whole = (left > 0) & (right < self.labels.shape[1])
        reach = _LEVEL * (inner[3] - inner[1])
        return np.asarray(whole & (np.abs(middle - (inner[1] + inner[3]) / 2) < reach), bool)

    def longest_aside(self, inner: tuple[int, int, int, int]) -> int:
        """Length of what lies on one side of the box; print below it may have broken it up."""
        by_side: dict[bool, list[NDArray[np.int32]]] = {}
        for stroke in self._stats[self.aside]:
            by_side.setdefault(bool(stroke[0] > inner[0]), []).append(stroke)
        longest = 0
        for strokes in by_side.values():
            found = np.array(strokes)
            ends = found[:, :2] + found[:, 2:4]
            longest = max(longest, int((ends.max(0) - found[:, :2].min(0)).max()))
        return longest

    def _area(self, within: Mask, count: int) -> NDArray[np.int64]:
        return np.bincount(self.labels[within], minlength=count)

    def pixels(self, which: Mask) -> Mask:
        return np.asarray(which[self.labels], bool)


def _dark_core(image: FieldImage, core: tuple[slice, slice]) -> Mask:
    paper = float(np.percentile(image.registered, 90))
    return np.asarray(image.registered[core] < _DARK_ON_SCAN * paper, bool)


def _inside(image: FieldImage, rim: float) -> tuple[slice, slice]:
    x0, y0, x1, y1 = image.inner
    cut = round(rim)
    return np.s_[max(y0 + cut, 0) : y1 - cut, max(x0 + cut, 0) : x1 - cut]


def _box(shape: tuple[int, ...], box: tuple[int, int, int, int]) -> Mask:
    x0, y0, x1, y1 = (max(edge, 0) for edge in box)
    mask = np.zeros(shape, bool)
    mask[y0:y1, x0:x1] = True
    return mask


def _distance(image: FieldImage, side: float) -> NDArray[np.float64]:
    """Distance of each pixel from the box's middle, along the farther axis, in sides."""
    x0, y0, x1, y1 = image.inner
    rows, columns = np.ogrid[: image.ink.shape[0], : image.ink.shape[1]]
    farther = np.maximum(np.abs(columns - (x0 + x1) / 2), np.abs(rows - (y0 + y1) / 2))
    return np.asarray(farther / side, np.float64)


def _directions(stroke: Mask, image: FieldImage, distance: NDArray[np.float64]) -> float:
    x0, y0, x1, y1 = image.inner
    rows, columns = np.nonzero(stroke & (distance > _NEAR) & (distance < _FAR))
    turns = np.arctan2(rows - (y0 + y1) / 2, columns - (x0 + x1) / 2) / (2 * np.pi) % 1.0
    directions = np.unique((turns * _DIRECTIONS).astype(int))
    below = int((directions < _DIRECTIONS // 2).sum())
    # Half a ring is one round the box above or below, or writing on the next line.
    return 2 * min(below, len(directions) - below) / _DIRECTIONS

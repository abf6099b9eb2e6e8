"""Is something struck out in a field: a line or a scribble through a number, another beside it?

Engines read what is struck out with what replaces it as one number, and are sure of it. Looked
for is what striking out leaves behind: characters joined to one wide stroke, long straight runs,
dense ink, more strokes above each other than digits have, writing above the field's box, two
groups of writing far apart. Crossed sevens, slashed zeros, dashes and a minus have none of it.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import FieldInk, Stroke
from extractors.page_image import FieldImage
from schemas.forms import FieldKind

NUMBERS = (FieldKind.AMOUNT, FieldKind.COUNT)
"""Words are joined and long in cursive writing; combs keep digits apart."""

_DARK = 170
_RUN = 32
"""Pixels; the foot of a 2 and the roof of a 7 are shorter, but for large writing."""
_SLOPES = (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3)
_WINDOW = 30
"""Columns over which strokes above each other are counted: a digit and a half."""
_TALL, _LARGE = 12, 18

# Logistic regression on 2,500 hand-written amounts of the tuning writers, good to poor scans, of
# which 250 stand beside one that is struck out: 97 % of those are found, 3 in 1,000 of the others.
_WEIGHTS = {
    "joined": 5.32,
    "long run": 1.49,
    "run": 1.26,
    "dense": 14.56,
    "above": 17.79,
    "apart": 8.54,
    "covered": 1.52,
    "crossings": 0.81,
    "mean crossings": 0.56,
}
_CONSTANT = -8.21
_EVEN = -0.97
"""Log-odds from which on a field goes to a person."""


def is_struck_out(image: FieldImage, ink: FieldInk) -> bool:
    """Whether a person should look for something struck out in a field written by hand."""
    if image.definition.kind not in NUMBERS or not ink.present:
        return False
    numbers = strike_out_numbers(image, ink)
    return _CONSTANT + sum(w * numbers[name] for name, w in _WEIGHTS.items()) > _EVEN


def strike_out_numbers(image: FieldImage, ink: FieldInk) -> dict[str, float]:
    """What tells a field with something struck out from an ordinary one."""
    _, top, _, bottom = image.inner
    mask = (ink.line <= _DARK).astype(np.uint8)
    columns = np.abs(np.diff(np.pad(mask, ((1, 1), (0, 0))).astype(int), axis=0)).sum(0) / 2
    height = max(bottom - top, 1)
    tall = [stroke for stroke in ink.strokes if stroke.height >= _TALL]
    highest = min(stroke.top for stroke in ink.strokes)
    return {
        "joined": math.log(max([0.5, *(s.width / max(s.height, 20) for s in tall)])),
        "long run": min(longest_run(mask, round(1.4 * _RUN)), 2.5),
        "run": min(longest_run(mask, _RUN), 2.5),
        "dense": max(max((_density(s) for s in tall), default=0.0) - 0.3, 0.0),
        "above": max((top - highest) / height - 0.05, 0.0),
        "apart": min(max(_widest_gap(tall) / height - 0.5, 0.0), 1.0),
        "covered": max(_most(mask.sum(0) / _pen_width(mask)) - 3.0, 0.0),
        "crossings": max(_most(columns) - 2.0, 0.0),
        "mean crossings": float(columns[mask.any(0)].mean()) if mask.any() else 0.0,
    }


def longest_run(mask: NDArray[np.uint8], length: int) -> float:
    """The longest nearly level straight piece of ink of at least that length, in `_RUN`."""
    longest = 0
    if length > mask.shape[1]:
        return 0.0
    for slope in _SLOPES:
        rise = round(slope * length)
        line = np.zeros((abs(rise) + 1, length), np.uint8)
        cv2.line(line, (0, max(-rise, 0)), (length - 1, max(rise, 0)), 1)
        count, _, stats, _ = cv2.connectedComponentsWithStats(
            cv2.morphologyEx(mask, cv2.MORPH_OPEN, line)
        )
        if count > 1:
            longest = max(longest, int(stats[1:, cv2.CC_STAT_WIDTH].max()))
    return longest / _RUN


def _density(stroke: Stroke) -> float:
    if stroke.height < _LARGE or stroke.width < _LARGE:
        return 0.0
    return stroke.area / (stroke.width * stroke.height) * min(stroke.width / 40, 1.0)


def _widest_gap(strokes: list[Stroke]) -> int:
    """Pixels of white between writing, strokes being given from left to right."""
    widest, reached = 0, strokes[0].right if strokes else 0
    for stroke in strokes:
        widest = max(widest, stroke.left - reached)
        reached = max(reached, stroke.right)
    return widest


def _most(by_column: NDArray[np.floating]) -> float:
    """The highest mean over a window of columns."""
    if by_column.size < _WINDOW:
        return float(by_column.mean())
    return float(np.convolve(by_column, np.ones(_WINDOW) / _WINDOW, "valid").max())


def _pen_width(mask: NDArray[np.uint8]) -> float:
    """Twice the usual distance of the strokes' middles from their edges."""
    depth = cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 3)
    ridge = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-3) & (depth > 0.9)
    return 2.0 * float(np.median(depth[ridge])) if ridge.any() else 4.0

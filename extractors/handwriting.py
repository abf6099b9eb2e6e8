"""Is a field's ink print or a hand's?

Print stands upright on one line, with strokes of one width and edges along the page's axes;
hands waver in all of these. A field says so with some error, a page's fields together hardly:
a field leans on its page unless its own ink speaks clearly.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import FieldInk, Stroke
from extractors.page_image import Gray
from schemas.readings import InkKind

_LETTER = 13
"""Pixels of height from which a stroke counts as a character."""
_FIELD_SHARE = 0.35
_PAGE_EVEN = -0.6
"""Mean evidence of a page at which print and hand are equally likely."""
_LOUDEST = 8.0

# Logistic regression on 2,300 fields of the tuning writers and fonts, fair and poor scans,
# inputs standardised: 86 % of single fields, all pages but those of rough typewriters.
_MEANS = np.array([0.238, 0.357, 18.147, 4.188, 0.233, 0.59, 0.441])
_SPREADS = np.array([0.082, 0.082, 1.661, 3.547, 0.08, 0.719, 0.57])
_WEIGHTS = np.array([1.47, 0.78, 1.47, -0.57, -1.56, -0.56, -0.98])
_INTERCEPT = -1.47


def ink_kinds(inks: Sequence[FieldInk]) -> list[InkKind]:
    """`typed` or `hand` for every field of one page."""
    evidence = [print_evidence(ink) for ink in inks]
    told = [e for e in evidence if e is not None]
    page = float(np.mean(told)) if told else 0.0
    own = [page if e is None else e for e in evidence]
    return [
        "typed" if (1 - _FIELD_SHARE) * page + _FIELD_SHARE * e > _PAGE_EVEN else "hand"
        for e in own
    ]


def print_evidence(ink: FieldInk) -> float | None:
    """Log-odds for print against a hand; None where there are fewer than two characters."""
    letters = [s for s in ink.strokes if s.height >= _LETTER]
    if len(letters) < 2:
        return None
    features = np.array(
        [
            *_edges(ink.line),
            _width_variation(ink.line),
            _height_spread(letters),
            _baseline_spread(letters),
        ]
    )
    odds = float(_WEIGHTS @ ((features - _MEANS) / _SPREADS) + _INTERCEPT)
    return float(np.clip(odds, -_LOUDEST, _LOUDEST))


def _edges(line: Gray) -> tuple[float, float, float, float]:
    """Directions of the strokes' edges.

    Shares of edges within 6° and 12° of the page's axes; spread and absolute mean, in degrees,
    of those within 35° of upright: the mean is the slant.
    """
    smooth = cv2.GaussianBlur(line.astype(np.float32), (0, 0), 1.0)
    across, down = cv2.Sobel(smooth, cv2.CV_32F, 1, 0), cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    strength = np.asarray(cv2.magnitude(across, down), np.float32)
    strong = strength > 0.35 * _near_strongest(strength)
    weight = strength[strong]
    direction = np.degrees(np.arctan2(down[strong], across[strong]))
    off_axis = np.abs(direction - 90 * np.rint(direction / 90))
    total = max(float(weight.sum()), 1e-6)
    upright = direction - 180 * np.rint(direction / 180)
    upright = upright[np.abs(upright) < 35]
    spread, slant = 20.0, 10.0
    if upright.size > 10:
        spread, slant = float(np.std(upright)), float(abs(np.mean(upright)))
    near = float(weight[off_axis < 6].sum()) / total
    nearby = float(weight[off_axis < 12].sum()) / total
    return near, nearby, spread, slant


def _near_strongest(strength: NDArray[np.float32]) -> float:
    """What only a hundredth of the strengths is above; a percentile sorts and interpolates."""
    place = int(0.99 * (strength.size - 1))
    return float(np.partition(strength, place, axis=None)[place])


def _width_variation(line: Gray) -> float:
    """Standard deviation of the strokes' half width along their middle, over its mean."""
    depth = cv2.distanceTransform((line < 160).astype(np.uint8), cv2.DIST_L2, 3)
    ridge = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-3) & (depth > 0.9)
    widths = depth[ridge]
    return float(widths.std() / widths.mean()) if widths.size > 10 else 0.3


def _height_spread(letters: Sequence[Stroke]) -> float:
    """How far the most alike 70 % of the heights are apart, in pixels."""
    heights = np.array([s.height for s in letters])
    kept = max(2, int(0.7 * len(heights)))
    return float(min(np.sort(np.abs(heights - h))[:kept].mean() for h in heights))


def _baseline_spread(letters: Sequence[Stroke]) -> float:
    """Mean distance of the strokes' feet from a line through them, in pixels.

    The farthest fifth is left out: descenders, joined letters.
    """
    x = np.array([s.middle[0] for s in letters])
    y = np.array([float(s.bottom) for s in letters])
    if len(letters) >= 4:
        slopes = [
            (y[j] - y[i]) / (x[j] - x[i])
            for i in range(len(x))
            for j in range(i + 1, len(x))
            if abs(x[j] - x[i]) > 8
        ]
        y = y - float(np.clip(np.median(slopes), -0.03, 0.03) if slopes else 0.0) * x
    return float(np.mean(np.sort(np.abs(y - np.median(y)))[: max(2, int(0.8 * len(y)))]))

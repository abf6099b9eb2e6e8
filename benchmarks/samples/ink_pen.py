"""Pen strokes as coverage masks: width brought to a pen's, letters bent a little, lines drawn.

All masks are float32, 0 paper to 1 fully covered, drawn at `REFERENCE_HEIGHT` pixels for
a capital letter: about twice the size in which they land on the page, so that placing them
is also what smooths them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.float32]
Points = NDArray[np.float64]

REFERENCE_HEIGHT = 72
MARGIN = 10
"""Empty pixels around the ink of a mask: room for a wider pen and for bending."""
THINNEST = 2.0
"""Half the width below which no stroke is thinned: a pixel and a half of ink on the page, which
a scan keeps."""

_NEIGHBOURHOOD = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as drawn: its mask, where its origin lies in it, how far it advances."""

    mask: Mask
    origin: float
    """x of the pen position in the mask, pixels."""
    baseline: float
    """y of the baseline in the mask, pixels."""
    advance: float
    """From this origin to the next one, pixels at reference height."""
    left: float = 0.0
    """Where the ink begins, relative to the origin."""
    right: float = 0.0
    """Where the ink ends, relative to the origin."""


def stroke_width(mask: Mask) -> float:
    """Mean width of the strokes in pixels; 0 for an empty mask."""
    inside = np.pad((mask > 0.5).astype(np.uint8), 1)  # beyond the mask is paper
    if not inside.any():
        return 0.0
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    # In a stroke of width w the mean distance to its edge is w/4.
    return float(4.0 * depth[inside > 0].mean())


def set_pen_width(mask: Mask, width: float) -> Mask:
    """The same strokes as if drawn with a pen of this width (pixels).

    The outline is moved by half the difference along the signed distance to it. Thinning is
    limited by the half-width along the middle of the strokes, so that they do not break at
    their thin places.
    """
    inside = (mask > 0.5).astype(np.uint8)
    if not inside.any():
        return mask
    within = cv2.distanceTransform(inside, cv2.DIST_L2, 3)
    beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 3)
    present = float(4.0 * within[inside > 0].mean())
    ridge = within[(within >= cv2.dilate(within, _NEIGHBOURHOOD)) & (inside > 0)]
    thinnest = float(np.percentile(ridge, 8))
    shift = max((width - present) / 2, -0.25 * present, -max(thinnest - THINNEST, 0.0))
    signed = np.where(inside > 0, within - 0.5, 0.5 - beyond)
    return np.clip(signed + shift + 0.5, 0.0, 1.0).astype(np.float32)


def grow(mask: Mask, by: float) -> Mask:
    """The ink with its outline moved outwards by `by` pixels, as far as the mask has room."""
    inside = (mask > 0.5 * mask.max()).astype(np.uint8)
    if not inside.any():
        return mask
    beyond = cv2.distanceTransform(1 - inside, cv2.DIST_L2, 5)
    return np.maximum(mask, np.clip(by - beyond + 1.0, 0.0, 1.0)).astype(np.float32)


def bend(mask: Mask, amount: float, rng: np.random.Generator) -> Mask:
    """The mask under a smooth random displacement of about `amount` pixels."""
    if amount <= 0:
        return mask
    height, width = mask.shape
    coarse = rng.normal(0.0, amount, (2, 4, 4)).astype(np.float32)
    dx = cv2.resize(coarse[0], (width, height), interpolation=cv2.INTER_CUBIC)
    dy = cv2.resize(coarse[1], (width, height), interpolation=cv2.INTER_CUBIC)
    dx += np.arange(width, dtype=np.float32)[None, :]
    dy += np.arange(height, dtype=np.float32)[:, None]
    bent = cv2.remap(mask, dx, dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return bent.astype(np.float32)


def trim(mask: Mask, origin: float, baseline: float, advance: float) -> Glyph:
    """A glyph of the mask, cut to its ink plus `MARGIN`."""
    rows = np.flatnonzero(mask.max(axis=1) > 0.2)
    columns = np.flatnonzero(mask.max(axis=0) > 0.2)
    if rows.size == 0:
        empty = np.zeros((2, 2), np.float32)
        return Glyph(empty, 0.0, 1.0, advance)
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    cut = np.pad(mask[top:bottom, left:right], MARGIN)
    return Glyph(
        cut,
        origin - left + MARGIN,
        baseline - top + MARGIN,
        advance,
        left - origin,
        right - origin,
    )


def curve_through(points: Sequence[tuple[float, float]] | Points, steps: int = 8) -> Points:
    """A smooth (Catmull-Rom) curve through the points, `steps` points a section."""
    knots = np.asarray(points, dtype=np.float64)
    if len(knots) < 3:
        return knots
    padded = np.vstack([2 * knots[0] - knots[1], knots, 2 * knots[-1] - knots[-2]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    sections = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        sections.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.vstack([*sections, knots[-1:]])


def draw_strokes(
    strokes: Sequence[Points], shape: tuple[int, int], width: float, *, fine: int = 3
) -> Mask:
    """Coverage of pen strokes of this width, each an n×2 array of x, y in pixels.

    Drawn `fine` times larger and averaged, because OpenCV's lines have whole widths only.
    """
    height, wide = shape
    canvas = np.zeros((height * fine, wide * fine), np.uint8)
    thickness = max(1, round(width * fine))
    for stroke in strokes:
        path = np.round(stroke * fine * 16).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [path], False, 255, thickness, cv2.LINE_AA, shift=4)
    small = cv2.resize(canvas, (wide, height), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32) / 255.0

"""How a page lies: which way its lines of print run, by how much they lean, and if it is empty."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.page_image import Gray

_WIDEST = 5.0
"""Degrees of skew looked for either way: a feeder's worst."""
_MOST_POINTS = 12_000


def skew(ink: Gray) -> tuple[float, float, float, float]:
    """Lean of the print along rows and along columns, and how strong each is.

    `ink` is a darkness map of about 75 dpi. Returns (degrees along rows, its strength, degrees
    along columns, its strength); degrees are those by which the lines run downwards to the
    right (or, along columns, leftwards going down). Strength is how much more unevenly the ink
    falls on lines in that direction than noise would.
    """
    edge_y, edge_x = ink.shape[0] // 25, ink.shape[1] // 25
    # A scanner's shadow or a film's edge is the strongest line of many scans.
    inside = ink[edge_y : ink.shape[0] - edge_y, edge_x : ink.shape[1] - edge_x]
    if inside.size == 0:
        return 0.0, 0.0, 0.0, 0.0
    # Faded print is still the darkest of its page.
    level = float(np.clip(np.percentile(inside, 93), 40, 90))
    rows, columns = np.nonzero(inside > level)
    if len(rows) < 50:
        return 0.0, 0.0, 0.0, 0.0
    if len(rows) > _MOST_POINTS:
        chosen = np.random.default_rng(0).choice(len(rows), _MOST_POINTS, replace=False)
        rows, columns = rows[chosen], columns[chosen]
    along_rows = _best_lean(rows.astype(np.float32), columns.astype(np.float32))
    along_columns = _best_lean(columns.astype(np.float32), -rows.astype(np.float32))
    return (*along_rows, *along_columns)


def _best_lean(across: NDArray[np.float32], along: NDArray[np.float32]) -> tuple[float, float]:
    angles = np.arange(-_WIDEST, _WIDEST + 0.01, 0.5)
    strengths = [_unevenness(across, along, angle) for angle in angles]
    best = float(angles[int(np.argmax(strengths))])
    finer = np.arange(best - 0.4, best + 0.41, 0.1)
    strengths = [_unevenness(across, along, angle) for angle in finer]
    return float(finer[int(np.argmax(strengths))]), float(np.max(strengths))


def _unevenness(across: NDArray[np.float32], along: NDArray[np.float32], degrees: float) -> float:
    line = across - along * np.float32(np.tan(np.radians(degrees)))
    counts = np.bincount((line - line.min()).astype(np.int32)).astype(np.float64)
    return float(np.sum(np.diff(counts) ** 2) / len(across))


def is_empty(ink: Gray) -> bool:
    """Whether a page bears nothing: no mark longer than 4 mm within its margins.

    `ink` is a darkness map of about 75 dpi. Speckle is small and a scanner's shadow lies along
    the edges; a single written word is longer.
    """
    height, width = ink.shape
    edge_y, edge_x = height // 25, width // 25
    inside = ink[edge_y : height - edge_y, edge_x : width - edge_x]
    if inside.size == 0:
        return True
    marks = np.asarray(cv2.medianBlur(np.ascontiguousarray(inside), 3) > 60, np.uint8)
    if cv2.countNonZero(marks) > 0.01 * marks.size:
        return False
    joined = cv2.dilate(marks, np.ones((3, 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    extent = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1, initial=0)
    return not bool(np.any(extent > 14))

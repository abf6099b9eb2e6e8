"""Is a form signed? Asked for is writing on the line, of whatever hand; residue is none.

Initials are short and a flourish is long, but any writing winds: its pen goes at least twice as
far as from its one end to its other. The edge of a stamp and the remains of a ruling do not.
"""

from __future__ import annotations

import cv2
import numpy as np

from extractors.ink import find_ink
from extractors.page_image import FieldImage

_DARK = 170
_NONE = -10.0
_SPAN = 0.025
"""Share of a signature's line: initials span twice as much."""
_WINDING = 1.5
"""Length of the pen's way in diagonals of the ink: 1 for a line, 1.4 for a corner of a stamp;
2 and more in the signatures of the tuning writers' samples."""
_SPAN_STEP, _WINDING_STEP = 4.0, 14.0


def signature_log_odds(image: FieldImage) -> float:
    """By how much of the line the ink spans, and how much it winds."""
    ink = find_ink(image)
    if not ink.present:
        return _NONE * (1.0 - ink.doubt)
    left = min(stroke.left for stroke in ink.strokes)
    right = max(stroke.right for stroke in ink.strokes)
    top = min(stroke.top for stroke in ink.strokes)
    bottom = max(stroke.bottom for stroke in ink.strokes)
    width = image.inner[2] - image.inner[0]
    span = (right - left) / max(width, 1)
    winding = _way_of_the_pen(ink.line) / max(float(np.hypot(right - left, bottom - top)), 1.0)
    return min((span / _SPAN - 1.0) * _SPAN_STEP, (winding - _WINDING) * _WINDING_STEP)


def _way_of_the_pen(line: np.ndarray) -> float:
    """Pixels that the pen went: the ink's area by the pen's width."""
    mask = np.pad((line <= _DARK).astype(np.uint8), 1)
    depth = cv2.distanceTransform(mask, cv2.DIST_L2, 3)
    ridge = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-3) & (depth > 0)
    if not ridge.any():
        return 0.0
    return float(mask.sum()) / max(2.0 * float(np.median(depth[ridge])) - 1.0, 1.0)

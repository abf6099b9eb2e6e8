"""A field as the strip recogniser sees it: the lifted ink and the scan itself, one above the other.

Lifting can take a piece of a stroke for the form's, and leave a piece of the form for a stroke.
With both pictures before it the recogniser can tell a divider from a 1, and a digit that lost
its foot on a ruling from another one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import FieldInk
from extractors.page_image import FieldImage, Gray

HEIGHT = 40
"""Pixels of a strip."""
INK_HEIGHT = 30
"""To which the field's own ink is scaled."""
LONGEST = 640
"""Longer strips are squeezed."""
_AROUND = 7
"""Canvas pixels of paper kept left and right of the ink."""
_LOWEST, _TALLEST = 22, 84
"""Canvas pixels: ink lower or higher than this is scaled as if it were so high."""

Strip = NDArray[np.uint8]
"""2 × `HEIGHT` × width, 0 paper to 255 ink: lifted, and as scanned."""


def strip_of(image: FieldImage, ink: FieldInk) -> Strip:
    """The strip of a field that holds ink."""
    left = min(stroke.left for stroke in ink.strokes) - _AROUND
    right = max(stroke.right for stroke in ink.strokes) + _AROUND
    top = min(stroke.top for stroke in ink.strokes)
    bottom = max(stroke.bottom for stroke in ink.strokes)
    scale = INK_HEIGHT / min(max(bottom - top, _LOWEST), _TALLEST)
    across = scale * min(1.0, LONGEST / (scale * (right - left)))
    width = max(round((right - left) * across), 8)
    middle = (top + bottom) / 2
    # Strip pixel → crop pixel, by their centres.
    to_crop = np.array(
        [
            [1 / across, 0.0, left + 0.5 / across - 0.5],
            [0.0, 1 / scale, middle - (HEIGHT / 2 - 0.5) / scale - 0.5],
        ]
    )
    lifted = _darkness_of_ink(image.ink)
    scanned = _darkness_of_scan(image.registered)
    return np.stack([_warp(layer, to_crop, width, scale) for layer in (lifted, scanned)])


def _warp(layer: Gray, to_crop: NDArray[np.float64], width: int, scale: float) -> Gray:
    if scale < 0.75:  # reduced by more than a third: thin strokes would alias
        layer = np.asarray(cv2.GaussianBlur(layer, (0, 0), 0.35 / scale), np.uint8)
    return np.asarray(
        cv2.warpAffine(
            layer,
            to_crop,
            (width, HEIGHT),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        ),
        np.uint8,
    )


def _darkness_of_ink(gray: Gray) -> Gray:
    dark = cv2.bitwise_not(gray)
    inked = dark[dark > 40]
    strongest = float(np.percentile(inked, 90)) if inked.size else 255.0
    return np.asarray(cv2.convertScaleAbs(dark, alpha=255.0 / max(strongest, 90.0)), np.uint8)


def _darkness_of_scan(gray: Gray) -> Gray:
    paper = float(np.percentile(gray, 80))
    alpha = -255.0 / max(0.85 * paper, 60.0)
    scaled = gray.astype(np.float32) * alpha - paper * alpha
    return np.clip(scaled, 0, 255).astype(np.uint8)

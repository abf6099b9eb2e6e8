"""A field's own ink laid out as the single line of text that a recogniser expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from extractors.ink import FieldInk
from extractors.page_image import Gray

_SMALLEST_INK = 20
"""Pixels at 300 dpi; lower ink (a dash, small letters only) is not blown up beyond this."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """How ink is placed in a line, in pixels of the line."""

    height: int
    """Of the line."""
    ink_height: int
    """To which the ink is scaled."""
    margin: int
    """White at both ends: strokes at the very edge are lost."""
    stretch: float = 1.0
    """Of the width against the height: crowded digits are told apart better when drawn out."""
    longest: int = 1200
    """Longer lines are squeezed."""


def lay_out(line: Gray, geometry: Geometry) -> Gray:
    """Scale trimmed ink to the geometry's height, full contrast, white around it."""
    line = full_contrast(line)
    scale = _scale(line, geometry)
    height = min(max(round(line.shape[0] * scale), 2), geometry.height)
    width = _width(line, geometry)
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    scaled = cv2.resize(line, (width, height), interpolation=method)
    placed = np.full((geometry.height, width + 2 * geometry.margin), 255, np.uint8)
    top = (geometry.height - height) // 2
    placed[top : top + height, geometry.margin : geometry.margin + width] = scaled
    return placed


def placed_at(line: Gray, column: float, geometry: Geometry) -> float:
    """Where a column of the ink's line lies once it is laid out."""
    return geometry.margin + column * _width(line, geometry) / line.shape[1]


def _scale(line: Gray, geometry: Geometry) -> float:
    return geometry.ink_height / max(line.shape[0], _SMALLEST_INK)


def _width(line: Gray, geometry: Geometry) -> int:
    wide = round(line.shape[1] * _scale(line, geometry) * geometry.stretch)
    return min(max(wide, 2), geometry.longest)


def full_contrast(line: Gray) -> Gray:
    """The darkest ink black, paper white."""
    darkest = float(np.percentile(line, 2))
    if darkest >= 200:
        return line
    stretched = (line.astype(np.float32) - darkest) * (255.0 / (250.0 - darkest))
    return np.clip(stretched, 0, 255).astype(np.uint8)


def close_gaps(ink: FieldInk, widest: int) -> Gray:
    """The line with white columns between strokes cut down to `widest` pixels (for combs)."""
    spans = _spans([(s.left - ink.left, s.right - ink.left) for s in ink.strokes])
    pieces: list[Gray] = []
    height, width = ink.line.shape
    for index, (left, right) in enumerate(spans):
        before = left if index == 0 else left - spans[index - 1][1]
        pieces.append(np.full((height, min(before, widest)), 255, np.uint8))
        pieces.append(ink.line[:, left:right])
    pieces.append(np.full((height, min(max(width - spans[-1][1], 0), widest)), 255, np.uint8))
    return np.hstack(pieces)


def _spans(intervals: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Overlapping intervals joined, in order."""
    joined: list[tuple[int, int]] = []
    for left, right in sorted(intervals):
        if joined and left <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(right, joined[-1][1])
        else:
            joined.append((left, right))
    return joined

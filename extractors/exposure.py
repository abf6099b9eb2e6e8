"""How one scan came out: how dark its print, how grainy its paper, how far its print spreads.

Faded film, blurred copies and thresholded faxes are told by the form's own print, of which it
is known where it lies. From then on every piece of the page is seen alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.inkmap import paper
from extractors.page_image import Gray

_DARK = 70
"""Darkness (0 to 255) from which a pixel is ink: pencil is above, tints and noise are below."""
_GOOD_PRINT = 215.0
"""Darkness of black print on a good gray scan."""
_MOST_GAIN = 2.0
_EMPTY = 12
"""Canvas pixels from the blank's ink from which there is paper, or what the filer wrote."""
_ABOVE_NOISE = 5.2
"""Deviations of the paper's grain from which a pixel is ink."""
_SPECK = 2.0
"""Times the median difference of neighbouring paper from which a place is a white speck."""
WIDEST = 4
"""Canvas pixels around the blank's ink that may still be the form's: blur, threshold."""
_SAMPLED = 200_000
"""Pixels of a page by which its print and paper are judged."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """How one scan came out, measured over the whole page."""

    specks: int
    """Gray levels by which a place lighter than those around it is a white speck."""
    gain: float
    """By which its darkness is raised to that of good print."""
    level: float
    """Darkness from which a pixel is ink, above the noise of the paper."""
    reach: int
    """Pixels beyond the blank's ink that the scan's print reaches."""

    def darkness(self, registered: Gray) -> Gray:
        dark = canvas_darkness(registered, self.specks)
        return strengthened(dark, self.gain)


def expose(pieces: Sequence[Gray], distances: Sequence[Gray]) -> Exposure:
    """Measured on some pieces of a page, with their pixels' distance from the blank's ink."""
    lights = [lightest(piece) for piece in pieces]
    specks = speck_height(lights)
    every = max(round((sum(piece.size for piece in pieces) / _SAMPLED) ** 0.5), 1)
    darks = [
        canvas_darkness(piece, specks, light)[::every, ::every].ravel()
        for piece, light in zip(pieces, lights, strict=True)
    ]
    dark = np.concatenate(darks)
    distance = np.concatenate([one[::every, ::every].ravel() for one in distances])
    gain, level = gain_and_level(dark, distance)
    return Exposure(specks, gain, level, spread(strengthened(dark, gain) > level, distance))


def lightest(registered: Gray) -> Gray:
    """The lightest of every 4 × 4 pixels: the mean would darken paper beside strokes."""
    light = cv2.dilate(registered, np.ones((4, 4), np.uint8))[::4, ::4]
    return np.ascontiguousarray(light)


def canvas_darkness(registered: Gray, specks: int, light: Gray | None = None) -> Gray:
    """`darkness` of a canvas or a piece of it, its paper measured on a reduced copy for speed."""
    height, width = registered.shape
    light = lightest(registered) if light is None else light
    small = paper(without_white_specks(light, specks), 9)
    even = cv2.divide(registered, cv2.resize(small, (width, height)), scale=255)
    return np.asarray(cv2.bitwise_not(even, dst=even), np.uint8)


def speck_height(lights: Sequence[Gray]) -> int:
    """How much lighter than those around it a place of these maps of paper is no paper."""
    unlike = [
        cv2.absdiff(light, np.asarray(cv2.medianBlur(light, 3), np.uint8))[::2, ::2].ravel()
        for light in lights
    ]
    return round(_SPECK * float(np.median(np.concatenate(unlike)))) + 3


def without_white_specks(light: Gray, specks: int) -> Gray:
    """The map of paper with single places far lighter than those around them made as those are.

    A speck of film is no paper: everything around it would be darker than that, and ink.
    """
    around = np.asarray(cv2.medianBlur(light, 3), np.uint8)
    return np.asarray(
        cv2.min(light, cv2.add(around, np.full_like(around, min(specks, 255)))), np.uint8
    )


def gain_and_level(dark: Gray, distance: Gray) -> tuple[float, float]:
    """How much to raise the darkness of a faded page, and the level of its ink.

    How dark ink is on this scan, the form's own print shows. The level stays above the noise
    of the paper.
    """
    printed, empty = dark[distance == 0], dark[distance > _EMPTY]
    print_darkness = float(np.percentile(printed, 70)) if printed.size else _GOOD_PRINT
    gain = float(np.clip(_GOOD_PRINT / max(print_darkness, 1.0), 1.0, _MOST_GAIN))
    return gain, float(np.clip(_ABOVE_NOISE * _deviation(empty) * gain, _DARK, 2 * _DARK))


def _deviation(dark: Gray) -> float:
    """Of the paper's grain: where a sixth of it is darker. What is written would blow up a mean."""
    if not dark.size:
        return 0.0
    share = np.cumsum(np.bincount(dark, minlength=256)) / dark.size
    usual, darker = np.interp([0.5, 0.84], share, np.arange(256))
    return float(darker - usual)


def strengthened(dark: Gray, gain: float) -> Gray:
    """The darkness of a faded page raised to that of good print."""
    if gain <= 1.05:
        return dark
    return np.asarray(cv2.convertScaleAbs(dark, alpha=gain), np.uint8).reshape(dark.shape)


def spread(seen: NDArray[np.bool_], distance: Gray) -> int:
    """How many pixels beyond the blank's ink the scan's print reaches.

    Blur, threshold and what registration misses thicken print differently on every scan. Ink
    at each distance from the blank's is counted: print falls off steeply, handwriting does
    not.
    """
    counts = np.bincount(distance, minlength=256)[:12].astype(np.float64)
    inked = np.bincount(distance[seen], minlength=256)[:12]
    share = inked / np.maximum(counts, 1)
    elsewhere = float(np.mean(share[WIDEST + 2 : 12]))
    for reach in range(1, WIDEST + 1):
        if share[reach + 1] < elsewhere + 0.04:
            return reach
    return WIDEST

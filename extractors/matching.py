"""Finding a blank's patches on a page, and the homography that they agree on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.blank_page import Patch
from extractors.inkmap import Matrix, above, apply
from extractors.page_image import Gray

_SURE = 0.35
"""Correlation from which a patch counts as found: a bitonal fax of a patch is above it."""


_COUNTED = 30_000
"""Pixels of a blank's ink: a share of them is known to a part in three hundred."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Where patches were found on an image that lies roughly on the blank's canvas."""

    expected: NDArray[np.float64]
    """n × 2: centres of the patches on the blank, in pixels."""
    found: NDArray[np.float64]
    """n × 2: where they were seen."""
    strength: NDArray[np.float64]
    """n: correlation, 0 to 1."""


def match_patches(image: Gray, patches: Sequence[Patch], reach: int) -> Matches:
    """Search each patch within `reach` pixels of where the blank has it, to parts of a pixel."""
    expected, found, strength = [], [], []
    height, width = image.shape
    for patch in patches:
        high, wide = patch.template.shape
        left, top = max(patch.x - reach, 0), max(patch.y - reach, 0)
        right = min(patch.x + wide + reach, width)
        bottom = min(patch.y + high + reach, height)
        if right - left <= wide or bottom - top <= high:
            continue
        # Of floats, OpenCV correlates in two thirds of the time.
        answer = cv2.matchTemplate(
            image[top:bottom, left:right].astype(np.float32),
            patch.template.astype(np.float32),
            cv2.TM_CCOEFF_NORMED,
        )
        _, best, _, place = cv2.minMaxLoc(answer)
        if not math.isfinite(best) or best < _SURE:
            continue
        x, y = _peak(np.asarray(answer, np.float32), place[0], place[1])
        across, down = (wide - 1) / 2, (high - 1) / 2
        expected.append((patch.x + across, patch.y + down))
        found.append((left + x + across, top + y + down))
        strength.append(best)
    return Matches(
        np.array(expected, np.float64).reshape(-1, 2),
        np.array(found, np.float64).reshape(-1, 2),
        np.array(strength, np.float64),
    )


def _peak(answer: NDArray[np.float32], x: int, y: int) -> tuple[float, float]:
    """The peak's place by a parabola through its neighbours in each direction."""
    return (
        x + _vertex(answer[y, max(x - 1, 0) : x + 2].tolist()),
        y + _vertex(answer[max(y - 1, 0) : y + 2, x].tolist()),
    )


def _vertex(three: list[float]) -> float:
    if len(three) != 3:
        return 0.0
    before, at, after = three
    bend = before - 2 * at + after
    return min(max((before - after) / (2 * bend), -0.5), 0.5) if bend < -1e-6 else 0.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A homography from the blank's pixels to where they were found, and how well it fits."""

    matrix: Matrix
    inliers: int
    residual: float
    """Median distance of the inliers, in pixels of the image searched."""


def fit_homography(matches: Matches, within: float, least: int) -> Fit | None:
    """The homography that most matches agree on within so many pixels; none if too few do."""
    if len(matches.expected) < least:
        return None
    # A fixed seed: reading the same page twice must give the same numbers.
    cv2.setRNGSeed(1)
    answer, mask = cv2.findHomography(
        matches.expected, matches.found, cv2.RANSAC, within, maxIters=2000, confidence=0.999
    )
    if answer is None or mask is None:
        return None
    matrix = np.asarray(answer, np.float64)
    agreed = mask.ravel().astype(bool)
    if int(agreed.sum()) < least or not is_plausible(matrix, matches.expected):
        return None
    expected, found = matches.expected[agreed], matches.found[agreed]
    distance = np.linalg.norm(apply(matrix, expected) - found, axis=1)
    return Fit(matrix, int(agreed.sum()), float(np.median(distance)))


def is_plausible(matrix: Matrix, points: NDArray[np.float64]) -> bool:
    """Whether a map of a page keeps its size and sense: no folding, no mirror, no collapse."""
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    lifted = np.column_stack([corners, np.ones(4)]) @ matrix.T
    if np.any(lifted[:, 2] <= 0):
        return False
    before = _signed_area(corners)
    after = _signed_area(lifted[:, :2] / lifted[:, 2:])
    return before > 0 and 0.7 < after / before < 1.4


def _signed_area(corners: NDArray[np.float64]) -> float:
    x, y = corners[:, 0], corners[:, 1]
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2)


def share_found(
    places: NDArray[np.int32], image: Gray, reach: int = 1, matrix: Matrix | None = None
) -> float:
    """Share of the blank's ink that the image shows in place, less what chance would show.

    `image` is a darkness map on the blank's own canvas, `places` are the blank's `ink_places`;
    a `matrix` says where on the image the canvas's pixels lie if not in place. Chance is
    measured by shifting the blank: a page that is dark everywhere finds any form's ink
    anywhere, and so scores nothing.
    """
    if not places.size:
        return 0.0
    width = image.shape[1]
    at = places if matrix is None else _moved(places, matrix, image)
    seen = cv2.dilate(above(image, 70), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    flat = np.asarray(seen, np.uint8).ravel()
    here, *away = (
        np.count_nonzero(flat.take(at - (dy * width + dx), mode="wrap")) / max(at.size, 1)
        for dx, dy in ((0, 0), (19, 11), (-17, 13), (13, -23))
    )
    chance = min(float(np.mean(away)), 0.95)
    return float(np.clip((here - chance) / (1 - chance), 0.0, 1.0))


def _moved(places: NDArray[np.int32], matrix: Matrix, image: Gray) -> NDArray[np.int32]:
    """Where a sample of the places comes to lie, within the image."""
    height, width = image.shape
    rows, columns = np.divmod(places[:: max(places.size // _COUNTED, 1)], width)
    moved = np.rint(apply(matrix, np.column_stack([columns, rows]).astype(np.float64)))
    x = np.clip(moved[:, 0], 0, width - 1).astype(np.int32)
    y = np.clip(moved[:, 1], 0, height - 1).astype(np.int32)
    return y * np.int32(width) + x

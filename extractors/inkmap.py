"""From gray pixels to darkness: paper made even, whatever the light, the tint or the polarity."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.page_image import Gray

Matrix = NDArray[np.float64]

_PAPER_IS_DARK = 96
"""Median below which a page is a negative (microfilm): more ink than paper is no form."""


def dark_on_light(gray: Gray) -> Gray:
    """The page with dark ink on light paper; negatives are inverted."""
    sample = gray[:: max(gray.shape[0] // 200, 1), :: max(gray.shape[1] // 200, 1)]
    if np.median(sample) < _PAPER_IS_DARK:
        return 255 - gray
    return gray


def paper(gray: Gray, reach: int) -> Gray:
    """How light the paper is around every pixel.

    `reach` is in pixels: wider than a pen stroke, narrower than a shaded area.
    """
    light = cv2.dilate(gray, np.ones((reach, reach), np.uint8))
    return np.asarray(cv2.blur(light, (reach, reach)), np.uint8)


def darkness(gray: Gray, dpi: float) -> Gray:
    """0 on paper to 255 on full ink, with light, shadow and tints divided out."""
    reach = max(int(dpi * 0.12) | 1, 5)
    even = cv2.divide(gray, paper(gray, reach), scale=255)
    return np.asarray(cv2.bitwise_not(even), np.uint8)


def above(image: Gray, level: float) -> Gray:
    """255 where the image is above a level, else 0."""
    return np.asarray(cv2.threshold(image, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def up_to(image: Gray, level: float) -> Gray:
    """255 where the image is at a level or below, else 0."""
    return np.asarray(cv2.threshold(image, level, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def percentile(gray: Gray, percent: float) -> float:
    """NumPy's, of gray levels: counting them is ten times faster than sorting pixels."""
    up_to = np.cumsum(np.bincount(gray.ravel(), minlength=256))
    place = (int(up_to[-1]) - 1) * percent / 100
    low, high = np.searchsorted(up_to, [int(place), min(int(place) + 1, up_to[-1] - 1)], "right")
    return float(low + (high - low) * (place - int(place)))


def ink_places(dark: Gray) -> NDArray[np.int32]:
    """Where a blank's darkness map has ink, as places in the map read row by row."""
    return np.flatnonzero(dark > 110).astype(np.int32)


def scaling(factor_x: float, factor_y: float | None = None) -> Matrix:
    """Pixel indices of an image → those of the same image resized (centres of pixels kept)."""
    factor_y = factor_x if factor_y is None else factor_y
    return np.array(
        [
            [factor_x, 0.0, (factor_x - 1) / 2],
            [0.0, factor_y, (factor_y - 1) / 2],
            [0.0, 0.0, 1.0],
        ]
    )


def turning(width: int, height: int, turned: int) -> Matrix:
    """Pixel indices of an image → those of the image turned clockwise by 0, 90, 180 or 270°."""
    if turned == 0:
        return np.eye(3)
    if turned == 90:
        return np.array([[0.0, -1.0, height - 1], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    if turned == 180:
        return np.array([[-1.0, 0.0, width - 1], [0.0, -1.0, height - 1], [0.0, 0.0, 1.0]])
    if turned == 270:
        return np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, width - 1], [0.0, 0.0, 1.0]])
    raise ValueError(f"a page is turned by 0, 90, 180 or 270 degrees, not {turned}")


def reduced(gray: Gray, factor: float) -> tuple[Gray, Matrix]:
    """The image made smaller by area, and the matrix from its indices to the smaller one's."""
    if factor >= 1:
        return gray, np.eye(3)
    height, width = gray.shape
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, scaling(size[0] / width, size[1] / height)


def apply(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n × 2) through a homography."""
    lifted = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(lifted[:, :2] / lifted[:, 2:], np.float64)

"""Strips changed a little each time that they are learnt from, and batches of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.training.strips import Labelled
from extractors.engines.strip_image import HEIGHT, LONGEST, Strip

ROOM = 32
"""Widths of a batch are whole multiples of so many pixels: few shapes."""


def vary(strip: Strip, rng: np.random.Generator) -> Strip:
    """Stretched, sheared, moved; paler or darker; thinner or fatter; the lifted picture dulled."""
    height, width = strip.shape[1:]
    if rng.random() < 0.1:
        return strip
    across, up = float(np.exp(rng.normal(0, 0.09))), float(np.exp(rng.normal(0, 0.05)))
    shear = rng.normal(0, 0.1)
    slope = rng.normal(0, 0.01)
    new_width = int(np.clip(round(width * across), 8, LONGEST))
    across = new_width / width
    middle = (height - 1) / 2
    move = rng.normal(0, 1.2)
    matrix = np.array(
        [
            [across, -shear, shear * middle],
            [slope, up, middle - up * middle - slope * width / 2 + move],
        ]
    )
    layers = []
    for layer in strip:
        layers.append(cv2.warpAffine(layer, matrix, (new_width, HEIGHT), flags=cv2.INTER_LINEAR))
    varied = np.stack(layers)
    chance = rng.random()
    if chance < 0.1:
        varied = np.stack([cv2.dilate(layer, np.ones((2, 2), np.uint8)) for layer in varied])
    elif chance < 0.2:
        varied = np.stack([cv2.erode(layer, np.ones((2, 1), np.uint8)) for layer in varied])
    elif chance < 0.3:
        varied = np.stack([cv2.GaussianBlur(layer, (3, 3), 0.8) for layer in varied])
    if rng.random() < 0.3:
        gain = rng.uniform(0.55, 1.3)
        varied = np.clip(varied.astype(np.float32) * gain, 0, 255).astype(np.uint8)
    if rng.random() < 0.12:  # a stroke that lifting lost, or a scratch of the scanner
        x = int(rng.integers(0, max(new_width - 4, 1)))
        varied[0, :, x : x + int(rng.integers(1, 3))] = 0
    if rng.random() < 0.04:
        varied[int(rng.integers(2))] = 0
    return np.asarray(varied, np.uint8)


def batches(
    pool: Sequence[Labelled], rng: np.random.Generator, pixels: int
) -> Iterator[tuple[NDArray[np.uint8], list[str]]]:
    """Without end: (batch × 2 × 40 × width, texts), strips of like width together.

    All batches of one width have one size: PyTorch prepares anew for each shape.

    Args:
        pixels: widths of all strips of a batch together, about.
    """
    waiting: dict[int, list[tuple[Strip, str]]] = defaultdict(list)
    while True:
        one = pool[int(rng.integers(len(pool)))]
        strip = vary(one.strip, rng)
        width = padded_width(strip.shape[2])
        group = waiting[width]
        group.append((strip, one.text))
        if len(group) >= max(pixels // width, 1):
            yield stack([strip for strip, _ in group]), [text for _, text in group]
            group.clear()


def padded_width(width: int) -> int:
    """The next of the few widths that batches have."""
    return -(-width // ROOM) * ROOM


def stack(strips: Sequence[Strip]) -> NDArray[np.uint8]:
    """Strips padded with paper to one width."""
    width = padded_width(max(strip.shape[2] for strip in strips))
    stacked = np.zeros((len(strips), 2, HEIGHT, width), np.uint8)
    for row, strip in enumerate(strips):
        stacked[row, :, :, : strip.shape[2]] = strip
    return stacked

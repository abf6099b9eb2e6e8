"""A line of writing: characters placed after each other, drawn on a small patch of coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.samples.ink_hands import Hand
from benchmarks.samples.ink_pen import REFERENCE_HEIGHT, Glyph, Mask


@dataclass(slots=True)
class Placed:
    """A glyph and where its origin goes, in capital heights from the line's start."""

    character: str
    glyph: Glyph
    x: float
    y: float = 0.0
    turn: float = 0.0
    size: float = 1.0


@dataclass(slots=True)
class Line:
    """Characters in order. Lengths are in capital heights; y grows downwards."""

    placed: list[Placed]
    left: float
    right: float
    text: str
    """What is really written: without characters that the hand cannot draw."""

    @property
    def width(self) -> float:
        return self.right - self.left


def _draw(hand: Hand, character: str, rng: np.random.Generator) -> Placed | None:
    glyph = hand.glyph(character, rng)
    if glyph is None:
        return None
    habits = hand.habits
    return Placed(
        character,
        glyph,
        0.0,
        y=rng.normal(0.0, habits.wobble) if habits.wobble else 0.0,
        turn=rng.normal(0.0, habits.turn_jitter) if habits.turn_jitter else 0.0,
        size=float(np.clip(rng.normal(1.0, habits.size_jitter), 0.85, 1.18)),
    )


def _printed_space(hand: Hand, rng: np.random.Generator) -> float:
    """A machine's space: a whole step where all steps are equal, else half a digit's."""
    narrow, wide = hand.glyph("i", rng), hand.glyph("0", rng)
    if narrow is None or wide is None:
        return hand.habits.word_space
    equal = abs(narrow.advance - wide.advance) < 0.02 * wide.advance
    return wide.advance / REFERENCE_HEIGHT * (1.0 if equal else 0.5)


def write_line(hand: Hand, text: str, rng: np.random.Generator) -> Line:
    """The text as the hand writes it, at its natural spacing."""
    habits = hand.habits
    placed: list[Placed] = []
    written: list[str] = []
    x = 0.0
    left, right = 0.0, 0.0
    for character in text:
        if character.isspace():
            space = habits.word_space
            if hand.is_typed:
                space = _printed_space(hand, rng)
            x += space * (1 + rng.normal(0.0, 3 * habits.spacing_jitter))
            written.append(" ")
            continue
        one = _draw(hand, character, rng)
        if one is None:
            continue
        if placed and rng.random() < habits.touching:
            x -= rng.uniform(0.06, 0.16)
        one.x = x
        unit = one.size / REFERENCE_HEIGHT
        left = min(left, x + one.glyph.left * unit) if placed else x + one.glyph.left * unit
        right = max(right, x + one.glyph.right * unit) if placed else x + one.glyph.right * unit
        placed.append(one)
        written.append(character)
        x += one.glyph.advance * unit * habits.spacing + rng.normal(0.0, habits.spacing_jitter)
    return Line(placed, left, right, "".join(written).strip())


def write_cells(hand: Hand, text: str, centres: Sequence[float], rng: np.random.Generator) -> Line:
    """One character at each of the centres (capital heights from the line's start)."""
    placed: list[Placed] = []
    written: list[str] = []
    for character, centre in zip(text, centres, strict=True):
        one = None if character.isspace() else _draw(hand, character, rng)
        if one is None:
            continue
        unit = one.size / REFERENCE_HEIGHT
        middle = (one.glyph.left + one.glyph.right) / 2 * unit
        astray = 0.0 if hand.is_typed else rng.normal(0.0, 0.04)
        one.x = centre - middle + astray
        placed.append(one)
        written.append(character)
    return Line(placed, 0.0, max(centres, default=0.0), "".join(written))


def place(
    one: Placed,
    start: tuple[float, float],
    scale: tuple[float, float],
    slope: float,
    slant: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], tuple[int, int, int, int]]:
    """Where a character lands: see `draw_line` for the arguments.

    Returns:
        The 2×2 matrix and the move that take pixels of its mask to pixels of the patch, and
        the bounds of the mask there: left, top, right, bottom.
    """
    glyph = one.glyph
    across, up = scale
    unit_x = across * one.size / REFERENCE_HEIGHT
    unit_y = up * one.size / REFERENCE_HEIGHT
    # Mask pixel → patch pixel: about the origin, sheared, turned a little, moved.
    cos, sin = np.cos(one.turn - slope), np.sin(one.turn - slope)
    linear = np.array([[cos, -sin], [sin, cos]]) @ np.array(
        [[unit_x, -slant * unit_y], [0.0, unit_y]]
    )
    x = start[0] + one.x * across
    y = start[1] + one.y * up - np.tan(slope) * one.x * across
    move = np.array([x, y]) - linear @ np.array([glyph.origin, glyph.baseline])
    tall, wide = glyph.mask.shape
    corners = linear @ np.array([[0, wide, 0, wide], [0, 0, tall, tall]]) + move[:, None]
    left, top = np.floor(corners.min(axis=1)).astype(int)
    right, bottom = np.ceil(corners.max(axis=1)).astype(int) + 1
    return linear, move, (int(left), int(top), int(right), int(bottom))


def draw_line(
    patch: Mask,
    line: Line,
    start: tuple[float, float],
    scale: tuple[float, float],
    slope: float,
    slant: float,
) -> None:
    """Draws the line on the patch of coverage, in place, keeping the darker of two strokes.

    Args:
        patch: height × width, canvas pixels.
        line: what to draw.
        start: x, y in the patch where the line's zero lies.
        scale: pixels of a capital height, across and upwards.
        slope: radians by which the baseline climbs.
        slant: shear to the right.
    """
    height, width = patch.shape
    for one in line.placed:
        linear, move, box = place(one, start, scale, slope, slant)
        left, top = max(box[0], 0), max(box[1], 0)
        right, bottom = min(box[2], width), min(box[3], height)
        if right <= left or bottom <= top:
            continue
        affine = np.column_stack([linear, move - (left, top)])
        drawn = cv2.warpAffine(
            one.glyph.mask, affine, (right - left, bottom - top), flags=cv2.INTER_LINEAR
        )
        window = patch[top:bottom, left:right]
        np.maximum(window, drawn, out=window)

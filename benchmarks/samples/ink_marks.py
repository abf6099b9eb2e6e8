"""Marks in checkboxes and signatures, drawn as pen strokes."""

from __future__ import annotations

import numpy as np

from benchmarks.samples.ink_hands import Hand
from benchmarks.samples.ink_pen import Mask, Points, curve_through, draw_strokes

_MISSES = 0.004
"""Share of a pen's marks beside the box, by hands that otherwise mark it."""
_FAR = 0.06
"""Share of ticks whose tail runs far out, into another box if there is one."""
_PRINTED_TICK = ((0.15, 0.52), (0.40, 0.80), (0.88, 0.16))


def _jittered(points: Points, amount: float, rng: np.random.Generator) -> Points:
    return points + rng.normal(0.0, amount, points.shape)


def mark_strokes(style: str, rng: np.random.Generator) -> list[Points]:
    """Strokes of a mark, in units of the box: 0 to 1 from its top left."""
    if style == "cross":
        over = rng.uniform(-0.12, 0.3)
        first = np.array([[-over, -over], [0.5, 0.48], [1 + over, 1 + over]])
        second = np.array([[1 + over, -over], [0.5, 0.52], [-over, 1 + over]])
        return [curve_through(_jittered(s, 0.07, rng)) for s in (first, second)]
    if style == "tick":
        tick = np.array([[0.02, 0.42], [0.34, 0.9], [0.62, 0.3], [1.35, -0.55]])
        return [curve_through(_jittered(tick, 0.08, rng))]
    if style == "slash":
        slash = np.array([[-0.1, 1.15], [0.5, 0.5], [1.15, -0.2]])
        return [curve_through(_jittered(slash, 0.07, rng))]
    if style == "filled":
        rows = np.linspace(0.1, 0.9, int(rng.integers(6, 9)))
        zigzag = np.array([[0.08 if i % 2 else 0.92, row] for i, row in enumerate(rows)])
        down = np.array([[0.92 if i % 2 else 0.08, row] for i, row in enumerate(rows[::-1])])
        return [_jittered(np.vstack([zigzag, down]), 0.05, rng)]
    if style == "circled":
        return [_ring(rng)]
    if style == "beside":
        tick = np.array([[0.02, 0.42], [0.3, 0.85], [0.85, -0.1]])
        tick[:, 0] += rng.choice([-1.0, 1.0]) * rng.uniform(0.85, 1.02)
        return [curve_through(_jittered(tick, 0.06, rng))]
    turns = np.linspace(0, rng.uniform(4.2, 6.5) * np.pi, 26) + rng.uniform(0, 6.28)
    radius = np.linspace(0.62, 0.15, 26)
    spiral = np.column_stack([0.5 + radius * np.cos(turns), 0.5 + radius * np.sin(turns)])
    return [curve_through(_jittered(spiral, 0.05, rng))]


def _with_a_long_tail(tick: Points, rng: np.random.Generator) -> Points:
    """The tick with its last section drawn out."""
    last = len(tick) - 9
    stretch = np.linspace(0, 1, len(tick) - last)[:, None]
    longer = tick.copy()
    longer[last:] += stretch * [rng.uniform(0.3, 1.2), -rng.uniform(0.2, 0.8)]
    return longer


def _ring(rng: np.random.Generator) -> Points:
    """A ring drawn round the box, its ends passing each other."""
    turns = np.linspace(0, rng.uniform(2.0, 2.3) * np.pi, 22) + rng.uniform(0, 6.28)
    reach = np.array([rng.uniform(0.78, 1.1), rng.uniform(0.75, 0.98)])
    drift = np.linspace(1.0, rng.uniform(0.9, 1.08), 22)[:, None]
    around = np.column_stack([np.cos(turns), np.sin(turns)]) * reach * drift
    return curve_through(_jittered(around, 0.02, rng) + 0.5 + rng.normal(0, 0.06, 2))


def draw_mark(
    patch: Mask,
    hand: Hand,
    box: tuple[float, float, float, float],
    rng: np.random.Generator,
    odd: np.random.Generator | None = None,
) -> str:
    """Draws the hand's mark for a box (left, top, right, bottom in the patch), in place.

    Returns how it was made. Seldom the pen misses the box; `odd` is the chance of that alone.
    """
    left, top, right, bottom = box
    size = np.array([right - left, bottom - top])
    style = hand.habits.mark_style
    if hand.is_typed:
        if style == "tick":
            strokes = [np.array(_PRINTED_TICK)]
        else:
            strokes = [
                np.array([[0.15, 0.15], [0.85, 0.85]]),
                np.array([[0.85, 0.15], [0.15, 0.85]]),
            ]
        width = 3.6
    else:
        if rng.random() < 0.1:  # people are not machines
            style = "cross"
        if odd is not None and odd.random() < _MISSES:
            style = "beside"
        strokes = mark_strokes(style, rng)
        if style == "tick" and odd is not None and odd.random() < _FAR:
            strokes = [_with_a_long_tail(strokes[0], odd)]
        width = hand.habits.pen_width
        size = size * rng.normal(1.0, 0.06)
        left, top = np.array([left, top]) + rng.normal(0.0, 2.2, 2)
    placed = [stroke * size + (left, top) for stroke in strokes]
    np.maximum(patch, draw_strokes(placed, (patch.shape[0], patch.shape[1]), width), out=patch)
    return style


def signature_strokes(width: float, height: float, rng: np.random.Generator) -> list[Points]:
    """A scribbled name: a large first letter, loops that get flatter, a flourish; pixels.

    x from 0 to `width`, y upwards negative from the baseline; `height` of the first letter.
    """
    strokes: list[Points] = []
    start = 0.0
    for _ in range(int(rng.integers(1, 3)) + 1):
        initial = rng.uniform(0.7, 1.1) * height
        span = rng.uniform(0.28, 0.45) * width
        knots: list[tuple[float, float]] = [
            (start, -0.1 * height),
            (start + 0.25 * initial, -initial),
            (start + 0.45 * initial, -0.75 * initial),
            (start + 0.2 * initial, 0.05 * height),
            (start + 0.5 * initial, -0.15 * height),
        ]
        x = knots[-1][0]
        while x < start + span:
            step = rng.uniform(0.12, 0.28) * height
            tall = rng.choice([0.25, 0.35, 0.9], p=[0.5, 0.36, 0.14]) * height
            knots += [(x + step, -tall * rng.uniform(0.6, 1.1)), (x + 0.8 * step, 0.02 * height)]
            x += step * rng.uniform(0.9, 1.5)
        if rng.random() < 0.6:
            knots.append((x + rng.uniform(0.4, 1.2) * height, -rng.uniform(0, 0.4) * height))
        strokes.append(curve_through(knots))
        start = x + 0.3 * height
        if start > 0.7 * width:
            break
    if rng.random() < 0.35:
        line = np.array([[0.1 * width, 0.18 * height], [0.5 * start, 0.1 * height], [start, 0.0]])
        strokes.append(curve_through(line))
    return strokes

"""Characters drawn as pen strokes, for what a set of real characters lacks: punctuation.

Coordinates are in units of a capital letter's height: x to the right from the pen position,
y upwards from the baseline.
"""

from __future__ import annotations

import numpy as np

from benchmarks.samples.ink_pen import (
    REFERENCE_HEIGHT,
    Glyph,
    Points,
    curve_through,
    draw_strokes,
    trim,
)

Stroke = tuple[tuple[float, float], ...]

_S_SHAPE: Stroke = (
    (0.52, 0.80),
    (0.32, 0.93),
    (0.08, 0.80),
    (0.14, 0.58),
    (0.42, 0.44),
    (0.52, 0.22),
    (0.30, 0.06),
    (0.02, 0.16),
)
_AT_SHAPE: Stroke = (
    (0.62, 0.58),
    (0.45, 0.68),
    (0.30, 0.50),
    (0.36, 0.28),
    (0.54, 0.30),
    (0.64, 0.62),
    (0.66, 0.30),
    (0.84, 0.30),
    (0.90, 0.62),
    (0.66, 0.92),
    (0.30, 0.90),
    (0.06, 0.60),
    (0.12, 0.18),
    (0.44, -0.02),
    (0.80, 0.06),
)

STROKES: dict[str, tuple[Stroke, ...]] = {
    ",": (((0.08, 0.08), (0.07, -0.04), (0.00, -0.18)),),
    ".": (((0.03, 0.02), (0.05, 0.00)),),
    "-": (((0.00, 0.40), (0.18, 0.42), (0.36, 0.40)),),
    "–": (((0.00, 0.40), (0.25, 0.42), (0.50, 0.40)),),
    "_": (((0.00, -0.05), (0.50, -0.05)),),
    "$": (_S_SHAPE, ((0.29, 1.08), (0.27, -0.10))),
    "(": (((0.20, 1.05), (0.02, 0.70), (0.02, 0.25), (0.18, -0.12)),),
    ")": (((0.00, 1.05), (0.18, 0.70), (0.18, 0.25), (0.02, -0.12)),),
    "/": (((0.40, 1.05), (0.20, 0.48), (0.00, -0.08)),),
    "'": (((0.04, 1.02), (0.02, 0.76)),),
    "’": (((0.04, 1.02), (0.02, 0.76)),),
    '"': (((0.02, 1.02), (0.00, 0.76)), ((0.18, 1.02), (0.16, 0.76))),
    "@": (_AT_SHAPE,),
    ":": (((0.03, 0.02), (0.05, 0.00)), ((0.03, 0.45), (0.05, 0.43))),
    ";": (((0.08, 0.08), (0.07, -0.04), (0.00, -0.18)), ((0.06, 0.45), (0.08, 0.43))),
    "+": (((0.00, 0.42), (0.44, 0.42)), ((0.22, 0.66), (0.22, 0.18))),
    "=": (((0.00, 0.52), (0.44, 0.52)), ((0.00, 0.30), (0.44, 0.30))),
    "#": (
        ((0.20, 0.90), (0.10, 0.05)),
        ((0.44, 0.90), (0.34, 0.05)),
        ((0.00, 0.62), (0.56, 0.64)),
        ((0.00, 0.32), (0.54, 0.34)),
    ),
    "&": (
        (
            (0.60, 0.05),
            (0.16, 0.66),
            (0.22, 0.92),
            (0.40, 0.82),
            (0.30, 0.58),
            (0.06, 0.32),
            (0.08, 0.08),
            (0.30, 0.02),
            (0.58, 0.40),
        ),
    ),
    "%": (
        ((0.56, 0.95), (0.08, 0.00)),
        ((0.12, 0.92), (0.00, 0.78), (0.12, 0.66), (0.22, 0.80), (0.12, 0.92)),
        ((0.54, 0.30), (0.42, 0.16), (0.54, 0.02), (0.64, 0.18), (0.54, 0.30)),
    ),
    "*": (
        ((0.16, 0.92), (0.16, 0.56)),
        ((0.00, 0.82), (0.32, 0.64)),
        ((0.32, 0.84), (0.00, 0.64)),
    ),
    "!": (((0.06, 1.00), (0.05, 0.28)), ((0.04, 0.02), (0.06, 0.00))),
    "?": (
        ((0.00, 0.80), (0.20, 0.98), (0.40, 0.80), (0.22, 0.50), (0.20, 0.28)),
        ((0.19, 0.02), (0.21, 0.00)),
    ),
}


def stroke_glyph(character: str, pen_width: float, rng: np.random.Generator) -> Glyph | None:
    """The character as this pen (width in pixels at reference height) draws it once.

    None where there are no strokes for the character.
    """
    strokes = STROKES.get(character)
    if strokes is None:
        return None
    size = REFERENCE_HEIGHT
    origin, baseline = 0.5 * size, 1.4 * size
    stretch = rng.normal(1.0, 0.08, 2)
    paths: list[Points] = []
    for stroke in strokes:
        knots = np.asarray(stroke, dtype=np.float64)
        knots = knots * stretch + rng.normal(0.0, 0.012, knots.shape)
        path = curve_through(knots)
        paths.append(np.column_stack([origin + path[:, 0] * size, baseline - path[:, 1] * size]))
    mask = draw_strokes(paths, (int(1.9 * size), int(2.0 * size)), pen_width)
    right = max(x for stroke in strokes for x, _ in stroke)
    return trim(mask, origin, baseline, (right * stretch[0] + 0.14) * size)

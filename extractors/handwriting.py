"""Is a field's ink print or a hand's?

Print stands on one line and repeats its heights to the pixel; hands do neither. A field with
few strokes says little, so that it leans on the page's other fields.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extractors.confidence import InkKind
from extractors.ink import FieldInk, Stroke

_LETTER = 13
"""Pixels of height from which a stroke counts as a character."""
_PAGE_WEIGHT = 1.5


def ink_kinds(inks: Sequence[FieldInk]) -> list[InkKind]:
    """`typed` or `hand` for every field of one page."""
    own = np.array([print_evidence(ink) for ink in inks])
    if own.size == 0:
        return []
    page = float(np.clip(np.mean(own), -1.0, 1.0)) * _PAGE_WEIGHT
    return ["typed" if evidence + page > 0 else "hand" for evidence in own]


def print_evidence(ink: FieldInk) -> float:
    """Above 0 where the strokes look printed, below where written; 0 where they do not tell."""
    letters = [s for s in ink.strokes if s.height >= _LETTER]
    if len(letters) < 2:
        return 0.0
    spread = min(_baseline_spread(letters), 4.0)
    certainty = min(len(letters) / 5.0, 1.0)
    return float(np.clip((1.1 - spread) * 2.0, -2.5, 2.5)) * certainty


def _baseline_spread(letters: Sequence[Stroke]) -> float:
    """Median distance of the strokes' feet from a straight line through them, in pixels.

    Descenders and joined letters are outvoted by the median.
    """
    x = np.array([s.middle[0] for s in letters])
    y = np.array([float(s.bottom) for s in letters])
    if len(letters) >= 4 and np.ptp(x) > 0:
        slopes = [
            (y[j] - y[i]) / (x[j] - x[i])
            for i in range(len(x))
            for j in range(i + 1, len(x))
            if abs(x[j] - x[i]) > 8
        ]
        slope = float(np.clip(np.median(slopes), -0.03, 0.03)) if slopes else 0.0
        y = y - slope * x
    return float(np.mean(np.sort(np.abs(y - np.median(y)))[: max(2, int(0.8 * len(y)))]))

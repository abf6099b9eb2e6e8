"""White gaps in a line of writing, and how likely each is to part two words.

A recogniser of characters often leaves a space out where letters stand wide, or between a word
and an initial; the paper shows it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from extractors.engines.ctc import Posterior
from extractors.ink import FieldInk

_INK = 160
"""Gray level from which a pixel of a line is taken for ink here."""
_BY_HEIGHT, _BY_MEDIAN, _BY_PITCH, _CONSTANT = 7.75, 3.12, 1.71, 5.05
"""Of the logarithm of a gap's width against the line's height, the line's median gap, and the
mean pitch of its characters. Fitted to 13,693 gaps of the tuning writers (0.4 % told wrong)."""
_GENTLE = 0.7
"""Samples are written more evenly than people write: log-odds are taken at less than they say."""
_NARROWEST = 0.02
_LEAST_MEDIAN = 1.0


class Gap(NamedTuple):
    """White columns between inked ones."""

    left: int
    right: int
    """Columns of the line; `right` is inked again."""
    parts_words: float
    """Probability that a space belongs there, by the widths alone."""


def find_gaps(ink: FieldInk) -> list[Gap]:
    """All gaps of the line, from left to right."""
    inked = np.concatenate(([True], (ink.line <= _INK).any(axis=0), [True]))
    changes = np.flatnonzero(np.diff(inked.astype(np.int8)))
    edges = [(int(a), int(b)) for a, b in zip(changes[::2], changes[1::2], strict=True)]
    height, width = ink.line.shape
    edges = [(a, b) for a, b in edges if a > 0 and b < width]
    if not edges:
        return []
    median = max(float(np.median([b - a for a, b in edges])), _LEAST_MEDIAN)
    pitch = width / (len(edges) + 1)
    return [Gap(a, b, _parts_words(b - a, height, median, pitch)) for a, b in edges]


def _parts_words(gap: int, height: int, median: float, pitch: float) -> float:
    odds = (
        _BY_HEIGHT * math.log(max(gap / height, _NARROWEST))
        + _BY_MEDIAN * math.log(max(gap / median, _NARROWEST))
        + _BY_PITCH * math.log(max(gap / pitch, _NARROWEST))
        + _CONSTANT
    )
    return 1.0 / (1.0 + math.exp(min(-_GENTLE * odds, 50.0)))


def with_spaces(
    posterior: Posterior, space: int, gaps: Sequence[tuple[float, float, float]]
) -> Posterior:
    """The posterior with the gaps' evidence for and against a space in their frames.

    Args:
        posterior: rows summing to 1; left as it is.
        space: column of the space.
        gaps: first frame, last frame (fractions of frames) and probability of each gap.
    """
    seen = posterior.copy()
    for first, last, likely in gaps:
        low = min(max(math.floor(first), 0), len(seen) - 1)
        high = min(max(math.ceil(last), low + 1), len(seen))
        # The frame of the gap that is least a letter's.
        at = low + int(np.argmax(seen[low:high, 0] + seen[low:high, space]))
        free = float(seen[at, 0] + seen[at, space])
        seen[at, 0] = free * (1.0 - likely)
        seen[at, space] = free * likely
    return seen

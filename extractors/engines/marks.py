"""Checkboxes, choices and signatures: is there ink where the blank has none?"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from extractors.ink import FieldInk, find_ink, ink_threshold
from extractors.page_image import FieldImage, Gray
from schemas.forms import FieldKind
from schemas.readings import Reading

_RIM = 0.12
"""Share of a checkbox's side left out all round: residue of its frame lies there."""
_EVEN = 0.045
"""Share of dark pixels inside the rim at which marked and unmarked are equally likely."""
_STEP = 0.0065
"""Change of that share that multiplies the odds by e. Both from the tuning samples: a thin
slash covers 8 % and more, frames and specks that stay behind 2 % and less."""
_FILLED_RIM = 0.22
_FILLED_EVEN = 0.3
_FILLED_STEP = 0.03
"""The same for the scan before lifting, farther from the frame: only for boxes filled in."""
_SIGNED_WIDTH = 0.06
"""Share of a signature's line that ink must span."""
_MOST = 0.9995


class MarksEngine:
    """Reads `X` or the empty text, surely or less so by how much ink there is."""

    name = "marks"
    version = "1"

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        return [self._read(image) for image in batch]

    def _read(self, image: FieldImage) -> Reading:
        if image.definition.kind is FieldKind.SIGNATURE:
            odds = _signature_log_odds(image, find_ink(image))
        else:
            odds = (dark_share(image) - _EVEN) / _STEP
            # A box filled in is so like a thick frame that lifting may take it for the form's.
            odds = max(odds, (filled_share(image) - _FILLED_EVEN) / _FILLED_STEP)
        certain = min(1.0 / (1.0 + math.exp(-min(abs(odds), 30.0))), _MOST)
        return Reading(
            engine=self.name,
            version=self.version,
            text="X" if odds > 0 else "",
            confidence=certain,
        )


def dark_share(image: FieldImage) -> float:
    """Share of the box, without its rim, that the filer's ink covers."""
    inside = _without_rim(image.ink, image.inner, _RIM)
    return float(np.mean(inside <= ink_threshold(image.ink))) if inside.size else 0.0


def filled_share(image: FieldImage) -> float:
    """Share of the box's middle that is dark on the scan; inside, official checkboxes are white."""
    inside = _without_rim(image.registered, image.inner, _FILLED_RIM)
    paper = float(np.percentile(image.registered, 90))
    return float(np.mean(inside < 0.5 * paper)) if inside.size else 0.0


def _without_rim(gray: Gray, inner: tuple[int, int, int, int], rim: float) -> Gray:
    x0, y0, x1, y1 = inner
    rim_x, rim_y = round(rim * (x1 - x0)), round(rim * (y1 - y0))
    return gray[max(y0 + rim_y, 0) : y1 - rim_y, max(x0 + rim_x, 0) : x1 - rim_x]


def _signature_log_odds(image: FieldImage, ink: FieldInk) -> float:
    """By how much of the line the writing spans."""
    if not ink.present:
        return -6.0 * (1.0 - ink.doubt)
    left = min(stroke.left for stroke in ink.strokes)
    right = max(stroke.right for stroke in ink.strokes)
    spanned = (right - left) / max(image.inner[2] - image.inner[0], 1)
    return (spanned / _SIGNED_WIDTH - 1.0) * 4.0

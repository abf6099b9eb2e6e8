"""Is a form signed? Writing on the line is asked for, whoever wrote it; residue and a stamp's edge
are none.
"""

from __future__ import annotations

from extractors.ink import FieldInk, find_ink
from extractors.page_image import FieldImage

_SIGNED_WIDTH = 0.06
"""Share of a signature's line that ink must span."""


def signature_log_odds(image: FieldImage) -> float:
    """By how much of the line the writing spans."""
    ink: FieldInk = find_ink(image)
    if not ink.present:
        return -6.0 * (1.0 - ink.doubt)
    left = min(stroke.left for stroke in ink.strokes)
    right = max(stroke.right for stroke in ink.strokes)
    spanned = (right - left) / max(image.inner[2] - image.inner[0], 1)
    return (spanned / _SIGNED_WIDTH - 1.0) * 4.0

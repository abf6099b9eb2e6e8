"""The cells that are printed in a box: people write between the lines that they see."""

from __future__ import annotations

import numpy as np

from extractors.page_image import CANVAS_SCALE, Gray
from schemas.forms import FieldDefinition, FieldKind

_COMB_KINDS = (
    FieldKind.TAXPAYER_ID,
    FieldKind.ROUTING_NUMBER,
    FieldKind.ACCOUNT_NUMBER,
    FieldKind.PHONE,
    FieldKind.CODE,
)
_SSN_GROUPS = (3, 2, 4)


def printed_dividers(blank: Gray, field: FieldDefinition) -> list[float]:
    """x of the upright lines, full or dotted, within a field's box; canvas pixels."""
    x0, y0, x1, y1 = (edge * CANVAS_SCALE for edge in field.box)
    inset = 6  # the box's own frame
    left = int(x0) + inset
    window = blank[int(y0) + 4 : int(y1) - 3, left : int(x1) - inset]
    if window.size == 0:
        return []
    inked = (window < 140).mean(axis=0) > 0.4
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inked, [False]]).astype(int)))
    runs = edges.reshape(-1, 2)
    return [left + (start + end) / 2 for start, end in runs if end - start <= 6]


def comb_text(field: FieldDefinition, text: str) -> str | None:
    """The characters for the field's comb, without the dashes that it stands for.

    None where the field has no comb or the text does not fit.
    """
    if field.comb is None:
        return None
    bare = text
    if field.kind in _COMB_KINDS:
        bare = "".join(character for character in text if character.isalnum())
    return bare if 0 < len(bare) <= field.comb else None


def groups_between(text: str, dividers: int) -> list[str] | None:
    """A number of nine digits in the three groups that two dividers ask for; else None."""
    if dividers + 1 != len(_SSN_GROUPS) or len(text) != sum(_SSN_GROUPS):
        return None
    first, second, _ = _SSN_GROUPS
    return [text[:first], text[first : first + second], text[first + second :]]


def cell_centres(
    field: FieldDefinition, count: int, dividers: list[float], typed: bool
) -> list[float]:
    """x of the middle of the first `count` cells, canvas pixels from the page's left.

    A machine fills equal cells, as fillable forms do. A pen keeps between the printed lines:
    the digits of a group spread over the group's own space.
    """
    x0, x1 = field.box.x0 * CANVAS_SCALE, field.box.x1 * CANVAS_SCALE
    cells = field.comb or count
    groups = None if typed else groups_between("0" * count, len(dividers))
    if groups is None:
        width = (x1 - x0) / cells
        return [x0 + (index + 0.5) * width for index in range(count)]
    edges = [x0, *dividers, x1]
    centres: list[float] = []
    for left, right, group in zip(edges, edges[1:], groups, strict=False):
        width = (right - left) / len(group)
        centres += [left + (index + 0.5) * width for index in range(len(group))]
    return centres

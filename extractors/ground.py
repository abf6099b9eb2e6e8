"""What a form has printed on its canvas, as lifting wants it: where its ink, rulings and dividers
are.

Kept around the fields only: of a whole canvas it is 17 MB, and a department can have hundreds
of pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.areas import Area, FieldArea, field_areas, strips
from extractors.dividers import Divider, find_dividers
from extractors.inkmap import up_to
from extractors.page_image import Gray
from schemas.forms import FieldDefinition

INK_LEVEL = 200
"""Canvas pixels of a blank darker than this are its ink; its tints are lighter."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """One area of a blank's canvas."""

    distance: Gray
    """Of every pixel from the blank's nearest ink, in pixels, at most 255."""
    packed_rulings: NDArray[np.uint8]
    """Whether a thin straight line is near, dashed ones too, and no other print: rows of bits."""
    dividers: tuple[Divider, ...]
    """Upright thin lines inside text fields, counted from the area's corner."""

    def rulings(self, area: Area) -> Gray:
        """255 near thin straight lines within a part of it."""
        rows = self.packed_rulings[area.top : area.bottom]
        bits = np.unpackbits(rows, axis=1, count=self.distance.shape[1])
        return bits[:, area.left : area.right] * np.uint8(255)


@dataclass(frozen=True, slots=True, eq=False)
class Grounds:
    """A blank's canvas around its fields, and a sample of all of it."""

    around_fields: tuple[tuple[FieldArea, Ground], ...]
    sample: tuple[tuple[Area, Gray], ...]
    """Strips and their pixels' distance from the blank's ink."""


def whole_ground(printed: Gray, fields: Sequence[FieldDefinition]) -> Ground:
    """All of a canvas; `printed` is all ink that the form may have had before it was filled in."""
    dividers = find_dividers(up_to(printed, INK_LEVEL), fields)
    return Ground(ink_distance(printed), _packed(rulings(printed)), dividers)


def make_grounds(printed: Gray, fields: Sequence[FieldDefinition]) -> Grounds:
    """What of a canvas is worth keeping."""
    whole = whole_ground(printed, fields)
    shape = (printed.shape[0], printed.shape[1])
    return Grounds(
        tuple(
            (
                area,
                Ground(
                    whole.distance[area.seen.pixels].copy(),
                    _packed(whole.rulings(area.seen)),
                    dividers_in(area, whole.dividers),
                ),
            )
            for area in field_areas(fields, shape)
        ),
        tuple((one, whole.distance[one.pixels].copy()) for one in strips(shape)),
    )


def dividers_in(area: FieldArea, dividers: Sequence[Divider]) -> tuple[Divider, ...]:
    """Those of a canvas that lie in one area, counted from its corner."""
    wanted, seen = area.wanted, area.seen
    return tuple(
        one.moved(-seen.left, -seen.top)
        for one in dividers
        if wanted.left <= one.left < wanted.right and wanted.top <= one.top < wanted.bottom
    )


def _packed(mask: Gray) -> NDArray[np.uint8]:
    return np.packbits(mask > 0, axis=1)


def ink_distance(printed: Gray) -> Gray:
    """Distance of every canvas pixel from the blank's nearest ink, in pixels, at most 255."""
    paper = np.asarray(printed > INK_LEVEL, np.uint8)
    distance = cv2.distanceTransform(paper, cv2.DIST_C, 3)
    return np.asarray(np.minimum(distance, 255), np.uint8)


def rulings(printed: Gray) -> Gray:
    """255 near thin straight lines, dashed ones too, where no other print is near."""
    ink = up_to(printed, INK_LEVEL)
    lines = np.zeros_like(ink)
    for across, down in ((1, 0), (0, 1)):
        joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, _bar(across * 9, down * 9))
        straight = cv2.morphologyEx(joined, cv2.MORPH_OPEN, _bar(across * 32, down * 32))
        # Words run together make thick bars; thick rulings are no thinner than a pen.
        bars = cv2.morphologyEx(straight, cv2.MORPH_OPEN, np.ones((4, 4), np.uint8))
        lines = np.asarray(cv2.bitwise_or(lines, cv2.subtract(straight, bars)), np.uint8)
    other = cv2.subtract(ink, cv2.dilate(lines, np.ones((3, 3), np.uint8)))
    near = np.ones((11, 11), np.uint8)
    return np.asarray(cv2.subtract(cv2.dilate(lines, near), cv2.dilate(other, near)), np.uint8)


def _bar(across: int, down: int) -> NDArray[np.uint8]:
    return np.ones((max(down, 1), max(across, 1)), np.uint8)

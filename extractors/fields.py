"""Cutting a lifted page into the images of its fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from extractors.inkmap import Matrix, apply
from extractors.page_image import CANVAS_SCALE, FieldImage, LiftedPage, Neighbour, PageImage
from schemas.forms import Box, FieldDefinition, FieldKind, PageDefinition
from schemas.readings import PixelBox

_MARGIN = 0.25
"""Share of a box's height added on every side: writers leave their boxes."""
_LEAST_MARGIN = 6
"""Canvas pixels."""
_MOST_MARGIN = 24
"""Canvas pixels: a tall box is not written over by more than a short one."""
BOXES = (FieldKind.CHECKBOX, FieldKind.CHOICE)
_AROUND_A_BOX = 1.2
"""Share of a checkbox's height: a ring round it, or a tick beside it, reaches as far."""
_MOST_AROUND_A_BOX = 60
"""Canvas pixels."""


@dataclass(frozen=True, slots=True)
class Crop:
    """Where a field lies on a canvas; left, top, right, bottom in its pixels."""

    outer: tuple[int, int, int, int]
    inner: tuple[int, int, int, int]
    """The box itself, without the margin."""


def crop_of(field: FieldDefinition, shape: tuple[int, ...]) -> Crop:
    """What is cut for a field from a canvas of that height and width."""
    height, width = shape
    box = field.box
    left = min(max(round(box.x0 * CANVAS_SCALE), 0), width - 1)
    top = min(max(round(box.y0 * CANVAS_SCALE), 0), height - 1)
    right = max(min(max(round(box.x1 * CANVAS_SCALE), 0), width), left + 1)
    bottom = max(min(max(round(box.y1 * CANVAS_SCALE), 0), height), top + 1)
    margin = _margin(field, bottom - top)
    outer = (
        max(left - margin, 0),
        max(top - margin, 0),
        min(right + margin, width),
        min(bottom + margin, height),
    )
    return Crop(outer, (left, top, right, bottom))


def _margin(field: FieldDefinition, height: int) -> int:
    if field.kind in BOXES:
        return min(round(_AROUND_A_BOX * height), _MOST_AROUND_A_BOX)
    return min(max(math.ceil(_MARGIN * height), _LEAST_MARGIN), _MOST_MARGIN)


def cut_fields(lifted: LiftedPage, page: PageImage, definition: PageDefinition) -> list[FieldImage]:
    """One image for each field of the page, in the definition's order.

    The crops are copies: what an engine does to one does not show in its neighbour.
    """
    boxes = scan_boxes(lifted.registration.matrix, [f.box for f in definition.fields], page)
    return [
        _cut(lifted, page, field, bbox, definition)
        for field, bbox in zip(definition.fields, boxes, strict=True)
    ]


def _cut(
    lifted: LiftedPage,
    page: PageImage,
    field: FieldDefinition,
    bbox: PixelBox,
    definition: PageDefinition,
) -> FieldImage:
    crop = crop_of(field, lifted.ink.shape)
    x0, y0, x1, y1 = crop.outer
    left, top, right, bottom = crop.inner
    return FieldImage(
        definition=field,
        registered=lifted.registered[y0:y1, x0:x1].copy(),
        ink=lifted.ink[y0:y1, x0:x1].copy(),
        inner=(left - x0, top - y0, right - x0, bottom - y0),
        bbox=bbox,
        layer=page.layer,
        neighbours=_neighbours(definition, field, crop.outer) if field.kind in BOXES else (),
    )


def _neighbours(
    definition: PageDefinition, field: FieldDefinition, outer: tuple[int, int, int, int]
) -> tuple[Neighbour, ...]:
    """The page's other fields whose boxes reach into a crop (left, top, right, bottom)."""
    left, top, right, bottom = outer
    found = []
    for other in definition.fields:
        x0, y0, x1, y1 = (round(edge * CANVAS_SCALE) for edge in other.box)
        if other is not field and x0 < right and x1 > left and y0 < bottom and y1 > top:
            box = (x0 - left, y0 - top, x1 - left, y1 - top)
            found.append(Neighbour(box, other.kind in BOXES))
    return tuple(found)


def scan_boxes(matrix: Matrix, boxes: Sequence[Box], page: PageImage) -> list[PixelBox]:
    """The upright rectangles around boxes of points, in the scan's own pixels."""
    if not boxes:
        return []
    edges = np.array(boxes, np.float64)
    seen = apply(matrix, edges[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 2)).reshape(-1, 4, 2)
    height, width = page.gray.shape
    low = np.clip(np.floor(seen.min(axis=1) + 1e-6), 0, [width, height]).astype(int)
    high = np.clip(np.ceil(seen.max(axis=1) - 1e-6), 0, [width, height]).astype(int)
    return [
        (x0, y0, x1, y1) for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True)
    ]

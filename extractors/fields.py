"""Cutting a lifted page into the images of its fields."""

from __future__ import annotations

import math

import numpy as np

from extractors.inkmap import Matrix, apply
from extractors.page_image import CANVAS_SCALE, FieldImage, LiftedPage, PageImage
from schemas.forms import Box, PageDefinition
from schemas.readings import PixelBox

_MARGIN = 0.25
"""Share of a box's height added on every side: writers leave their boxes."""
_LEAST_MARGIN = 6
"""Canvas pixels."""
_MOST_MARGIN = 24
"""Canvas pixels: a tall box is not written over by more than a short one."""


def cut_fields(lifted: LiftedPage, page: PageImage, definition: PageDefinition) -> list[FieldImage]:
    """One image for each field of the page, in the definition's order.

    The crops are copies: what an engine does to one does not show in its neighbour.
    """
    return [_cut(lifted, page, definition, index) for index in range(len(definition.fields))]


def _cut(lifted: LiftedPage, page: PageImage, definition: PageDefinition, index: int) -> FieldImage:
    field = definition.fields[index]
    box = field.box
    height, width = lifted.ink.shape
    left, top, right, bottom = (
        int(np.clip(round(edge * CANVAS_SCALE), 0, limit))
        for edge, limit in zip(box, (width - 1, height - 1, width, height), strict=True)
    )
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    margin = int(np.clip(math.ceil(_MARGIN * (bottom - top)), _LEAST_MARGIN, _MOST_MARGIN))
    outer_left, outer_top = max(left - margin, 0), max(top - margin, 0)
    crop = np.s_[outer_top : min(bottom + margin, height), outer_left : min(right + margin, width)]
    return FieldImage(
        definition=field,
        registered=lifted.registered[crop].copy(),
        ink=lifted.ink[crop].copy(),
        inner=(left - outer_left, top - outer_top, right - outer_left, bottom - outer_top),
        bbox=scan_box(lifted.registration.matrix, box, page),
        layer=page.layer,
    )


def scan_box(matrix: Matrix, box: Box, page: PageImage) -> PixelBox:
    """The upright rectangle around a box of points, in the scan's own pixels."""
    corners = np.array(
        [[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]], np.float64
    )
    seen = apply(matrix, corners)
    height, width = page.gray.shape
    low = np.clip(np.floor(seen.min(axis=0) + 1e-6), 0, [width, height]).astype(int)
    high = np.clip(np.ceil(seen.max(axis=0) - 1e-6), 0, [width, height]).astype(int)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])

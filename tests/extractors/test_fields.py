from __future__ import annotations

import numpy as np
import page_material as material
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.fields import cut_fields
from extractors.page_image import LiftedPage, PageImage, Registration
from schemas.forms import Box, FieldDefinition, FieldKind, PageDefinition

SCALE = 300 / 72


def cut(box: Box, matrix: np.ndarray | None = None):
    matrix = np.diag([SCALE, SCALE, 1.0]) if matrix is None else matrix
    canvas = np.arange(2200 * 1700, dtype=np.uint32).reshape(2200, 1700).astype(np.uint8)
    lifted = LiftedPage(canvas, 255 - canvas, Registration(matrix, 1.0, 0.1))
    field = FieldDefinition(name="wages", kind=FieldKind.AMOUNT, box=box)
    definition = PageDefinition(number=1, width=408, height=528, fields=(field,))
    (image,) = cut_fields(lifted, PageImage(1, np.zeros((2200, 1700), np.uint8)), definition)
    return image, canvas


def test_the_inner_box_is_the_field_and_the_rest_is_margin() -> None:
    image, canvas = cut(Box(72, 96, 144, 120))
    left, top, right, bottom = image.inner
    assert (right - left, bottom - top) == (300, 100)
    assert left == top == 24
    assert np.array_equal(image.registered[top:bottom, left:right], canvas[400:500, 300:600])
    assert image.registered.shape == image.ink.shape
    assert image.bbox == (300, 400, 600, 500)


def test_a_crop_is_a_copy() -> None:
    image, _ = cut(Box(72, 96, 144, 120))
    assert image.ink.base is None
    assert image.registered.base is None


def test_the_box_of_a_turned_scan_is_in_the_scan_s_own_pixels() -> None:
    matrix = np.array([[-SCALE, 0, 1700], [0, -SCALE, 2200], [0, 0, 1.0]])
    image, _ = cut(Box(72, 96, 144, 120), matrix)
    assert image.bbox == (1100, 1700, 1400, 1800)


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(0, 407), y=st.floats(0, 527), wide=st.floats(0.01, 408), high=st.floats(0.01, 528)
)
def test_any_box_on_the_page_gives_an_image_within_it(
    x: float, y: float, wide: float, high: float
) -> None:
    image, _ = cut(Box(x, y, max(min(x + wide, 408), x + 0.01), max(min(y + high, 528), y + 0.01)))
    left, top, right, bottom = image.inner
    height, width = image.ink.shape
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    x0, y0, x1, y1 = image.bbox
    assert 0 <= x0 <= x1 <= 1700
    assert 0 <= y0 <= y1 <= 2200


def test_every_field_of_a_real_page_is_cut_in_order() -> None:
    blank = material.blank("form_1040", 2022)
    gray = blank.gray
    page = PageImage(1, gray, 300.0)
    lifted = LiftedPage(gray, gray, Registration(np.diag([SCALE, SCALE, 1.0]), 1.0, 0.1))
    images = cut_fields(lifted, page, blank.page)
    assert [one.definition.name for one in images] == [one.name for one in blank.page.fields]


def test_around_a_checkbox_is_room_for_a_ring_and_its_neighbours_are_named() -> None:
    canvas = np.full((2200, 1700), 255, np.uint8)
    lifted = LiftedPage(canvas, canvas, Registration(np.diag([SCALE, SCALE, 1.0]), 1.0, 0.1))
    fields = (
        FieldDefinition(name="blind", kind=FieldKind.CHECKBOX, box=Box(72, 96, 81.6, 105.6)),
        FieldDefinition(name="dead", kind=FieldKind.CHECKBOX, box=Box(72, 110.4, 81.6, 120)),
        FieldDefinition(name="wages", kind=FieldKind.AMOUNT, box=Box(84, 96, 156, 108)),
        FieldDefinition(name="far", kind=FieldKind.AMOUNT, box=Box(84, 196, 156, 208)),
    )
    definition = PageDefinition(number=1, width=408, height=528, fields=fields)
    images = cut_fields(lifted, PageImage(1, canvas), definition)
    assert images[0].inner == (48, 48, 88, 88)
    assert images[0].ink.shape == (136, 136)
    told = {(one.box, one.is_mark) for one in images[0].neighbours}
    assert told == {((48, 108, 88, 148), True), ((98, 48, 398, 98), False)}
    assert images[2].neighbours == ()

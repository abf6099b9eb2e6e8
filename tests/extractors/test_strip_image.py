"""A field's strip: both pictures, one height, whatever the ink's size."""

import numpy as np
from reading_fixtures import MARGIN, definition, field_image, paper, printed

from extractors.engines.strip_image import HEIGHT, INK_HEIGHT, LONGEST, strip_of
from extractors.ink import find_ink


def inked_rows(layer: np.ndarray) -> int:
    rows = np.flatnonzero(layer.max(axis=1) > 100)
    return int(rows[-1] - rows[0] + 1)


def test_ink_of_any_size_is_as_high() -> None:
    for size in (1.0, 1.4):
        image = printed("907", size=size)
        strip = strip_of(image, find_ink(image))
        assert strip.shape[:2] == (2, HEIGHT)
        assert abs(inked_rows(strip[0]) - INK_HEIGHT) <= 3


def test_a_dash_is_not_blown_up() -> None:
    image = printed("-")
    strip = strip_of(image, find_ink(image))
    assert inked_rows(strip[0]) < 12


def test_the_scan_keeps_what_lifting_took_away() -> None:
    lifted = printed("81")
    scan = lifted.ink.copy()
    scan[52:55, :] = 0  # a ruling through the foot
    image = field_image(definition(), lifted.ink, scan)
    strip = strip_of(image, find_ink(image))
    assert strip[1].sum() > 1.2 * strip[0].sum()


def test_a_very_long_line_is_squeezed() -> None:
    ink = np.full((74, 3000), 255, np.uint8)
    ink[20:50, 20:2980:12] = 0
    ink[20:50, 21:2980:12] = 0
    image = field_image(definition(), ink)
    assert strip_of(image, find_ink(image)).shape[2] <= LONGEST


def test_faint_ink_is_strengthened() -> None:
    image = printed("45")
    faint = np.where(image.ink < 128, 150, 255).astype(np.uint8)
    strip = strip_of(field_image(definition(), faint), find_ink(image))
    assert strip[0].max() > 240


def test_paper_is_zero() -> None:
    blank = paper(definition())
    image = field_image(definition(), printed("3").ink, blank)
    strip = strip_of(image, find_ink(image))
    assert strip[1].max() == 0
    assert MARGIN > 0

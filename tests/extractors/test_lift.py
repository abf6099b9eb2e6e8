from __future__ import annotations

import cv2
import numpy as np
import page_material as material
import pytest

from extractors.ground import whole_ground
from extractors.lift import lift_page
from extractors.page_image import Gray, PageImage, Registration

SCALE = 300 / 72


def lifted(gray: Gray, blank, **how) -> Gray:
    page, true = material.scanned(gray, **how)
    found = Registration(true, 1.0, 0.1, how.get("turned", 0))
    return lift_page(page, blank, found).ink


def field(blank, name: str):
    return next(one for one in blank.page.fields if one.name == name)


def box(blank, name: str) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = (round(edge * SCALE) for edge in field(blank, name).box)
    return x0, y0, x1, y1


HOWS = [
    {},
    {"degrees": 1.0, "dpi": 200},
    {"degrees": 0.7, "bitonal": True},
    {"degrees": -1.3, "dpi": 200, "bitonal": True, "noise": 8.0},
]


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_nothing_is_left_of_an_empty_form(how: dict) -> None:
    blank = material.blank("form_1040", 2022)
    ink = lifted(blank.gray, blank, **how)
    for one in blank.page.fields:
        x0, y0, x1, y1 = (round(edge * SCALE) for edge in one.box)
        assert np.mean(ink[y0:y1, x0:x1] < 160) < 0.002, one.name


@pytest.mark.parametrize("how", HOWS, ids=str)
def test_what_is_written_stays_whole(how: dict) -> None:
    """Digits that cross the ruling under an amount keep nearly all of their ink."""
    blank = material.blank("form_1040", 2022)
    gray, alone = blank.gray.copy(), np.full_like(blank.gray, 255)
    x0, _, _, y1 = box(blank, "wages")
    for sheet in (gray, alone):
        cv2.putText(sheet, "48260", (x0 + 20, y1 + 12), 0, 1.6, 20, 5, cv2.LINE_AA)
    ink = lifted(gray, blank, **how)
    area = np.s_[y1 - 50 : y1 + 30, x0 : x0 + 200]
    written = cv2.erode((alone[area] < 128).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    kept = ink[area] < 160
    assert np.mean(kept[written]) > 0.93
    count, _ = cv2.connectedComponents(kept.astype(np.uint8))
    assert count - 1 <= 6, "digits fell apart where they cross the ruling"


def test_specks_go_and_a_decimal_point_stays() -> None:
    blank = material.blank("form_1040", 2022)
    gray = blank.gray.copy()
    x0, y0, x1, y1 = box(blank, "wages")
    gray[y0 + 20 : y0 + 23, x1 - 30 : x1 - 27] = 0
    cv2.putText(gray, "52", (x0 + 20, y1 - 8), 0, 1.2, 20, 4, cv2.LINE_AA)
    cv2.circle(gray, (x0 + 84, y1 - 10), 2, 20, -1)
    ink = lifted(gray, blank)
    assert np.all(ink[y0 + 15 : y0 + 28, x1 - 36 : x1 - 20] > 200)
    assert np.any(ink[y1 - 14 : y1 - 6, x0 + 80 : x0 + 89] < 128)


def test_uneven_light_leaves_no_shadow() -> None:
    blank = material.blank("form_1040", 2022)
    height, width = blank.gray.shape
    light = np.linspace(0.6, 1.0, width)[None, :] * np.linspace(1.0, 0.75, height)[:, None]
    ink = lifted((blank.gray * light).astype(np.uint8), blank)
    assert np.mean(ink < 160) < 0.002


def test_a_turned_negative_is_lifted_upright_and_dark_on_light() -> None:
    blank = material.blank("form_1040", 2022)
    page, true = material.scanned(material.written_on(blank), turned=180)
    negative = PageImage(1, 255 - page.gray, page.dpi)
    found = lift_page(negative, blank, Registration(true, 1.0, 0.1, 180))
    assert found.ink.shape == blank.gray.shape
    assert 0.0005 < np.mean(found.ink < 128) < 0.05


@pytest.mark.parametrize("how", HOWS, ids=str)
@pytest.mark.parametrize("digit", ["8", "4", "7", "0"])
def test_a_digit_on_a_dashed_divider_stays_whole_and_the_divider_goes(
    digit: str, how: dict
) -> None:
    """Half an 8 would be read as a 3, and surely."""
    blank = material.blank("form_1040", 2022)
    x0, y0, x1, y1 = box(blank, "taxpayer_ssn")
    dividers = whole_ground(blank.printed(), blank.page.fields).dividers
    inside = [one for one in dividers if x0 < one.left < x1 and y0 <= one.top < y1]
    assert len(inside) == 2
    assert all(one.dashed for one in inside)
    gray, alone = blank.gray.copy(), np.full_like(blank.gray, 255)
    for sheet in (gray, alone):
        for one, shift in zip(inside, (4, 14), strict=True):
            cv2.putText(
                sheet, digit, (one.left - shift, y1 - 10), 0, 1.2, 20, 5, cv2.LINE_AA
            )  # fmt: skip
    ink = lifted(gray, blank, **how)
    area = np.s_[y0 + 5 : y1 - 5, x0 + 8 : x1 - 8]
    kept, written = ink[area] < 160, (alone[area] < 128).astype(np.uint8)
    core = cv2.erode(written, np.ones((3, 3), np.uint8)) > 0
    assert np.mean(kept[core]) > 0.9
    far = cv2.dilate(written, np.ones((13, 13), np.uint8)) == 0
    assert np.mean(kept[far]) < 0.001


def test_paper_around_a_white_speck_is_no_ink() -> None:
    blank = material.blank("form_1040", 2022)
    rng = np.random.default_rng(4)
    film = 175.0 + cv2.GaussianBlur(rng.normal(0, 25, blank.gray.shape), (0, 0), 1.0)
    film = np.where(blank.gray < 128, 60.0, film)
    x0, y0, x1, y1 = box(blank, "wages")
    x, y = (x0 + x1) // 2, (y0 + y1) // 2
    film[y - 1 : y + 2, x - 1 : x + 2] = 255
    ink = lifted(np.clip(film, 0, 255).astype(np.uint8), blank)
    assert np.all(ink[y0 + 6 : y1 - 6, x0 + 6 : x1 - 6] > 200)

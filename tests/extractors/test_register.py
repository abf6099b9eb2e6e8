from __future__ import annotations

import numpy as np
import page_material as material
import pytest

from extractors.inkmap import apply, turning
from extractors.page_image import PageImage
from extractors.register import register_page


def worst_corner(blank, found: np.ndarray, true: np.ndarray, dpi: float) -> float:
    corners = np.array([(x, y) for f in blank.page.fields for x in f.box[::2] for y in f.box[1::2]])
    away = np.linalg.norm(apply(found, corners) - apply(true, corners), axis=1)
    return float(away.max() * 300 / dpi)


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"degrees": 3.0},
        {"degrees": -3.0, "turned": 180},
        {"dpi": 200, "bitonal": True, "degrees": 1.0},
        {"strays": 0.01, "dpi": 240},
        {"dpi": 200, "noise": 20.0, "size": 1.02},
        {"turned": 90, "degrees": 0.5},
    ],
    ids=str,
)
def test_fields_are_found_to_a_pixel(how: dict) -> None:
    blank = material.blank("form_1040", 2022)
    page, true = material.scanned(material.written_on(blank), **how)
    identified = material.matcher().identify(page)
    found = register_page(page, blank, identified.turned, identified.start)
    assert found is not None
    assert worst_corner(blank, found.matrix, true, page.dpi or 300) < 1.0
    assert found.score > 0.9
    assert found.residual_px < 1.0


def test_without_a_guess_the_sheet_is_taken_to_fill_the_scan() -> None:
    blank = material.blank("schedule_b", 2022)
    page, true = material.scanned(material.written_on(blank), turned=180, dpi=200)
    found = register_page(page, blank, turned=180)
    assert found is not None
    assert worst_corner(blank, found.matrix, true, 200) < 1.0


@pytest.mark.parametrize(
    "image",
    [
        material.photograph(),
        np.full((2200, 1700), 255, np.uint8),
        np.zeros((2200, 1700), np.uint8),
        np.random.default_rng(0).integers(0, 256, (2200, 1700)).astype(np.uint8),
        np.full((3, 3), 200, np.uint8),
    ],
    ids=["photo", "white", "black", "noise", "tiny"],
)
def test_what_is_no_form_is_not_registered(image: np.ndarray) -> None:
    found = register_page(PageImage(1, image), material.blank("form_1040", 2022), 0)
    assert found is None or found.score < 0.3


def test_another_form_is_not_registered_well() -> None:
    page, _ = material.scanned(material.blank("schedule_b", 2022).gray)
    found = register_page(page, material.blank("form_1040", 2022), 0)
    assert found is None or found.score < 0.5


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_turning_agrees_with_numpy(turned: int) -> None:
    image = np.arange(15).reshape(3, 5)
    upright = np.rot90(image, -(turned // 90))
    for y in range(3):
        for x in range(5):
            at = apply(turning(5, 3, turned), np.array([[x, y]], float))[0].astype(int)
            assert upright[at[1], at[0]] == image[y, x]

from __future__ import annotations

import cv2
import numpy as np
import page_material as material
import pytest

from benchmarks.samples.scanner import Quality, scan_page
from extractors.identify import Kind, PageMatcher
from extractors.numerals import year_prints
from extractors.page_image import PageImage


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_page_is_told_whichever_way_it_was_fed(turned: int) -> None:
    blank = material.blank("form_1040", 2022, 2)
    page, _ = material.scanned(material.written_on(blank), degrees=0.8, turned=turned)
    found = material.matcher().identify(page)
    assert found.blank is blank
    assert found.turned == turned


@pytest.mark.parametrize("form", ["schedule_3", "schedule_b"])
@pytest.mark.parametrize("year", [2021, 2022, 2023])
@pytest.mark.parametrize("degrees", [-1.9, 0.4])
def test_years_of_one_form_are_told_apart_on_a_poor_scan(
    form: str, year: int, degrees: float
) -> None:
    blank = material.blank(form, year)
    page, _ = material.scanned(
        material.written_on(blank), degrees=degrees, dpi=200, strays=0.006, bitonal=True, noise=12
    )
    found = material.matcher().identify(page)
    assert found.blank is blank, found.message


@pytest.mark.parametrize("seed", [0, 1])
def test_a_year_with_some_lines_moved_is_not_laid_as_its_neighbour_lies(seed: int) -> None:
    """Between 2021 and 2022 a part of Schedule 3 moved: the neighbour fits, but not nearly all."""
    blank = material.blank("schedule_3", 2022)
    scan = scan_page(material.written_on(blank), Quality.POOR, np.random.default_rng(seed))
    found = material.matcher().identify(PageImage(1, scan.image, scan.dpi))
    assert found.blank is blank, found.message


@pytest.mark.parametrize("missing", [2021, 2022, 2023])
def test_a_year_that_the_department_lacks_is_refused_not_taken_for_its_neighbour(
    missing: int,
) -> None:
    blank = material.blank("schedule_b", missing)
    others = PageMatcher([one for one in material.blanks() if one is not blank])
    page, _ = material.scanned(material.written_on(blank), dpi=200)
    found = others.identify(page)
    assert found.kind is Kind.UNKNOWN
    assert found.blank is None
    assert found.message


def test_a_year_of_which_one_print_is_spoilt_is_told_by_the_others() -> None:
    blank = material.blank("form_1040", 2022, 2)
    place = min(year_prints(blank), key=lambda one: one.y)
    gray = material.written_on(blank)
    for left, top, right, bottom in place.numerals:
        spoilt = np.s_[place.y + top : place.y + bottom, place.x + left : place.x + right]
        gray[spoilt] = cv2.erode(gray[spoilt], np.ones((3, 3), np.uint8))
    page, _ = material.scanned(gray, dpi=200, bitonal=True)
    found = material.matcher().identify(page)
    assert found.blank is blank, found.message


def test_a_photograph_is_unknown() -> None:
    found = material.matcher().identify(PageImage(1, material.photograph()))
    assert found.kind is Kind.UNKNOWN
    assert found.score < 0.3


def test_a_page_of_print_is_unknown() -> None:
    sheet = np.full((2200, 1700), 255, np.uint8)
    for row in range(150, 2100, 38):
        cv2.putText(
            sheet, "dear sir or madam, enclosed you find", (140, row), 2, 1.2, 0, 2, cv2.LINE_AA
        )
    assert material.matcher().identify(PageImage(1, sheet, 200.0)).kind is Kind.UNKNOWN


@pytest.mark.parametrize("shape", [(3300, 2550), (1100, 850), (40, 3000), (440, 340)])
def test_empty_paper_is_empty_even_with_specks_and_a_shadow(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    sheet = np.clip(rng.normal(246, 4, shape), 0, 255).astype(np.uint8)
    sheet[:, : max(shape[1] // 80, 1)] = 60
    for _ in range(min(40, shape[0] * shape[1] // 2000)):
        sheet[rng.integers(shape[0]), rng.integers(shape[1])] = 0
    assert material.matcher().identify(PageImage(1, sheet)).kind is Kind.EMPTY


def test_one_written_word_makes_a_page_not_empty() -> None:
    sheet = np.full((3300, 2550), 250, np.uint8)
    cv2.putText(sheet, "see attached", (900, 1500), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 2, 40, 4)
    assert material.matcher().identify(PageImage(1, sheet, 300.0)).kind is Kind.UNKNOWN


def test_a_negative_from_microfilm_is_read_as_it_was_on_paper() -> None:
    blank = material.blank("form_1040", 2022)
    page, _ = material.scanned(material.written_on(blank), dpi=200)
    found = material.matcher().identify(PageImage(1, 255 - page.gray, page.dpi))
    assert found.blank is blank


def test_a_resolution_that_the_file_states_wrongly_does_no_harm() -> None:
    blank = material.blank("form_1040", 2022)
    page, _ = material.scanned(material.written_on(blank), dpi=240)
    for said in (None, 72.0, 96.0, 1200.0):
        assert material.matcher().identify(PageImage(1, page.gray, said)).blank is blank


def test_a_shrunken_copy_is_known() -> None:
    blank = material.blank("form_1040", 2022)
    page, _ = material.scanned(material.written_on(blank), size=0.93)
    assert material.matcher().identify(page).blank is blank


def test_the_same_page_gives_the_same_answer_twice() -> None:
    blank = material.blank("schedule_b", 2022)
    page, _ = material.scanned(material.written_on(blank), degrees=1.2, dpi=200)
    first, second = (material.matcher().identify(page) for _ in range(2))
    assert first.score == second.score
    assert np.array_equal(first.start, second.start)

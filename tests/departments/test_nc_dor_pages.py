"""North Carolina's pages end to end: filled in, printed, signed, scanned, told apart and read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from nc_base_returns import Forms, family, itemiser, newcomer, widow
from web_fill import print_pages

from benchmarks.samples.scanner import Quality, ScannedPage, scan_page
from extractors.blank_shelf import blank_pages
from extractors.blanks import render_blank
from extractors.identify import PageMatcher
from extractors.page_image import Gray, PageImage
from extractors.page_reader import PageReader
from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind
from schemas.packs import load_department
from schemas.readings import FieldValue, PageStatus

pytestmark = pytest.mark.timeout(900)
"""Fifteen blanks are drawn before the first page is read."""


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TAXLIFT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def department() -> Department:
    return load_department("nc_dor")


@pytest.fixture(scope="module")
def reader(cache: None, department: Department) -> PageReader:
    return PageReader(department)


def scanned(page: Gray, quality: Quality, seed: int) -> PageImage:
    scan: ScannedPage = scan_page(page, quality, np.random.default_rng([19, seed]))
    return PageImage(1, scan.image, scan.dpi)


def says(field: FieldDefinition, value: FieldValue) -> Any:
    """What was read, in the terms in which the tests' returns are written."""
    if field.kind.is_mark or value.value is None:
        return bool(value.value)
    return Decimal(str(value.value)) if field.kind is FieldKind.AMOUNT else value.value


def wanted(field: FieldDefinition, written: Any) -> Any:
    if field.kind.is_mark or not written:
        return bool(written)
    return Decimal(written) if field.kind is FieldKind.AMOUNT else written


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "year"), [(family, 2022), (itemiser, 2023), (newcomer, 2021), (widow, 2023)]
)
def test_pages_are_told_apart_and_read_as_they_were_filled_in(
    department: Department, reader: PageReader, base: Callable[[int], Forms], year: int
) -> None:
    for form, written in base(year).items():
        definition = department.form(form, year)
        assert definition is not None
        pages = print_pages(definition, written, department.folder)
        for page, gray in zip(definition.pages, pages, strict=True):
            result = reader.read(scanned(gray, Quality.FAIR, seed=year + page.number))
            assert result.status is PageStatus.READ, result.message
            assert (result.form, result.year, result.form_page) == (form, year, page.number)
            assert result.registration_score > 0.9
            read = {value.name: value for value in result.values}
            wrong = [
                (field.name, written.get(field.name), says(field, read[field.name]))
                for field in page.fields
                if says(field, read[field.name]) != wanted(field, written.get(field.name))
            ]
            # One misreading a page is an engine's matter; more than that is a box or a name.
            assert len(wrong) <= 1, wrong


@pytest.mark.slow
def test_empty_ovals_stay_empty_on_scans_that_blacken_them(
    department: Department, reader: PageReader
) -> None:
    """Bitonal and faxed: the pale red of a printed oval comes out as black as a pen's ink."""
    definition = department.form("form_d400", 2023)
    assert definition is not None
    written = family(2023)["form_d400"]
    pages = print_pages(definition, written, department.folder)
    for seed in range(2):
        for page, gray in zip(definition.pages, pages, strict=True):
            result = reader.read(scanned(gray, Quality.POOR, seed))
            kinds = {field.name: field.kind for field in page.fields}
            marks = {it.name: bool(it.value) for it in result.values if kinds[it.name].is_mark}
            assert marks == {name: bool(written.get(name)) for name in marks}


@pytest.mark.slow
def test_blanks_are_found_among_both_departments_forms(department: Department) -> None:
    """Neither another year nor another department's form: all years of all forms are at hand."""
    blanks = blank_pages(department) + blank_pages(load_department("us_irs"))
    matcher = PageMatcher(blanks)
    for seed, definition in enumerate(department.forms):
        for page in definition.pages:
            gray = render_blank(definition, page.number, department.folder)
            found = matcher.identify(scanned(gray, Quality.FAIR, seed))
            assert found.blank is not None, found.message
            expected = f"{definition.form} {definition.year} page {page.number}"
            assert found.blank.key == expected
            assert found.blank in blanks[: sum(len(it.pages) for it in department.forms)]


@pytest.mark.slow
def test_another_departments_pages_are_unknown(department: Department, reader: PageReader) -> None:
    federal = load_department("us_irs")
    for form in ("form_1040", "schedule_a"):
        definition = federal.form(form, 2022)
        assert definition is not None
        gray = render_blank(definition, 1, federal.folder)
        assert reader.read(scanned(gray, Quality.FAIR, 5)).status is PageStatus.UNKNOWN


@pytest.mark.slow
def test_a_year_that_the_department_lacks_is_not_taken_for_another(
    department: Department,
) -> None:
    """2022's pages, where only 2021 and 2023 are at hand."""
    blanks = [it for it in blank_pages(department) if it.year != 2022]
    matcher = PageMatcher(blanks, department.settings.limits.identification)
    for definition in department.forms:
        if definition.year == 2022:
            for page in definition.pages:
                gray = render_blank(definition, page.number, department.folder)
                found = matcher.identify(scanned(gray, Quality.FAIR, page.number))
                assert found.blank is None, (definition.form, page.number, found.score)

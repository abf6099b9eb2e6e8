"""The published definitions of the IRS's forms, held against what the forms are."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict

import pytest

from extractors.blanks import blank_path
from extractors.drafting.widgets import read_widgets
from extractors.form_checks import check_blanks
from schemas.department import Department
from schemas.form_checks import check_definitions
from schemas.forms import FieldKind, FormDefinition
from schemas.packs import load_department

FORMS = ("form_1040", "schedule_1", "schedule_3", "schedule_a", "schedule_b", "schedule_8812")
YEARS = (2021, 2022, 2023)


@pytest.fixture(scope="module")
def department() -> Department:
    return load_department("us_irs")


def definition_of(department: Department, form: str, year: int) -> FormDefinition:
    found = department.form(form, year)
    assert found is not None
    return found


def test_the_department_loads_in_less_than_a_second() -> None:
    start = time.process_time()
    load_department("us_irs")
    assert time.process_time() - start < 1


def test_six_forms_of_three_years_are_defined(department: Department) -> None:
    assert {(it.form, it.year) for it in department.forms} == {
        (form, year) for form in FORMS for year in YEARS
    }
    assert [it.form for it in department.forms if it.main] == ["form_1040"] * 3


def test_definitions_have_no_problems_among_themselves_or_with_their_blanks(
    department: Department,
) -> None:
    assert check_definitions(department) == []
    assert check_blanks(department) == []


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("year", YEARS)
def test_every_widget_of_every_blank_is_defined_exactly_once(
    department: Department, form: str, year: int
) -> None:
    definition = definition_of(department, form, year)
    _, widgets = read_widgets(blank_path(definition.blank, department.folder))
    on_paper = Counter((it.page, it.source_field, it.export_value) for it in widgets)
    defined = Counter(
        (page.number, field.source_field, field.export_value)
        for page in definition.pages
        for field in page.fields
        if field.source_field is not None
    )
    assert defined == on_paper


def test_every_year_maps_every_name_or_says_that_it_is_absent(department: Department) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for definition in department.forms:
        names[definition.form] |= {field.name for field in definition.fields()}
    for definition in department.forms:
        here = {field.name for field in definition.fields()}
        assert here | set(definition.absent) == names[definition.form]


def test_names_are_given_not_drafted(department: Department) -> None:
    """No name is left that the importer makes up where it finds no words."""
    for definition in department.forms:
        for field in definition.fields():
            assert not re.fullmatch(r"[cf]\d+_\d+.*", field.name), field
            assert field.label, field


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("form", "name", "line"),
    [
        ("form_1040", "taxable_interest", "2b"),
        ("form_1040", "total_income", "9"),
        ("form_1040", "adjusted_gross_income", "11"),
        ("form_1040", "taxable_income", "15"),
        ("form_1040", "total_tax", "24"),
        ("form_1040", "total_payments", "33"),
        ("form_1040", "refund", "35a"),
        ("form_1040", "routing_number", "35b"),
        ("form_1040", "amount_owed", "37"),
        ("schedule_1", "total_additional_income", "10"),
        ("schedule_1", "total_adjustments", "26"),
        ("schedule_3", "nonrefundable_credits_total", "8"),
        ("schedule_a", "total_itemized_deductions", "17"),
        ("schedule_b", "taxable_interest", "4"),
        ("schedule_b", "ordinary_dividends", "6"),
        ("schedule_8812", "adjusted_gross_income", "1"),
    ],
)
def test_well_known_lines_keep_their_number_in_all_years(
    department: Department, form: str, name: str, line: str, year: int
) -> None:
    fields = {field.name: field for field in definition_of(department, form, year).fields()}
    assert fields[name].line == line


def test_lines_that_moved_keep_their_name(department: Department) -> None:
    lines = {
        year: next(
            field.line
            for field in definition_of(department, "form_1040", year).fields()
            if field.name == "wages"
        )
        for year in YEARS
    }
    assert lines == {2021: "1", 2022: "1z", 2023: "1z"}


@pytest.mark.parametrize("year", YEARS)
def test_the_main_form_has_identifiers_signatures_and_bank_details(
    department: Department, year: int
) -> None:
    definition = definition_of(department, "form_1040", year)
    kinds = {field.name: field.kind for field in definition.fields()}
    assert kinds["taxpayer_ssn"] is FieldKind.TAXPAYER_ID
    assert kinds["spouse_ssn"] is FieldKind.TAXPAYER_ID
    assert kinds["taxpayer_signature"] is FieldKind.SIGNATURE
    assert kinds["spouse_signature"] is FieldKind.SIGNATURE
    assert kinds["preparer_signature"] is FieldKind.SIGNATURE
    assert kinds["taxpayer_signature_date"] is FieldKind.DATE
    assert kinds["routing_number"] is FieldKind.ROUTING_NUMBER
    assert kinds["account_number"] is FieldKind.ACCOUNT_NUMBER
    status = {field.option for field in definition.fields() if field.group == "filing_status"}
    assert status == {
        "single",
        "married_filing_jointly",
        "married_filing_separately",
        "head_of_household",
        "qualifying_surviving_spouse",
    }


def test_every_schedule_names_its_filer(department: Department) -> None:
    for definition in department.forms:
        if definition.main:
            continue
        kinds = {field.name: field.kind for field in definition.pages[0].fields}
        assert kinds["taxpayer_ssn"] is FieldKind.TAXPAYER_ID
        assert kinds["names_shown"] is FieldKind.NAME


def test_every_page_has_landmarks_and_its_year_among_them(department: Department) -> None:
    for definition in department.forms:
        for page in definition.pages:
            texts = " ".join(landmark.text for landmark in page.landmarks)
            assert str(definition.year) in texts, (definition.form, definition.year, page.number)

"""The published definitions of the IRS's forms, held against what the forms are."""

from __future__ import annotations

import pytest

from schemas.department import Department
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


def test_six_forms_of_three_years_are_defined(department: Department) -> None:
    assert {(it.form, it.year) for it in department.forms} == {
        (form, year) for form in FORMS for year in YEARS
    }
    assert [it.form for it in department.forms if it.main] == ["form_1040"] * 3


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

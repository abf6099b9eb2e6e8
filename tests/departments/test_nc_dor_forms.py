"""The published definitions of North Carolina's forms, held against what the forms are."""

from __future__ import annotations

import pytest

from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind
from schemas.packs import load_department

YEARS = (2021, 2022, 2023)


@pytest.fixture(scope="module")
def department() -> Department:
    return load_department("nc_dor")


def fields_of(department: Department, form: str, year: int) -> dict[str, FieldDefinition]:
    definition = department.form(form, year)
    assert definition is not None
    return {field.name: field for field in definition.fields()}


def test_three_forms_of_three_years_are_defined(department: Department) -> None:
    assert {(it.form, it.year) for it in department.forms} == {
        (form, year) for form in ("form_d400", "schedule_a", "schedule_s") for year in YEARS
    }
    assert {it.form for it in department.forms if it.main} == {"form_d400"}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("form", "name", "line"),
    [
        ("form_d400", "federal_adjusted_gross_income", "6"),
        ("form_d400", "child_deduction", "10b"),
        ("form_d400", "deduction", "11"),
        ("form_d400", "income_tax", "15"),
        ("form_d400", "total_tax", "19"),
        ("form_d400", "total_payments", "23"),
        ("form_d400", "amount_due", "27"),
        ("form_d400", "refund", "34"),
        ("schedule_a", "home_costs_deduction", "5"),
        ("schedule_a", "total_itemized_deductions", "10"),
    ],
)
def test_well_known_lines_keep_their_number_in_all_years(
    department: Department, form: str, name: str, line: str, year: int
) -> None:
    assert fields_of(department, form, year)[name].line == line


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("total_additions", ("15", "16", "16")),
        ("total_deductions", ("38", "41", "41")),
        ("deducted_social_security", ("18", "19", "19")),
        ("bonus_depreciation_of_2018", ("22c", "23b", "23a")),
    ],
)
def test_lines_of_schedule_s_that_moved_keep_their_name(
    department: Department, name: str, lines: tuple[str, ...]
) -> None:
    found = (fields_of(department, "schedule_s", year)[name].line for year in YEARS)
    assert tuple(found) == lines


@pytest.mark.parametrize("year", YEARS)
def test_the_main_form_has_identifiers_ovals_and_signatures(
    department: Department, year: int
) -> None:
    fields = fields_of(department, "form_d400", year)
    kinds = {name: field.kind for name, field in fields.items()}
    for name in ("taxpayer_ssn", "spouse_ssn", "separate_spouse_ssn", "page_2_taxpayer_ssn"):
        assert kinds[name] is FieldKind.TAXPAYER_ID
    for name in ("taxpayer_signature", "spouse_signature", "preparer_signature"):
        assert kinds[name] is FieldKind.SIGNATURE
        assert kinds[f"{name}_date"] is FieldKind.DATE
    assert {it.option for it in fields.values() if it.group == "filing_status"} == {
        "single",
        "married_filing_jointly",
        "married_filing_separately",
        "head_of_household",
        "qualifying_surviving_spouse",
    }
    assert {it.option for it in fields.values() if it.group == "deduction_type"} == {
        "standard",
        "itemized",
    }


def test_what_the_form_itself_prints_is_not_expected_of_filers(department: Department) -> None:
    for year in YEARS:
        for form in ("schedule_a", "schedule_s"):
            reserved = {it.name for it in fields_of(department, form, year).values() if it.reserved}
            expected = (
                {"home_costs_limit", "reserved_9", "reserved_9_text"}
                if form == "schedule_a"
                else {
                    "reserved_addition",
                    "reserved_addition_text",
                    "reserved_deduction",
                    "reserved_deduction_text",
                }
            )
            assert reserved == expected

"""A department of two small forms, for tests of rules: short to write, with real models."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.department import Department, DepartmentSettings, Parameter
from schemas.forms import (
    BlankReference,
    Box,
    FieldDefinition,
    FieldKind,
    FormDefinition,
    PageDefinition,
)
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import FormInstance, TaxReturn
from schemas.rules import Category, RuleDefinition, Severity, YearRange

STATUSES = ("single", "married_filing_jointly", "head_of_household")
BLANK = BlankReference(path="nowhere.pdf", sha256="0" * 64)
REVIEW = object()
"""Stands for a field that waits for a person."""

MAIN: dict[int, dict[str, tuple[str, str | None]]] = {
    1: {
        "taxpayer_ssn": ("taxpayer_id", None),
        "spouse_ssn": ("taxpayer_id", None),
        "taxpayer_name": ("name", None),
        "zip": ("postal_code", None),
        "born": ("date", None),
        "blind": ("checkbox", None),
        "wages": ("amount", "1z"),
        "interest": ("amount", "2b"),
        "additional_income": ("amount", "8"),
        "total_income": ("amount", "9"),
        "dependents": ("count", None),
        "dependent_1_name": ("name", None),
        "dependent_1_ssn": ("taxpayer_id", None),
        "dependent_1_child": ("checkbox", None),
        "dependent_2_name": ("name", None),
        "dependent_2_ssn": ("taxpayer_id", None),
        "dependent_2_child": ("checkbox", None),
    },
    2: {
        "deduction": ("amount", "12"),
        "taxable_income": ("amount", "15"),
        "tax": ("amount", "16"),
        "routing_number": ("routing_number", "35b"),
        "signature": ("signature", None),
    },
}
SCHEDULE: dict[int, dict[str, tuple[str, str | None]]] = {
    1: {
        "alimony": ("amount", "2a"),
        "other_gambling": ("amount", "8b"),
        "other_jury_duty": ("amount", "8h"),
        "other_closed": ("amount", "8j"),
        "total": ("amount", "10"),
    }
}


def _form(
    name: str, year: int, pages: dict[int, dict[str, tuple[str, str | None]]]
) -> FormDefinition:
    built = []
    for number, fields in pages.items():
        definitions = []
        top = 10.0
        for field, (kind, line) in fields.items():
            if year == 2021 and field == "born":
                continue
            definitions.append(
                FieldDefinition(
                    name=field,
                    kind=FieldKind(kind),
                    line=line,
                    box=Box(10, top, 90, top + 8),
                    reserved=field == "other_closed",
                )
            )
            top += 10
        if name == "form_1040" and number == 1:
            for status in STATUSES:
                definitions.append(
                    FieldDefinition(
                        name=f"filing_status_{status}",
                        kind=FieldKind.CHOICE,
                        box=Box(100, top, 108, top + 8),
                        group="filing_status",
                        option=status,
                    )
                )
                top += 10
        built.append(
            PageDefinition(number=number, width=612, height=792, fields=tuple(definitions))
        )
    return FormDefinition(
        form=name, title=name, year=year, main=name == "form_1040", blank=BLANK, pages=tuple(built)
    )


PARAMETERS = (
    Parameter(
        name="standard_deduction",
        unit="USD",
        source="the law",
        values={
            2021: dict(zip(STATUSES, (12550, 25100, 18800), strict=True)),
            2022: dict(zip(STATUSES, (12950, 25900, 19400), strict=True)),
        },
    ),
    Parameter(
        name="credit",
        unit="USD",
        source="the law",
        values={year: {0: 0, 1: 560.5, 2: 3733} for year in (2021, 2022)},
    ),
    Parameter(
        name="brackets",
        unit="rate",
        source="the law",
        values={
            year: {status: [[0, 0.1], [10000, 0.12], [40000, 0.22]] for status in STATUSES}
            for year in (2021, 2022)
        },
    ),
    Parameter(name="rate", unit="rate", source="the law", values={2021: 0.0765, 2022: 0.0765}),
    Parameter(name="late", unit="USD", source="the law", values={2022: 5}),
)


def department(
    *rules: RuleDefinition, folder: Path = Path(), parameters: tuple[Parameter, ...] = PARAMETERS
) -> Department:
    forms = tuple(
        _form(name, year, pages)
        for year in (2021, 2022)
        for name, pages in (("form_1040", MAIN), ("schedule_1", SCHEDULE))
    )
    return Department(
        settings=DepartmentSettings(
            name="small", title="Small", country="US", main_form="form_1040"
        ),
        folder=folder,
        forms=forms,
        rules=rules,
        parameters=parameters,
    )


def rule(check: str, **changes: Any) -> RuleDefinition:
    given: dict[str, Any] = {
        "id": "T-001",
        "title": "A rule",
        "text": "It must hold.",
        "category": Category.MATH_ERROR,
        "severity": Severity.REJECT,
        "form": "form_1040",
        "years": YearRange(first=2022, last=2022),
        "check": check,
        "tolerance": Decimal(0),
        "source": "test",
    }
    return RuleDefinition(**{**given, **changes})


def filed(
    main: dict[str, Any] | None = None,
    schedule: dict[str, Any] | None = None,
    *,
    year: int = 2022,
    return_id: str = "r1",
    pages: tuple[int, ...] = (1, 2),
    missing: tuple[str, ...] = (),
) -> TaxReturn:
    """A return; fields not given are blank, `REVIEW` puts one into review."""
    definitions = {form.form: form for form in department().forms if form.year == year}
    forms = [_instance(definitions["form_1040"], main or {}, pages)]
    if schedule is not None:
        forms.append(_instance(definitions["schedule_1"], schedule, (1,)))
    return TaxReturn(
        return_id=return_id,
        department="small",
        file="a file.tif",
        sha256="a" * 64,
        tax_year=year,
        forms=tuple(forms),
        missing_pages=missing,
    )


def _instance(form: FormDefinition, given: dict[str, Any], pages: tuple[int, ...]) -> FormInstance:
    unknown = set(given) - {field.name for field in form.fields()}
    assert not unknown, unknown
    values = tuple(
        _value(form, page.number, field, given.get(field.name))
        for page in form.pages
        if page.number in pages
        for field in page.fields
    )
    return FormInstance(form=form.form, year=form.year, pages=pages, values=values)


def _value(form: FormDefinition, page: int, field: FieldDefinition, given: Any) -> FieldValue:
    status = ValueStatus.ACCEPTED
    if given is REVIEW:
        status, given = ValueStatus.REVIEW, None
    elif given is None or given is False:
        status, given = ValueStatus.BLANK, False if field.kind.is_mark else None
    elif given is not True:
        given = str(given)
    return FieldValue(
        form=form.form,
        year=form.year,
        page=page,
        name=field.name,
        line=field.line,
        source_field=None,
        kind=field.kind,
        value=given,
        as_read="",
        confidence=1.0,
        status=status,
        decided_by="engine:test 1",
        bbox=(0, 0, 1, 1),
    )

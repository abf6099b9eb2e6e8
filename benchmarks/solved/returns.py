"""From the solver's fields to our returns, by the `source_field` of each definition alone."""

from __future__ import annotations

from benchmarks.solved.program import Solution
from extractors.parsing import canonical
from schemas.department import Department
from schemas.forms import FieldDefinition, FormDefinition
from schemas.returns import FormInstance, TaxReturn
from schemas.rule_cases import Written
from validators.made_returns import make_form, make_return


class UnknownField(Exception):
    """The solver filled in a field of a form that no definition has."""


def as_return(
    solution: Solution, department: Department, year: int, number: int, signed: bool = True
) -> TaxReturn | None:
    """The department's part of a solution; None where its main form is not in it.

    Raises:
        UnknownField: our definitions and the blank do not agree.
    """
    forms: list[FormInstance] = []
    for definition in department.forms:
        filled = solution.forms.get(definition.blank.path.rpartition("/")[2])
        if definition.year != year or filled is None:
            continue
        written = _written(definition, filled, department.settings.date_order)
        if signed and definition.main:
            written |= _by_hand(definition, written, year)
        forms.append(make_form(definition, written))
    if department.settings.main_form not in {it.form for it in forms}:
        return None
    return make_return(department.name, year, tuple(forms), number=number)


def _written(
    definition: FormDefinition, filled: dict[str, str], date_order: str
) -> dict[str, Written]:
    fields: dict[str, list[FieldDefinition]] = {}
    for field in definition.fields():
        if field.source_field:  # some stand on two pages under one name
            fields.setdefault(field.source_field, []).append(field)
    strangers = sorted(name for name, text in filled.items() if text and name not in fields)
    if strangers:
        raise UnknownField(f"{definition.form} {definition.year}: {', '.join(strangers[:3])}")
    written: dict[str, Written] = {}
    for source, text in filled.items():
        for field in fields[source] if text else ():
            written[field.name] = _value(field, text, date_order)
    return written


def _value(field: FieldDefinition, text: str, date_order: str) -> Written:
    if field.kind.is_mark:
        return True if text == field.export_value else None
    return canonical(field.kind, text, date_order)


def _by_hand(
    definition: FormDefinition, written: dict[str, Written], year: int
) -> dict[str, Written]:
    """What the solver leaves for the pen: signatures, dates, and a separate filer's spouse."""
    names = {it.name for it in definition.fields()}
    signers = ["taxpayer"]
    added: dict[str, Written] = {}
    if written.get("filing_status_married_filing_jointly"):
        signers.append("spouse")
    if written.get("filing_status_married_filing_separately"):
        added |= {"filing_status_person_name": "Ivo Gray", "spouse_ssn": "900170001"}
    for who in signers:
        added[f"{who}_signature"] = True
        added[f"{who}_signature_date"] = f"{year + 1}-03-20"
    return {name: value for name, value in added.items() if name in names}

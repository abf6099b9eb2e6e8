"""Returns that no scanner saw: made of plain values, to try rules on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.case_files import CaseBook, definitions_of
from schemas.department import Department
from schemas.forms import FieldDefinition, FormDefinition
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import FormInstance, TaxReturn
from schemas.rule_cases import IN_REVIEW, Resolved, Resolver, Written

_DECIDED_BY = "person:example"


def make_form(definition: FormDefinition, written: Mapping[str, Written]) -> FormInstance:
    """A form with every field of its definition; what is not written is blank."""
    values = [
        _value(definition, page.number, field, written.get(field.name))
        for page in definition.pages
        for field in page.fields
    ]
    return FormInstance(
        form=definition.form,
        year=definition.year,
        pages=tuple(page.number for page in definition.pages),
        values=tuple(values),
    )


def make_return(
    department: str,
    year: int,
    forms: tuple[FormInstance, ...],
    missing_pages: tuple[str, ...] = (),
    number: int = 1,
) -> TaxReturn:
    """The forms as one return, of a file that does not exist."""
    return TaxReturn(
        return_id=f"made-{number}",
        department=department,
        file="",
        sha256="0" * 64,
        tax_year=year,
        forms=forms,
        missing_pages=missing_pages,
    )


class ExampleMaker:
    """Makes the returns of a case book; each example is built once and copied with changes."""

    def __init__(self, department: Department, book: CaseBook) -> None:
        self._department = department
        self._book = book
        self._made: dict[tuple[str, int], dict[str, FormInstance]] = {}
        self._definitions = {
            year: definitions_of(department, year)
            for year in {definition.year for definition in department.forms}
        }
        self._resolvers = {year: Resolver(year, it) for year, it in self._definitions.items()}
        self._fields = {
            (definition.form, definition.year): {it.name: it for it in definition.fields()}
            for definition in department.forms
        }

    def resolve(self, year: int, form: str, changes: Mapping[str, Any]) -> Resolved:
        """Changes as the files have them, understood; they were checked when they were read."""
        return self._resolvers[year].resolve(form, changes)

    def unchanged(self, example: str, year: int) -> TaxReturn:
        """The example as its file has it."""
        return self.make(example, year)[0]

    def make(self, example: str, year: int, *changes: Resolved) -> list[TaxReturn]:
        """The example with the changes, one after another, and after it who stands beside it."""
        forms = dict(self._example(example, year))
        missing: list[str] = []
        doubled: set[str] = set()
        beside: list[TaxReturn] = []
        for change in changes:
            for form in change.absent_forms:
                forms.pop(form, None)
            doubled |= change.doubled_forms
            self._write(forms, year, change)
            for form, page in sorted(change.absent_pages):
                forms[form] = _without_page(forms[form], page)
                missing.append(f"{form} {year} page {page}")
            missing += [
                f"page {number + 1} of the document" for number in range(change.unrecognised)
            ]
            if change.beside is not None:
                beside += self.make(example, change.beside_year or year, change.beside)
        copies = [*forms.values(), *(forms[form] for form in sorted(doubled) if form in forms)]
        made = make_return(self._department.name, year, tuple(copies), tuple(missing))
        others = [
            it.model_copy(update={"return_id": f"made-{n}"}) for n, it in enumerate(beside, 2)
        ]
        return [made, *others]

    def _example(self, example: str, year: int) -> dict[str, FormInstance]:
        if (example, year) not in self._made:
            definitions = self._definitions[year]
            made = {}
            for form, fields in self._book.example(example).of_year(year).items():
                if form in definitions:
                    resolved = self.resolve(year, form, fields)
                    written = {name: value for (_, name), value in resolved.fields.items()}
                    made[form] = make_form(definitions[form], written)
            self._made[example, year] = made
        return self._made[example, year]

    def _write(self, forms: dict[str, FormInstance], year: int, change: Resolved) -> None:
        by_form: dict[str, dict[str, Written]] = {}
        for (form, name), written in change.fields.items():
            by_form.setdefault(form, {})[name] = written
        for form, written_there in by_form.items():
            definition = self._definitions[year][form]
            if form in forms:
                fields = self._fields[form, year]
                forms[form] = _changed(forms[form], definition, fields, written_there)
            else:
                forms[form] = make_form(definition, written_there)


def _changed(
    instance: FormInstance,
    definition: FormDefinition,
    fields: Mapping[str, FieldDefinition],
    written: Mapping[str, Written],
) -> FormInstance:
    values = tuple(
        _value(definition, value.page, fields[value.name], written[value.name])
        if value.name in written
        else value
        for value in instance.values
    )
    return instance.model_copy(update={"values": values})


def _without_page(instance: FormInstance, page: int) -> FormInstance:
    return instance.model_copy(
        update={
            "pages": tuple(number for number in instance.pages if number != page),
            "values": tuple(value for value in instance.values if value.page != page),
        }
    )


def _value(
    definition: FormDefinition, page: int, field: FieldDefinition, written: Written
) -> FieldValue:
    value: str | bool | None
    if written is IN_REVIEW:
        value, status = None, ValueStatus.REVIEW
    elif field.kind.is_mark:
        value = written is True
        status = ValueStatus.ACCEPTED if value else ValueStatus.BLANK
    else:
        value = written if isinstance(written, str) else None
        status = ValueStatus.ACCEPTED if value is not None else ValueStatus.BLANK
    return FieldValue(
        form=definition.form,
        year=definition.year,
        page=page,
        name=field.name,
        line=field.line,
        source_field=field.source_field,
        kind=field.kind,
        value=value,
        as_read=value if isinstance(value, str) else "",
        confidence=0.5 if status is ValueStatus.REVIEW else 1.0,
        status=status,
        decided_by=_DECIDED_BY,
        bbox=(0, 0, 1, 1),
    )

"""From a return to the cells that rules see: exact numbers, dates, marks, sealed texts.

A cell is None where the field is blank, and `Unknown` where nobody can say: the field is in
review, or its page or form is not in the return.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import FormInstance, TaxReturn
from validators.scope import Column, describe_field, describe_form
from validators.ternary import Sealed, Unknown

_KNOWN_PAGE = re.compile(r"(?P<form>\S+) (?P<year>\d{4}) page \d+")
"""How a missing page is named; any other entry is a page that nobody has recognised."""

NOT_RECOGNISED = Unknown("a page of the document is not recognised")


class FactSheet:
    """What is known of returns of one department, by column."""

    def __init__(self, department: Department) -> None:
        self._main = department.settings.main_form
        self._fields: dict[tuple[str, int], dict[str, tuple[FieldDefinition, int]]] = {
            (form.form, form.year): {
                field.name: (field, page.number) for page in form.pages for field in page.fields
            }
            for form in department.forms
        }

    def rows(self, returns: Sequence[TaxReturn], columns: Sequence[Column]) -> list[list[Any]]:
        """A row for each return, with one cell for each column."""
        plans: dict[int, dict[str, list[_Entry]]] = {}
        rows = []
        for tax_return in returns:
            year = tax_return.tax_year
            if year not in plans:
                plans[year] = self._plan(year, columns)
            rows.append(self._row(_Holdings(tax_return), columns, plans[year]))
        return rows

    def _plan(self, year: int, columns: Sequence[Column]) -> dict[str, list[_Entry]]:
        """Which cells of a row are fields of this year, by form.

        A field that the year's form lacks stays None: no rule of that year asks for it.
        """
        plan: dict[str, list[_Entry]] = {}
        for index, column in enumerate(columns):
            known = self._fields.get((column.form, year), {}).get(column.name)
            if column.kind == "field" and known:
                where = None if column.form == self._main else column.form
                plan.setdefault(column.form, []).append(_Entry(index, *known, where))
        return plan

    def _row(
        self, held: _Holdings, columns: Sequence[Column], plan: dict[str, list[_Entry]]
    ) -> list[Any]:
        row: list[Any] = [
            None if column.kind == "field" else _holding(held, column) for column in columns
        ]
        for form, entries in plan.items():
            if form not in held.forms:
                absent = missing_form(form)
                for entry in entries:
                    row[entry.place] = absent
                continue
            for entry in entries:
                values = held.values.get((form, entry.field.name))
                row[entry.place] = (
                    _one_cell(values, entry) if values else missing_page(form, entry.page)
                )
        return row


class _Entry(NamedTuple):
    """One field's place in a row."""

    place: int
    field: FieldDefinition
    page: int
    form: str | None
    """Where it is not the main form."""


def _holding(held: _Holdings, column: Column) -> Any:
    """What the return holds, other than fields."""
    if column.kind == "form":
        count = len(held.forms.get(column.form, ()))
        return NOT_RECOGNISED if not count and held.unrecognised else Decimal(count)
    if column.kind == "page":
        present = (column.form, int(column.name)) in held.pages
        return NOT_RECOGNISED if not present and held.unrecognised else present
    if column.name == "missing_pages" and held.unrecognised:
        return NOT_RECOGNISED  # it may be a lost one, or belong to a form that lacks others
    return Decimal(held.facts[column.name])


def _one_cell(values: Sequence[FieldValue], entry: _Entry) -> Any:
    """The cell of a field, of which there are as many values as copies of its form."""
    first = to_cell(values[0], entry.field, entry.form)
    for other in values[1:]:
        if first.__class__ is Unknown or to_cell(other, entry.field, entry.form) != first:
            return unknown(f"copies of {describe_field(entry.field, entry.form)} differ")
    return first


class _Holdings:
    """A return's forms of its own tax year, opened up once."""

    def __init__(self, tax_return: TaxReturn) -> None:
        self.year = tax_return.tax_year
        self.forms: dict[str, list[FormInstance]] = {}
        self.values: dict[tuple[str, str], list[FieldValue]] = {}
        self.pages: set[tuple[str, int]] = set()
        for instance in tax_return.forms:
            if instance.year != tax_return.tax_year:
                continue
            self.forms.setdefault(instance.form, []).append(instance)
            for value in instance.values:
                self.values.setdefault((instance.form, value.name), []).append(value)
                self.pages.add((instance.form, value.page))
        self.unrecognised = any(
            not _KNOWN_PAGE.fullmatch(page) for page in tax_return.missing_pages
        )
        self.facts = {
            "tax_year": tax_return.tax_year,
            "form_count": sum(len(found) for found in self.forms.values()),
            "missing_pages": len(tax_return.missing_pages),
            "other_year_forms": sum(
                instance.year != tax_return.tax_year for instance in tax_return.forms
            ),
        }


def to_cell(value: FieldValue, field: FieldDefinition, form: str | None) -> Any:
    """A field's value as the rules see it; `form` where it is not the main form."""
    if value.status is ValueStatus.REVIEW:
        return unknown(f"{describe_field(field, form)} is in review")
    if value.status is ValueStatus.UNREAD:
        return unknown(f"{describe_field(field, form)} was not read")
    if value.kind.is_mark:
        return value.value is True
    if value.status is ValueStatus.BLANK or not isinstance(value.value, str) or not value.value:
        return None
    try:
        if value.kind in (FieldKind.AMOUNT, FieldKind.COUNT):
            number = Decimal(value.value)
            if number.is_finite():
                return number
            raise InvalidOperation
        if value.kind is FieldKind.DATE:
            return date.fromisoformat(value.value)
    except (InvalidOperation, ValueError):
        return unknown(f"{describe_field(field, form)} is not written as {value.kind} should be")
    return Sealed(value.value)


@lru_cache(maxsize=10_000)
def unknown(reason: str) -> Unknown:
    """One object for each reason: a batch has thousands of cells with the same."""
    return Unknown(reason)


@lru_cache(maxsize=1_000)
def missing_form(form: str) -> Unknown:
    """Why a field of a form that the return lacks is unknown."""
    return unknown(f"{describe_form(form)} is not in the return")


@lru_cache(maxsize=1_000)
def missing_page(form: str, page: int) -> Unknown:
    """Why a field of a page that the return lacks is unknown."""
    return unknown(f"page {page} of {describe_form(form)} is missing")

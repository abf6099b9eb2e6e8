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
from typing import Any

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

    def cells(self, tax_return: TaxReturn, columns: Sequence[Column]) -> list[Any]:
        """One cell for each column."""
        held = _Holdings(tax_return)
        return [self._cell(held, column) for column in columns]

    def _cell(self, held: _Holdings, column: Column) -> Any:
        if column.kind == "field":
            return self._field(held, column)
        if column.kind == "form":
            count = len(held.forms.get(column.form, ()))
            return NOT_RECOGNISED if not count and held.unrecognised else Decimal(count)
        if column.kind == "page":
            present = (column.form, int(column.name)) in held.pages
            return NOT_RECOGNISED if not present and held.unrecognised else present
        return Decimal(held.facts[column.name])

    def _field(self, held: _Holdings, column: Column) -> Any:
        known = self._fields.get((column.form, held.year), {}).get(column.name)
        if known is None:
            return None  # Not on this year's form; no rule of this year asks for it.
        field, page = known
        where = None if column.form == self._main else column.form
        if column.form not in held.forms:
            return missing_form(column.form)
        values = held.values.get((column.form, column.name), [])
        if not values:
            return missing_page(column.form, page)
        label = describe_field(field, where)
        first = to_cell(values[0], label)
        for other in values[1:]:
            if first.__class__ is Unknown or to_cell(other, label) != first:
                return unknown(f"copies of {label} differ")
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


def to_cell(value: FieldValue, label: str) -> Any:
    """A field's value as the rules see it."""
    if value.status is ValueStatus.REVIEW:
        return unknown(f"{label} is in review")
    if value.kind.is_mark:
        return value.value is True
    if value.status is ValueStatus.BLANK or not isinstance(value.value, str) or not value.value:
        return None
    try:
        if value.kind in (FieldKind.AMOUNT, FieldKind.COUNT):
            number = Decimal(value.value)
            return number if number.is_finite() else unknown(f"{label} is not a number")
        if value.kind is FieldKind.DATE:
            return date.fromisoformat(value.value)
    except (InvalidOperation, ValueError):
        return unknown(f"{label} is not written as {value.kind} should be")
    return Sealed(value.value)


@lru_cache(maxsize=10_000)
def unknown(reason: str) -> Unknown:
    """One object for each reason: a batch has thousands of cells with the same."""
    return Unknown(reason)


def missing_form(form: str) -> Unknown:
    """Why a field of a form that the return lacks is unknown."""
    return unknown(f"{describe_form(form)} is not in the return")


def missing_page(form: str, page: int) -> Unknown:
    """Why a field of a page that the return lacks is unknown."""
    return unknown(f"page {page} of {describe_form(form)} is missing")

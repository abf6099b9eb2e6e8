"""A question to the database about a whole batch, and the words for what comes back.

Rows that come back are what is unexpected, with surrogate keys. A second question says how many
things could be compared at all: where nothing could, nothing was evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from schemas.columns import AMOUNT_SCALE, ExactAmount
from schemas.department import Department
from schemas.expectations import DepartmentExpectations
from schemas.findings import MOST_CASES, Number
from schemas.forms import FieldDefinition, FieldKind
from schemas.oversight_tables import BatchFigure, ReturnFigure
from schemas.tables import Base, Document, FieldValueRow, Page, ReturnForm, TaxReturnRow
from validators.scope import describe_field, describe_form

Row = Mapping[Any, Any]


def _table(row: type[Base]) -> sa.Table:
    table = row.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 -- for the type checker
    return table


DOCUMENTS = _table(Document)
PAGES = _table(Page)
RETURNS = _table(TaxReturnRow)
FORMS = _table(ReturnForm)
VALUES = _table(FieldValueRow)
FIGURES = _table(BatchFigure)
SAMENESS = _table(ReturnFigure)


@dataclass(frozen=True)
class BatchInView:
    """One batch, what it is compared with, and the dialect of the database that holds it."""

    department: Department
    batch_id: str
    earlier: tuple[str, ...]
    """Batches before it, newest first."""
    sqlite: bool

    @property
    def expected(self) -> DepartmentExpectations:
        return self.department.settings.expectations

    @property
    def main_form(self) -> str:
        return self.department.settings.main_form

    def main_fields(self) -> dict[str, FieldDefinition]:
        """Fields of the main form by name, over all years; the newest year's definition."""
        found: dict[str, FieldDefinition] = {}
        for form in self.department.forms:
            if form.form == self.main_form:
                found |= {one.name: one for one in form.fields()}
        return found

    def amounts(self, chosen: Sequence[str]) -> list[str]:
        """These fields of the main form, or all its amounts."""
        return list(chosen) or [
            name
            for name, one in self.main_fields().items()
            if one.kind is FieldKind.AMOUNT and not one.reserved
        ]

    def identifiers(self) -> list[str]:
        """Fields of the main form by which a filer is known."""
        chosen = list(self.expected.repeated_filer.identifiers)
        for name, one in self.main_fields().items():
            if not chosen and one.kind is FieldKind.TAXPAYER_ID:
                chosen.append(name)
        return chosen

    def raw(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """An amount as the database computes with it: ten-thousandths on SQLite."""
        return sa.type_coerce(column, sa.BigInteger() if self.sqlite else sa.Numeric())

    def units(self, amount: Decimal) -> sa.ColumnElement[Any]:
        """An amount of the settings, to compare with `raw` ones."""
        scaled = amount * AMOUNT_SCALE if self.sqlite else amount
        return sa.literal(float(scaled), sa.Float()) if self.sqlite else sa.literal(scaled)

    def times(self, factor: Decimal, raw: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        """A `raw` amount times a factor, in the database's own numbers."""
        if self.sqlite:
            return sa.type_coerce(raw, sa.Float()) * float(factor)
        return raw * sa.literal(factor)


def exact(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """A `raw` amount as a `Decimal` again."""
    return sa.type_coerce(column, ExactAmount())


@dataclass(frozen=True)
class Told:
    """What is said of one subject."""

    subject: str
    message: str
    numbers: dict[str, Number] = field(default_factory=dict)


@dataclass(frozen=True)
class Inquiry:
    """One expectation, as it is asked."""

    id: str
    title: str
    rows: sa.Select[Any]
    """`subject` where it has several; `return_id` where returns are concerned."""
    basis: sa.Select[Any]
    """One row, one number: what could be compared."""
    least: int
    too_little: str
    """Why nothing was evaluated, where the basis is less than `least`."""
    tell: Callable[[Subject], Told]
    plain: str = ""
    """What is expected, for people."""


@dataclass
class Subject:
    """Rows of one subject: counted all, kept the first."""

    name: str
    basis: int
    count: int = 0
    first: dict[str, Any] = field(default_factory=dict)
    returns: list[str] = field(default_factory=list)
    cases: list[dict[str, Number]] = field(default_factory=list)

    def add(self, row: Row) -> None:
        if not self.count:
            self.first = dict(row)
        self.count += 1
        if "return_id" not in row or len(self.cases) == MOST_CASES:
            return
        self.returns.append(row["return_id"])
        self.cases.append({key: number(said) for key, said in row.items() if key != "subject"})


@dataclass(frozen=True)
class Answer:
    """What the database said to one inquiry."""

    basis: int = 0
    subjects: tuple[Subject, ...] = ()
    failure: str = ""
    """The kind of error that kept it from answering; never its words, which can quote rows."""


def ask(inquiry: Inquiry, execute: Callable[[sa.Select[Any]], sa.Result[Any]]) -> Answer:
    """Ask the database; never raises. Rows by subject, in the order in which they come."""
    try:
        basis = int(execute(inquiry.basis).scalar() or 0)
        found: dict[str, Subject] = {}
        for row in execute(inquiry.rows).mappings() if basis >= inquiry.least else ():
            name = row.get("subject") or ""
            found.setdefault(name, Subject(name, basis)).add(row)
    except Exception as error:
        return Answer(failure=type(error).__name__)
    return Answer(basis, tuple(found.values()))


def number(said: Any) -> Number:
    """For JSON: amounts as text, shares to six places."""
    if isinstance(said, Decimal):
        return f"{said.normalize():f}"
    return round(said, 6) if isinstance(said, float) else said


def money(said: Any) -> str:
    """`1,234.50` or `1,234`."""
    amount = Decimal(said)
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def describe(view: BatchInView, subject: str) -> str:
    """`form_1040.wages` → `line 1z (wages)`, with the form's name where it is another one."""
    form, _, name = subject.partition(".")
    for definition in reversed(view.department.forms):
        for one in definition.fields() if definition.form == form else ():
            if one.name == name:
                return describe_field(one, None if form == view.main_form else form)
    return f"{name.replace('_', ' ')} of {describe_form(form)}"


def plural(count: int, one: str, many: str = "") -> str:
    """`1 return`, `2 returns`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

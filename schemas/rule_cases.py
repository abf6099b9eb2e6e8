"""What shows that a rule is right: example returns, and changes to them whose outcome is known.

A change is written `field` (of the rule's form) or `form.field`; forms and pages are taken away
by `schedule_1: absent` and `schedule_1 page 2: absent`. A value may be given by tax year.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final

from pydantic import Field, model_validator

from schemas.forms import NAME_PATTERN, FieldDefinition, FieldKind, FormDefinition, Frozen
from schemas.rules import Outcome
from schemas.words import suggest

MARKED: Final = "marked"
BLANK: Final = "blank"
UNREAD: Final = "unread"
ABSENT: Final = "absent"
TWICE: Final = "twice"
BESIDE: Final = "beside"
UNRECOGNISED: Final = "return.unrecognised_pages"
YEAR: Final = "return.tax_year"
_PAGE = re.compile(r"(?P<form>\S+) page (?P<page>\d+)")

Changes = dict[str, Any]
"""What stands otherwise in the example return, as the file has it."""


class Trial(StrEnum):
    """The four things that must be shown of every rule."""

    PASSING = "passing"
    FAILING = "failing"
    BOUNDARY = "boundary"
    NOT_EVALUATED = "not evaluated"


class Unread:
    """In a field's place: it waits for a person."""

    def __repr__(self) -> str:
        return UNREAD


IN_REVIEW: Final = Unread()

Written = str | bool | None | Unread
"""Canonical text, True for a mark, None for blank, or in review."""


class ExampleReturn(Frozen):
    """A complete return of an invented filer, without a mistake."""

    name: str = Field(pattern=f"^{NAME_PATTERN.pattern}$")
    title: str
    """Whose return it is, and what it shows."""
    years: tuple[int, ...] = Field(min_length=1)
    forms: dict[str, dict[str, Any]]
    """Form → field → what is written, or by tax year where it differs: `{2021: 250, 2022: 300}`.
    What is left out is blank."""

    def of_year(self, year: int) -> dict[str, dict[str, Any]]:
        """What is written in that year, form by form."""
        found: dict[str, dict[str, Any]] = {}
        for form, fields in self.forms.items():
            found[form] = {}
            for name, written in fields.items():
                if not isinstance(written, dict):
                    found[form][name] = written
                elif year in written:
                    found[form][name] = written[year]
        return found


class RuleCase(Frozen):
    """One rule on one example return: where it passes, fails, is at its edge, and cannot say."""

    rule: str
    example: str
    years: tuple[int, ...] = ()
    """None: every year that both the rule and the example have."""
    given: Changes = Field(default_factory=dict)
    """Changes without which the rule would not apply to the example; before all that follow."""
    passes: Changes = Field(default_factory=dict)
    fails: Changes | None = None
    boundary: Changes | None = None
    boundary_outcome: Outcome = Outcome.PASS
    not_evaluated: Changes | None = None
    total: str | None = None
    """Instead of the above, for a rule by which one amount follows from others: that amount. It
    may miss by `misses_by`, either way, and by no cent more; unread, the rule cannot say."""
    misses_by: Decimal = Field(default=Decimal("0.99"), ge=0)
    file: str = ""
    at_line: int = 0

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> RuleCase:
        if (
            self.total is not None
            and (self.fails, self.boundary, self.not_evaluated) != (None,) * 3
        ):
            raise ValueError("total stands for fails, boundary and not_evaluated: leave them out")
        if self.boundary_outcome is Outcome.NOT_EVALUATED:
            raise ValueError("boundary_outcome is pass or fail")
        return self


@dataclass(frozen=True)
class Resolved:
    """Changes, understood: what the return is made of."""

    fields: Mapping[tuple[str, str], Written] = field(default_factory=dict)
    absent_forms: frozenset[str] = frozenset()
    doubled_forms: frozenset[str] = frozenset()
    absent_pages: frozenset[tuple[str, int]] = frozenset()
    unrecognised: int = 0
    beside: Resolved | None = None
    """Another return of the same batch: the example with these changes."""
    beside_year: int | None = None


class Resolver:
    """Understands changes for one tax year, and remembers what it could not."""

    def __init__(self, year: int, definitions: Mapping[str, FormDefinition]) -> None:
        self._year = year
        self._forms = definitions
        self._fields = {
            form: {it.name: it for it in definition.fields()}
            for form, definition in definitions.items()
        }
        self.mistakes: list[tuple[str, str]] = []
        """Key and what is wrong with it."""

    def resolve(self, own_form: str, changes: Mapping[str, Any]) -> Resolved:
        """What the changes mean; the mistakes among them are left out and noted."""
        fields: dict[tuple[str, str], Written] = {}
        absent: set[str] = set()
        doubled: set[str] = set()
        pages: set[tuple[str, int]] = set()
        unrecognised = 0
        beside: Resolved | None = None
        beside_year: int | None = None
        for key, value in changes.items():
            if key == BESIDE and isinstance(value, dict):
                other = dict(value)
                beside_year = other.pop(YEAR, None)
                beside = self.resolve(own_form, other)
            elif key == UNRECOGNISED and isinstance(value, int):
                unrecognised = value
            elif key in self._forms:
                {ABSENT: absent, TWICE: doubled}.get(value, set()).add(key)
                if value not in (ABSENT, TWICE):
                    self._wrong(key, f"a form is {ABSENT} or {TWICE}, not {value!r}")
            elif match := _PAGE.fullmatch(key):
                form, number = match["form"], int(match["page"])
                if form in self._forms and value == ABSENT:
                    pages.add((form, number))
                else:
                    self._wrong(key, f"write `FORM page NUMBER: {ABSENT}` with a form of the year")
            else:
                self._field(own_form, key, value, fields)
        return Resolved(
            fields,
            frozenset(absent),
            frozenset(doubled),
            frozenset(pages),
            unrecognised,
            beside,
            beside_year,
        )

    def _field(
        self, own_form: str, key: str, value: Any, fields: dict[tuple[str, str], Written]
    ) -> None:
        target, _, name = key.rpartition(".")
        form = target or own_form
        if form not in self._forms:
            self._wrong(key, f"no form {form!r}{suggest(form, self._forms)}")
            return
        definition = self._fields[form].get(name)
        if isinstance(value, dict):
            if self._year not in value:
                self._wrong(key, f"nothing is said of {self._year}")
                return
            value = value[self._year]
        if definition is None:
            self._wrong(key, f"{form} has no field {name!r}{suggest(name, self._fields[form])}")
            return
        try:
            fields[form, name] = read_cell(definition, value)
        except ValueError as error:
            self._wrong(key, f"{name}: {error}")

    def _wrong(self, key: str, message: str) -> None:
        self.mistakes.append((key, message))


def read_cell(definition: FieldDefinition, value: Any) -> Written:
    """What a file says stands in a field.

    Raises:
        ValueError: no such field can hold that; the message says what to write.
    """
    if value == UNREAD:
        return IN_REVIEW
    if value == BLANK:
        return None
    if value is None:
        raise ValueError(f"nothing is written; of an empty field say {BLANK}")
    kind = definition.kind
    if kind.is_mark:
        if value == MARKED:
            return True
        raise ValueError(f"a box is {MARKED}, {BLANK} or {UNREAD}, not {value!r}")
    if kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        return _number(value)
    if kind is FieldKind.DATE:
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError:
            raise ValueError("a date is written 2023-04-18") from None
    if not isinstance(value, str):
        raise ValueError("must be text: put it in quotes")
    return value


def _number(value: Any) -> str:
    """A written number, digit for digit; YAML's floats come back as they were typed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("must be a number")
    try:
        number = Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        raise ValueError("must be a number, without thousands commas") from None
    if not number.is_finite():
        raise ValueError("must be a number")
    return format(number, "f")

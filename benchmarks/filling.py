"""Filling in single pages of a form: nearly every field, as one invented filer would write it.

A return fills few of its form's fields. What is fitted field by field needs many fields and no
arithmetic: here each field is filled for its own sake, in the manners of `benchmarks.samples`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from benchmarks.samples.people import (
    chance,
    invent_ein,
    invent_household,
    invent_payers,
    invent_phone,
    invent_ptin,
    invent_routing_number,
    invent_taxpayer_id,
    pick,
)
from benchmarks.samples.returns_writing import (
    form_habits,
    write_amount,
    write_date,
    write_employer_number,
    write_identifier,
    write_phone,
    write_text,
)
from schemas.forms import FieldDefinition, FieldKind, PageDefinition

_FILLED = {FieldKind.AMOUNT: 0.6, FieldKind.NAME: 0.6, FieldKind.TEXT: 0.6, FieldKind.CHECKBOX: 0.3}
_MOSTLY_FILLED = 0.95
_ZERO = 0.06
_NEGATIVE = 0.05
_DESCRIPTIONS = ("Jury duty pay", "Gambling winnings", "Form 8814", "Prizes", "Stock options")


class Filer:
    """One invented person with one manner of writing."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._habits = form_habits(rng)
        self._household = invent_household(rng, 2022, int(rng.integers(25, 75)), 40, 3)
        self._kinds: dict[FieldKind, Callable[[FieldDefinition], str]] = {
            FieldKind.AMOUNT: self._amount,
            FieldKind.COUNT: lambda field: str(rng.integers(0, 8)),
            FieldKind.TAXPAYER_ID: self._identifier,
            FieldKind.ROUTING_NUMBER: lambda field: invent_routing_number(rng),
            FieldKind.ACCOUNT_NUMBER: lambda field: self._digits(int(rng.integers(7, 14))),
            FieldKind.PHONE: self._phone,
            FieldKind.POSTAL_CODE: lambda field: self._digits(5),
            FieldKind.CODE: lambda field: self._digits(field.comb or 5),
            FieldKind.DATE: self._date,
            FieldKind.EMAIL: lambda field: self._household.email or "someone@example.com",
        }

    def fill(self, page: PageDefinition) -> dict[str, str | bool]:
        """What this filer writes and marks on a page, by field name."""
        filled: dict[str, str | bool] = {}
        groups: dict[str, list[str]] = {}
        for field in page.fields:
            if field.reserved:
                continue
            if field.kind is FieldKind.CHOICE:
                groups.setdefault(field.group or "", []).append(field.name)
            elif chance(self._rng, _FILLED.get(field.kind, _MOSTLY_FILLED)):
                filled[field.name] = True if field.kind.is_mark else self._text(field)
        for names in groups.values():
            if chance(self._rng, 0.8):
                filled[pick(self._rng, names)] = True
        return filled

    def _text(self, field: FieldDefinition) -> str:
        make = self._kinds.get(field.kind)
        if make is not None:
            return make(field)
        return str(write_text(self._words(field), self._habits).as_written)

    def _digits(self, count: int) -> str:
        return "".join(str(digit) for digit in self._rng.integers(0, 10, count))

    def _amount(self, field: FieldDefinition) -> str:
        """From single dollars to hundreds of thousands, as many of each size."""
        dollars = np.exp(self._rng.uniform(np.log(3), np.log(400_000)))
        amount = Decimal(float(dollars)).quantize(self._habits.unit)
        if chance(self._rng, _ZERO):
            amount = Decimal(0)
        elif chance(self._rng, _NEGATIVE):
            amount = -amount
        return str(write_amount(amount, self._habits).as_written)

    def _identifier(self, field: FieldDefinition) -> str:
        if field.name.endswith("_ptin"):
            return invent_ptin(self._rng)
        if field.name.endswith("_ein"):
            return str(write_employer_number(invent_ein(self._rng), field).as_written)
        number = invent_taxpayer_id(self._rng)
        return str(write_identifier(number, self._habits, field).as_written)

    def _phone(self, field: FieldDefinition) -> str:
        return str(write_phone(invent_phone(self._rng), self._habits, field).as_written)

    def _date(self, field: FieldDefinition) -> str:
        day = date(2022, 1, 28) + timedelta(days=int(self._rng.integers(0, 900)))
        return str(write_date(day, self._habits).as_written)

    def _words(self, field: FieldDefinition) -> str:
        name, home = field.name, self._household
        person = pick(self._rng, (home.taxpayer, *(one.person for one in home.dependants)))
        if name.endswith("_first_name"):
            return person.given
        if name.endswith("_last_name"):
            return person.last
        if "payer" in name or "firm" in name or "lender" in name:
            return invent_payers(self._rng, 1, funds=chance(self._rng, 0.5))[0]
        if field.kind is FieldKind.NAME:
            return f"{person.given} {person.last}"
        by_part = {
            "_street": home.street,
            "_address": home.street,
            "_apartment": home.apartment or "4",
            "_city": home.city,
            "_state": home.state,
            "_occupation": home.taxpayer.occupation or "Retired",
            "_relationship": home.dependants[0].relationship,
        }
        for part, text in by_part.items():
            if part in name:
                return text
        return pick(self._rng, (*_DESCRIPTIONS, home.city)) if field.box.width > 90 else "Other"

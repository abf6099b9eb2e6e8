"""How a filer writes: commas or none, `0` or `-0-` or nothing, capitals, dates in many manners.

Each function takes what is meant and gives what is put on the paper. Canonical values are made
from what is meant, never by reading back what was written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from benchmarks.samples.people import chance, pick
from schemas.forms import FieldDefinition, FieldKind


@dataclass(frozen=True)
class Written:
    """One field: what is meant, in canonical form, and what stands on the paper."""

    value: str | bool
    as_written: str | bool


@dataclass(frozen=True)
class Habits:
    """One filer's manner, the same throughout a return."""

    commas: bool
    dollar: bool
    cents: bool
    """Amounts carry their cents; else the filer rounds to whole dollars."""
    point_zeros: bool
    """Whole dollars written with `.00`."""
    zero: str
    """How a zero is written where the form asks for a figure."""
    fills_zeros: bool
    """Writes the zero also where a blank would do."""
    parentheses: bool
    """Around negative amounts; else a minus sign."""
    date_style: str
    id_dashes: bool
    phone_style: str
    capitals: bool

    @property
    def unit(self) -> Decimal:
        return Decimal("0.01") if self.cents else Decimal(1)


DATE_STYLES = (
    "{m}/{d}/{yy}",
    "{m:02}/{d:02}/{y}",
    "{m}/{d}/{y}",
    "{m}-{d}-{yy}",
    "{m:02}-{d:02}-{y}",
)
_DATE_ODDS = (0.35, 0.25, 0.2, 0.12, 0.08)
_PHONE_STYLES = ("({0}) {1}-{2}", "{0}-{1}-{2}", "{0} {1} {2}", "{0}{1}{2}")


def form_habits(rng: np.random.Generator) -> Habits:
    """Draw a manner of writing."""
    cents = chance(rng, 0.12)
    return Habits(
        commas=chance(rng, 0.7),
        dollar=chance(rng, 0.03),
        cents=cents,
        point_zeros=not cents and chance(rng, 0.08),
        zero=pick(rng, ("0", "-0-", "NONE"), (0.72, 0.25, 0.03)),
        fills_zeros=chance(rng, 0.1),
        parentheses=chance(rng, 0.6),
        date_style=pick(rng, DATE_STYLES, _DATE_ODDS),
        id_dashes=chance(rng, 0.6),
        phone_style=pick(rng, _PHONE_STYLES),
        capitals=chance(rng, 0.35),
    )


def plain_amount(amount: Decimal) -> str:
    """Canonical: no commas, cents only where there are any, `0` for nothing."""
    if amount == amount.to_integral_value():
        return str(int(amount))
    return f"{amount:.2f}"


def write_amount(amount: Decimal, habits: Habits) -> Written:
    value = plain_amount(amount)
    if amount == 0:
        return Written(value, habits.zero)
    size = abs(amount)
    digits = f"{size:,.2f}" if habits.cents or habits.point_zeros else f"{size:,.0f}"
    if not habits.commas:
        digits = digits.replace(",", "")
    if habits.dollar:
        digits = f"${digits}"
    if amount > 0:
        return Written(value, digits)
    return Written(value, f"({digits})" if habits.parentheses else f"-{digits}")


def write_count(count: int) -> Written:
    return Written(str(count), str(count))


def write_text(text: str, habits: Habits) -> Written:
    """Names and words: canonical is what stands there, case and all."""
    folded = " ".join(text.split())
    written = folded.upper() if habits.capitals else folded
    return Written(written, written)


def write_identifier(digits: str, habits: Habits, definition: FieldDefinition) -> Written:
    """A nine-digit identifier; boxes cut into nine cells have room for digits only."""
    room = definition.comb or definition.max_length or 11
    if len(digits) != 9 or not digits.isdigit() or room < 11 or not habits.id_dashes:
        return Written(digits, digits)
    return Written(digits, f"{digits[:3]}-{digits[3:5]}-{digits[5:]}")


def write_employer_number(digits: str, definition: FieldDefinition) -> Written:
    room = definition.comb or definition.max_length or 10
    return Written(digits, f"{digits[:2]}-{digits[2:]}" if room >= 10 else digits)


def write_phone(digits: str, habits: Habits, definition: FieldDefinition) -> Written:
    written = habits.phone_style.format(digits[:3], digits[3:6], digits[6:])
    room = definition.comb or definition.max_length or len(written)
    return Written(digits, written if len(written) <= room else digits)


def write_date(day: date, habits: Habits) -> Written:
    written = habits.date_style.format(m=day.month, d=day.day, y=day.year, yy=f"{day:%y}")
    return Written(day.isoformat(), written)


def as_is(text: str) -> Written:
    return Written(text, text)


MARK = Written(value=True, as_written=True)


def holds_amount(definition: FieldDefinition) -> bool:
    return definition.kind in (FieldKind.AMOUNT, FieldKind.COUNT)

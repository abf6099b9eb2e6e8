"""Comparing what was read with what is true, field by field.

Exactly right means: amounts and counts equal as decimals, identifiers and numbers equal digit
for digit, dates equal as dates, marks equal, names and texts equal but for case, spacing and
full stops.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from schemas.forms import FieldKind

KIND_GROUPS = {
    FieldKind.AMOUNT: "amounts",
    FieldKind.COUNT: "amounts",
    FieldKind.TAXPAYER_ID: "identifiers",
    FieldKind.ROUTING_NUMBER: "other numbers",
    FieldKind.ACCOUNT_NUMBER: "other numbers",
    FieldKind.PHONE: "other numbers",
    FieldKind.POSTAL_CODE: "other numbers",
    FieldKind.CODE: "other numbers",
    FieldKind.DATE: "dates",
    FieldKind.NAME: "text",
    FieldKind.TEXT: "text",
    FieldKind.EMAIL: "text",
    FieldKind.CHECKBOX: "marks",
    FieldKind.CHOICE: "marks",
    FieldKind.SIGNATURE: "marks",
}
_NUMBERS = ("identifiers", "other numbers")
NUMBER_GROUPS = ("amounts", "identifiers", "other numbers", "dates")
"""What a recogniser of numbers reads; `text` is the rest of what is written."""
STRUCK_OUT = "struck_out"
_NINE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Scored:
    """One field: what is true, what was read, and whether taxlift would take it unseen."""

    group: str
    ink: str
    quality: str
    filled: bool
    right: bool
    accepted: bool
    confidence: float
    key: str
    """`file|page|form|name`, to find the field again in the gallery."""
    risk: float = 0.0
    """The target error from which on taxlift takes it without a person."""
    manner: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is there to be read: a blank field, not a mark."""
        return not self.filled and self.group != "marks"


def group_of(kind: FieldKind, truth: str | bool | None) -> str:
    """Row of the tables; identifiers are those of nine digits, PTINs are other numbers."""
    group = KIND_GROUPS[kind]
    if group == "identifiers" and truth and len(_alphanumeric(str(truth))) == _NINE_DIGITS:
        return group if _alphanumeric(str(truth)).isdigit() else "other numbers"
    return group


def same(kind: FieldKind, truth: str | bool | None, read: str | bool | None) -> bool:
    """Whether a reading is exactly right, as defined above."""
    if kind.is_mark:
        return bool(truth) == bool(read)
    if truth in (None, "") or read in (None, ""):
        return truth in (None, "") and read in (None, "")
    group = KIND_GROUPS[kind]
    true_text, read_text = str(truth), str(read)
    if group == "amounts":
        try:
            return Decimal(true_text) == Decimal(read_text)
        except InvalidOperation:
            return False
    if group in _NUMBERS:
        return _alphanumeric(true_text) == _alphanumeric(read_text)
    if group == "dates":
        return true_text == read_text
    return _folded(true_text) == _folded(read_text)


def _alphanumeric(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def _folded(text: str) -> str:
    return re.sub(r"[\s.]+", " ", text).strip().casefold()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the accuracy table."""

    ink: str
    quality: str
    group: str
    fields: int
    right: int
    accepted: int
    accepted_wrong: int

    @property
    def share_right(self) -> float:
        return self.right / self.fields if self.fields else float("nan")


def tabulate(scored: Iterable[Scored]) -> list[Row]:
    """Rows by ink, quality and group; blank fields apart, as the group `blanks`.

    Fields in which something was struck out are no reading matter: they belong to a person.
    """
    cells: dict[tuple[str, str, str], list[Scored]] = defaultdict(list)
    for one in scored:
        if one.manner == STRUCK_OUT:
            continue
        group = "blanks" if one.is_empty else one.group
        cells[one.ink, one.quality, group].append(one)
    return [
        Row(
            ink=ink,
            quality=quality,
            group=group,
            fields=len(members),
            right=sum(one.right for one in members),
            accepted=sum(one.accepted for one in members),
            accepted_wrong=sum(one.accepted and not one.right for one in members),
        )
        for (ink, quality, group), members in sorted(cells.items())
    ]


def wilson(hits: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927), which holds near 0 and 1 too."""
    if of == 0:
        return 0.0, 1.0
    z = 1.959964
    share = hits / of
    centre = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, centre - half), min(1.0, centre + half)

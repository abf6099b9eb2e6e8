"""Comparing what was read with what is true, field by field.

Exactly right means: amounts and counts equal as decimals, identifiers and numbers equal digit
for digit, dates equal as dates, marks equal, names and texts equal but for case, spacing and
full stops.
"""

from __future__ import annotations

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
    """Rows by ink, quality and group; blank fields apart, as the group `blanks`."""
    cells: dict[tuple[str, str, str], list[Scored]] = defaultdict(list)
    for one in scored:
        group = one.group if one.filled or one.group == "marks" else "blanks"
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

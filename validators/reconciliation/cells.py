"""What a field may say: the reading that is held, the engines' other values, and anything else.

Each has the log of its odds against the held reading, by the ink alone. The held reading's
probability is its calibrated confidence; what that leaves is shared out as the engines' own scores
have it, but for a part that stays with values that no engine names.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.comparing import same_text
from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import Candidate, FieldValue
from validators.scope import Column
from validators.ternary import Sealed

Candidates = Callable[[FieldDefinition, FieldValue], Sequence[Candidate]]
"""The values that a field's readings leave possible; see `extractors.weighing.candidates`."""

KINDS = (
    FieldKind.AMOUNT,
    FieldKind.COUNT,
    FieldKind.TAXPAYER_ID,
    FieldKind.NAME,
    FieldKind.ROUTING_NUMBER,
)
"""Kinds that stand more than once in a return, follow from other fields, or check themselves."""
MOST_VALUES = 8
CUTOFF = 10.0
"""Log-odds below which a joint reading is not looked at: one in 22,000."""
_NAMED_SHARE = 0.7
"""Of misread fields, those whose true value is among the engines' other values."""
_DOUBTED = 0.5
"""Most that the held reading is worth where something other than the engines raised a doubt."""
_LEAST = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One thing that a field may say."""

    text: str | None
    """Canonical; None for blank."""
    content: Any
    """As the rules see it."""
    log_odds: float
    """Against the held reading, by the ink."""
    named: bool = True
    """By an engine; else it only follows from other fields, and is never held."""
    as_read: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One field of the return whose reading the rules may speak of."""

    place: tuple[int, int]
    """Form in the return and value in the form, from 0."""
    column: Column
    value: FieldValue
    first: Option
    others: tuple[Option, ...]
    """The engines' other values, the likeliest first."""
    unnamed: float
    """Log-odds of every other value together."""

    @property
    def is_sure(self) -> bool:
        """Held by its ink alone: whatever arithmetic wants, it is not changed."""
        return self.value.status.is_held

    @property
    def is_number(self) -> bool:
        return self.value.kind in (FieldKind.AMOUNT, FieldKind.COUNT)

    @property
    def is_open(self) -> bool:
        """Whether anything but the held reading is worth a look."""
        return self.least_loss <= CUTOFF

    @property
    def least_loss(self) -> float:
        """What anything but the held reading costs at least, by the ink."""
        likeliest = max([self.unnamed, *(option.log_odds for option in self.others[:1])])
        return max(-likeliest, 0.0)

    def implied(self, text: str | None, content: Any) -> Option:
        """What other fields say of this one: an engine's value where it is one."""
        for option in (self.first, *self.others):
            if option.content == content:
                return option
        return Option(text, content, self.unnamed, named=False)


def can_be_reconciled(definition: FieldDefinition, value: FieldValue) -> bool:
    """Whether arithmetic may speak of this field at all.

    What a person keyed is settled. Writing where nothing belongs, and a text layer that says what
    the page does not show, are matters for a person whatever adds up.
    """
    if value.kind not in KINDS or value.decided_by.startswith("person:"):
        return False
    hidden = value.decided_by.startswith("engine:textlayer")
    if not value.status.is_held and (value.value is None or hidden):
        return False
    return not (definition.reserved and value.value is not None)


def make_cell(
    place: tuple[int, int],
    column: Column,
    value: FieldValue,
    candidates: Sequence[Candidate],
    target_error: float,
) -> Cell | None:
    """The field with everything that it may say; None where its value cannot be one."""
    held = value.value if isinstance(value.value, str) else None
    try:
        first = Option(held, content_of(value.kind, held), 0.0, as_read=value.as_read)
    except (InvalidOperation, ValueError):
        return None
    wrong = max(1.0 - value.confidence, _LEAST)
    right, doubt = 1.0 - wrong, 0.0
    # In review though the engines were sure: it was struck out, or the page spoke against it.
    raised = not value.status.is_held and (value.risk or 1.0) <= target_error
    if raised and right > _DOUBTED:
        right, doubt = _DOUBTED, right - _DOUBTED
    others, named = [], 0.0
    alternatives = [one for one in candidates if not _same(value.kind, one.value, held)]
    left = sum(one.share for one in alternatives)
    for one in alternatives[:MOST_VALUES]:
        share = _NAMED_SHARE * wrong * one.share / left if left else 0.0
        try:
            content = content_of(value.kind, one.value)
        except (InvalidOperation, ValueError):
            continue
        # The engines together hold the first one likeliest, whatever the confidence is.
        odds = min(_log_ratio(share, right), 0.0)
        named += share
        others.append(Option(one.value, content, odds, as_read=one.as_read))
    unnamed = _log_ratio(wrong - named + doubt, right)
    others.sort(key=lambda option: -option.log_odds)
    return Cell(place, column, value, first, tuple(others), unnamed)


def content_of(kind: FieldKind, text: str | None) -> Any:
    """A canonical text as the rules see it."""
    if text is None:
        return None
    if kind not in (FieldKind.AMOUNT, FieldKind.COUNT):
        return Sealed(text)
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError("an amount is a finite number")
    return number


def _same(kind: FieldKind, text: str, held: str | None) -> bool:
    return held is not None and same_text(kind, text, held)


def _log_ratio(share: float, of: float) -> float:
    return math.log(max(share, _LEAST) / max(of, _LEAST))

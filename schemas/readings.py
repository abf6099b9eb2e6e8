"""What was seen on the paper: readings by engines, and the values that we hold them to mean."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from schemas.errors import RejectReason
from schemas.forms import FieldKind, Frozen

PixelBox = tuple[int, int, int, int]
"""Left, top, right, bottom in the pixels of the page as scanned (before any turning)."""


InkKind = Literal["typed", "hand"]


class Alternative(Frozen):
    """Another text that the ink may spell, and the log of its odds against the first."""

    text: str
    log_odds: float


class Reading(Frozen):
    """What one engine saw in one field."""

    engine: str
    version: str
    text: str
    """As seen, before any parsing. For marks `X` or the empty text."""
    confidence: float = Field(ge=0, le=1)
    """The engine's own score, 0 to 1; calibrated to a probability only in a `FieldValue`."""
    alternatives: tuple[Alternative, ...] = ()
    problem: str | None = None
    """Why the engine gave no answer; the text is then empty."""


class ValueStatus(StrEnum):
    """What is held of a field: a value, nothing yet, or that it is empty."""

    ACCEPTED = "accepted"
    REVIEW = "review"
    BLANK = "blank"
    UNREAD = "unread"  # not held, and no person is asked: the department can do without it

    @property
    def is_held(self) -> bool:
        """Whether we stand by the value, or by its being blank."""
        return self in (ValueStatus.ACCEPTED, ValueStatus.BLANK)


class Candidate(Frozen):
    """A value that the engines' readings of a field leave possible."""

    value: str
    """Canonical."""
    as_read: str
    """The likeliest text that says so."""
    share: float = Field(ge=0, le=1)
    """By the engines' own scores; what all of a field's lack to 1 is for values that none names."""


class Reconciled(StrEnum):
    """What the arithmetic of the whole return said of one field."""

    CONFIRMED = "confirmed"  # rules hold with it that another value would break
    CORRECTED = "corrected"  # the likeliest joint reading has another of the engines' values
    CONFLICT = "conflict"  # rules fail, and who is wrong is open: to a person
    MISTAKE = "mistake"  # the filer's own: kept as filed, what should be there stands beside it


class FirstReading(Frozen):
    """What was held of a field before the whole return was looked at."""

    value: str | bool | None
    as_read: str
    confidence: float
    risk: float | None
    status: ValueStatus
    decided_by: str
    reason: str | None


class Reconciliation(Frozen):
    """What became of a field when the whole return was read together (docs/reconciliation.md)."""

    outcome: Reconciled
    rules: tuple[str, ...]
    """Of a confirmed or corrected value the rules that hold, else those that fail."""
    probability: float = Field(ge=0, le=1)
    """Of the value that is held, summed over the joint readings that were looked at; before any
    calibration."""
    first: FirstReading
    alternative: str | None = None
    """In a conflict, what the likeliest joint reading has here, if anything else."""
    log_odds: float | None = None
    """Of the corrected or alternative value against the first one, by the ink alone."""
    correction: Decimal | None = None
    """What the rules want where the filer is wrong."""


class FieldValue(Frozen):
    """What we hold to be on the paper in one field, as filed, with the readings behind it."""

    form: str
    year: int
    page: int
    """Page of the form, from 1."""
    name: str
    line: str | None
    source_field: str | None
    kind: FieldKind
    value: str | bool | None
    """Canonical text (see `extractors.parsing`); bool for marks; None where blank or unread."""
    as_read: str
    """The chosen reading's text, untouched."""
    confidence: float = Field(ge=0, le=1)
    """Calibrated probability that the value is what is on the paper."""
    risk: float | None = Field(default=None, ge=0, le=1)
    """Share of wrong values, at most, among all that are at least as sure; accepted where it is
    within the kind's target error. None where nothing was read."""
    status: ValueStatus
    decided_by: str
    """`engine:NAME VERSION`, `engines:A+B` where two agree, `rules:ID+ID` where arithmetic chose
    among the engines' values, or `person:NAME`."""
    bbox: PixelBox
    ink: InkKind | None = None
    """Print or a hand's; None for marks, blank fields and text layers."""
    readings: tuple[Reading, ...] = ()
    reason: str | None = None
    """Why it is in review."""
    reconciliation: Reconciliation | None = None
    """What the rules made of it; None where they say nothing."""

    @property
    def amount(self) -> Decimal | None:
        """The value in dollars, for amounts and counts that are held."""
        if self.kind not in (FieldKind.AMOUNT, FieldKind.COUNT) or not isinstance(self.value, str):
            return None
        return Decimal(self.value)


class PageStatus(StrEnum):
    """What became of one page."""

    READ = "read"
    BLANK = "blank"  # nothing on it
    UNKNOWN = "unknown"  # no form of the department: to a person
    REFUSED = "refused"  # a form, but not registered or read well enough: to a person


class PageResult(Frozen):
    """All that is known of one page after reading it."""

    number: int
    """Page in the document, from 1."""
    width: int
    height: int
    """Of the scan, in pixels."""
    dpi: float | None = None
    status: PageStatus
    reason: RejectReason | None = None
    message: str = ""
    form: str | None = None
    year: int | None = None
    form_page: int | None = None
    identification_score: float = 0.0
    turned: int = 0
    """Degrees clockwise (0, 90, 180, 270) by which the scan was turned upright."""
    registration_score: float = 0.0
    residual_px: float | None = None
    """Median distance of matched points after registration, in pixels at 300 dpi."""
    transform: tuple[float, ...] = ()
    """Nine numbers, row by row: from points on the blank to pixels of the scan."""
    values: tuple[FieldValue, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    """Time by stage (`decode`, `identify`, `register`, `read`)."""
    versions: dict[str, Any] = Field(default_factory=dict)
    """Engines, calibration and definition that made this result."""

"""Why a return and its fields are held as they are: what an auditor is told.

Gathered by `loaders.explaining`, shown by the command line, as a page, and by the console.
Identifiers are masked unless `Explanation.shows_personal` says otherwise.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field

from schemas.forms import FieldKind, Frozen
from schemas.readings import InkKind, PixelBox, Reading, Reconciliation, ValueStatus
from schemas.returns import ReturnStatus
from schemas.rules import Category, Outcome, Severity
from schemas.tables import ReviewKind, ReviewStatus


class PageTold(Frozen):
    """One page of the return as scanned, and how it was laid on its blank."""

    number: int
    """Page of the document, from 1."""
    form: str
    year: int
    form_page: int
    width: int
    height: int
    """In pixels."""
    dpi: float | None
    turned: int
    """Degrees clockwise by which it was turned upright to be read."""
    registration_score: float
    residual_px: float | None
    read_at: datetime
    versions: dict[str, Any]
    """Of the form's definition and blank, the reader and the calibration."""


class FormTold(Frozen):
    """One form of the return."""

    form: str
    year: int
    copy_number: int
    """From 1: a return can hold the same form twice."""
    pages: tuple[int, ...]
    """Of the document."""
    definition: str | None
    """Version of its definition as the department has it now (`schemas.versions`)."""


class ReviewTold(Frozen):
    """Something that waited, or waits, for a person."""

    kind: ReviewKind
    reason: str
    status: ReviewStatus
    opened_at: datetime
    closed_at: datetime | None


class FieldTold(Frozen):
    """One field: where it is on the paper, what was read, what is held and who decided."""

    form: str
    year: int
    copy_number: int
    name: str
    line: str | None
    label: str
    """The form's own words beside it; empty where the department's files are not at hand."""
    group: str | None
    """For a choice: the name of its group."""
    kind: FieldKind
    page: int
    """Of the document, from 1."""
    form_page: int
    bbox: PixelBox
    """Left, top, right, bottom in pixels of the page as scanned."""
    value: str | bool | None
    as_read: str
    ink: InkKind | None
    confidence: float
    risk: float | None
    target_error: float | None
    """What the department can bear of wrong values among fields like this one."""
    status: ValueStatus
    reason: str | None
    decided_by: str
    decided_at: datetime
    readings: tuple[Reading, ...]
    reconciliation: Reconciliation | None
    reviews: tuple[ReviewTold, ...]
    is_hidden: bool
    """Its picture may show an identifier, and identifiers are masked."""

    @property
    def key(self) -> str:
        """`form_1040.wages`; of a form's second copy `schedule_c:2.gross_receipts`."""
        copy = f":{self.copy_number}" if self.copy_number > 1 else ""
        return f"{self.form}{copy}.{self.name}"


class RuleInput(Frozen):
    """One number that went into a rule."""

    form: str
    name: str
    line: str | None
    value: str | None
    """As the rule saw it, identifiers masked; empty where blank, None where unread."""


class RuleTold(Frozen):
    """One rule, what it said of the return, and what went in."""

    rule_id: str
    severity: Severity
    category: Category
    outcome: Outcome
    message: str
    inputs: tuple[RuleInput, ...]
    title: str = ""
    text: str = ""
    """What must hold. Empty, as all below, where the department has no such rule any more."""
    form: str | None = None
    when: str | None = None
    check: str = ""
    tolerance: Decimal = Decimal(0)
    source: str = ""

    @property
    def applies(self) -> bool:
        """Whether it was about this return at all."""
        return not (self.outcome is Outcome.PASS and self.message.startswith("does not apply"))

    def speaks_of(self, field: FieldTold) -> bool:
        """Whether the field went into it."""
        return any((it.form, it.name) == (field.form, field.name) for it in self.inputs)


class EventTold(Frozen):
    """One entry of the audit log about this return or its document."""

    sequence: int
    at: str
    """UTC, as it is hashed."""
    actor: str
    action: str
    outcome: str
    detail: dict[str, str | int | bool | None]


class Explanation(Frozen):
    """A return, or some of its fields, with all that led to them."""

    return_id: str
    department: str
    department_title: str | None
    """None where the department's files are not at hand; texts of rules are then missing."""
    tax_year: int
    status: ReturnStatus
    reasons: tuple[str, ...]
    missing_pages: tuple[str, ...]
    decided_at: datetime
    file: str
    """Name as first received; whatever looks like an identifier is masked."""
    sha256: str
    size: int
    run: str
    received_at: datetime
    forms: tuple[FormTold, ...]
    pages: tuple[PageTold, ...]
    fields: tuple[FieldTold, ...]
    rules: tuple[RuleTold, ...]
    reviews: tuple[ReviewTold, ...]
    """Of the return and its pages; those of fields stand with them."""
    events: tuple[EventTold, ...]
    rules_version: str | None
    """Of the rules that were applied; None where that was not yet recorded."""
    rules_version_now: str | None = Field(default=None)
    """Of the rules as the department has them now."""
    shows_personal: bool = False

    def page(self, number: int) -> PageTold:
        """The page of the document with that number."""
        return next(page for page in self.pages if page.number == number)

    def rules_of(self, field: FieldTold) -> tuple[RuleTold, ...]:
        """The rules that speak of a field: those that failed first, what does not apply last."""
        order = {Outcome.FAIL: 0, Outcome.NOT_EVALUATED: 1, Outcome.PASS: 2}
        mine = [rule for rule in self.rules if rule.speaks_of(field)]
        return tuple(sorted(mine, key=lambda rule: (not rule.applies, order[rule.outcome])))

    def of_field(self, field: FieldTold) -> Explanation:
        """The same for one field: its page, its rules."""
        return self.model_copy(
            update={
                "fields": (field,),
                "rules": self.rules_of(field),
                "pages": (self.page(field.page),),
                "forms": tuple(
                    form
                    for form in self.forms
                    if (form.form, form.copy_number) == (field.form, field.copy_number)
                ),
            }
        )

"""Figures that more than one report shows: of rules, of confidence, of reconciliation, of people.

All are counts over whole batches, made by the database; shares are left to whoever shows them.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field

from schemas.forms import FieldKind, Frozen
from schemas.readings import ValueStatus
from schemas.rules import Category, Severity

CONFIDENCE_EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
"""Where the bins of confidence begin and end: nine tenths of all values lie in the last few."""


class RuleRow(Frozen):
    """One rule over a batch or a period."""

    rule_id: str
    text: str
    severity: Severity
    category: Category
    failed: int = Field(ge=0)
    """Results; a return can fail a rule once for each copy of a form."""
    passed: int = Field(default=0, ge=0)
    """Where it applies; the others are in `not_applicable`."""
    not_applicable: int = Field(default=0, ge=0)
    not_evaluated: int = Field(default=0, ge=0)
    failed_before: int | None = Field(default=None, ge=0)
    """In the period before; None where there is none to compare with."""
    evaluated_before: int | None = Field(default=None, ge=0)
    returns: tuple[str, ...] = ()
    """The first of the returns that it failed on."""
    returns_failed: int = Field(default=0, ge=0)
    """How many there are."""
    example: str = ""
    """What it said of one of them; identifiers masked."""
    suspect: bool = False
    """It fails for so many that the rule itself may be wrong."""

    @property
    def evaluated(self) -> int:
        """Results that say whether it holds: it applies and all that it needs is held."""
        return self.passed + self.failed


class ReasonRow(Frozen):
    """Why rules could not be evaluated; a result with two reasons counts in both."""

    reason: str
    results: int = Field(ge=0)


class ReconciliationCounts(Frozen):
    """Fields by what the arithmetic of the whole return said of them."""

    confirmed: int = Field(default=0, ge=0)
    corrected: int = Field(default=0, ge=0)
    conflict: int = Field(default=0, ge=0)
    mistake: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        return self.confirmed + self.corrected + self.conflict + self.mistake


class ReconciledRow(Frozen):
    """One field that arithmetic corrected, or in which the filer made a mistake."""

    return_id: str
    file: str
    page: int
    """Of the document, from 1."""
    form: str
    year: int
    name: str
    line: str | None
    kind: FieldKind
    first: str | None
    """As it was read before; masked where the kind is personal. None: nothing was read."""
    held: str | None
    """As it is held now: of a mistake, as filed."""
    wanted: Decimal | None = None
    """Of a mistake: what the rules want there."""
    rules: tuple[str, ...]
    probability: float = Field(ge=0, le=1)
    """Of what is held, by arithmetic and ink together."""
    status: ValueStatus
    decided_by: str


class ConfidenceBin(Frozen):
    """Filled fields whose confidence is at least `low` and below `high` (in the last, 1 too)."""

    low: float
    high: float
    accepted: int = Field(default=0, ge=0)
    review: int = Field(default=0, ge=0)


class AcceptanceRow(Frozen):
    """Fields of one form and one kind."""

    form: str
    kind: FieldKind
    accepted: int = Field(default=0, ge=0)
    review: int = Field(default=0, ge=0)
    blank: int = Field(default=0, ge=0)


class ReviewLoad(Frozen):
    """What people must look at, for one reason."""

    what: str = Field(pattern="^(field|page|return)$")
    reason: str
    open: int = Field(default=0, ge=0)
    closed: int = Field(default=0, ge=0)
    """Seen to, or no longer in doubt."""


class FieldFigures(Frozen):
    """All that is counted over fields, whatever else the report is of."""

    reconciliation: ReconciliationCounts = ReconciliationCounts()
    confidence: tuple[ConfidenceBin, ...] = ()
    acceptance: tuple[AcceptanceRow, ...] = ()
    corrected: tuple[ReconciledRow, ...] = ()
    """The least probable first, up to the report's limit."""
    mistakes: tuple[ReconciledRow, ...] = ()
    """Of the filers, up to the report's limit; `reconciliation` has the counts of all."""

"""What the report of a period shows: the sums of its batches, and how they went day by day."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from schemas.errors import RejectReason
from schemas.figures import (
    FieldFigures,
    ReasonRow,
    ReconciliationCounts,
    ReviewLoad,
    RuleRow,
)
from schemas.forms import Frozen
from schemas.report import DocumentCounts, FieldCounts, PageCounts, ReturnCounts


class RuleCounts(Frozen):
    """Every rule result is in exactly one of these."""

    passed: int = Field(default=0, ge=0)
    not_applicable: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    not_evaluated: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        return self.passed + self.not_applicable + self.failed + self.not_evaluated

    @property
    def evaluated(self) -> int:
        """Where the rule applies and all that it needs is held."""
        return self.passed + self.failed


class BatchFigures(Frozen):
    """One batch of the period, or all of them together."""

    batch_id: str
    """Empty for a sum over batches."""
    day: date
    """On which it began, in the department's time zone; of a sum the first."""
    documents: DocumentCounts
    pages: PageCounts
    returns: ReturnCounts
    fields: FieldCounts
    rules: RuleCounts = RuleCounts()
    reconciliation: ReconciliationCounts = ReconciliationCounts()


class PeriodReport(Frozen):
    """All batches of a department that began from the first day to the last, both included."""

    department: str
    title: str
    first: date
    last: date
    """Days of the department's time zone."""
    time_zone: str
    made: datetime
    version: str
    """Of taxlift."""
    total: BatchFigures
    batches: tuple[BatchFigures, ...] = ()
    """In the order in which they began."""
    before: BatchFigures | None = None
    """The sum over as many days before the first; None where nothing was received then."""
    rule_rows: tuple[RuleRow, ...] = ()
    """Rules with any result in the period."""
    not_evaluated: tuple[ReasonRow, ...] = ()
    field_figures: FieldFigures = FieldFigures()
    review_load: tuple[ReviewLoad, ...] = ()
    reject_reasons: dict[RejectReason, int] = Field(default_factory=dict)
    """Files that were not taken, by reason."""

"""What the report of a period shows: the sums of its batches, and how they went day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from pydantic import BaseModel, Field

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

_Counts = TypeVar("_Counts", bound=BaseModel)


def _added(kind: type[_Counts], parts: Sequence[_Counts]) -> _Counts:
    return kind(**{name: sum(getattr(part, name) for part in parts) for name in kind.model_fields})


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

    @classmethod
    def sum(cls, parts: Sequence[RuleCounts]) -> RuleCounts:
        """All of them together."""
        return _added(cls, parts)


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

    @classmethod
    def sum(cls, batches: Sequence[BatchFigures], day: date) -> BatchFigures:
        """All of them together, from that day on."""
        return cls(
            batch_id="",
            day=day,
            documents=_added(DocumentCounts, [one.documents for one in batches]),
            pages=_added(PageCounts, [one.pages for one in batches]),
            returns=_added(ReturnCounts, [one.returns for one in batches]),
            fields=_added(FieldCounts, [one.fields for one in batches]),
            rules=RuleCounts.sum([one.rules for one in batches]),
            reconciliation=_added(ReconciliationCounts, [one.reconciliation for one in batches]),
        )


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

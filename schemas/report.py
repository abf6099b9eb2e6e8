"""What a batch's report shows; gathered by the flow, rendered by `validators.report`."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import Field, model_validator

from schemas.figures import FieldFigures, ReasonRow, ReviewLoad, RuleRow
from schemas.forms import FieldKind, Frozen


class DocumentCounts(Frozen):
    """Every document received is in exactly one of these."""

    received: int = Field(ge=0)
    loaded: int = Field(default=0, ge=0)
    in_review: int = Field(default=0, ge=0)
    rejected: int = Field(default=0, ge=0)
    """Refused by a rule, or not taken at all (damaged, encrypted, not a form …)."""
    duplicates: int = Field(default=0, ge=0)
    """The same bytes as a document received before: skipped."""
    in_flight: int = Field(default=0, ge=0)
    """Not finished when the report was made."""

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        parts = self.loaded + self.in_review + self.rejected + self.duplicates + self.in_flight
        if parts != self.received:
            raise ValueError(f"{self.received} documents received, but {parts} accounted for")
        return self


class PageCounts(Frozen):
    """Every page of the documents that could be opened is in exactly one of these."""

    received: int = Field(ge=0)
    read: int = Field(default=0, ge=0)
    blank: int = Field(default=0, ge=0)
    unknown: int = Field(default=0, ge=0)
    """No form of the department: to a person."""
    refused: int = Field(default=0, ge=0)
    """A form, but not registered or read well enough: to a person."""
    in_rejected: int = Field(default=0, ge=0)
    """Of documents that were not taken."""
    in_flight: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _add_up(self) -> Self:
        parts = (
            self.read + self.blank + self.unknown + self.refused + self.in_rejected + self.in_flight
        )
        if parts != self.received:
            raise ValueError(f"{self.received} pages received, but {parts} accounted for")
        return self


class FieldCounts(Frozen):
    """Every field of the pages read is in exactly one of these."""

    accepted: int = Field(default=0, ge=0)
    review: int = Field(default=0, ge=0)
    blank: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        return self.accepted + self.review + self.blank


class ReturnCounts(Frozen):
    """Returns assembled from the pages."""

    accepted: int = Field(default=0, ge=0)
    review: int = Field(default=0, ge=0)
    rejected: int = Field(default=0, ge=0)

    @property
    def total(self) -> int:
        return self.accepted + self.review + self.rejected


class DocumentRow(Frozen):
    """One document of the batch."""

    file: str
    pages: int | None = None
    """None where it could not be opened."""
    status: str = Field(pattern="^(loaded|review|rejected|duplicate|in_flight)$")
    returns: tuple[str, ...] = ()
    """Surrogate keys of its returns."""
    reasons: tuple[str, ...] = ()
    """Identifiers masked."""


class FieldRow(Frozen):
    """A field read with little confidence, with the ink itself."""

    file: str
    page: int
    form: str
    year: int
    name: str
    line: str | None = None
    kind: FieldKind
    as_read: str
    """Masked by the renderer where the kind is personal."""
    confidence: float = Field(ge=0, le=1)
    reason: str | None = None
    image_png: bytes | None = None
    """The field cut from the scan; left out of the page for personal kinds."""


class TimingRow(Frozen):
    """Time that one stage took over the whole batch."""

    stage: str
    seconds: float = Field(ge=0)


class BatchReport(Frozen):
    """One batch, as its report shows it."""

    batch_id: str
    department: str
    title: str
    """The department's name for people."""
    source: str = ""
    """The inbox or files that were given."""
    started: datetime
    finished: datetime | None = None
    version: str
    """Of taxlift."""
    documents: DocumentCounts
    pages: PageCounts
    fields: FieldCounts
    returns: ReturnCounts
    document_rows: tuple[DocumentRow, ...] = ()
    rules_evaluated: int = Field(default=0, ge=0)
    """Rule results of all returns: passed, failed and not evaluated."""
    rules_passed: int = Field(default=0, ge=0)
    rules_failed: int = Field(default=0, ge=0)
    rules_not_evaluated: int = Field(default=0, ge=0)
    rule_rows: tuple[RuleRow, ...] = ()
    not_evaluated: tuple[ReasonRow, ...] = ()
    field_figures: FieldFigures = FieldFigures()
    review_load: tuple[ReviewLoad, ...] = ()
    worst_fields: tuple[FieldRow, ...] = ()
    timings: tuple[TimingRow, ...] = ()
    data_docs: str | None = None
    """Link to Great Expectations' Data Docs, relative to the report."""
    review_hint: str = ""
    """The command or address where the waiting items are worked on."""

    @model_validator(mode="after")
    def _rules_add_up(self) -> Self:
        parts = self.rules_passed + self.rules_failed + self.rules_not_evaluated
        if parts != self.rules_evaluated:
            raise ValueError(f"{self.rules_evaluated} rule results, but {parts} accounted for")
        return self

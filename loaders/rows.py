"""What the repository answers: plain frozen records, no database objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from schemas.errors import DatabaseError, RejectReason
from schemas.forms import FieldKind, Frozen
from schemas.readings import PixelBox, ValueStatus
from schemas.returns import ReturnStatus, SampledPlace, TaxReturn
from schemas.rules import Outcome, RuleResult
from schemas.tables import BatchStatus, DocumentStatus, ReviewKind


class AccountingError(DatabaseError):
    """Counts that must add up do not: something was lost or counted twice."""


class ReceivedAs(StrEnum):
    """What a delivered file is to the run that receives it."""

    NEW = "new"
    UNFINISHED = "unfinished"  # known, but never read to the end: read it now
    DUPLICATE = "duplicate"  # the same bytes were here before: skip it
    DONE = "done"  # this run received and settled it before it was broken off: skip it


class Received(NamedTuple):
    """Answer to `receive`."""

    document_id: int
    state: ReceivedAs

    @property
    def to_read(self) -> bool:
        return self.state in (ReceivedAs.NEW, ReceivedAs.UNFINISHED)


class PendingDocument(NamedTuple):
    """A document that is not yet settled."""

    document_id: int
    file: str
    sha256: str
    status: DocumentStatus
    """`received`: to be read; `read`: its pages are stored, its returns are not."""


class DecidedReturn(NamedTuple):
    """A return and what was decided of it."""

    tax_return: TaxReturn
    status: ReturnStatus
    reasons: tuple[str, ...] = ()
    sample: tuple[SampledPlace, ...] | None = None
    """Fields that a person keys blind; None leaves what was drawn before as it is."""


class ReturnRecord(NamedTuple):
    """A return as stored."""

    document_id: int
    tax_return: TaxReturn
    status: ReturnStatus
    reasons: tuple[str, ...]
    rules: tuple[RuleResult, ...]
    form_pages: tuple[Mapping[int, int], ...]
    """For each form: page of the form → page of the document, both from 1."""


class RunRow(Frozen):
    """A run, which is a batch."""

    run: str
    department: str
    inbox: str
    status: BatchStatus
    started_at: datetime
    finished_at: datetime | None


class DocumentRow(Frozen):
    """What became of one delivered file."""

    file: str
    document_id: int | None
    sha256: str | None
    size: int
    state: str
    """`loaded`, `review`, `rejected`, `duplicate`, or in flight: `received`, `read`."""
    pages: int = 0
    returns: int = 0
    rejected_returns: int = 0
    """Returns on it that a rule rejected: loaded as filed, with the finding beside them."""
    accepted: int = 0
    """Fields held without a person; blank ones not counted."""
    review: int = 0
    """Fields that wait for a person."""
    reason: RejectReason | None = None
    message: str = ""


class ReviewRow(Frozen):
    """Something that waits for a person; never what the filer wrote."""

    key: str
    kind: ReviewKind
    document_id: int
    file: str
    sha256: str
    page: int | None
    """Page of the document, from 1; none where the whole return waits."""
    form: str | None
    year: int | None
    name: str | None
    line: str | None
    field_kind: FieldKind | None
    bbox: PixelBox | None
    """In pixels of the page as scanned."""
    return_id: str | None
    reason: str
    opened_at: datetime


class DocumentCounts(Frozen):
    """Files of a delivery: received is the sum of the others."""

    received: int
    loaded: int = 0
    in_review: int = 0
    rejected: int = 0
    duplicate: int = 0
    in_flight: int = 0


class PageCounts(Frozen):
    """Pages of the documents that this batch took: total is the sum of the others."""

    total: int
    read: int = 0
    blank: int = 0
    unknown: int = 0
    refused: int = 0


class BatchSummary(RunRow):
    """A batch in figures that add up."""

    documents: DocumentCounts
    pages: PageCounts
    returns: dict[ReturnStatus, int]
    fields: dict[ValueStatus, int]
    rules: dict[Outcome, int]
    reject_reasons: dict[RejectReason, int]
    review_items: int
    """Open ones of doubt; those of the blind sample not counted."""
    sample_items: int = 0
    """Fields of accepted returns that wait to be keyed blind."""
    sampled_returns: int = 0
    """Returns that they are of."""

    def check(self) -> None:
        """Raise `AccountingError` unless the counts add up."""
        documents, pages = self.documents, self.pages
        parts = documents.loaded + documents.in_review + documents.rejected
        if documents.received != parts + documents.duplicate + documents.in_flight:
            raise AccountingError(
                f"run {self.run}: {documents.received} files received, but {documents}"
            )
        if pages.total != pages.read + pages.blank + pages.unknown + pages.refused:
            raise AccountingError(f"run {self.run}: {pages.total} pages received, but {pages}")
        if sum(self.reject_reasons.values()) != documents.rejected:
            raise AccountingError(f"run {self.run}: a rejected file has no reason")

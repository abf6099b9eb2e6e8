"""The database: what was received, what was read, what was decided, and who did it.

Rows have keys that follow from their content (hashes, page numbers, field names), so that
doing a step again finds the row that is there. Changes of these tables are made by
migrations in `schemas/migrations/`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from schemas.columns import ExactAmount, UtcDateTime, json_column, row_id, words
from schemas.errors import RejectReason
from schemas.forms import FieldKind
from schemas.readings import PageStatus, ValueStatus
from schemas.returns import ReturnStatus
from schemas.rules import Category, Outcome, Severity


class BatchStatus(StrEnum):
    """Whether a batch is done."""

    OPEN = "open"  # running, or broken off: the next run of the same inbox resumes it
    FINISHED = "finished"


class DocumentStatus(StrEnum):
    """How far a document has come."""

    RECEIVED = "received"  # archived, pages not yet stored
    READ = "read"  # pages stored, nothing decided
    LOADED = "loaded"
    REVIEW = "review"  # loaded; a person must look at some of it
    REJECTED = "rejected"

    @property
    def in_flight(self) -> bool:
        return self in (DocumentStatus.RECEIVED, DocumentStatus.READ)


class ReceiptOutcome(StrEnum):
    """What a delivered file turned out to be."""

    TAKEN = "taken"  # this delivery made the document
    DUPLICATE = "duplicate"  # the same bytes were here already
    REJECTED = "rejected"  # could not even be archived, or the document went to a later batch


class ReviewKind(StrEnum):
    """What a person must look at."""

    FIELD = "field"
    PAGE = "page"
    RETURN = "return"
    SAMPLE = "sample"  # no doubt: keyed blind to measure what is accepted


class ReviewStatus(StrEnum):
    """Whether a person must still look."""

    OPEN = "open"
    CLOSED = "closed"


class Base(DeclarativeBase):
    """Base of all tables; constraints are named, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Batch(Base):
    """One delivery of files, and the run that reads it."""

    __tablename__ = "batches"
    __table_args__ = (
        Index(
            "uq_batches_open",
            "department",
            "inbox",
            unique=True,
            sqlite_where=text("status = 'open'"),
            postgresql_where=text("status = 'open'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Day and number: `20261123-1`."""
    department: Mapped[str] = mapped_column(String(80))
    inbox: Mapped[str] = mapped_column(Text)
    status: Mapped[BatchStatus] = mapped_column(words(BatchStatus))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Document(Base):
    """One file, by its bytes: received once in a department, however often it comes."""

    __tablename__ = "documents"
    __table_args__ = (UniqueConstraint("sha256", "department"),)

    id: Mapped[int] = mapped_column(row_id(), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), index=True)
    department: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    file: Mapped[str] = mapped_column(Text)
    """Name as first received."""
    size: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[DocumentStatus] = mapped_column(words(DocumentStatus))
    reason: Mapped[RejectReason | None] = mapped_column(words(RejectReason))
    message: Mapped[str] = mapped_column(Text, default="")
    page_count: Mapped[int | None]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Receipt(Base):
    """One file of one delivery, so that the counts of a batch add up."""

    __tablename__ = "receipts"
    __table_args__ = (UniqueConstraint("batch_id", "path", "sha256"),)

    id: Mapped[int] = mapped_column(row_id(), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"))
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    """Empty where the file could not be read."""
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    outcome: Mapped[ReceiptOutcome] = mapped_column(words(ReceiptOutcome))
    document_id: Mapped[int | None] = mapped_column(ForeignKey("documents.id"), index=True)
    reason: Mapped[RejectReason | None] = mapped_column(words(RejectReason))
    message: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TaxReturnRow(Base):
    """One filer's submission for one tax year."""

    __tablename__ = "returns"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    department: Mapped[str] = mapped_column(String(80))
    tax_year: Mapped[int]
    status: Mapped[ReturnStatus] = mapped_column(words(ReturnStatus))
    reasons: Mapped[list[str]] = mapped_column(json_column())
    missing_pages: Mapped[list[str]] = mapped_column(json_column())
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReturnForm(Base):
    """One form within a return."""

    __tablename__ = "return_forms"
    __table_args__ = (
        UniqueConstraint("return_id", "form", "year", "copy"),
        Index("ix_return_forms_form_year", "form", "year"),
    )

    id: Mapped[int] = mapped_column(row_id(), primary_key=True)
    return_id: Mapped[str] = mapped_column(ForeignKey("returns.id"))
    form: Mapped[str] = mapped_column(String(80))
    year: Mapped[int]
    copy: Mapped[int]
    """From 1: a return can hold the same form twice."""
    position: Mapped[int]
    """Order of the form in the return, from 0."""
    pages: Mapped[list[int]] = mapped_column(json_column())


class Page(Base):
    """One image of a document, and what became of it."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[int] = mapped_column(row_id(), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    return_form_id: Mapped[int | None] = mapped_column(ForeignKey("return_forms.id"), index=True)
    number: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    dpi: Mapped[float | None]
    status: Mapped[PageStatus] = mapped_column(words(PageStatus))
    reason: Mapped[RejectReason | None] = mapped_column(words(RejectReason))
    message: Mapped[str] = mapped_column(Text, default="")
    form: Mapped[str | None] = mapped_column(String(80))
    year: Mapped[int | None]
    form_page: Mapped[int | None]
    identification_score: Mapped[float]
    turned: Mapped[int]
    registration_score: Mapped[float]
    residual_px: Mapped[float | None]
    transform: Mapped[list[float]] = mapped_column(json_column())
    seconds: Mapped[dict[str, float]] = mapped_column(json_column())
    versions: Mapped[dict[str, Any]] = mapped_column(json_column())
    """Definition, engines and calibration that made the values of this page."""
    digest: Mapped[str] = mapped_column(String(64))
    """Hash of the result as read: storing the same again changes nothing."""
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class FieldValueRow(Base):
    """What we hold to be in one field of one page, and how we came to it."""

    __tablename__ = "field_values"
    __table_args__ = (
        # One value a name in a form: the wide views look values up by it.
        UniqueConstraint("return_form_id", "name"),
        Index(
            "ix_field_values_in_review",
            "page_id",
            sqlite_where=text("status = 'review'"),
            postgresql_where=text("status = 'review'"),
        ),
    )

    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    return_form_id: Mapped[int | None] = mapped_column(ForeignKey("return_forms.id"))
    position: Mapped[int]
    """Reading order on the page, from 0."""
    line: Mapped[str | None] = mapped_column(String(40))
    source_field: Mapped[str | None] = mapped_column(Text)
    kind: Mapped[FieldKind] = mapped_column(words(FieldKind))
    value: Mapped[str | None] = mapped_column(Text)
    """Canonical text; `true` or `false` for marks. The truth; the typed columns follow from it."""
    masked: Mapped[str | None] = mapped_column(Text)
    """For identifiers: the value as people may see it without need."""
    amount: Mapped[Decimal | None] = mapped_column(ExactAmount)
    mark: Mapped[bool | None]
    day: Mapped[date | None]
    as_read: Mapped[str] = mapped_column(Text)
    ink: Mapped[str | None] = mapped_column(String(40))
    confidence: Mapped[float]
    risk: Mapped[float | None]
    status: Mapped[ValueStatus] = mapped_column(words(ValueStatus))
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)
    x0: Mapped[int]
    y0: Mapped[int]
    x1: Mapped[int]
    y1: Mapped[int]
    readings: Mapped[list[dict[str, Any]]] = mapped_column(json_column())
    reconciliation: Mapped[dict[str, Any] | None] = mapped_column(json_column(none_as_null=True))
    """What the arithmetic of the whole return said of it, and what was held before."""


class RuleResultRow(Base):
    """What one rule said of one return."""

    __tablename__ = "rule_results"

    return_id: Mapped[str] = mapped_column(ForeignKey("returns.id"), primary_key=True)
    rule_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    occurrence: Mapped[int] = mapped_column(primary_key=True)
    """From 1: a rule may speak of each copy of a form."""
    position: Mapped[int]
    severity: Mapped[Severity] = mapped_column(words(Severity))
    category: Mapped[Category] = mapped_column(words(Category))
    outcome: Mapped[Outcome] = mapped_column(words(Outcome), index=True)
    message: Mapped[str] = mapped_column(Text)
    inputs: Mapped[dict[str, str | None]] = mapped_column(json_column())


class ReviewItem(Base):
    """Something that a person must look at."""

    __tablename__ = "review_items"
    __table_args__ = (Index("ix_review_items_status", "status", "document_id"),)

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    """`field:PAGE:NAME`, `page:PAGE`, `return:RETURN` or `sample:PAGE:NAME`."""
    kind: Mapped[ReviewKind] = mapped_column(words(ReviewKind))
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"), index=True)
    page_id: Mapped[int | None] = mapped_column(ForeignKey("pages.id"))
    name: Mapped[str | None] = mapped_column(String(120))
    return_id: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[ReviewStatus] = mapped_column(words(ReviewStatus))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEvent(Base):
    """One link of the audit log; triggers forbid changing or deleting it."""

    __tablename__ = "audit_events"

    sequence: Mapped[int] = mapped_column(row_id(), primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    """UTC, ISO 8601, as text: it is hashed as written."""
    actor: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    """Machine and process."""
    action: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(Text)
    """JSON, as text: it is hashed as written. Never personal data."""
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class WideView(Base):
    """A view that `loaders.views` made, and the hash of what it was made from."""

    __tablename__ = "wide_views"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    department: Mapped[str] = mapped_column(String(80), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

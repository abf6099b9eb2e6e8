"""Accounts of a batch: counts that add up, what became of every file, and nothing unaccounted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from loaders.batches import Batches, run_row
from loaders.reviews import Reviews
from loaders.rows import (
    AccountingError,
    BatchSummary,
    DocumentCounts,
    DocumentRow,
    PageCounts,
)
from loaders.store import (
    BATCHES,
    DOCUMENTS,
    PAGES,
    RECEIPTS,
    RETURNS,
    REVIEWS,
    RULES,
    VALUES,
    needs_a_person,
    now,
)
from schemas.errors import DatabaseError, RejectReason
from schemas.readings import PageStatus, ValueStatus
from schemas.returns import ReturnStatus
from schemas.tables import BatchStatus, DocumentStatus, ReceiptOutcome, ReviewKind, ReviewStatus

STATE = sa.case(
    (
        RECEIPTS.c.outcome == ReceiptOutcome.TAKEN,
        sa.type_coerce(DOCUMENTS.c.status, sa.Text),
    ),
    else_=sa.type_coerce(RECEIPTS.c.outcome, sa.Text),
)
"""What became of a delivered file, as a word."""

REASON = sa.case(
    (RECEIPTS.c.outcome == ReceiptOutcome.TAKEN, DOCUMENTS.c.reason), else_=RECEIPTS.c.reason
)
DELIVERED = RECEIPTS.outerjoin(DOCUMENTS, DOCUMENTS.c.id == RECEIPTS.c.document_id)


class Accounts(Batches, Reviews):
    """The repository's part for counting."""

    def finish_batch(self, batch_id: str) -> BatchSummary:
        """Settle what is left, refresh the review queue, check the counts, close the batch.

        A document that was read but yielded no return is rejected when nothing on it is a
        form of the department, and in review otherwise. While documents are in flight the
        batch stays open, to be resumed.

        Raises:
            AccountingError: something is unaccounted for; the batch stays open.
        """
        self._settle_without_returns(batch_id)
        self.refresh_review_items(batch_id)
        summary = self.batch_summary(batch_id)
        lost = self.unaccounted(batch_id)
        if lost:
            raise AccountingError(
                f"run {batch_id}: {len(lost)} not accounted for, first: {lost[0]}"
            )
        if summary.documents.in_flight or summary.status is BatchStatus.FINISHED:
            return summary
        with self.writing() as connection:
            connection.execute(
                sa.update(BATCHES)
                .where(BATCHES.c.id == batch_id)
                .values(status=BatchStatus.FINISHED, finished_at=now())
            )
            self.audit.append(
                "batch.finished",
                f"batch:{batch_id}",
                detail=summary.documents.model_dump(),
                connection=connection,
            )
        return self.batch_summary(batch_id)

    def batch_summary(self, batch_id: str) -> BatchSummary:
        """The batch in figures.

        Raises:
            DatabaseError: no such batch.
            AccountingError: the figures do not add up.
        """
        with self.reading() as connection:
            summary = _summary(connection, batch_id)
        summary.check()
        return summary

    def documents(self, batch_id: str) -> list[DocumentRow]:
        """What became of every delivered file, in the order of delivery."""
        returns = _count(RETURNS, RETURNS.c.document_id)
        refused = _count(RETURNS, RETURNS.c.document_id, RETURNS.c.status == ReturnStatus.REJECTED)
        pages = _count(PAGES, PAGES.c.document_id)
        values = VALUES.join(PAGES, PAGES.c.id == VALUES.c.page_id)
        fields = (
            sa.select(
                PAGES.c.document_id.label("document"),
                _how_many(VALUES.c.status == ValueStatus.ACCEPTED).label("accepted"),
                _how_many(VALUES.c.status == ValueStatus.REVIEW).label("review"),
            )
            .select_from(values)
            .where(PAGES.c.document_id.in_(_mine(batch_id)))
            .group_by(PAGES.c.document_id)
            .subquery()
        )
        query = (
            sa.select(
                RECEIPTS.c.path.label("file"),
                RECEIPTS.c.document_id,
                sa.func.nullif(RECEIPTS.c.sha256, "").label("sha256"),
                RECEIPTS.c.size,
                STATE.label("state"),
                pages.label("pages"),
                returns.label("returns"),
                refused.label("rejected_returns"),
                sa.func.coalesce(fields.c.accepted, 0).label("accepted"),
                sa.func.coalesce(fields.c.review, 0).label("review"),
                REASON.label("reason"),
                sa.case(
                    (RECEIPTS.c.outcome == ReceiptOutcome.TAKEN, DOCUMENTS.c.message),
                    else_=RECEIPTS.c.message,
                ).label("message"),
            )
            .select_from(DELIVERED.outerjoin(fields, fields.c.document == DOCUMENTS.c.id))
            .where(RECEIPTS.c.batch_id == batch_id)
            .order_by(RECEIPTS.c.id)
        )
        with self.reading() as connection:
            return [DocumentRow(**row) for row in connection.execute(query).mappings()]

    def unaccounted(self, batch_id: str) -> list[str]:
        """Pages and fields of settled documents that are neither loaded, in review, rejected
        nor blank. Empty, or something is wrong."""
        settled = PAGES.c.document_id.in_(
            sa.select(DOCUMENTS.c.id).where(
                DOCUMENTS.c.batch_id == batch_id,
                DOCUMENTS.c.status.in_([DocumentStatus.LOADED, DocumentStatus.REVIEW]),
            )
        )
        queued = sa.and_(REVIEWS.c.status == ReviewStatus.OPEN, REVIEWS.c.kind != ReviewKind.SAMPLE)
        pages = sa.select(DOCUMENTS.c.id, PAGES.c.number).where(
            DOCUMENTS.c.id == PAGES.c.document_id,
            settled,
            needs_a_person(PAGES),
            ~sa.exists().where(queued, REVIEWS.c.page_id == PAGES.c.id, REVIEWS.c.name.is_(None)),
        )
        fields = (
            sa.select(PAGES.c.document_id, PAGES.c.number, VALUES.c.name)
            .join(VALUES, VALUES.c.page_id == PAGES.c.id)
            .where(
                settled,
                VALUES.c.status == ValueStatus.REVIEW,
                ~sa.exists().where(
                    queued,
                    REVIEWS.c.page_id == VALUES.c.page_id,
                    REVIEWS.c.name == VALUES.c.name,
                ),
            )
        )
        with self.reading() as connection:
            return [
                f"document {document}, page {page}" for document, page in connection.execute(pages)
            ] + [
                f"document {document}, page {page}, field {name}"
                for document, page, name in connection.execute(fields)
            ]

    def _settle_without_returns(self, batch_id: str) -> None:
        """Documents whose pages are stored and that no return took."""
        counted = (
            sa.select(
                DOCUMENTS.c.id,
                _how_many(PAGES.c.status != PageStatus.BLANK).label("filled"),
                _how_many(PAGES.c.status.in_([PageStatus.READ, PageStatus.REFUSED])).label("known"),
            )
            .join(PAGES, PAGES.c.document_id == DOCUMENTS.c.id)
            .where(DOCUMENTS.c.batch_id == batch_id, DOCUMENTS.c.status == DocumentStatus.READ)
            .group_by(DOCUMENTS.c.id)
            .order_by(DOCUMENTS.c.id)
        )
        with self.writing() as connection:
            for document, filled, known in connection.execute(counted).all():
                if known:
                    connection.execute(
                        sa.update(DOCUMENTS)
                        .where(DOCUMENTS.c.id == document)
                        .values(status=DocumentStatus.REVIEW, settled_at=now())
                    )
                elif filled:
                    message = "no page is a form that the department has"
                    self._reject(connection, document, RejectReason.UNKNOWN_FORM, message)
                else:
                    self._reject(
                        connection, document, RejectReason.BLANK, "nothing is on any of its pages"
                    )


def _summary(connection: Connection, batch_id: str) -> BatchSummary:
    batch = (
        connection.execute(sa.select(BATCHES).where(BATCHES.c.id == batch_id)).mappings().first()
    )
    if batch is None:
        raise DatabaseError(f"there is no batch {batch_id!r}")
    mine = _mine(batch_id)
    received = connection.scalar(
        sa.select(sa.func.count()).select_from(RECEIPTS).where(RECEIPTS.c.batch_id == batch_id)
    )
    states = _tally(
        connection,
        sa.select(STATE.label("state"), sa.func.count())
        .select_from(DELIVERED)
        .where(RECEIPTS.c.batch_id == batch_id)
        .group_by("state"),
    )
    reasons = _tally(
        connection,
        sa.select(REASON.label("why"), sa.func.count())
        .select_from(DELIVERED)
        .where(RECEIPTS.c.batch_id == batch_id, STATE.in_([DocumentStatus.REJECTED.value]))
        .group_by("why"),
    )
    in_documents = PAGES.c.document_id.in_(mine)
    pages = _tally(
        connection,
        sa.select(PAGES.c.status, sa.func.count()).where(in_documents).group_by(PAGES.c.status),
    )
    total = connection.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(DOCUMENTS.c.page_count), 0)).where(
            DOCUMENTS.c.batch_id == batch_id
        )
    )
    doubted, sampled, returns_sampled = _open_items(connection, mine)
    return BatchSummary(
        **run_row(batch).model_dump(),
        documents=DocumentCounts(
            received=received or 0,
            loaded=states.get(DocumentStatus.LOADED.value, 0),
            in_review=states.get(DocumentStatus.REVIEW.value, 0),
            rejected=states.get(DocumentStatus.REJECTED.value, 0),
            duplicate=states.get(ReceiptOutcome.DUPLICATE.value, 0),
            in_flight=states.get(DocumentStatus.RECEIVED.value, 0)
            + states.get(DocumentStatus.READ.value, 0),
        ),
        pages=PageCounts(
            total=int(total or 0), **{status.value: count for status, count in pages.items()}
        ),
        returns=_tally(
            connection,
            sa.select(RETURNS.c.status, sa.func.count())
            .where(RETURNS.c.document_id.in_(mine))
            .group_by(RETURNS.c.status),
        ),
        fields=_tally(
            connection,
            sa.select(VALUES.c.status, sa.func.count())
            .join(PAGES, PAGES.c.id == VALUES.c.page_id)
            .where(in_documents)
            .group_by(VALUES.c.status),
        ),
        rules=_tally(
            connection,
            sa.select(RULES.c.outcome, sa.func.count())
            .join(RETURNS, RETURNS.c.id == RULES.c.return_id)
            .where(RETURNS.c.document_id.in_(mine))
            .group_by(RULES.c.outcome),
        ),
        reject_reasons={reason: count for reason, count in reasons.items() if reason},
        review_items=doubted,
        sample_items=sampled,
        sampled_returns=returns_sampled,
    )


def _open_items(connection: Connection, mine: sa.Select[tuple[int]]) -> tuple[int, int, int]:
    """Open items of doubt; fields to be keyed blind, and the returns that they are of."""
    sample = REVIEWS.c.kind == ReviewKind.SAMPLE
    row = connection.execute(
        sa.select(
            _how_many(~sample),
            _how_many(sample),
            sa.func.count(sa.distinct(sa.case((sample, REVIEWS.c.return_id)))),
        ).where(REVIEWS.c.document_id.in_(mine), REVIEWS.c.status == ReviewStatus.OPEN)
    ).one()
    return row[0] or 0, row[1] or 0, row[2]


def _mine(batch_id: str) -> sa.Select[tuple[int]]:
    return sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.batch_id == batch_id)


def _tally(connection: Connection, query: sa.Select[Any]) -> Mapping[Any, int]:
    return {key: count for key, count in connection.execute(query)}


def _how_many(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _count(
    table: sa.Table, document: sa.ColumnElement[int], *only: sa.ColumnElement[bool]
) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(table)
        .where(document == RECEIPTS.c.document_id, *only)
        .correlate(RECEIPTS)
        .scalar_subquery()
    )

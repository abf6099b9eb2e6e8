"""What waits for a person: opened and closed to match the fields, pages and returns as they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.rows import ReviewRow
from loaders.store import (
    DOCUMENTS,
    FORMS,
    PAGES,
    RETURNS,
    REVIEWS,
    SAMPLES,
    VALUES,
    Store,
    insert,
    needs_a_person,
    now,
)
from loaders.values import PERSON
from schemas.readings import PageStatus, ValueStatus
from schemas.returns import ReturnStatus
from schemas.sampled import SampleOutcome
from schemas.tables import DocumentStatus, ReviewKind, ReviewStatus

_COLUMNS = (
    "key",
    "kind",
    "document_id",
    "page_id",
    "name",
    "return_id",
    "reason",
    "status",
    "opened_at",
)


class Reviews(Store):
    """The repository's part for the review queue."""

    def refresh_review_items(self, batch_id: str) -> int:
        """One open item for each field in review, each page that is in no return, each return
        in review for another reason, and each field that waits to be keyed blind; items whose
        cause is gone are closed.

        The number of open items, without those of the blind sample. Repeating it changes nothing.
        """
        batch = sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.batch_id == batch_id)
        with self.writing() as connection:
            return refresh(connection, batch)

    def refresh_items_of(self, document_id: int) -> int:
        """The same for one document."""
        document = sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.id == document_id)
        with self.writing() as connection:
            return refresh(connection, document)

    def review_items(
        self, batch_id: str | None = None, limit: int = 1000, *, sample: bool = False
    ) -> list[ReviewRow]:
        """What waits for a person, of a batch or of all, in order of documents and pages.

        With `sample` what is keyed only to measure, else what is in doubt; the one never among
        the other.
        """
        query = (
            sa.select(
                *REVIEWS.c[
                    "key", "kind", "document_id", "name", "return_id", "reason", "opened_at"
                ],
                *DOCUMENTS.c["file", "sha256"],
                *PAGES.c["form", "year"],
                PAGES.c.number.label("page"),
                *VALUES.c["line", "x0", "y0", "x1", "y1"],
                VALUES.c.kind.label("field_kind"),
            )
            .select_from(
                REVIEWS.join(DOCUMENTS, DOCUMENTS.c.id == REVIEWS.c.document_id)
                .outerjoin(PAGES, PAGES.c.id == REVIEWS.c.page_id)
                .outerjoin(
                    VALUES,
                    sa.and_(VALUES.c.page_id == REVIEWS.c.page_id, VALUES.c.name == REVIEWS.c.name),
                )
            )
            .where(
                REVIEWS.c.status == ReviewStatus.OPEN,
                (REVIEWS.c.kind == ReviewKind.SAMPLE) == sample,
            )
            .order_by(REVIEWS.c.document_id, PAGES.c.number, VALUES.c.position, REVIEWS.c.key)
            .limit(limit)
        )
        if batch_id is not None:
            query = query.where(DOCUMENTS.c.batch_id == batch_id)
        with self.reading() as connection:
            return [_review_row(row) for row in connection.execute(query).mappings()]


def _review_row(row: RowMapping) -> ReviewRow:
    fields = dict(row)
    corners = tuple(fields.pop(corner) for corner in ("x0", "y0", "x1", "y1"))
    return ReviewRow(**fields, bbox=None if None in corners else corners)


def refresh(connection: Connection, documents: sa.Select[Any]) -> int:
    """Open and close the items of these documents; the number of open ones of doubt.

    Args:
        documents: a query for their ids.
    """
    batch = documents.where(DOCUMENTS.c.status != DocumentStatus.RECEIVED)
    wanted = [_fields(batch), _pages(batch), _returns(batch), _samples(batch)]
    statement = insert(connection, REVIEWS)
    reopened = {
        "status": ReviewStatus.OPEN,
        "opened_at": statement.excluded.opened_at,
        "closed_at": None,
        "reason": statement.excluded.reason,
    }
    for query in wanted:
        connection.execute(
            statement.from_select(_COLUMNS, query).on_conflict_do_update(
                index_elements=["key"],
                set_=reopened,
                where=REVIEWS.c.status == ReviewStatus.CLOSED,
            )
        )
    mine = sa.and_(REVIEWS.c.document_id.in_(batch), REVIEWS.c.status == ReviewStatus.OPEN)
    still = sa.union_all(*(sa.select(query.subquery().c.key) for query in wanted))
    connection.execute(
        sa.update(REVIEWS)
        .where(mine, REVIEWS.c.key.not_in(still))
        .values(status=ReviewStatus.CLOSED, closed_at=now())
    )
    in_doubt = sa.and_(mine, REVIEWS.c.kind != ReviewKind.SAMPLE)
    return connection.scalar(sa.select(sa.func.count()).select_from(REVIEWS).where(in_doubt)) or 0


def _item(kind: ReviewKind, key: Any, document: Any, **columns: Any) -> Sequence[Any]:
    """The columns of an item, as a query selects them."""
    values = {
        "key": key,
        "kind": sa.literal(kind, REVIEWS.c.kind.type),
        "document_id": document,
        "page_id": sa.null(),
        "name": sa.null(),
        "return_id": sa.null(),
        "reason": sa.literal(""),
        "status": sa.literal(ReviewStatus.OPEN, REVIEWS.c.status.type),
        "opened_at": sa.literal(now(), REVIEWS.c.opened_at.type),
    } | columns
    return [sa.type_coerce(values[name], REVIEWS.c[name].type).label(name) for name in _COLUMNS]


def _fields(batch: sa.Select[Any]) -> sa.Select[Any]:
    return (
        sa.select(
            *_item(
                ReviewKind.FIELD,
                sa.literal("field:", sa.Text)
                + sa.cast(PAGES.c.id, sa.Text)
                + sa.literal(":", sa.Text)
                + VALUES.c.name,
                PAGES.c.document_id,
                page_id=PAGES.c.id,
                name=VALUES.c.name,
                return_id=FORMS.c.return_id,
                reason=sa.func.coalesce(VALUES.c.reason, ""),
            )
        )
        .select_from(
            VALUES.join(PAGES, PAGES.c.id == VALUES.c.page_id).outerjoin(
                FORMS, FORMS.c.id == VALUES.c.return_form_id
            )
        )
        .where(PAGES.c.document_id.in_(batch), VALUES.c.status == ValueStatus.REVIEW)
    )


def _pages(batch: sa.Select[Any]) -> sa.Select[Any]:
    why = sa.case(
        (PAGES.c.status == PageStatus.READ, sa.literal("belongs to no return", sa.Text)),
        else_=PAGES.c.message,
    )
    return sa.select(
        *_item(
            ReviewKind.PAGE,
            sa.literal("page:", sa.Text) + sa.cast(PAGES.c.id, sa.Text),
            PAGES.c.document_id,
            page_id=PAGES.c.id,
            reason=why,
        )
    ).where(PAGES.c.document_id.in_(batch), needs_a_person(PAGES))


def _returns(batch: sa.Select[Any]) -> sa.Select[Any]:
    field = (
        sa.select(VALUES.c.page_id)
        .join(PAGES, PAGES.c.id == VALUES.c.page_id)
        .where(PAGES.c.document_id == RETURNS.c.document_id, VALUES.c.status == ValueStatus.REVIEW)
    )
    page = sa.select(PAGES.c.id).where(
        PAGES.c.document_id == RETURNS.c.document_id, needs_a_person(PAGES)
    )
    return sa.select(
        *_item(
            ReviewKind.RETURN,
            sa.literal("return:", sa.Text) + RETURNS.c.id,
            RETURNS.c.document_id,
            return_id=RETURNS.c.id,
        )
    ).where(
        RETURNS.c.document_id.in_(batch),
        RETURNS.c.status == ReturnStatus.REVIEW,
        ~field.exists(),
        ~page.exists(),
    )


def _samples(batch: sa.Select[Any]) -> sa.Select[Any]:
    """Sampled fields that nobody has keyed, as long as we hold them on our own."""
    return (
        sa.select(
            *_item(
                ReviewKind.SAMPLE,
                sa.literal("sample:", sa.Text)
                + sa.cast(SAMPLES.c.page_id, sa.Text)
                + sa.literal(":", sa.Text)
                + SAMPLES.c.name,
                PAGES.c.document_id,
                page_id=SAMPLES.c.page_id,
                name=SAMPLES.c.name,
                return_id=SAMPLES.c.return_id,
                reason=sa.literal("to be keyed blind: it measures what is accepted"),
            )
        )
        .select_from(
            SAMPLES.join(PAGES, PAGES.c.id == SAMPLES.c.page_id).join(
                VALUES,
                sa.and_(VALUES.c.page_id == SAMPLES.c.page_id, VALUES.c.name == SAMPLES.c.name),
            )
        )
        .where(
            PAGES.c.document_id.in_(batch),
            SAMPLES.c.outcome == SampleOutcome.WAITING,
            VALUES.c.status.in_([status for status in ValueStatus if status.is_held]),
            VALUES.c.decided_by.not_like(f"{PERSON}%"),
        )
    )

"""Figures of a batch, counted once when it ends, so that later batches compare without counting.

| measure | subject | part of whole |
|---|---|---|
| `pages` | status | pages of that status, of all |
| `accepted` | `fields`, `returns` | filled fields held, returns accepted, of all |
| `blank` | `fields` | fields left blank, of all |
| `blank_field` | `form.field` | times that it was left blank, of all |
| `confidence` | `fields` | filled fields in that bucket, of all |
| `amount` | `form.field` | amounts of that magnitude, of all other than 0 |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from loaders.store import (
    BATCHES,
    DOCUMENTS,
    FORMS,
    PAGES,
    RETURNS,
    VALUES,
    Store,
    table_of,
)
from schemas.columns import AMOUNT_SCALE
from schemas.forms import FieldKind
from schemas.oversight_tables import BatchFigure, ReturnFigure
from schemas.readings import PageStatus, ValueStatus
from schemas.returns import ReturnStatus

FIGURES = table_of(BatchFigure)
SAMENESS = table_of(ReturnFigure)

CONFIDENCE_EDGES = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999)
AMOUNT_EDGES = tuple(step * 10**power for power in range(1, 9) for step in (1, 3))
"""In currency units, two a decade; below the first come amounts under 0."""

_PRIME = 1_000_000_007

_Row = tuple[str, str, int, int, int]
"""Measure, subject, bucket, part, whole."""


class Figures(Store):
    """Counts batches, and says which there are to compare with."""

    def measure(self, batch_id: str, history: int) -> bool:
        """Count this batch anew, and those before it that never were; whether it has pages.

        Args:
            batch_id: a batch whose returns are loaded.
            history: how many batches before it.
        """
        for earlier in self.earlier_batches(batch_id, history):
            with self.reading() as connection:
                counted = connection.scalar(
                    sa.select(sa.exists().where(FIGURES.c.batch_id == earlier))
                )
            if not counted:
                self._count(earlier)
        return self._count(batch_id)

    def earlier_batches(self, batch_id: str, limit: int) -> tuple[str, ...]:
        """Batches of the same department that began before it and read a page; newest first."""
        mine = sa.select(BATCHES).where(BATCHES.c.id == batch_id).subquery()
        query = (
            sa.select(BATCHES.c.id)
            .join(mine, mine.c.department == BATCHES.c.department)
            .where(
                sa.or_(
                    BATCHES.c.started_at < mine.c.started_at,
                    sa.and_(BATCHES.c.started_at == mine.c.started_at, BATCHES.c.id < mine.c.id),
                ),
                sa.exists()
                .where(DOCUMENTS.c.batch_id == BATCHES.c.id, PAGES.c.document_id == DOCUMENTS.c.id)
                .correlate(BATCHES),
            )
            .order_by(BATCHES.c.started_at.desc(), BATCHES.c.id.desc())
            .limit(limit)
        )
        with self.reading() as connection:
            return tuple(connection.scalars(query))

    def _count(self, batch_id: str) -> bool:
        with self.reading() as connection:
            rows = [*_pages(connection, batch_id), *_returns(connection, batch_id)]
            rows += _fields(connection, batch_id)
        with self.writing() as connection:
            _store(connection, batch_id, rows)
            _fold_amounts(connection, batch_id)
        return bool(rows)


def _store(connection: Connection, batch_id: str, rows: Iterable[_Row]) -> None:
    stored = connection.execute(
        sa.select(
            FIGURES.c.measure, FIGURES.c.subject, FIGURES.c.bucket, FIGURES.c.part, FIGURES.c.whole
        ).where(FIGURES.c.batch_id == batch_id)
    )
    wanted = set(rows)
    if {tuple(row) for row in stored} == wanted:
        return
    connection.execute(sa.delete(FIGURES).where(FIGURES.c.batch_id == batch_id))
    names = ("measure", "subject", "bucket", "part", "whole")
    fresh = [{"batch_id": batch_id, **dict(zip(names, row, strict=True))} for row in sorted(wanted)]
    if fresh:
        connection.execute(sa.insert(FIGURES), fresh)


def _pages(connection: Connection, batch_id: str) -> list[_Row]:
    counts = _tally(
        connection,
        sa.select(PAGES.c.status, sa.func.count())
        .join(DOCUMENTS, DOCUMENTS.c.id == PAGES.c.document_id)
        .where(DOCUMENTS.c.batch_id == batch_id)
        .group_by(PAGES.c.status),
    )
    whole = sum(counts.values())
    if not whole:
        return []
    return [("pages", status.value, 0, counts.get(status, 0), whole) for status in PageStatus]


def _returns(connection: Connection, batch_id: str) -> list[_Row]:
    counts = _tally(
        connection,
        sa.select(RETURNS.c.status, sa.func.count())
        .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
        .where(DOCUMENTS.c.batch_id == batch_id)
        .group_by(RETURNS.c.status),
    )
    whole = sum(counts.values())
    return [("accepted", "returns", 0, counts.get(ReturnStatus.ACCEPTED, 0), whole)] * bool(whole)


def _tally(connection: Connection, query: sa.Select[Any]) -> dict[Any, int]:
    return {key: count for key, count in connection.execute(query)}


def _fields(connection: Connection, batch_id: str) -> list[_Row]:
    """All that is counted of fields, in one pass over them."""
    raw = _raw_amount(connection)
    magnitude = sa.case(
        (sa.or_(VALUES.c.kind != FieldKind.AMOUNT, VALUES.c.amount.is_(None)), None),
        (raw == 0, None),
        (raw < 0, 0),
        *((raw < edge * _scale(connection), at) for at, edge in enumerate(AMOUNT_EDGES, 1)),
        else_=len(AMOUNT_EDGES) + 1,
    )
    sure = sa.case(
        (VALUES.c.status == ValueStatus.BLANK, None),
        *((VALUES.c.confidence < edge, at) for at, edge in enumerate(CONFIDENCE_EDGES)),
        else_=len(CONFIDENCE_EDGES),
    )
    query = (
        sa.select(FORMS.c.form, VALUES.c.name, VALUES.c.status, magnitude, sure, sa.func.count())
        .select_from(_values_of())
        .where(DOCUMENTS.c.batch_id == batch_id)
        .group_by(FORMS.c.form, VALUES.c.name, VALUES.c.status, magnitude, sure)
    )
    everyone: Counter[str] = Counter()
    blanks: Counter[tuple[str, bool]] = Counter()
    amounts: Counter[tuple[str, int]] = Counter()
    confidences: Counter[int] = Counter()
    for form, name, status, size, certainty, count in connection.execute(query):
        subject = f"{form}.{name}"
        everyone[status] += count
        blanks[subject, status is ValueStatus.BLANK] += count
        if size is not None and status is ValueStatus.ACCEPTED:
            amounts[subject, size] += count
        if certainty is not None:
            confidences[certainty] += count
    blank, accepted = everyone[ValueStatus.BLANK], everyone[ValueStatus.ACCEPTED]
    whole, filled = sum(everyone.values()), sum(everyone.values()) - blank
    rows: list[_Row] = []
    if whole:
        rows.append(("blank", "fields", 0, blank, whole))
    if filled:
        rows.append(("accepted", "fields", 0, accepted, filled))
    for subject in {one for one, _ in blanks}:
        part = blanks[subject, True]
        rows.append(("blank_field", subject, 0, part, part + blanks[subject, False]))
    rows += [("confidence", "fields", at, part, filled) for at, part in confidences.items()]
    totals: Counter[str] = Counter()
    for (subject, _), part in amounts.items():
        totals[subject] += part
    rows += [
        ("amount", subject, at, part, totals[subject]) for (subject, at), part in amounts.items()
    ]
    return rows


def _values_of() -> sa.Join:
    return (
        DOCUMENTS.join(PAGES, PAGES.c.document_id == DOCUMENTS.c.id)
        .join(VALUES, VALUES.c.page_id == PAGES.c.id)
        .join(FORMS, FORMS.c.id == VALUES.c.return_form_id)
    )


def _fold_amounts(connection: Connection, batch_id: str) -> None:
    """Fold the amounts of this batch's returns anew, and those of returns that never were."""
    mine = (
        sa.select(RETURNS.c.id)
        .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
        .where(DOCUMENTS.c.batch_id == batch_id)
    )
    connection.execute(sa.delete(SAMENESS).where(SAMENESS.c.return_id.in_(mine)))
    raw = _raw_amount(connection)
    if connection.dialect.name == "postgresql":
        raw = raw * AMOUNT_SCALE
    # By a case, not a condition: a return without amounts gets its row too, and is done.
    counted = sa.and_(VALUES.c.status == ValueStatus.ACCEPTED, VALUES.c.kind == FieldKind.AMOUNT)
    counted = sa.and_(counted, VALUES.c.amount.is_not(None), raw != 0)
    small = sa.cast(raw % _PRIME, sa.BigInteger)
    query = (
        sa.select(
            RETURNS.c.id,
            RETURNS.c.department,
            RETURNS.c.tax_year,
            sa.func.coalesce(sa.func.sum(sa.case((counted, 1), else_=0)), 0),
            sa.func.coalesce(sa.func.sum(sa.case((counted, small), else_=0)), 0),
            sa.func.coalesce(
                sa.func.sum(sa.case((counted, small * (VALUES.c.position + 1)), else_=0)), 0
            ),
        )
        .select_from(
            RETURNS.outerjoin(FORMS, FORMS.c.return_id == RETURNS.c.id).outerjoin(
                VALUES, VALUES.c.return_form_id == FORMS.c.id
            )
        )
        .where(~sa.exists().where(SAMENESS.c.return_id == RETURNS.c.id))
        .group_by(RETURNS.c.id, RETURNS.c.department, RETURNS.c.tax_year)
    )
    columns = ["return_id", "department", "tax_year", "amounts", "total", "placed"]
    connection.execute(sa.insert(SAMENESS).from_select(columns, query))


def _raw_amount(connection: Connection) -> sa.ColumnElement[Any]:
    """As the database computes with it: ten-thousandths on SQLite."""
    kind: Any = sa.BigInteger() if connection.dialect.name == "sqlite" else sa.Numeric()
    return sa.type_coerce(VALUES.c.amount, kind)


def _scale(connection: Connection) -> int:
    return AMOUNT_SCALE if connection.dialect.name == "sqlite" else 1

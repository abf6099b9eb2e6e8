"""What all parts of the repository share: the engine, transactions, tables, upserts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from loaders.audit import Audit
from loaders.database import reading, writing
from schemas.readings import PageStatus
from schemas.sampled import SampledField
from schemas.tables import (
    Base,
    Batch,
    Document,
    FieldValueRow,
    Page,
    Receipt,
    ReturnForm,
    ReviewItem,
    RuleResultRow,
    TaxReturnRow,
)


def table_of(row: type[Base]) -> sa.Table:
    """The table of a mapped class, for statements that handle many rows at once."""
    table = row.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 -- for the type checker
    return table


BATCHES = table_of(Batch)
DOCUMENTS = table_of(Document)
RECEIPTS = table_of(Receipt)
RETURNS = table_of(TaxReturnRow)
FORMS = table_of(ReturnForm)
PAGES = table_of(Page)
VALUES = table_of(FieldValueRow)
RULES = table_of(RuleResultRow)
REVIEWS = table_of(ReviewItem)
SAMPLES = table_of(SampledField)

Record = Mapping[Any, Any]
"""A row, or the columns of one to be."""


class Store:
    """Holds the engine and the audit log; base of the repository's parts."""

    def __init__(self, engine: Engine, actor: str | None = None) -> None:
        self.engine = engine
        self.audit = Audit(engine, actor)

    def writing(self) -> AbstractContextManager[Connection]:
        """A transaction that writes."""
        return writing(self.engine)

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads."""
        return reading(self.engine)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def storable(text: str) -> str:
    """Text that every database takes: bytes of odd file names as escapes, no NUL."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "")


def insert(connection: Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    """An insert that can be given `on_conflict_…`."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_numbered(
    connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]
) -> list[int]:
    """Insert many rows at once; their new ids, in order."""
    if not rows:
        return []
    statement = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, list(rows)).scalars())


def changed(old: Record, new: Record, ignore: Sequence[str] = ()) -> bool:
    """Whether any column of `new` differs from what is stored."""
    return any(old[key] != value for key, value in new.items() if key not in ignore)


def needs_a_person(page: sa.FromClause) -> sa.ColumnElement[bool]:
    """Condition on `pages`: not taken by any return and not blank, or not read."""
    return sa.or_(
        sa.and_(page.c.return_form_id.is_(None), page.c.status != PageStatus.BLANK),
        page.c.status.in_([PageStatus.UNKNOWN, PageStatus.REFUSED]),
    )

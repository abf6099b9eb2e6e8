"""What reports count, a batch at a time: the database adds up, only sums and few rows come back.

A batch at a time because SQLite groups by sorting: many small sorts, in memory, take half as long
as one large one. All queries of a report see the database at one moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from loaders.accounts import DELIVERED, REASON, STATE
from loaders.batches import run_row
from loaders.database import reading
from loaders.rows import RunRow
from loaders.store import BATCHES, DOCUMENTS, PAGES, RECEIPTS, RETURNS, REVIEWS, RULES
from schemas.errors import RejectReason
from schemas.figures import ReviewLoad
from schemas.report import DocumentCounts, PageCounts, ReturnCounts
from schemas.returns import ReturnStatus
from schemas.rules import Category, Outcome, Severity
from schemas.tables import DocumentStatus, ReceiptOutcome, ReviewStatus

_EXAMPLES = 12
_IN_FLIGHT = (DocumentStatus.RECEIVED.value, DocumentStatus.READ.value)


class RuleCount(NamedTuple):
    """One rule over one batch."""

    rule_id: str
    severity: Severity
    category: Category
    passed: int
    not_applicable: int
    failed: int
    not_evaluated: int


class RuleExamples(NamedTuple):
    """On whom a rule failed in a batch."""

    rule_id: str
    returns_failed: int
    returns: tuple[str, ...]
    """The first of them."""
    message: str
    """Of the first."""


class Delivery(NamedTuple):
    """A batch's files, pages and returns."""

    documents: DocumentCounts
    pages: PageCounts
    returns: ReturnCounts
    reject_reasons: dict[RejectReason, int]


class DecidedRow(NamedTuple):
    """A return and what was decided of it."""

    document_id: int
    return_id: str
    status: ReturnStatus
    reasons: tuple[str, ...]


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A transaction in which the database stands still: the sums of a report go together."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(engine) as connection:
        yield connection


def departments(engine: Engine) -> list[str]:
    """Names of the departments whose batches the database holds, in alphabetical order."""
    with reading(engine) as connection:
        query = sa.select(BATCHES.c.department).distinct().order_by(BATCHES.c.department)
        return list(connection.scalars(query))


def batches_between(
    connection: Connection, department: str, begin: datetime | None, end: datetime | None
) -> list[RunRow]:
    """Batches of a department that began at `begin` or later and before `end`, the first first."""
    query = sa.select(BATCHES).where(BATCHES.c.department == department)
    if begin is not None:
        query = query.where(BATCHES.c.started_at >= begin)
    if end is not None:
        query = query.where(BATCHES.c.started_at < end)
    ordered = query.order_by(BATCHES.c.started_at, BATCHES.c.id)
    return [run_row(row) for row in connection.execute(ordered).mappings()]


def delivery(connection: Connection, batch_id: str) -> Delivery:
    """What became of a batch's files, pages and returns; counts that add up."""
    received = RECEIPTS.c.batch_id == batch_id
    states = _tally(
        connection,
        sa.select(STATE.label("state"), sa.func.count())
        .select_from(DELIVERED)
        .where(received)
        .group_by("state"),
    )
    reasons = _tally(
        connection,
        sa.select(REASON.label("why"), sa.func.count())
        .select_from(DELIVERED)
        .where(received, STATE.in_([DocumentStatus.REJECTED.value]))
        .group_by("why"),
    )
    mine = sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.batch_id == batch_id)
    pages = _tally(
        connection,
        sa.select(PAGES.c.status, sa.func.count())
        .where(PAGES.c.document_id.in_(mine))
        .group_by(PAGES.c.status),
    )
    returns = _tally(
        connection,
        sa.select(RETURNS.c.status, sa.func.count())
        .where(RETURNS.c.document_id.in_(mine))
        .group_by(RETURNS.c.status),
    )
    return Delivery(
        DocumentCounts(
            received=sum(states.values()),
            loaded=states[DocumentStatus.LOADED.value],
            in_review=states[DocumentStatus.REVIEW.value],
            rejected=states[DocumentStatus.REJECTED.value],
            duplicates=states[ReceiptOutcome.DUPLICATE.value],
            in_flight=sum(states[state] for state in _IN_FLIGHT),
        ),
        PageCounts(
            received=sum(pages.values()), **{status.value: many for status, many in pages.items()}
        ),
        ReturnCounts(**{status.value: many for status, many in returns.items()}),
        {reason: many for reason, many in reasons.items() if reason},
    )


def rule_counts(connection: Connection, batch_id: str, not_applicable: str) -> list[RuleCount]:
    """Every rule with a result in the batch, in the order of their ids.

    Args:
        connection: from `one_moment`.
        batch_id: of the batch.
        not_applicable: how the message of a passed result begins where the rule does not apply.
    """
    kinds = [many.label(name) for name, many in outcome_counts(not_applicable).items()]
    query = (
        sa.select(
            RULES.c.rule_id,
            # One rule has one of each; the department may have changed them meanwhile.
            sa.func.max(RULES.c.severity, type_=RULES.c.severity.type).label("severity"),
            sa.func.max(RULES.c.category, type_=RULES.c.category.type).label("category"),
            *kinds,
        )
        .select_from(_results())
        .where(DOCUMENTS.c.batch_id == batch_id)
        .group_by(RULES.c.rule_id)
        .order_by(RULES.c.rule_id)
    )
    return [RuleCount(**row) for row in connection.execute(query).mappings()]


def outcome_counts(not_applicable: str) -> dict[str, sa.ColumnElement[int]]:
    """Columns that count rule results: each result in exactly one of them."""
    idle = sa.func.substr(RULES.c.message, 1, len(not_applicable)) == not_applicable
    passes = RULES.c.outcome == Outcome.PASS
    return {
        "passed": sa.func.count().filter(passes, ~idle),
        "not_applicable": sa.func.count().filter(passes, idle),
        "failed": sa.func.count().filter(RULES.c.outcome == Outcome.FAIL),
        "not_evaluated": sa.func.count().filter(RULES.c.outcome == Outcome.NOT_EVALUATED),
    }


def unread_messages(connection: Connection, batch_id: str) -> Counter[str]:
    """Why rules were not evaluated, in their own words, and how often."""
    query = (
        sa.select(RULES.c.message, sa.func.count())
        .select_from(_results())
        .where(DOCUMENTS.c.batch_id == batch_id, RULES.c.outcome == Outcome.NOT_EVALUATED)
        .group_by(RULES.c.message)
    )
    return _tally(connection, query)


def rule_examples(connection: Connection, batch_id: str) -> dict[str, RuleExamples]:
    """Of each rule that failed in the batch: how many returns, and the first of them."""
    failed = (
        sa.select(
            RULES.c.rule_id,
            RULES.c.return_id,
            sa.func.min(RULES.c.message).label("message"),
            sa.func.min(DOCUMENTS.c.id).label("document"),
        )
        .select_from(_results())
        .where(DOCUMENTS.c.batch_id == batch_id, RULES.c.outcome == Outcome.FAIL)
        .group_by(RULES.c.rule_id, RULES.c.return_id)
        .subquery()
    )
    order = (failed.c.document, failed.c.return_id)
    numbered = sa.select(
        failed,
        sa.func.row_number().over(partition_by=failed.c.rule_id, order_by=order).label("place"),
        sa.func.count().over(partition_by=failed.c.rule_id).label("many"),
    ).subquery()
    query = (
        sa.select(numbered)
        .where(numbered.c.place <= _EXAMPLES)
        .order_by(numbered.c.rule_id, numbered.c.place)
    )
    found: dict[str, RuleExamples] = {}
    for row in connection.execute(query):
        known = found.get(row.rule_id)
        found[row.rule_id] = (
            RuleExamples(row.rule_id, row.many, (row.return_id,), row.message)
            if known is None
            else known._replace(returns=(*known.returns, row.return_id))
        )
    return found


def review_load(connection: Connection, batch_id: str) -> list[ReviewLoad]:
    """What people must look at, or had to, by the reason in its own words."""
    query = (
        sa.select(
            REVIEWS.c.kind,
            REVIEWS.c.reason,
            sa.func.count().filter(REVIEWS.c.status == ReviewStatus.OPEN),
            sa.func.count().filter(REVIEWS.c.status == ReviewStatus.CLOSED),
        )
        .join(DOCUMENTS, DOCUMENTS.c.id == REVIEWS.c.document_id)
        .where(DOCUMENTS.c.batch_id == batch_id)
        .group_by(REVIEWS.c.kind, REVIEWS.c.reason)
    )
    return [
        ReviewLoad(what=kind.value, reason=reason, open=waiting, closed=closed)
        for kind, reason, waiting, closed in connection.execute(query)
    ]


def returns_with_reasons(connection: Connection, batch_id: str) -> list[DecidedRow]:
    """The batch's returns by document, with what was decided of them in words."""
    query = (
        sa.select(*RETURNS.c["document_id", "id", "status", "reasons"])
        .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
        .where(DOCUMENTS.c.batch_id == batch_id)
        .order_by(RETURNS.c.document_id, RETURNS.c.id)
    )
    return [
        DecidedRow(document, return_id, status, tuple(reasons))
        for document, return_id, status, reasons in connection.execute(query)
    ]


def _results() -> sa.Join:
    return DOCUMENTS.join(RETURNS, RETURNS.c.document_id == DOCUMENTS.c.id).join(
        RULES, RULES.c.return_id == RETURNS.c.id
    )


def _tally(connection: Connection, query: sa.Select[Any]) -> Counter[Any]:
    return Counter({key: many for key, many in connection.execute(query)})

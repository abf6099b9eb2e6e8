"""One rule over many batches: how often, since when, on whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from loaders.report_queries import outcome_counts
from loaders.store import BATCHES, DOCUMENTS, RETURNS, RULES
from schemas.period_report import RuleCounts
from schemas.returns import ReturnStatus
from schemas.rules import Outcome


class RuleFailure(NamedTuple):
    """One result that failed, as stored."""

    return_id: str
    file: str
    batch_id: str
    tax_year: int
    status: ReturnStatus
    message: str
    inputs: dict[str, str | None]


def counts_by_batch(
    connection: Connection, rule_id: str, batches: Sequence[str], not_applicable: str
) -> dict[str, RuleCounts]:
    """The rule's results in each of these batches that holds any."""
    names, kinds = zip(*outcome_counts(not_applicable).items(), strict=True)
    query = (
        sa.select(DOCUMENTS.c.batch_id, *kinds)
        .select_from(_results(rule_id))
        .where(DOCUMENTS.c.batch_id.in_(batches))
        .group_by(DOCUMENTS.c.batch_id)
    )
    return {
        batch_id: RuleCounts(**dict(zip(names, counts, strict=True)))
        for batch_id, *counts in connection.execute(query)
    }


def unread_messages_of(
    connection: Connection, rule_id: str, batches: Sequence[str]
) -> Counter[str]:
    """Why it was not evaluated, in its own words, and how often."""
    query = (
        sa.select(RULES.c.message, sa.func.count())
        .select_from(_results(rule_id))
        .where(DOCUMENTS.c.batch_id.in_(batches), RULES.c.outcome == Outcome.NOT_EVALUATED)
        .group_by(RULES.c.message)
    )
    return Counter({message: many for message, many in connection.execute(query)})


def failures_of(
    connection: Connection, rule_id: str, batches: Sequence[str], limit: int
) -> list[RuleFailure]:
    """Results that failed, the newest batches first."""
    query = (
        sa.select(
            RULES.c.return_id,
            DOCUMENTS.c.file,
            DOCUMENTS.c.batch_id,
            RETURNS.c.tax_year,
            RETURNS.c.status,
            RULES.c.message,
            RULES.c.inputs,
        )
        .select_from(_results(rule_id).join(BATCHES, BATCHES.c.id == DOCUMENTS.c.batch_id))
        .where(DOCUMENTS.c.batch_id.in_(batches), RULES.c.outcome == Outcome.FAIL)
        .order_by(BATCHES.c.started_at.desc(), DOCUMENTS.c.id, RETURNS.c.id, RULES.c.occurrence)
        .limit(limit)
    )
    return [RuleFailure(*row) for row in connection.execute(query)]


def first_result(connection: Connection, department: str, rule_id: str) -> datetime | None:
    """When the first batch began that holds a result of the rule."""
    held = (
        sa.select(RULES.c.rule_id)
        .select_from(_results(rule_id))
        .where(DOCUMENTS.c.batch_id == BATCHES.c.id)
        .correlate(BATCHES)
    )
    query = sa.select(BATCHES.c.started_at).where(BATCHES.c.department == department, held.exists())
    return connection.scalar(query.order_by(BATCHES.c.started_at).limit(1))


def _results(rule_id: str) -> sa.Join:
    """Results of one rule, from the documents on: the primary key leads to each."""
    mine = sa.and_(RULES.c.return_id == RETURNS.c.id, RULES.c.rule_id == rule_id)
    return DOCUMENTS.join(RETURNS, RETURNS.c.document_id == DOCUMENTS.c.id).join(RULES, mine)

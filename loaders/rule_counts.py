"""How often each rule spoke in what is loaded."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.database import reading
from loaders.report_queries import outcome_counts
from loaders.store import RULES, table_of
from schemas.rule_tally import RuleTally
from schemas.tables import TaxReturnRow

_RETURNS = table_of(TaxReturnRow)


def count_rule_results(
    engine: Engine, department: str, not_applicable: str
) -> tuple[int, dict[str, RuleTally]]:
    """Number of the department's returns, and rule id → what the rule said of them.

    Args:
        not_applicable: how the message of a passed result begins where the rule does not apply.
    """
    kinds = outcome_counts(not_applicable)
    kinds["does_not_apply"] = kinds.pop("not_applicable")
    query = (
        sa.select(RULES.c.rule_id, *kinds.values())
        .join(_RETURNS, _RETURNS.c.id == RULES.c.return_id)
        .where(_RETURNS.c.department == department)
        .group_by(RULES.c.rule_id)
    )
    with reading(engine) as connection:
        returns = connection.execute(
            sa.select(sa.func.count()).where(_RETURNS.c.department == department)
        ).scalar_one()
        rows = connection.execute(query).all()
    return returns, {
        rule: RuleTally(**dict(zip(kinds, counts, strict=True))) for rule, *counts in rows
    }

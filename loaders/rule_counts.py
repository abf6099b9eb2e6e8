"""How often each rule spoke in what is loaded."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.database import reading
from loaders.store import RULES, table_of
from schemas.rule_tally import RuleTally
from schemas.rules import Outcome
from schemas.tables import TaxReturnRow

_RETURNS = table_of(TaxReturnRow)


def count_rule_results(engine: Engine, department: str) -> tuple[int, dict[str, RuleTally]]:
    """Number of the department's returns, and rule id → what the rule said of them."""
    passes = RULES.c.outcome == Outcome.PASS
    idle = passes & RULES.c.message.like("does not apply%")

    def number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.sum(sa.case((condition, 1), else_=0))

    query = (
        sa.select(
            RULES.c.rule_id,
            number(RULES.c.outcome == Outcome.FAIL),
            number(passes & ~idle),
            number(idle),
            number(RULES.c.outcome == Outcome.NOT_EVALUATED),
        )
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
        rule: RuleTally(failed=failed, passed=passed, does_not_apply=not_met, not_evaluated=unknown)
        for rule, failed, passed, not_met, unknown in rows
    }

"""Sums to the cent: whoever writes cents, adds them up.

A rule's tolerance is for filers who round each amount. Where amounts stand with cents, sides that
differ within the tolerance are mostly a misread cent: a reason to read otherwise, though the rule
holds. A sum in whole dollars is rounded, and says nothing. How often filers miss by some cents is
learnt from the batch, as for the rules.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from validators.evaluation import answer
from validators.rulebook import CompiledRule

TO_THE_CENT_LOG_ODDS = -3.0
"""Of a filer who writes cents and whose amounts do not add up to the cent: one in 20."""


def name_of(rule_id: str) -> str:
    """As reconciliation tells it."""
    return f"{rule_id} to the cent"


def to_the_cent(rule: CompiledRule, year: int) -> Callable[[list[Any]], bool | None] | None:
    """Asks of a row for which the rule holds whether both sides are the same to the cent; None
    where it does not hold, or what it figures is in whole dollars.

    There is nothing to ask, None, of a rule that lets no cents pass or has not one equation.
    """
    year_rule = rule.by_year.get(year)
    if year_rule is None or rule.definition.tolerance <= 0 or len(year_rule.equations) != 1:
        return None
    (equation,) = year_rule.equations

    def ask(row: list[Any]) -> bool | None:
        sides = equation.sides(row) if answer(year_rule, row) is True else None
        if sides is None or not all(isinstance(side, Decimal) for side in sides):
            return None
        left, right = sides
        figured = left if equation.target_is_left else right
        return None if figured == figured.to_integral_value() else left == right

    return ask

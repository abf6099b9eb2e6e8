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
from validators.rulebook import CompiledRule, YearRule

TO_THE_CENT_LOG_ODDS = -3.0
"""Of a filer who writes cents and whose amounts do not add up to the cent: one in 20."""
_RULE_ERRORS = (ArithmeticError, ValueError, TypeError, LookupError, AttributeError)


def name_of(rule_id: str) -> str:
    """As reconciliation tells it."""
    return f"{rule_id} to the cent"


def counts_cents(rule: CompiledRule, year: int) -> bool:
    """Whether the rule has one equation and lets cents pass."""
    year_rule = rule.by_year.get(year)
    if year_rule is None or rule.definition.tolerance <= 0:
        return False
    return len(year_rule.equations) == 1


def to_the_cent(year_rule: YearRule) -> Callable[[list[Any]], bool | None]:
    """Asks of a row for which the rule holds whether both sides are the same to the cent; None
    where it does not hold, or what it figures is in whole dollars."""
    (equation,) = year_rule.equations

    def ask(row: list[Any]) -> bool | None:
        if answer(year_rule, row) is not True:
            return None
        try:
            left, right = equation.left(row), equation.right(row)
        except _RULE_ERRORS:
            return None
        if not isinstance(left, Decimal) or not isinstance(right, Decimal):
            return None
        figured = left if equation.target_is_left else right
        if figured == figured.to_integral_value():
            return None
        return left == right

    return ask

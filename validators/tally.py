"""All rules over many returns, counted: how often each failed, passed, and could not say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.department import Department
from schemas.returns import TaxReturn
from schemas.rule_tally import RuleTally
from schemas.rules import Outcome
from validators.evaluation import Evaluation, evaluate_rule
from validators.facts import FactSheet
from validators.rulebook import RuleBook


def evaluate_all(
    department: Department, rules: RuleBook, returns: Sequence[TaxReturn]
) -> dict[str, list[Evaluation | None]]:
    """Rule key → one evaluation for each return, None where the rule is not of its year."""
    columns = rules.columns()
    place = {column: index for index, column in enumerate(columns)}
    rows = FactSheet(department).rows(returns, columns)
    years = [it.tax_year for it in returns]
    found = {}
    for rule in rules.rules:
        places = [place[column] for column in rule.columns]
        found[rule.key] = evaluate_rule(rule, years, [[row[it] for it in places] for row in rows])
    return found


def tally(evaluations: Iterable[Evaluation | None]) -> RuleTally:
    """One rule's evaluations, counted."""
    failed = passed = does_not_apply = not_evaluated = 0
    for one in evaluations:
        if one is None:
            continue
        if one.outcome is Outcome.FAIL:
            failed += 1
        elif one.outcome is Outcome.NOT_EVALUATED:
            not_evaluated += 1
        elif one.applies:
            passed += 1
        else:
            does_not_apply += 1
    return RuleTally(
        failed=failed,
        passed=passed,
        does_not_apply=does_not_apply,
        not_evaluated=not_evaluated,
    )

"""Noticing rules that are wrong themselves."""

from __future__ import annotations

import pytest

from schemas.rules import Category, Outcome, RuleResult, Severity
from validators.reconciliation.suspects import RuleTally, add_results, suspect_rules

PRIOR = -6.0


def result(rule_id: str, outcome: Outcome, message: str = "") -> RuleResult:
    return RuleResult(
        rule_id=rule_id, return_id="r", severity=Severity.REJECT, category=Category.MATH_ERROR,
        outcome=outcome, message=message,
    )  # fmt: skip


def test_a_rule_that_fails_for_everybody_weighs_nothing() -> None:
    assert RuleTally(applied=40, failed=40).log_odds(PRIOR) == 0.0
    assert RuleTally(applied=40, failed=12).log_odds(PRIOR) == 0.0


def test_a_rule_that_fails_now_and_then_weighs_less_the_more_it_does() -> None:
    never, seldom, often = (RuleTally(1000, failed).log_odds(PRIOR) for failed in (0, 20, 150))
    assert never == PRIOR  # that nobody broke it makes it no stricter
    assert PRIOR < seldom < -3.5 < often < -1


def test_a_few_returns_prove_nothing() -> None:
    assert not RuleTally(applied=3, failed=3).is_suspect
    assert PRIOR < RuleTally(applied=3, failed=3).log_odds(PRIOR) < -2


def test_results_that_say_nothing_are_not_counted() -> None:
    tallies: dict[str, RuleTally] = {}
    add_results(tallies, [result("T-1", Outcome.FAIL)] * 6)
    add_results(tallies, [result("T-1", Outcome.PASS, "does not apply: …")] * 90)
    add_results(tallies, [result("T-1", Outcome.NOT_EVALUATED)] * 90)
    add_results(tallies, [result("T-2", Outcome.PASS)] * 90 + [result("T-2", Outcome.FAIL)])
    (suspect,) = suspect_rules(tallies)
    assert (suspect.rule_id, suspect.applied, suspect.failed) == ("T-1", 6, 6)
    assert "6 of 6 returns" in str(suspect)


@pytest.mark.parametrize(("applied", "failed"), [(0, 0), (1, 0), (1, 1)])
def test_there_is_an_answer_for_any_count(applied: int, failed: int) -> None:
    assert -6.0 <= RuleTally(applied, failed).log_odds(PRIOR) <= 0.0

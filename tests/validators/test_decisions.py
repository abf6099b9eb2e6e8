"""Which returns are accepted, go to a person, or are rejected."""

from __future__ import annotations

from collections.abc import Sequence

from small_department import REVIEW, filed

from schemas.policy import DecisionPolicy
from schemas.returns import ReturnStatus, TaxReturn
from schemas.rules import Category, Outcome, RuleResult, Severity
from validators.decisions import Decision, decide


def result(
    severity: Severity, outcome: Outcome = Outcome.FAIL, return_id: str = "r1"
) -> RuleResult:
    return RuleResult(
        rule_id="T-001", return_id=return_id, severity=severity, category=Category.MATH_ERROR,
        outcome=outcome, message="it does not add up",
    )  # fmt: skip


def settle(tax_return: TaxReturn, results: Sequence[RuleResult]) -> Decision:
    """As a department decides that says nothing of its own."""
    return decide(tax_return, results, DecisionPolicy())


def test_nothing_wrong_is_accepted() -> None:
    assert settle(filed(), []) == (ReturnStatus.ACCEPTED, ())
    passed = [result(Severity.REJECT, Outcome.PASS), result(Severity.REJECT, Outcome.NOT_EVALUATED)]
    assert settle(filed(), passed) == (ReturnStatus.ACCEPTED, ())


def test_alerts_are_told_but_do_not_hold_a_return_up() -> None:
    status, reasons = settle(filed(), [result(Severity.ALERT)])
    assert status is ReturnStatus.ACCEPTED
    assert reasons == ("rule T-001 (alert): it does not add up",)


def test_a_failed_rule_rejects_on_values_that_are_held() -> None:
    assert settle(filed(), [result(Severity.REJECT)])[0] is ReturnStatus.REJECTED


def test_a_field_in_review_waits_before_anything_is_rejected() -> None:
    status, reasons = settle(filed({"wages": REVIEW}), [result(Severity.REJECT)])
    assert status is ReturnStatus.REVIEW
    assert reasons[0] == "1 field of form_1040 2022 in review: wages"
    assert "T-001" in reasons[1]


def test_a_rule_that_stops_rejects_at_once() -> None:
    status, reasons = settle(filed({"wages": REVIEW}), [result(Severity.REJECT_AND_STOP)])
    assert status is ReturnStatus.REJECTED
    assert reasons[0].startswith("rule T-001 (reject and stop)")


def test_a_missing_page_goes_to_a_person_whatever_failed() -> None:
    torn = filed(pages=(1,), missing=("form_1040 2022 page 2",))
    status, reasons = settle(torn, [result(Severity.REJECT_AND_STOP)])
    assert status is ReturnStatus.REVIEW
    assert reasons[0] == "page missing: form_1040 2022 page 2"


def test_only_this_returns_results_count() -> None:
    assert settle(filed(), [result(Severity.REJECT, return_id="another")])[0].value == "accepted"

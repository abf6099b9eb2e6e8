"""Decisions under a department's own policy, and what holds under every policy."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from small_department import REVIEW, department, filed

from schemas.forms import FieldKind
from schemas.policy import Consequence, DecisionPolicy, RuleClause, Then, WhenUnread
from schemas.readings import ValueStatus
from schemas.returns import ReturnStatus, TaxReturn
from schemas.rules import Category, Outcome, RuleResult, Severity
from validators.decisions import decide, leave_unread

IDS = ("T-001", "T-002", "U-001")
MILDEST_FIRST = list(Then)


def result(rule_id: str = "T-001", **said: object) -> RuleResult:
    held = {
        "return_id": "r1", "severity": Severity.REJECT, "category": Category.MATH_ERROR,
        "outcome": Outcome.FAIL, "message": "it does not add up",
    }  # fmt: skip
    return RuleResult(rule_id=rule_id, **held | said)


def policy(*clauses: RuleClause, **said: object) -> DecisionPolicy:
    return DecisionPolicy(failed_rules=clauses, **said)


def test_a_failed_rule_can_be_no_more_than_a_note() -> None:
    lenient = policy(RuleClause(rule="T-001", then=Then.ACCEPT))
    status, reasons = decide(filed(), [result()], lenient)
    assert status is ReturnStatus.ACCEPTED
    assert reasons == ("rule T-001 (reject; only noted by policy): it does not add up",)
    assert decide(filed(), [result("T-002")], lenient).status is ReturnStatus.REJECTED


def test_a_failed_rule_can_ask_for_a_person() -> None:
    careful = policy(RuleClause(category=Category.MATH_ERROR, then=Then.REVIEW))
    status, reasons = decide(filed(), [result(severity=Severity.ALERT)], careful)
    assert status is ReturnStatus.REVIEW
    assert reasons == ("rule T-001 (alert; to a person by policy): it does not add up",)


def test_the_first_clause_that_speaks_of_a_rule_counts() -> None:
    clauses = (
        RuleClause(rule="T-*", severity=Severity.ALERT, then=Then.ACCEPT),
        RuleClause(rule="T-*", then=Then.REVIEW),
        RuleClause(severity=Severity.REJECT, then=Then.REJECT_AND_STOP),
    )
    own = policy(*clauses)
    assert own.then("T-001", Category.MATH_ERROR, Severity.ALERT) is Then.ACCEPT
    assert own.then("T-001", Category.MATH_ERROR, Severity.REJECT) is Then.REVIEW
    assert own.then("U-001", Category.MATH_ERROR, Severity.REJECT) is Then.REJECT_AND_STOP
    assert own.then("U-001", Category.MATH_ERROR, Severity.ALERT) is Then.ACCEPT


@pytest.mark.parametrize(
    ("then", "status"),
    [
        (Then.ACCEPT, ReturnStatus.ACCEPTED),
        (Then.REVIEW, ReturnStatus.REVIEW),
        (Then.REJECT, ReturnStatus.REJECTED),
    ],
)
def test_what_a_missing_page_does_the_policy_says(then: Then, status: ReturnStatus) -> None:
    torn = filed(pages=(1,), missing=("form_1040 2022 page 2",))
    decision = decide(torn, [], DecisionPolicy(missing_page=then))
    assert decision == (status, ("page missing: form_1040 2022 page 2",))


def test_a_missing_page_that_waits_for_nobody_does_not_hold_up_a_rejection() -> None:
    torn = filed({"wages": REVIEW}, pages=(1,), missing=("form_1040 2022 page 2",))
    stop = [result(severity=Severity.REJECT_AND_STOP)]
    assert decide(torn, stop, DecisionPolicy()).status is ReturnStatus.REVIEW
    lenient = DecisionPolicy(missing_page=Then.ACCEPT)
    assert decide(torn, stop, lenient).status is ReturnStatus.REJECTED


INFORMATIVE = Consequence(fields=("*.zip", "form_1040.wages"), when_unread=WhenUnread.LEAVE)


def test_a_field_that_nobody_needs_holds_no_return_up() -> None:
    unneeded = DecisionPolicy(consequences={"informative": INFORMATIVE})
    left = leave_unread(filed({"wages": REVIEW, "zip": REVIEW}), unneeded)
    status, reasons = decide(left, [], unneeded)
    assert status is ReturnStatus.ACCEPTED
    assert reasons == ("2 fields of form_1040 2022 left unread: zip, wages",)
    held = left.forms[0].by_name()
    assert held["wages"].status is ValueStatus.UNREAD
    assert held["interest"].status is ValueStatus.BLANK

    also = leave_unread(filed({"wages": REVIEW, "interest": REVIEW}), unneeded)
    status, reasons = decide(also, [], unneeded)
    assert status is ReturnStatus.REVIEW
    assert reasons[0] == "1 field of form_1040 2022 in review: interest"


def test_a_stricter_policy_takes_up_what_was_left_unread() -> None:
    filed_so = filed({"wages": REVIEW})
    left = leave_unread(filed_so, DecisionPolicy(consequences={"informative": INFORMATIVE}))
    assert left != filed_so
    assert leave_unread(left, DecisionPolicy()) == filed_so


def test_the_target_error_of_a_field_is_that_of_its_consequence() -> None:
    pays_out = Consequence(fields=("form_1040.routing_*",), target_error=1 / 5000)
    informative = Consequence(fields=("*.zip",))
    decisions = DecisionPolicy(consequences={"pays_out": pays_out, "informative": informative})
    made = department()
    own = made.settings.model_copy(
        update={"decisions": decisions, "target_error_by_kind": {FieldKind.POSTAL_CODE: 0.1}}
    )
    made = made.model_copy(update={"settings": own})
    assert made.target_error(FieldKind.ROUTING_NUMBER, "form_1040", "routing_number") == 1 / 5000
    assert made.target_error(FieldKind.ROUTING_NUMBER) == 1 / 600
    assert made.target_error(FieldKind.POSTAL_CODE, "form_1040", "zip") == 0.1
    assert made.target_error(FieldKind.AMOUNT, "form_1040", "wages") == 1 / 600


@pytest.mark.parametrize(
    "said",
    [
        {"missing_page": "reject_and_stop"},
        {"failed_rules": [{"then": "review"}]},
        {"failed_rules": [{"rule": "T-001"}]},
        {"consequences": {"pays_out": {"fields": []}}},
        {"consequences": {"pays_out": {"fields": ["a.b"], "target_error": "one in ten"}}},
        {"sampling": {"share": 2}},
        {"sampel": {}},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(said: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        DecisionPolicy.model_validate(said)


results = st.builds(
    result,
    st.sampled_from(IDS),
    severity=st.sampled_from(Severity),
    category=st.sampled_from(Category),
    outcome=st.sampled_from(Outcome),
)
clauses = st.builds(
    RuleClause,
    rule=st.sampled_from((*IDS, "T-*", "*")),
    category=st.none() | st.sampled_from(Category),
    severity=st.none() | st.sampled_from(Severity),
    then=st.sampled_from(Then),
)
pages_do = st.sampled_from((Then.ACCEPT, Then.REVIEW, Then.REJECT))
leave = st.builds(
    Consequence,
    fields=st.sampled_from((("*.wages",), ("*.zip",), ("*",))),
    when_unread=st.sampled_from(WhenUnread),
)
policies = st.builds(
    DecisionPolicy,
    failed_rules=st.lists(clauses, max_size=4).map(tuple),
    missing_page=pages_do,
    consequences=st.dictionaries(st.just("one"), leave, max_size=1),
)
returns = st.builds(
    lambda unread, torn: filed(
        dict.fromkeys(unread, REVIEW),
        pages=(1,) if torn else (1, 2),
        missing=("form_1040 2022 page 2",) if torn else (),
    ),
    st.sets(st.sampled_from(("wages", "zip", "interest"))),
    st.booleans(),
)


def stricter(mild: DecisionPolicy, steps: Sequence[int]) -> DecisionPolicy:
    """The policy with some of what it does made harsher, and no field left unread."""

    def harsher(then: Then, step: int, harshest: Then) -> Then:
        at = min(MILDEST_FIRST.index(then) + step, MILDEST_FIRST.index(harshest))
        return MILDEST_FIRST[at]

    changed = tuple(
        one.model_copy(update={"then": harsher(one.then, step, Then.REJECT_AND_STOP)})
        for one, step in zip(mild.failed_rules, steps, strict=False)
    )
    pages = harsher(mild.missing_page, steps[-1], Then.REJECT)
    return mild.model_copy(
        update={"failed_rules": changed, "missing_page": pages, "consequences": {}}
    )


def status_under(own: DecisionPolicy, tax_return: TaxReturn, said: Sequence[RuleResult]) -> str:
    return decide(leave_unread(tax_return, own), said, own).status.value


@settings(deadline=None)
@given(
    policies,
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
    returns,
    st.lists(results, max_size=6),
)
def test_a_stricter_policy_never_accepts_more(
    mild: DecisionPolicy, steps: list[int], tax_return: TaxReturn, said: list[RuleResult]
) -> None:
    if status_under(stricter(mild, steps), tax_return, said) == "accepted":
        assert status_under(mild, tax_return, said) == "accepted"


@settings(deadline=None)
@given(policies, returns, st.lists(results, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_the_results_does_not_matter(own, tax_return, said, chance) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)
    assert decide(tax_return, said, own) == decide(tax_return, iter(shuffled), own)


@settings(deadline=None)
@given(policies, returns, st.lists(results, max_size=6))
def test_a_return_is_accepted_only_if_nothing_waits_and_nothing_rejects(
    own: DecisionPolicy, tax_return: TaxReturn, said: list[RuleResult]
) -> None:
    left = leave_unread(tax_return, own)
    status, reasons = decide(left, said, own)
    assert (status, reasons) == decide(left, said, own)
    does = {
        own.then(one.rule_id, one.category, one.severity)
        for one in said
        if one.outcome is Outcome.FAIL
    }
    if tax_return.missing_pages:
        does.add(own.missing_page)
    waits = any(value.status is ValueStatus.REVIEW for form in left.forms for value in form.values)
    assert (status is ReturnStatus.ACCEPTED) == (does <= {Then.ACCEPT} and not waits)
    if status is not ReturnStatus.ACCEPTED:
        assert reasons

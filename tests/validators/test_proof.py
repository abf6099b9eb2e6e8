"""Proving the rules of a small department: right ones, wrong ones, and ones without cases."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from small_department import department, rule

from schemas.case_files import CaseBook
from schemas.rule_cases import ExampleReturn, RuleCase, Trial
from schemas.rules import Outcome, RuleDefinition, YearRange
from validators.proof import Proof, prove
from validators.rulebook import compile_rules

BOTH = YearRange(first=2021, last=2022)
SINGLE = ExampleReturn(
    name="single",
    title="A single filer.",
    years=(2021, 2022),
    forms={
        "form_1040": {
            "taxpayer_ssn": "900110001",
            "filing_status_single": "marked",
            "wages": 1000,
            "interest": {2021: 100, 2022: 200},
            "total_income": {2021: 1100, 2022: 1200},
        }
    },
)
SUM = rule("total_income == wages + interest", years=BOTH, tolerance="0.99")


def proof(*rules: RuleDefinition, cases: tuple[dict[str, Any], ...] = ()) -> Proof:
    small = department(*rules)
    made = tuple(RuleCase(**({"rule": "T-001", "example": "single"} | case)) for case in cases)
    return prove(small, compile_rules(small), CaseBook(examples=(SINGLE,), cases=made))


def test_a_total_is_tried_both_ways_and_in_every_year() -> None:
    shown = proof(SUM, cases=({"total": "total_income"},))
    assert shown.is_complete and shown.missing == {}
    trials = [(it.year, it.trial) for it in shown.tried]
    for year in (2021, 2022):
        assert trials.count((year, Trial.PASSING)) == 1
        assert trials.count((year, Trial.BOUNDARY)) == trials.count((year, Trial.FAILING)) == 2
        assert trials.count((year, Trial.NOT_EVALUATED)) == 1


@given(st.integers(0, 200).filter(lambda cents: cents != 99))
def test_only_the_very_tolerance_of_a_rule_proves_a_total(cents: int) -> None:
    wrong = proof(SUM, cases=({"total": "total_income", "misses_by": f"{cents / 100:.2f}"},)).wrong
    # Less than it forgives: a cent more still passes. More: what should pass fails.
    trial = Trial.FAILING if cents < 99 else Trial.BOUNDARY
    assert {it.trial for it in wrong} == {trial}


def test_what_no_case_shows_is_missing() -> None:
    assert proof(SUM).missing == {"T-001 2021-2022": tuple(Trial)}
    only = proof(SUM, cases=({"fails": {"wages": 1}},))
    assert only.missing == {"T-001 2021-2022": (Trial.BOUNDARY, Trial.NOT_EVALUATED)}
    assert not only.is_complete and only.wrong == []


def test_another_outcome_is_told_with_the_numbers_that_went_in() -> None:
    [one] = proof(SUM, cases=({"years": (2022,), "fails": {"wages": "1000.50"}},)).wrong
    assert (one.trial, one.expected, one.evaluation.outcome) == (
        Trial.FAILING,
        Outcome.FAIL,
        Outcome.PASS,
    )
    assert one.evaluation.inputs["wages"] == "1000.50"


def test_a_passing_case_must_be_one_to_which_the_rule_applies() -> None:
    idle = rule("wages > 0", when="interest > 5000")
    [one] = proof(idle, cases=({"given": {}},)).wrong
    assert one.trial is Trial.PASSING and one.evaluation.outcome is Outcome.PASS
    assert proof(idle, cases=({"given": {"interest": 6000}},)).wrong == []


def test_an_example_that_a_rule_fails_is_told() -> None:
    [one] = proof(rule("wages == 999"), cases=()).strays
    assert one.example == "single" and one.evaluation.outcome is Outcome.FAIL


def test_forms_pages_and_other_returns_are_taken_away_and_put_beside() -> None:
    once = rule("unique(taxpayer_ssn, return.tax_year)")
    pages = rule("has_page(form_1040, 2)", id="T-002")
    forms = rule("count_forms(schedule_1) < 2", id="T-003")
    shown = proof(
        once,
        pages,
        forms,
        cases=(
            {
                "fails": {"beside": {}},
                "boundary": {"beside": {"return.tax_year": 2021}},
                "not_evaluated": {"taxpayer_ssn": "unread", "beside": {}},
            },
            {
                "rule": "T-002",
                "fails": {"form_1040 page 2": "absent"},
                "boundary": {"form_1040 page 1": "absent"},
                "not_evaluated": {"form_1040 page 2": "absent", "return.unrecognised_pages": 1},
            },
            {
                "rule": "T-003",
                "fails": {"schedule_1.alimony": 1, "schedule_1": "twice"},
                "boundary": {"schedule_1.alimony": 1},
                "not_evaluated": {"return.unrecognised_pages": 1},
            },
        ),
    )
    assert shown.is_complete, shown.wrong

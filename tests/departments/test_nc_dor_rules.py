"""North Carolina's rules that need more than fields of one return, and its printed numbers."""

from __future__ import annotations

from typing import Any

import pytest
from department_returns import REVIEW, DepartmentUnderTest
from nc_base_returns import RATE, STANDARD, family
from rule_cases import changed

from schemas.rules import Outcome

STATE = DepartmentUnderTest("nc_dor")
YEARS = (2021, 2022, 2023)


def test_one_original_return_a_filer_and_year() -> None:
    def filed(**changes: Any) -> Any:
        return STATE.make_return(2022, changed(family(2022), "form_d400", changes))

    def said(*returns: Any) -> list[Outcome]:
        return [it.outcome for it in STATE.judge_batch(list(returns), "D400-106")]

    other_year = STATE.make_return(2023, family(2023))
    assert said(filed(), other_year) == [Outcome.PASS, Outcome.PASS]
    assert said(filed(), filed()) == [Outcome.FAIL, Outcome.FAIL]
    assert said(filed(), filed(amended_return=True))[1] is Outcome.PASS
    assert said(filed(), filed(taxpayer_ssn=REVIEW)) == [Outcome.PASS, Outcome.NOT_EVALUATED]


def test_a_lost_page_is_told() -> None:
    whole = STATE.make_return(2022, family(2022))
    assert STATE.judge(whole, "D400-118").outcome is Outcome.PASS
    assert STATE.judge(whole, "SS-106").outcome is Outcome.PASS
    lost = STATE.make_return(2022, family(2022), ("schedule_s 2022 page 2",))
    assert STATE.judge(lost, "D400-118").outcome is Outcome.FAIL
    assert STATE.judge(lost, "SS-106").outcome is Outcome.FAIL
    # What stood on the page is unknown, not wrong.
    assert STATE.judge(lost, "SS-041").outcome is Outcome.NOT_EVALUATED
    assert STATE.judge(lost, "SS-016").outcome is Outcome.PASS


def test_a_page_that_nobody_recognised_may_be_the_lost_one() -> None:
    unsure = ("schedule_s 2022 page 1", "unknown: page 3 of the document")
    unsure_return = STATE.make_return(2022, family(2022), unsure)
    assert STATE.judge(unsure_return, "SS-106").outcome is Outcome.NOT_EVALUATED


@pytest.mark.parametrize(
    ("status", "income", "in_2021", "since"),
    [
        ("single", 20_000, 2_500, 3_000),
        ("single", 20_001, 2_000, 2_500),
        ("single", 60_001, 0, 500),
        ("single", 70_001, 0, 0),
        ("married_filing_separately", 60_000, 500, 1_000),
        ("head_of_household", 30_001, 2_000, 2_500),
        ("head_of_household", 90_000, 500, 1_000),
        ("head_of_household", 105_001, 0, 0),
        ("married_filing_jointly", 40_000, 2_500, 3_000),
        ("qualifying_surviving_spouse", 120_001, 0, 500),
        ("qualifying_surviving_spouse", 140_001, 0, 0),
    ],
)
def test_the_child_deduction_follows_the_printed_table(
    status: str, income: int, in_2021: int, since: int
) -> None:
    for year, each in ((2021, in_2021), (2022, since), (2023, since)):
        rule = "D400-010-21" if year == 2021 else "D400-010-22"
        for deduction, outcome in ((3 * each, Outcome.PASS), (3 * each + 500, Outcome.FAIL)):
            main = {
                f"filing_status_{status}": True,
                "federal_adjusted_gross_income": str(income),
                "qualifying_children": "3",
                "child_deduction": str(deduction),
            }
            assert (
                STATE.judge(STATE.make_return(year, {"form_d400": main}), rule).outcome is outcome
            )


def test_parameters_agree_with_a_second_copy() -> None:
    """The tests have the printed forms' numbers too, typed in anew."""
    ours = {parameter.name: parameter.values for parameter in STATE.department.parameters}
    for year in YEARS:
        assert str(ours["income_tax_rate"][year]) == str(RATE[year])
        assert ours["standard_deduction"][year] == {
            "single": STANDARD[year],
            "married_filing_separately": STANDARD[year],
            "head_of_household": STANDARD[year] * 3 // 2,
            "married_filing_jointly": STANDARD[year] * 2,
            "qualifying_surviving_spouse": STANDARD[year] * 2,
        }


def test_nobody_who_is_not_eligible_needs_the_standard_deduction() -> None:
    forms = changed(family(2022), "form_d400", {"deduction": "0"})
    assert STATE.judge(STATE.make_return(2022, forms), "D400-011-02").outcome is Outcome.PASS


def test_interest_may_be_taken_from_an_overpayment() -> None:
    forms = family(2022)
    over = int(forms["form_d400"]["overpaid"])
    less = changed(forms, "form_d400", {"underpayment_interest": "9", "overpaid": str(over - 9)})
    assert STATE.judge(STATE.make_return(2022, less), "D400-028").outcome is Outcome.PASS


def test_empty_forms_have_no_wrong_sums() -> None:
    """Blank lines count as 0, so nothing adds up to something else."""
    for year in YEARS:
        forms: dict[str, dict[str, Any]] = {
            it: {} for it in ("form_d400", "schedule_a", "schedule_s")
        }
        failed = STATE.failures(STATE.make_return(year, forms))
        assert {rule for rule in failed if STATE.rules[rule].definition.tolerance} == set()

"""North Carolina's printed table and numbers, against a second copy."""

from __future__ import annotations

from typing import Any

import pytest
from department_returns import DepartmentUnderTest

from schemas.rules import Outcome

STATE = DepartmentUnderTest("nc_dor")
YEARS = (2021, 2022, 2023)
RATE = {2021: "0.0525", 2022: "0.0499", 2023: "0.0475"}
STANDARD = {2021: 10_750, 2022: 12_750, 2023: 12_750}
"""Of a single filer; a couple has twice as much."""


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
        assert str(ours["income_tax_rate"][year]) == RATE[year]
        assert ours["standard_deduction"][year] == {
            "single": STANDARD[year],
            "married_filing_separately": STANDARD[year],
            "head_of_household": STANDARD[year] * 3 // 2,
            "married_filing_jointly": STANDARD[year] * 2,
            "qualifying_surviving_spouse": STANDARD[year] * 2,
        }


def test_interest_may_be_taken_from_an_overpayment() -> None:
    over = next(
        value.amount
        for value in STATE.example("family", 2022).forms[0].values
        if value.name == "overpaid"
    )
    assert over is not None
    less = STATE.example("family", 2022, {"underpayment_interest": 9, "overpaid": int(over) - 9})
    assert STATE.judge(less, "D400-028").outcome is Outcome.PASS


def test_empty_forms_have_no_wrong_sums() -> None:
    """Blank lines count as 0, so nothing adds up to something else."""
    for year in YEARS:
        forms: dict[str, dict[str, Any]] = {
            it: {} for it in ("form_d400", "schedule_a", "schedule_s")
        }
        failed = STATE.failures(STATE.make_return(year, forms))
        assert {rule for rule in failed if STATE.rules[rule].definition.tolerance} == set()

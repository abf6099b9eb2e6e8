"""The IRS's rules that need more than fields of one return, and its printed numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from department_returns import REVIEW, DepartmentUnderTest
from irs_base_returns import family
from rule_cases import changed

from benchmarks.samples.parameters import PARAMETERS, RATES, Status
from schemas.rules import Outcome

IRS = DepartmentUnderTest("us_irs")


def test_one_return_a_filer_and_year() -> None:
    first = IRS.make_return(2022, family(2022))
    other_year = IRS.make_return(2023, family(2023))
    same = IRS.make_return(2022, family(2022))
    unread = IRS.make_return(2022, changed(family(2022), "form_1040", {"taxpayer_ssn": REVIEW}))
    nobody = IRS.make_return(2022, changed(family(2022), "form_1040", {"taxpayer_ssn": None}))

    def said(*returns: Any) -> list[Outcome]:
        return [it.outcome for it in IRS.judge_batch(list(returns), "F1040-106")]

    assert said(first, other_year) == [Outcome.PASS, Outcome.PASS]
    assert said(first, same) == [Outcome.FAIL, Outcome.FAIL]
    assert said(first, unread) == [Outcome.PASS, Outcome.NOT_EVALUATED]
    assert said(nobody, nobody) == [Outcome.PASS, Outcome.PASS]


def test_a_lost_page_is_told() -> None:
    lost = IRS.make_return(2022, family(2022), ("form_1040 2022 page 2",))
    assert IRS.judge(lost, "F1040-116").outcome is Outcome.FAIL
    # What stood on the page is unknown, not wrong.
    assert IRS.judge(lost, "F1040-033").outcome is Outcome.NOT_EVALUATED
    assert IRS.judge(lost, "F1040-009").outcome is Outcome.PASS


def test_parameters_agree_with_a_second_copy() -> None:
    """The sample maker has the law's numbers too, typed in by somebody else."""
    ours = {parameter.name: parameter.values for parameter in IRS.department.parameters}
    for year, law in PARAMETERS.items():
        for status in Status:
            column = status.column
            married = status not in (Status.SINGLE, Status.HEAD)
            extra = law.extra_married if married else law.extra_unmarried
            assert ours["standard_deduction"][year][status] == law.standard_deduction[column]
            assert ours["additional_standard_deduction"][year][status] == extra
            assert ours["gains_zero_rate_limit"][year][status] == law.gains_free[column]
            assert ours["gains_middle_rate_limit"][year][status] == law.gains_low[column]
            steps = ours["tax_brackets"][year][status]
            assert [start for start, _ in steps] == [0, *law.brackets[column]]
            assert [Decimal(str(rate)) for _, rate in steps] == list(RATES)
        maxima = {count: it.maximum for count, it in enumerate(law.earned_income_credit)}
        assert ours["eic_maximum"][year] == maxima
        assert ours["eic_investment_limit"][year] == law.investment_income_limit
        assert ours["educator_expense_limit"][year] == law.educator_limit
        assert ours["refundable_amount_per_child"][year] == law.additional_child_credit


@pytest.mark.parametrize(
    ("payer", "said"),
    [("Subtotal", Outcome.PASS), ("Nominee distribution", Outcome.PASS), ("Bank", Outcome.FAIL)],
)
def test_who_subtracts_on_schedule_b_is_let_through(payer: str, said: Outcome) -> None:
    changes = {"interest_3_payer": payer, "interest_3_amount": "1850"}
    forms = changed(family(2022), "schedule_b", changes)
    assert IRS.judge(IRS.make_return(2022, forms), "SB-002").outcome is said


def test_losses_in_printed_parentheses_are_subtracted_with_or_without_a_minus() -> None:
    for written in ("100", "-100"):
        forms = changed(family(2022), "schedule_1", {"net_operating_loss": written})
        assert IRS.judge(IRS.make_return(2022, forms), "S1-009-22").outcome is Outcome.PASS

"""The IRS's printed numbers, against a second copy."""

from __future__ import annotations

from decimal import Decimal

from department_returns import DepartmentUnderTest

from benchmarks.samples.parameters import PARAMETERS, RATES, Status

IRS = DepartmentUnderTest("us_irs")


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

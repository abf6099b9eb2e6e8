"""The IRS's rules over the sample maker's returns, whose arithmetic is written independently."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from department_returns import DepartmentUnderTest

from benchmarks.samples.returns import InventedReturn, invent_return
from schemas.rules import Category, Severity

YEARS = (2021, 2022, 2023)
RETURNS = 30
IRS = DepartmentUnderTest("us_irs")


def invented(year: int, seed: int, mistake_rate: float) -> list[InventedReturn]:
    rng = np.random.default_rng(seed)
    forms = {form.form: form for form in IRS.department.forms if form.year == year}
    return [invent_return(rng, year, forms, mistake_rate) for _ in range(RETURNS)]


def failed(one: InventedReturn) -> dict[str, str]:
    forms: dict[str, dict[str, Any]] = {
        form: {name: written.value for name, written in fields.items()}
        for form, fields in one.forms.items()
    }
    return IRS.failures(IRS.make_return(one.year, forms))


@pytest.mark.parametrize("year", YEARS)
def test_right_returns_are_not_rejected(year: int) -> None:
    for one in invented(year, seed=31, mistake_rate=0.0):
        severities = {rule: IRS.rules[rule].definition.severity for rule in failed(one)}
        assert Severity.REJECT not in severities.values(), severities


@pytest.mark.parametrize("year", YEARS)
def test_every_mistake_makes_a_rule_fail(year: int) -> None:
    wrong = [one for one in invented(year, seed=32, mistake_rate=1.0) if one.mistakes]
    assert len(wrong) > RETURNS / 2
    for one in wrong:
        assert failed(one), one.mistakes


@pytest.mark.parametrize("year", YEARS)
def test_empty_forms_have_no_wrong_sums(year: int) -> None:
    """Blank lines count as 0, so nothing adds up to something else."""
    forms: dict[str, dict[str, Any]] = {
        form.form: {} for form in IRS.department.forms if form.year == year
    }
    categories = {
        rule: IRS.rules[rule].definition.category
        for rule in IRS.failures(IRS.make_return(year, forms))
    }
    assert Category.MATH_ERROR not in categories.values(), categories

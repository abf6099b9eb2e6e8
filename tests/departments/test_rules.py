"""Every rule of every department: a passing, a failing, a boundary, an unread case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import irs_base_returns as irs
import irs_cases
import irs_cases_form_1040
import irs_cases_schedules
import nc_base_returns as nc
import nc_cases
import pytest
from department_returns import DepartmentUnderTest
from rule_cases import (
    Base,
    Case,
    Changes,
    Suite,
    Sum,
    check_base,
    check_case,
    check_sum,
    check_unread,
)

YEARS = (2021, 2022, 2023)
SUITES = (
    Suite(
        DepartmentUnderTest("us_irs"),
        (*irs_cases_form_1040.CASES, *irs_cases_schedules.CASES),
        tuple(irs_cases.SUMS),
        (
            *(
                (base, year)
                for base in (irs.family, irs.small_earner, irs.itemiser)
                for year in YEARS
            ),
            (irs.repayer, 2021),
        ),
        elsewhere=frozenset({"F1040-106", "F1040-116"}),
        fewest=150,
    ),
    Suite(
        DepartmentUnderTest("nc_dor"),
        tuple(nc_cases.CASES),
        tuple(nc_cases.SUMS),
        tuple(
            (base, year)
            for base in (nc.family, nc.itemiser, nc.newcomer, nc.widow)
            for year in YEARS
        ),
        elsewhere=frozenset({"D400-106", "D400-118", "SS-106"}),
        fewest=100,
    ),
)


def each(found: Iterable[tuple[Suite, str, tuple[Any, ...]]]) -> list[Any]:
    """A test's parameters: department, and what is tested of it."""
    return [
        pytest.param(suite.tested, *given, id=f"{suite.tested.department.name}-{name}")
        for suite, name, given in found
    ]


@pytest.mark.parametrize(
    ("tested", "base", "year"),
    each(
        (suite, f"{base.__name__}-{year}", (base, year))
        for suite in SUITES
        for base, year in suite.bases
    ),
)
def test_a_return_without_a_mistake_fails_no_rule(
    tested: DepartmentUnderTest, base: Base, year: int
) -> None:
    check_base(tested, base, year)


@pytest.mark.parametrize(
    ("tested", "case"),
    each((suite, case.rule, (case,)) for suite in SUITES for case in suite.cases),
)
def test_a_rule_passes_fails_and_knows_its_edge(tested: DepartmentUnderTest, case: Case) -> None:
    check_case(tested, case)


@pytest.mark.parametrize(
    ("tested", "case"),
    each((suite, case.rule, (case,)) for suite in SUITES for case in suite.sums),
)
def test_a_sum_may_miss_by_cents_but_not_by_a_dollar(
    tested: DepartmentUnderTest, case: Sum
) -> None:
    check_sum(tested, case)


@pytest.mark.parametrize(
    ("tested", "rule_id", "base", "given"),
    [
        *each((s, it.rule, (it.rule, it.base, it.given)) for s in SUITES for it in s.cases),
        *each((s, it.rule, (it.rule, it.base, {})) for s in SUITES for it in s.sums),
    ],
)
def test_an_unread_field_makes_no_rule_fail(
    tested: DepartmentUnderTest, rule_id: str, base: Base, given: Changes
) -> None:
    check_unread(tested, rule_id, base, given)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.tested.department.name)
def test_every_rule_has_its_cases(suite: Suite) -> None:
    names = [case.rule for case in (*suite.cases, *suite.sums)]
    assert len(names) == len(set(names))
    assert set(names) | suite.elsewhere == set(suite.tested.rules)
    assert len(suite.tested.rules) >= suite.fewest

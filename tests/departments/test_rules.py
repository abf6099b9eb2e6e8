"""Every rule of every department, by the department's own files of cases."""

from __future__ import annotations

import pytest
from department_returns import DepartmentUnderTest

from schemas.rule_cases import Trial
from validators.proof import Proof, prove

FEWEST = {"us_irs": 150, "nc_dor": 100}
DEPARTMENTS = [DepartmentUnderTest(name) for name in FEWEST]


@pytest.fixture(scope="module", params=DEPARTMENTS, ids=lambda tested: tested.name)
def tested(request: pytest.FixtureRequest) -> DepartmentUnderTest:
    return request.param


@pytest.fixture(scope="module")
def proof(tested: DepartmentUnderTest) -> Proof:
    return prove(tested.department, tested.book, tested.cases)


@pytest.mark.slow
def test_every_rule_passes_fails_knows_its_edge_and_what_it_cannot_say(proof: Proof) -> None:
    assert proof.missing == {}
    told = [f"{it.rule_id} {it.year} {it.trial}: {it.evaluation.message}" for it in proof.wrong]
    assert told == []


@pytest.mark.slow
def test_a_right_return_fails_no_rule_even_where_a_field_is_unread(proof: Proof) -> None:
    told = [f"{it.rule_id} {it.year} {it.place}: {it.evaluation.message}" for it in proof.strays]
    assert told == []


@pytest.mark.slow
def test_no_case_is_passed_over(tested: DepartmentUnderTest, proof: Proof) -> None:
    assert len(tested.rules) >= FEWEST[tested.name]
    tried = {(it.rule, it.year) for it in proof.tried if it.trial is Trial.FAILING}
    years = {(rule.key, year) for rule in tested.book.rules for year in rule.by_year}
    # A few are failed in one of their years only: the example has no other.
    assert {rule for rule, _ in tried} == {rule for rule, _ in years}
    assert len(tried) > 0.9 * len(years)

"""A handful of returns solved by a program that we did not write pass every rule."""

from __future__ import annotations

from decimal import Decimal

import pytest

from benchmarks.solved.judging import judge
from benchmarks.solved.known import KNOWN, values_of
from benchmarks.solved.program import CannotSolve, Program, Solution
from benchmarks.solved.returns import UnknownField, as_return
from benchmarks.solved.run import solve_filers
from schemas.packs import load_department

MAIN = "f1040.pdf"
NAME = "topmostSubform[0].Page1[0].f1_02[0]"


@pytest.mark.slow
def test_solved_returns_pass_every_rule() -> None:
    if Program.version() is None:
        pytest.skip("habutax, the solver, is not installed")
    *_, solved = solve_filers(Program(), 4, seed=3, years=(2022,))
    assert len(solved.solutions) == 4
    for name in ("us_irs", "nc_dor"):
        department = load_department(name)
        found = judge(department, solved.returns(department))
        assert found.unexplained == [] and not found.not_evaluated
        if name == "us_irs":
            assert found.returns == 4 and len(found.evaluated) > 80


@pytest.mark.slow
def test_the_solvers_refusals_are_told() -> None:
    if Program.version() is None:
        pytest.skip("habutax, the solver, is not installed")
    with pytest.raises(CannotSolve, match="needed by"):
        Program().solve(2022, {"1040": {"last_name": "Hill"}}, ["1040"])


def test_fields_are_found_by_their_full_name_alone() -> None:
    department = load_department("us_irs")
    solution = Solution({MAIN: {NAME: "Ada", "topmostSubform[0].Page1[0].f1_28[0]": "1234.50"}})
    made = as_return(solution, department, 2022, 1)
    assert made is not None
    values = values_of(made)
    assert values["form_1040", "taxpayer_first_name"] == "Ada"
    assert Decimal(str(values["form_1040", "w2_wages"])) == Decimal("1234.50")
    # Signed by whoever files; no solver does that.
    assert values["form_1040", "taxpayer_signature"] is True


def test_a_field_that_no_definition_has_is_an_error() -> None:
    department = load_department("us_irs")
    with pytest.raises(UnknownField, match="form_1040 2022: nowhere"):
        as_return(Solution({MAIN: {"nowhere": "1"}}), department, 2022, 1)
    assert as_return(Solution({"fother.pdf": {"nowhere": "1"}}), department, 2022, 1) is None


def test_a_failure_that_no_known_mistake_explains_is_told() -> None:
    department = load_department("us_irs")
    total = "topmostSubform[0].Page1[0].Lines4a-11_ReadOrder[0].f1_50[0]"
    made = as_return(Solution({MAIN: {NAME: "Ada", total: "5000"}}), department, 2022, 1)
    assert made is not None
    assert "F1040-009" in {rule for rule, _, _ in judge(department, [made]).unexplained}


def test_known_mistakes_name_rules_that_exist() -> None:
    for name, known in KNOWN.items():
        rules = {rule.id for rule in load_department(name).rules}
        assert {rule for one in known for rule in one.rules} <= rules

"""Rules that are wrong, raise or take too long, and numbers that nobody has: nothing breaks."""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noisy_returns import (
    FIELDS,
    RULES,
    TAX,
    TOTAL,
    UNSURE,
    amounts,
    chain,
    outcome,
    pack,
    possible,
    quick,
    read_as,
    reconcile,
    value_of,
)
from small_department import filed, rule

from schemas.readings import Reconciled, ValueStatus
from schemas.returns import TaxReturn
from validators.reconciliation.reconciler import Reconciler
from validators.rulebook import compile_rules

CONFIRMED = Reconciled.CONFIRMED


def test_a_rule_that_is_wrong_corrupts_nothing_and_is_noticed() -> None:
    wrong = rule("tax == taxable_income", id="T-BAD")
    returns = []
    for number in range(30):
        right = chain(40_000 + 1_111 * number, 340, 12_000)
        seen = {"tax": (str(right["tax"]), [(str(right["taxable_income"]), -1.0)], UNSURE)}
        one = filed(right, return_id=f"r{number}")
        returns.append(read_as(one, seen if number % 3 == 0 else None))
    batch = reconcile(*returns, rules=(*RULES, wrong))
    assert [one.rule_id for one in batch.suspects] == ["T-BAD"]
    assert "20 of 20 returns" in str(batch.suspects[0])
    for before, after in zip(returns, batch.returns, strict=True):
        for name in FIELDS:
            assert value_of(after, name).value == value_of(before, name).value
            assert outcome(after, name) in (CONFIRMED, None)
            assert value_of(after, name).status is not ValueStatus.REVIEW


@quick
@given(wages=amounts, odds=st.floats(-6, -0.05))
def test_a_single_wrong_rule_changes_nothing_even_before_it_is_noticed(
    wages: int, odds: float
) -> None:
    wrong = rule("tax == taxable_income", id="T-BAD")
    right = chain(wages, 340)
    seen = {"tax": (str(right["tax"]), [(str(right["taxable_income"]), odds)], UNSURE)}
    (after,) = reconcile(read_as(filed(right), seen), rules=(*RULES, wrong)).returns
    assert value_of(after, "tax").value == str(right["tax"])


@pytest.mark.parametrize(
    "check",
    [
        "tax == wages / (interest - interest) * 2",
        "tax == wages * 99999999999999999999999999999999999999999999999999",
        "taxable_income == round(tax / 0.00000001, 0.000000000000000000000000000000000000001)",
    ],
)
def test_a_rule_that_cannot_be_evaluated_says_nothing(check: str) -> None:
    given_ = {"wages": "999999999999999.99", "interest": "5", "tax": "999999999999999"}
    first = read_as(filed(given_ | {"taxable_income": "1"}))
    batch = reconcile(first, rules=(rule(check),))
    assert [value.value for value in batch.returns[0].forms[0].values] == [
        value.value for value in first.forms[0].values
    ]


@pytest.mark.parametrize("amount", ["999999999999999", "123456789012345.67", "-999999999999999"])
def test_absurd_amounts_are_values(amount: str) -> None:
    right = chain(52_000, 340)
    (after,) = reconcile(read_as(filed(right | {"total_income": amount}))).returns
    assert value_of(after, "total_income").value == amount


def _reconciler_with(check: Any) -> tuple[Reconciler, TaxReturn]:
    """A reconciler whose rule T-016 is evaluated by that function."""
    small = pack(TOTAL, TAX)
    book = compile_rules(small)
    rules = []
    for one in book.rules:
        if one.definition.id == "T-016":
            years = {year: dataclasses.replace(each, check=check, equations=())
                     for year, each in one.by_year.items()}  # fmt: skip
            one = dataclasses.replace(one, by_year=years)
        rules.append(one)
    book = dataclasses.replace(book, rules=tuple(rules))
    seen = {"total_income": ("52340", [("52840", -2.0)], UNSURE)}
    return Reconciler(book, small, possible), read_as(filed(chain(52_000, 340)), seen)


def test_a_rule_that_raises_takes_nothing_down() -> None:
    def check(_: object) -> bool:
        raise LookupError("900-11-0001")

    reconciler, first = _reconciler_with(check)
    batch = reconciler.reconcile([first])
    assert outcome(batch.returns[0], "total_income") is CONFIRMED
    assert value_of(batch.returns[0], "tax") == value_of(first, "tax")


def test_a_rule_that_takes_too_long_is_left_out_and_told_of() -> None:
    def check(_: object) -> bool:
        until = time.thread_time() + 0.15
        while time.thread_time() < until:
            pass
        return False

    reconciler, first = _reconciler_with(check)
    batch = reconciler.reconcile([first])
    assert batch.unfinished == ("r1",)
    assert outcome(batch.returns[0], "total_income") is CONFIRMED
    assert value_of(batch.returns[0], "tax") == value_of(first, "tax")


def test_what_is_not_finished_in_time_stays_as_read() -> None:
    seen = {"total_income": ("52840", [("52340", -0.5)], UNSURE)}
    first = read_as(filed(chain(52_000, 340, 12_000)), seen)
    batch = reconcile(first, seconds=1e-9)
    assert batch.unfinished == ("r1",)
    assert batch.returns == [first]

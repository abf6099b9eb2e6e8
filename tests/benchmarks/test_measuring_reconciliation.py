"""Measuring reconciliation: what is counted, what is fitted, and what is kept of whole returns."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.calibrate_reconciled import FEWEST, Told, curves_of
from benchmarks.fitting import Sample
from benchmarks.invented_readings import invented_case
from benchmarks.reconciling import measure
from benchmarks.report_reconciling import report, write_docs
from benchmarks.whole_returns import load_cases, save_cases
from schemas.packs import load_department

KEY = "amount/hand/confirmed"


@pytest.fixture(scope="module")
def cases():
    department = load_department("us_irs")
    return department, [invented_case(number, 3, department, 1.0) for number in range(6)]


def test_what_is_counted_adds_up(cases) -> None:
    department, returns = cases
    outcome = measure(returns, department)
    fields = sum(len(form.values) for case in returns for form in case.read.forms)
    assert len(outcome.before) == len(outcome.after) == fields
    said = sum(outcome.said.values())
    assert 0 < said < fields
    assert sum(outcome.misread.values()) == sum(
        not one.right for one in outcome.before if one.group == "amounts"
    )
    assert outcome.mistakes["planted"] > 0
    assert outcome.mistakes["overwritten"] == 0
    accepted = [sum(one.accepted for one in scored) for scored in (outcome.before, outcome.after)]
    assert accepted[1] > accepted[0]


def test_the_report_tells_before_and_after(cases, tmp_path: Path) -> None:
    department, returns = cases
    outcome = measure(returns, department)
    text = report(outcome, "the command")
    assert "`the command`: 6 returns" in text
    right = sum(one.right for one in outcome.after if one.group == "amounts" and one.filled)
    of = sum(one.group == "amounts" and one.filled for one in outcome.after)
    assert f"{right / of:.2%}" in text
    write_docs(outcome, text, tmp_path)
    assert (tmp_path / "reconciled.md").read_text(encoding="utf-8").startswith(text)
    assert "<svg" in (tmp_path / "measured" / "risk-coverage-reconciled.svg").read_text("utf-8")


def test_kept_returns_come_back_but_for_a_line_that_was_cut_off(cases, tmp_path: Path) -> None:
    _, returns = cases
    kept = tmp_path / "returns.jsonl"
    save_cases(returns[:2], kept)
    with kept.open("a", encoding="utf-8") as lines:
        lines.write(returns[2].model_dump_json()[:100])
    assert list(load_cases(kept)) == returns[:2]


def told(count: int, wrong: int = 0, *, in_review: bool = True) -> list[Told]:
    return [Told(Sample(KEY, 6.0, right=at >= wrong), in_review) for at in range(count)]


def test_a_curve_is_of_what_was_in_review_bounded_with_what_the_ink_had_accepted() -> None:
    sure = told(20_000, wrong=4, in_review=False)
    (curve,) = curves_of({KEY: [*sure, *told(1000)]}, 1 / 600).values()
    assert curve.samples == 1000
    assert curve.threshold(1 / 600) is not None


@pytest.mark.parametrize(
    "found",
    [
        told(FEWEST - 1),  # too few
        told(1000),  # enough for a bound, not for the target alone
        [*told(20_000, in_review=False), *told(1000, wrong=5)],  # seen to miss it
    ],
)
def test_what_cannot_prove_the_target_gets_no_curve(found: list[Told]) -> None:
    assert curves_of({KEY: found}, 1 / 600) == {}

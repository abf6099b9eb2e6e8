"""Sums to the cent: a misread cent within a rule's tolerance."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from noisy_returns import TAXABLE, TOTAL, UNSURE, outcome, quick, read_as, reconcile, value_of
from small_department import filed

from schemas.readings import Reconciled, ValueStatus

RULES = (TOTAL, TAXABLE)
RIGHT = {
    "wages": "52000.40", "interest": "340.31", "total_income": "52340.71",
    "deduction": "12000.30", "taxable_income": "40340.41",
}  # fmt: skip


def test_a_misread_cent_within_the_tolerance_goes_to_a_person() -> None:
    """Two sums that miss by cents are not enough to change a reading, but to doubt it."""
    seen = {"total_income": ("52340.77", [("52340.71", -1.5)], UNSURE)}
    (after,) = reconcile(read_as(filed(RIGHT), seen), rules=RULES).returns
    held = value_of(after, "total_income")
    assert (held.value, held.status) == ("52340.77", ValueStatus.REVIEW)
    assert outcome(after, "total_income") is Reconciled.CONFLICT
    assert held.reconciliation is not None
    assert held.reconciliation.alternative == "52340.71"


def test_a_misread_cent_without_another_reading_is_not_accepted() -> None:
    seen = {"total_income": ("52340.77", [], UNSURE)}
    (after,) = reconcile(read_as(filed(RIGHT), seen), rules=RULES).returns
    assert value_of(after, "total_income").value == "52340.77"
    assert value_of(after, "total_income").status is ValueStatus.REVIEW


def test_cents_that_add_up_are_confirmed() -> None:
    seen = {"total_income": ("52340.71", [("52340.77", -1.5)], UNSURE)}
    (after,) = reconcile(read_as(filed(RIGHT), seen), rules=RULES).returns
    assert outcome(after, "total_income") is Reconciled.CONFIRMED
    assert value_of(after, "total_income").status is ValueStatus.ACCEPTED


@quick
@given(cents=st.integers(1, 98))
def test_cents_that_a_filer_has_wrong_are_no_mistake_and_stay_as_filed(cents: int) -> None:
    """The rule lets them pass, so nothing is to be corrected."""
    total = f"52340.{cents:02d}"
    (after,) = reconcile(
        read_as(filed(RIGHT | {"total_income": total}), confidence=0.9999), rules=(TOTAL,)
    ).returns
    held = value_of(after, "total_income")
    assert held.value == total
    assert outcome(after, "total_income") is not Reconciled.MISTAKE
    assert held.reconciliation is None or held.reconciliation.correction is None


def test_a_sum_in_whole_dollars_is_rounded_and_says_nothing_of_cents() -> None:
    right = {"wages": "100.40", "interest": "50.30", "total_income": "151"}
    seen = {"wages": ("100.40", [("100.10", -1.5)], UNSURE)}
    (after,) = reconcile(read_as(filed(right), seen), rules=(TOTAL,)).returns
    assert value_of(after, "wages").value == "100.40"


def test_a_batch_whose_filers_do_not_count_cents_is_not_held_to_them() -> None:
    """Learnt from the batch: what most filers do is no sign of a misreading."""
    careless = [
        filed(RIGHT | {"total_income": f"52340.{cents}"}, return_id=f"r{cents}")
        for cents in range(10, 60)
    ]
    last = read_as(filed(RIGHT, return_id="last"), {"total_income": ("52340.77", [], UNSURE)})
    batch = reconcile(*(read_as(one) for one in careless), last, rules=(TOTAL,))
    assert not batch.suspects
    assert outcome(batch.returns[-1], "total_income") in (None, Reconciled.CONFIRMED)

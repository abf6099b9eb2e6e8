"""Fitting confidence and risk: rising, cautious with few samples, true to what was seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.chains import Seen, fit_all
from benchmarks.fitting import Before, Sample, fit, upper_bound
from schemas.forms import FieldKind

KEY = "amount/hand/strip"


def samples(count: int, wrong_below: float, seed: int = 1) -> list[Sample]:
    """Scores from 0 to 10; half of those below a score are wrong, none above."""
    rng = np.random.default_rng(seed)
    scores = rng.uniform(0, 10, count)
    return [
        Sample(KEY, float(score), bool(score > wrong_below or rng.random() < 0.5))
        for score in scores
    ]


def test_the_bound_is_that_of_the_books() -> None:
    # One-sided 90 % Clopper-Pearson: 1 - 0.1 ** (1 / n) where none was wrong.
    none, one = upper_bound(np.array([0, 1]), np.array([1381, 1381]))
    assert none == pytest.approx(1 - 0.1 ** (1 / 1381))
    assert none < 1 / 600 < one


def test_the_threshold_lies_where_errors_among_all_accepted_reach_the_target() -> None:
    found = samples(40_000, wrong_below=3.0)
    curve = fit(found)
    for target in (1 / 20, 1 / 100, 1 / 600):
        threshold = curve.threshold(target)
        assert threshold is not None
        accepted = [one for one in found if one.score >= threshold]
        wrong = sum(not one.right for one in accepted)
        assert 0.7 * target < wrong / len(accepted) <= target
    # A wrong value at the threshold itself is likelier than the mean of the accepted.
    assert 1 - curve.at(curve.threshold(1 / 20)) > 1 / 20


def test_few_samples_promise_little() -> None:
    all_right = [Sample(KEY, float(score), right=True) for score in range(600)]
    curve = fit(all_right)
    assert curve.threshold(1 / 100) is not None
    assert curve.threshold(1 / 600) is None
    assert curve.at(599.0) < 1.0


def test_scores_that_are_alike_stand_or_fall_together() -> None:
    found = [Sample(KEY, 5.0, right=i % 10 != 0) for i in range(2000)]
    (step,) = fit(found).risks
    assert step[0] == 5.0
    assert step[1] > 0.1


@given(st.lists(st.tuples(st.floats(-9, 9), st.booleans()), min_size=1, max_size=200))
def test_both_functions_are_monotone_and_within_bounds(found: list[tuple[float, bool]]) -> None:
    curve = fit([Sample(KEY, score, right) for score, right in found])
    assert list(curve.probabilities) == sorted(curve.probabilities)
    assert all(0 <= p < 1 for p in curve.probabilities)
    scores, risks = [s for s, _ in curve.risks], [r for _, r in curve.risks]
    assert scores == sorted(scores)
    assert risks == sorted(risks, reverse=True)


def test_a_second_engine_is_fitted_on_what_the_first_was_not_sure_of() -> None:
    both = "amount/hand/rapidocr+strip"
    seen = [
        Seen(FieldKind.AMOUNT, (one, Sample(both, one.score, right=True)), (), (), ())
        for one in samples(20_000, wrong_below=3.0)
    ]
    curves = fit_all(seen, dict.fromkeys(FieldKind, 1 / 600))
    threshold = curves[KEY].threshold(1 / 600)
    assert threshold is not None
    assert curves[both].samples == sum(one.stages[0].score < threshold for one in seen)
    never = fit_all(seen, dict.fromkeys(FieldKind, 0.0))
    assert never[both].samples == len(seen)


def test_later_values_are_bounded_together_with_those_accepted_before() -> None:
    both = [Sample(KEY, 5.0, right=True) for _ in range(600)]
    alone = fit(both)
    assert alone.threshold(1 / 600) is None
    joined = fit(both, Before(count=20_000, wrong=20, target=1 / 600))
    assert joined.threshold(1 / 600) == 5.0


def test_together_they_promise_no_less_than_those_before_were_accepted_at() -> None:
    before = Before(count=1_000_000, wrong=0, target=1 / 600)
    (step,) = fit([Sample(KEY, 5.0, right=True) for _ in range(1000)], before).risks
    assert 1 / 700 < step[1] <= 1 / 600


def test_a_handful_does_not_ride_on_thousands() -> None:
    before = Before(count=1_000_000, wrong=0, target=1 / 600)
    assert fit([Sample(KEY, 5.0, right=True) for _ in range(60)], before).threshold(1 / 600) is None


def test_values_seen_to_miss_the_target_are_not_carried_by_those_before() -> None:
    before = Before(count=1_000_000, wrong=0, target=1 / 600)
    found = [Sample(KEY, 5.0, right=number % 200 != 0) for number in range(2000)]
    assert fit(found, before).threshold(1 / 600) is None


@given(
    st.lists(st.tuples(st.floats(-9, 9), st.booleans()), min_size=1, max_size=200),
    st.integers(0, 50_000),
    st.floats(0, 0.01),
)
def test_those_before_never_make_a_risk_higher(
    found: list[tuple[float, bool]], count: int, share: float
) -> None:
    samples = [Sample(KEY, score, right) for score, right in found]
    joined = fit(samples, Before(count, int(count * share), 1 / 600))
    alone = fit(samples)
    for score, _ in found:
        assert joined.risk(score) <= alone.risk(score) * 1.06 + 1e-6  # steps are 1/40 decade apart


def test_engines_that_contradict_each_other_prove_nothing_by_what_others_agreed_upon() -> None:
    at_once = [
        Seen(FieldKind.AMOUNT, (Sample(KEY, 9.0, right=True),), (), (), ()) for _ in range(20_000)
    ]
    for witnesses in ("rapidocr+strip", "strip!rapidocr"):
        second = f"amount/hand/{witnesses}"
        later = [
            Seen(
                FieldKind.AMOUNT,
                (Sample(KEY, 0.0, right=number % 2 == 0), Sample(second, 5.0, right=True)),
                (),
                (),
                (),
            )
            for number in range(600)
        ]
        curves = fit_all([*at_once, *later], dict.fromkeys(FieldKind, 1 / 600))
        accepted = curves[second].threshold(1 / 600) is not None
        assert accepted == (witnesses == "rapidocr+strip")

"""Fitting confidence and risk: rising, cautious with few samples, true to what was seen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.calibrate import Seen, fit_all
from benchmarks.fitting import Sample, fit, upper_bound
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

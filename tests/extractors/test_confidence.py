"""Scores become probabilities by a table; what the table lacks is not trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.confidence import Calibration, Curve, kind_class, load_calibration, log_odds
from schemas.forms import FieldKind

CURVE = Curve(scores=(0.0, 2.0, 6.0), probabilities=(0.5, 0.9, 0.998), samples=500)


@given(st.floats(-50, 50), st.floats(-50, 50))
def test_a_higher_score_is_never_less_likely(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert CURVE.at(low) <= CURVE.at(high)


def test_beyond_its_ends_a_curve_is_level() -> None:
    assert CURVE.at(-9) == 0.5
    assert CURVE.at(99) == 0.998
    assert CURVE.at(1.0) == pytest.approx(0.7)


def test_a_class_without_samples_is_never_sure() -> None:
    table = Calibration(version="0", fitted_on="", curves={"amount/hand/alone": CURVE})
    assert table.probability(FieldKind.AMOUNT, "hand", "alone", 8.0) == 0.998
    assert table.probability(FieldKind.NAME, "hand", "alone", 8.0) <= 0.9


@given(st.floats(0, 1))
def test_log_odds_are_finite(probability: float) -> None:
    assert -14.01 <= log_odds(probability) <= 14.01


def test_the_table_that_comes_with_us_is_sound() -> None:
    table = load_calibration()
    assert table.version
    for key, curve in table.curves.items():
        group, ink, witnesses = key.split("/")
        assert group in {"any", *(kind_class(kind) for kind in FieldKind)}
        assert ink in ("typed", "hand")
        assert witnesses in ("alone", "agree", "differ")
        assert list(curve.scores) == sorted(curve.scores)
        assert list(curve.probabilities) == sorted(curve.probabilities)
        assert 0 <= curve.probabilities[0] <= curve.probabilities[-1] < 1

"""Scores become probabilities and risks by a table; what the table lacks is not trusted."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.confidence import (
    Calibration,
    Curve,
    Witnesses,
    kind_class,
    load_calibration,
    log_odds,
    unfitted,
)
from schemas.errors import MissingProgramError
from schemas.forms import FieldKind
from schemas.readings import Reading

CURVE = Curve(
    scores=(0.0, 2.0, 6.0),
    probabilities=(0.5, 0.9, 0.998),
    samples=5000,
    risks=((-5.0, 0.2), (3.0, 0.01), (5.0, 0.001)),
)
TABLE = Calibration(
    version="0",
    fitted_on="",
    engines={"rapidocr": "3.10.0/small", "marks": "1"},
    curves={"amount/hand/rapidocr": CURVE, "any/hand/rapidocr": CURVE},
)
ALONE = Witnesses(("rapidocr",))
SCORES = st.floats(-50, 50)


@given(SCORES, SCORES)
def test_a_higher_score_is_never_less_likely_nor_riskier(a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert CURVE.at(low) <= CURVE.at(high)
    assert CURVE.risk(low) >= CURVE.risk(high)


def test_beyond_its_ends_a_curve_is_level() -> None:
    assert CURVE.at(-9) == 0.5
    assert CURVE.at(99) == 0.998
    assert CURVE.at(1.0) == pytest.approx(0.7)
    assert CURVE.risk(-9) == 1.0
    assert CURVE.risk(99) == 0.001


@pytest.mark.parametrize(
    ("target", "threshold"), [(0.3, -5.0), (1 / 100, 3.0), (1 / 600, 5.0), (1 / 5000, None)]
)
def test_the_threshold_follows_from_the_target_error(
    target: float, threshold: float | None
) -> None:
    assert CURVE.threshold(target) == threshold
    if threshold is not None:
        assert CURVE.risk(threshold) <= target < CURVE.risk(threshold - 0.1)


def test_a_class_without_samples_is_never_sure_and_nothing_of_it_is_accepted() -> None:
    own = TABLE.judge(FieldKind.AMOUNT, "hand", ALONE, 8.0)
    assert own == (0.998, 0.001)
    borrowed = TABLE.judge(FieldKind.NAME, "hand", ALONE, 8.0)
    assert borrowed == (0.9, 1.0)
    unknown = TABLE.judge(FieldKind.NAME, "typed", Witnesses(("own",)), 8.0)
    assert unknown.probability <= 0.9
    assert unknown.risk == 1.0


def test_witnesses_are_named_alike_whatever_their_order() -> None:
    assert str(Witnesses(("b", "a"))) == str(Witnesses(("a", "b"))) == "a+b"
    assert str(Witnesses(("b",), ("c", "a"))) == "b!a+c"


@pytest.mark.parametrize(
    ("version", "fitted"),
    [
        ("3.10.0/small", True),
        ("3.10.4/small", True),
        ("3.11.0/small", False),
        ("3.10.0/large", False),
    ],
)
def test_another_version_of_an_engine_is_noticed(version: str, fitted: bool) -> None:
    assert TABLE.is_fitted_to_version("rapidocr", version) is fitted
    said = unfitted(TABLE, [("rapidocr", version)])
    assert bool(said) is not fitted
    assert all("3.10.0/small" in one and version in one for one in said)


def test_an_engine_that_was_never_fitted_is_noticed() -> None:
    assert unfitted(TABLE, [("own", "7")]) == ["confidence was never fitted to engine own 7"]


def test_marks_of_another_version_count_as_half_as_risky_again() -> None:
    mark = Reading(engine="marks", version="2", text="X", confidence=0.999)
    assert TABLE.judge_mark(mark) == (0.999, pytest.approx(0.0015))


@given(st.floats(0, 1))
def test_log_odds_are_finite(probability: float) -> None:
    assert -14.01 <= log_odds(probability) <= 14.01


def test_a_department_may_bring_its_own_table(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text(TABLE.model_dump_json())
    assert load_calibration(tmp_path) == TABLE
    assert load_calibration(tmp_path / "none") == load_calibration()


def test_a_damaged_table_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text("{")
    with pytest.raises(MissingProgramError, match="no table of confidences"):
        load_calibration(tmp_path)


def test_the_table_that_comes_with_us_is_sound() -> None:
    table = load_calibration()
    assert table.version
    for key, curve in table.curves.items():
        group, ink, witnesses = key.split("/")
        assert group in {"any", *(kind_class(kind) for kind in FieldKind)}
        assert ink in ("typed", "hand", "marked", "unmarked")
        if witnesses in ("confirmed", "corrected"):  # what arithmetic said, not engines
            continue
        for name in filter(None, witnesses.replace("!", "+").split("+")):
            assert name in table.engines
        assert list(curve.scores) == sorted(curve.scores)
        assert list(curve.probabilities) == sorted(curve.probabilities)
        assert 0 <= curve.probabilities[0] <= curve.probabilities[-1] < 1
        scores, risks = zip(*curve.risks, strict=True) if curve.risks else ((), ())
        assert list(scores) == sorted(scores)
        assert list(risks) == sorted(risks, reverse=True)

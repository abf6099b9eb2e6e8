"""Where reading and rules meet: the curve of what was confirmed or corrected, if there is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.confidence import Calibration, Curve, load_calibration
from flows.reconciling import believe_by, make_reconciler, reconciled_key
from schemas.forms import FieldKind
from schemas.packs import load_department
from schemas.readings import FieldValue, Reconciled, ValueStatus
from validators.rulebook import compile_rules


def value(kind: FieldKind = FieldKind.AMOUNT, ink: str | None = "hand") -> FieldValue:
    return FieldValue(
        form="form_1040", year=2022, page=1, name="wages", line="1z", source_field=None,
        kind=kind, value="5", as_read="5", confidence=0.9, risk=0.1, status=ValueStatus.REVIEW,
        decided_by="engine:test 1", bbox=(0, 0, 1, 1), ink=ink,
    )  # fmt: skip


def test_the_curve_of_the_outcome_has_the_last_word() -> None:
    curve = Curve(scores=(0.0, 10.0), probabilities=(0.5, 0.9), samples=100, risks=((5.0, 0.01),))
    table = Calibration(version="1", fitted_on="", curves={"amount/hand/confirmed": curve})
    believe = believe_by(table)
    said = believe(value(), Reconciled.CONFIRMED, 0.9999)
    assert 0.85 < said.probability < 0.9
    assert said.risk == 0.01
    assert believe(value(), Reconciled.CONFIRMED, 0.6).risk == 1.0


@pytest.mark.parametrize("outcome", [Reconciled.CONFIRMED, Reconciled.CORRECTED])
def test_without_a_curve_the_computed_probability_counts_with_caution(outcome: Reconciled) -> None:
    believe = believe_by(Calibration(version="1", fitted_on="", curves={}))
    said = believe(value(), outcome, 0.99)
    assert said.probability == 0.99
    assert said.risk == pytest.approx(0.015)


def test_keys_fit_the_table() -> None:
    assert reconciled_key(value(), Reconciled.CORRECTED) == "amount/hand/corrected"
    named = value(FieldKind.NAME, ink=None)
    assert reconciled_key(named, Reconciled.CONFIRMED) == "name/typed/confirmed"
    fitted = load_calibration(Path("/nowhere"))
    assert any(key.startswith("amount/hand/") for key in fitted.curves)


def test_a_departments_reconciler_needs_nothing_but_its_files() -> None:
    department = load_department("us_irs")
    reconciler = make_reconciler(compile_rules(department), department)
    assert reconciler.reconcile([]).returns == []

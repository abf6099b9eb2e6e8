"""Brings reading and rules together: what the engines leave possible, and how far to believe what
arithmetic makes of it. Neither side knows the other.
"""

from __future__ import annotations

from extractors.confidence import Calibration, load_calibration, log_odds
from extractors.weighing import candidates
from schemas.department import Department
from schemas.forms import FieldDefinition
from schemas.readings import Candidate, FieldValue, Reconciled
from validators.reconciliation.outcomes import Belief, Believe
from validators.reconciliation.reconciler import Reconciler, as_computed
from validators.rulebook import RuleBook


def make_reconciler(
    book: RuleBook, department: Department, calibration: Calibration | None = None
) -> Reconciler:
    """The reconciler of a department, with its engines' readings and its calibration."""
    date_order = department.settings.date_order

    def possible(definition: FieldDefinition, value: FieldValue) -> tuple[Candidate, ...]:
        return candidates(definition, value.readings, date_order)

    believe = believe_by(calibration or load_calibration(department.folder))
    return Reconciler(book, department, possible, believe)


def believe_by(calibration: Calibration) -> Believe:
    """What the calibration makes of a computed probability; as computed where it has no curve."""

    def believe(value: FieldValue, outcome: Reconciled, probability: float) -> Belief:
        curve = calibration.curves.get(reconciled_key(value, outcome))
        if curve is None:
            return as_computed(value, outcome, probability)
        score = log_odds(probability)
        return Belief(curve.at(score), curve.risk(score))

    return believe


def reconciled_key(value: FieldValue, outcome: Reconciled) -> str:
    """Name of a curve in the table: `amount/hand/confirmed`, `taxpayer_id/typed/corrected`.

    By kind, not by class: what stands on every page, what is figured and what has a check digit
    are confirmed in ways that err differently.
    """
    return f"{value.kind}/{value.ink or 'typed'}/{outcome}"

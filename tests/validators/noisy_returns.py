"""Returns of the small department as engines would read them, for tests of reconciliation.

The department's return is a chain: wages and interest and additional income make total income
(line 9), less the deduction that is taxable income (line 15), a tenth of which is tax (line 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from small_department import department, rule

from schemas.department import Department, ReconciliationPolicy
from schemas.forms import FieldDefinition
from schemas.readings import (
    Alternative,
    Candidate,
    FieldValue,
    Reading,
    Reconciled,
    ValueStatus,
)
from schemas.returns import TaxReturn
from schemas.rules import RuleDefinition
from validators.reconciliation.outcomes import Believe
from validators.reconciliation.reconciler import ReconciledBatch, Reconciler, as_computed
from validators.rulebook import compile_rules

TOTAL = rule(
    "total_income == sum(wages, interest, additional_income)", id="T-009", tolerance=Decimal("0.99")
)
TAXABLE = rule(
    "taxable_income == max(0, total_income - deduction)", id="T-015", tolerance=Decimal("0.99")
)
TAX = rule("tax == round(taxable_income * 0.1)", id="T-016", tolerance=Decimal("0.99"))
CARRIED = rule("has_form(schedule_1) implies additional_income == schedule_1.total", id="T-008")
SAME_FILER = rule(
    "dependent_1_ssn == taxpayer_ssn or dependent_1_ssn == spouse_ssn", id="T-SSN",
    when="present(dependent_1_ssn)",
)  # fmt: skip
RULES = (TOTAL, TAXABLE, TAX, CARRIED)

FIELDS = ("wages", "interest", "total_income", "deduction", "taxable_income", "tax")
amounts = st.integers(1_000, 900_000)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SURE = 0.9995
UNSURE = 0.9
"""Of a reading that waits for a person."""


def chain(wages: int, interest: int = 0, deduction: int = 0) -> dict[str, Any]:
    """A return without a mistake."""
    total = wages + interest
    taxable = max(0, total - deduction)
    return {
        "wages": wages, "interest": interest, "total_income": total, "deduction": deduction,
        "taxable_income": taxable, "tax": (taxable + 5) // 10,
    }  # fmt: skip


def read_as(
    tax_return: TaxReturn,
    seen: dict[str, tuple[str, Sequence[tuple[str, float]], float]] | None = None,
    confidence: float = SURE,
) -> TaxReturn:
    """The return with readings: by field the text seen, alternatives with log-odds, confidence.

    Fields of the schedule are named with its form: `schedule_1.total`.
    """
    seen = dict(seen or {})
    forms = []
    for form in tax_return.forms:
        values = []
        for value in form.values:
            name = value.name if form.form == "form_1040" else f"{form.form}.{value.name}"
            text, alternatives, sure = seen.pop(name, (value.value, (), confidence))
            values.append(_read(value, text, alternatives, sure))
        forms.append(form.model_copy(update={"values": tuple(values)}))
    assert not seen, seen
    return tax_return.model_copy(update={"forms": tuple(forms)})


def _read(value: FieldValue, text: Any, alternatives: Any, confidence: float) -> FieldValue:
    if not isinstance(text, str) or value.kind.is_mark:
        return value
    reading = Reading(
        engine="test",
        version="1",
        text=text,
        confidence=confidence,
        alternatives=tuple(Alternative(text=t, log_odds=odds) for t, odds in alternatives),
    )
    sure = confidence >= 0.995
    return value.model_copy(
        update={
            "value": text,
            "as_read": text,
            "confidence": confidence,
            "risk": 1 - confidence,
            "status": ValueStatus.ACCEPTED if sure else ValueStatus.REVIEW,
            "reason": None if sure else "not read with enough confidence",
            "ink": "hand",
            "readings": (reading,),
        }
    )


def possible(_: FieldDefinition, value: FieldValue) -> list[Candidate]:
    """What the one reading leaves possible, texts being values."""
    (reading,) = value.readings
    texts = [(reading.text, 0.0), *((a.text, a.log_odds) for a in reading.alternatives)]
    weights = [2.718281828**odds for _, odds in texts]
    total = sum(weights) * 1.02
    return [
        Candidate(value=text, as_read=text, share=weight / total)
        for (text, _), weight in zip(texts, weights, strict=True)
    ]


def pack(*rules: RuleDefinition, **policy: Any) -> Department:
    made = department(*(rules or RULES))
    settings = made.settings.model_copy(
        update={"reconciliation": ReconciliationPolicy(**policy), "target_error": 1 / 600}
    )
    return made.model_copy(update={"settings": settings})


def reconcile(
    *returns: TaxReturn,
    rules: Sequence[RuleDefinition] = RULES,
    believe: Believe = as_computed,
    **policy: Any,
) -> ReconciledBatch:
    small = pack(*rules, **policy)
    return Reconciler(compile_rules(small), small, possible, believe).reconcile(returns)


def value_of(tax_return: TaxReturn, name: str) -> FieldValue:
    form, _, field = name.rpartition(".")
    (instance,) = [one for one in tax_return.forms if one.form == (form or "form_1040")]
    return instance.by_name()[field]


def outcome(tax_return: TaxReturn, name: str) -> Reconciled | None:
    said = value_of(tax_return, name).reconciliation
    return said.outcome if said else None

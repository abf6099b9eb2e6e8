"""What is written into a value of what was found of it, and how to take it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.department import Department
from schemas.readings import FieldValue, FirstReading, Reconciled, Reconciliation, ValueStatus
from schemas.returns import TaxReturn
from validators.reconciliation.outcomes import Believe, Finding

Findings = Mapping[tuple[int, int], Finding]
"""(form in the return, value in the form), from 0 → what was found."""


def record_findings(
    tax_return: TaxReturn, findings: Findings, department: Department, believe: Believe
) -> TaxReturn:
    """The return with what was found of its fields, their first readings kept."""
    if not findings:
        return tax_return
    forms = []
    for at, form in enumerate(tax_return.forms):
        values = tuple(
            _recorded(value, finding, _target(value, department), believe)
            if (finding := findings.get((at, place)))
            else value
            for place, value in enumerate(form.values)
        )
        forms.append(form.model_copy(update={"values": values}))
    return tax_return.model_copy(update={"forms": tuple(forms)})


def as_first_read(tax_return: TaxReturn) -> TaxReturn:
    """The return before any reconciliation."""
    if all(value.reconciliation is None for form in tax_return.forms for value in form.values):
        return tax_return
    forms = tuple(
        form.model_copy(update={"values": tuple(_first(value) for value in form.values)})
        for form in tax_return.forms
    )
    return tax_return.model_copy(update={"forms": forms})


def _first(value: FieldValue) -> FieldValue:
    said = value.reconciliation
    if said is None or value.decided_by.startswith("person:"):
        return value
    held = {name: getattr(said.first, name) for name in FirstReading.model_fields}
    return value.model_copy(update=held | {"reconciliation": None})


def _target(value: FieldValue, department: Department) -> float:
    return department.target_error(value.kind, value.form, value.name)


def _recorded(value: FieldValue, finding: Finding, target: float, believe: Believe) -> FieldValue:
    update: dict[str, Any] = {"reconciliation": _reconciliation(value, finding)}
    if finding.outcome is Reconciled.CONFLICT:
        update |= {
            "status": ValueStatus.REVIEW,
            "confidence": finding.probability,
            "reason": value.reason or _why(finding),
        }
    elif finding.outcome is not Reconciled.MISTAKE or not value.status.is_held:
        # A mistake in a field that was in review is held because other rules confirm the reading.
        mistake = finding.outcome is Reconciled.MISTAKE
        said = Reconciled.CONFIRMED if mistake else finding.outcome
        belief = believe(value, said, finding.probability)
        update |= {"confidence": belief.probability, "risk": belief.risk}
        if belief.risk <= target:
            update |= {"status": ValueStatus.ACCEPTED, "reason": None}
        elif value.risk is not None:
            update["risk"] = min(belief.risk, value.risk)
    if finding.outcome is Reconciled.CORRECTED and finding.option is not None:
        update |= {
            "value": finding.option.text,
            "as_read": finding.option.as_read,
            "decided_by": f"rules:{'+'.join(finding.rules)}",
        }
    return value.model_copy(update=update)


def _reconciliation(value: FieldValue, finding: Finding) -> Reconciliation:
    option = finding.option
    disputed = finding.outcome is Reconciled.CONFLICT
    return Reconciliation(
        outcome=finding.outcome,
        rules=finding.rules,
        probability=finding.probability,
        first=FirstReading(**{name: getattr(value, name) for name in FirstReading.model_fields}),
        alternative=option.text if option and disputed else None,
        log_odds=option.log_odds if option else None,
        correction=finding.correction,
    )


def _why(finding: Finding) -> str:
    listed = ", ".join(finding.rules)
    return f"read with confidence, but it does not go with the rest of the return ({listed})"

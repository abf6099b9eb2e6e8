"""A stored return about which an auditor can ask: one field of each outcome, an identifier."""

from __future__ import annotations

from decimal import Decimal

import made

from loaders.repository import Repository
from schemas.forms import FieldKind
from schemas.readings import (
    Alternative,
    FieldValue,
    FirstReading,
    Reading,
    Reconciled,
    Reconciliation,
    ValueStatus,
)
from schemas.rules import Category, Outcome, RuleResult, Severity

FILE = "smith 912-34-5678.tif"
"""People do call files so."""
NEAR_SSN = "912345698"
WRITTEN_SSN = "912-34-5611"
RULES = "0123456789ab"


def reading(engine: str, text: str, *others: str) -> Reading:
    alternatives = tuple(
        Alternative(text=other, log_odds=-1.5 * place) for place, other in enumerate(others, 1)
    )
    return Reading(engine=engine, version="7", text=text, confidence=0.9, alternatives=alternatives)


def said(outcome: Reconciled, first: str, **more: object) -> Reconciliation:
    return Reconciliation(
        outcome=outcome,
        rules=("F1040-001", "F1040-009"),
        probability=0.9975,
        first=FirstReading(
            value=first, as_read=first, confidence=0.71, risk=0.31, status=ValueStatus.REVIEW,
            decided_by="engine:strip 7", reason="the engines disagree",
        ),
        **more,
    )  # fmt: skip


def values() -> tuple[FieldValue, ...]:
    ssn = made.value("taxpayer_ssn", FieldKind.TAXPAYER_ID, made.SSN, status=ValueStatus.REVIEW)
    wages = made.value("wages", FieldKind.AMOUNT, "52340", decided_by="rules:F1040-001+F1040-009")
    interest = made.value("taxable_interest", FieldKind.AMOUNT, "-120")
    town = made.value("address_city", FieldKind.TEXT, f"Springfield {WRITTEN_SSN}")
    changes = {
        "taxpayer_ssn": {
            "readings": (reading("strip", made.SSN, NEAR_SSN), reading("rapidocr", NEAR_SSN)),
            "reconciliation": said(Reconciled.CONFLICT, made.SSN, alternative=NEAR_SSN),
        },
        "wages": {
            "readings": (reading("strip", "52840", "52340"), reading("rapidocr", "52340")),
            "reconciliation": said(Reconciled.CORRECTED, "52840", log_odds=-1.5),
            "risk": 0.0009,
        },
        "taxable_interest": {
            "reconciliation": said(Reconciled.MISTAKE, "-120", correction=Decimal("1234.50")),
        },
        "address_city": {"readings": (reading("rapidocr", f"Springfield {WRITTEN_SSN}"),)},
    }
    page = made.first_page()
    mine = [value for value in page.values if value.name not in changes]
    return tuple(
        value.model_copy(update=changes.get(value.name, {}))
        for value in (*mine, ssn, town, wages, interest)
    )


def store(repository: Repository, sha256: str | None = None, *, file: str = FILE) -> str:
    """Store the return of a file with that hash; its id."""
    page = made.first_page().model_copy(
        update={"values": values(), "versions": {"definition": "old", "calibration": "c1"}}
    )
    decided = made.decided(file, page)
    if sha256 is not None:
        decided = decided._replace(
            tax_return=decided.tax_return.model_copy(update={"sha256": sha256})
        )
    held = decided.tax_return
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, file, held.sha256, 1000).document_id
    repository.store_pages(document, [page])
    outcomes = {
        "F1040-001": (Outcome.PASS, "", {"wages": "52340", "w2_wages": "52340"}),
        "F1040-009": (
            Outcome.FAIL,
            "Line 9 is 52,340, but lines 1z and 2b add up to 52,220.",
            {"wages": "52340", "taxable_interest": "-120", "total_income": "52340"},
        ),
        "F1040-201": (Outcome.PASS, "does not apply: its condition is not met", {"wages": ""}),
        "S3-001": (
            Outcome.NOT_EVALUATED,
            "not evaluated: taxpayer ssn of Form 1040 is in review",
            {"taxpayer_ssn": "", "form_1040.taxpayer_ssn": None},
        ),
        "GONE-001": (Outcome.PASS, "", {"wages": "52340"}),
    }
    results = [
        RuleResult(
            rule_id=rule_id,
            return_id=held.return_id,
            severity=Severity.REJECT,
            category=Category.MATH_ERROR,
            outcome=outcome,
            message=message,
            inputs=inputs,
        )
        for rule_id, (outcome, message, inputs) in outcomes.items()
    ]
    repository.store_returns(batch, [decided], results, rules_version=RULES)
    repository.finish_batch(batch)
    return held.return_id

"""Invented results of reading, as the stages before the loaders hand them over."""

from __future__ import annotations

import hashlib

from loaders.rows import DecidedReturn
from schemas.errors import RejectReason
from schemas.forms import FieldKind
from schemas.readings import Alternative, FieldValue, PageResult, PageStatus, Reading, ValueStatus
from schemas.returns import FormInstance, ReturnStatus, TaxReturn, return_id
from schemas.rules import Category, Outcome, RuleResult, Severity

SSN = "912345678"
"""In a range that is never issued."""


def sha(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def value(
    name: str,
    kind: FieldKind,
    held: str | bool | None,
    *,
    page: int = 1,
    year: int = 2022,
    form: str = "form_1040",
    status: ValueStatus | None = None,
    decided_by: str = "engine:tesseract 5.3.0",
) -> FieldValue:
    empty = held is None or held is False
    text = "" if empty else "X" if held is True else str(held)
    return FieldValue(
        form=form,
        year=year,
        page=page,
        name=name,
        line="1z" if name == "wages" else None,
        source_field=f"topmostSubform[0].Page{page}[0].{name}[0]",
        kind=kind,
        value=held,
        as_read=text,
        confidence=0.5 if status is ValueStatus.REVIEW else 0.9987654321,
        status=status or (ValueStatus.BLANK if empty else ValueStatus.ACCEPTED),
        decided_by=decided_by,
        bbox=(100, 200, 300, 240),
        readings=(
            Reading(
                engine="tesseract",
                version="5.3.0",
                text=text,
                confidence=0.91,
                alternatives=(Alternative(text="7", log_odds=-2.5),),
            ),
        ),
        reason="below the threshold" if status is ValueStatus.REVIEW else None,
    )


def first_page(
    wages: str | None = "52340.50",
    *,
    number: int = 1,
    year: int = 2022,
    wages_status: ValueStatus | None = None,
    seconds: float = 0.5,
) -> PageResult:
    kinds = FieldKind
    values = (
        value("filing_status_single", kinds.CHOICE, True, year=year),
        value("filing_status_married_filing_jointly", kinds.CHOICE, False, year=year),
        value("taxpayer_first_name", kinds.NAME, "Ada", year=year),
        value("taxpayer_ssn", kinds.TAXPAYER_ID, SSN, year=year),
        value("wages", kinds.AMOUNT, wages, year=year, status=wages_status),
        value("taxable_interest", kinds.AMOUNT, "-120", year=year),
    )
    return PageResult(
        number=number,
        width=1700,
        height=2200,
        dpi=200.0,
        status=PageStatus.READ,
        form="form_1040",
        year=year,
        form_page=1,
        identification_score=0.93,
        turned=180,
        registration_score=0.88,
        residual_px=1.25,
        transform=(2.7, 0.0, 1.5, 0.0, 2.7, -3.25, 0.0, 1e-7, 1.0),
        values=values,
        seconds={"read": seconds},
        versions={"definition": "abc", "engines": {"tesseract": "5.3.0"}},
    )


def second_page(*, number: int = 2, year: int = 2022) -> PageResult:
    values = (
        value("refund", FieldKind.AMOUNT, "0", page=2, year=year),
        value("routing_number", FieldKind.ROUTING_NUMBER, "011000015", page=2, year=year),
        value("signed_on", FieldKind.DATE, "2023-04-15", page=2, year=year),
        value("occupation", FieldKind.TEXT, '=cmd|"/c calc"!A1', page=2, year=year),
    )
    return first_page().model_copy(
        update={"number": number, "year": year, "form_page": 2, "values": values}
    )


def odd_page(number: int, status: PageStatus) -> PageResult:
    reasons = {
        PageStatus.BLANK: RejectReason.BLANK,
        PageStatus.UNKNOWN: RejectReason.UNKNOWN_FORM,
        PageStatus.REFUSED: RejectReason.REGISTRATION_FAILED,
    }
    return PageResult(
        number=number,
        width=10,
        height=10,
        status=status,
        reason=reasons[status],
        message=f"page is {status.value}",
    )


def tax_return(name: str, *pages: PageResult, year: int = 2022) -> TaxReturn:
    form = FormInstance(
        form="form_1040",
        year=year,
        pages=tuple(page.number for page in pages),
        values=tuple(value for page in pages for value in page.values),
    )
    return TaxReturn(
        return_id=return_id(sha(name), pages[0].number),
        department="us_irs",
        file=name,
        sha256=sha(name),
        tax_year=year,
        forms=(form,),
    )


def decided(name: str, *pages: PageResult, year: int = 2022) -> DecidedReturn:
    waiting = any(value.status is ValueStatus.REVIEW for page in pages for value in page.values)
    return DecidedReturn(
        tax_return(name, *pages, year=year),
        ReturnStatus.REVIEW if waiting else ReturnStatus.ACCEPTED,
        ("1 field in review",) if waiting else (),
    )


def rule_results(made: DecidedReturn) -> list[RuleResult]:
    return [
        RuleResult(
            rule_id=f"F1040-00{number}",
            return_id=made.tax_return.return_id,
            severity=Severity.ALERT,
            category=Category.MATH_ERROR,
            outcome=outcome,
            message="wages do not add up" if outcome is Outcome.FAIL else "",
            inputs={"wages": "52340.50"},
        )
        for number, outcome in enumerate(Outcome, start=1)
    ]

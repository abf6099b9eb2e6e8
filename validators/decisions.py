"""What becomes of a return: accepted, to a person, or rejected, and why."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.readings import ValueStatus
from schemas.returns import ReturnStatus, TaxReturn
from schemas.rules import Outcome, RuleResult, Severity

MAX_NAMED_FIELDS = 10


def decide(
    tax_return: TaxReturn, results: Sequence[RuleResult]
) -> tuple[ReturnStatus, tuple[str, ...]]:
    """The status of a return and the reasons for it, the decisive ones first.

    1. A page is missing or not recognised → review: what it holds may mend what failed.
    2. A rule that stops (`reject_and_stop`) failed → rejected, whatever else waits: nobody
       needs to key the rest. A rule fails only on values that are held, never on unread ones.
    3. A field is in review → review.
    4. A rule of severity `reject` failed → rejected. The values are loaded as they were filed:
       the mistake is the filer's, and is on record.
    5. Otherwise accepted; failed alerts are among the reasons, for information.

    `results` may hold other returns' as well; only this return's count.
    """
    failed = [
        result
        for result in results
        if result.return_id == tax_return.return_id and result.outcome is Outcome.FAIL
    ]
    pages = [f"page missing: {page}" for page in tax_return.missing_pages]
    fields = _fields_in_review(tax_return)
    stops = _said(failed, Severity.REJECT_AND_STOP)
    rejects = _said(failed, Severity.REJECT)
    alerts = _said(failed, Severity.ALERT)
    if pages:
        return ReturnStatus.REVIEW, (*pages, *fields, *stops, *rejects, *alerts)
    if stops:
        return ReturnStatus.REJECTED, (*stops, *rejects, *fields, *alerts)
    if fields:
        return ReturnStatus.REVIEW, (*fields, *rejects, *alerts)
    if rejects:
        return ReturnStatus.REJECTED, (*rejects, *alerts)
    return ReturnStatus.ACCEPTED, tuple(alerts)


def _fields_in_review(tax_return: TaxReturn) -> list[str]:
    reasons = []
    for form in tax_return.forms:
        names = [it.name for it in form.values if it.status is ValueStatus.REVIEW]
        if names:
            more = len(names) - MAX_NAMED_FIELDS
            listed = ", ".join(names[:MAX_NAMED_FIELDS]) + (f" and {more} more" if more > 0 else "")
            count = f"{len(names)} field{'s' if len(names) > 1 else ''}"
            reasons.append(f"{count} of {form.form} {form.year} in review: {listed}")
    return reasons


def _said(failed: Sequence[RuleResult], severity: Severity) -> list[str]:
    label = severity.value.replace("_", " ")
    return [
        f"rule {result.rule_id} ({label}): {result.message}"
        for result in failed
        if result.severity is severity
    ]

"""What becomes of a return: accepted, to a person, or rejected, and why.

A decision follows from the return, what the rules said of it and the department's policy, and
from nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from schemas.policy import BY_SEVERITY, DecisionPolicy, Then
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import ReturnStatus, TaxReturn
from schemas.rules import Outcome, RuleResult, Severity

MAX_NAMED_FIELDS = 10
_SEVERITIES = list(Severity)
_BY_POLICY = {
    Then.ACCEPT: "only noted",
    Then.REVIEW: "to a person",
    Then.REJECT: "rejected",
    Then.REJECT_AND_STOP: "rejected at once",
}


class Decision(NamedTuple):
    """The status of a return and the reasons for it, the decisive ones first."""

    status: ReturnStatus
    reasons: tuple[str, ...]


def leave_unread(tax_return: TaxReturn, policy: DecisionPolicy) -> TaxReturn:
    """The return with the fields that no person needs to key marked as unread, and only those.

    Doing it again, or under another policy, gives what that policy says.
    """
    forms = tuple(
        form.model_copy(update={"values": tuple(_left(value, policy) for value in form.values)})
        for form in tax_return.forms
    )
    return tax_return.model_copy(update={"forms": forms})


def decide(
    tax_return: TaxReturn, results: Iterable[RuleResult], policy: DecisionPolicy
) -> Decision:
    """What becomes of a return.

    1. A page is missing or not recognised → review: what it holds may mend what failed.
    2. A failed rule stops → rejected, whatever else waits: nobody needs to key the rest. A rule
       fails only on values that are held, never on unread ones.
    3. A field is in review, or a failed rule asks for a person → review.
    4. A failed rule rejects → rejected. The values are loaded as they were filed: the mistake is
       the filer's, and is on record.
    5. Otherwise accepted; what else was found is among the reasons, for information.

    What a failed rule and a missing page do, the policy says; the order is always this.
    `results` may hold other returns' as well, in any order; only this return's count.
    """
    found: dict[Then, list[str]] = {then: [] for then in Then}
    found[policy.missing_page] += [f"page missing: {page}" for page in tax_return.missing_pages]
    torn = bool(found[Then.REVIEW])
    found[Then.REVIEW] += _listed(tax_return, ValueStatus.REVIEW, "in review")
    for then, said in _failed(tax_return.return_id, results, policy).items():
        found[then] += said
    found[Then.ACCEPT] += _listed(tax_return, ValueStatus.UNREAD, "left unread")

    waiting, notes = found[Then.REVIEW], found[Then.ACCEPT]
    stopping, rejecting = found[Then.REJECT_AND_STOP], found[Then.REJECT]
    if stopping and not torn:
        return Decision(ReturnStatus.REJECTED, (*stopping, *rejecting, *waiting, *notes))
    if waiting:
        return Decision(ReturnStatus.REVIEW, (*waiting, *stopping, *rejecting, *notes))
    if rejecting:
        return Decision(ReturnStatus.REJECTED, (*rejecting, *notes))
    return Decision(ReturnStatus.ACCEPTED, tuple(notes))


def _left(value: FieldValue, policy: DecisionPolicy) -> FieldValue:
    if value.status.is_held:
        return value
    unread = policy.may_stay_unread(value.form, value.name)
    status = ValueStatus.UNREAD if unread else ValueStatus.REVIEW
    return value if status is value.status else value.model_copy(update={"status": status})


def _failed(
    return_id: str, results: Iterable[RuleResult], policy: DecisionPolicy
) -> dict[Then, list[str]]:
    """What the failed rules say, by what they do; within that, by severity and id."""
    said: dict[Then, list[tuple[int, str, str]]] = {then: [] for then in Then}
    for result in results:
        if result.return_id == return_id and result.outcome is Outcome.FAIL:
            then = policy.then(result.rule_id, result.category, result.severity)
            rank = -_SEVERITIES.index(result.severity)
            said[then].append((rank, result.rule_id, _sentence(result, then)))
    return {then: [text for *_, text in sorted(found)] for then, found in said.items()}


def _sentence(result: RuleResult, then: Then) -> str:
    label = result.severity.value.replace("_", " ")
    if then is not BY_SEVERITY[result.severity]:
        label += f"; {_BY_POLICY[then]} by policy"
    return f"rule {result.rule_id} ({label}): {result.message}"


def _listed(tax_return: TaxReturn, status: ValueStatus, words: str) -> list[str]:
    reasons = []
    for form in tax_return.forms:
        names = [it.name for it in form.values if it.status is status]
        if names:
            more = len(names) - MAX_NAMED_FIELDS
            listed = ", ".join(names[:MAX_NAMED_FIELDS]) + (f" and {more} more" if more > 0 else "")
            count = f"{len(names)} field{'s' if len(names) > 1 else ''}"
            reasons.append(f"{count} of {form.form} {form.year} {words}: {listed}")
    return reasons

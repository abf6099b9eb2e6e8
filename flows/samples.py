"""Keying the blind sample: what a person typed becomes a value, is compared, and decides.

The console asks for one field after another and calls these; nothing here shows what we hold.
"""

from __future__ import annotations

from extractors.parsing import canonical
from flows.context import RunContext
from flows.deciding import decide_returns
from schemas.sampled import SampleOutcome
from schemas.versions import rules_version
from validators.validation import validate_returns


def key_sampled(
    context: RunContext, key: str, typed: str, by: str, *, illegible: bool = False
) -> SampleOutcome:
    """Take what a person keyed of a sampled field; see `Samples.key_sampled`.

    Args:
        key: of the review item: `sample:PAGE:NAME`.
        typed: as typed; empty where the field is blank, anything where a box is marked.
        by: `person:NAME`.

    Raises:
        KeyingError: the item does not wait.
    """
    keyed = None if illegible else as_value(context, key, typed)
    return context.repository.key_sampled(key, keyed, by, illegible=illegible)


def settle_sampled(context: RunContext, key: str, typed: str, by: str) -> SampleOutcome:
    """Take what a second person keyed where the first and we differ, and decide the return again.

    Raises:
        KeyingError: nothing is to be settled there, or the same person keyed it first.
    """
    outcome = context.repository.settle_sampled(key, as_value(context, key, typed), by)
    place = context.repository.place_of_sampled(key)
    decide_again(context, place.batch_id, place.document_id)
    return outcome


def decide_again(context: RunContext, batch_id: str, document_id: int) -> None:
    """Check and decide the returns of a document anew, on the values as they are held now."""
    repository, department = context.repository, context.department
    returns = [record.tax_return for record in repository.returns_of([document_id])]
    results = validate_returns(returns, context.book, department)
    decided = [
        # What was drawn stays drawn: some of it may be keyed already.
        each._replace(sample=None)
        for each in decide_returns(returns, results, department, context.settings)
    ]
    version = rules_version(department)
    repository.store_returns(batch_id, decided, results, rules_version=version)
    repository.refresh_items_of(document_id)


def as_value(context: RunContext, key: str, typed: str) -> str | None:
    """Canonical text of what was typed; as typed where it is no value of the field's kind."""
    kind = context.repository.place_of_sampled(key).kind
    text = " ".join(typed.split())
    found = canonical(kind, text, context.department.settings.date_order)
    return found if found is not None else text or None

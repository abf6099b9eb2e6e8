"""Running one compiled rule over the rows of a batch: an outcome and a sentence for each.

A rule that raises or takes too long is not evaluated, and says so; it never takes the batch
down, and its error message (which may hold what a taxpayer wrote) goes nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import InvalidOperation, Overflow, localcontext
from typing import Any

from schemas.masking import mask_text
from schemas.rules import Outcome
from validators.rulebook import CompiledRule, YearRule, inputs_of
from validators.scope import describe_form
from validators.ternary import Row, Unknown, merge

RULE_SECONDS = 10.0
"""Time that one rule may take over a batch."""

DOES_NOT_APPLY = "does not apply"
NOT_EVALUATED = "not evaluated"
"""How a message begins that says why; stored results are told apart by it."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one rule said of one row."""

    outcome: Outcome
    message: str = ""
    inputs: dict[str, str | None] = field(default_factory=dict)

    @property
    def applies(self) -> bool:
        return not self.message.startswith(DOES_NOT_APPLY)


_RULE_ERRORS = (
    ArithmeticError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)

_OUT_OF_SCOPE = Evaluation(Outcome.PASS, f"{DOES_NOT_APPLY}: its condition is not met")


def evaluate_rule(
    rule: CompiledRule, years: Iterable[int], rows: Iterable[Row], seconds: float = RULE_SECONDS
) -> list[Evaluation | None]:
    """One evaluation for each row; None where the rule does not stand for the row's year."""
    rows, years = list(rows), list(years)
    deadline = time.monotonic() + seconds
    results: list[Evaluation | None] = []
    with exact_arithmetic():
        for year, row in zip(years, rows, strict=True):
            year_rule = rule.by_year.get(year)
            if year_rule is None:
                results.append(None)
            elif time.monotonic() > deadline:
                results.append(_not_evaluated("the rule takes too long", year_rule, row))
            else:
                results.append(_evaluate_row(rule, year_rule, row))
        duplicates = _duplicates(rule, years, rows, results)
        for index, evaluation in duplicates:
            results[index] = evaluation
    return results


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Room for 15-digit amounts times rates; what does not fit is an error, not a rounding."""
    with localcontext() as context:
        context.prec = 40
        context.traps[Overflow] = context.traps[InvalidOperation] = True
        yield


def answer(year_rule: YearRule, row: Row) -> Any:
    """What a rule says of a row: true, false, None where it does not apply, or unknown.

    It never raises: a rule that does is unknown, with the reason.
    """
    try:
        held = row[0]
        if held.__class__ is Unknown:
            return held
        if not held:
            return None
        if year_rule.when is not None:
            applies = year_rule.when(row)
            if applies.__class__ is Unknown:
                return applies
            if not applies:
                return None
        value = year_rule.check(row)
        return value if value.__class__ is Unknown else bool(value)
    except _RULE_ERRORS as error:
        return _stopped(error)


def _stopped(error: Exception) -> Unknown:
    if isinstance(error, RecursionError):
        return Unknown("the rule is nested too deeply")
    return Unknown(f"the rule stopped with {type(error).__name__}")


def _evaluate_row(rule: CompiledRule, year_rule: YearRule, row: Row) -> Evaluation:
    value = answer(year_rule, row)
    if value.__class__ is Unknown:
        return _unread(value, year_rule, row)
    if value is None:
        if row[0]:
            return _OUT_OF_SCOPE
        form = describe_form(rule.definition.form)
        return Evaluation(Outcome.PASS, f"{DOES_NOT_APPLY}: {form} is not in the return")
    if value:
        return Evaluation(Outcome.PASS, "", inputs_of(year_rule, row))
    try:
        return Evaluation(Outcome.FAIL, _complaint(year_rule, row), inputs_of(year_rule, row))
    except _RULE_ERRORS as error:
        return _unread(_stopped(error), year_rule, row)


def _complaint(year_rule: YearRule, row: Row) -> str:
    said = year_rule.text(row)
    if year_rule.complain:
        said = f"{said} {year_rule.complain(row)}".strip()
    # Rule authors may have put anything in braces: nothing like an identifier leaves here.
    return mask_text(said)


def _unread(value: Unknown, year_rule: YearRule, row: Row) -> Evaluation:
    return _not_evaluated("; ".join(value.reasons) or "an input is unread", year_rule, row)


def _not_evaluated(reason: str, year_rule: YearRule, row: Row) -> Evaluation:
    return Evaluation(
        Outcome.NOT_EVALUATED, f"{NOT_EVALUATED}: {reason}", inputs_of(year_rule, row)
    )


def _duplicates(
    rule: CompiledRule, years: Sequence[int], rows: Sequence[Row], first: Sequence[Any]
) -> Iterator[tuple[int, Evaluation]]:
    """For a rule of uniqueness: the outcomes, which depend on all rows together."""
    holders: dict[tuple[Any, ...], list[int]] = {}
    for index, (year, row) in enumerate(zip(years, rows, strict=True)):
        year_rule = rule.by_year.get(year)
        if year_rule is None or year_rule.identity is None or not _is_open(first[index]):
            continue
        values = tuple(part(row) for part in year_rule.identity)
        if any(value.__class__ is Unknown for value in values):
            yield index, _unread(merge(values), year_rule, row)
        elif values[0] == "" or values[0] is None:
            yield index, Evaluation(Outcome.PASS, f"{DOES_NOT_APPLY}: the field is blank")
        else:
            holders.setdefault(values, []).append(index)
    for indices in holders.values():
        for index in indices:
            year_rule = rule.by_year[years[index]]
            row = rows[index]
            inputs = inputs_of(year_rule, row)
            if len(indices) == 1:
                yield index, Evaluation(Outcome.PASS, "", inputs)
                continue
            others = len(indices) - 1
            said = f"{others} other return{'s' if others > 1 else ''} of the batch has the same."
            said = said if others == 1 else said.replace(" has ", " have ")
            message = mask_text(f"{year_rule.text(row)} {said}")
            yield index, Evaluation(Outcome.FAIL, message, inputs)


def _is_open(evaluation: Evaluation | None) -> bool:
    """Not settled by the rule's form or condition."""
    return (
        evaluation is not None
        and evaluation.outcome is Outcome.NOT_EVALUATED
        and "decided over the batch" in evaluation.message
    )

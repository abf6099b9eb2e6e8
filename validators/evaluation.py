"""Running one compiled rule over the rows of a batch: an outcome and a sentence for each.

A rule that raises or takes too long is not evaluated, and says so; it never takes the batch
down, and its error message (which may hold what a taxpayer wrote) goes nowhere.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import InvalidOperation, Overflow, localcontext
from functools import lru_cache
from typing import Any, NamedTuple

from schemas.masking import mask_text
from schemas.rules import Outcome
from validators.rulebook import CompiledRule, YearRule, inputs_of
from validators.scope import describe_form
from validators.ternary import RULE_ERRORS, Row, Unknown, merge

RULE_SECONDS = 10.0
SECONDS_A_ROW = 0.002
"""Processor time that one rule may take over a batch, and besides for each of its rows."""

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


class Said(NamedTuple):
    """What one rule said of one row, without the inputs, which the row still has."""

    outcome: Outcome
    message: str = ""
    with_inputs: bool = True


_PASS = Said(Outcome.PASS)
_OUT_OF_SCOPE = Said(Outcome.PASS, f"{DOES_NOT_APPLY}: its condition is not met", False)
_IS_BLANK = Said(Outcome.PASS, f"{DOES_NOT_APPLY}: the field is blank", False)


class Judgement:
    """What one rule said of every row of a batch: a number a row, and each thing said once.

    A hundred thousand returns have twenty million of these.
    """

    def __init__(self, rule: CompiledRule) -> None:
        self._rule = rule
        self._said: list[Said | None] = [None]
        self._number: dict[Said | None, int] = {None: 0}
        self._rows = array("I")

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Said | None:
        """None where the rule does not stand for the row's year."""
        return self._said[self._rows[index]]

    def __iter__(self) -> Iterator[Said | None]:
        return (self._said[number] for number in self._rows)

    def append(self, said: Said | None) -> None:
        self._rows.append(self._of(said))

    def replace(self, index: int, said: Said) -> None:
        self._rows[index] = self._of(said)

    def evaluation(self, index: int, year: int, row: Row) -> Evaluation | None:
        """With what went in; `row` is the one that was judged."""
        said = self[index]
        if said is None:
            return None
        inputs = inputs_of(self._rule.by_year[year], row) if said.with_inputs else {}
        return Evaluation(said.outcome, said.message, inputs)

    def _of(self, said: Said | None) -> int:
        number = self._number.setdefault(said, len(self._said))
        if number == len(self._said):
            self._said.append(said)
        return number


def evaluate_rule(
    rule: CompiledRule,
    years: Iterable[int],
    rows: Iterable[Row],
    seconds: float = RULE_SECONDS,
) -> list[Evaluation | None]:
    """One evaluation for each row; None where the rule does not stand for the row's year."""
    years, rows = list(years), list(rows)
    judged = judge_rule(rule, years, rows, seconds)
    return [
        judged.evaluation(index, year, row)
        for index, (year, row) in enumerate(zip(years, rows, strict=True))
    ]


def judge_rule(
    rule: CompiledRule,
    years: Sequence[int],
    rows: Sequence[Row],
    seconds: float = RULE_SECONDS,
) -> Judgement:
    """What the rule says of each row; it takes `seconds` and a little more a row, or stops."""
    # Of this thread alone: on a busy machine the same batch comes out the same.
    deadline = time.thread_time() + seconds + (SECONDS_A_ROW * len(rows) if seconds > 0 else 0)
    judged = Judgement(rule)
    with exact_arithmetic():
        for year, row in zip(years, rows, strict=True):
            year_rule = rule.by_year.get(year)
            if year_rule is None:
                judged.append(None)
            elif time.thread_time() > deadline:
                judged.append(_not_evaluated("the rule takes too long"))
            else:
                judged.append(_judge_row(rule, year_rule, row))
        for index, said in _duplicates(rule, years, rows, judged):
            judged.replace(index, said)
    return judged


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
    except RULE_ERRORS as error:
        return _stopped(error)


def _stopped(error: Exception) -> Unknown:
    if isinstance(error, RecursionError):
        return Unknown("the rule is nested too deeply")
    return Unknown(f"the rule stopped with {type(error).__name__}")


def _judge_row(rule: CompiledRule, year_rule: YearRule, row: Row) -> Said:
    value = answer(year_rule, row)
    if value.__class__ is Unknown:
        return _unread(value)
    if value is None:
        return _OUT_OF_SCOPE if row[0] else _no_form(rule.definition.form)
    if value:
        return _PASS
    try:
        return Said(Outcome.FAIL, _complaint(year_rule, row))
    except RULE_ERRORS as error:
        return _unread(_stopped(error))


@lru_cache(maxsize=1_000)
def _no_form(form: str) -> Said:
    message = f"{DOES_NOT_APPLY}: {describe_form(form)} is not in the return"
    return Said(Outcome.PASS, message, False)


def _complaint(year_rule: YearRule, row: Row) -> str:
    said = year_rule.text(row)
    if year_rule.complain:
        said = f"{said} {year_rule.complain(row)}".strip()
    # Rule authors may have put anything in braces: nothing like an identifier leaves here.
    return mask_text(said)


def _unread(value: Unknown) -> Said:
    return _not_evaluated("; ".join(value.reasons) or "an input is unread")


def _not_evaluated(reason: str) -> Said:
    return Said(Outcome.NOT_EVALUATED, f"{NOT_EVALUATED}: {reason}")


def _duplicates(
    rule: CompiledRule, years: Sequence[int], rows: Sequence[Row], first: Judgement
) -> Iterator[tuple[int, Said]]:
    """For a rule of uniqueness: the outcomes, which depend on all rows together."""
    if not any(year_rule.identity for year_rule in rule.by_year.values()):
        return
    holders: dict[tuple[Any, ...], list[int]] = {}
    for index, (year, row) in enumerate(zip(years, rows, strict=True)):
        year_rule = rule.by_year.get(year)
        if year_rule is None or year_rule.identity is None or not _is_open(first[index]):
            continue
        values = tuple(part(row) for part in year_rule.identity)
        if any(value.__class__ is Unknown for value in values):
            yield index, _unread(merge(values))
        elif values[0] == "" or values[0] is None:
            yield index, _IS_BLANK
        else:
            holders.setdefault(values, []).append(index)
    for indices in holders.values():
        others = len(indices) - 1
        for index in indices:
            yield index, _repeated(rule.by_year[years[index]], rows[index], others)


def _repeated(year_rule: YearRule, row: Row, others: int) -> Said:
    if not others:
        return _PASS
    have = "other return of the batch has" if others == 1 else "other returns of the batch have"
    return Said(Outcome.FAIL, mask_text(f"{year_rule.text(row)} {others} {have} the same."))


def _is_open(said: Said | None) -> bool:
    """Not settled by the rule's form or condition."""
    return (
        said is not None
        and said.outcome is Outcome.NOT_EVALUATED
        and "decided over the batch" in said.message
    )

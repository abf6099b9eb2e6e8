"""What ties fields of one return together: the department's rules, and names that recur.

A constraint is a rule bound to one return: it answers true, false, or None where it does not apply
or cannot be evaluated, under any assignment of readings to its fields. The rule itself is asked
each time, tolerance, condition and all.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from schemas.comparing import fold_words
from schemas.forms import FieldKind
from validators.equations import Equation
from validators.evaluation import answer
from validators.reconciliation.cells import Cell, Option
from validators.reconciliation.cents import name_of
from validators.rulebook import CompiledRule, YearRule
from validators.scope import Column
from validators.ternary import Sealed, Unknown

Assignment = Mapping[int, Option]
"""Number of a cell → what it is taken to say; cells that are left out say what is held."""

SAME_NAME_LOG_ODDS = -3.0
"""Of a filer who writes the same name otherwise on another page: they do."""
_LONGEST_SECONDS = 0.1
"""A rule that takes longer once is not asked again."""
_CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 13
_LARGEST_COUNT = 9_999
_PROBES = (Decimal(111), Decimal(-111))
"""Far enough to leave a row of a tax table and a tolerance."""
_MOST_UNNOTICED = 0.25
"""Of other texts; a rule that lets more pass says nothing of this one."""
_PLACES_TRIED = 6
_ENOUGH = 4
"""Other texts that all pass: the rule says nothing of this one."""
_STEPS = ((1, 1), (1, 2), (2, 7), (3, 4), (6, 1))
"""By which two digits are others: of five, a check digit misses about one in ten."""


@dataclass(slots=True, eq=False)
class Constraint:
    """One rule over the fields of one return."""

    name: str
    log_odds: float
    """Of a filer who breaks it."""
    ask: Callable[[list[Any]], Any]
    row: list[Any]
    """With every field as it is held."""
    slots: dict[int, tuple[int, ...]]
    """Number of a cell → its places in the row."""
    equations: tuple[Equation, ...] = ()
    cents_only: bool = False
    """It speaks of cents, and holds a return to no more than the form itself does."""
    too_slow: bool = False
    _known: dict[tuple[tuple[int, Any], ...], bool | None] = field(default_factory=dict)

    def holds(self, assignment: Assignment) -> bool | None:
        """True, false, or None where it does not apply or cannot be evaluated."""
        mine = [(cell, option) for cell, option in assignment.items() if cell in self.slots]
        key = tuple([(cell, option.content) for cell, option in mine])
        if len(key) > 1:
            key = tuple(sorted(key, key=_by_cell))
        if key not in self._known:
            with _Assigned(self, mine):
                self._known[key] = self._ask()
        return None if self.too_slow else self._known[key]

    def _ask(self) -> bool | None:
        begun = time.thread_time()
        said = self.ask(self.row)
        if time.thread_time() - begun > _LONGEST_SECONDS:
            self.too_slow = True
        return None if said.__class__ is Unknown or said is None else bool(said)

    def sides(self, assignment: Assignment) -> list[tuple[Equation, Any, Any]]:
        """Both sides of each of its equations, where they are known."""
        found = []
        mine = [(cell, option) for cell, option in assignment.items() if cell in self.slots]
        with _Assigned(self, mine):
            for equation in self.equations:
                sides = equation.sides(self.row)
                if sides is not None:
                    found.append((equation, *sides))
        return found


def _by_cell(pair: tuple[int, Any]) -> int:
    return pair[0]


class _Assigned:
    """A constraint's row with some cells taken to say something else, for a while."""

    def __init__(self, constraint: Constraint, mine: Sequence[tuple[int, Option]]) -> None:
        self._constraint = constraint
        self._mine = mine
        self._held: list[tuple[int, Any]] = []

    def __enter__(self) -> None:
        row = self._constraint.row
        for cell, option in self._mine:
            for slot in self._constraint.slots[cell]:
                self._held.append((slot, row[slot]))
                row[slot] = option.content

    def __exit__(self, *_: object) -> None:
        for slot, content in self._held:
            self._constraint.row[slot] = content


def bind_rule(
    rule: CompiledRule, year: int, cells: Mapping[Column, int], row: list[Any], log_odds: float
) -> Constraint | None:
    """The rule over this return; None where it says nothing about a field that may be misread."""
    year_rule = rule.by_year.get(year)
    if year_rule is None or year_rule.identity or not rule.definition.is_binding:
        return None
    slots: dict[int, tuple[int, ...]] = {}
    for _, slot, _ in year_rule.inputs:
        number = cells.get(rule.columns[slot])
        if number is not None:
            slots[number] = (*slots.get(number, ()), slot)
    if not slots:
        return None
    equations = year_rule.equations
    return Constraint(rule.definition.id, log_odds, _asking(year_rule), row, slots, equations)


def bind_cents(bound: Constraint, ask: Callable[[list[Any]], Any], log_odds: float) -> Constraint:
    """The same rule, to the cent."""
    return replace(
        bound,
        name=name_of(bound.name),
        log_odds=log_odds,
        ask=ask,
        row=list(bound.row),
        cents_only=True,
        _known={},
    )


def _asking(year_rule: YearRule) -> Callable[[list[Any]], Any]:
    return lambda row: answer(year_rule, row)


def bind_names(cells: Sequence[Cell]) -> Iterator[Constraint]:
    """Names that stand under one field name on several forms should be one name."""
    by_name: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        if cell.value.kind is FieldKind.NAME and cell.first.text:
            by_name.setdefault(cell.column.name, []).append(number)
    for name, numbers in by_name.items():
        for at, one in enumerate(numbers):
            for other in numbers[at + 1 :]:
                row = [cells[one].first.content, cells[other].first.content]
                slots: dict[int, tuple[int, ...]] = {one: (0,), other: (1,)}
                equation = Equation(_opened(0), _opened(1), None)
                said = f"same {name} on every page"
                yield Constraint(said, SAME_NAME_LOG_ODDS, _same_name, row, slots, (equation,))


def _same_name(row: list[Any]) -> bool:
    return fold_words(row[0].open()) == fold_words(row[1].open())


def _opened(slot: int) -> Callable[[Sequence[Any]], Any]:
    return lambda row: row[slot].open()


def implied_options(
    number: int,
    cell: Cell,
    constraint: Constraint,
    assignment: Assignment,
    sides: Iterable[tuple[Equation, Any, Any]],
) -> Iterator[Option]:
    """What a cell would have to say for a constraint that fails to hold: one or two values.

    The sides of an equation differ by so much, and the cell enters with plus or minus one: either
    it is more by that, or less. Whether that mends it is asked of the rule.
    """
    said = assignment.get(number, cell.first)
    wanted: list[str] = []
    for _, left, right in sides:
        if cell.is_number and isinstance(left, Decimal) and isinstance(right, Decimal):
            held = said.content or Decimal(0)
            wanted += amounts_near(cell, (held - left + right, held + left - right))
        elif not cell.is_number and isinstance(left, str) and isinstance(right, str):
            wanted += [left, right]
    for option in _distinct(cell, wanted):
        if option.content != said.content and constraint.holds({**assignment, number: option}):
            yield option


def amounts_near(cell: Cell, amounts: Iterable[Decimal]) -> list[str]:
    """Amounts as a filer could write them; what nobody can write is left out."""
    unit = _CENT if cell.value.kind is FieldKind.AMOUNT else Decimal(1)
    found = []
    for amount in amounts:
        try:
            rounded = amount.quantize(unit, ROUND_HALF_UP)
        except InvalidOperation:
            continue
        is_count = cell.value.kind is FieldKind.COUNT
        if abs(rounded) < _LARGEST and not (is_count and not 0 <= rounded <= _LARGEST_COUNT):
            whole = rounded == rounded.to_integral_value()
            found.append(str(int(rounded)) if whole else f"{rounded:f}")
    return found


def _distinct(cell: Cell, texts: Iterable[str]) -> Iterator[Option]:
    for text in dict.fromkeys(texts):
        if cell.is_number:
            yield cell.implied(text, Decimal(text))
        elif text:
            yield cell.implied(text, Sealed(text))


def would_notice(number: int, cell: Cell, constraint: Constraint, assignment: Assignment) -> bool:
    """Whether a constraint that holds would fail with nearly anything else in this cell."""
    said = assignment.get(number, cell.first)
    if not cell.is_number:
        return unnoticed_share(number, cell, constraint, assignment) <= _MOST_UNNOTICED
    if constraint.cents_only:
        return _fails_by(_CENT, number, said, constraint, assignment)
    return all(_fails_by(step, number, said, constraint, assignment) for step in _PROBES)


def unnoticed_share(
    number: int, cell: Cell, constraint: Constraint, assignment: Assignment
) -> float:
    """Of other texts in this cell, the share with which a constraint that holds would hold too:
    of all numbers one in ten has the right check digit, of a name's letters initials say nothing.
    """
    said = assignment.get(number, cell.first)
    texts = _other_texts(said.text or "")
    held = 0
    for tried, text in enumerate(texts, 1):
        option = Option(text, Sealed(text), 0.0)
        held += constraint.holds({**assignment, number: option}) is not False
        if tried == held == _ENOUGH:
            return 1.0
    return held / len(texts)


def unnoticed_digits(
    number: int, cell: Cell, constraint: Constraint, assignment: Assignment
) -> int:
    """How many digits, from the last, could be others and a constraint would still hold: cents
    within a tolerance, dollars within a row of a tax table."""
    said = assignment.get(number, cell.first)
    places = digits_of(said.text)
    step = _CENT if "." in (said.text or "") else Decimal(1)
    for place in range(places):
        if all(_fails_by(one, number, said, constraint, assignment) for one in (step, -step)):
            return place
        step *= 10
    return places


def digits_of(text: str | None) -> int:
    """Places that can be misread."""
    return max(sum(map(str.isalnum, text or "")), 1)


def _fails_by(
    step: Decimal, number: int, said: Option, constraint: Constraint, assignment: Assignment
) -> bool:
    other = Option("", (said.content or Decimal(0)) + step, 0.0)
    return constraint.holds({**assignment, number: other}) is False


def _other_texts(text: str) -> list[str]:
    """Texts of which one or two characters are others; at least one."""
    places = [at for at, character in enumerate(text) if character.isalnum()]
    places = places[:: 1 + len(places) // _PLACES_TRIED]
    found = [_other_at(text, at, 1) for at in places]
    for (first, second), (one, two) in zip(
        itertools.cycle(itertools.pairwise(places)), _STEPS * 3, strict=False
    ):
        found.append(_other_at(_other_at(text, first, one), second, two))
    return found or [f"{text}~"]


def _other_at(text: str, at: int, step: int) -> str:
    """An identifier that could as well have been issued; a name that nobody has."""
    digit = text[at].isascii() and text[at].isdecimal()
    other = str((int(text[at]) + step) % 10) if digit else "~"
    return text[:at] + other + text[at + 1 :]

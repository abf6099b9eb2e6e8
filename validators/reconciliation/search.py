"""Finding the joint readings of a component: which fields say what, and which rules fail.

A joint reading weighs what its inks weigh, and for each rule that it breaks the odds of a filer who
does. Between two that differ in a field that mends nothing the held reading wins; so the search
changes a field only where a rule fails: take a rule that fails, lay it at the filer's door or
change one of its fields, and go on with whatever is heaviest (de Kleer and Williams 1987, who
diagnose circuits so). The first joint reading that is complete is the most plausible one.
"""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from validators.reconciliation.cells import CUTOFF, Cell, Option
from validators.reconciliation.constraints import (
    Assignment,
    Constraint,
    digits_of,
    implied_options,
    unnoticed_digits,
    unnoticed_share,
    would_notice,
)

MOST_STEPS = 20_000

_Change = tuple[int, Option]
"""A cell and what it is taken to say."""
_Repairs = Callable[[int, Assignment, float], Iterator[_Change]]
"""From a rule that fails, the changes so far and how light one more may be to one more."""


class OutOfTimeError(Exception):
    """The search did not come to its end in the time that it had."""


@dataclass(frozen=True, slots=True, eq=False)
class JointReading:
    """What all fields of a component say together; fields left out say what is held."""

    changes: dict[int, Option]
    broken: frozenset[int]
    """Constraints that fail."""
    log_weight: float
    """Against everything as held and no rule broken."""


@dataclass(slots=True)
class Component:
    """Fields that may be misread and that rules tie together, and these rules."""

    cells: Mapping[int, Cell]
    constraints: Mapping[int, Constraint]
    touching: dict[int, list[int]] = field(default_factory=dict)
    """Constraints of each cell."""

    def __post_init__(self) -> None:
        for number, constraint in self.constraints.items():
            for cell in constraint.slots:
                if cell in self.cells:
                    self.touching.setdefault(cell, []).append(number)


@dataclass(frozen=True, slots=True, eq=False)
class Explored:
    """All joint readings that were looked at, the most plausible first."""

    readings: tuple[JointReading, ...]
    noticing: Mapping[int, tuple[int, ...]]
    """Constraints that hold in the best reading and would fail with anything else in a cell."""

    @property
    def best(self) -> JointReading:
        return self.readings[0]


class Search:
    """The search over one component, until it is done or out of time.

    Args:
        deadline: by the clock of this thread's processor time.
    """

    def __init__(self, component: Component, deadline: float) -> None:
        self.component = component
        self.deadline = deadline
        self.steps = 0
        self._losses = {number: cell.least_loss for number, cell in component.cells.items()}
        self._open_cells = {
            number: [cell for cell in constraint.slots if cell in component.cells]
            for number, constraint in component.constraints.items()
        }
        self._as_held = frozenset(
            number
            for number, constraint in component.constraints.items()
            if constraint.holds({}) is False
        )

    def explore(self) -> Explored:
        """The most plausible joint readings, and what surrounds the best of them.

        Raises:
            OutOfTimeError: it is not done by the deadline.
        """
        everything = self._run([{}], self._all_repairs, self._blame(self._as_held))
        best = everything[0]
        # Why not otherwise: each field's other values, with what else must then be otherwise.
        flips = [
            {**best.changes, number: option}
            for number, cell in self.component.cells.items()
            if number not in best.changes
            for option in cell.others
            if option.log_odds >= -CUTOFF
        ]
        everything += self._run(flips, self._mending_repairs, best.log_weight)
        noticing = {
            number: tuple(
                one
                for one in self.component.touching.get(number, ())
                if self.component.constraints[one].holds(best.changes)
                and would_notice(number, cell, self.component.constraints[one], best.changes)
            )
            for number, cell in self.component.cells.items()
        }
        everything += self._anything_else(best, noticing)
        found = {_key(one.changes): one for one in reversed(everything)}
        ordered = sorted(found.values(), key=lambda one: -one.log_weight)
        return Explored(tuple(ordered), noticing)

    def _run(
        self, starts: Iterable[dict[int, Option]], repairs: _Repairs, best: float
    ) -> list[JointReading]:
        """Complete joint readings from these starts on, the heaviest first.

        Args:
            best: what a joint reading is known to weigh; what is far lighter is left out.
        """
        numbers = itertools.count()
        queue: list[tuple[float, int, dict[int, Option], frozenset[int]]] = []
        for start in starts:
            heapq.heappush(queue, (-_ink(start), next(numbers), start, frozenset()))
        seen: set[object] = set()
        found: list[JointReading] = []
        while queue:
            cost, _, changes, blamed = heapq.heappop(queue)
            room = CUTOFF - best - cost
            if room < 0:
                break
            if (key := (_key(changes), blamed)) in seen:
                continue
            seen.add(key)
            self._count_step()
            broken = self._broken(changes)
            still = broken - blamed
            if not still:
                weight = sum(option.log_odds for option in changes.values())
                weight += self._blame(broken)
                found.append(JointReading(changes, broken, weight))
                best = max(best, weight)
                continue
            rule = min(still, key=lambda one: (len(self._changeable(one, changes)), one))
            room -= self._cost_of_others(rule, still, changes)
            blame = -self.component.constraints[rule].log_odds
            if blame <= room:
                entry = (cost + blame, next(numbers), changes, blamed | {rule})
                heapq.heappush(queue, entry)
            for number, option in repairs(rule, changes, room):
                loss = max(-option.log_odds, 0.0)
                entry = (cost + loss, next(numbers), {**changes, number: option}, blamed)
                heapq.heappush(queue, entry)
        found.sort(key=lambda one: -one.log_weight)
        return found

    def _count_step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS or time.thread_time() > self.deadline:
            raise OutOfTimeError

    def _blame(self, broken: Iterable[int]) -> float:
        return sum(self.component.constraints[one].log_odds for one in broken)

    def _broken(self, changes: Assignment) -> frozenset[int]:
        constraints, touching = self.component.constraints, self.component.touching
        asked = {one for number in changes for one in touching.get(number, ())}
        fail = {one for one in asked if constraints[one].holds(changes) is False}
        return (self._as_held - asked) | fail

    def _cost_of_others(self, rule: int, still: Iterable[int], changes: Assignment) -> float:
        """What it costs at least until the other rules hold or are blamed: those that share no
        field with this one or each other each cost something of their own."""
        cost, taken = 0.0, set(self._changeable(rule, changes))
        for one in sorted(still):
            cells = self._changeable(one, changes)
            if one != rule and taken.isdisjoint(cells):
                taken.update(cells)
                blame = -self.component.constraints[one].log_odds
                cost += min([blame, *(self._losses[cell] for cell in cells)])
        return cost

    def _all_repairs(self, rule: int, changes: Assignment, room: float) -> Iterator[_Change]:
        """One more field of a rule that fails says something else: two of them may be misread."""
        constraint = self.component.constraints[rule]
        sides = constraint.sides(changes)
        for number in self._changeable(rule, changes):
            cell = self.component.cells[number]
            for option in cell.others:
                if option.log_odds >= -room:
                    yield number, option
            if cell.unnamed >= -room:
                for option in implied_options(number, cell, constraint, changes, sides):
                    if not option.named:
                        yield number, option

    def _mending_repairs(self, rule: int, changes: Assignment, room: float) -> Iterator[_Change]:
        """One more field of a rule that fails says what makes it hold, in an engine's words."""
        constraint = self.component.constraints[rule]
        for number in self._changeable(rule, changes):
            for option in self.component.cells[number].others:
                if option.log_odds < -room:
                    break
                if constraint.holds({**changes, number: option}) is not False:
                    yield number, option

    def _changeable(self, rule: int, changes: Assignment) -> list[int]:
        return [one for one in self._open_cells[rule] if one not in changes]

    def _anything_else(
        self, best: JointReading, noticing: Mapping[int, Sequence[int]]
    ) -> Iterator[JointReading]:
        """Each field misread as a value that nobody names: the rules that notice it would fail."""
        for number, cell in self.component.cells.items():
            if number in best.changes:
                continue
            here = cell.unnamed
            if cell.is_number:
                yield from self._in_each_digit(best, number, noticing[number])
                continue
            unnoticed = min(
                (
                    unnoticed_share(number, cell, self.component.constraints[one], best.changes)
                    for one in noticing[number]
                ),
                default=1.0,
            )
            if unnoticed > 0:
                yield self._stranger(best, number, "", here + math.log(unnoticed), ())
            if unnoticed < 1:
                here += math.log(1 - unnoticed)
                yield self._stranger(best, number, "noticed", here, noticing[number])

    def _in_each_digit(
        self, best: JointReading, number: int, noticing: Sequence[int]
    ) -> Iterator[JointReading]:
        cell = self.component.cells[number]
        constraints = self.component.constraints
        blind = {
            one: unnoticed_digits(number, cell, constraints[one], best.changes)
            for one in noticing
            if not constraints[one].cents_only
        }
        cents = [one for one in noticing if constraints[one].cents_only]
        text = cell.first.text or ""
        places, in_cents = digits_of(text), len(text.partition(".")[2])
        here = cell.unnamed - math.log(places)
        for place in range(places):
            noticed = [one for one in blind if blind[one] <= place]
            if place < in_cents:
                noticed += cents
            yield self._stranger(best, number, str(place), here, noticed)

    def _stranger(
        self, best: JointReading, number: int, name: str, log_odds: float, noticed: Sequence[int]
    ) -> JointReading:
        """A value that nobody names in one field, and the rules that fail with it."""
        stranger = Option(f"?{name}", None, log_odds, named=False)
        weight = best.log_weight + log_odds + self._blame(noticed)
        broken = best.broken | frozenset(noticed)
        return JointReading({**best.changes, number: stranger}, broken, weight)


def _ink(changes: Mapping[int, Option]) -> float:
    """Most that these readings can weigh; a field hardly read may gain by a value unnamed."""
    return sum(min(option.log_odds, 0.0) for option in changes.values())


def _key(changes: Mapping[int, Option]) -> frozenset[tuple[int, str | None]]:
    return frozenset((number, option.text) for number, option in changes.items())

"""From joint readings to what becomes of each field.

Every joint reading that was looked at counts by its weight; what share of the whole has a field
say what it says is the probability of that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from schemas.readings import FieldValue, Reconciled
from validators.reconciliation.cells import Cell, Option
from validators.reconciliation.constraints import Constraint, amounts_near
from validators.reconciliation.search import Component, Explored
from validators.scope import Column

SETTLED = 0.9
"""Share of the joint readings that must lay a failed rule at the filer's door, or hold a value,
before nobody needs to look."""
LEAST_SUPPORT = math.log(1e-3)
"""Log-odds that an engine's other value must have against the first for the ink to support it."""


class Belief(NamedTuple):
    """How far a value can be believed once the whole return was read together."""

    probability: float
    risk: float
    """Share of wrong values, at most, among those at least as sure."""


Believe = Callable[[FieldValue, Reconciled, float], Belief]
"""A value as first read, what became of it, and the computed probability → how far to believe."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What becomes of one field."""

    outcome: Reconciled
    rules: tuple[str, ...]
    probability: float
    """Of the value that is held from now on."""
    option: Option | None = None
    """What it says instead, where it is corrected; in a conflict what it may say."""
    correction: Decimal | None = None


class Conclusions:
    """What follows from the joint readings of one component."""

    def __init__(
        self,
        component: Component,
        explored: Explored,
        believe: Believe,
        target: Callable[[Cell], float],
    ) -> None:
        self._component = component
        self._explored = explored
        self._believe = believe
        self._target = target
        heaviest = explored.best.log_weight
        weights = [math.exp(one.log_weight - heaviest) for one in explored.readings]
        total = math.fsum(weights)
        self._shares = [weight / total for weight in weights]
        self._best = explored.best

    def findings(self) -> dict[int, Finding]:
        """By number of the cell; fields of which nothing is said are left out."""
        found: dict[int, Finding] = {}
        for number in self._best.changes:
            found[number] = self._changed(number)
        settled = {one for one in self._best.broken if self._blamed(one) >= SETTLED}
        corrected = {n for n, one in found.items() if one.outcome is Reconciled.CORRECTED}
        disputed = self._disputed(settled, corrected)
        for number, cell in self._component.cells.items():
            if number not in found:
                finding = self._kept(number, cell, disputed)
                if finding is not None:
                    found[number] = finding
        return found

    def mistakes(self) -> Iterable[int]:
        """Constraints that fail, surely enough, by the filer's own doing."""
        return [
            one
            for one in sorted(self._best.broken)
            if self._blamed(one) >= SETTLED and not self._component.constraints[one].cents_only
        ]

    def _changed(self, number: int) -> Finding:
        cell, option = self._component.cells[number], self._best.changes[number]
        probability = self._says(number, option)
        held = tuple(
            self._name(one)
            for one in self._component.touching.get(number, ())
            if self._fails_as_held(one) and one not in self._best.broken
        )
        supported = option.named and option.log_odds >= LEAST_SUPPORT
        if supported and not cell.is_sure and held:
            belief = self._believe(cell.value, Reconciled.CORRECTED, probability)
            if belief.risk <= self._target(cell):
                return Finding(Reconciled.CORRECTED, held, probability, option)
        return Finding(Reconciled.CONFLICT, held, self._says(number, None), option)

    def _kept(self, number: int, cell: Cell, disputed: set[int]) -> Finding | None:
        probability = self._says(number, None)
        doubt = 1.0 - probability
        touching = self._component.touching.get(number, ())
        over = [one for one in touching if one in disputed]
        unsure = doubt > 1.0 - SETTLED and any(self._fails_as_held(one) for one in touching)
        if unsure or (over and doubt > self._target(cell)):
            failing = over or [one for one in touching if self._fails_as_held(one)]
            names = tuple(self._name(one) for one in failing)
            return Finding(Reconciled.CONFLICT, names, probability, self._likeliest_other(number))
        noticing = self._explored.noticing.get(number, ())
        confirming = [one for one in noticing if one not in disputed]
        if confirming and cell.first.text is not None:
            names = tuple(self._name(one) for one in confirming)
            return Finding(Reconciled.CONFIRMED, names, probability)
        return None

    def _disputed(self, settled: set[int], corrected: set[int]) -> set[int]:
        """Rules that fail as everything is held, of which nobody knows why."""
        constraints = self._component.constraints
        return {
            one
            for one in constraints
            if self._fails_as_held(one)
            and one not in settled
            and not (one not in self._best.broken and corrected & constraints[one].slots.keys())
        }

    def _says(self, number: int, option: Option | None) -> float:
        """Share of joint readings in which a cell says this, None for what is held."""
        wanted = option.text if option else None
        share = 0.0
        for one, weight in zip(self._explored.readings, self._shares, strict=True):
            said = one.changes.get(number)
            same = said is None if option is None else said is not None and said.text == wanted
            share += weight if same else 0.0
        return min(share, 1.0)

    def _blamed(self, rule: int) -> float:
        """Share of joint readings in which a rule fails."""
        pairs = zip(self._explored.readings, self._shares, strict=True)
        return sum(share for one, share in pairs if rule in one.broken)

    def _likeliest_other(self, number: int) -> Option | None:
        for one in self._explored.readings:
            option = one.changes.get(number)
            if option is not None and option.content is not None:
                return option
        return None

    def _fails_as_held(self, rule: int) -> bool:
        return self._component.constraints[rule].holds({}) is False

    def _name(self, rule: int) -> str:
        return self._component.constraints[rule].name


def correction_of(
    constraint: Constraint, cells: Mapping[Column, int], all_cells: list[Cell], assignment: Mapping
) -> tuple[int, Decimal] | None:
    """The field that a failed rule figures, and the amount that it wants there."""
    for equation, left, right in constraint.sides(assignment):
        number = cells.get(equation.target) if equation.target else None
        if number is None or not all_cells[number].is_number or left == right:
            continue
        wanted = right if equation.target_is_left else left
        for text in amounts_near(all_cells[number], [wanted]):
            return number, Decimal(text)
    return None

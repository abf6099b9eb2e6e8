"""One return as a network: its fields, and the constraints that tie them together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.department import Department
from schemas.forms import FieldDefinition
from schemas.returns import TaxReturn
from validators.reconciliation.cells import Candidates, Cell, can_be_reconciled, make_cell
from validators.reconciliation.cents import name_of, to_the_cent
from validators.reconciliation.constraints import Constraint, bind_cents, bind_names, bind_rule
from validators.reconciliation.search import Component
from validators.rulebook import RuleBook
from validators.scope import Column


@dataclass(frozen=True, slots=True)
class Network:
    """One return's fields and what ties them together."""

    cells: list[Cell]
    by_column: dict[Column, int]
    constraints: list[Constraint]

    def components(self) -> Iterator[Component]:
        """Constraints with the open fields that they share; those without one stand alone."""
        group = list(range(len(self.constraints)))

        def root(one: int) -> int:
            while group[one] != one:
                group[one] = group[group[one]]
                one = group[one]
            return one

        touched_by: dict[int, int] = {}
        for number, constraint in enumerate(self.constraints):
            for cell in constraint.slots:
                if self.cells[cell].is_open:
                    group[root(number)] = root(touched_by.setdefault(cell, number))
        members: dict[int, list[int]] = {}
        for number in range(len(self.constraints)):
            members.setdefault(root(number), []).append(number)
        for numbers in members.values():
            constraints = {number: self.constraints[number] for number in numbers}
            cells = {
                cell: self.cells[cell]
                for constraint in constraints.values()
                for cell in constraint.slots
                if self.cells[cell].is_open
            }
            yield Component(cells, constraints)


class NetworkBuilder:
    """Builds networks of one department's returns."""

    def __init__(self, book: RuleBook, department: Department, candidates: Candidates) -> None:
        self.columns = book.columns()
        self._book = book
        self._department = department
        self._candidates = candidates
        self._index = {column: at for at, column in enumerate(self.columns)}
        self._places = {
            rule.key: [self._index[column] for column in rule.columns] for rule in book.rules
        }
        self._definitions: dict[tuple[str, int], dict[str, FieldDefinition]] = {
            (form.form, form.year): {field.name: field for field in form.fields()}
            for form in department.forms
        }

    def row_of(self, rule_key: str, row: Sequence[Any]) -> list[Any]:
        """What one rule needs of a return's row."""
        return [row[at] for at in self._places[rule_key]]

    def build(
        self, tax_return: TaxReturn, row: Sequence[Any], log_odds: Mapping[str, float]
    ) -> Network:
        """The network of one return.

        Args:
            row: its cells as the rules see them, in the order of `columns`.
            log_odds: of a filer who breaks a rule, by the rule's id; rules at 0 say nothing.
        """
        cells = list(self._cells(tax_return))
        by_column = {cell.column: number for number, cell in enumerate(cells)}
        held = list(row)
        for cell in cells:
            if cell.column in self._index:
                held[self._index[cell.column]] = cell.first.content
        constraints = list(bind_names(cells))
        for rule in self._book.rules:
            odds = log_odds.get(rule.definition.id, 0.0)
            if odds < 0:
                own = self.row_of(rule.key, held)
                bound = bind_rule(rule, tax_return.tax_year, by_column, own, odds)
                if bound is not None:
                    constraints.append(bound)
                    odds = log_odds.get(name_of(rule.definition.id), 0.0)
                    ask = to_the_cent(rule, tax_return.tax_year) if odds < 0 else None
                    if ask is not None:
                        constraints.append(bind_cents(bound, ask, odds))
        return Network(cells, by_column, constraints)

    def _cells(self, tax_return: TaxReturn) -> Iterator[Cell]:
        """Fields that arithmetic may speak of; of a form that is there twice, none."""
        year = tax_return.tax_year
        copies = Counter(form.form for form in tax_return.forms if form.year == year)
        for at, form in enumerate(tax_return.forms):
            if form.year != year or copies[form.form] > 1:
                continue
            definitions = self._definitions.get((form.form, year), {})
            for place, value in enumerate(form.values):
                definition = definitions.get(value.name)
                if definition is None or not can_be_reconciled(definition, value):
                    continue
                candidates = self._candidates(definition, value) if value.readings else ()
                column = Column("field", form.form, value.name)
                target = self._department.target_error(value.kind, form.form, value.name)
                cell = make_cell((at, place), column, value, candidates, target)
                if cell is not None:
                    yield cell

"""Returns for tests of a department's rules: its own examples, or forms as dicts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from schemas.case_files import CaseBook, definitions_of, load_cases
from schemas.department import Department
from schemas.packs import load_department
from schemas.returns import TaxReturn
from schemas.rules import Outcome
from validators.evaluation import Evaluation
from validators.made_returns import ExampleMaker, make_form, make_return
from validators.rulebook import CompiledRule, RuleBook, compile_rules
from validators.tally import evaluate_all


class DepartmentUnderTest:
    """A department by its name; loaded and compiled when first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def department(self) -> Department:
        return load_department(self.name)

    @cached_property
    def book(self) -> RuleBook:
        return compile_rules(self.department)

    @cached_property
    def rules(self) -> dict[str, CompiledRule]:
        return {rule.definition.id: rule for rule in self.book.rules}

    @cached_property
    def cases(self) -> CaseBook:
        return load_cases(self.department)

    @cached_property
    def _maker(self) -> ExampleMaker:
        return ExampleMaker(self.department, self.cases)

    def example(self, name: str, year: int, changes: Mapping[str, Any] | None = None) -> TaxReturn:
        """An example return with changes, written as in the files of cases."""
        resolved = self._maker.resolve(year, self.department.settings.main_form, changes or {})
        return self._maker.make(name, year, resolved)[0]

    def make_return(self, year: int, forms: Mapping[str, Mapping[str, Any]]) -> TaxReturn:
        """A return of the given forms; text, True for a mark, what is left out is blank."""
        definitions = definitions_of(self.department, year)
        made = tuple(make_form(definitions[form], dict(fields)) for form, fields in forms.items())
        return make_return(self.name, year, made)

    def judge(self, tax_return: TaxReturn, rule_id: str) -> Evaluation:
        """What one rule says of one return alone."""
        [evaluation] = evaluate_all(
            self.department,
            RuleBook(self.name, (self.rules[rule_id],), self.book.years),
            [tax_return],
        )[self.rules[rule_id].key]
        assert evaluation is not None
        return evaluation

    def failures(self, tax_return: TaxReturn) -> dict[str, str]:
        """Rules of the return's year that fail, with their messages."""
        return {
            key.partition(" ")[0]: one.message
            for key, [one] in evaluate_all(self.department, self.book, [tax_return]).items()
            if one is not None and one.outcome is Outcome.FAIL
        }

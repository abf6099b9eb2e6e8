"""Proving rules: every case is tried, and every rule must have passed, failed, known its edge,
and known when it cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from schemas.case_files import CaseBook, rules_of
from schemas.department import Department
from schemas.returns import TaxReturn
from schemas.rule_cases import IN_REVIEW, Resolved, RuleCase, Trial
from schemas.rules import Outcome, RuleDefinition
from validators.evaluation import Evaluation, evaluate_rule
from validators.facts import FactSheet
from validators.made_returns import ExampleMaker
from validators.rulebook import CompiledRule, RuleBook

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Tried:
    """One trial of one rule, and what came of it."""

    rule: str
    """The rule's key: its id, and its years."""
    rule_id: str
    year: int
    trial: Trial
    example: str
    place: str
    """File and line of the case; of an example, which of its fields was unread."""
    expected: Outcome
    evaluation: Evaluation

    @property
    def is_right(self) -> bool:
        """As expected; a passing case must moreover be one to which the rule applies."""
        if self.evaluation.outcome is not self.expected:
            return False
        return self.trial is not Trial.PASSING or self.evaluation.applies


@dataclass(frozen=True)
class Proof:
    """What the cases of a department show of its rules."""

    tried: tuple[Tried, ...] = ()
    examples: int = 0
    missing: dict[str, tuple[Trial, ...]] = field(default_factory=dict)
    """Rule key → which of the four have no case."""
    strays: tuple[Tried, ...] = ()
    """Right examples, or ones of which a field is unread, that a rule fails all the same."""

    @property
    def wrong(self) -> list[Tried]:
        """Cases whose outcome is another than the file says."""
        return [it for it in self.tried if not it.is_right]

    @property
    def is_complete(self) -> bool:
        return not (self.missing or self.strays or self.wrong)


def prove(department: Department, rules: RuleBook, cases: CaseBook) -> Proof:
    """Try every case on every example and year, and every rule on every unchanged example."""
    prover = _Prover(department, rules, cases)
    tried = tuple(it for case in cases.cases for it in prover.try_case(case))
    shown: dict[str, set[Trial]] = {rule.key: set() for rule in rules.rules}
    for one in tried:
        shown[one.rule].add(one.trial)
    missing = {
        key: tuple(trial for trial in Trial if trial not in found)
        for key, found in shown.items()
        if len(found) < len(Trial)
    }
    strays = (*prover.try_examples(), *prover.try_unread())
    return Proof(tried, len(cases.examples), missing, strays)


class _Prover:
    """The rules by id and year, and the means to try them on examples."""

    def __init__(self, department: Department, rules: RuleBook, cases: CaseBook) -> None:
        self._department = department
        self._cases = cases
        self._maker = ExampleMaker(department, cases)
        self._facts = FactSheet(department)
        self._rules = rules.rules
        self._columns = rules.columns()
        self._by_year = {
            (rule.definition.id, year): rule for rule in rules.rules for year in rule.by_year
        }

    def try_case(self, case: RuleCase) -> Iterator[Tried]:
        example_years = self._cases.example(case.example).years
        for year, definition in rules_of(self._department, case).items():
            if year not in example_years:
                continue
            rule = self._by_year[case.rule, year]
            given = self._maker.resolve(year, definition.form, case.given)
            for trial, expected, change in self._trials(case, year, definition, given):
                returns = self._maker.make(case.example, year, given, change)
                yield Tried(
                    rule.key,
                    case.rule,
                    year,
                    trial,
                    case.example,
                    f"{case.file}:{case.at_line}",
                    expected,
                    self._judge(rule, returns),
                )

    def _trials(
        self, case: RuleCase, year: int, rule: RuleDefinition, given: Resolved
    ) -> Iterator[tuple[Trial, Outcome, Resolved]]:
        def changes(part: dict[str, object] | None) -> Resolved:
            return self._maker.resolve(year, rule.form, part or {})

        yield Trial.PASSING, Outcome.PASS, changes(case.passes)
        if case.total is not None:
            yield from self._misses(case, year, rule, given)
            return
        if case.fails is not None:
            yield Trial.FAILING, Outcome.FAIL, changes(case.fails)
        if case.boundary is not None:
            yield Trial.BOUNDARY, case.boundary_outcome, changes(case.boundary)
        if case.not_evaluated is not None:
            yield Trial.NOT_EVALUATED, Outcome.NOT_EVALUATED, changes(case.not_evaluated)

    def _misses(
        self, case: RuleCase, year: int, rule: RuleDefinition, given: Resolved
    ) -> Iterator[tuple[Trial, Outcome, Resolved]]:
        """A total that misses by as much as it may, by a cent more, and that is unread."""
        form, _, name = (case.total or "").rpartition(".")
        where = (form or rule.form, name)
        made = self._maker.make(case.example, year, given)[0]
        held = next(
            value
            for instance in made.forms
            if instance.form == where[0]
            for value in instance.values
            if value.name == name
        )
        right = Decimal(held.value) if isinstance(held.value, str) else Decimal(0)
        for sign in (1, -1):
            edge = right + sign * case.misses_by
            over = edge + sign * _CENT
            yield Trial.BOUNDARY, Outcome.PASS, Resolved({where: format(edge, "f")})
            yield Trial.FAILING, Outcome.FAIL, Resolved({where: format(over, "f")})
        yield Trial.NOT_EVALUATED, Outcome.NOT_EVALUATED, Resolved({where: IN_REVIEW})

    def try_examples(self) -> Iterator[Tried]:
        """Rules that an example without a mistake does not pass."""
        for example in self._cases.examples:
            for year in example.years:
                unchanged = self._maker.unchanged(example.name, year)
                cells = self._facts.rows([unchanged], self._columns)[0]
                known = dict(zip(self._columns, cells, strict=True))
                for rule in self._rules:
                    if year in rule.by_year:
                        row = [known[column] for column in rule.columns]
                        evaluation = evaluate_rule(rule, [year], [row])[0]
                        if evaluation and evaluation.outcome is not Outcome.PASS:
                            yield self._stray(rule, year, example.name, "", evaluation)

    def try_unread(self) -> Iterator[Tried]:
        """Rules that fail where one field of a passing case waits for a person."""
        for case in self._cases.cases:
            years = self._cases.example(case.example).years
            versions = rules_of(self._department, case)
            common = [year for year in versions if year in years]
            if not common:
                continue
            year = common[-1]
            rule = self._by_year[case.rule, year]
            form = versions[year].form
            before = [self._maker.resolve(year, form, it) for it in (case.given, case.passes)]
            held = {it.form for it in self._maker.make(case.example, year, *before)[0].forms}
            for column in rule.columns:
                if column.kind != "field" or column.form not in held:
                    continue
                definition = self._department.form(column.form, year)
                if definition is None or column.name not in {it.name for it in definition.fields()}:
                    continue
                change = Resolved({(column.form, column.name): IN_REVIEW})
                evaluation = self._judge(
                    rule, self._maker.make(case.example, year, *before, change)
                )
                if evaluation.outcome is Outcome.FAIL:
                    unread = f"{column.key} unread"
                    yield self._stray(rule, year, case.example, unread, evaluation)

    def _stray(
        self, rule: CompiledRule, year: int, example: str, unread: str, evaluation: Evaluation
    ) -> Tried:
        return Tried(
            rule.key,
            rule.definition.id,
            year,
            Trial.PASSING,
            example,
            unread,
            Outcome.PASS,
            evaluation,
        )

    def _judge(self, rule: CompiledRule, returns: Sequence[TaxReturn]) -> Evaluation:
        """What the rule says of the first of the returns, filed in one batch."""
        # Rules of what the return holds look at all of it, others at a form or two.
        if not any(column.kind == "return" for column in rule.columns):
            needed = {column.form for column in rule.columns}
            returns = [
                it.model_copy(update={"forms": tuple(f for f in it.forms if f.form in needed)})
                for it in returns
            ]
        rows = self._facts.rows(returns, rule.columns)
        evaluation = evaluate_rule(rule, [it.tax_year for it in returns], rows)[0]
        return evaluation or Evaluation(Outcome.NOT_EVALUATED, "no such rule in this year")

"""The way in: returns as they were read in, returns as the whole of each explains them out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from schemas.department import Department
from schemas.readings import FieldValue, Reconciled
from schemas.returns import TaxReturn
from validators.evaluation import answer, exact_arithmetic
from validators.facts import FactSheet
from validators.reconciliation.cells import Candidates, Cell
from validators.reconciliation.cents import (
    TO_THE_CENT_LOG_ODDS,
    name_of,
    to_the_cent,
)
from validators.reconciliation.network import Network, NetworkBuilder
from validators.reconciliation.outcomes import (
    Belief,
    Believe,
    Conclusions,
    Finding,
    correction_of,
)
from validators.reconciliation.recording import as_first_read, record_findings
from validators.reconciliation.search import OutOfTimeError, Search
from validators.reconciliation.suspects import RuleTally, SuspectRule, suspect_rules
from validators.rulebook import CompiledRule, RuleBook
from validators.ternary import Unknown

_UNFITTED = 1.5
"""A probability that was computed and never measured counts as so much riskier."""


class ReconciledBatch(NamedTuple):
    """Returns after reconciliation."""

    returns: list[TaxReturn]
    suspects: tuple[SuspectRule, ...]
    unfinished: tuple[str, ...]
    """Returns of which a part stayed as read: the time ran out, or a rule was too slow."""


Asking = Callable[[CompiledRule, int], Callable[[list[Any]], Any] | None]
"""A rule and a tax year → what is asked of a return's row, None where there is nothing to ask."""


def whether_it_holds(rule: CompiledRule, year: int) -> Callable[[list[Any]], Any] | None:
    """What the rule itself says."""
    year_rule = rule.by_year.get(year)
    return None if year_rule is None else lambda row: answer(year_rule, row)


def as_computed(value: FieldValue, outcome: Reconciled, probability: float) -> Belief:
    """How far to believe what nobody has measured: as computed, with caution."""
    return Belief(probability, min(_UNFITTED * (1.0 - probability), 1.0))


class Reconciler:
    """Reconciles returns of one department.

    Args:
        candidates: what a field's readings leave possible.
        believe: how far a computed probability can be believed.
    """

    def __init__(
        self,
        book: RuleBook,
        department: Department,
        candidates: Candidates,
        believe: Believe = as_computed,
    ) -> None:
        self._rules = [rule for rule in book.rules if rule.definition.is_binding]
        self._own_odds = {
            rule.definition.id: rule.definition.mistake_log_odds
            for rule in self._rules
            if rule.definition.mistake_log_odds is not None
        }
        self._department = department
        self._policy = department.settings.reconciliation
        self._believe = believe
        self._facts = FactSheet(department)
        self._builder = NetworkBuilder(book, department, candidates)

    def reconcile(self, returns: Sequence[TaxReturn]) -> ReconciledBatch:
        """Each return with what its arithmetic says of its fields.

        Doing it again changes nothing: it always starts from the first readings.
        """
        returns = [as_first_read(one) for one in returns]
        done, unfinished = [], []
        with exact_arithmetic():
            rows = self._facts.rows(returns, self._builder.columns)
            tallies = self._tally(returns, rows, whether_it_holds)
            log_odds = {
                rule_id: tally.log_odds(self._own_odds.get(rule_id, self._policy.mistake_log_odds))
                for rule_id, tally in tallies.items()
            }
            for rule_id, tally in self._tally(returns, rows, to_the_cent).items():
                log_odds[name_of(rule_id)] = tally.log_odds(TO_THE_CENT_LOG_ODDS)
            for tax_return, row in zip(returns, rows, strict=True):
                network = self._builder.build(tax_return, row, log_odds)
                findings, finished = self._find(network)
                done.append(record_findings(tax_return, findings, self._department, self._believe))
                if not finished:
                    unfinished.append(tax_return.return_id)
        return ReconciledBatch(done, suspect_rules(tallies), tuple(unfinished))

    def _tally(
        self, returns: Sequence[TaxReturn], rows: Sequence[Sequence[Any]], asking: Asking
    ) -> dict[str, RuleTally]:
        """By rule's id: how often what is asked of it fails where all that it needs is held."""
        tallies: dict[str, RuleTally] = {}
        years = {tax_return.tax_year for tax_return in returns}
        for rule in self._rules:
            tally = tallies.setdefault(rule.definition.id, RuleTally())
            asks = {year: asking(rule, year) for year in years}
            for tax_return, row in zip(returns, rows, strict=True):
                ask = asks[tax_return.tax_year]
                if ask is not None:
                    said = ask(self._builder.row_of(rule.key, row))
                    if said is not None and said.__class__ is not Unknown:
                        tally.add(said)
        return tallies

    def _find(self, network: Network) -> tuple[dict[tuple[int, int], Finding], bool]:
        """What is found of the fields of one return, and whether all of it was looked at."""
        deadline = time.thread_time() + self._policy.seconds
        findings: dict[int, Finding] = {}
        mistakes: list[int] = []
        finished = True
        for component in network.components():
            try:
                explored = Search(component, deadline).explore()
            except OutOfTimeError:
                finished = False
                continue
            conclusions = Conclusions(component, explored, self._believe, self._target)
            findings |= conclusions.findings()
            mistakes += conclusions.mistakes()
        findings |= self._corrections(network, mistakes, findings)
        finished = finished and not any(one.too_slow for one in network.constraints)
        return {network.cells[number].place: one for number, one in findings.items()}, finished

    def _target(self, cell: Cell) -> float:
        value = cell.value
        return self._department.target_error(value.kind, value.form, value.name)

    def _corrections(
        self, network: Network, mistakes: Iterable[int], findings: Mapping[int, Finding]
    ) -> dict[int, Finding]:
        """What the rules want beside what the filer wrote, where that is held and undisputed."""
        assignment = {
            number: one.option
            for number, one in findings.items()
            if one.outcome is Reconciled.CORRECTED and one.option is not None
        }
        found: dict[int, Finding] = {}
        for mistake in mistakes:
            constraint = network.constraints[mistake]
            wanted = correction_of(constraint, network.by_column, network.cells, assignment)
            if wanted is None:
                continue
            number, amount = wanted
            cell, already = network.cells[number], findings.get(number)
            if self._is_held(cell, already):
                probability = already.probability if already else cell.value.confidence
                found[number] = Finding(
                    Reconciled.MISTAKE, (constraint.name,), probability, correction=amount
                )
        return found

    def _is_held(self, cell: Cell, finding: Finding | None) -> bool:
        """Whether what the filer wrote is known: by its ink, or because other rules confirm it."""
        if finding is None:
            return cell.is_sure
        if finding.outcome is not Reconciled.CONFIRMED:
            return False
        belief = self._believe(cell.value, Reconciled.CONFIRMED, finding.probability)
        return cell.is_sure or belief.risk <= self._target(cell)

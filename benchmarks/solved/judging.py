"""The solver's returns under the departments' rules: who fails, and whose mistake it is."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.solved.known import Known, explain, values_of
from schemas.department import Department
from schemas.returns import TaxReturn
from schemas.rule_tally import RuleTally
from schemas.rules import Outcome
from validators.rulebook import compile_rules
from validators.tally import evaluate_all, tally


@dataclass
class Judgement:
    """One department's rules over the solver's returns."""

    department: str
    returns: int = 0
    tallies: dict[str, RuleTally] = field(default_factory=dict)
    """Rule id → what it said."""
    unexplained: list[tuple[str, int, str]] = field(default_factory=list)
    """Rule, tax year and message where a rule fails and no known mistake explains it."""
    known: Counter[Known] = field(default_factory=Counter)
    """The solver's mistakes, and how many failures each explains."""
    not_evaluated: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Rule and reason."""

    @property
    def evaluated(self) -> list[str]:
        """Rules that applied to a return at least once and passed it."""
        return [rule for rule, it in self.tallies.items() if it.passed]

    @property
    def never(self) -> list[str]:
        """Rules that never applied to any of the returns."""
        return [rule for rule, it in self.tallies.items() if not it.spoke]


def judge(department: Department, returns: Sequence[TaxReturn]) -> Judgement:
    """Every rule over every return."""
    found = Judgement(department.name, len(returns))
    values = [values_of(it) for it in returns]
    evaluations = evaluate_all(department, compile_rules(department), returns)
    for key, said in evaluations.items():
        rule = key.partition(" ")[0]
        found.tallies[rule] = found.tallies.get(rule, RuleTally()) + tally(said)
        for number, one in enumerate(said):
            if one is None or one.outcome is Outcome.PASS:
                continue
            if one.outcome is Outcome.NOT_EVALUATED:
                found.not_evaluated[rule, one.message] += 1
            elif (known := explain(department.name, rule, values[number])) is not None:
                found.known[known] += 1
            else:
                found.unexplained.append((rule, returns[number].tax_year, one.message))
    return found


def write_truth(file: Path, returns: Sequence[TaxReturn]) -> None:
    """The returns as `taxlift rules check --samples` reads them."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        for one in returns:
            fields = [
                {"form": value.form, "name": value.name, "value": value.value}
                for form in one.forms
                for value in form.values
            ]
            line = {"return_id": one.return_id, "tax_year": one.tax_year, "fields": fields}
            out.write(json.dumps(line) + "\n")

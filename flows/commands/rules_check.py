"""`taxlift rules check`: all rules compile, every rule is proved by its cases, and what samples
say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from schemas.case_files import CaseBook, load_cases
from schemas.department import Department
from schemas.rule_cases import Trial
from schemas.rule_tally import RuleTally
from validators.proof import Proof, Tried, prove
from validators.rulebook import RuleBook
from validators.scope import describe_form

_SHOWN = 12
"""So many of one kind are printed; --json has all."""
_LACKS = {
    Trial.PASSING: "passing",
    Trial.FAILING: "failing",
    Trial.BOUNDARY: "boundary",
    Trial.NOT_EVALUATED: "not-evaluated",
}


class RuleCheck:
    """What was found of one department's rules."""

    def __init__(self, department: Department, rules: RuleBook) -> None:
        self.department = department
        self.rules = rules
        self.cases: CaseBook = load_cases(department)
        self.proof: Proof = prove(department, rules, self.cases)
        self.sampled = 0
        self.tallies: dict[str, RuleTally] | None = None
        """Rule id → what it said of samples and of what is loaded; None where none were asked."""

    def add_samples(self, paths: Sequence[Path]) -> None:
        """Put every rule to the returns of samples."""
        from flows.rule_samples import read_sample
        from validators.tally import evaluate_all, tally

        for path in paths:
            returns = read_sample(path, self.department)
            found: dict[str, RuleTally] = {}
            for key, evaluations in evaluate_all(self.department, self.rules, returns).items():
                rule = key.partition(" ")[0]
                found[rule] = found.get(rule, RuleTally()) + tally(evaluations)
            self._add(len(returns), found)

    def add_loaded(self, db: str) -> None:
        """Count what the rules said of the returns in a database."""
        from loaders.database import open_database
        from loaders.rule_counts import count_rule_results
        from validators.evaluation import DOES_NOT_APPLY

        engine = open_database(db)
        self._add(*count_rule_results(engine, self.department.name, DOES_NOT_APPLY))

    def _add(self, returns: int, found: Mapping[str, RuleTally]) -> None:
        self.sampled += returns
        before = self.tallies or {}
        ids = dict.fromkeys(rule.definition.id for rule in self.rules.rules)
        self.tallies = {
            rule: before.get(rule, RuleTally()) + found.get(rule, RuleTally()) for rule in ids
        }

    @property
    def never_failed(self) -> list[str]:
        """Rules that no sample ever failed, though some were put to them."""
        return [rule for rule, it in (self.tallies or {}).items() if not it.failed and it.spoke]

    @property
    def never_spoke(self) -> list[str]:
        """Rules that were never put to the test: no sample has what they speak of."""
        return [rule for rule, it in (self.tallies or {}).items() if not it.spoke]

    def as_json(self) -> dict[str, Any]:
        """Everything, for programs. The keys are stable."""
        return {
            "department": self.department.name,
            "rules": len(self.rules.rules),
            "by": [
                {"form": form, "severity": severity, "rules": number}
                for (form, severity), number in sorted(self.rules.counts().items())
            ],
            "examples": self.proof.examples,
            "trials": len(self.proof.tried),
            "proved": self.proof.is_complete,
            "missing": [
                {"rule": rule, "lacks": [_LACKS[it] for it in lacks]}
                for rule, lacks in self.proof.missing.items()
            ],
            "wrong": [_tried_json(it) for it in self.proof.wrong],
            "examples_that_fail": [_tried_json(it) for it in self.proof.strays],
            "samples": None
            if self.tallies is None
            else {
                "returns": self.sampled,
                "never_failed": self.never_failed,
                "never_evaluated": self.never_spoke,
                "by_rule": {rule: it.model_dump() for rule, it in self.tallies.items()},
            },
        }

    def show(self, console: Console) -> None:
        """For people, within 80 columns."""
        console.print(_counts_table(self.department, self.rules))
        years = (
            f"{self.rules.years[0]} to {self.rules.years[-1]}" if self.rules.years else "no year"
        )
        console.print(f"{_many(len(self.rules.rules), 'rule')} compile for {years}.")
        self._show_proof(console)
        if self.tallies is not None:
            self._show_samples(console)

    def _show_proof(self, console: Console) -> None:
        proof = self.proof
        if not proof.tried and self.rules.rules:
            _say(
                console,
                "[red]Nothing is proved.[/] The department has no cases: of every rule one example "
                "is needed that passes, one that fails, one at the boundary and one that cannot be "
                f"evaluated. They belong in {escape(str(self.department.folder))}/examples and "
                "/cases; how they are written: docs/rule-cases.md.",
            )
            return
        _say(
            console,
            f"{_many(len(proof.tried), 'trial')} of {_many(len(self.cases.cases), 'case')} on "
            f"{_many(proof.examples, 'example return')}.",
        )
        self._show_missing(console)
        _show_tried(console, "example returns that should be right fail a rule", proof.strays)
        _show_tried(console, "cases come out otherwise than they say", proof.wrong)
        if proof.is_complete:
            _say(
                console,
                "[green]Every rule is proved:[/] it passes, it fails, it knows its boundary, and "
                "it is not evaluated where it cannot be.",
            )

    def _show_missing(self, console: Console) -> None:
        missing = self.proof.missing
        if not missing:
            return
        console.print(f"\n[red]Rules without all four cases: {len(missing)}[/]")
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column()
        for rule, lacks in list(missing.items())[:_SHOWN]:
            words = ", ".join(_LACKS[it] for it in lacks)
            table.add_row(escape(rule.partition(" ")[0]), f"lacks: {words}")
        console.print(Padding(table, (0, 0, 0, 2)))
        _say_more(console, len(missing))

    def _show_samples(self, console: Console) -> None:
        tallies = self.tallies or {}
        failed = sum(1 for it in tallies.values() if it.failed)
        console.print(
            f"\n[bold]Over {_many(self.sampled, 'return')}[/]: {_many(failed, 'rule')} failed at "
            f"least once, {len(self.never_failed)} were met every time, {len(self.never_spoke)} "
            "never had anything to say.",
            highlight=False,
        )
        for title, rules in (
            ("Failed (times, of how many)", [f"{rule} {it.failed}/{it.spoke}" for rule, it in
                                             _most_failed(tallies)]),
            ("Never failed", self.never_failed),
            ("Never evaluated: no return had what they speak of", self.never_spoke),
        ):  # fmt: skip
            if rules:
                console.print(f"\n{title}")
                words = escape("  ".join(it.replace(" ", "\N{NO-BREAK SPACE}") for it in rules))
                console.print(Padding(words, (0, 0, 0, 2)), highlight=False)


def _most_failed(tallies: Mapping[str, RuleTally]) -> list[tuple[str, RuleTally]]:
    failed = [(rule, it) for rule, it in tallies.items() if it.failed]
    return sorted(failed, key=lambda pair: -pair[1].failed)


def _counts_table(department: Department, rules: RuleBook) -> Table:
    counts = rules.counts()
    severities = sorted({severity for _, severity in counts})
    table = Table(title=f"Rules of {department.settings.title}")
    table.add_column("Form")
    for severity in severities:
        table.add_column(severity.replace("_", " "), justify="right")
    table.add_column("all", justify="right")
    for form in sorted({form for form, _ in counts}):
        numbers = [counts[form, severity] for severity in severities]
        table.add_row(describe_form(form), *map(str, numbers), str(sum(numbers)))
    return table


def _show_tried(console: Console, what: str, tried: Sequence[Tried]) -> None:
    """The first of each case, with what was expected, what came, and the numbers that went in."""
    by_case: dict[tuple[str, ...], list[Tried]] = {}
    for one in tried:
        by_case.setdefault((one.rule, one.example, one.place), []).append(one)
    if by_case:
        console.print(f"\n[red]{what[0].upper()}{what[1:]}: {len(by_case)}[/]")
    for same in list(by_case.values())[:_SHOWN]:
        _show_one(console, same[0], len(same) - 1)
    _say_more(console, len(by_case))


def _show_one(console: Console, one: Tried, others: int) -> None:
    where = ""
    if ":" in one.place:
        where = f", {_LACKS[one.trial]} case ({one.place})"
    elif one.place:
        where = f", {one.place}"
    again = f", and {_many(others, 'trial')} more" if others else ""
    head = f"[bold]{escape(one.rule_id)}[/] on {escape(one.example)} of {one.year}{escape(where)}"
    _say(console, f"{head}{again}", 2)
    said = f"expected {_outcome(one.expected.value)}, was {_outcome(_was(one))}"
    message = one.evaluation.message
    _say(console, f"{said}{': ' if message else ''}{escape(message)}", 5)
    inputs = ", ".join(
        f"{name} = {'unread' if value is None else value or 'blank'}"
        for name, value in one.evaluation.inputs.items()
    )
    if inputs:
        _say(console, f"[dim]{escape(inputs)}[/]", 5)


def _was(one: Tried) -> str:
    if not one.evaluation.applies and one.trial is Trial.PASSING:
        return "a rule that does not apply"
    return one.evaluation.outcome.value


def _outcome(word: str) -> str:
    return word.replace("_", " ")


def _tried_json(one: Tried) -> dict[str, Any]:
    return {
        "rule": one.rule_id,
        "year": one.year,
        "trial": _LACKS[one.trial],
        "example": one.example,
        "place": one.place,
        "expected": one.expected.value,
        "outcome": one.evaluation.outcome.value,
        "message": one.evaluation.message,
        "inputs": one.evaluation.inputs,
    }


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _say(console: Console, text: str, indent: int = 0) -> None:
    console.print(Padding(text, (0, 0, 0, indent)), highlight=False)


def _say_more(console: Console, count: int) -> None:
    if count > _SHOWN:
        _say(console, f"… and {count - _SHOWN} more; --json has all.", 2)

"""A department's `examples/` and `cases/`, read: what proves its rules, with every mistake named.

`examples/*.yaml` hold complete returns (a list under `examples`), `cases/*.yaml` what each rule
says of them when something in them is changed (a list under `cases`). Nothing of this is needed
to read or validate returns, so it is read apart from the department.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.department import Department
from schemas.errors import ConfigurationError
from schemas.forms import FormDefinition, Frozen
from schemas.packs import FolderReader
from schemas.rule_cases import BESIDE, ExampleReturn, Resolver, RuleCase
from schemas.rules import RuleDefinition
from schemas.words import suggest
from schemas.yaml_lines import YamlDocument

Place = tuple[str | int, ...]


class CaseBook(Frozen):
    """All example returns and cases of one department."""

    examples: tuple[ExampleReturn, ...] = ()
    cases: tuple[RuleCase, ...] = ()

    def example(self, name: str) -> ExampleReturn:
        return next(it for it in self.examples if it.name == name)


def rules_of(department: Department, case: RuleCase) -> dict[int, RuleDefinition]:
    """The versions of the case's rule by the tax years in which the case is tried."""
    found = {}
    for rule in department.rules:
        if rule.id == case.rule:
            for year in range(rule.years.first, rule.years.last + 1):
                if (not case.years or year in case.years) and department.form(rule.form, year):
                    found[year] = rule
    return dict(sorted(found.items()))


def definitions_of(department: Department, year: int) -> dict[str, FormDefinition]:
    """The forms of one tax year, by name."""
    return {it.form: it for it in department.forms if it.year == year}


def load_cases(department: Department) -> CaseBook:
    """What proves the department's rules; empty where it has nothing of the kind.

    Raises:
        ConfigurationError: with all mistakes of all files at once, each with file and line.
    """
    return _CaseReader(department).load_book()


class _CaseReader(FolderReader):
    """Reads examples and cases, and holds every name in them to the department's forms."""

    def __init__(self, department: Department) -> None:
        super().__init__(department.folder)
        self._department = department
        self._years = sorted({it.year for it in department.forms})
        self._rule_ids = {it.id for it in department.rules}

    def load_book(self) -> CaseBook:
        examples: dict[str, ExampleReturn] = {}
        for file, document, place, item in self._items("examples"):
            example = self._model(ExampleReturn, document, place, item)
            if example is None:
                continue
            if example.name in examples:
                line = document.line_of((*place, "name"))
                self._problem(file, line, f"example {example.name} is defined twice")
            examples[example.name] = example
            self._check_example(example, document, place)
        cases = []
        for file, document, place, item in self._items("cases"):
            extra: dict[str, Any] = {
                "file": file.relative_to(self.folder).as_posix(),
                "at_line": document.line_of(place),
            }
            case = self._model(RuleCase, document, place, item, extra)
            if case is not None:
                cases.append(case)
                self._check_case(case, examples, document, place)
        if self.problems:
            raise ConfigurationError(sorted(self.problems, key=lambda it: (it.file, it.line)))
        return CaseBook(examples=tuple(examples.values()), cases=tuple(cases))

    def _check_example(self, example: ExampleReturn, document: YamlDocument, place: Place) -> None:
        found = _Found()
        for year in example.years:
            definitions = definitions_of(self._department, year)
            if not definitions:
                message = f"the department has no forms of {year}"
                self._problem(document.file, document.line_of((*place, "years")), message)
                continue
            for form, fields in example.of_year(year).items():
                if form not in definitions:
                    if fields:
                        known = suggest(form, definitions)
                        found.add((*place, "forms", form), f"no form {form!r}{known}", year)
                    continue
                resolver = Resolver(year, definitions)
                resolver.resolve(form, fields)
                for key, message in resolver.mistakes:
                    found.add((*place, "forms", form, key), message, year)
        self._tell(found, document, example.years)

    def _check_case(
        self,
        case: RuleCase,
        examples: Mapping[str, ExampleReturn],
        document: YamlDocument,
        place: Place,
    ) -> None:
        def wrong(key: str, message: str) -> None:
            self._problem(document.file, document.line_of((*place, key)), message)

        if case.rule not in self._rule_ids:
            wrong("rule", f"no rule {case.rule}{suggest(case.rule, self._rule_ids)}")
            return
        if case.example not in examples:
            wrong("example", f"no example {case.example!r}{suggest(case.example, examples)}")
            return
        example = examples[case.example]
        rules = rules_of(self._department, case)
        for year in case.years:
            if year not in rules or year not in example.years:
                wrong(
                    "years", f"rule {case.rule} and example {example.name} do not both have {year}"
                )
        tried = [year for year in rules if year in example.years]
        if not tried and not case.years:
            wrong("example", f"rule {case.rule} and example {example.name} have no year in common")
        found = _Found()
        for year in tried:
            resolver = Resolver(year, definitions_of(self._department, year))
            for part, changes in parts_of(case).items():
                resolver.mistakes.clear()
                resolved = resolver.resolve(rules[year].form, changes)
                for key, message in resolver.mistakes:
                    where = (*place, part, *_inside(changes, key))
                    found.add(where, message, year)
                if resolved.beside_year not in (None, *example.years):
                    message = f"example {example.name} is not of {resolved.beside_year}"
                    found.add((*place, part, BESIDE), message, year)
        self._tell(found, document, tried)

    def _tell(self, found: _Found, document: YamlDocument, years: Any) -> None:
        for (place, message), wrong in found.years.items():
            only = "" if len(wrong) == len(years) else f" (in {', '.join(map(str, wrong))})"
            self._problem(Path(document.file), document.line_of(place), f"{message}{only}")


def parts_of(case: RuleCase) -> dict[str, dict[str, Any]]:
    """The case's changes, by the key that they stand under."""
    parts = {"given": case.given, "passes": case.passes}
    for name in ("fails", "boundary", "not_evaluated"):
        changes = getattr(case, name)
        if changes is not None:
            parts[name] = changes
    if case.total is not None:
        parts["total"] = {case.total: 0}
    return parts


def _inside(changes: Mapping[str, Any], key: str) -> Place:
    """Where the key stands: among the changes, or those of the return beside."""
    return (key,) if key in changes else (BESIDE, key)


class _Found:
    """Mistakes by place, with the years in which they are that."""

    def __init__(self) -> None:
        self.years: dict[tuple[Place, str], list[int]] = {}

    def add(self, place: Place, message: str, year: int) -> None:
        self.years.setdefault((place, message), []).append(year)

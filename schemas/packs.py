"""A department's folder, read: settings, forms, rules and parameters, with every problem named.

Layout of the folder: `department.yaml`, `forms/<form>/<year>.yaml` (one form definition each),
`rules/*.yaml` (a list under `rules`), `parameters/*.yaml` (a list under `parameters`). What proves
the rules, `examples/` and `cases/`, is read by `schemas.case_files`, and only by who asks for it.
What only a drawn page or the blank itself can tell is checked in `extractors`, not here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from schemas.department import Department, DepartmentSettings, Parameter
from schemas.errors import ConfigurationError, Problem
from schemas.expectations import expectation_problems
from schemas.forms import FormDefinition
from schemas.policy_checks import Place, field_problems, rule_problems
from schemas.rules import RuleDefinition
from schemas.yaml_lines import YamlDocument, YamlProblem, read_yaml

BUILT_IN = Path(__file__).resolve().parents[1] / "departments"
"""The departments that come with the code."""

SETTINGS_FILE = "department.yaml"

Model = TypeVar("Model", bound=BaseModel)

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def known_departments(search: Sequence[Path] = ()) -> dict[str, Path]:
    """Name → folder of every department that can be loaded by name, the first one found winning."""
    known: dict[str, Path] = {}
    for parent in (*search, BUILT_IN):
        for settings in sorted(parent.glob(f"*/{SETTINGS_FILE}")):
            known.setdefault(settings.parent.name, settings.parent)
    return known


def find_department(name: str | Path, search: Sequence[Path] = ()) -> Path:
    """The folder of a department, by its name or given as a folder.

    Names are looked up in `search` first, then among the built-in departments; a department
    of ours can so be replaced by a department's own copy.

    Raises:
        ConfigurationError: there is none; the message names those that are known.
    """
    known = known_departments(search)
    if isinstance(name, str) and _PLAIN_NAME.fullmatch(name) and name in known:
        return known[name]
    folder = Path(name)
    if (folder / SETTINGS_FILE).is_file():
        return folder
    names = ", ".join(sorted(known)) or "none"
    why = (
        f"the folder has no {SETTINGS_FILE}" if folder.is_dir() else "no such department or folder"
    )
    raise ConfigurationError([Problem(str(name), 0, f"{why}; known departments: {names}")])


def load_department(name: str | Path, search: Sequence[Path] = ()) -> Department:
    """Everything that a department's folder says, as one frozen model.

    Raises:
        ConfigurationError: with all problems of all files at once, each with file and line.
    """
    folder = find_department(name, search)
    return FolderReader(folder).load()


def load_settings(folder: Path) -> DepartmentSettings:
    """Only `department.yaml`, for work on a folder whose forms are still wrong.

    Raises:
        ConfigurationError: with all problems of that file.
    """
    reader = FolderReader(folder)
    settings = reader.settings()
    if settings is None:
        raise ConfigurationError(reader.problems)
    return settings


class FolderReader:
    """Reads one folder and gathers what is wrong instead of stopping at the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []

    def load(self) -> Department:
        settings = self.settings()
        before = len(self.problems)
        forms = self._forms()
        sound_forms, before = len(self.problems) == before, len(self.problems)
        rules = self._rules({definition.form for _, definition in forms})
        sound_rules = len(self.problems) == before
        parameters = self._parameters()
        if settings is not None:
            self._check_main_form(settings, [definition for _, definition in forms])
            # What was not read is not there: nothing can be said of whoever speaks of it.
            if sound_forms:
                definitions = [definition for _, definition in forms]
                self._say(field_problems(settings.decisions, definitions))
                main = [one for one in definitions if one.form == settings.main_form]
                self._say(expectation_problems(settings.expectations, main), "expectations")
            if sound_rules:
                self._say(rule_problems(settings.decisions, rules))
        if self.problems or settings is None:
            raise ConfigurationError(sorted(self.problems, key=lambda it: (it.file, it.line)))
        order = sorted((form for _, form in forms), key=lambda it: (it.year, it.sequence, it.form))
        return Department(
            settings=settings,
            folder=self.folder,
            forms=tuple(order),
            rules=tuple(rules),
            parameters=tuple(parameters),
        )

    def settings(self) -> DepartmentSettings | None:
        document = self._read(self.folder / SETTINGS_FILE)
        return None if document is None else self._model(DepartmentSettings, document)

    def _forms(self) -> list[tuple[Path, FormDefinition]]:
        found: list[tuple[Path, FormDefinition]] = []
        for file in self._files("forms"):
            parts = file.relative_to(self.folder / "forms").parts
            if len(parts) != 2 or not re.fullmatch(r"\d{4}\.yaml", parts[1]):
                self._problem(file, 0, "a form's file is forms/<form>/<year>.yaml")
                continue
            document = self._read(file)
            if document is None:
                continue
            definition = self._model(FormDefinition, document)
            if definition is None:
                continue
            for key, said, expected in (
                ("form", definition.form, parts[0]),
                ("year", str(definition.year), parts[1][:4]),
            ):
                if said != expected:
                    line = document.line_of((key,))
                    self._problem(file, line, f"{key} is {said}, the file's place says {expected}")
            found.append((file, definition))
        return found

    def _rules(self, forms: set[str]) -> list[RuleDefinition]:
        rules: list[RuleDefinition] = []
        for file, document, place, item in self._items("rules"):
            place_in_pack = file.relative_to(self.folder).as_posix()
            extra: dict[str, Any] = {"file": place_in_pack, "at_line": document.line_of(place)}
            rule = self._model(RuleDefinition, document, place, item, extra)
            if rule is None:
                continue
            if rule.form not in forms:
                line = document.line_of((*place, "form"))
                known = ", ".join(sorted(forms)) or "none"
                self._problem(
                    file, line, f"rule {rule.id}: no form {rule.form}; known forms: {known}"
                )
            for other in rules:
                shared = max(rule.years.first, other.years.first) <= min(
                    rule.years.last, other.years.last
                )
                if other.id == rule.id and shared:
                    self._problem(
                        file,
                        document.line_of((*place, "id")),
                        f"rule {rule.id} is already at {other.file}:{other.at_line}"
                        " for some of the same years",
                    )
            rules.append(rule)
        return rules

    def _parameters(self) -> list[Parameter]:
        parameters: dict[str, Parameter] = {}
        for file, document, place, item in self._items("parameters"):
            parameter = self._model(Parameter, document, place, item)
            if parameter is None:
                continue
            if parameter.name in parameters:
                line = document.line_of((*place, "name"))
                self._problem(file, line, f"parameter {parameter.name} is defined twice")
            parameters[parameter.name] = parameter
        return list(parameters.values())

    def _check_main_form(
        self, settings: DepartmentSettings, forms: Iterable[FormDefinition]
    ) -> None:
        for definition in forms:
            if definition.main != (definition.form == settings.main_form):
                file = self.folder / "forms" / definition.form / f"{definition.year}.yaml"
                said = "true" if definition.main else "false"
                self._problem(
                    file, 0, f"main is {said}, but the department's main form is "
                    f"{settings.main_form}"
                )  # fmt: skip

    def _say(self, found: Iterable[tuple[Place, str]], part: str = "decisions") -> None:
        """Problems of a part of `department.yaml`, at their lines."""
        file = self.folder / SETTINGS_FILE
        for place, message in found:
            line = read_yaml(file).line_of((part, *place))
            dotted = ".".join(str(one) for one in place)
            self._problem(file, line, f"{part}.{dotted}: {message}")

    def _items(self, key: str) -> Iterator[tuple[Path, YamlDocument, tuple[str | int, ...], Any]]:
        """The items of the list under `key` in every file of the folder `key`."""
        for file in self._files(key):
            document = self._read(file)
            if document is None:
                continue
            data = document.data
            if not isinstance(data, dict) or not isinstance(data.get(key), list):
                self._problem(file, 1, f"expected a list under the key {key!r}")
                continue
            for other in data:
                if other != key:
                    self._problem(file, document.line_of((other,)), f"unknown key {other!r}")
            for index, item in enumerate(data[key]):
                yield file, document, (key, index), item

    def _files(self, kind: str) -> list[Path]:
        """Configuration files of one kind; a `.yml` is read, not silently passed over."""
        found = (self.folder / kind).rglob("*.y*ml")
        return sorted(path for path in found if path.suffix in (".yaml", ".yml"))

    def _read(self, file: Path) -> YamlDocument | None:
        try:
            return read_yaml(file)
        except YamlProblem as error:
            self._problem(file, error.line, error.message)
            return None

    def _model(
        self,
        model: type[Model],
        document: YamlDocument,
        place: tuple[str | int, ...] = (),
        item: Any = None,
        extra: dict[str, Any] | None = None,
    ) -> Model | None:
        data = item if place else document.data
        if not isinstance(data, dict):
            self._problem(document.file, document.line_of(place), "expected keys and values")
            return None
        for key in extra or {}:
            if key in data:
                line = document.line_of((*place, key))
                self._problem(document.file, line, f"unknown key {key!r}")
        try:
            return model.model_validate({**data, **(extra or {})})
        except ValidationError as error:
            for one in error.errors(include_url=False, include_input=False):
                where = (*place, *one["loc"])
                self._problem(document.file, document.line_of(where), _explain(one["loc"], one))
            return None

    def _problem(self, file: Path, line: int, message: str) -> None:
        self.problems.append(Problem(str(file), line, message))


def _explain(place: tuple[str | int, ...], error: Any) -> str:
    """Pydantic's words, shortened for whoever wrote the file."""
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    if error["type"] == "extra_forbidden":
        return f"unknown key {dotted.lstrip('.')}"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "string_type":
        message = "must be text: put it in quotes"
    return f"{dotted.lstrip('.')}: {message}" if place else message

"""What must hold among the definitions of a department, beyond each one by itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from schemas.department import Department
from schemas.errors import Problem
from schemas.forms import FieldDefinition, FieldKind, FormDefinition, PageDefinition
from schemas.yaml_lines import YamlDocument, YamlProblem, read_yaml

OVERLAP_LIMIT = 0.10
"""Share of the smaller box that two boxes may have in common: widgets touch and round."""

Place = tuple[str | int, ...]


class DefinitionFiles:
    """Where a piece of a definition is written, for messages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: Callable[[Path], YamlDocument | None] = cache(_read_or_none)

    def file(self, definition: FormDefinition) -> Path:
        return self.folder / "forms" / definition.form / f"{definition.year}.yaml"

    def problem(self, definition: FormDefinition, place: Place, message: str) -> Problem:
        file = self.file(definition)
        document = self._read(file)
        return Problem(str(file), document.line_of(place) if document else 0, message)


def check_definitions(department: Department) -> list[Problem]:
    """Overlapping boxes, groups that make no sense, and names that years do not agree on."""
    files = DefinitionFiles(department.folder)
    problems: list[Problem] = []
    by_form: dict[str, list[FormDefinition]] = defaultdict(list)
    for definition in department.forms:
        by_form[definition.form].append(definition)
        problems += _check_pages(definition, files)
        problems += _check_groups(definition, files)
    for years in by_form.values():
        problems += _check_years(years, files)
    return sorted(problems, key=lambda it: (it.file, it.line))


def _check_pages(definition: FormDefinition, files: DefinitionFiles) -> Iterable[Problem]:
    numbers = [page.number for page in definition.pages]
    if numbers != list(range(1, len(numbers) + 1)):
        yield files.problem(definition, ("pages",), f"pages are numbered {numbers}")
    for index, page in enumerate(definition.pages):
        for first, second in _overlaps(page):
            one, other = page.fields[first], page.fields[second]
            place: Place = ("pages", index, "fields", second)
            yield files.problem(
                definition, place, f"{other.name}: box overlaps that of {one.name}"
            )  # fmt: skip


def _overlaps(page: PageDefinition) -> Iterable[tuple[int, int]]:
    """Pairs of fields by position in the page; the later one in the file second."""
    order = sorted(range(len(page.fields)), key=lambda it: page.fields[it].box.y0)
    for position, first in enumerate(order):
        one = page.fields[first].box
        for second in order[position + 1 :]:
            other = page.fields[second].box
            if other.y0 >= one.y1:
                break
            smaller = min(one.width * one.height, other.width * other.height)
            if one.overlap(other) > OVERLAP_LIMIT * smaller:
                yield min(first, second), max(first, second)


def _check_groups(definition: FormDefinition, files: DefinitionFiles) -> Iterable[Problem]:
    groups: dict[str, list[tuple[Place, FieldDefinition]]] = defaultdict(list)
    names = {field.name for field in definition.fields()}
    for index, page in enumerate(definition.pages):
        for number, field in enumerate(page.fields):
            if field.kind is FieldKind.CHOICE and field.group:
                groups[field.group].append((("pages", index, "fields", number), field))
    for group, members in groups.items():
        place = members[0][0]
        options = [field.option for _, field in members]
        if len(members) < 2:
            yield files.problem(definition, place, f"group {group} has only one choice")
        if len(set(options)) < len(options):
            yield files.problem(definition, place, f"group {group} has an option twice: {options}")
        if group in names:
            yield files.problem(definition, place, f"group {group} has the name of a field")


def _check_years(years: Sequence[FormDefinition], files: DefinitionFiles) -> Iterable[Problem]:
    """Every year has every name, or says that it is absent; and means the same kind by it."""
    seen: dict[str, tuple[int, FieldDefinition]] = {}
    for definition in years:
        for field in definition.fields():
            seen.setdefault(field.name, (definition.year, field))
    for definition in years:
        here = {field.name: field for field in definition.fields()}
        for name in sorted(seen.keys() - here.keys() - set(definition.absent)):
            yield files.problem(
                definition,
                ("pages",),
                f"{name} is a field in {seen[name][0]}, "
                f"but neither defined nor listed under absent in {definition.year}",
            )
        for position, name in enumerate(definition.absent):
            if name not in seen:
                place: Place = ("absent", position)
                yield files.problem(
                    definition, place, f"absent {name} is a field of no other year: misspelt?"
                )
        for name, field in here.items():
            year, other = seen[name]
            if (field.kind, field.group, field.option) != (other.kind, other.group, other.option):
                yield files.problem(
                    definition,
                    _place_of(definition, name),
                    f"{name} is {_meaning(field)}, but {_meaning(other)} in {year}",
                )


def _place_of(definition: FormDefinition, name: str) -> Place:
    for index, page in enumerate(definition.pages):
        for number, field in enumerate(page.fields):
            if field.name == name:
                return ("pages", index, "fields", number)
    return ()


def _meaning(field: FieldDefinition) -> str:
    if field.kind is FieldKind.CHOICE:
        return f"the choice {field.option} of {field.group}"
    return f"of kind {field.kind.value}"


def _read_or_none(file: Path) -> YamlDocument | None:
    try:
        return read_yaml(file)
    except YamlProblem:
        return None

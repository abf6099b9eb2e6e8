"""What the names in a rule mean in one tax year: fields, choice groups, families, forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind
from schemas.words import suggest as suggest  # the language's own files take it from here

STATUS_GROUP = "filing_status"
"""The choice group of the main form by which numbers of the law are chosen."""

RETURN_FACTS = ("tax_year", "form_count", "missing_pages", "other_year_forms")

_ANYTHING = r"[a-z0-9]+(?:_[a-z0-9]+)*"


class ValueKind(StrEnum):
    """The types of the language. `ANY` stands for what an error has been told of already."""

    AMOUNT = "an amount"
    NUMBER = "a number"
    TEXT = "a text"
    BOOL = "yes or no"
    DATE = "a date"
    TABLE = "a table"
    ANY = "anything"


@dataclass(frozen=True, order=True)
class Column:
    """One thing that is known of a return: `kind` is field, form, page or return."""

    kind: str
    form: str
    name: str

    @property
    def key(self) -> str:
        """Its name in frames: `form_1040.wages`, `has schedule_1`."""
        if self.kind == "field":
            return f"{self.form}.{self.name}"
        return f"{self.kind} {self.form} {self.name}".replace("  ", " ").strip()


def value_kind(kind: FieldKind) -> ValueKind:
    """The language's type of a field."""
    if kind is FieldKind.AMOUNT:
        return ValueKind.AMOUNT
    if kind is FieldKind.COUNT:
        return ValueKind.NUMBER
    if kind is FieldKind.DATE:
        return ValueKind.DATE
    return ValueKind.BOOL if kind.is_mark else ValueKind.TEXT


@dataclass(frozen=True)
class Group:
    """A choice group: its boxes by what marking them means."""

    form: str
    name: str
    options: dict[str, FieldDefinition]


class FormNames:
    """Names of one form in one year."""

    def __init__(self, form: str, fields: dict[str, tuple[FieldDefinition, int]]) -> None:
        self.form = form
        self.fields = {name: field for name, (field, _) in fields.items()}
        self.page_of = {name: page for name, (_, page) in fields.items()}
        self.pages = set(self.page_of.values())
        self.groups: dict[str, Group] = {}
        for field in self.fields.values():
            if field.group and field.option:
                group = self.groups.setdefault(field.group, Group(form, field.group, {}))
                group.options[field.option] = field

    def family(self, pattern: str) -> dict[str, FieldDefinition]:
        """What the `*` stands for → the field, without those printed as reserved."""
        head, _, tail = pattern.partition("*")
        compiled = re.compile(re.escape(head) + f"({_ANYTHING})" + re.escape(tail))
        found = {}
        for name, field in self.fields.items():
            match = compiled.fullmatch(name)
            if match and not field.reserved:
                found[match[1]] = field
        return found


class Scope:
    """Every form of the department in one tax year."""

    def __init__(self, department: Department, year: int) -> None:
        self.year = year
        self.main_form = department.settings.main_form
        self.currency = department.settings.currency
        self.forms: dict[str, FormNames] = {}
        for definition in department.forms:
            if definition.year == year:
                fields = {
                    field.name: (field, page.number)
                    for page in definition.pages
                    for field in page.fields
                }
                names = FormNames(definition.form, fields)
                names.pages = {page.number for page in definition.pages}
                self.forms[definition.form] = names
        self.all_forms = sorted({definition.form for definition in department.forms})
        self.parameters = {parameter.name: parameter for parameter in department.parameters}

    @property
    def statuses(self) -> Group | None:
        """The filing statuses of this year's main form."""
        main = self.forms.get(self.main_form)
        return main.groups.get(STATUS_GROUP) if main else None


def describe_field(field: FieldDefinition, form: str | None = None) -> str:
    """For people: `line 9 (total income)`, with the form's name where it is another one."""
    words = field.name.replace("_", " ")
    said = f"line {field.line} ({words})" if field.line else words
    return f"{said} of {describe_form(form)}" if form else said


def describe_form(form: str) -> str:
    """`schedule_8812` → `Schedule 8812`."""
    head, _, rest = form.partition("_")
    return f"{head.capitalize()} {rest.replace('_', ' ').upper()}".strip()

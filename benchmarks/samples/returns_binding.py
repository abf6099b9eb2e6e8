"""From printed lines to the fields of a form definition.

The figures know lines as printed (`25d`); the definitions say which field stands there. A line
with several fields is told apart by kind, by place in a list (`1:2`: the second row of line 1)
or by `#` (the count beside the amount: `16b#`).
"""

from __future__ import annotations

from datetime import date

from benchmarks.samples.arithmetic_ledger import Ledger
from benchmarks.samples.returns_writing import (
    MARK,
    Habits,
    Written,
    holds_amount,
    write_amount,
    write_count,
    write_date,
    write_identifier,
    write_text,
)
from schemas.errors import ConfigurationError, Problem
from schemas.forms import FieldDefinition, FieldKind, FormDefinition

Fields = dict[str, Written]
"""Field name → what stands there."""


class Binder:
    """Finds fields of one form definition by their printed line."""

    def __init__(self, definition: FormDefinition) -> None:
        self.definition = definition
        self.by_name = {field.name: field for field in definition.fields()}
        self._by_line: dict[str, list[FieldDefinition]] = {}
        for field in definition.fields():
            if field.line and not field.reserved:
                self._by_line.setdefault(field.line.lower(), []).append(field)

    def amount(self, line: str) -> FieldDefinition:
        """The field for a figure on that line.

        Raises:
            ConfigurationError: the definition has none there.
        """
        printed, _, place = line.partition(":")
        fields = [field for field in self._on(printed.rstrip("#")) if holds_amount(field)]
        if place:
            fields = fields[int(place) - 1 :]
        elif len(fields) > 1:
            wanted = FieldKind.COUNT if line.endswith("#") else FieldKind.AMOUNT
            fields = [field for field in fields if field.kind is wanted]
        return self._first(fields, line)

    def text(self, line: str) -> FieldDefinition:
        printed, _, place = line.partition(":")
        kinds = (FieldKind.TEXT, FieldKind.NAME, FieldKind.DATE, FieldKind.TAXPAYER_ID)
        fields = [field for field in self._on(printed) if field.kind in kinds]
        return self._first(fields[int(place or 1) - 1 :], line)

    def mark(self, line: str, answer: bool) -> FieldDefinition | None:
        """The box to tick for yes or no; none where a lone box is left alone."""
        fields = self._on(line)
        choices = [field for field in fields if field.kind is FieldKind.CHOICE]
        if choices:
            group = [field for field in choices if field.group == choices[0].group]
            option = "yes" if answer else "no"
            return self._first([field for field in group if field.option == option], line)
        boxes = [field for field in fields if field.kind is FieldKind.CHECKBOX]
        return self._first(boxes, line) if answer else None

    def _on(self, line: str) -> list[FieldDefinition]:
        return self._by_line.get(line.lower(), [])

    def _first(self, fields: list[FieldDefinition], line: str) -> FieldDefinition:
        if not fields:
            where = f"{self.definition.form}/{self.definition.year}.yaml"
            raise ConfigurationError(
                [Problem(where, 0, f"no field for what the samples write on line {line}")]
            )
        return fields[0]


def bind_figures(ledger: Ledger, binder: Binder, habits: Habits) -> Fields:
    """Everything that the ledger holds for one form, as the filer writes it.

    A zero is left out unless the form asks for it or the filer fills every line.
    """
    form = binder.definition.form
    fields: Fields = {}
    for (owner, line), amount in ledger.amounts.items():
        if owner != form:
            continue
        asked = (owner, line) in ledger.answers
        if amount == 0 and not asked and not habits.fills_zeros:
            continue
        field = binder.amount(line)
        counted = field.kind is FieldKind.COUNT
        fields[field.name] = write_count(int(amount)) if counted else write_amount(amount, habits)
    for (owner, line), text in ledger.texts.items():
        if owner == form:
            field = binder.text(line)
            fields[field.name] = _write_by_kind(field, text, habits)
    for (owner, line), answer in ledger.marks.items():
        ticked = binder.mark(line, answer) if owner == form else None
        if ticked is not None:
            fields[ticked.name] = MARK
    return fields


def _write_by_kind(field: FieldDefinition, text: str, habits: Habits) -> Written:
    """Dates come in ISO form, identifiers as digits."""
    if field.kind is FieldKind.DATE:
        return write_date(date.fromisoformat(text), habits)
    if field.kind is FieldKind.TAXPAYER_ID:
        return write_identifier(text, habits, field)
    return write_text(text, habits)

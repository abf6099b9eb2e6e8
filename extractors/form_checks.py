"""Definitions held against their blanks: is every widget defined, once, and where it is?"""

from __future__ import annotations

from collections import Counter

from extractors.blanks import blank_path
from extractors.drafting.widgets import Widget, read_widgets
from schemas.department import Department
from schemas.errors import BlankMissingError, DocumentError, Problem
from schemas.form_checks import DefinitionFiles
from schemas.forms import Box, FieldDefinition, FormDefinition

_SIZE_TOLERANCE = 1.0
"""Points by which a page's size may differ from the blank's."""
_BOX_TOLERANCE = 1.5
"""Points by which an edge of a box may differ from its widget's."""

Key = tuple[int, str, str | None]
"""Page, full field name and export value: what tells one widget from another."""


def check_blanks(department: Department) -> list[Problem]:
    """Problems of all definitions with their blanks; a blank that is missing is one of them."""
    files = DefinitionFiles(department.folder)
    problems: list[Problem] = []
    for definition in department.forms:
        problems += check_blank(definition, files)
    return problems


def check_blank(definition: FormDefinition, files: DefinitionFiles) -> list[Problem]:
    """Problems of one definition with its blank: pages, sizes, widgets, boxes."""
    try:
        frames, widgets = read_widgets(blank_path(definition.blank, files.folder))
    except (BlankMissingError, DocumentError) as error:
        return [files.problem(definition, ("blank",), str(error))]
    problems: list[Problem] = []
    if len(frames) != len(definition.pages):
        message = f"{len(definition.pages)} pages are defined, the blank has {len(frames)}"
        problems.append(files.problem(definition, ("pages",), message))
    for index, (page, frame) in enumerate(zip(definition.pages, frames, strict=False)):
        wide, high = frame.size
        if max(abs(page.width - wide), abs(page.height - high)) > _SIZE_TOLERANCE:
            place = ("pages", index, "width")
            message = f"page {page.number} of the blank measures {wide:g} x {high:g} points"
            problems.append(files.problem(definition, place, message))
    return problems + _check_widgets(definition, widgets, files)


def _check_widgets(
    definition: FormDefinition, widgets: list[Widget], files: DefinitionFiles
) -> list[Problem]:
    problems: list[Problem] = []
    defined: Counter[Key] = Counter()
    known = {_widget_key(widget): widget for widget in widgets}
    for index, page in enumerate(definition.pages):
        for number, field in enumerate(page.fields):
            if field.source_field is None:
                continue
            place = ("pages", index, "fields", number)
            key = (page.number, field.source_field, field.export_value)
            defined[key] += 1
            widget = known.get(key)
            if widget is None:
                message = f"{field.name}: page {page.number} of the blank has no such field"
            elif defined[key] > 1:
                message = f"{field.name}: {field.source_field} is defined twice"
            elif not _fits(field, widget):
                message = f"{field.name}: the blank has its box at {list(widget.box)}"
            elif field.comb != _widget_cells(widget):
                message = f"{field.name}: the blank has comb {_widget_cells(widget)}"
            else:
                continue
            problems.append(files.problem(definition, place, message))
    problems += [
        files.problem(
            definition,
            ("pages",),
            f"page {widget.page}: the blank's field {widget.source_field}"
            f" at {list(widget.box)} is not defined",
        )
        for key, widget in known.items()
        if key not in defined
    ]
    return problems


def _widget_key(widget: Widget) -> Key:
    return (widget.page, widget.source_field, widget.export_value)


def _fits(field: FieldDefinition, widget: Widget) -> bool:
    """Whether the box is the widget's; of a mark also what an outline within the widget encloses.

    A box is empty until it is marked: a ring that is printed inside it would be ink.
    """
    box, whole = field.box, widget.box
    inside = whole.x0 <= box.x0 and whole.y0 <= box.y0 and box.x1 <= whole.x1 and box.y1 <= whole.y1
    return (field.kind.is_mark and inside) or _distance(box, whole) <= _BOX_TOLERANCE


def _distance(one: Box, other: Box) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _widget_cells(widget: Widget) -> int | None:
    return widget.max_length if widget.comb and (widget.max_length or 0) >= 2 else None

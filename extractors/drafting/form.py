"""From a fillable PDF to the draft of a form definition."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pdfplumber

from extractors.drafting.guesses import NameRegister, guess_kind, guess_name
from extractors.drafting.labels import (
    BesideBox,
    beside_mark,
    beside_text_box,
    column_head,
    row_text,
)
from extractors.drafting.landmarks import SizedWord, find_landmarks, heading
from extractors.drafting.widgets import PageFrame, Widget, WidgetType, read_widgets
from extractors.page_image import Word
from schemas.errors import DocumentError, RejectReason
from schemas.forms import (
    NAME_PATTERN,
    BlankReference,
    Box,
    FieldDefinition,
    FormDefinition,
    PageDefinition,
)


def draft_form(
    pdf: Path,
    form: str,
    year: int,
    blank: BlankReference,
    title: str | None = None,
    main: bool = False,
) -> FormDefinition:
    """Draft the definition of a form from its fillable blank.

    Boxes, combs, lengths, export values and groups are the PDF's own; labels, line numbers,
    kinds and names are guesses for a person to confirm.

    Raises:
        DocumentError: not a readable PDF, or one without anything to fill in.
    """
    frames, widgets = read_widgets(pdf)
    if not widgets:
        raise DocumentError(
            RejectReason.UNSUPPORTED_TYPE,
            "the PDF has no form fields: a definition can only be drafted from a fillable form",
            file=str(pdf),
        )
    printed = _printed_words(pdf)
    register = NameRegister()
    pages = tuple(
        _draft_page(number, frame, printed[number - 1], widgets, year, register)
        for number, frame in enumerate(frames, start=1)
    )
    first = heading(printed[0], frames[0].size[1])
    return FormDefinition(
        form=form,
        title=title or (first.text if first else form),
        year=year,
        main=main,
        sequence=_attachment_sequence(printed[0]),
        blank=blank,
        pages=pages,
    )


def reference_to(pdf: Path, folder: Path) -> BlankReference | None:
    """How a definition names this file: by the installed package that carries it, or beside it.

    None where it is neither part of a package nor below the department's folder.
    """
    sha256 = hashlib.sha256(pdf.read_bytes()).hexdigest()
    real = pdf.resolve()
    if real.is_relative_to(folder.resolve()):
        path = real.relative_to(folder.resolve()).as_posix()
        return BlankReference(path=path, sha256=sha256)
    for distribution in importlib.metadata.distributions():
        for file in distribution.files or ():
            # Comparing names first spares resolving some 50,000 paths.
            if file.name == real.name and Path(str(file.locate())).resolve() == real:
                package = distribution.metadata["Name"]
                return BlankReference(package=package, path=file.as_posix(), sha256=sha256)
    return None


def _printed_words(pdf: Path) -> list[list[SizedWord]]:
    """The words that each page prints; empty for pages without a text layer."""
    with pdfplumber.open(pdf) as document:
        return [[_sized(found) for found in _upright_words(page)] for page in document.pages]


def _upright_words(page: Any) -> list[dict[str, Any]]:
    # Small gaps set words apart on forms; letters of one word never differ in size.
    words = page.extract_words(x_tolerance_ratio=0.15, extra_attrs=["size"])
    return [word for word in words if word.get("upright", True)]


def _sized(found: dict[str, Any]) -> SizedWord:
    box = Box(*(round(float(found[key]), 2) for key in ("x0", "top", "x1", "bottom")))
    return SizedWord(Word(str(found["text"]), box), float(found["size"]))


def _draft_page(
    number: int,
    frame: PageFrame,
    printed: Sequence[SizedWord],
    widgets: Sequence[Widget],
    year: int,
    register: NameRegister,
) -> PageDefinition:
    here = [widget for widget in widgets if widget.page == number]
    words = [it.word for it in printed]
    groups = _mark_groups(here)
    beside = {id(widget): _beside(widget, here, words) for widget in here}
    choices: dict[int, tuple[str, str]] = {}
    for key, members in groups.items():
        if len(members) > 1:
            group = register.take(_group_name(members, words, key))
            for member, option in zip(members, _options(members, beside, words), strict=True):
                choices[id(member)] = (group, option)
    fields = [
        _draft_field(widget, beside[id(widget)], choices.get(id(widget)), register)
        for widget in here
    ]
    width, height = frame.size
    return PageDefinition(
        number=number,
        width=round(width, 2),
        height=round(height, 2),
        landmarks=find_landmarks(printed, year, height),
        fields=tuple(fields),
    )


def _beside(widget: Widget, here: Sequence[Widget], words: Sequence[Word]) -> BesideBox:
    if widget.type is WidgetType.MARK:
        others = [it.box for it in here if it is not widget]
        found = beside_mark(widget.box, words, others)
    else:
        # Marks stand in the middle of a line's words: they do not end the label.
        others = [it.box for it in here if it is not widget and it.type is not WidgetType.MARK]
        found = beside_text_box(widget.box, words, others)
    if not found.label and widget.tooltip:
        return BesideBox(widget.tooltip, found.line, found.in_row)
    return found


def _group_key(widget: Widget) -> str:
    """Marks of one AcroForm field belong together; so do XFA's `c1_01[0]` and `c1_01[1]`."""
    return re.sub(r"\[\d+\]$", "", widget.source_field)


def _mark_groups(widgets: Sequence[Widget]) -> dict[str, list[Widget]]:
    """Marks by group; marks that share their export value can all be marked: no choice."""
    groups: dict[str, list[Widget]] = {}
    for widget in widgets:
        if widget.type is WidgetType.MARK:
            groups.setdefault(_group_key(widget), []).append(widget)
    return {
        key: members
        for key, members in groups.items()
        if len({member.export_value for member in members}) == len(members)
    }


def _group_name(members: Sequence[Widget], words: Sequence[Word], key: str) -> str:
    first = min(members, key=lambda it: (it.box.y0, it.box.x0))
    return guess_name(row_text(first.box, words), _fallback(key))


def _options(
    members: Sequence[Widget], beside: Mapping[int, BesideBox], words: Sequence[Word]
) -> list[str]:
    """What marking each of a group means: from its label, else its column, else its number."""
    by_label = [guess_name(beside[id(it)].label, "") for it in members]
    by_column = [guess_name(column_head(it.box, words), "") for it in members]
    for options in (by_label, by_column):
        if all(options) and len(set(options)) == len(options):
            return options
    return [f"option_{number}" for number in range(1, len(members) + 1)]


def _draft_field(
    widget: Widget, beside: BesideBox, choice: tuple[str, str] | None, register: NameRegister
) -> FieldDefinition:
    group, option = choice or (None, None)
    kind = guess_kind(widget, beside, grouped=group is not None)
    name = guess_name(beside.label, _fallback(widget.source_field))
    if group is not None:
        name = f"{group}_{option}"
    return FieldDefinition(
        name=register.take(name),
        line=beside.line,
        label=beside.label,
        kind=kind,
        box=widget.box,
        source_field=widget.source_field,
        comb=widget.max_length if widget.comb and (widget.max_length or 0) >= 2 else None,
        max_length=widget.max_length,
        group=group,
        option=option,
        export_value=widget.export_value,
        reserved=widget.read_only,
    )


def _fallback(source_field: str) -> str:
    """A name out of the AcroForm's own: `topmostSubform[0].Page1[0].f1_01[0]` → `f1_01`."""
    last = source_field.rsplit(".", 1)[-1]
    plain = re.sub(r"\[\d+\]$", "", last)
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", "_", plain).strip("_").lower()
    return plain if NAME_PATTERN.fullmatch(plain) else f"field_{plain}".strip("_")


def _attachment_sequence(words: Sequence[SizedWord]) -> int:
    """The IRS prints `Attachment Sequence No. 01` at the head of a schedule; 0 elsewhere."""
    text = " ".join(it.word.text for it in words)
    match = re.search(r"Sequence\s*No\.?\s*(\d{1,3})", text)
    return int(match[1]) if match else 0

"""Sheets to train on: pieces of official blanks around their fields, packed close together.

A page of a form is mostly print between few fields. Cut out with their surroundings and packed
on a smaller canvas, fields cost a sixth of the time to fill in, scan and lift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractors.blank_page import BlankPage
from extractors.blanks import blank_path, render_blank
from extractors.page_image import CANVAS_SCALE, Gray
from extractors.pdf_forms import draw_with_fields
from schemas.department import Department
from schemas.forms import Box, FieldDefinition, PageDefinition

AROUND = 34
"""Canvas pixels of the form kept around a field: rulings and words that residue comes from."""
WIDTH = 1500
HEIGHT = 1500
"""Canvas pixels of a sheet."""
_TRIED = 70
"""Pieces that are tried a sheet."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A rectangle of a blank with all fields that lie in it; boxes in its own canvas pixels."""

    gray: Gray
    with_fields: Gray
    """The same with the borders and dividers that the PDF's empty form fields draw."""
    fields: tuple[tuple[FieldDefinition, tuple[float, float, float, float]], ...]

    @property
    def size(self) -> tuple[int, int]:
        return self.gray.shape[1], self.gray.shape[0]


def cut_pieces(department: Department) -> list[Piece]:
    """All pieces of a department's blanks: fields that lie close together stay together."""
    pieces: list[Piece] = []
    for form in department.forms:
        path = blank_path(form.blank, department.folder)
        for page in form.pages:
            gray = render_blank(form, page.number, department.folder)
            pieces += _pieces_of(gray, _full(path, page.number, gray), page)
    return pieces


def _full(path: Path, number: int, gray: Gray) -> Gray:
    full = draw_with_fields(path, number)
    height, width = (min(a, b) for a, b in zip(gray.shape, full.shape, strict=True))
    darker = gray.copy()
    darker[:height, :width] = np.minimum(darker[:height, :width], full[:height, :width])
    return darker


def _pieces_of(gray: Gray, full: Gray, page: PageDefinition) -> list[Piece]:
    fields = [one for one in page.fields if not one.kind.is_mark and not one.reserved]
    groups: list[tuple[Box, list[FieldDefinition]]] = []
    for field in fields:
        box = _around(field, gray)
        near = [group for group in groups if _touch(group[0], box)]
        merged = [field, *(one for group in near for one in group[1])]
        whole = _union([box, *(group[0] for group in near)])
        if whole.width > WIDTH - 8 or whole.height > HEIGHT - 8:
            near, merged, whole = [], [field], box
            if whole.width > WIDTH - 8 or whole.height > HEIGHT - 8:
                continue
        groups = [group for group in groups if group not in near]
        groups.append((whole, merged))
    pieces = []
    for box, members in groups:
        x0, y0, x1, y1 = (int(edge) for edge in box)
        inside = tuple((field, _moved(field, x0, y0)) for field in members)
        pieces.append(Piece(gray[y0:y1, x0:x1].copy(), full[y0:y1, x0:x1].copy(), inside))
    return pieces


def _around(field: FieldDefinition, gray: Gray) -> Box:
    height, width = gray.shape
    x0, y0, x1, y1 = (edge * CANVAS_SCALE for edge in field.box)
    return Box(
        max(round(x0) - AROUND, 0),
        max(round(y0) - AROUND, 0),
        min(round(x1) + AROUND, width),
        min(round(y1) + AROUND, height),
    )


def _touch(one: Box, other: Box) -> bool:
    return one.overlap(other) > 0


def _union(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )


def _moved(field: FieldDefinition, x: float, y: float) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (edge * CANVAS_SCALE for edge in field.box)
    return x0 - x, y0 - y, x1 - x, y1 - y


def make_sheet(pieces: Sequence[Piece], rng: np.random.Generator) -> BlankPage:
    """Random pieces on one canvas, as a blank page of its own with their fields on it."""
    gray = np.full((HEIGHT, WIDTH), 255, np.uint8)
    full = gray.copy()
    fields: list[FieldDefinition] = []
    chosen = [pieces[int(index)] for index in rng.permutation(len(pieces))[:_TRIED]]
    for piece, x, y in _packed(chosen):
        wide, high = piece.size
        gray[y : y + high, x : x + wide] = piece.gray
        full[y : y + high, x : x + wide] = piece.with_fields
        for field, box in piece.fields:
            moved = Box(*((edge + (x, y)[at % 2]) / CANVAS_SCALE for at, edge in enumerate(box)))
            name = f"{field.name}_at_{len(fields)}"
            fields.append(field.model_copy(update={"name": name, "box": moved}))
    page = PageDefinition(
        number=1,
        width=WIDTH / CANVAS_SCALE,
        height=HEIGHT / CANVAS_SCALE,
        fields=tuple(fields),
    )
    return BlankPage("sheet", 2000, page, lambda: gray, lambda: full)


def _packed(pieces: Sequence[Piece]) -> list[tuple[Piece, int, int]]:
    """Pieces and their places (left, top): columns of one width, each filled from above."""
    placed: list[tuple[Piece, int, int]] = []
    columns: list[list[int]] = []  # left, width, used height
    for piece in pieces:
        wide, high = piece.size
        for column in columns:
            if wide <= column[1] and column[2] + high + 4 <= HEIGHT:
                placed.append((piece, column[0], column[2]))
                column[2] += high + 4
                break
        else:
            left = columns[-1][0] + columns[-1][1] + 4 if columns else 4
            if left + wide + 4 <= WIDTH and high + 8 <= HEIGHT:
                columns.append([left, wide, 8 + high])
                placed.append((piece, left, 4))
    return placed

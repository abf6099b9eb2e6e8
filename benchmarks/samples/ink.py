"""Writes on an official blank as filers do: hands, typewriters, printers, marks, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from benchmarks.samples.ink_cells import cell_centres, comb_text, printed_dividers
from benchmarks.samples.ink_corrections import (
    MARKS_TAKEN_BACK,
    STRUCK_OUT,
    boxes_taken_back,
    rooms,
    strokes_over_box,
    strokes_over_number,
    wrong_number,
)
from benchmarks.samples.ink_hands import Habits, Hand, make_hand
from benchmarks.samples.ink_legible import settle
from benchmarks.samples.ink_line import Line, draw_line, write_cells, write_line
from benchmarks.samples.ink_marks import draw_mark, signature_strokes
from benchmarks.samples.ink_pen import Mask, Points, draw_strokes
from extractors.page_image import CANVAS_SCALE, Gray
from schemas.forms import FieldDefinition, FieldKind, PageDefinition
from schemas.readings import PixelBox

__all__ = ["DrawnField", "Habits", "Hand", "draw_page", "make_hand"]

MARGIN_ACROSS = 40
MARGIN_ABOVE = 44
"""Canvas pixels around a box that ink may reach."""
SMALLEST = 0.58
"""A line is written no smaller than this share of the hand's size; then it is squeezed."""
FITTINGS = 5
"""How often a line is made smaller until it fits; what is missing after that is a hair."""
NUMERIC = (FieldKind.AMOUNT, FieldKind.COUNT)


@dataclass(frozen=True, slots=True)
class DrawnField:
    """What was really put on the page in one field."""

    name: str
    text: str | bool
    """As written; True for a mark or a signature, False for a mark that was taken back."""
    box: PixelBox
    """Bounds of the ink: left, top, right, bottom in canvas pixels (300 dpi)."""
    manner: str | None = None
    """How a mark was made; `struck_out` where something was taken back in this field."""


@dataclass(slots=True)
class _Patch:
    """The surroundings of a field's box, in which its ink is drawn."""

    left: int
    top: int
    coverage: Mask
    box: tuple[float, float, float, float]
    """The field's box within the patch."""


def _patch_of(
    field: FieldDefinition, offset: tuple[float, float], shape: tuple[int, int]
) -> _Patch:
    x0, y0, x1, y1 = (edge * CANVAS_SCALE for edge in field.box)
    x0, x1, y0, y1 = x0 + offset[0], x1 + offset[0], y0 + offset[1], y1 + offset[1]
    left, top = max(int(x0) - MARGIN_ACROSS, 0), max(int(y0) - MARGIN_ABOVE, 0)
    right = min(int(x1) + MARGIN_ACROSS, shape[1])
    bottom = min(int(y1) + MARGIN_ABOVE, shape[0])
    coverage = np.zeros((max(bottom - top, 1), max(right - left, 1)), np.float32)
    return _Patch(left, top, coverage, (x0 - left, y0 - top, x1 - left, y1 - top))


def _as_written(field: FieldDefinition, value: str, habits: Habits) -> str:
    if habits.upper and field.kind in (FieldKind.NAME, FieldKind.TEXT, FieldKind.CODE):
        return value.upper()
    return value


def _start_of(
    field: FieldDefinition,
    line: Line,
    habits: Habits,
    room: tuple[float, float],
    across: float,
    typed: bool,
    rng: np.random.Generator,
) -> float:
    """x of the line's zero: amounts to the right, text to the left, as the hand is used to."""
    left, right = room
    width = line.width * across
    slack = (right - left) - width
    if field.kind in NUMERIC:
        align = habits.amount_align
        pad = habits.pad if typed else max(rng.normal(habits.pad, 4.0), -2.0)
        if align == "centre":
            at = left + slack * float(np.clip(rng.normal(0.5, 0.12), 0, 1))
        elif align == "loose":
            at = right - width - abs(rng.normal(8.0, 14.0))
        else:
            at = right - width - pad
        at = min(max(at, left - 2), max(right - width, left - 6))
    else:
        at = left + (habits.pad if typed else max(rng.normal(habits.pad, 6.0), -2.0))
        at = min(at, max(left + slack, left - 4))
    return at - line.left * across


def _fit(hand: Hand, natural: Line, capital: float, allowed: float) -> tuple[Line, float, float]:
    """The line within the allowed pixels: the line, and a capital's width and height in pixels.

    What keeps small writing readable has a size of its own on the page, so a line that was
    made smaller is settled anew.
    """
    line, across, up, shrunk = natural, capital, capital, 1.0
    for _ in range(FITTINGS):
        if not hand.is_typed:
            line = settle(natural, (across, up), hand.habits.slant)
        if line.width * across <= allowed * (1 + 1e-9):
            break
        shrunk *= allowed / (line.width * across)
        up = capital * max(shrunk, SMALLEST)
        across = up * min(1.0, shrunk / SMALLEST)
    return line, across, up


def _write(
    patch: _Patch,
    field: FieldDefinition,
    value: str,
    hand: Hand,
    blank: Gray,
    rng: np.random.Generator,
) -> str:
    """Draws text in the patch; the text that was really written."""
    habits = hand.habits
    text = _as_written(field, value, habits)
    left, top, right, bottom = patch.box
    height = bottom - top
    # Tall boxes (several lines) are written in at the foot of their first line.
    row = min(height, 62.0)
    capital = min(habits.capital, 0.78 * row)
    if not hand.is_typed:
        capital *= float(np.clip(rng.normal(1.0, 0.05), 0.88, 1.12))
    baseline = top + row * (1 - habits.lift)
    cells = comb_text(field, text)
    slope = 0.0
    if cells is not None:
        dividers = printed_dividers(blank, field)
        centres = cell_centres(field, len(cells), dividers, hand.is_typed)
        pitch = min(np.diff(centres), default=right - left)
        capital = min(capital, 1.7 * float(pitch))
        x0 = field.box.x0 * CANVAS_SCALE
        line = write_cells(hand, cells, [(centre - x0) / capital for centre in centres], rng)
        across, at = capital, left
    else:
        natural = write_line(hand, text, rng)
        if not natural.placed:
            return ""
        allowed = (right - left) * (1.0 if hand.is_typed else 1.02) - 4
        line, across, capital = _fit(hand, natural, capital, allowed)
        at = _start_of(field, line, habits, (left, right), across, hand.is_typed, rng)
        slope = rng.normal(0.0, habits.drift) if habits.drift else 0.0
        slope = float(np.clip(slope, -1, 1) * min(1.0, 300 / max(line.width * across, 1)))
        baseline += rng.normal(0.0, 1.6) if not hand.is_typed else 0.0
        baseline += np.tan(slope) * line.width * across / 2
    draw_line(patch.coverage, line, (at, baseline), (across, capital), slope, habits.slant)
    return line.text


def _sign(patch: _Patch, hand: Hand, rng: np.random.Generator) -> None:
    left, top, right, bottom = patch.box
    width = min(right - left, 560.0) * rng.uniform(0.55, 0.9)
    height = float(np.clip(0.9 * (bottom - top), 30, 62))
    strokes = signature_strokes(width, height, rng)
    origin = (left + rng.uniform(0.02, 0.12) * (right - left), bottom - 0.25 * (bottom - top))
    pen = 3.2 if hand.is_typed else hand.habits.pen_width  # typed returns are signed with a pen
    _add(patch, [stroke + origin for stroke in strokes], pen)


def _take_back(patch: _Patch, hand: Hand, rng: np.random.Generator) -> None:
    """A mark, and the strokes that say that it is none."""
    draw_mark(patch.coverage, hand, patch.box, rng)
    left, top, right, bottom = patch.box
    size = np.array([right - left, bottom - top])
    strokes = [stroke * size + (left, top) for stroke in strokes_over_box(rng)]
    _add(patch, strokes, hand.habits.pen_width)


def _rewrite(
    patch: _Patch,
    field: FieldDefinition,
    value: str,
    hand: Hand,
    blank: Gray,
    rng: np.random.Generator,
) -> str:
    """Another number struck out, and this one written near it; the text of this one."""
    before, after = rooms(patch.box, rng)
    struck = replace(patch, box=before, coverage=np.zeros_like(patch.coverage))
    _write(struck, field, wrong_number(value, rng), hand, blank, rng)
    rows, columns = (np.flatnonzero(struck.coverage.max(axis=axis) > 0.2) for axis in (1, 0))
    if rows.size:
        bounds = (float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1]))
        _add(struck, strokes_over_number(bounds, rng), hand.habits.pen_width)
    np.maximum(patch.coverage, struck.coverage, out=patch.coverage)
    return _write(replace(patch, box=after), field, value, hand, blank, rng)


def _add(patch: _Patch, strokes: list[Points], pen: float) -> None:
    shape = (patch.coverage.shape[0], patch.coverage.shape[1])
    np.maximum(patch.coverage, draw_strokes(strokes, shape, pen), out=patch.coverage)


def _press(patch: _Patch, habits: Habits, rng: np.random.Generator) -> Mask:
    """The ink's opacity: coverage × darkness, varying along the line with the hand's pressure."""
    opacity = patch.coverage * habits.darkness
    if habits.pressure:
        height, width = opacity.shape
        knots = (3, max(3, width // 24))
        coarse = rng.normal(1.0, habits.pressure, knots).astype(np.float32)
        opacity *= cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        grain = rng.random((height // 2 + 1, width // 2 + 1), dtype=np.float32)
        opacity *= 1 - 0.9 * habits.pressure * cv2.resize(grain, (width, height))
    return np.clip(opacity, 0.0, 1.0)


def _blot(page: Gray, patch: _Patch, opacity: Mask) -> PixelBox | None:
    """Darkens the page by the ink; the bounds of the ink on the page, None where there is none."""
    rows = np.flatnonzero(patch.coverage.max(axis=1) > 0.2)
    columns = np.flatnonzero(patch.coverage.max(axis=0) > 0.2)
    if rows.size == 0:
        return None
    height, width = patch.coverage.shape
    window = page[patch.top : patch.top + height, patch.left : patch.left + width]
    window[:] = np.rint(window * (1 - opacity)).astype(np.uint8)
    return (
        patch.left + int(columns[0]),
        patch.top + int(rows[0]),
        patch.left + int(columns[-1]) + 1,
        patch.top + int(rows[-1]) + 1,
    )


def draw_page(
    blank: Gray,
    page: PageDefinition,
    values: Mapping[str, str | bool | None],
    hand: Hand,
    rng: np.random.Generator,
    *,
    strike_outs: float = 0.0,
    marks_taken_back: float = MARKS_TAKEN_BACK,
) -> tuple[Gray, list[DrawnField]]:
    """The blank filled in by the hand.

    Args:
        blank: the official page at `CANVAS_DPI`; it stays as it is.
        page: its fields; names in `values` that it does not have are left to other pages.
        values: field name → the text as written, or True where it is marked or signed.
            None, False, the empty text and missing names leave the field empty.
        hand: who writes.
        rng: the only source of chance. What filers take back has a stream of its own, drawn
            from it, so that all else is the same whether there are corrections or not.
        strike_outs: share of a pen's amounts that stand beside another that is struck out.
        marks_taken_back: share of a pen's marked groups in which another box was marked before.

    Returns:
        The page, and what was really written, in the page's order.
    """
    (odd,) = rng.spawn(1)
    filled = blank.copy()
    drawn: list[DrawnField] = []
    taken_back = boxes_taken_back(page, values, 0.0 if hand.is_typed else marks_taken_back, odd)
    for field in page.fields:
        value = values.get(field.name)
        text: str | bool = True
        manner: str | None = None
        patch = _patch_of(field, hand.habits.offset, (blank.shape[0], blank.shape[1]))
        if field.name in taken_back:
            _take_back(patch, hand, odd)
            text, manner = False, STRUCK_OUT
        elif value is None or value is False or value == "":
            continue
        elif field.kind is FieldKind.SIGNATURE:
            _sign(patch, hand, rng)
        elif field.kind.is_mark:
            manner = draw_mark(patch.coverage, hand, patch.box, rng, odd)
        elif _may_be_struck(field, hand) and odd.random() < strike_outs:
            text = _rewrite(patch, field, str(value), hand, blank, rng)
            manner = STRUCK_OUT
        else:
            text = _write(patch, field, str(value), hand, blank, rng)
        bounds = _blot(filled, patch, _press(patch, hand.habits, rng))
        if bounds is not None:
            drawn.append(DrawnField(field.name, text, bounds, manner))
    return filled, drawn


def _may_be_struck(field: FieldDefinition, hand: Hand) -> bool:
    return field.kind is FieldKind.AMOUNT and not hand.is_typed

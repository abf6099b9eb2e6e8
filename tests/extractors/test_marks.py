"""Marks of all manners, drawn without form or scanner: what is read of them, and how surely."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractors.engines import marks
from extractors.engines.mark_shapes import NO_INK, shape_of
from extractors.engines.marks import MarksEngine
from extractors.page_image import FieldImage, Gray, Neighbour
from schemas.errors import MissingProgramError
from schemas.forms import Box, FieldDefinition, FieldKind
from schemas.readings import Reading

SIDE, AROUND = 36, 43
ABOVE = Neighbour((AROUND, AROUND - 50, AROUND + SIDE, AROUND - 14), is_mark=True)
BESIDE = Neighbour((AROUND + SIDE + 8, AROUND - 4, AROUND + 400, AROUND + SIDE + 4), is_mark=False)


def box(
    *strokes: list[tuple[float, float]],
    pen: int = 4,
    group: str | None = None,
    neighbours: tuple[Neighbour, ...] = (),
    scan: Gray | None = None,
) -> FieldImage:
    """A box with these strokes, their points in sides of the box."""
    ink = np.full((SIDE + 2 * AROUND, SIDE + 2 * AROUND), 255, np.uint8)
    for stroke in strokes:
        path = np.round((np.array(stroke) * SIDE + AROUND) * 16).astype(np.int32)
        cv2.polylines(ink, [path], False, 0, pen, cv2.LINE_AA, shift=4)
    kind = FieldKind.CHECKBOX if group is None else FieldKind.CHOICE
    field = FieldDefinition(
        name="box", kind=kind, box=Box(0, 0, 8.6, 8.6), group=group, option=group and "yes"
    )
    return FieldImage(
        definition=field,
        registered=ink.copy() if scan is None else scan,
        ink=ink,
        inner=(AROUND, AROUND, AROUND + SIDE, AROUND + SIDE),
        bbox=(0, 0, 1, 1),
        neighbours=neighbours,
    )


def ring(reach: float, centre: tuple[float, float] = (0.5, 0.5)) -> list[tuple[float, float]]:
    turns = np.linspace(0, 2 * np.pi, 40)
    return [(centre[0] + reach * np.cos(t), centre[1] + reach * np.sin(t)) for t in turns]


def zigzag(rows: int, left: float, right: float) -> list[tuple[float, float]]:
    return [(left if i % 2 else right, -0.1 + 1.2 * i / rows) for i in range(rows + 1)]


CROSS = ([(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)])
TICK = [(0.1, 0.45), (0.35, 0.9), (1.3, -0.4)]


def read(*images: FieldImage) -> list[Reading]:
    return MarksEngine().read(list(images))


@pytest.mark.parametrize(
    "strokes",
    [
        CROSS,
        ([(0.15, 0.15), (0.85, 0.85)], [(0.85, 0.15), (0.15, 0.85)]),
        (TICK,),
        ([(-0.1, 1.1), (1.1, -0.1)],),
        (zigzag(9, 0.1, 0.9),),
        (ring(0.85),),
        (ring(1.1),),
        (ring(0.4), ring(0.2)),
    ],
    ids=["cross", "printed", "tick", "slash", "filled", "circled", "circled wide", "scribble"],
)
def test_what_people_mark_with(strokes: tuple[list[tuple[float, float]], ...]) -> None:
    (reading,) = read(box(*strokes))
    assert reading.text == "X"
    assert reading.confidence > 0.999


def test_an_empty_box_and_a_speck() -> None:
    empty, speck = read(box(), box([(0.5, 0.5), (0.55, 0.5)]))
    assert shape_of(box()) == NO_INK
    assert empty.text == speck.text == ""
    assert empty.confidence > 0.999


def test_a_tick_beside_its_box_is_one_but_not_surely() -> None:
    (reading,) = read(box([(1.1, 0.4), (1.35, 0.9), (1.9, -0.1)]))
    assert reading.text == "X"
    assert reading.confidence < 0.999


def test_writing_in_the_field_beside_it_is_no_mark() -> None:
    word = [(1.3, 0.9), (1.5, 0.1), (1.7, 0.9), (2.1, 0.1)]
    (reading,) = read(box(word, neighbours=(BESIDE,)))
    assert (reading.text, reading.confidence > 0.999) == ("", True)


def test_the_tail_of_a_neighbours_tick_is_no_mark() -> None:
    long_tail = [(0.0, -0.9), (0.3, -0.4), (1.2, -1.1)]
    through = [(-0.1, -0.4), (0.2, -0.2), (0.6, 0.25)]
    for strokes in ([long_tail], [[(0.1, -1.3), *through]]):
        (reading,) = read(box(*strokes, neighbours=(ABOVE,)))
        assert reading.text == ""


def test_a_ring_round_the_box_above_is_not_this_ones() -> None:
    (reading,) = read(box(ring(0.9, (0.5, -0.9)), neighbours=(ABOVE,)))
    assert reading.text == ""


def test_of_two_marks_the_blacked_out_one_is_taken_back() -> None:
    black = zigzag(14, -0.15, 1.15)
    meant, taken_back = read(
        box(*CROSS, group="status"), box(*CROSS, black, black[::-1], pen=5, group="status")
    )
    assert (meant.text, taken_back.text) == ("X", "")
    assert taken_back.confidence < 0.999


def test_two_like_marks_are_two_marks_of_which_one_is_unsure() -> None:
    first, second = read(box(*CROSS, group="status"), box(*CROSS, group="status"))
    assert first.text == second.text == "X"
    assert min(first.confidence, second.confidence) < 0.99


def test_a_lone_blot_among_thin_marks_is_doubted_and_among_blots_is_not() -> None:
    black = zigzag(14, -0.15, 1.15)
    blot = box(black, black[::-1], pen=5)
    thin = [box([(0.0, 1.0), (1.0, 0.0)]) for _ in range(4)]
    assert read(blot, *thin)[0].confidence <= 0.9
    assert min(one.confidence for one in read(*[blot] * 4)) > 0.999


def test_a_box_blacked_out_on_the_scan_is_marked_though_lifting_lost_it() -> None:
    scan = np.full((SIDE + 2 * AROUND, SIDE + 2 * AROUND), 255, np.uint8)
    scan[AROUND : AROUND + SIDE, AROUND : AROUND + SIDE] = 0
    (reading,) = read(box(scan=scan))
    assert reading.text == "X"


def test_damaged_odds_are_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "FILE", "marks_that_are_not_there.json")
    marks._odds.cache_clear()
    try:
        with pytest.raises(MissingProgramError, match="reinstall taxlift"):
            MarksEngine().prepare()
    finally:
        marks._odds.cache_clear()

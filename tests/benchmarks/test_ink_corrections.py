from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.samples.fonts import Face, find_fonts
from benchmarks.samples.ink import DrawnField, draw_page, make_hand
from benchmarks.samples.ink_corrections import STRUCK_OUT, boxes_taken_back, wrong_number
from benchmarks.samples.ink_hands import MARK_STYLES
from extractors.page_image import CANVAS_SCALE, Gray
from schemas.errors import MissingProgramError
from schemas.forms import Box, FieldDefinition, FieldKind, PageDefinition


def installed() -> bool:
    try:
        return bool(find_fonts(Face.PEN))
    except MissingProgramError:
        return False


needs_fonts = pytest.mark.skipif(not installed(), reason="needs the fonts of the set-up")


def choice(option: str, x: float) -> FieldDefinition:
    box = Box(x, 60, x + 8, 68)
    return FieldDefinition(name=option, kind=FieldKind.CHOICE, box=box, group="g", option=option)


WAGES = FieldDefinition(name="wages", kind=FieldKind.AMOUNT, box=Box(200, 80, 272, 92))
YES, NO = choice("yes", 40), choice("no", 120)
PAGE = PageDefinition(number=1, width=306, height=130, fields=(YES, NO, WAGES))
BLANK = np.full((542, 1275), 255, np.uint8)


def fill(seed: int, style: str = "cross", **shares: float) -> tuple[Gray, dict[str, DrawnField]]:
    rng = np.random.default_rng(seed)
    hand = make_hand("hand", rng)
    hand.habits = replace(hand.habits, mark_style=style)
    page, drawn = draw_page(BLANK, PAGE, {"yes": True, "wages": "52,340"}, hand, rng, **shares)
    return page, {one.name: one for one in drawn}


def ink_near(page: Gray, field: FieldDefinition, around: float = 0.0) -> int:
    x0, y0, x1, y1 = (round(edge * CANVAS_SCALE) for edge in field.box)
    more = round(around * (x1 - x0))
    return int((page[y0 - more : y1 + more, x0 - more : x1 + more] < 160).sum())


@needs_fonts
def test_a_box_taken_back_is_drawn_heavier_and_is_not_marked() -> None:
    page, drawn = fill(3, marks_taken_back=1.0)
    assert (drawn["no"].text, drawn["no"].manner) == (False, STRUCK_OUT)
    assert drawn["yes"].text is True
    assert ink_near(page, NO, 0.5) > ink_near(page, YES, 0.5)


@needs_fonts
def test_corrections_leave_the_rest_of_the_page_as_it_is() -> None:
    plain, _ = fill(5, marks_taken_back=0.0)
    taken_back, _ = fill(5, marks_taken_back=1.0)
    struck, drawn = fill(5, strike_outs=1.0, marks_taken_back=0.0)
    right = round(80 * CANVAS_SCALE)
    assert np.array_equal(plain[:, :right], taken_back[:, :right])
    above = round(70 * CANVAS_SCALE)
    assert np.array_equal(plain[:above, :right], struck[:above, :right])
    assert (drawn["wages"].text, drawn["wages"].manner) == ("52,340", STRUCK_OUT)
    assert ink_near(struck, WAGES) > 1.3 * ink_near(plain, WAGES)


@needs_fonts
def test_nothing_is_struck_out_unless_asked_for() -> None:
    assert all(fill(seed)[1]["wages"].manner is None for seed in range(8))


@needs_fonts
@pytest.mark.parametrize("style", MARK_STYLES)
def test_marks_are_in_their_box_round_it_or_beside_it(style: str) -> None:
    for seed in range(4):
        page, _ = fill(seed, style, marks_taken_back=0.0)
        inside, around = ink_near(page, YES, -0.1), ink_near(page, YES, 0.9)
        if style in ("circled", "beside"):
            assert inside < 0.25 * around
        else:
            assert inside > 60


def test_the_wrong_number_differs_and_is_as_long() -> None:
    rng = np.random.default_rng(1)
    for text in ("52,340", "7", "(1,204)", "12.50"):
        wrong = wrong_number(text, rng)
        assert wrong != text and len(wrong) == len(text)
    assert wrong_number("NONE", rng).isdigit()


def test_only_another_box_of_a_marked_group_is_taken_back() -> None:
    rng = np.random.default_rng(1)
    assert boxes_taken_back(PAGE, {"yes": True}, 1.0, rng) == {"no"}
    assert not boxes_taken_back(PAGE, {"yes": True, "no": True}, 1.0, rng)
    assert not boxes_taken_back(PAGE, {}, 1.0, rng)

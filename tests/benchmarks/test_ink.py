from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.samples.fonts import Face, Writers, find_fonts
from benchmarks.samples.ink import DrawnField, draw_page, make_hand
from benchmarks.samples.ink_cells import cell_centres, comb_text, printed_dividers
from benchmarks.samples.ink_line import write_line
from benchmarks.samples.ink_pen import REFERENCE_HEIGHT
from benchmarks.samples.typing_standard import standard_glyphs
from extractors.page_image import CANVAS_SCALE, Gray
from schemas.errors import MissingProgramError
from schemas.forms import Box, FieldDefinition, FieldKind, PageDefinition


def installed(face: Face) -> bool:
    try:
        return bool(find_fonts(face))
    except MissingProgramError:
        return False


pytestmark = pytest.mark.skipif(
    not (installed(Face.PEN) and installed(Face.LASER)), reason="needs the fonts of the set-up"
)

WAGES = FieldDefinition(name="wages", kind=FieldKind.AMOUNT, box=Box(200, 60, 272, 72))
NAME = FieldDefinition(name="first_name", kind=FieldKind.NAME, box=Box(20, 20, 180, 34))
SSN = FieldDefinition(name="ssn", kind=FieldKind.TAXPAYER_ID, box=Box(190, 20, 290, 34), comb=9)
BOX = FieldDefinition(name="blind", kind=FieldKind.CHECKBOX, box=Box(20, 60, 28, 68))
SIGNED = FieldDefinition(name="signed", kind=FieldKind.SIGNATURE, box=Box(20, 90, 180, 110))
PAGE = PageDefinition(number=1, width=306, height=130, fields=(NAME, SSN, WAGES, BOX, SIGNED))
VALUES: dict[str, str | bool | None] = {
    "first_name": "Ann O'Hara",
    "ssn": "912-70-0042",
    "wages": "52,340.10",
    "blind": True,
    "signed": True,
}


def blank() -> Gray:
    return np.full((542, 1275), 255, np.uint8)


def fill(
    ink: str, seed: int, values: dict[str, str | bool | None]
) -> tuple[Gray, list[DrawnField]]:
    rng = np.random.default_rng(seed)
    return draw_page(blank(), PAGE, values, make_hand(ink, rng), rng)


def centre_is_in_box(drawn: DrawnField, field: FieldDefinition) -> bool:
    x = (drawn.box[0] + drawn.box[2]) / 2 / CANVAS_SCALE
    y = (drawn.box[1] + drawn.box[3]) / 2 / CANVAS_SCALE
    slack = 3.0
    return (
        field.box.x0 - slack <= x <= field.box.x1 + slack
        and field.box.y0 - slack <= y <= field.box.y1 + slack
    )


@pytest.mark.parametrize("ink", ["hand", "typed"])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_written_lands_in_its_box(ink: str, seed: int) -> None:
    page, drawn = fill(ink, seed, VALUES)
    assert [one.name for one in drawn] == [field.name for field in PAGE.fields]
    for one, field in zip(drawn, PAGE.fields, strict=True):
        assert centre_is_in_box(one, field), one.name
        left, top, right, bottom = one.box
        assert (page[top:bottom, left:right] < 160).any()


@pytest.mark.parametrize("ink", ["hand", "typed"])
def test_same_seed_same_page(ink: str) -> None:
    first, second = fill(ink, 5, VALUES), fill(ink, 5, VALUES)
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
    assert not np.array_equal(first[0], fill(ink, 6, VALUES)[0])


def test_missing_none_false_and_empty_leave_the_page_blank() -> None:
    page, drawn = fill("hand", 1, {"first_name": None, "blind": False, "ssn": ""})
    assert drawn == []
    assert (page == 255).all()


def test_blank_is_not_written_on() -> None:
    empty = blank()
    rng = np.random.default_rng(1)
    draw_page(empty, PAGE, VALUES, make_hand("hand", rng), rng)
    assert (empty == 255).all()


def test_drawn_text_is_what_was_asked_up_to_capitals_and_comb_dashes() -> None:
    for seed in range(6):
        _, drawn = fill("mixed", seed, VALUES)
        texts = {one.name: one.text for one in drawn}
        assert str(texts["first_name"]).upper() == "ANN O'HARA"
        assert texts["ssn"] == "912700042"
        assert texts["wages"] == "52,340.10"
        assert texts["blind"] is True
        assert texts["signed"] is True


def test_long_text_shrinks_into_its_box() -> None:
    for seed in range(5):
        _, drawn = fill("hand", seed, {"wages": "1,234,567,890.12"})
        left, _, right, _ = drawn[0].box
        assert left > (WAGES.box.x0 - 4) * CANVAS_SCALE
        assert right < (WAGES.box.x1 + 4) * CANVAS_SCALE


def test_amounts_stand_right_and_text_left() -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        hand = make_hand("hand", rng)
        hand.habits = replace(hand.habits, amount_align="right")
        _, drawn = draw_page(blank(), PAGE, {"wages": "12", "first_name": "Al"}, hand, rng)
        by_name = {one.name: one.box for one in drawn}
        assert by_name["wages"][0] / CANVAS_SCALE > (WAGES.box.x0 + WAGES.box.x1) / 2
        assert by_name["first_name"][2] / CANVAS_SCALE < (NAME.box.x0 + NAME.box.x1) / 2


def test_repeated_letters_differ_in_a_hand_and_not_in_print() -> None:
    rng = np.random.default_rng(3)
    pen = write_line(make_hand("hand", rng), "ee", rng)
    assert not np.array_equal(pen.placed[0].glyph.mask, pen.placed[1].glyph.mask)


def test_ink_does_not_hide_the_form_below_it() -> None:
    ruled = blank()
    ruled[int(WAGES.box.y1 * CANVAS_SCALE) - 2 :, :] = 0
    rng = np.random.default_rng(2)
    page, _ = draw_page(ruled, PAGE, VALUES, make_hand("hand", rng), rng)
    assert (page <= ruled).all()


def test_pens_keep_to_the_printed_groups_and_machines_to_equal_cells() -> None:
    ruled = blank()
    x0, y0, x1, y1 = (round(edge * CANVAS_SCALE) for edge in SSN.box)
    printed = [x0 + round(0.3 * (x1 - x0)), x0 + round(0.5 * (x1 - x0))]
    for x in printed:
        ruled[y0:y1, x : x + 2] = 0
    dividers = printed_dividers(ruled, SSN)
    assert np.allclose(dividers, [x + 1 for x in printed], atol=1)
    pen = cell_centres(SSN, 9, dividers, typed=False)
    assert pen[2] < dividers[0] < pen[3] and pen[4] < dividers[1] < pen[5]
    machine = np.diff(cell_centres(SSN, 9, dividers, typed=True))
    assert np.allclose(machine, machine[0])


def test_comb_text_that_does_not_fit_is_no_comb() -> None:
    assert comb_text(SSN, "912-70-0042") == "912700042"
    assert comb_text(SSN, "9127000421") is None
    assert comb_text(NAME, "Ann") is None


def test_characters_that_no_font_has_are_left_out_of_the_truth() -> None:
    rng = np.random.default_rng(1)
    line = write_line(make_hand("hand", rng), "A\u4e9cé", rng)
    assert "A" in line.text
    assert len(line.placed) == len(line.text.replace(" ", ""))


def test_tuning_and_held_out_writers_are_disjoint() -> None:
    tuning = {font.path for font in find_fonts(Face.PEN, Writers.TUNING)}
    held_out = {font.path for font in find_fonts(Face.PEN, Writers.HELD_OUT)}
    assert tuning and held_out and not tuning & held_out
    everyone = {font.path for font in find_fonts(Face.PEN)}
    assert everyone == tuning | held_out
    for part in (Writers.TRAINING, Writers.CALIBRATION):
        assert {font.path for font in find_fonts(Face.PEN, part)} == tuning


def test_hands_come_from_the_writers_asked_for() -> None:
    names = {f"font:{font.known.file}" for font in find_fonts(Face.PEN, Writers.HELD_OUT)}
    for seed in range(10):
        assert make_hand("hand", np.random.default_rng(seed), writers="held_out").name in names


def test_standard_faces_need_no_font_and_keep_their_steps() -> None:
    courier, helvetica = standard_glyphs("Courier"), standard_glyphs("Helvetica")
    assert courier["i"].advance == pytest.approx(courier["M"].advance, rel=0.02)
    assert helvetica["i"].advance < 0.5 * helvetica["M"].advance
    assert helvetica["7"].advance == pytest.approx(0.556 / 0.718 * REFERENCE_HEIGHT, rel=0.02)


def test_no_fonts_names_the_packages(tmp_path: Path) -> None:
    with pytest.raises(MissingProgramError, match="fonts-bwht"):
        find_fonts(Face.PEN, folders=(tmp_path,))


def test_unknown_ink_is_an_error() -> None:
    with pytest.raises(ValueError, match="crayon"):
        make_hand("crayon", np.random.default_rng(1))

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.samples.fonts import Face, InstalledFont, find_fonts
from benchmarks.samples.ink_hands import FontHand, Habits
from benchmarks.samples.ink_legible import settle
from benchmarks.samples.ink_line import Line, Placed, draw_line, write_line
from benchmarks.samples.ink_pen import Mask, grow, trim
from schemas.errors import MissingProgramError

CAPITAL = 30.0
SCALE = (CAPITAL, CAPITAL)


def pens() -> tuple[InstalledFont, ...]:
    try:
        return find_fonts(Face.PEN)
    except MissingProgramError:
        return ()


every_pen = pytest.mark.parametrize("font", pens(), ids=lambda font: font.known.file)


def crowded(font: InstalledFont, text: str, seed: int = 1) -> Line:
    """Written by someone whose every character runs into the one before it."""
    habits = Habits(CAPITAL, 3.2, 0.9, spacing=0.9, spacing_jitter=0.035, touching=1.0, wobble=0.03)
    hand = FontHand("crowded", habits, path=font.path)
    return write_line(hand, text, np.random.default_rng(seed))


def drawn(line: Line, only: slice = slice(None), scale: tuple[float, float] = SCALE) -> Mask:
    patch = np.zeros((120, 700), np.float32)
    part = Line(line.placed[only], line.left, line.right, line.text)
    draw_line(patch, part, (60.0, 70.0), scale, 0.0, 0.0)
    return patch


@every_pen
@pytest.mark.parametrize("mark", [".", ","])
@pytest.mark.parametrize("scale", [SCALE, (12.0, 18.0)])
def test_points_and_commas_have_body_room_and_their_place(
    font: InstalledFont, mark: str, scale: tuple[float, float]
) -> None:
    for seed, text in enumerate((f"95{mark}768", f"400{mark}000", f"7{mark}4")):
        line = settle(crowded(font, text, seed), scale, 0.0)
        at = text.index(mark)
        ink = drawn(line, slice(at, at + 1), scale) > 0.5
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        assert len(rows) >= (5 if mark == "." else 9)
        assert len(columns) >= (5 if mark == "." else 3)
        assert rows[-1] >= 70 - 2  # the baseline; masks are smooth at their edge
        others = (drawn(line, slice(0, at), scale) > 0.5) | (
            drawn(line, slice(at + 1, None), scale) > 0.5
        )
        room = cv2.distanceTransform(1 - others.astype(np.uint8), cv2.DIST_L2, 5)
        assert room[ink].min() >= 2.5


@every_pen
def test_no_character_is_lost_in_another(font: InstalledFont) -> None:
    for seed, text in enumerate(("13615", "71177", "400", "(305)", "9081")):
        line = settle(crowded(font, text, seed), SCALE, 0.0)
        for index in range(len(text) - 1):
            first = drawn(line, slice(index, index + 1)) > 0.5
            second = drawn(line, slice(index + 1, index + 2)) > 0.5
            narrower = min(np.flatnonzero(ink.any(axis=0)).size for ink in (first, second))
            shared = np.flatnonzero((first & second).any(axis=0)).size
            assert shared <= 0.12 * narrower + 1.5, text[index : index + 2]


@every_pen
def test_settling_keeps_order_text_and_what_was_given(font: InstalledFont) -> None:
    line = crowded(font, "1,234.50")
    before = [(one.x, one.y) for one in line.placed]
    settled = settle(line, SCALE, 0.05)
    assert [(one.x, one.y) for one in line.placed] == before
    assert settled.text == line.text
    assert [one.character for one in settled.placed] == list("1,234.50")
    assert settled.width >= line.width
    again = settle(line, SCALE, 0.05)
    assert [one.x for one in again.placed] == [one.x for one in settled.placed]


def test_a_line_without_crowding_stays_as_it_is() -> None:
    mask = np.zeros((90, 60), np.float32)
    mask[10:82, 10:50] = 1.0
    box = trim(mask, 5.0, 82.0, 55.0)
    line = Line([Placed("0", box, 0.0), Placed("0", box, 1.0)], 0.0, 1.8, "00")
    assert [one.x for one in settle(line, SCALE, 0.0).placed] == [0.0, 1.0]


def test_growing_moves_the_outline_by_what_was_asked() -> None:
    dot = np.zeros((40, 40), np.float32)
    dot[18:22, 18:22] = 1.0
    wide = (grow(dot, 5.0) > 0.5).any(axis=0).sum()
    assert wide == pytest.approx(14, abs=1)
    assert not grow(np.zeros((4, 4), np.float32), 3.0).any()

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.samples.fonts import Writers
from benchmarks.samples.glyphs import (
    RealGlyph,
    _make,
    choose_alike,
    clean_photograph,
    enlarge,
    is_blot,
    load_glyphs,
    share_of,
)
from benchmarks.samples.ink import make_hand
from benchmarks.samples.ink_line import write_line
from benchmarks.samples.ink_pen import REFERENCE_HEIGHT, set_pen_width, stroke_width
from schemas.errors import MissingProgramError

HANDWRITING = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "handwriting"
needs_shared = pytest.mark.skipif(
    not HANDWRITING.is_dir(), reason="the founders' handwriting is not on this machine"
)


def test_halves_are_disjoint_and_whole_and_so_are_the_tuning_halfs_two_parts() -> None:
    for count in (0, 1, 2, 7, 100):
        parts = {writers: set(share_of(count, writers)) for writers in Writers}
        assert not parts[Writers.TUNING] & parts[Writers.HELD_OUT]
        assert not parts[Writers.TRAINING] & parts[Writers.CALIBRATION]
        assert parts[Writers.TUNING] == parts[Writers.TRAINING] | parts[Writers.CALIBRATION]
        assert parts[Writers.TUNING] | parts[Writers.HELD_OUT] == set(range(count))
        assert parts[Writers.ALL] == set(range(count))
    assert len(share_of(100, Writers.CALIBRATION)) == 10
    assert len(share_of(100, Writers.HELD_OUT)) == 50


def test_folder_without_characters_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingProgramError, match=r"digits\.npz"):
        load_glyphs(tmp_path)


def test_damaged_files_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "digits.npz").write_bytes(b"nonsense")
    (tmp_path / "characters.zip").write_bytes(b"nonsense")
    with pytest.raises(MissingProgramError, match="cannot be read"):
        load_glyphs(tmp_path)


def test_a_character_cut_off_at_the_edge_is_refused_and_paper_is_taken_off() -> None:
    photograph = np.full((32, 30), 205, np.uint8)
    photograph[6:26, 14:17] = 60
    ink = clean_photograph(photograph)
    assert ink is not None
    assert ink[12, 15] > 0.9
    assert ink[12, 3] < 0.1
    photograph[26:, 14:17] = 60
    assert clean_photograph(photograph) is None
    assert clean_photograph(np.full((32, 30), 205, np.uint8)) is None


def test_pen_width_is_brought_near_the_pens() -> None:
    mask = np.zeros((80, 60), np.float32)
    mask[10:70, 26:32] = 1.0
    assert stroke_width(set_pen_width(mask, 9.0)) == pytest.approx(9.0, abs=1.6)
    assert stroke_width(set_pen_width(mask, 5.0)) == pytest.approx(5.0, abs=1.6)
    assert stroke_width(np.zeros((5, 5), np.float32)) == 0.0


@needs_shared
def test_real_characters_cover_letters_and_digits_in_both_halves() -> None:
    wanted = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    tuning = load_glyphs(HANDWRITING, Writers.TUNING)
    held_out = load_glyphs(HANDWRITING, Writers.HELD_OUT)
    assert wanted <= set(tuning) and wanted <= set(held_out)
    pictures = {one.ink.tobytes() for many in tuning.values() for one in many}
    others = {one.ink.tobytes() for many in held_out.values() for one in many}
    assert not pictures & others


@needs_shared
def test_nothing_is_calibrated_on_that_was_trained_on() -> None:
    def pictures(writers: Writers) -> set[bytes]:
        glyphs = load_glyphs(HANDWRITING, writers)
        return {one.ink.tobytes() for many in glyphs.values() for one in many}

    training, calibration = pictures(Writers.TRAINING), pictures(Writers.CALIBRATION)
    assert training | calibration == pictures(Writers.TUNING)
    assert not training & calibration
    assert 0.17 < len(calibration) / len(training | calibration) < 0.23


@needs_shared
def test_a_hand_chooses_characters_that_are_alike() -> None:
    rng = np.random.default_rng(1)
    sevens = load_glyphs(HANDWRITING)["7"]
    alike = choose_alike(sevens, 0.1, 0.2, 5, rng)
    chosen = np.mean([one.shape @ alike[0].shape for one in alike[1:]])
    anyones = np.mean([one.shape @ alike[0].shape for one in sevens])
    assert chosen > anyones + 0.1


@needs_shared
def test_enlarged_characters_are_smooth_and_of_reference_height() -> None:
    rng = np.random.default_rng(1)
    glyph = enlarge(load_glyphs(HANDWRITING)["4"][3], 10, rng)
    rows = np.flatnonzero(glyph.mask.max(axis=1) > 0.5)
    assert rows[-1] - rows[0] == pytest.approx(REFERENCE_HEIGHT, rel=0.18)
    assert np.abs(np.diff(glyph.mask, axis=1)).max() < 0.6


@needs_shared
def test_a_glyph_hand_writes_everything_that_returns_hold() -> None:
    rng = np.random.default_rng(2)
    hand = make_hand("hand", rng, HANDWRITING, "held_out")
    text = "$1,234.56 (78)-0- O'Brien & Sons #9, a@b.org 4/15"
    assert write_line(hand, text, rng).text == text


def drawn_digit(loop_filled: bool, thickness: int) -> np.ndarray:
    """A 9: a ring over a stem."""
    ink = np.zeros((40, 28), np.uint8)
    cv2.ellipse(ink, (13, 12), (9, 9), 0, 0, 360, 255, -1 if loop_filled else thickness)
    cv2.line(ink, (22, 12), (17, 38), 255, thickness)
    return ink.astype(np.float32) / 255


def glyph_of(character: str, ink: np.ndarray) -> RealGlyph:
    glyph = _make(character, ink)
    assert glyph is not None
    return glyph


def test_a_loop_filled_by_a_thick_pen_is_a_blot() -> None:
    assert is_blot(glyph_of("9", drawn_digit(loop_filled=True, thickness=7)))
    assert not is_blot(glyph_of("9", drawn_digit(loop_filled=False, thickness=4)))
    assert not is_blot(glyph_of("7", drawn_digit(loop_filled=False, thickness=4)))


def test_a_thin_digit_may_be_open() -> None:
    open_nine = drawn_digit(loop_filled=False, thickness=3)
    open_nine[3:12, 0:9] = 0
    assert not is_blot(glyph_of("9", open_nine))


def test_strokes_half_as_wide_as_the_digit_are_a_blot_but_in_a_one() -> None:
    stick = np.zeros((40, 12), np.float32)
    stick[2:38, 4:10] = 1.0
    assert is_blot(glyph_of("4", stick))
    assert not is_blot(glyph_of("1", stick))


def test_no_pen_draws_what_a_much_thicker_one_wrote() -> None:
    rng = np.random.default_rng(2)
    pens = {width: glyph_of("7", drawn_digit(False, width)) for width in (2, 4, 7)}
    assert pens[2].pen < pens[4].pen < pens[7].pen
    many = [glyph for glyph in pens.values() for _ in range(20)]
    fine = choose_alike(many, 0.0, pens[2].pen * 1.1, 5, rng)
    assert all(glyph.pen < pens[7].pen for glyph in fine)
    thick = [choose_alike(many, 0.0, pens[7].pen, 60, rng) for _ in range(2)]
    assert any(glyph.pen == pens[7].pen for alike in thick for glyph in alike)
    # Where there are hardly any, a thick one is better than none.
    assert choose_alike([pens[7]], 0.0, pens[2].pen, 5, rng) == [pens[7]]

"""What the strip recogniser learns from: sheets, texts, hands and strips."""

import numpy as np
import pytest

from benchmarks.samples.fonts import Writers
from benchmarks.training.augment import batches, padded_width, stack, vary
from benchmarks.training.hands import VariedHand, training_hand
from benchmarks.training.sheets import Piece, cut_pieces, make_sheet
from benchmarks.training.strips import Labelled, load, make_strips, save
from benchmarks.training.texts import SUPERSCRIPTS, Texts, amount, label_of
from extractors.engines.strip_image import HEIGHT
from extractors.page_image import CANVAS_SCALE
from extractors.parsing import canonical
from schemas.forms import FieldKind
from schemas.packs import load_department


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    return cut_pieces(load_department("us_irs"))


@pytest.fixture(scope="module")
def strips(pieces: list[Piece]) -> list[Labelled]:
    rng = np.random.default_rng(3)
    return [one for _ in range(2) for one in make_strips(pieces, Texts(3), None, rng)]


def test_nearly_every_text_field_is_in_a_piece(pieces: list[Piece]) -> None:
    department = load_department("us_irs")
    wanted = sum(
        not one.kind.is_mark and not one.reserved
        for form in department.forms
        for one in form.fields()
    )
    # The rest are wider than a sheet.
    assert sum(len(piece.fields) for piece in pieces) >= 0.97 * wanted


def test_a_sheets_boxes_lie_on_the_blank_as_they_do_on_the_page(pieces: list[Piece]) -> None:
    sheet = make_sheet(pieces, np.random.default_rng(1))
    gray = sheet.gray
    assert len(sheet.page.fields) > 10
    for field in sheet.page.fields:
        x0, y0, x1, y1 = (round(edge * CANVAS_SCALE) for edge in field.box)
        inside = gray[y0 + 6 : y1 - 6, x0 + 6 : x1 - 6]
        assert np.median(inside) > 200, field.name


def test_sheets_differ(pieces: list[Piece]) -> None:
    rng = np.random.default_rng(1)
    first, second = make_sheet(pieces, rng), make_sheet(pieces, rng)
    assert [f.name for f in first.page.fields] != [f.name for f in second.page.fields]


def test_superscript_cents_are_labelled_with_a_point() -> None:
    assert label_of("1,234" + SUPERSCRIPTS[5] + SUPERSCRIPTS[0], spaced=False) == "1,234.50"
    assert label_of("$ 12", spaced=False) == "$12"
    assert label_of(" PO  BOX 7 ", spaced=True) == "PO BOX 7"


def test_amounts_are_mostly_amounts() -> None:
    rng = np.random.default_rng(0)
    written = [amount(rng) for _ in range(500)]
    valid = [canonical(FieldKind.AMOUNT, label_of(one, spaced=False)) for one in written]
    assert sum(value is not None for value in valid) > 480
    assert len({len(one) for one in written}) > 8


@pytest.mark.parametrize("ink", ["hand", "typed"])
def test_a_training_hand_writes_what_texts_hold(ink: str) -> None:
    rng = np.random.default_rng(2)
    hand = training_hand(ink, None, rng)
    for character in "0123456789.,-$()":
        assert hand.glyph(character, rng) is not None, character
    if isinstance(hand, VariedHand):
        raised = hand.glyph(SUPERSCRIPTS[7], rng)
        plain = hand.glyph("7", rng)
        assert raised is not None and plain is not None
        assert raised.mask.shape[0] < plain.mask.shape[0]


def test_held_out_writers_never_train() -> None:
    assert Writers.TRAINING is not Writers.HELD_OUT
    assert not Writers.TRAINING.allows(Writers.HELD_OUT)


def test_strips_are_as_high_as_the_network_and_labelled(strips: list[Labelled]) -> None:
    assert len(strips) > 30
    for one in strips:
        assert one.strip.shape[:2] == (2, HEIGHT)
        assert one.strip.dtype == np.uint8
        assert one.text
        assert one.strip[1].max() > 60  # the scan shows ink


def test_a_shard_comes_back_as_it_was(strips: list[Labelled], tmp_path) -> None:
    save(strips, tmp_path / "one.npz")
    again = load(tmp_path / "one.npz")
    assert [one.text for one in again] == [one.text for one in strips]
    assert all(np.array_equal(a.strip, b.strip) for a, b in zip(again, strips, strict=True))


def test_variations_differ_but_keep_the_ink(strips: list[Labelled]) -> None:
    rng = np.random.default_rng(0)
    inked = [one for one in strips if one.strip[0].sum() > 60_000][:12]
    for one in inked:
        varied = [vary(one.strip, rng) for _ in range(6)]
        assert any(v.shape != one.strip.shape or not np.array_equal(v, one.strip) for v in varied)
        assert any(v[0].sum() > 0.5 * one.strip[0].sum() for v in varied)


def test_batches_have_one_size_for_each_width(strips: list[Labelled]) -> None:
    source = batches(strips, np.random.default_rng(0), pixels=1200)
    sizes: dict[int, set[int]] = {}
    for _ in range(30):
        batch, texts = next(source)
        assert len(batch) == len(texts)
        assert batch.shape[3] == padded_width(batch.shape[3])
        sizes.setdefault(batch.shape[3], set()).add(len(batch))
    assert all(len(found) == 1 for found in sizes.values())


def test_stacking_pads_with_paper() -> None:
    narrow, wide = np.full((2, HEIGHT, 10), 9, np.uint8), np.full((2, HEIGHT, 40), 9, np.uint8)
    stacked = stack([narrow, wide])
    assert stacked.shape == (2, 2, HEIGHT, 64)
    assert stacked[0, :, :, 10:].max() == 0

"""What is struck out goes to a person; what only looks a little like it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from reading_fixtures import MARGIN, definition, field_image, paper, printed

from benchmarks.samples.fonts import Face, Writers, find_fonts
from benchmarks.samples.ink import draw_page, make_hand
from extractors.fields import cut_fields
from extractors.ink import find_ink
from extractors.page_image import FieldImage, LiftedPage, PageImage, Registration
from extractors.strikeouts import is_struck_out
from schemas.errors import MissingProgramError
from schemas.forms import Box, FieldDefinition, FieldKind, PageDefinition

GLYPHS = Path(__file__).resolve().parents[3] / "shared" / "data" / "handwriting"
SCALE = 300 / 72


def struck(image: FieldImage) -> bool:
    return is_struck_out(image, find_ink(image))


def written(*texts: tuple[str, int, int]) -> FieldImage:
    """Texts at their places, y of the baseline."""
    ink = paper(definition())
    for text, x, y in texts:
        cv2.putText(ink, text, (MARGIN + x, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3, cv2.LINE_AA)
    return field_image(definition(), ink)


def with_line(image: FieldImage, *points: tuple[int, int]) -> FieldImage:
    ink = image.ink.copy()
    cv2.polylines(ink, [np.array(points, np.int32)], False, 0, 3, cv2.LINE_AA)
    return field_image(image.definition, ink)


@pytest.mark.parametrize(
    "image",
    [
        with_line(printed("52340"), (14, 38), (116, 40)),
        with_line(with_line(printed("52340"), (14, 34), (116, 34)), (14, 44), (116, 43)),
        with_line(printed("52340"), (14, 50), (118, 26)),
        with_line(printed("52340"), *[(18 + 8 * i, 28 if i % 2 else 50) for i in range(13)]),
        with_line(written(("340", 10, 50), ("345", 200, 50)), (14, 38), (88, 39)),
    ],
    ids=["line", "two lines", "slanted", "zigzag", "with another beside it"],
)
def test_struck_out_numbers(image: FieldImage) -> None:
    assert struck(image)


@pytest.mark.parametrize("text", ["52340", "1,204", "-782", "(1,204)", "0", "$95", "1277"])
def test_ordinary_numbers(text: str) -> None:
    assert not struck(printed(text))


def test_crossed_sevens_slashed_zeros_dashes_and_a_rulings_residue() -> None:
    sevens = with_line(printed("77"), (24, 40), (40, 39))
    zero = with_line(printed("10"), (44, 50), (60, 28))
    assert not struck(sevens)
    assert not struck(zero)
    assert not struck(with_line(printed("0"), (4, 40), (14, 40)))
    assert not struck(with_line(printed("52340"), (12, 60), (280, 60)))


def test_words_and_empty_fields_are_not_looked_at() -> None:
    name = definition(FieldKind.NAME, "taxpayer_name")
    assert not struck(with_line(printed("Smith", name), (14, 38), (116, 40)))
    assert not struck(field_image(definition()))


@pytest.fixture(scope="module")
def amounts() -> Iterator[tuple[list[FieldImage], list[FieldImage]]]:
    """Amounts of held-out writers on empty paper: ordinary ones, and ones with a correction."""
    glyphs = GLYPHS if GLYPHS.is_dir() else None
    try:
        find_fonts(Face.PEN)
    except MissingProgramError:
        pytest.skip("needs the fonts of the set-up")
    fields = tuple(
        FieldDefinition(name=f"a_{i}", kind=FieldKind.AMOUNT, box=Box(40, y, 112, y + 12))
        for i, y in enumerate(range(60, 420, 36))
    )
    page = PageDefinition(number=1, width=153, height=480, fields=fields)
    found: tuple[list[FieldImage], list[FieldImage]] = ([], [])
    for seed in range(12):
        for images, share in zip(found, (0.0, 1.0), strict=True):
            rng = np.random.default_rng(seed)
            hand = make_hand("hand", rng, glyphs, Writers.HELD_OUT)
            values = {one.name: f"{int(10 ** rng.uniform(1, 5)):,}" for one in fields}
            blank = np.full((2000, 637), 255, np.uint8)
            filled, _ = draw_page(blank, page, values, hand, rng, strike_outs=share)
            lifted = LiftedPage(filled, filled, Registration(np.diag([SCALE, SCALE, 1]), 1, 0))
            images += cut_fields(lifted, PageImage(1, filled), page)
    yield found


def test_of_unseen_writers_nearly_all_are_found_and_few_others(
    amounts: tuple[list[FieldImage], list[FieldImage]],
) -> None:
    ordinary, corrected = amounts
    assert sum(map(struck, corrected)) >= 0.97 * len(corrected)
    assert sum(map(struck, ordinary)) <= 1

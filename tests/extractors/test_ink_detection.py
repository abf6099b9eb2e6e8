"""What ink is the filer's, and whether it was printed."""

import cv2
import numpy as np
import pytest
from reading_fixtures import HEIGHT, MARGIN, WIDTH, definition, field_image, paper, printed

from extractors.handwriting import ink_kinds
from extractors.ink import find_ink, without_stains
from extractors.page_image import Gray
from schemas.forms import FieldKind

RIGHT, BOTTOM = MARGIN + WIDTH, MARGIN + HEIGHT


def blank() -> Gray:
    return paper(definition())


def test_an_empty_field_has_no_ink() -> None:
    found = find_ink(field_image(definition()))
    assert not found.present
    assert found.line.size == 0


def test_writing_is_trimmed_to_its_ink() -> None:
    found = find_ink(printed("1,234"))
    assert found.present
    assert found.line.shape[0] < 45
    assert found.line.shape[1] < 130
    assert found.line.min() < 60


@pytest.mark.parametrize("text", ["1", "7", "-", "0"])
def test_a_single_character_is_ink(text: str) -> None:
    assert find_ink(printed(text)).present


def test_specks_of_the_scanner_are_no_writing() -> None:
    rng = np.random.default_rng(3)
    ink = blank()
    for _ in range(12):
        x, y = rng.integers(MARGIN, RIGHT - 4), rng.integers(MARGIN, BOTTOM - 4)
        ink[y : y + 3, x : x + 3] = 0
    assert not find_ink(field_image(definition(), ink)).present


def test_grain_turned_to_pepper_is_no_writing() -> None:
    rng = np.random.default_rng(8)
    ink = blank()
    for _ in range(24):
        x, y = rng.integers(MARGIN, RIGHT - 8), rng.integers(MARGIN, BOTTOM - 16)
        ink[y : y + int(rng.integers(4, 16)), x : x + int(rng.integers(3, 8))] = 0
    assert not find_ink(field_image(definition(), ink)).present
    written = np.minimum(ink, printed("1,234", size=1.4).ink)
    assert find_ink(field_image(definition(), written)).present


def test_a_number_fallen_to_pieces_is_no_pepper() -> None:
    rng = np.random.default_rng(8)
    ink = blank()
    for _ in range(24):
        x, y = rng.integers(RIGHT - 100, RIGHT - 12), rng.integers(MARGIN + 4, BOTTOM - 18)
        ink[y : y + int(rng.integers(4, 16)), x : x + int(rng.integers(3, 8))] = 0
    assert find_ink(field_image(definition(), ink)).present


def on_film(drawn: Gray, seed: int) -> tuple[Gray, Gray]:
    """Grainy paper with what is drawn on it, and what lifting makes of that."""
    rng = np.random.default_rng(seed)
    grain = np.asarray(cv2.GaussianBlur(rng.normal(0, 27, drawn.shape), (0, 0), 1.2))
    film = np.clip(180 + grain - (255.0 - drawn) * 0.45, 0, 255).astype(np.uint8)
    lifted = np.clip(255 - (195.0 - film) * 1.9, 0, 255)
    return film, np.where(lifted < 190, lifted, 255).astype(np.uint8)


@pytest.mark.parametrize("seed", range(6))
def test_grain_run_together_is_no_writing_and_a_faint_zero_is(seed: int) -> None:
    film, ink = on_film(blank(), seed)
    cv2.line(ink, (60, 30), (63, 46), 160, 3)
    cv2.line(ink, (110, 40), (123, 41), 165, 3)
    assert not find_ink(field_image(definition(), ink, registered=film)).present
    film, ink = on_film(printed("0").ink, seed)
    assert find_ink(field_image(definition(), ink, registered=film)).present


def test_small_writing_is_no_pepper() -> None:
    assert find_ink(printed("manager of sales", size=0.5)).present


def test_remains_of_rulings_are_no_writing() -> None:
    ink = blank()
    ink[BOTTOM - 3 : BOTTOM, MARGIN + 20 : RIGHT - 60] = 0
    ink[MARGIN : MARGIN + 2, MARGIN : RIGHT - 8] = 0
    ink[MARGIN : BOTTOM - 2, RIGHT - 2 : RIGHT + 1] = 0
    assert not find_ink(field_image(definition(), ink)).present


def test_a_one_at_the_right_edge_is_not_taken_for_the_frame() -> None:
    ink = blank()
    cv2.line(ink, (RIGHT - 3, MARGIN + 12), (RIGHT - 4, BOTTOM - 8), 0, 4)
    assert find_ink(field_image(definition(), ink)).present


def test_comb_ticks_are_no_writing() -> None:
    field = definition(FieldKind.TAXPAYER_ID, "taxpayer_ssn", comb=9)
    ink = blank()
    for cell in range(1, 9):
        x = MARGIN + round(WIDTH * cell / 9)
        ink[BOTTOM - 16 : BOTTOM, x - 1 : x + 1] = 0
    assert not find_ink(field_image(field, ink)).present


def test_strokes_of_the_field_above_are_left_out() -> None:
    above = blank()
    cv2.putText(above, "88888", (40, 12), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3)
    assert not find_ink(field_image(definition(), above)).present
    both = np.minimum(above, printed("12").ink)
    assert len(find_ink(field_image(definition(), both)).strokes) == 2


def test_a_point_that_lifting_took_away_comes_back() -> None:
    ink = printed("12 50").ink
    scan = ink.copy()
    cv2.circle(scan, (59, 47), 2, 0, -1)
    with_point = find_ink(field_image(definition(), ink, registered=scan))
    assert len(with_point.strokes) == 5
    text = definition(FieldKind.TEXT, "occupation")
    assert len(find_ink(field_image(text, ink, registered=scan)).strokes) == 4


def test_stains_fainter_than_the_pages_writing_are_no_ink() -> None:
    stain = blank()
    cv2.ellipse(stain, (80, 40), (9, 8), 0, 0, 360, 160, -1)
    faint = np.maximum(printed("1,234", size=1.4).ink, 150)
    inks = {n: find_ink(printed("1,234", size=1.4)) for n in range(5)}
    inks[5] = find_ink(field_image(definition(), stain))
    inks[6] = find_ink(field_image(definition(), faint))
    assert inks[5].present
    kept = without_stains(inks)
    assert [n for n, ink in kept.items() if not ink.present] == [5]
    assert without_stains({5: inks[5]})[5].present


def test_print_and_wavering_hands_are_told_apart() -> None:
    rng = np.random.default_rng(5)
    typed = [find_ink(printed(text)) for text in ("1,234", "58102", "HELLO", "7734")]
    hands = []
    for text in ("1234", "58102", "6617", "90210"):
        ink = blank()
        x = 40
        for character in text:
            y = 48 + int(rng.integers(-7, 8))
            size = float(rng.uniform(0.8, 1.25))
            cv2.putText(
                ink, character, (x, y), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, size, 0,
                int(rng.integers(2, 6)), cv2.LINE_AA,
            )  # fmt: skip
            x += 30
        turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT), 0, 1)
        turn[0, 1] = 0.35
        ink = cv2.warpAffine(ink, turn, ink.shape[::-1], borderValue=255)
        hands.append(find_ink(field_image(definition(), np.asarray(ink, np.uint8))))
    assert ink_kinds(typed) == ["typed"] * 4
    assert ink_kinds(hands) == ["hand"] * 4


def test_a_page_without_ink_has_no_kinds() -> None:
    assert ink_kinds([]) == []

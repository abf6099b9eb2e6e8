"""Signed or not: any writing is a signature, residue and a stamp's edge are none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from reading_fixtures import field_image

from benchmarks.samples.ink_marks import signature_strokes
from extractors.engines.marks import MarksEngine
from extractors.page_image import Gray
from schemas.forms import Box, FieldDefinition, FieldKind
from schemas.readings import Reading

FIELD = FieldDefinition(name="taxpayer_signature", kind=FieldKind.SIGNATURE, box=Box(0, 0, 216, 18))
WIDE, HIGH = 924, 99


def read(ink: Gray) -> Reading:
    return MarksEngine().read([field_image(FIELD, ink)])[0]


def drawn(*strokes: np.ndarray, pen: int = 4, darkness: int = 255) -> Gray:
    ink = np.full((HIGH, WIDE), 255, np.uint8)
    for stroke in strokes:
        path = np.round((stroke + np.array([60, 70])) * 16).astype(np.int32)
        cv2.polylines(ink, [path], False, 255 - darkness, pen, cv2.LINE_AA, shift=4)
    return ink


def initials(rng: np.random.Generator) -> list[np.ndarray]:
    return signature_strokes(60.0, 40.0, rng)[:1]


@pytest.mark.parametrize("seed", range(6))
def test_names_initials_and_flourishes(seed: int) -> None:
    rng = np.random.default_rng(seed)
    name = signature_strokes(400.0, 45.0, rng)
    flourish = np.column_stack([np.linspace(0, 700, 40), 12 * np.sin(np.linspace(0, 9, 40))])
    assert read(drawn(*name)).confidence > 0.999
    for strokes in (name, initials(rng), [*name, flourish]):
        assert read(drawn(*strokes)).text == "X"


def test_a_faint_pen_and_a_printed_name() -> None:
    rng = np.random.default_rng(3)
    assert read(drawn(*signature_strokes(400.0, 45.0, rng), pen=3, darkness=110)).text == "X"
    ink = np.full((HIGH, WIDE), 255, np.uint8)
    cv2.putText(ink, "MARY MAJOR", (80, 70), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3, cv2.LINE_AA)
    assert read(ink).text == "X"


def test_an_empty_line_is_surely_not_signed() -> None:
    reading = read(np.full((HIGH, WIDE), 255, np.uint8))
    assert (reading.text, reading.confidence > 0.999) == ("", True)


@pytest.mark.parametrize(
    "points",
    [
        [(0, -40), (0, 20)],
        [(0, 20), (0, -35), (300, -38)],
        [(0, 15), (600, 15)],
        [(200, 30), (420, -60)],
    ],
    ids=["a stamp's side", "a stamp's corner", "a ruling", "a scratch"],
)
def test_edges_and_residue_are_no_signature(points: list[tuple[int, int]]) -> None:
    assert read(drawn(np.array(points, float))).text == ""


def test_specks_are_no_signature() -> None:
    rng = np.random.default_rng(1)
    ink = np.full((HIGH, WIDE), 255, np.uint8)
    for x, y in zip(rng.integers(40, 880, 12), rng.integers(25, 80, 12), strict=True):
        ink[y : y + 3, x : x + 3] = 0
    assert read(ink).text == ""

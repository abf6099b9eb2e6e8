"""Fields cut from the scan as it was received."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from extractors.snippets import MARGIN, cut_snippets, snippet_png
from schemas.settings import Settings


@pytest.fixture
def scan(tmp_path):
    gray = np.full((400, 300), 255, np.uint8)
    gray[100:120, 50:90] = 0
    path = tmp_path / "scan.png"
    cv2.imwrite(str(path), gray)
    return path


def decoded(png: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)


def test_the_box_comes_with_a_margin(scan):
    (png,) = cut_snippets(scan, [(1, (50, 100, 90, 120))], Settings())
    crop = decoded(png)
    assert crop.shape == (20 + 2 * MARGIN, 40 + 2 * MARGIN)
    assert crop[MARGIN + 5, MARGIN + 5] == 0
    assert crop[0, 0] == 255


def test_a_page_that_is_not_there_gives_no_picture(scan):
    assert cut_snippets(scan, [(2, (0, 0, 10, 10)), (1, (0, 0, 10, 10))], Settings())[0] is None


def test_a_damaged_file_gives_no_picture(tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7\nrubbish")
    assert cut_snippets(broken, [(1, (0, 0, 10, 10))], Settings()) == [None]


@pytest.mark.parametrize("box", [(-40, -40, -20, -20), (900, 900, 950, 950)])
def test_a_box_off_the_page_gives_no_picture(box):
    assert snippet_png(np.zeros((100, 100), np.uint8), box) is None


def test_a_box_that_leaves_the_page_is_cut_at_its_edge():
    png = snippet_png(np.zeros((100, 100), np.uint8), (90, 90, 140, 140))
    assert png is not None
    assert decoded(png).shape == (10 + MARGIN, 10 + MARGIN)

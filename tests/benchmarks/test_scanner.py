from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.samples.scanner import Look, ScannedPage, scan_page
from extractors.page_image import CANVAS_SCALE, Gray

WIDTH, HEIGHT = 612.0, 792.0
# Whole canvas pixels, so that drawing them rounds nothing.
CENTRES = ((375, 333), (2166, 417), (1250, 1667), (459, 2917), (2125, 2875))
LANDMARKS = tuple((x / CANVAS_SCALE, y / CANVAS_SCALE) for x, y in CENTRES)
HALF = 21


def marked_page() -> Gray:
    page = np.full((3300, 2550), 255, np.uint8)
    for x, y in CENTRES:
        page[y - HALF : y + HALF, x - HALF : x + HALF] = 0
    return page


PAGE = marked_page()


def mapped(scan: ScannedPage, x: float, y: float) -> tuple[float, float]:
    u, v, w = scan.matrix @ np.array([x, y, 1.0])
    return u / w, v / w


def found_near(scan: ScannedPage, u: float, v: float) -> tuple[float, float]:
    """Centre of the dark square about (u, v), outer-corner coordinates."""
    reach = round(12 * scan.dpi / 72)
    left, top = max(int(u) - reach, 0), max(int(v) - reach, 0)
    window = scan.image[top : top + 2 * reach, left : left + 2 * reach]
    paper = np.percentile(window, 90)
    dark = (window < paper * 0.55).astype(np.uint8)
    count, _, stats, centres = cv2.connectedComponentsWithStats(dark)
    assert count > 1
    largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
    return left + centres[largest][0] + 0.5, top + centres[largest][1] + 0.5


@pytest.mark.parametrize("quality", ["good", "fair", "poor"])
def test_the_matrix_says_where_the_blank_lies(quality: str) -> None:
    for seed in range(8):
        scan = scan_page(PAGE, quality, np.random.default_rng(seed))
        for x, y in LANDMARKS:
            u, v = mapped(scan, x, y)
            fu, fv = found_near(scan, u, v)
            assert np.hypot(fu - u, fv - v) < 1.0, (seed, scan.look)


def test_an_upside_down_page_says_so() -> None:
    turned = [
        scan
        for seed in range(120)
        if (scan := scan_page(PAGE[::3, ::3], "poor", np.random.default_rng(seed))).turned
    ]
    assert 0 < len(turned) < 20
    assert all(scan.turned == 180 for scan in turned)
    # What is right and below on the blank is left and above on the scan.
    for scan in turned:
        assert scan.matrix[0, 0] < 0 and scan.matrix[1, 1] < 0


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), quality=st.sampled_from(["good", "fair", "poor"]))
def test_scans_keep_what_their_quality_promises(seed: int, quality: str) -> None:
    scan = scan_page(PAGE, quality, np.random.default_rng(seed))
    height, width = scan.image.shape
    across, down = scan.resolution
    assert abs(width - WIDTH / 72 * across) <= 1
    assert abs(height - HEIGHT / 72 * down) <= 1
    assert not scan.bitonal or set(np.unique(scan.image)) <= {0, 255}
    assert scan.bitonal or len(np.unique(scan.image)) > 20
    direction = scan.matrix[:2, 0] * [1 / across, 1 / down]
    skew = abs(np.rad2deg(np.arctan2(direction[1], direction[0])))
    skew = min(skew, 180 - skew)
    assert skew < {"good": 0.35, "fair": 1.1, "poor": 3.0}[quality]
    assert (
        across in {"good": {300.0}, "fair": {200.0, 240.0, 300.0}, "poor": {200.0, 204.0}}[quality]
    )


def test_same_seed_same_scan() -> None:
    for quality in ("good", "poor"):
        first = scan_page(PAGE, quality, np.random.default_rng(4))
        second = scan_page(PAGE, quality, np.random.default_rng(4))
        assert np.array_equal(first.image, second.image)
        assert np.array_equal(first.matrix, second.matrix)


def test_all_looks_occur_and_the_page_is_left_alone() -> None:
    before = PAGE.copy()
    small = PAGE[::4, ::4]
    looks = {
        scan_page(small, quality, np.random.default_rng(seed)).look
        for quality in ("good", "fair", "poor")
        for seed in range(15)
    }
    assert looks == set(Look)
    assert np.array_equal(before, PAGE)


def test_unknown_quality_is_an_error() -> None:
    with pytest.raises(ValueError, match="splendid"):
        scan_page(PAGE, "splendid", np.random.default_rng(1))

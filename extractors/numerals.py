"""Whether the year printed on a page is the one that a blank bears.

A department does not have every year of a form, and a neighbour of a known year differs from
it by one numeral: such a page must be refused, not read as the known year.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from extractors.blank_page import BlankPage
from extractors.inkmap import Matrix, darkness
from extractors.page_image import CANVAS_DPI, CANVAS_SCALE, Gray
from extractors.scan import Scan
from schemas.forms import Box, Landmark

_REACH = 14
"""Pixels at 300 dpi around a landmark: what a rough registration may miss by."""
_LARGE = 40
"""Height in pixels from which a numeral is compared by halves."""
_SEEN = 0.3
"""Correlation of the whole landmark below which its numerals cannot be judged."""


@dataclass(frozen=True, slots=True)
class YearPrint:
    """One place where a blank bears its year, cut from its canvas."""

    x: int
    y: int
    ink: Gray
    numerals: tuple[tuple[int, int, int, int], ...]
    """Left, top, right, bottom of the year's last two numerals within `ink`."""
    weight: float


@lru_cache(maxsize=512)
def year_prints(blank: BlankPage) -> tuple[YearPrint, ...]:
    """All the places where a blank's landmarks hold its year."""
    found = []
    for landmark in blank.page.landmarks:
        match = re.search(rf"(?<!\d){blank.year}(?!\d)", landmark.text)
        if match:
            made = _year_print(blank, landmark, match.end())
            if made is not None:
                found.append(made)
    return tuple(found)


def year_likeness(scan: Scan, blank: BlankPage, canvas_to_scan: Matrix) -> float | None:
    """How alike the scan's year numerals are to the blank's, against the print around them.

    Near 1 where they are the same, less where one differs; none where the blank bears no
    year, or the scan is too poor there to tell. The mean over the places: a fax that fills the
    loops of one numeral leaves the same numeral elsewhere, another year differs everywhere.
    """
    found = [_likeness(scan, place, canvas_to_scan) for place in year_prints(blank)]
    judged = [likeness for likeness in found if likeness is not None]
    return sum(judged) / len(judged) if judged else None


def _likeness(scan: Scan, place: YearPrint, canvas_to_scan: Matrix) -> float | None:
    high, wide = place.ink.shape
    corner = np.array([[1.0, 0.0, place.x - _REACH], [0.0, 1.0, place.y - _REACH], [0.0, 0.0, 1.0]])
    shape = (high + 2 * _REACH, wide + 2 * _REACH)
    seen = darkness(scan.warp(canvas_to_scan @ corner, shape), CANVAS_DPI)
    answer = cv2.matchTemplate(seen, place.ink, cv2.TM_CCOEFF_NORMED)
    _, whole, _, (dx, dy) = cv2.minMaxLoc(answer)
    if not np.isfinite(whole) or whole < _SEEN:
        return None
    worst = 1.0
    for left, top, right, bottom in place.numerals:
        numeral = place.ink[top:bottom, left:right]
        around = seen[
            max(dy + top - 2, 0) : dy + bottom + 2, max(dx + left - 2, 0) : dx + right + 2
        ]
        if around.shape[0] < numeral.shape[0] or around.shape[1] < numeral.shape[1]:
            return None
        best = float(cv2.matchTemplate(around, numeral, cv2.TM_CCOEFF_NORMED).max())
        worst = min(worst, best if np.isfinite(best) else 0.0)
    return float(np.clip(worst / whole, 0.0, 1.0))


def _year_print(blank: BlankPage, landmark: Landmark, end: int) -> YearPrint | None:
    left, top = int(landmark.box.x0 * CANVAS_SCALE) - 2, int(landmark.box.y0 * CANVAS_SCALE) - 2
    right = int(landmark.box.x1 * CANVAS_SCALE) + 3
    bottom = int(landmark.box.y1 * CANVAS_SCALE) + 3
    if left < _REACH or top < _REACH:
        return None
    ink = darkness(np.ascontiguousarray(blank.gray[top:bottom, left:right]), CANVAS_DPI)
    spans = _columns(ink, landmark.text)
    if spans is None:
        return None
    before = len(landmark.text[: end - 2].replace(" ", ""))
    numerals = []
    for first, last in spans[before : before + 2]:
        numerals += _halves(ink, first, last)
    if not numerals:
        return None
    return YearPrint(left, top, ink, tuple(numerals), weight=Box(*landmark.box).height)


def _halves(ink: Gray, first: int, last: int) -> list[tuple[int, int, int, int]]:
    """The numeral between two columns; a large one as its upper and its lower half.

    A 2 and a 3 have the same head: as wholes they correlate too well.
    """
    marked = np.asarray(ink[:, first:last] > 110, np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    if len(stats) < 2:
        return []
    largest = stats[1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))]
    top, high = int(largest[cv2.CC_STAT_TOP]), int(largest[cv2.CC_STAT_HEIGHT])
    left, right = max(first - 2, 0), min(last + 2, ink.shape[1])
    upper, lower = max(top - 2, 0), min(top + high + 2, ink.shape[0])
    if high < _LARGE:
        return [(left, upper, right, lower)]
    middle = top + high // 2
    return [(left, upper, right, middle), (left, middle, right, lower)]


def _columns(ink: Gray, text: str) -> list[tuple[int, int]] | None:
    """The span of columns of each character but spaces; none where they cannot be told apart.

    Glyphs are separate in most print; where they touch, the ink is divided by the usual
    widths of such characters.
    """
    bare = text.replace(" ", "")
    for level in (60, 110, 160):
        inked = np.concatenate([[False], (ink > level).any(axis=0), [False]])
        edges = np.flatnonzero(np.diff(inked.astype(np.int8)))
        spans = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
        if len(spans) == len(bare):
            return spans
    inked_columns = np.flatnonzero((ink > 110).any(axis=0))
    if not len(inked_columns):
        return None
    widths = np.cumsum([0.0] + [_usual_width(character) for character in text])
    first, last = int(inked_columns[0]), int(inked_columns[-1]) + 1
    edges = first + widths / widths[-1] * (last - first)
    return [
        (int(edges[index]), int(np.ceil(edges[index + 1])))
        for index, character in enumerate(text)
        if character != " "
    ]


def _usual_width(character: str) -> float:
    if character in " .,;:'|":
        return 0.28
    if character in "()-[]tfrijlI":
        return 0.33
    return 0.556 if character.isdigit() or character.islower() else 0.68

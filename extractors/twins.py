"""Telling near twins apart: two years of one form, where only numerals and a few lines differ."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.blank_page import COARSE_DPI, FINE_DPI, BlankPage
from extractors.inkmap import Matrix, apply, scaling
from extractors.matching import fit_homography, match_patches
from extractors.page_image import CANVAS_DPI, CANVAS_SCALE, Gray
from extractors.scan import Scan
from schemas.forms import Box

_REACH = 6
"""Pixels at 150 dpi that a difference may lie off the rough registration."""
_MOST = 14
_LARGEST = (110, 44)
"""Width and height of a piece: a year's numerals, part of a line of print."""
_SURE = 0.12
"""Lead in correlation at which the choice between twins is fully trusted."""
_SEEN = 0.45
"""Correlation at which the winner's own distinguishing print is fully trusted to be there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two blanks differ, on the first one's canvas at `FINE_DPI`."""

    x: int
    y: int
    first: Gray
    second: Gray
    weight: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How well a scan fits the first of two twins, and the second, where they differ."""

    first: float
    second: float

    @property
    def sureness(self) -> float:
        """Positive: the first; negative: the second."""
        return self.first - self.second

    @property
    def trust(self) -> float:
        """0 to 1: how surely the first, both against its twin and in itself."""
        lead = np.clip(self.sureness / _SURE, 0.0, 1.0)
        return float(lead * np.clip(self.first / _SEEN, 0.0, 1.0))

    def reversed(self) -> Comparison:
        return Comparison(self.second, self.first)


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where the second of two blanks of a common plan lies on the first."""

    matrix: Matrix
    """The second one's canvas → the first one's."""
    ink: NDArray[np.int32]
    """The second one's ink on the first one's coarse map, as `ink_places` tells it."""


class TwinBook:
    """The differences of pairs of blanks, worked out when first asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[Difference, ...]] = {}
        self._placed: dict[tuple[str, str], Placement | None] = {}
        self._lock = threading.Lock()

    def placement(self, first: BlankPage, second: BlankPage) -> Placement | None:
        """Where the second lies on the first; none where they have no common plan."""
        key = (first.key, second.key)
        with self._lock:
            if key not in self._placed:
                self._placed[key] = _place(first, second)
            return self._placed[key]

    def compare(
        self, scan: Scan, first: BlankPage, second: BlankPage, canvas_to_scan: Matrix
    ) -> Comparison:
        """Look at a scan where two blanks differ; the first is registered roughly on it."""
        key = (first.key, second.key)
        with self._lock:
            if key not in self._known:
                self._known[key] = differences(first, second)
            pieces = self._known[key]
        from_fine = np.linalg.inv(scaling(FINE_DPI / CANVAS_DPI))
        image = scan.darkness(canvas_to_scan @ from_fine, first.fine.shape, FINE_DPI)
        total = one = two = 0.0
        for piece in pieces:
            high, wide = piece.first.shape
            left, top = piece.x - _REACH, piece.y - _REACH
            around = image[top : top + high + 2 * _REACH, left : left + wide + 2 * _REACH]
            one += piece.weight * _likeness(around, piece.first)
            two += piece.weight * _likeness(around, piece.second)
            total += piece.weight
        return Comparison(one / total, two / total) if total else Comparison(0.0, 0.0)


def _likeness(image: Gray, template: Gray) -> float:
    if int(template.max()) - int(template.min()) < 30:
        # Nothing printed there on this twin: likeness is how little the scan has either.
        return 1.0 - min(float(np.mean(image > 90)) * 4, 1.0)
    answer = cv2.matchTemplate(image, template, cv2.TM_CCOEFF_NORMED)
    best = float(answer.max())
    return best if np.isfinite(best) else 0.0


def differences(first: BlankPage, second: BlankPage) -> tuple[Difference, ...]:
    """The most telling places outside both pages' fields, strongest first."""
    one = first.fine
    two = _laid_on(second, first)
    reach = np.ones((3, 3), np.uint8)
    only_one = cv2.subtract(one, cv2.dilate(two, reach))
    only_two = cv2.subtract(two, cv2.dilate(one, reach))
    unlike = np.asarray(cv2.max(only_one, only_two), np.uint8)
    for blank in (first, second):
        for field in blank.page.fields:
            _erase(unlike, field.box)
    marked = np.asarray(unlike > 70, np.uint8)
    joined = cv2.dilate(marked, np.ones((5, 13), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    height, width = one.shape
    for left, top, wide, high, _ in stats[1:].tolist():
        left, top = max(left - 2, _REACH), max(top - 2, _REACH)
        right = min(left + min(wide + 4, _LARGEST[0]), width - _REACH)
        bottom = min(top + min(high + 4, _LARGEST[1]), height - _REACH)
        if right - left < 8 or bottom - top < 8:
            continue
        place = np.s_[top:bottom, left:right]
        weight = float(np.sqrt(np.sum(unlike[place], dtype=np.float64) / 255))
        found.append(Difference(left, top, one[place].copy(), two[place].copy(), weight))
    found.sort(key=lambda piece: piece.weight, reverse=True)
    return tuple(found[:_MOST])


def _common_plan(first: BlankPage, second: BlankPage) -> Matrix | None:
    """The first one's coarse map → the second one's; none where too little of them agrees."""
    fit = fit_homography(
        match_patches(second.coarse, first.coarse_patches, 10), within=1.5, least=12
    )
    return None if fit is None else fit.matrix


def _place(first: BlankPage, second: BlankPage) -> Placement | None:
    plan = _common_plan(first, second)
    if plan is None:
        return None
    back = np.asarray(np.linalg.inv(plan), np.float64)
    height, width = first.coarse.shape
    rows, columns = np.divmod(second.coarse_ink, second.coarse.shape[1])
    moved = np.rint(apply(back, np.column_stack([columns, rows]).astype(np.float64))).astype(int)
    inside = np.all((moved >= 0) & (moved < [width, height]), axis=1)
    ink = np.unique(moved[inside] @ [1, width]).astype(np.int32)
    step = scaling(COARSE_DPI / CANVAS_DPI)
    return Placement(np.asarray(np.linalg.inv(step) @ back @ step, np.float64), ink)


def _laid_on(second: BlankPage, first: BlankPage) -> Gray:
    """The second blank's fine map on the first one's canvas, aligned if they have a common plan."""
    plan = _common_plan(first, second)
    size = (first.fine.shape[1], first.fine.shape[0])
    matrix = np.eye(3)
    if plan is not None:
        step = scaling(FINE_DPI / COARSE_DPI)
        matrix = step @ plan @ np.linalg.inv(step)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(second.fine, matrix, size, flags=flags), np.uint8)


def _erase(image: Gray, box: Box) -> None:
    """Filers write in fields: what is found there tells nothing of the form."""
    scale = CANVAS_SCALE * FINE_DPI / CANVAS_DPI
    left, top = int(box.x0 * scale), int(box.y0 * scale)
    image[max(top, 0) : int(box.y1 * scale) + 1, max(left, 0) : int(box.x1 * scale) + 1] = 0

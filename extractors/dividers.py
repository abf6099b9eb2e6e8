"""Dividers within a field, as between the parts of an SSN, and the writing that lies on them.

Typed and written characters land on a field's dividers: a comb has nine places, the form
prints two dividers. Taking a divider's whole column away makes a 3 of an 8 whose back stands
on it. So it is looked at dot by dot: what the scan shows between the dots and beside them,
darker than the page's dividers are there, is the filer's; and so is what lies on a dot between
two such pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.page_image import CANVAS_SCALE, Gray
from schemas.forms import FieldDefinition

_GAP = 9
"""Canvas pixels: longest gap of a dashed line."""
_SHORTEST = 24
"""Canvas pixels of a divider's length."""
_WIDEST = 5
"""Canvas pixels of a divider's width; bars of 10-point type are as wide, but shorter."""
_FRAME = 6
"""Canvas pixels within which a line is the field's frame, not a divider of it."""
_AROUND = 30
"""Canvas pixels beside a divider in which a character that touches it is seen."""
_BESIDE = 4
"""Canvas pixels beside a divider in which its blurred print may be."""
_UNWRITTEN = 35
"""Percentile of the darkness over all dividers that is print alone: characters cover half."""
_INK = 215
"""Darkness of full ink, see `extractors.lift.strengthened`."""
_LONE = (14, 5)
"""Canvas pixels, high and wide, that ink which nowhere leaves a divider must fill to be a 1."""
_ROUGH = 7
"""Canvas pixels around surer ink in which ink right at a divider's print counts too."""
_FOLLOWED = 9
"""Canvas pixels over which ink is followed: a dot, and the soft edges at its ends."""


@dataclass(frozen=True, slots=True)
class Divider:
    """An upright thin line, whole or dashed, inside a field; canvas pixels."""

    left: int
    top: int
    right: int
    bottom: int
    dashed: bool

    def moved(self, across: int, down: int) -> Divider:
        """The same, counted from elsewhere."""
        return Divider(
            self.left + across,
            self.top + down,
            self.right + across,
            self.bottom + down,
            self.dashed,
        )


def find_dividers(ink: Gray, fields: Sequence[FieldDefinition]) -> tuple[Divider, ...]:
    """The dividers inside text fields of a blank whose `ink` is 255 where it has print."""
    found: dict[tuple[int, int], Divider] = {}
    for field in fields:
        if field.kind.is_mark:
            continue
        left, top, right, bottom = (max(round(edge * CANVAS_SCALE), 0) for edge in field.box)
        crop = ink[top:bottom, left + _FRAME : right - _FRAME]
        if crop.size == 0:
            continue
        joined = cv2.morphologyEx(crop, cv2.MORPH_CLOSE, np.ones((_GAP, 1), np.uint8))
        upright = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((_SHORTEST, 1), np.uint8))
        count, _, stats, _ = cv2.connectedComponentsWithStats(upright, connectivity=8)
        for x, y, wide, high, area in stats[1:count].tolist():
            if wide > _WIDEST:
                continue
            column = crop[y : y + high, x : x + wide]
            dashed = float(np.count_nonzero(column)) < 0.9 * area
            x, y = x + left + _FRAME, y + top
            found[x, y] = Divider(x, y, x + wide, y + high, dashed)
    return tuple(found[place] for place in sorted(found))


Limits = dict[bool, NDArray[np.uint8]]
"""For dashed dividers and for whole ones: darkness, by distance from a divider's print, from
which ink is more than that print."""


def divider_limits(pieces: Iterable[tuple[Gray, Gray, Sequence[Divider]]]) -> Limits:
    """How dark this scan's dividers are, from all of them together.

    Of each piece of the page: its darkness, its pixels' distance from the blank's ink, and the
    dividers in it.
    """
    levels: dict[bool, list[Gray]] = {True: [], False: []}
    steps: dict[bool, list[Gray]] = {True: [], False: []}
    for dark, distance, dividers in pieces:
        for one in dividers:
            zone = np.s_[one.top : one.bottom, one.left - _BESIDE : one.right + _BESIDE]
            levels[one.dashed].append(dark[zone].ravel())
            steps[one.dashed].append(distance[zone].ravel())
    return {
        dashed: _limits(np.concatenate(levels[dashed]), np.concatenate(steps[dashed]))
        for dashed in levels
        if levels[dashed]
    }


def _limits(levels: Gray, steps: Gray) -> NDArray[np.uint8]:
    limits = np.zeros(256, np.uint8)
    limits[0] = 255
    for step in range(1, _BESIDE + 1):
        there = levels[steps == step]
        printed = float(np.percentile(there, _UNWRITTEN)) if there.size else 0.0
        limits[step] = min(round((printed + _INK) / 2), 255)
    return limits


def ink_on_dividers(
    dark: Gray,
    seen: Gray,
    beyond: Gray,
    ground: tuple[Gray, Sequence[Divider]],
    limits: Limits,
) -> Gray:
    """255 where the filer's ink lies on or right beside a divider.

    `dark` is the darkness of a piece of the page, `seen` where it is ink, `beyond` the ink
    already known to be the filer's; `ground` the pixels' distance from the blank's ink, and the
    dividers.
    """
    distance, dividers = ground
    kept = np.zeros_like(seen)
    for one in dividers:
        left, top = max(one.left - _AROUND, 0), max(one.top - _AROUND, 0)
        area = np.s_[top : one.bottom + _AROUND, left : one.right + _AROUND]
        beside = np.zeros_like(seen[area])
        beside[
            one.top - top : one.bottom - top,
            one.left - left - _BESIDE : one.right - left + _BESIDE,
        ] = 255
        more = _on_one(
            dark[area], seen[area], beyond[area], distance[area], beside, limits[one.dashed]
        )
        kept[area] = cv2.bitwise_or(kept[area], more)
    return kept


def _on_one(
    dark: Gray,
    seen: Gray,
    beyond: Gray,
    distance: Gray,
    beside: Gray,
    limits: NDArray[np.uint8],
) -> Gray:
    """The filer's ink within `beside` of one divider."""
    more = np.asarray((dark > limits[distance]) & (distance > 0), np.uint8) * np.uint8(255)
    more = np.asarray(cv2.bitwise_and(cv2.bitwise_and(more, seen), beside), np.uint8)
    # Next to the print a threshold leaves rough edges: ink there needs ink farther off.
    clear = cv2.bitwise_or(np.where(distance > 1, more, np.uint8(0)), beyond)
    clear = cv2.dilate(clear, np.ones((_ROUGH, _ROUGH), np.uint8))
    more = np.asarray(cv2.bitwise_and(more, clear), np.uint8)
    if not more.any():
        return more
    known = np.asarray(cv2.bitwise_or(more, beyond), np.uint8)
    joined = known
    for element in _FOLLOW:
        closed = cv2.morphologyEx(known, cv2.MORPH_CLOSE, element)
        joined = np.asarray(cv2.bitwise_or(joined, closed), np.uint8)
    joined = np.asarray(cv2.bitwise_and(joined, cv2.bitwise_or(seen, beyond)), np.uint8)
    count, labels = cv2.connectedComponents(joined, connectivity=8)
    written = np.zeros(count, np.bool_)
    written[np.unique(labels[(beyond > 0) & (beside == 0)])] = True
    thick = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones(_LONE, np.uint8))
    written[np.unique(labels[thick > 0])] = True
    written[0] = False
    return np.where(written[labels] & (beside > 0), 255, 0).astype(np.uint8)


_FOLLOW = (
    np.ones((_FOLLOWED, 1), np.uint8),
    np.ones((1, _FOLLOWED), np.uint8),
    np.eye(_FOLLOWED - 2, dtype=np.uint8),
    np.ascontiguousarray(np.eye(_FOLLOWED - 2, dtype=np.uint8)[::-1]),
)

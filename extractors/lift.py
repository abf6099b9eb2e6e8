"""What the filer wrote: the scan on the blank's canvas, with form and background made white.

The form's rulings run under what is written, so ink is not just painted out where the blank
has some: a stroke that crosses a ruling is followed over it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.areas import Area
from extractors.blank_page import BlankPage
from extractors.dividers import Limits, divider_limits, ink_on_dividers
from extractors.exposure import WIDEST, Exposure, expose
from extractors.ground import Ground
from extractors.inkmap import above
from extractors.page_image import Gray, LiftedPage, PageImage, Registration
from extractors.register import canvas_to_scan
from extractors.scan import Scan

_RULING = 3
"""Canvas pixels: thickness of a form's thin rulings (half a point and its soft edges)."""
_TINY = 6
"""Canvas pixels around a piece of ink that is dust, or a ruling's rough edge."""
_SMALL = 22
"""Canvas pixels around a piece of ink that is dust unless there is writing beside it."""
_DOT = 120
"""Darkness that a dot reaches and a grain of film does not."""
_ROUGH = 2
"""Canvas pixels by which a threshold's staircase stands out of a ruling."""
_NEAR = (5, 9)
"""Height and width, in eighths of the canvas, within which writing counts as beside."""
_BRIDGE = 4
"""Canvas pixels added to a ruling's thickness and blur: how far a stroke is followed over."""


def lift_page(
    page: PageImage, blank: BlankPage, registration: Registration, scan: Scan | None = None
) -> LiftedPage:
    """Warp the scan on the blank's canvas and take the blank's ink and the background away.

    Only around the blank's fields: elsewhere the canvas stays white. `scan` is the page as
    others have looked at it already, if they have.
    """
    scan = Scan(page.gray) if scan is None else scan
    matrix, shape = canvas_to_scan(registration), blank.canvas_shape
    grounds = blank.grounds
    exposure = expose(
        [scan.warp(matrix, area.shape, area[:2]) for area, _ in grounds.sample],
        [distance for _, distance in grounds.sample],
    )
    registered, ink = np.full(shape, 255, np.uint8), np.full(shape, 255, np.uint8)
    pieces = []
    for area, ground in grounds.around_fields:
        part = scan.warp(matrix, area.seen.shape, area.seen[:2])
        registered[area.wanted.pixels] = part[area.wanted.within(area.seen).pixels]
        pieces.append((exposure.darkness(part), ground))
    limits = divider_limits((dark, one.distance, one.dividers) for dark, one in pieces)
    for (area, _), (dark, ground) in zip(grounds.around_fields, pieces, strict=True):
        part = _without_form(dark, ground, exposure, limits)
        ink[area.wanted.pixels] = part[area.wanted.within(area.seen).pixels]
    return LiftedPage(registered=registered, ink=ink, registration=registration)


def _without_form(dark: Gray, ground: Ground, exposure: Exposure, limits: Limits) -> Gray:
    """Dark strokes on white, where a piece of a page has ink that the blank has not."""
    distance, reach = ground.distance, exposure.reach
    seen = above(dark, exposure.level)
    clear = above(distance, reach)
    beyond = without_dust(np.asarray(cv2.bitwise_and(seen, clear), np.uint8), dark, distance, reach)
    kept = beyond.copy()
    # Strokes are followed only from where there are any: most of most pages has none.
    for area in _inked(beyond, 2 * (reach + _RULING) + 3 * _RULING + 2 * WIDEST):
        here = area.pixels
        under = cv2.subtract(seen[here], clear[here])
        more = cv2.bitwise_or(
            bridges(beyond[here], np.asarray(under, np.uint8), reach),
            strokes_along(seen[here], beyond[here], ground.rulings(area), reach),
        )
        kept[here] = cv2.bitwise_or(kept[here], more)
    if ground.dividers:
        more = ink_on_dividers(dark, seen, beyond, (distance, ground.dividers), limits)
        kept = np.asarray(cv2.bitwise_or(kept, more), np.uint8)
    lifted = np.full_like(dark, 255)
    for area in _inked(kept, 1):
        here = area.pixels
        # The soft edges of what is kept, but nothing of the form's.
        edges = cv2.dilate(kept[here], np.ones((3, 3), np.uint8))
        edges = cv2.bitwise_and(edges, cv2.bitwise_or(clear[here], kept[here]))
        lifted[here] = cv2.bitwise_not(cv2.bitwise_and(dark[here], edges))
    return lifted


def _inked(mask: Gray, around: int) -> Iterator[Area]:
    """Rectangles that together hold all of a mask and so many pixels around it."""
    height, width = mask.shape
    rows = np.flatnonzero(mask.max(axis=1, initial=0))
    if not rows.size:
        return
    apart = np.flatnonzero(np.diff(rows) > 2 * around)
    firsts = rows[np.concatenate([[0], apart + 1])]
    lasts = rows[np.concatenate([apart, [rows.size - 1]])]
    for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True):
        columns = np.flatnonzero(mask[first : last + 1].max(axis=0))
        found = Area(int(columns[0]), first, int(columns[-1]) + 1, last + 1)
        yield found.grown(around, (height, width))


def without_dust(mask: Gray, dark: Gray, distance: Gray, reach: int) -> Gray:
    """The mask without what is no stroke.

    Dust: what is tiny or a faint grain of film, and what is small with no writing beside it
    (a decimal point is no larger than a speck, but has digits for neighbours). And what is
    left of the form where a threshold made its edges rough: pieces that nowhere leave the
    blank's ink by more than a pixel or two.
    """
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return mask
    lengths = np.array([len(contour) for contour in contours])
    points = np.concatenate(contours)[:, 0, :]
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    farthest = np.maximum.reduceat(distance[points[:, 1], points[:, 0]], starts)
    residue = farthest <= reach + _ROUGH
    faint = np.maximum.reduceat(dark[points[:, 1], points[:, 0]], starts) < _DOT
    small = lengths <= _SMALL
    cleaned = mask.copy()
    _fill(cleaned, contours, residue | small, 0)
    writing = cv2.resize(cleaned, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    near = cv2.dilate(np.asarray(writing > 8, np.uint8), np.ones(_NEAR, np.uint8))
    first = np.minimum(points[starts] // 8, [near.shape[1] - 1, near.shape[0] - 1])
    beside = near[first[:, 1], first[:, 0]] > 0
    dots = np.zeros_like(mask)
    _fill(dots, contours, small & ~residue & ~faint & beside & (lengths > _TINY), 255)
    return np.asarray(cv2.bitwise_or(cleaned, cv2.bitwise_and(dots, mask)), np.uint8)


def _fill(
    mask: Gray, contours: Sequence[NDArray[Any]], which: NDArray[np.bool_], level: int
) -> None:
    chosen = [contours[index] for index in np.flatnonzero(which).tolist()]
    cv2.drawContours(mask, chosen, -1, (level,), cv2.FILLED)


def bridges(beyond: Gray, under: Gray, reach: int) -> NDArray[np.uint8]:
    """What lies under the form's ink between two pieces of a stroke.

    `beyond` is ink that is not the form's, `under` ink that may be. A pixel under the form is
    kept where, along some direction, ink that is not the form's lies on both sides of it.
    """
    length = 2 * reach + _BRIDGE + 1
    kept = np.zeros_like(beyond)
    for element in _directions(length):
        closed = cv2.morphologyEx(beyond, cv2.MORPH_CLOSE, element)
        kept = np.asarray(cv2.bitwise_or(kept, closed), np.uint8)
    return np.asarray(cv2.bitwise_and(kept, under), np.uint8)


def strokes_along(seen: Gray, beyond: Gray, rulings: Gray, reach: int) -> NDArray[np.uint8]:
    """Strokes that lie on a ruling, told from it by being thicker, and that go on beside it.

    The foot of a 2 that stands on the line, the back of a 3 that leans on a divider.
    """
    thick = _RULING + 2 * reach + 1
    solid = cv2.morphologyEx(seen, cv2.MORPH_OPEN, np.ones((thick, thick), np.uint8))
    near = 2 * (reach + _RULING) + 1
    beside = cv2.dilate(beyond, np.ones((near, near), np.uint8))
    return np.asarray(cv2.bitwise_and(cv2.bitwise_and(solid, rulings), beside), np.uint8)


@cache
def _directions(length: int) -> tuple[NDArray[np.uint8], ...]:
    """Line-shaped elements: upright, level, and leaning both ways."""
    length |= 1
    middle = length // 2
    found = []
    for across, down in ((0.0, 1.0), (1.0, 0.0), (0.5, 1.0), (-0.5, 1.0), (1.0, 1.0), (-1.0, 1.0)):
        element = np.zeros((length, length), np.uint8)
        start = (round(middle - across * middle), round(middle - down * middle))
        end = (round(middle + across * middle), round(middle + down * middle))
        cv2.line(element, start, end, 1)
        rows, columns = np.flatnonzero(element.any(1)), np.flatnonzero(element.any(0))
        found.append(element[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy())
    return tuple(found)

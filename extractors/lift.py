"""What the filer wrote: the scan on the blank's canvas, with form and background made white.

The form's rulings run under what is written, so ink is not just painted out where the blank
has some: a stroke that crosses a ruling is followed over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.blank_page import BlankPage
from extractors.dividers import ink_on_dividers
from extractors.inkmap import above, paper, up_to
from extractors.page_image import Gray, LiftedPage, PageImage, Registration
from extractors.register import canvas_to_scan
from extractors.scan import Scan

_DARK = 70
"""Darkness (0 to 255) from which a pixel is ink: pencil is above, tints and noise are below."""
_GOOD_PRINT = 215.0
"""Darkness of black print on a good gray scan."""
_MOST_GAIN = 2.0
_WIDEST = 4
"""Canvas pixels around the blank's ink that may still be the form's: blur, threshold."""
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
_SPECK = 2.0
"""Times the median difference of neighbouring paper from which a place is a white speck."""
_BRIDGE = 4
"""Canvas pixels added to a ruling's thickness and blur: how far a stroke is followed over."""


def lift_page(page: PageImage, blank: BlankPage, registration: Registration) -> LiftedPage:
    """Warp the scan on the blank's canvas and take the blank's ink and the background away."""
    scan = Scan(page.gray)
    registered = scan.warp(canvas_to_scan(registration), blank.canvas_shape)
    return LiftedPage(
        registered=registered,
        ink=remove_form(registered, blank),
        registration=registration,
    )


def remove_form(registered: Gray, blank: BlankPage) -> Gray:
    """Dark strokes on white, where `registered` has ink that the blank has not."""
    dark = canvas_darkness(registered)
    distance = blank.ink_distance
    dark, level = strengthened(dark, distance)
    seen = above(dark, level)
    reach = spread(seen, distance)
    form = up_to(distance, reach)
    beyond = np.asarray(cv2.bitwise_and(seen, cv2.bitwise_not(form)), np.uint8)
    beyond = without_dust(beyond, dark, distance, reach)
    under = np.asarray(cv2.bitwise_and(seen, form), np.uint8)
    kept = cv2.bitwise_or(beyond, bridges(beyond, under, reach))
    kept = cv2.bitwise_or(kept, strokes_along(seen, beyond, blank.rulings, reach))
    kept = cv2.bitwise_or(kept, ink_on_dividers(dark, seen, beyond, distance, blank.dividers))
    # The soft edges of what is kept, but nothing of the form's.
    edges = cv2.dilate(kept, np.ones((3, 3), np.uint8))
    edges = cv2.bitwise_and(edges, cv2.bitwise_or(cv2.bitwise_not(form), kept))
    return np.asarray(cv2.bitwise_not(cv2.bitwise_and(dark, edges)), np.uint8)


def canvas_darkness(registered: Gray) -> Gray:
    """`darkness` of a whole canvas, its paper measured on a reduced copy for speed."""
    height, width = registered.shape
    # The lightest of every 4 × 4 pixels: the mean would darken paper beside strokes.
    light = cv2.dilate(registered, np.ones((4, 4), np.uint8))[::4, ::4]
    small = paper(without_white_specks(np.ascontiguousarray(light)), 9)
    even = cv2.divide(registered, cv2.resize(small, (width, height)), scale=255)
    return np.asarray(cv2.bitwise_not(even), np.uint8)


def without_white_specks(light: Gray) -> Gray:
    """The map of paper with single places far lighter than those around them made as those are.

    A speck of film is no paper: everything around it would be darker than that, and ink.
    """
    around = np.asarray(cv2.medianBlur(light, 3), np.uint8)
    usual = float(np.median(cv2.absdiff(light, around)[::2, ::2]))
    most = cv2.add(around, np.full_like(around, round(_SPECK * usual) + 3))
    return np.asarray(cv2.min(light, most), np.uint8)


def strengthened(dark: Gray, distance: Gray) -> tuple[Gray, float]:
    """The darkness of a faded page raised to that of good print, and the level of its ink.

    How dark ink is on this scan, the form's own print shows. The level stays above the noise
    of the paper.
    """
    sample = np.s_[::7, ::5]
    print_darkness = float(np.percentile(dark[sample][distance[sample] == 0], 70))
    noise = 4.0 * float(np.std(dark[sample][distance[sample] > 12]))
    gain = float(np.clip(_GOOD_PRINT / max(print_darkness, 1.0), 1.0, _MOST_GAIN))
    if gain > 1.05:
        dark = np.asarray(cv2.convertScaleAbs(dark, alpha=gain), np.uint8)
    return dark, float(np.clip(min(noise * gain, 2 * _DARK), _DARK, 2 * _DARK))


def spread(seen: Gray, distance: Gray) -> int:
    """How many pixels beyond the blank's ink the scan's print reaches.

    Blur, threshold and what registration misses thicken print differently on every scan. Ink
    at each distance from the blank's is counted: print falls off steeply, handwriting does
    not.
    """
    sample = np.s_[::4, ::3]
    counts = np.bincount(distance[sample].ravel(), minlength=256)[:12].astype(np.float64)
    inked = np.bincount(distance[sample][seen[sample] > 0], minlength=256)[:12]
    share = inked / np.maximum(counts, 1)
    elsewhere = float(np.mean(share[_WIDEST + 2 : 12]))
    for reach in range(1, _WIDEST + 1):
        if share[reach + 1] < elsewhere + 0.04:
            return reach
    return _WIDEST


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


def _directions(length: int) -> list[NDArray[np.uint8]]:
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
    return found

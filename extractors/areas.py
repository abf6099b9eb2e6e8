"""The parts of a canvas that hold fields, a third of a page and less: only these are lifted.

Fields close together share an area, so that what lies between them is not worked on twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extractors.fields import crop_of
from schemas.forms import FieldDefinition

_AROUND = 48
"""Canvas pixels around a crop by which its ink is judged: paper beside it, writing near a dot."""
_GRID = 8
"""Canvas pixels; areas begin on it, as the reduced maps of paper and of writing do."""
_WORTH = 20_000
"""Pixels that could be lifted in the time which one area more costs."""


class Area(NamedTuple):
    """A rectangle of a canvas, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def size(self) -> int:
        return (self.right - self.left) * (self.bottom - self.top)

    @property
    def shape(self) -> tuple[int, int]:
        return self.bottom - self.top, self.right - self.left

    @property
    def pixels(self) -> tuple[slice, slice]:
        """To index an image with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def grown(self, by: int, shape: tuple[int, int]) -> Area:
        """Larger by so many pixels on every side, but within an image of that shape."""
        return Area(
            max(self.left - by, 0),
            max(self.top - by, 0),
            min(self.right + by, shape[1]),
            min(self.bottom + by, shape[0]),
        )

    def joined(self, other: Area) -> Area:
        return Area(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def within(self, other: Area) -> Area:
        """The same, counted from the other's corner."""
        return Area(
            self.left - other.left,
            self.top - other.top,
            self.right - other.left,
            self.bottom - other.top,
        )


@dataclass(frozen=True, slots=True)
class FieldArea:
    """What is wanted of a canvas, and what has to be seen for it."""

    wanted: Area
    seen: Area


def field_areas(fields: Sequence[FieldDefinition], shape: tuple[int, int]) -> tuple[FieldArea, ...]:
    """Areas that together hold the crops of all fields, on a canvas of that height and width."""
    areas: list[Area] = []
    for field in fields:
        area = _on_grid(Area(*crop_of(field, shape).outer), shape)
        # Joining two can make it worth while to join a third.
        while (other := _best_partner(area, areas, shape)) is not None:
            areas.remove(other)
            area = area.joined(other)
        areas.append(area)
    return tuple(FieldArea(one, one.grown(_AROUND, shape)) for one in areas)


def strips(shape: tuple[int, int], high: int = 32, every: int = 320) -> tuple[Area, ...]:
    """Strips across the whole canvas, a tenth of it: a sample of all its print and paper."""
    first = min((every - high) // 2, max(shape[0] - high, 0))
    return tuple(
        Area(0, top, shape[1], min(top + high, shape[0])) for top in range(first, shape[0], every)
    )


def _on_grid(area: Area, shape: tuple[int, int]) -> Area:
    return Area(
        area.left // _GRID * _GRID,
        area.top // _GRID * _GRID,
        min(-(-area.right // _GRID) * _GRID, shape[1]),
        min(-(-area.bottom // _GRID) * _GRID, shape[0]),
    )


def _best_partner(area: Area, others: Sequence[Area], shape: tuple[int, int]) -> Area | None:
    """The one with which an area is better done together than apart, if there is any."""
    best, most = None, 0
    cost = area.grown(_AROUND, shape).size + _WORTH
    for other in others:
        together = area.joined(other).grown(_AROUND, shape).size
        saved = cost + other.grown(_AROUND, shape).size - together
        if saved > most:
            best, most = other, saved
    return best

"""What filers take back: a box marked by mistake, a number struck out with another beside it.

Truth is what a careful person would say: the struck box is not marked, the value is the
replacement.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.samples.ink_pen import Points, curve_through
from schemas.forms import FieldKind, PageDefinition

STRUCK_OUT = "struck_out"
"""A manner of marks and numbers in the truth."""
MARKS_TAKEN_BACK = 0.012
"""Share of the groups with a mark in which another box was marked before."""

PatchBox = tuple[float, float, float, float]
_ROW = 50.0
"""Canvas pixels from one line of an official form to the next."""


def boxes_taken_back(
    page: PageDefinition,
    values: Mapping[str, str | bool | None],
    share: float,
    rng: np.random.Generator,
) -> frozenset[str]:
    """Names of boxes that were marked first, in groups where another is marked now."""
    taken_back = []
    for field in page.fields:
        if field.kind is not FieldKind.CHOICE or values.get(field.name) is not True:
            continue
        others = [
            one.name for one in page.fields if one.group == field.group and not values.get(one.name)
        ]
        if others and rng.random() < share:
            taken_back.append(others[int(rng.integers(len(others)))])
    return frozenset(taken_back)


def strokes_over_box(rng: np.random.Generator) -> list[Points]:
    """Strokes by which a mark is taken back, in units of the box."""
    manner = str(rng.choice(["lines", "zigzag", "black", "large cross"], p=[0.3, 0.2, 0.35, 0.15]))
    if manner == "lines":
        return [_line(rng.uniform(0.15, 0.85), 0.5, rng) for _ in range(int(rng.integers(2, 5)))]
    if manner == "large cross":
        reach = rng.uniform(0.3, 0.6)
        ends = np.array([[-reach, -reach], [1 + reach, 1 + reach]])
        return [ends + rng.normal(0, 0.06, (2, 2)), ends * [-1, 1] + [1, 0]]
    turns, reach = (int(rng.integers(5, 8)), 0.25) if manner == "zigzag" else (12, 0.08)
    rows = np.linspace(-reach / 2, 1 + reach / 2, turns)
    ends = np.where(np.arange(turns) % 2, -reach, 1 + reach)
    there = np.column_stack([ends, rows]) + rng.normal(0, 0.05, (turns, 2))
    return [there] if manner == "zigzag" else [there, there[:, ::-1]]


def _line(y: float, reach: float, rng: np.random.Generator) -> Points:
    ends = [[-reach, y + 0.1], [0.5, y], [1 + reach, y - 0.1]]
    return curve_through(np.array(ends) + rng.normal(0, 0.08, (3, 2)))


def wrong_number(text: str, rng: np.random.Generator) -> str:
    """What stood there first: one or two digits are others, or two changed places."""
    at = [i for i, character in enumerate(text) if character.isdigit()]
    changed = list(text)
    if not at:
        return str(rng.integers(10, 999))
    for i in rng.choice(at, size=min(len(at), int(rng.integers(1, 3))), replace=False):
        changed[i] = str((int(text[i]) + int(rng.integers(1, 10))) % 10)
    return "".join(changed)


def rooms(box: PatchBox, rng: np.random.Generator) -> tuple[PatchBox, PatchBox]:
    """Where the struck number stands, and where its replacement: above it or beside it."""
    left, top, right, bottom = box
    if right - left > 4 * _ROW and rng.random() < 0.5:
        middle = left + rng.uniform(0.47, 0.53) * (right - left)
        beside = (left, top, middle, bottom), (middle, top, right, bottom)
        return beside if rng.random() < 0.6 else beside[::-1]
    up = rng.uniform(0.5, 0.62) * _ROW
    return box, (left, top - up, right - rng.uniform(0, 0.2) * (right - left), bottom - up)


def strokes_over_number(bounds: PatchBox, rng: np.random.Generator) -> list[Points]:
    """Strokes through a number within these bounds, pixels."""
    left, top, right, bottom = bounds
    height, over = bottom - top, rng.uniform(2, 14)
    manner = str(
        rng.choice(
            ["line", "two lines", "slanted", "zigzag", "scribble"], p=[0.4, 0.2, 0.1, 0.15, 0.15]
        )
    )
    if manner in ("line", "two lines"):
        shares = (rng.uniform(0.4, 0.62),) if manner == "line" else (0.36, 0.66)
        return [
            curve_through(
                np.array(
                    [
                        [left - over, top + share * height + rng.normal(0, 2)],
                        [(left + right) / 2, top + share * height + rng.normal(0, 1.5)],
                        [right + over, top + share * height + rng.normal(0, 2)],
                    ]
                )
            )
            for share in shares
        ]
    if manner == "slanted":
        return [np.array([[left - over, bottom + 2], [right + over, top - 2]], float)]
    step = rng.uniform(0.5, 0.8) * height if manner == "zigzag" else rng.uniform(0.2, 0.3) * height
    turns = max(int((right - left) / step), 3) + 1
    xs = np.linspace(left - over / 2, right + over / 2, turns)
    ys = np.where(np.arange(turns) % 2, top + 0.15 * height, bottom - 0.15 * height)
    path = np.column_stack([xs, ys]) + rng.normal(0, 2.0, (turns, 2))
    return [curve_through(path)]

"""Checkboxes, choices and signatures: is there ink where the blank has none, and of what shape?

A mark lies in its box, is a ring round it, or stands close beside it. Of two marks in a group of
which one may be marked, the heavier may have been struck out or blacked out: what is heavy is
told from the page's other marks, since some filers black out every box that they mean. The odds
come from `marks.json`, fitted by `benchmarks/fit_marks.py`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from extractors.engines.mark_shapes import MarkShape, shape_of
from extractors.engines.signatures import signature_log_odds
from extractors.page_image import FieldImage
from schemas.errors import MissingProgramError
from schemas.forms import FieldKind, Frozen
from schemas.readings import Reading

FILE = "marks.json"
_MOST = 0.9999
_LEAST_MASS = 0.02
_HEAVY = 2.5
"""Log-odds from which a lone mark is as heavy as those that are taken back: of the tuning writers'
4 % are that meant what they marked, and two in three of those taken back."""

_IF_DOUBTED = 0.9
"""Most that is believed of such a mark, and of each of two in a group: only the filer knows."""


class LogOdds(Frozen):
    """Logistic regression: a constant, and a weight for each number by name."""

    constant: float
    weights: dict[str, float]

    def of(self, numbers: dict[str, float]) -> float:
        return self.constant + sum(w * numbers[name] for name, w in self.weights.items())


class MarkOdds(Frozen):
    """What `marks.json` holds."""

    fitted_on: str
    marked: LogOdds
    taken_back: LogOdds


def mark_numbers(shape: MarkShape) -> dict[str, float]:
    """What tells a mark from an empty box; from a certain size on, more does not say more."""
    return {
        "extent": min(shape.extent, 0.75),
        "ring": min(max(shape.ring - 0.25, 0.0), 0.35),
        "beside": min(shape.beside, 1.0),
    }


def correction_numbers(shape: MarkShape, usual: float) -> dict[str, float]:
    """What tells a mark taken back from one that is meant; `usual` is another's mass."""
    return {
        "heavier": math.log(max(shape.mass, _LEAST_MASS) / max(usual, _LEAST_MASS)),
        "ring": shape.ring,
    }


class MarksEngine:
    """Reads `X` or the empty text, surely or less so by the ink's shape."""

    name = "marks"
    version = "2"
    """Another one with every fit of the odds: confidence hangs on them."""

    def prepare(self) -> None:
        """Load the odds.

        Raises:
            MissingProgramError: they are missing or damaged.
        """
        _odds()

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        signed = [image.definition.kind is FieldKind.SIGNATURE for image in batch]
        shapes = {i: shape_of(image) for i, image in enumerate(batch) if not signed[i]}
        odds = {i: _odds().marked.of(mark_numbers(shape)) for i, shape in shapes.items()}
        odds |= {i: signature_log_odds(batch[i]) for i, is_one in enumerate(signed) if is_one}
        most = _doubted(batch, shapes, odds)
        return [self._reading(odds[i], most.get(i, _MOST)) for i in range(len(batch))]

    def _reading(self, odds: float, most: float) -> Reading:
        certain = 1.0 / (1.0 + math.exp(-min(abs(odds), 30.0)))
        return Reading(
            engine=self.name,
            version=self.version,
            text="X" if odds > 0 else "",
            confidence=min(certain, most),
        )


def _doubted(
    batch: Sequence[FieldImage], shapes: dict[int, MarkShape], odds: dict[int, float]
) -> dict[int, float]:
    """Fields of which no more than that is believed: marks that may have been taken back.

    Changes `odds` where a mark has been, as far as can be told.
    """
    marked = [i for i in shapes if odds[i] > 0]
    usual = float(np.median([shapes[i].mass for i in marked])) if marked else 0.0
    groups: dict[str, list[int]] = {}
    for i in marked:
        # A checkbox that stands alone is a group of its own.
        groups.setdefault(batch[i].definition.group or f"alone {i}", []).append(i)
    most: dict[int, float] = {}
    for among in groups.values():
        *others, heaviest = sorted(among, key=lambda i: shapes[i].mass)
        other = shapes[others[-1]].mass if others else usual
        taken_back = _odds().taken_back.of(correction_numbers(shapes[heaviest], other))
        if others:
            odds[heaviest] = -taken_back
            most |= dict.fromkeys(among, _IF_DOUBTED)
        elif taken_back > _HEAVY:
            most[heaviest] = _IF_DOUBTED
    return most


@cache
def _odds() -> MarkOdds:
    try:
        content = files("extractors.engines").joinpath(FILE).read_text(encoding="utf-8")
        return MarkOdds.model_validate_json(content)
    except (OSError, ValueError) as error:
        raise MissingProgramError(
            f"{FILE} of the engine for marks is missing or damaged: reinstall taxlift"
        ) from error

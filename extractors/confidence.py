"""From engines' own scores to a probability that the value is what is on the paper.

The table `calibration.json` is fitted by `benchmarks/calibrate.py` on writers kept for tuning:
for each class of field, ink and agreement, the share of right values rises with the score in
steps. A class that the table lacks gets a cautious default, below every threshold.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field

from schemas.forms import FieldKind, Frozen

Witnesses = Literal["alone", "agree", "differ"]
InkKind = Literal["typed", "hand"]

_LARGEST_LOG_ODDS = 14.0
_CAUTIOUS = 0.9
"""Most that an uncalibrated class can reach."""


class Curve(Frozen):
    """Probabilities by score; between two knots a straight line, beyond the ends constant."""

    scores: tuple[float, ...] = Field(min_length=1)
    probabilities: tuple[float, ...] = Field(min_length=1)
    samples: int = Field(ge=0)

    def at(self, score: float) -> float:
        right = bisect_right(self.scores, score)
        if right == 0:
            return self.probabilities[0]
        if right == len(self.scores):
            return self.probabilities[-1]
        x0, x1 = self.scores[right - 1], self.scores[right]
        y0, y1 = self.probabilities[right - 1], self.probabilities[right]
        return y0 + (y1 - y0) * (score - x0) / (x1 - x0)


class Calibration(Frozen):
    """All curves, by `class/ink/witnesses` (`amount/hand/alone`)."""

    version: str
    fitted_on: str
    curves: dict[str, Curve]

    def probability(
        self, kind: FieldKind, ink: InkKind, witnesses: Witnesses, score: float
    ) -> float:
        """The probability that a value with this score is right.

        Args:
            score: log-odds by the engines, see `log_odds`.
        """
        for key in (curve_key(kind, ink, witnesses), f"any/{ink}/{witnesses}"):
            if key in self.curves:
                return self.curves[key].at(score)
        return min(1.0 / (1.0 + math.exp(-score)), _CAUTIOUS)


def curve_key(kind: FieldKind, ink: InkKind, witnesses: Witnesses) -> str:
    """Name of a curve in the table."""
    return f"{kind_class(kind)}/{ink}/{witnesses}"


def kind_class(kind: FieldKind) -> str:
    """Kinds that share a curve."""
    if kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        return "amount"
    if kind in (FieldKind.NAME, FieldKind.TEXT, FieldKind.EMAIL, FieldKind.DATE):
        return "text"
    return "number"


def log_odds(probability: float) -> float:
    """Log-odds of a probability, within ±14."""
    limit = 1.0 / (1.0 + math.exp(_LARGEST_LOG_ODDS))
    bounded = min(max(probability, limit), 1.0 - limit)
    return math.log(bounded / (1.0 - bounded))


@cache
def load_calibration() -> Calibration:
    """The table that comes with the extractors."""
    content = files("extractors").joinpath("calibration.json").read_text(encoding="utf-8")
    return Calibration.model_validate_json(content)

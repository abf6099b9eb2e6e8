"""From engines' own scores to a probability that the value is what is on the paper, and to a risk.

The table `calibration.json` is fitted by `benchmarks/calibrate.py` on writers kept for it. For
each class of field, ink and witnesses it holds two functions of the score: the share of right
values at that score (the confidence), and the share of wrong values among all that are at least
as sure (the risk), with caution for how few were seen. What is accepted follows from a risk that
a department names, not from a threshold that somebody typed in (docs/decisions/0008).
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from schemas.errors import MissingProgramError
from schemas.forms import FieldKind, Frozen
from schemas.readings import InkKind, Reading

FILE = "calibration.json"
_LARGEST_LOG_ODDS = 14.0
_CAUTIOUS = 0.9
"""Most that an uncalibrated class can reach."""
_UNFITTED_MARKS = 1.5
"""Marks are judged by ink, not by a model: a version not fitted counts as so much riskier."""
_PATCH = re.compile(r"^(\d+\.\d+)\.\d+")


class Witnesses(NamedTuple):
    """Which engines say so, and which say otherwise."""

    agreeing: tuple[str, ...]
    against: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As in the table: `rapidocr+strip`, or `strip!rapidocr` where rapidocr is against.

        `!rapidocr+strip` where each had another value first.
        """
        agreeing, against = ("+".join(sorted(names)) for names in self)
        return f"{agreeing}!{against}" if against else agreeing


class Judged(NamedTuple):
    """How far a value can be believed."""

    probability: float
    """That it is what is on the paper."""
    risk: float
    """Share of wrong values among all of its class that are at least as sure, at most."""


class Curve(Frozen):
    """Both functions of the score of one class."""

    scores: tuple[float, ...] = Field(min_length=1)
    probabilities: tuple[float, ...] = Field(min_length=1)
    """At these scores; between two a straight line, beyond the ends constant."""
    samples: int = Field(ge=0)
    risks: tuple[tuple[float, float], ...] = ()
    """(score, risk) in steps, scores rising and risks falling: from that score upwards, so many
    of all values together are wrong at most."""

    def at(self, score: float) -> float:
        right = bisect_right(self.scores, score)
        if right == 0:
            return self.probabilities[0]
        if right == len(self.scores):
            return self.probabilities[-1]
        x0, x1 = self.scores[right - 1], self.scores[right]
        y0, y1 = self.probabilities[right - 1], self.probabilities[right]
        return y0 + (y1 - y0) * (score - x0) / (x1 - x0)

    def risk(self, score: float) -> float:
        steps = bisect_right(self.risks, score, key=lambda step: step[0])
        return self.risks[steps - 1][1] if steps else 1.0

    def threshold(self, target: float) -> float | None:
        """The lowest score that is accepted at that target error; None where none is."""
        return next((score for score, risk in self.risks if risk <= target), None)


class Calibration(Frozen):
    """All curves, by `class/ink/witnesses` (`amount/hand/rapidocr+strip`)."""

    version: str
    fitted_on: str
    engines: dict[str, str] = Field(default_factory=dict)
    """Versions of the engines whose scores it was fitted to."""
    curves: dict[str, Curve]

    def judge(self, kind: FieldKind, ink: InkKind, witnesses: Witnesses, score: float) -> Judged:
        """How far a value with this score can be believed.

        A class without samples of its own borrows a probability from its ink, but no risk:
        nothing of it is accepted.

        Args:
            score: log-odds by the engines, see `log_odds`.
        """
        own = self.curves.get(curve_key(kind, ink, witnesses))
        if own is not None:
            return Judged(own.at(score), own.risk(score))
        pooled = self.curves.get(pooled_key(ink, witnesses))
        guess = pooled.at(score) if pooled is not None else 1.0 / (1.0 + math.exp(-score))
        return Judged(min(guess, _CAUTIOUS), 1.0)

    def judge_mark(self, reading: Reading) -> Judged:
        """How far a mark, or that there is none, can be believed."""
        own = self.curves.get(mark_key(reading))
        if own is not None and self.is_fitted_to(reading):
            score = log_odds(reading.confidence)
            return Judged(own.at(score), own.risk(score))
        return Judged(reading.confidence, _UNFITTED_MARKS * (1.0 - reading.confidence))

    def is_fitted_to(self, reading: Reading) -> bool:
        """Whether the table was fitted to this version of the engine."""
        return self.is_fitted_to_version(reading.engine, reading.version)

    def is_fitted_to_version(self, engine: str, version: str) -> bool:
        """Versions that differ in their third number only are held to read alike."""
        fitted = self.engines.get(engine)
        return fitted is not None and _release(fitted) == _release(version)


def _release(version: str) -> str:
    return _PATCH.sub(r"\1", version)


def curve_key(kind: FieldKind, ink: InkKind, witnesses: Witnesses) -> str:
    """Name of a curve in the table."""
    return f"{kind_class(kind)}/{ink}/{witnesses}"


def pooled_key(ink: InkKind, witnesses: Witnesses) -> str:
    """Name of the curve of all classes together."""
    return f"any/{ink}/{witnesses}"


def mark_key(reading: Reading) -> str:
    """Name of the curve of a mark: that there is one and that there is none err differently."""
    return f"mark/{'marked' if reading.text else 'unmarked'}/{reading.engine}"


def kind_class(kind: FieldKind) -> str:
    """Kinds that share a curve."""
    if kind.is_mark:
        return "mark"
    if kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        return "amount"
    if kind.is_words:
        return "text"
    return "date" if kind is FieldKind.DATE else "number"


def log_odds(probability: float) -> float:
    """Log-odds of a probability, within ±14."""
    limit = 1.0 / (1.0 + math.exp(_LARGEST_LOG_ODDS))
    bounded = min(max(probability, limit), 1.0 - limit)
    return math.log(bounded / (1.0 - bounded))


def unfitted(calibration: Calibration, engines: Iterable[tuple[str, str]]) -> list[str]:
    """A sentence for each engine (name, version) to which the table was not fitted."""
    return [
        f"confidence was fitted to {name} {calibration.engines[name]}, but {version} is installed"
        if name in calibration.engines
        else f"confidence was never fitted to engine {name} {version}"
        for name, version in engines
        if not calibration.is_fitted_to_version(name, version)
    ]


@cache
def load_calibration(folder: Path | None = None) -> Calibration:
    """The table in a department's folder, else the one that comes with the extractors.

    Raises:
        MissingProgramError: the department's table cannot be read.
    """
    own = folder / FILE if folder is not None else None
    if own is None or not own.is_file():
        content = files("extractors").joinpath(FILE).read_text(encoding="utf-8")
        return Calibration.model_validate_json(content)
    try:
        return Calibration.model_validate_json(own.read_text(encoding="utf-8"))
    except (OSError, ValueError, ValidationError) as error:
        raise MissingProgramError(f"{own} is no table of confidences") from error

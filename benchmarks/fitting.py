"""From samples of scores, right or wrong, to the two functions of a class: confidence and risk.

Confidence is the share of right values, made to rise with the score (isotonic regression by
pooling adjacent violators). Risk is the share of wrong values among all with at least that score,
as an upper bound that holds with nine chances in ten (Clopper and Pearson 1934): few samples
cannot promise much, however right they all were.

What a second engine's word adds to a class is bounded together with what the first alone had
brought in already (`Before`): the promise is about all that is accepted, and a hundred values need
not prove by themselves what the ten thousand before them have proved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from extractors.confidence import Curve

ASSURANCE = 0.9
"""Chance that the true share of wrong values is within the bound."""
FEWEST_A_STEP = 25
MOST_STEPS = 12
_FINEST_RISK = 1e-5
_KEPT_A_DECADE = 40
"""Steps of risk kept for each power of ten."""


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier stages of the same class and ink have accepted."""

    count: int = 0
    wrong: int = 0
    target: float = 0.0
    """The laxest target at which they were."""
    borne: float = 4.0
    """Times what is promised that later values may risk by their own bound."""

    def joined(self, more: Sequence[Sample]) -> Before:
        wrong = sum(not sample.right for sample in more)
        return replace(self, count=self.count + len(more), wrong=self.wrong + wrong)


NOTHING = Before()
_JUST_WITHIN = 0.9999
"""Of a target: a risk of so much meets it, also after rounding upwards."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One field: its class, how sure the engines were, and whether they were right."""

    key: str
    score: float
    right: bool


def fit(samples: Sequence[Sample], before: Before = NOTHING) -> Curve:
    """Both functions of one class.

    Args:
        before: what was accepted before these samples came up, to be bounded together with them.
    """
    ordered = sorted(samples, key=lambda sample: sample.score)
    scores = np.array([sample.score for sample in ordered])
    right = np.array([sample.right for sample in ordered])
    steps = _rising_shares(scores, right)
    return Curve(
        scores=tuple(round(total / count, 3) for _, count, total in steps),
        probabilities=tuple(round(_cautious(step), 5) for step in steps),
        samples=len(ordered),
        risks=tuple(risk_steps(scores, right, before)),
    )


def _cautious(step: Sequence[float]) -> float:
    """The share of right values, lowered by one wrong one that was not seen."""
    hits, count = step[:2]
    return hits / (count + 1)


def _rising_shares(scores: NDArray[np.float64], right: NDArray[np.bool_]) -> list[list[float]]:
    """(right, samples, sum of scores) of each step, shares of right rising."""
    size = max(FEWEST_A_STEP, len(scores) // MOST_STEPS)
    cuts = list(range(0, len(scores), size))
    if len(cuts) > 1 and len(scores) - cuts[-1] < FEWEST_A_STEP:
        cuts.pop()
    steps: list[list[float]] = []
    for start, end in zip(cuts, [*cuts[1:], len(scores)], strict=True):
        steps.append([int(right[start:end].sum()), end - start, float(scores[start:end].sum())])
        while len(steps) > 1 and _cautious(steps[-2]) >= _cautious(steps[-1]):
            last = steps.pop()
            steps[-1] = [a + b for a, b in zip(steps[-1], last, strict=True)]
    return steps


def upper_bound(wrong: NDArray[np.int64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of wrong values that is not exceeded, with `ASSURANCE`."""
    bound = beta.ppf(ASSURANCE, wrong + 1, np.maximum(of - wrong, 1))
    return np.where(wrong >= of, 1.0, bound)


def risk_steps(
    scores: NDArray[np.float64], right: NDArray[np.bool_], before: Before = NOTHING
) -> list[tuple[float, float]]:
    """(score, risk) with scores rising and risks falling; scores ascending on input.

    A score is worth a step if accepting from there on risks less than from any lower score.
    """
    if not len(scores):
        return []
    starts = np.flatnonzero(np.diff(scores, prepend=-np.inf) > 0)
    wrong = np.cumsum((~right[::-1]).astype(np.int64))[::-1][starts]
    bounds = _bounds(wrong, len(scores) - starts, before)
    steps: list[tuple[float, float]] = []
    lowest, last_mark = 1.0, None
    for score, bound in zip(scores[starts], bounds, strict=True):
        if bound >= lowest:
            continue
        lowest = float(bound)
        mark = int(np.floor(_KEPT_A_DECADE * np.log10(max(lowest, _FINEST_RISK))))
        # Of steps hardly apart the first, at the lowest score, stands for all: its risk is the
        # highest of them, so nothing is promised that was not seen.
        if mark != last_mark:
            steps.append((_up(float(score)), _up(lowest, 7)))
            last_mark = mark
    return steps


def _bounds(wrong: NDArray[np.int64], of: NDArray[np.int64], before: Before) -> NDArray[np.float64]:
    """The bound of these alone, or, where it is lower, of these and those before together.

    Together they promise no less than the target at which those before were accepted. These must
    have been seen to meet what is promised, and be bounded alone by a few times as much: else a
    handful would ride on the thousands before, and a batch with more of them would not be safe.
    """
    alone = upper_bound(wrong, of)
    if not before.count:
        return alone
    together = upper_bound(wrong + before.wrong, of + before.count)
    together = np.maximum.reduce([together, wrong / of, alone / before.borne])
    return np.minimum(alone, np.maximum(together, _JUST_WITHIN * before.target))


def _up(value: float, digits: int = 4) -> float:
    """Rounded upwards: a threshold may only become stricter."""
    return float(np.ceil(value * 10**digits) / 10**digits)

"""Decoding of a CTC recogniser's posteriors under a field's own character set."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Posterior = NDArray[np.float32]
"""Frames × (1 + characters); column 0 is CTC's blank, rows sum to 1."""

_FLOOR = 1e-6
_NEGLIGIBLE = 1e-4
"""A character less likely than this in a frame is not followed there."""
_SURELY_BLANK = 0.9999
"""No character is negligible no more in such a frame: nothing new begins."""


class Alphabet:
    """Columns of a recogniser's output that matter for one character set."""

    def __init__(
        self, allowed: str, columns: Mapping[str, int], look_alikes: Mapping[str, str]
    ) -> None:
        """`columns` maps each character that the recogniser knows to its output column."""
        self.characters = "".join(c for c in allowed if c in columns)
        self._groups = [
            [columns[c]] + [columns[o] for o in look_alikes.get(c, "") if o in columns]
            for c in self.characters
        ]
        self.columns = np.array([0] + [c for group in self._groups for c in group])
        """The recogniser's columns to keep; see `fold`."""

    def spell(self, labels: Sequence[int]) -> str:
        """The text of a label sequence; labels count from 1."""
        return "".join(self.characters[label - 1] for label in labels)

    def fold(self, kept: Posterior) -> Posterior:
        """Add the look-alikes to the characters that they resemble.

        Takes frames × `len(columns)`, gives frames × (1 + characters), not normalised.
        """
        folded = np.empty((len(kept), 1 + len(self._groups)), np.float32)
        folded[:, 0] = kept[:, 0]
        at = 1
        for index, group in enumerate(self._groups, start=1):
            folded[:, index] = kept[:, at : at + len(group)].sum(axis=1)
            at += len(group)
        return folded


def normalise(folded: Posterior) -> tuple[Posterior, float]:
    """Rows summing to 1, and how much of the recogniser's own belief they held before.

    That share (0 to 1) is the mean over the frames that hold ink: low where what is written is
    not of the character set at all.
    """
    inked = folded[:, 0] < 0.5
    mass = folded.sum(axis=1)
    allowed = float(mass[inked].mean()) if inked.any() else 1.0
    floored = folded + _FLOOR
    return floored / floored.sum(axis=1, keepdims=True), min(max(allowed, 0.0), 1.0)


class Beam(NamedTuple):
    """A label sequence that a search kept."""

    labels: tuple[int, ...]
    likelihood: float
    """Logarithm of its probability by the posterior alone: what the ink says."""
    score: float
    """The same, with what the prior adds."""


class LabelPrior(Protocol):
    """What speaks for a label before the ink is looked at, in units of a log-probability."""

    def follows(self, labels: tuple[int, ...], label: int) -> float: ...

    def ends(self, labels: tuple[int, ...]) -> float: ...


def beam_search(posterior: Posterior, width: int) -> list[tuple[tuple[int, ...], float]]:
    """The likeliest label sequences with the logarithm of their probability, best first."""
    return [(beam.labels, beam.likelihood) for beam in search(posterior, width, None)]


def search(
    posterior: Posterior, width: int, prior: LabelPrior | None, negligible: float = _NEGLIGIBLE
) -> list[Beam]:
    """The sequences that posterior and prior together hold for likeliest, best first.

    A sequence that the posterior rules out is never followed, whatever the prior says.

    Args:
        negligible: a character less likely than this in a frame is not followed there.
    """
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (1.0, 0.0)}
    added: dict[tuple[int, ...], float] = {(): 0.0}
    log_scale = 0.0
    for frame in posterior:
        blank = float(frame[0])
        if blank > _SURELY_BLANK:
            beams = {prefix: ((b + n) * blank, 0.0) for prefix, (b, n) in beams.items()}
            continue
        followed = [(int(c), float(frame[c])) for c in np.flatnonzero(frame > negligible) if c != 0]
        grown = _grow(beams, blank, followed)
        if prior is not None:
            for prefix in grown:
                if prefix not in added:
                    added[prefix] = added[prefix[:-1]] + prior.follows(prefix[:-1], prefix[-1])
        kept = _best(grown, added, width)
        top = max(b + n for _, (b, n) in kept)
        log_scale += math.log(max(top, 1e-300))
        beams = {p: (b / top, n / top) for p, (b, n) in kept} if top > 0 else {(): (1.0, 0.0)}
    found = []
    for prefix, (b, n) in beams.items():
        likelihood = math.log(max(b + n, 1e-300)) + log_scale
        more = added.get(prefix, 0.0) + (prior.ends(prefix) if prior is not None else 0.0)
        found.append(Beam(prefix, likelihood, likelihood + more))
    return sorted(found, key=lambda beam: -beam.score)


def _grow(
    beams: Mapping[tuple[int, ...], tuple[float, float]],
    blank: float,
    followed: Sequence[tuple[int, float]],
) -> dict[tuple[int, ...], list[float]]:
    """Each prefix, and each prefix with one more label, after one more frame."""
    grown: dict[tuple[int, ...], list[float]] = {}
    for prefix, (ends_blank, ends_label) in beams.items():
        both = ends_blank + ends_label
        cell = grown.setdefault(prefix, [0.0, 0.0])
        cell[0] += both * blank
        for label, probability in followed:
            if prefix and prefix[-1] == label:
                cell[1] += ends_label * probability
                entered = ends_blank
            else:
                entered = both
            if entered > 0.0:
                grown.setdefault((*prefix, label), [0.0, 0.0])[1] += entered * probability
    return grown


def _best(
    grown: Mapping[tuple[int, ...], Sequence[float]],
    added: Mapping[tuple[int, ...], float],
    width: int,
) -> list[tuple[tuple[int, ...], Sequence[float]]]:
    """The `width` best of the prefixes; with a prior by its logarithms, else by probability."""
    if len(added) == 1:
        return sorted(grown.items(), key=lambda item: -(item[1][0] + item[1][1]))[:width]
    scored = [
        (math.log(max(b + n, 1e-300)) + added.get(prefix, 0.0), prefix, (b, n))
        for prefix, (b, n) in grown.items()
    ]
    scored.sort(key=lambda item: -item[0])
    return [(prefix, cell) for _, prefix, cell in scored[:width]]


def likelihoods(posterior: Posterior, candidates: Sequence[Sequence[int]]) -> NDArray[np.float64]:
    """Logarithm of the probability of exactly these labels, for each candidate (forward sum)."""
    lengths = np.array([len(labels) for labels in candidates])
    states = 2 * int(lengths.max(initial=0)) + 1
    emitted = np.zeros((len(candidates), states), np.int64)
    for row, labels in enumerate(candidates):
        emitted[row, 1 : 2 * len(labels) : 2] = labels
    # A label may follow another one without a blank between them, unless they are the same.
    skip = np.zeros(emitted.shape)
    skip[:, 2:] = (emitted[:, 2:] > 0) & (emitted[:, 2:] != emitted[:, :-2])
    valid = np.arange(states)[None, :] <= 2 * lengths[:, None]
    alpha = np.zeros(emitted.shape)
    alpha[:, : min(2, states)] = 1.0
    total = np.zeros(len(candidates))
    for index, frame in enumerate(posterior):
        if index > 0:
            moved = alpha.copy()
            moved[:, 1:] += alpha[:, :-1]
            moved[:, 2:] += skip[:, 2:] * alpha[:, :-2]
            alpha = moved
        alpha *= frame[emitted] * valid
        scale = np.maximum(alpha.sum(axis=1), 1e-300)
        alpha /= scale[:, None]
        total += np.log(scale)
    rows = np.arange(len(candidates))
    ends = alpha[rows, 2 * lengths] + np.where(
        lengths > 0, alpha[rows, np.maximum(2 * lengths - 1, 0)], 0.0
    )
    return np.asarray(total + np.log(np.maximum(ends, 1e-300)), np.float64)

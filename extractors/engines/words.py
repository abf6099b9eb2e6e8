"""Texts in a field of words: what the ink says, weighed with what is likely to be written there.

Upper and lower case are read as one, since the prior knows neither; how the writer had it is
told from the frames afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from extractors.engines.ctc import Alphabet, Posterior, normalise, search
from extractors.engines.gaps import with_spaces
from extractors.engines.lettercase import cased_like
from extractors.language import TextPrior

_RESEMBLING = (*zip("011124566789ru", "oil/zysgb/bgnv", strict=True),)
_TAKEN_FOR = 0.03
"""Of a character's probability that another one is granted which is drawn like it: recognisers are
certain of `Y` where a 4 stands open, and a house number cannot begin with `Y`."""


class Weights(NamedTuple):
    """How ink and prior are weighed; tuned on the tuning writers, an engine's own."""

    prior: float
    """Of the prior's logarithm."""
    length: float
    """Added for each character: long texts are less likely than short ones by any prior."""
    flatten: float
    """Power of the ink's probabilities: recognisers are surer than they are right."""
    beams: int = 16
    negligible: float = 1e-3


class WordAlphabet:
    """A recogniser's columns for the characters of a field of words, case aside."""

    def __init__(
        self, allowed: str, columns: Mapping[str, int], look_alikes: Mapping[str, str]
    ) -> None:
        """As of `Alphabet`."""
        small = "".join(dict.fromkeys(allowed.lower()))
        # The capital first: what else counts for a letter comes after it.
        resembling = {c: (c.upper() if c.isalpha() else "") + look_alikes.get(c, "") for c in small}
        self._folded = Alphabet(small, columns, resembling)
        self.characters = self._folded.characters
        self.columns = self._folded.columns
        """The recogniser's columns to keep."""
        self.space = self.characters.find(" ") + 1
        """The folded column of the space; 0 where there is none."""
        place = {int(column): at for at, column in enumerate(self.columns)}
        self._cases = [
            (place[columns[c]], place.get(columns.get(c.upper(), -1), -1)) if c.isalpha() else None
            for c in self.characters
        ]
        self._resembling = np.eye(1 + len(self.characters), dtype=np.float32)
        for one, other in _RESEMBLING:
            at = self.characters.find(one) + 1, self.characters.find(other) + 1
            if 0 not in at:
                self._resembling[at] = self._resembling[at[::-1]] = _TAKEN_FOR

    def fold(self, kept: Posterior) -> tuple[Posterior, float]:
        """Rows summing to 1 over the characters, and how much of the belief they held."""
        folded, within = normalise(self._folded.fold(kept))
        shared = folded @ self._resembling
        return shared / shared.sum(axis=1, keepdims=True), within

    def spell(self, labels: Sequence[int]) -> str:
        return self._folded.spell(labels)

    def as_seen(self, kept: Posterior, folded: Posterior) -> str:
        """The likeliest character of each frame, in its own case."""
        best = folded.argmax(axis=1)
        seen = []
        for frame in np.flatnonzero((best > 0) & (best != np.r_[0, best[:-1]])):
            character = self.characters[best[frame] - 1]
            case = self._cases[best[frame] - 1]
            if case is not None and case[1] >= 0 and kept[frame, case[1]] > kept[frame, case[0]]:
                character = character.upper()
            seen.append(character)
        return "".join(seen)


class Words(NamedTuple):
    """What a field of words may say."""

    texts: tuple[tuple[str, float], ...]
    """With the logarithm of their probability by ink and prior together, best first."""
    within: float
    """Share of the recogniser's belief that the field's characters held."""


def read_words(
    kept: Posterior,
    alphabet: WordAlphabet,
    prior: TextPrior,
    gaps: Sequence[tuple[float, float, float]],
    weights: Weights,
) -> Words:
    """What a recogniser's frames say in a field of words.

    Args:
        kept: frames × the recogniser's columns named by `alphabet.columns`.
        prior: of the field, see `extractors.language.prior_for`.
        gaps: white gaps, see `extractors.engines.gaps.with_spaces`.
    """
    folded, within = alphabet.fold(kept)
    spaced = with_spaces(folded, alphabet.space, gaps) if alphabet.space else folded
    seen = alphabet.as_seen(kept, spaced)
    shares: dict[str, float] = {}
    for spelling in spell(spaced, alphabet.characters, prior, weights):
        text = cased_like(" ".join(alphabet.spell(spelling.labels).split()), seen.strip())
        shares[text] = float(np.logaddexp(shares.get(text, -math.inf), spelling.score))
    ranked = sorted(shares.items(), key=lambda item: -item[1])
    return Words(tuple(ranked), within)


class Spelling(NamedTuple):
    """One text that a field may say."""

    labels: tuple[int, ...]
    likelihood: float
    """Logarithm of its probability by the ink alone."""
    score: float
    """With the prior; of all spellings found, probabilities that sum to 1."""


def spell(
    posterior: Posterior, characters: str, prior: TextPrior, weights: Weights
) -> list[Spelling]:
    """The likeliest texts, best first.

    Args:
        posterior: frames × (1 + characters), rows summing to 1.
        characters: of the columns, small letters only.
    """
    if weights.flatten != 1.0:
        posterior = posterior**weights.flatten
        posterior /= posterior.sum(axis=1, keepdims=True)
    beams = search(
        posterior, weights.beams, _Weighed(prior, characters, weights), weights.negligible
    )
    total = float(np.logaddexp.reduce([beam.score for beam in beams]))
    return [Spelling(beam.labels, beam.likelihood, beam.score - total) for beam in beams]


class _Weighed:
    """A text's prior for a search over labels."""

    def __init__(self, prior: TextPrior, characters: str, weights: Weights) -> None:
        self._prior = prior
        self._characters = characters
        self._weights = weights
        self._texts: dict[tuple[int, ...], str] = {(): ""}

    def follows(self, labels: tuple[int, ...], label: int) -> float:
        text = self._text(labels)
        character = self._characters[label - 1]
        self._texts[(*labels, label)] = text + character
        return self._weights.prior * self._prior.follows(text, character) + self._weights.length

    def ends(self, labels: tuple[int, ...]) -> float:
        return self._weights.prior * self._prior.ends(self._text(labels))

    def _text(self, labels: tuple[int, ...]) -> str:
        text = self._texts.get(labels)
        return text if text is not None else "".join(self._characters[i - 1] for i in labels)

"""Handwriting and print by PP-OCRv6, decoded under each field's own character set.

Every field is read once; one of which the first look is not sure is looked at again at another
size, and the two looks are weighed together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from extractors.charsets import CharacterClass, allowed_characters, character_class, look_alikes
from extractors.engines.ctc import Alphabet, Posterior, beam_search, likelihoods, normalise
from extractors.engines.lines import Geometry, close_gaps, lay_out
from extractors.engines.recogniser import LINE_HEIGHT, Recogniser
from extractors.ink import FieldInk, find_ink
from extractors.page_image import FieldImage, Gray
from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import Alternative, Reading

_FIRST_LOOK = {
    CharacterClass.NUMERIC: Geometry(LINE_HEIGHT, 30, 16),
    CharacterClass.TEXT: Geometry(LINE_HEIGHT, 38, 12),
}
_SECOND_LOOK = {
    CharacterClass.NUMERIC: Geometry(LINE_HEIGHT, 46, 12),
    CharacterClass.TEXT: Geometry(LINE_HEIGHT, 46, 12),
}
_SURE = {CharacterClass.NUMERIC: 0.98, CharacterClass.TEXT: 0.8}
"""Probability of the first look's best string from which no second look is taken: for words a
second look costs three times as much and brings less."""
_WITHIN = 0.9
"""Share of the recogniser's belief within the field's characters from which it is no doubt."""
_BEAMS = 12
_ALTERNATIVES = 6
_COMB_GAP = 0.3
"""White between the characters of a comb, as a share of the ink's height."""


class RapidOcrEngine:
    """One line at a time is nothing to it: give it a whole page's fields."""

    name = "rapidocr"

    def __init__(self, recogniser: Recogniser | None = None) -> None:
        self._recogniser = recogniser or Recogniser()
        self.version = f"{_installed()}/PP-OCRv6-small"

    def prepare(self) -> None:
        """Load the model.

        Raises:
            MissingProgramError: it is missing or damaged.
        """
        self._recogniser.posteriors([], [])

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        inks = [find_ink(image) for image in batch]
        lined = [i for i, ink in enumerate(inks) if ink.present]
        readings = [Reading(engine=self.name, version=self.version, text="", confidence=1.0)]
        readings *= len(batch)
        first = self._look([(batch[i].definition, inks[i]) for i in lined], _FIRST_LOOK)
        unsure = [
            at
            for at, look in enumerate(first)
            if math.exp(look.beams[0][1]) < _SURE[character_class(batch[lined[at]].definition.kind)]
        ]
        again = [(batch[lined[at]].definition, inks[lined[at]]) for at in unsure]
        second = dict(zip(unsure, self._look(again, _SECOND_LOOK), strict=True))
        for at, i in enumerate(lined):
            readings[i] = self._reading(first[at], second.get(at))
        return readings

    def _look(
        self,
        fields: Sequence[tuple[FieldDefinition, FieldInk]],
        geometry: dict[CharacterClass, Geometry],
    ) -> list[_Look]:
        lines = [_line(d, ink, geometry[character_class(d.kind)]) for d, ink in fields]
        alphabets = [self._alphabet(d.kind, d.name.startswith("foreign")) for d, _ in fields]
        kept = self._recogniser.posteriors(lines, [a.columns for a in alphabets])
        return [_Look(a, a.fold(p)) for a, p in zip(alphabets, kept, strict=True)]

    @cache  # noqa: B019 - engines live as long as the process
    def _alphabet(self, kind: FieldKind, foreign: bool) -> Alphabet:
        allowed = allowed_characters(kind, "foreign" if foreign else "")
        return Alphabet(allowed, self._recogniser.columns, look_alikes(allowed))

    def _reading(self, first: _Look, second: _Look | None) -> Reading:
        beams = first.beams if second is None else _weigh(first, second)
        beams = beams[:_ALTERNATIVES]
        texts = [first.alphabet.spell(labels) for labels, _ in beams]
        best = beams[0][1]
        return Reading(
            engine=self.name,
            version=self.version,
            text=texts[0],
            confidence=min(math.exp(best), 1.0) * min(first.allowed_mass / _WITHIN, 1.0),
            alternatives=tuple(
                Alternative(text=text, log_odds=score - best)
                for text, (_, score) in zip(texts[1:], beams[1:], strict=True)
            ),
        )


class _Look:
    """What the recogniser believes of one field at one size."""

    def __init__(self, alphabet: Alphabet, folded: Posterior) -> None:
        self.alphabet = alphabet
        self.posterior, self.allowed_mass = normalise(folded)
        self.beams = beam_search(self.posterior, _BEAMS)


def _weigh(first: _Look, second: _Look) -> list[tuple[tuple[int, ...], float]]:
    """The candidates of both looks, by the product of their probabilities under each.

    The looks are not independent, so that the product's logarithm is divided by √2; then the
    candidates' probabilities are made to sum to what the looks leave for them.
    """
    candidates = sorted(
        {labels for look in (first, second) for labels, _ in look.beams[:_ALTERNATIVES]}
    )
    seen = likelihoods(first.posterior, candidates) + likelihoods(second.posterior, candidates)
    scores = dict(zip(candidates, (seen / math.sqrt(2)).tolist(), strict=True))
    total = float(np.logaddexp.reduce(list(scores.values())))
    covered = math.log(min(sum(math.exp(score) for _, score in first.beams), 1.0))
    return sorted(
        ((labels, score - total + covered) for labels, score in scores.items()),
        key=lambda item: -item[1],
    )


def _line(definition: FieldDefinition, ink: FieldInk, geometry: Geometry) -> Gray:
    line = ink.line
    if definition.comb:
        line = close_gaps(ink, max(round(_COMB_GAP * line.shape[0]), 4))
    return lay_out(line, geometry)


def _installed() -> str:
    try:
        return version("rapidocr")
    except PackageNotFoundError:
        return "missing"

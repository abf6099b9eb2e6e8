"""Handwriting and print by PP-OCRv6, decoded under each field's own character set.

A number of which the first look is not sure is looked at again at another size, and the two looks
are weighed together. Words are weighed with what is likely to be written in their field, and
their spaces with the gaps in the ink: a second look would bring nothing more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from extractors.charsets import CharacterClass, allowed_characters, character_class, look_alikes
from extractors.engines.ctc import Alphabet, Posterior, beam_search, likelihoods, normalise
from extractors.engines.gaps import find_gaps
from extractors.engines.lines import Geometry, close_gaps, lay_out, placed_at
from extractors.engines.recogniser import FRAME, LINE_HEIGHT, Recogniser
from extractors.engines.words import Weights, WordAlphabet, Words, read_words
from extractors.ink import FieldInk, find_ink
from extractors.language import prior_for
from extractors.language.tables import load_tables
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
_WEIGHTS = Weights(prior=0.5, length=1.0, flatten=0.8, beams=12)
"""Tuned on 1,275 fields of the tuning writers."""
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
        self.version = f"{_installed()}/PP-OCRv6-small+words2"

    def prepare(self) -> None:
        """Load the model and the word tables.

        Raises:
            MissingProgramError: one of them is missing or damaged.
        """
        self._recogniser.posteriors([], [])
        load_tables()

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        inks = [find_ink(image) for image in batch]
        fields = [(image.definition, ink) for image, ink in zip(batch, inks, strict=True)]
        lined = [i for i, ink in enumerate(inks) if ink.present]
        worded = [i for i in lined if _is_worded(fields[i][0])]
        others = [i for i in lined if not _is_worded(fields[i][0])]
        readings = [Reading(engine=self.name, version=self.version, text="", confidence=1.0)]
        readings *= len(batch)
        for i, words in zip(worded, self._words([fields[i] for i in worded]), strict=True):
            readings[i] = self._reading(words.texts, words.within)
        for i, beams, within in zip(others, *self._beams([fields[i] for i in others]), strict=True):
            readings[i] = self._reading(beams, within)
        return readings

    def _words(self, fields: Sequence[tuple[FieldDefinition, FieldInk]]) -> list[Words]:
        geometry = _FIRST_LOOK[CharacterClass.TEXT]
        lines = [lay_out(ink.line, geometry) for _, ink in fields]
        alphabets = [self._word_alphabet(definition.kind) for definition, _ in fields]
        kept = self._recogniser.posteriors(lines, [a.columns for a in alphabets])
        found = []
        for (definition, ink), alphabet, seen in zip(fields, alphabets, kept, strict=True):
            prior = prior_for(definition)
            if prior is None:
                raise ValueError(f"{definition.name} is no field of words")
            # Digits of a date stand apart as words do.
            parted = [] if definition.kind is FieldKind.DATE else find_gaps(ink)
            gaps = [
                (
                    placed_at(ink.line, gap.left, geometry) / FRAME,
                    placed_at(ink.line, gap.right, geometry) / FRAME,
                    gap.parts_words,
                )
                for gap in parted
            ]
            found.append(read_words(seen, alphabet, prior, gaps, _WEIGHTS))
        return found

    def _beams(
        self, fields: Sequence[tuple[FieldDefinition, FieldInk]]
    ) -> tuple[list[list[tuple[str, float]]], list[float]]:
        first = self._look(fields, _FIRST_LOOK)
        unsure = [
            at
            for at, look in enumerate(first)
            if math.exp(look.beams[0][1]) < _SURE[character_class(fields[at][0].kind)]
        ]
        second = dict(
            zip(unsure, self._look([fields[at] for at in unsure], _SECOND_LOOK), strict=True)
        )
        beams = [
            [(look.alphabet.spell(labels), score) for labels, score in _both(look, second.get(at))]
            for at, look in enumerate(first)
        ]
        return beams, [look.allowed_mass for look in first]

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

    @cache  # noqa: B019 - engines live as long as the process
    def _word_alphabet(self, kind: FieldKind) -> WordAlphabet:
        allowed = allowed_characters(kind)
        return WordAlphabet(allowed, self._recogniser.columns, look_alikes(allowed))

    def _reading(self, texts: Sequence[tuple[str, float]], within: float) -> Reading:
        text, best = texts[0]
        return Reading(
            engine=self.name,
            version=self.version,
            text=text,
            confidence=min(math.exp(best), 1.0) * min(within / _WITHIN, 1.0),
            alternatives=tuple(
                Alternative(text=other, log_odds=score - best)
                for other, score in texts[1:_ALTERNATIVES]
            ),
        )


class _Look:
    """What the recogniser believes of one field at one size."""

    def __init__(self, alphabet: Alphabet, folded: Posterior) -> None:
        self.alphabet = alphabet
        self.posterior, self.allowed_mass = normalise(folded)
        self.beams = beam_search(self.posterior, _BEAMS)


def _both(first: _Look, second: _Look | None) -> list[tuple[tuple[int, ...], float]]:
    return (first.beams if second is None else _weigh(first, second))[:_ALTERNATIVES]


def _is_worded(definition: FieldDefinition) -> bool:
    return prior_for(definition) is not None and definition.comb is None


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

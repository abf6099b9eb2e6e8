"""What one word may be: of a list, an initial, a number, or letters in a likely order."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from extractors.language.tables import END, Lexicon, Tables

_NUMBER = re.compile(r"(\d+)([a-z]*)")
_ORDINALS = ("st", "nd", "rd", "th")
_NEXT_DIGIT, _LETTER, _ORDINAL = 0.7, 0.02, 0.03
_SHORTEST_STEM = 2
_LONGEST_MEMORY = 100_000

NUMBER, INITIAL, LETTERS = "number", "initial", "letters"
"""What is no list."""


class Compounds:
    """Words made of a word of a list and an ending: `Smithville`."""

    def __init__(self, stems: Lexicon, endings: Lexicon) -> None:
        self._stems = stems
        self._endings = endings

    def beginning(self, prefix: str) -> float:
        """Share of the words that begin so."""
        split = sum(
            self._stems.whole(prefix[:at]) * self._endings.beginning(prefix[at:])
            for at in range(_SHORTEST_STEM, len(prefix))
        )
        return self._stems.beginning(prefix) + split

    def whole(self, word: str) -> float:
        """Share of that very word."""
        return sum(
            self._stems.whole(word[:at]) * self._endings.whole(word[at:])
            for at in range(_SHORTEST_STEM, len(word))
        )


class Slot:
    """A mixture of what a word may be, asked letter by letter.

    `beginning` is the probability that the word begins so, `whole` that it is just so: of all
    words, lists and likely letters together, so that a word in no list keeps a chance.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        tables: Tables,
        own: Mapping[str, Lexicon | Compounds],
    ) -> None:
        """`weights` by the names of lists (the tables' or `own`), or of what is no list."""
        total = sum(weights.values())
        lists: dict[str, Lexicon | Compounds] = {**tables.lexicons, **own}
        self._lists = [
            (weight / total, lists[name])
            for name, weight in weights.items()
            if name not in (NUMBER, INITIAL, LETTERS)
        ]
        self._number = weights.get(NUMBER, 0.0) / total
        self._initial = weights.get(INITIAL, 0.0) / total
        self._letters = weights.get(LETTERS, 0.0) / total
        self._tables = tables
        self._memory: dict[str, float] = {}
        self._beginnings: dict[str, float] = {"": 1.0}

    def beginning(self, prefix: str) -> float:
        known = self._memory.get(prefix)
        if known is None:
            known = sum(weight * words.beginning(prefix) for weight, words in self._lists)
            known += self._number * _number(prefix, whole=False)
            known += self._initial / 26 if len(prefix) == 1 and prefix.isalpha() else 0.0
            known += self._letters * self._beginning_letters(prefix)
            if len(self._memory) > _LONGEST_MEMORY:
                self._memory.clear()
                self._beginnings = {"": 1.0}
            self._memory[prefix] = known
        return known

    def whole(self, word: str) -> float:
        known = sum(weight * words.whole(word) for weight, words in self._lists)
        known += self._number * _number(word, whole=True)
        known += self._initial / 26 if len(word) == 1 and word.isalpha() else 0.0
        ends = math.exp(self._tables.letters.after(word, END))
        return known + self._letters * self._beginning_letters(word) * ends

    def _beginning_letters(self, prefix: str) -> float:
        known = self._beginnings.get(prefix)
        if known is None:
            step = math.exp(self._tables.letters.after(prefix[:-1], prefix[-1]))
            known = self._beginning_letters(prefix[:-1]) * step
            self._beginnings[prefix] = known
        return known


def _number(text: str, *, whole: bool) -> float:
    """House numbers, their letters (12B), ordinals (3rd)."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        return 0.0
    digits, letters = match.groups()
    share = 0.1 ** len(digits) * _NEXT_DIGIT ** (len(digits) - 1)
    if not letters:
        return share * (1 - _NEXT_DIGIT - _LETTER - _ORDINAL if whole else 1.0)
    if letters in _ORDINALS:
        return share * _ORDINAL / len(_ORDINALS)
    share *= _LETTER / 26 if len(letters) == 1 else 0.0
    if whole or len(letters) > 1:
        return share
    return share + 0.1 ** len(digits) * _NEXT_DIGIT ** (len(digits) - 1) * _ORDINAL * sum(
        ordinal.startswith(letters) for ordinal in _ORDINALS
    ) / len(_ORDINALS)

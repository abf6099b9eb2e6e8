"""The prior over whole texts: words in their places, and what stands between them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from extractors.language.slots import Slot

_LEAST = 1e-6
"""Nothing is impossible: what the ink says clearly is kept."""
_WORD_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_WITHIN_WORD = "'"
_SPACE_AFTER = {",": 0.85, ".": 0.7, "&": 0.9, "#": 0.2, "-": 0.05, "/": 0.05, ")": 0.9}
_LONGEST_MEMORY = 200_000


class TextPrior(Protocol):
    """How likely texts are, in small letters, before any ink was looked at."""

    def follows(self, text: str, character: str) -> float:
        """Logarithm of the probability that `character` comes after `text`."""

    def ends(self, text: str) -> float:
        """Logarithm of the probability that nothing comes after `text`."""


@dataclass(frozen=True)
class Manner:
    """How texts of one sort are made."""

    slots: Sequence[Slot]
    """Of the first word, the second, and so on; the last for all further ones."""
    more: Sequence[float]
    """Probability of another word after the first, the second, …; the last for all further."""
    separators: Mapping[str, float] = field(default_factory=lambda: {" ": 0.97})
    """What stands right after a word where another follows."""
    after_space: Mapping[str, float] = field(default_factory=dict)
    """What else than a word stands after a space: `&`, `#`."""
    full_stop: float = 0.02
    """After the last word."""
    restart: Mapping[str, int] = field(default_factory=dict)
    """Separators after which words count from this slot: another person after `&`."""


class _Place(NamedTuple):
    words: int
    """Begun so far, counted in slots."""
    word: str
    """Letters of the word begun; empty between words."""
    separator: str
    """That stands before it, or last."""


_START = _Place(0, "", "")


class WordPrior:
    """A prior made of a manner; remembers what it was asked."""

    def __init__(self, manner: Manner) -> None:
        self._manner = manner
        self._places: dict[str, _Place] = {"": _START}
        self._scores: dict[tuple[_Place, str], float] = {}

    def follows(self, text: str, character: str) -> float:
        place = self._place(text)
        key = place, character
        score = self._scores.get(key)
        if score is None:
            score = math.log(max(self._follows(place, character), _LEAST))
            if len(self._scores) > _LONGEST_MEMORY:
                self._scores.clear()
            self._scores[key] = score
        return score

    def ends(self, text: str) -> float:
        place = self._place(text)
        if place.word:
            share = self._completes(place) * (1 - self._goes_on(place))
        else:
            closed = place.separator == "." and self._manner.full_stop > 0
            share = 0.9 if closed or place.separator == ")" else 0.0
        return math.log(max(share, _LEAST))

    def _place(self, text: str) -> _Place:
        place = self._places.get(text)
        if place is None:
            place = self._advance(self._place(text[:-1]), text[-1])
            if len(self._places) > _LONGEST_MEMORY:
                self._places = {"": _START}
            self._places[text] = place
        return place

    def _advance(self, place: _Place, character: str) -> _Place:
        if character == _WITHIN_WORD and place.word:
            return place
        if character not in _WORD_CHARACTERS:
            words = self._manner.restart.get(character, place.words)
            return _Place(words, "", character)
        if place.word:
            return place._replace(word=place.word + character)
        return _Place(place.words + 1, character, place.separator)

    def _follows(self, place: _Place, character: str) -> float:
        manner = self._manner
        if character in _WORD_CHARACTERS:
            if place.word:
                slot = self._slot(place.words)
                before = slot.beginning(place.word)
                return slot.beginning(place.word + character) / before if before > 0 else 0.0
            return self._begins(place) * self._slot(place.words + 1).beginning(character)
        if not place.word:
            if character == " ":
                return _SPACE_AFTER.get(place.separator, 0.0)
            return manner.after_space.get(character, 0.0) if place.separator == " " else 0.0
        if character == _WITHIN_WORD:
            return 0.01
        goes_on = self._goes_on(place)
        share = goes_on * manner.separators.get(character, 0.0)
        if character == ".":
            share += (1 - goes_on) * manner.full_stop
        return share * self._completes(place)

    def _begins(self, place: _Place) -> float:
        """Probability that a word stands here, not another separator."""
        if place.separator == " ":
            return 1 - sum(self._manner.after_space.values())
        # A space mostly follows a comma; hardly ever a slash or a hyphen.
        return 1.0 if place.separator == "" else 1 - _SPACE_AFTER.get(place.separator, 0.0)

    def _slot(self, words: int) -> Slot:
        return self._manner.slots[min(words, len(self._manner.slots)) - 1]

    def _goes_on(self, place: _Place) -> float:
        more = self._manner.more
        return more[min(place.words, len(more)) - 1]

    def _completes(self, place: _Place) -> float:
        slot = self._slot(place.words)
        begun = slot.beginning(place.word)
        return slot.whole(place.word) / begun if begun > 0 else 0.0

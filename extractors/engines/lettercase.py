"""Capitals and small letters: how a writer had them, where reading took both for one."""

from __future__ import annotations

from itertools import pairwise

_ALIKE = frozenset("ckopsuvwxz")
"""Letters that differ in size only."""
_BEFORE_CAPITALS = ("mc", "mac", "'", "de", "la", "van")
"""What a capital within a word may follow."""


def cased_like(text: str, seen: str) -> str:
    """`text`, in small letters, with the capitals of `seen`.

    `seen` is what the recogniser made of the same ink letter by letter; its words may be misread.
    Writers keep to one manner: all capitals, or capitals at the beginning of words.
    """
    if _is_in_capitals(seen):
        return text.upper()
    if len(seen) != len(text) or "@" in text:
        return text if "@" in text or seen.islower() else _begun_with_capitals(text)
    begins = [at == 0 or not text[at - 1].isalpha() for at in range(len(text))]
    small_words = any(
        model.islower() and letter not in _ALIKE
        for letter, model, first in list(zip(text, seen, begins, strict=True))[1:]
        if first
    )
    cased = list(text)
    for at, (letter, model) in enumerate(zip(text, seen, strict=True)):
        if begins[at]:
            capital = model.isupper() or (letter in _ALIKE and (at == 0 or not small_words))
        else:
            capital = model.isupper() and text[:at].endswith(_BEFORE_CAPITALS)
        if capital:
            cased[at] = letter.upper()
    return "".join(cased)


def _is_in_capitals(seen: str) -> bool:
    inner = [c for before, c in pairwise(seen) if before.isalpha() and c.isalpha()]
    told = [c for c in inner if c.lower() not in _ALIKE] or inner
    if not told:
        return not any(c.islower() for c in seen)
    return 2 * sum(c.isupper() for c in told) > len(told)


def _begun_with_capitals(text: str) -> str:
    return "".join(
        c.upper() if at == 0 or text[at - 1] in " -/&" else c for at, c in enumerate(text)
    )

"""Words of a blank that tell its pages from their near twins: form title and tax year."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.page_image import Word
from schemas.forms import Box, Landmark

_HEAD_SHARE = 0.15
"""Share of the page's height in which headings are looked for."""
_MOST = 8


@dataclass(frozen=True, slots=True)
class SizedWord:
    """A word and its type size in points."""

    word: Word
    size: float


def heading(words: Sequence[SizedWord], height: float) -> Landmark | None:
    """The phrase in the largest type of the page's head that has a word in it."""
    head = [it for it in words if it.word.box.y1 < _HEAD_SHARE * height and it.size < 100]
    phrases = [it for it in _phrases(head) if len(re.sub(r"[^A-Za-z]", "", it[0].text)) > 3]
    best = max(phrases, key=lambda it: it[1], default=None)
    return best[0] if best else None


def find_landmarks(words: Sequence[SizedWord], year: int, height: float) -> tuple[Landmark, ...]:
    """The page's heading, its large print, and where head and foot print the tax year."""
    found: list[Landmark] = []
    title = heading(words, height)
    if title is not None:
        found.append(title)
    low = max((it.word.box.y1 for it in words), default=height)
    for phrase, _ in _phrases(words):
        at_edge = phrase.box.y1 < _HEAD_SHARE * height or phrase.box.y0 > low - 20
        says_year = str(year) in phrase.text.replace(" ", "")
        numbered = re.match(r"(form|schedule|page)\b", phrase.text, re.IGNORECASE)
        if at_edge and (says_year or numbered) and len(phrase.text) <= 60:
            found.append(phrase)
    unique = {landmark.box: landmark for landmark in found}
    return tuple(unique.values())[:_MOST]


def _phrases(words: Sequence[SizedWord]) -> list[tuple[Landmark, float]]:
    """Words run together where they stand on one baseline; with the largest size in each.

    The two halves of an IRS year (`20` in outline, `22` solid) so become one landmark.
    """
    phrases: list[list[SizedWord]] = []
    for item in sorted(words, key=lambda it: (round(it.word.box.y1 / 3), it.word.box.x0)):
        last = phrases[-1][-1] if phrases else None
        if last is not None:
            gap = item.word.box.x0 - last.word.box.x1
            level = abs(item.word.box.y1 - last.word.box.y1) < 3
            if level and -1 <= gap < 0.45 * max(item.size, last.size):
                phrases[-1].append(item)
                continue
        phrases.append([item])
    return [(_landmark(phrase), max(it.size for it in phrase)) for phrase in phrases]


def _landmark(phrase: Sequence[SizedWord]) -> Landmark:
    boxes = [it.word.box for it in phrase]
    box = Box(
        round(min(it.x0 for it in boxes), 1),
        round(min(it.y0 for it in boxes), 1),
        round(max(it.x1 for it in boxes), 1),
        round(max(it.y1 for it in boxes), 1),
    )
    text = phrase[0].word.text
    for before, after in pairwise(phrase):
        apart = after.word.box.x0 - before.word.box.x1 > 0.1 * after.size
        text += (" " if apart else "") + after.word.text
    return Landmark(text=text, box=box)

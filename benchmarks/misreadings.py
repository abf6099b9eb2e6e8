"""Classes of misreading: what went wrong, told from the truth and the reading alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from benchmarks.measure import Misread
from benchmarks.scoring import NUMBER_GROUPS, STRUCK_OUT

_BRACKETS = "()[]"


def classify(one: Misread) -> str:
    """The class of one misreading."""
    if one.manner == STRUCK_OUT:
        return "something struck out"
    if one.group == "marks":
        return "mark not seen" if one.filled else "mark seen where there is none"
    if not one.filled:
        return "writing seen where there is none"
    if not one.read.strip():
        return "writing that no engine could read"
    return _number(one) if one.group in NUMBER_GROUPS else _text(one)


def _number(one: Misread) -> str:
    truth, read = _characters(one.truth), _characters(one.read)
    if truth == read:
        signs = any(mark in one.truth + one.read for mark in (*_BRACKETS, "-"))
        return "minus or bracket" if signs else "comma or point"
    if any(mark in one.truth for mark in _BRACKETS) and len(read) > len(truth):
        return "bracket read as a digit"
    if len(truth) == len(read):
        differing = sum(a != b for a, b in zip(truth, read, strict=True))
        return "one digit for another" if differing == 1 else "several digits"
    if len(read) < len(truth):
        return "digit lost" if len(truth) - len(read) == 1 else "several digits lost"
    if "." in one.truth + one.read or "," in one.truth:
        return "digit too many where a comma or point is"
    return "digit too many"


def _text(one: Misread) -> str:
    truth, read = one.truth.casefold(), one.read.casefold()
    if truth.replace(" ", "") == read.replace(" ", ""):
        return "space between words"
    if re.sub(r"\W", "", truth) == re.sub(r"\W", "", read):
        return "punctuation"
    distance = edit_distance(truth, read)
    if distance > 2:
        return "several letters"
    return "one letter" if distance == 1 else "two letters"


def _characters(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def edit_distance(one: str, other: str) -> int:
    """Characters to change, add or leave out (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]


def tally(misread: Iterable[Misread]) -> list[tuple[str, int, int]]:
    """(class, misreadings, of these accepted), the commonest first."""
    counts: Counter[str] = Counter()
    accepted: Counter[str] = Counter()
    for one in misread:
        name = classify(one)
        counts[name] += 1
        accepted[name] += one.accepted
    return [(name, count, accepted[name]) for name, count in counts.most_common()]


def confusions(misread: Iterable[Misread]) -> list[tuple[str, str, int]]:
    """(written, read, how often) of single digits taken for another, the commonest first."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in misread:
        if one.group in NUMBER_GROUPS and classify(one) == "one digit for another":
            truth, read = _characters(one.truth), _characters(one.read)
            pairs.update((a, b) for a, b in zip(truth, read, strict=True) if a != b)
    return [(a, b, count) for (a, b), count in pairs.most_common()]


def worst(misread: Iterable[Misread], count: int) -> Sequence[Misread]:
    """Those that harm most: accepted without a person, then the surest."""
    return sorted(misread, key=lambda one: (not one.accepted, -one.confidence))[:count]

"""When two canonical texts say the same: what was read and what was keyed, one page and another."""

from __future__ import annotations

import re

from schemas.forms import FieldKind

_WORDS_ASIDE = re.compile(r"[\s.]+")


def same_text(kind: FieldKind, one: str, other: str) -> bool:
    """Whether two canonical texts of a kind say the same; of words, case and stops say nothing."""
    return fold_words(one) == fold_words(other) if kind.is_words else one == other


def fold_words(text: str) -> str:
    """Words without what makes no other name: case, white space, full stops."""
    return _WORDS_ASIDE.sub(" ", text).strip().casefold()

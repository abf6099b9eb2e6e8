"""Three-valued logic: what cannot be known stays unknown, and says why.

Known values are plain Python values; anything else is an `Unknown`. As Kleene's strong logic
has it, `False and unknown` is False: a rule fails only where it would fail whatever the unread
fields hold.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

MAX_REASONS = 6

Row = Sequence[Any]
"""The cells that a rule needs of one return, in the rule's own order."""
Evaluate = Callable[[Row], Any]
RULE_ERRORS = (
    ArithmeticError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)
"""What a part of a rule may raise of a row: a value out of the ordinary, not a crash."""


class Unknown:
    """A value that cannot be known, with the reasons, for people; never compared or printed."""

    __slots__ = ("reasons",)

    def __init__(self, *reasons: str) -> None:
        self.reasons = reasons

    def __repr__(self) -> str:
        return f"Unknown{self.reasons}"

    def __bool__(self) -> bool:
        raise TypeError("an unknown value has no truth")

    def and_also(self, other: Any) -> Unknown:
        """Both reasons, where the other value is unknown as well."""
        if other.__class__ is not Unknown:
            return self
        return Unknown(*list(dict.fromkeys((*self.reasons, *other.reasons)))[:MAX_REASONS])


class Sealed:
    """A text of the taxpayer's that must not be printed, pickled or serialised by accident.

    Frames handed to other libraries hold these: whatever they print of a cell is masked.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def open(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "•••"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> Any:
        raise TypeError("a sealed value is not written anywhere")


def merge(values: Iterable[Any]) -> Unknown:
    """One unknown with the reasons of all unknowns among the values."""
    merged = Unknown()
    for value in values:
        merged = merged.and_also(value)
    return merged


def negate(value: Any) -> Any:
    """Kleene's *not*."""
    return value if value.__class__ is Unknown else not value


def all_of(parts: Sequence[Evaluate], row: Row) -> Any:
    """Kleene's *and*: false as soon as one part is false."""
    unknown: Unknown | None = None
    for part in parts:
        value = part(row)
        if value.__class__ is Unknown:
            unknown = value if unknown is None else unknown.and_also(value)
        elif not value:
            return False
    return True if unknown is None else unknown


def any_of(parts: Sequence[Evaluate], row: Row) -> Any:
    """Kleene's *or*: true as soon as one part is true."""
    unknown: Unknown | None = None
    for part in parts:
        value = part(row)
        if value.__class__ is Unknown:
            unknown = value if unknown is None else unknown.and_also(value)
        elif value:
            return True
    return False if unknown is None else unknown


def lift(function: Callable[..., Any], *parts: Evaluate) -> Evaluate:
    """Apply a function of known values; unknown where any argument is unknown."""
    if len(parts) == 1:
        only = parts[0]

        def one(row: Row) -> Any:
            value = only(row)
            return value if value.__class__ is Unknown else function(value)

        return one
    if len(parts) == 2:
        first, second = parts

        def two(row: Row) -> Any:
            a = first(row)
            b = second(row)
            if a.__class__ is Unknown:
                return a.and_also(b)
            return b if b.__class__ is Unknown else function(a, b)

        return two

    def many(row: Row) -> Any:
        values = [part(row) for part in parts]
        for value in values:
            if value.__class__ is Unknown:
                return merge(values)
        return function(*values)

    return many

"""Functions of the rule language over texts and dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum.us import ein, itin, rtn, ssn

from validators import explain
from validators.building import FUNCTIONS, Builder, arguments, error_value, function, make
from validators.compiler import Compiler
from validators.patterns import MAX_TEXT, PatternProblem, bounded_pattern
from validators.scope import ValueKind
from validators.syntax import Call, Literal
from validators.ternary import Unknown, lift
from validators.typed import Typed


def _on_text(kind: ValueKind, work: Callable[[str], Any]) -> Builder:
    def build(c: Compiler, node: Call) -> Typed:
        if arguments(c, node, 1) is None:
            return error_value()
        part = c.expect(node.arguments[0], ValueKind.TEXT)
        complain = None
        if kind is ValueKind.BOOL:
            complain = explain.says(f"{explain.name_of(c, part)} is not valid")
        return make(kind, lift(work, part.evaluate), complain=complain)

    return build


def digits_of(text: str) -> str:
    """Only the digits 0 to 9."""
    return "".join(character for character in text if character in "0123456789")


FUNCTIONS["length"] = _on_text(ValueKind.NUMBER, lambda text: Decimal(len(text)))
FUNCTIONS["digits"] = _on_text(ValueKind.TEXT, digits_of)
FUNCTIONS["upper"] = _on_text(ValueKind.TEXT, str.upper)
FUNCTIONS["routing_checksum"] = _on_text(ValueKind.BOOL, lambda text: bool(rtn.is_valid(text)))
FUNCTIONS["ssn_valid"] = _on_text(ValueKind.BOOL, lambda text: bool(ssn.is_valid(text)))
FUNCTIONS["itin_valid"] = _on_text(ValueKind.BOOL, lambda text: bool(itin.is_valid(text)))
FUNCTIONS["ein_valid"] = _on_text(ValueKind.BOOL, lambda text: bool(ein.is_valid(text)))


_JOINS = frozenset({"and", "or", "jr", "sr", "dr", "mr", "mrs", "ms"})
_NOT_IN_NAMES = re.compile(r"[^\w~'-]+")


def names_shown(shown: str, *names: str) -> bool:
    """Whether a heading such as `Ann & Bo Smith` shows no other names than these, first and last.

    Initials, titles, joining words, case and order say nothing. The first two names given are the
    filer's own: the second, the last name, must be shown, and of the first at least an initial.
    """
    heading = set(_words(shown))
    known = {word for name in names for word in _words(name)}
    first, last = (set(_words(name)) for name in names[:2])
    initials = {word for word in heading if len(word) == 1}
    has_first = not first or first & heading or {word[0] for word in first} & initials
    has_last = not last or last & heading
    return bool(has_first and has_last and heading - initials <= known)


def _words(name: str) -> list[str]:
    found = _NOT_IN_NAMES.sub(" ", name.casefold()).split()
    return [word for word in found if word not in _JOINS]


@function("names_shown")
def _names_shown(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 3, 9) is None:
        return error_value()
    parts = [c.expect(argument, ValueKind.TEXT) for argument in node.arguments]
    run = lift(names_shown, *(part.evaluate for part in parts))
    said = explain.says(f"{explain.name_of(c, parts[0])} shows other names")
    return make(ValueKind.BOOL, run, complain=said)


@function("matches")
def _matches(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 2) is None:
        return error_value()
    part = c.expect(node.arguments[0], ValueKind.TEXT)
    written = node.arguments[1]
    if not isinstance(written, Literal) or not isinstance(written.value, str):
        return c.error(written, "the pattern of `matches` is a text in double quotes")
    try:
        pattern: re.Pattern[str] = bounded_pattern(written.value)
    except PatternProblem as error:
        return c.error(written, f"pattern: {error}")
    too_long = Unknown(f"a text is longer than {MAX_TEXT} characters")

    def run(text: str) -> Any:
        return too_long if len(text) > MAX_TEXT else pattern.fullmatch(text) is not None

    said = explain.says(f"{explain.name_of(c, part)} is not written as it should be")
    return make(ValueKind.BOOL, lift(run, part.evaluate), complain=said)


@function("date")
def _date(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 1) is None:
        return error_value()
    written = node.arguments[0]
    if isinstance(written, Literal) and isinstance(written.value, str):
        try:
            day = date.fromisoformat(written.value)
        except ValueError:
            return c.error(written, 'a date is written as "2023-04-18"')
        return make(ValueKind.DATE, lambda _: day)
    return c.error(written, 'a date is written as "2023-04-18"')


def _on_date(work: Callable[[date], Decimal]) -> Builder:
    def build(c: Compiler, node: Call) -> Typed:
        if arguments(c, node, 1) is None:
            return error_value()
        part = c.expect(node.arguments[0], ValueKind.DATE)
        return make(ValueKind.NUMBER, lift(work, part.evaluate))

    return build


FUNCTIONS["year"] = _on_date(lambda day: Decimal(day.year))
FUNCTIONS["month"] = _on_date(lambda day: Decimal(day.month))
FUNCTIONS["day"] = _on_date(lambda day: Decimal(day.day))


@function("days_between")
def _days_between(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 2) is None:
        return error_value()
    first = c.expect(node.arguments[0], ValueKind.DATE)
    second = c.expect(node.arguments[1], ValueKind.DATE)
    run = lift(lambda a, b: Decimal((b - a).days), first.evaluate, second.evaluate)
    return make(ValueKind.NUMBER, run)

"""Regular expressions of rules, kept to those that cannot run away.

Python's engine backtracks: `(a+)+b` takes ages on thirty letters. So the number of ways in which
a pattern can be laid over a text is estimated from its parse tree, and too many are refused.
"""

from __future__ import annotations

import re
import warnings
from re import _constants as constants
from re import _parser as parser
from typing import Any

MAX_PATTERN = 200
MAX_TEXT = 300
"""Longer texts are not matched at all."""
MAX_WAYS = MAX_TEXT**3
"""Three unlimited repeats over the longest text: well under a second."""

_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT)


class PatternProblem(Exception):
    """A pattern that is wrong, or that could run away."""


def bounded_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a pattern.

    Raises:
        PatternProblem: not a pattern, or one that could take too long.
    """
    if len(pattern) > MAX_PATTERN:
        raise PatternProblem(f"longer than {MAX_PATTERN} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            tree = parser.parse(pattern)
            compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise PatternProblem(f"not a regular expression ({error})") from None
    if _ways(tree) > MAX_WAYS:
        raise PatternProblem(
            "could take too long: too many repeats or alternatives, one in another"
        )
    return compiled


def _ways(tree: Any) -> int:
    """In how many ways the pattern may be laid over the longest text, at most; capped."""
    ways = 1
    for code, argument in tree:
        if code in _REPEATS:
            ways *= _repeat_ways(*argument)
        elif code is constants.SUBPATTERN:
            ways *= _ways(argument[-1])
        elif code is constants.BRANCH:
            ways *= sum(_ways(branch) for branch in argument[1])
        elif code is constants.ATOMIC_GROUP:
            ways *= _ways(argument)
        elif code in (constants.ASSERT, constants.ASSERT_NOT):
            ways *= _ways(argument[1])
        elif code in (constants.GROUPREF, constants.GROUPREF_EXISTS):
            raise PatternProblem("backreferences are not allowed")
        if ways > MAX_WAYS:
            break
    return ways


def _repeat_ways(low: int, high: int, body: Any) -> int:
    once = _ways(body)
    times = min(int(high), MAX_TEXT)
    if once > 1 and times > 64:
        return MAX_WAYS + 1
    return min((times - min(low, times) + 1) * once**times, MAX_WAYS + 1)

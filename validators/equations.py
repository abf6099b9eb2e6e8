"""The equations of a rule: what stands on both sides of its `==`, so that either can be worked out.

`line 9 == sum(…)` tells what line 9 should be; which amount of the sum would mend it follows from
how much the sides differ. Nothing here decides whether a rule holds: the rule itself does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from validators.compiler import Compiler
from validators.scope import Column, ValueKind
from validators.syntax import Binary, Node
from validators.ternary import RULE_ERRORS, Evaluate, Row, Unknown
from validators.typed import Typed

_FIGURED = (ValueKind.AMOUNT, ValueKind.NUMBER, ValueKind.TEXT)


@dataclass(frozen=True, slots=True)
class Equation:
    """Two sides that must be the same."""

    left: Evaluate
    right: Evaluate
    target: Column | None
    """The field that the rule figures: the side that is a field and nothing else, left first."""
    target_is_left: bool = True

    def sides(self, row: Row) -> tuple[Any, Any] | None:
        """What both sides are in a row; None where either cannot be known or worked out."""
        try:
            left, right = self.left(row), self.right(row)
        except RULE_ERRORS:
            return None
        return None if Unknown in (left.__class__, right.__class__) else (left, right)


def equations_of(tree: Node, compiler: Compiler) -> tuple[Equation, ...]:
    """The equations that a check may rest on; conditions of `implies` are none."""
    found = []
    for node in _equalities(tree):
        left, right = compiler.compile(node.left), compiler.compile(node.right)
        if left.kind in _FIGURED and right.kind in _FIGURED and not _is_written_out(left, right):
            bare = left if left.column else right
            found.append(Equation(left.evaluate, right.evaluate, bare.column, bare is left))
    return tuple(found)


def _is_written_out(left: Typed, right: Typed) -> bool:
    """Compared with a number of the rule's own: nothing is figured."""
    return left.constant or right.constant or left.value is not None or right.value is not None


def _equalities(node: Node) -> Iterator[Binary]:
    match node:
        case Binary(operator="=="):
            yield node
        case Binary(operator="and" | "or"):
            yield from _equalities(node.left)
            yield from _equalities(node.right)
        case Binary(operator="implies"):
            yield from _equalities(node.right)

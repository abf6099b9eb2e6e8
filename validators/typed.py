"""A compiled part of an expression, and what stands in for one that has an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.forms import FieldDefinition
from validators.scope import Column, Group, Scope, ValueKind
from validators.ternary import Evaluate, Row, Unknown


@dataclass(frozen=True)
class Typed:
    """A compiled part: its type, how to evaluate it, and what it is for people."""

    kind: ValueKind
    evaluate: Evaluate
    constant: bool = False
    """Written out in the rule as a number."""
    value: Any = None
    """Of a literal."""
    column: Column | None = None
    field: FieldDefinition | None = None
    slot: int = -1
    group: Group | None = None
    complain: Callable[[Row], str] | None = None
    """Where this condition is false: what was found instead, as a sentence."""


def nothing(_: Row) -> Any:
    """Stands in for what has an error; never run, since errors stop the compilation."""
    return Unknown("the rule does not compile")


ANY = Typed(ValueKind.ANY, nothing)


class Naming(Protocol):
    """Where a part stands: enough of a compiler to name its fields for people."""

    scope: Scope
    form: str

    def other_form(self, form: str) -> str | None:
        """Words for the form, where it is not the rule's own."""

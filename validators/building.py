"""How functions of the rule language are registered and put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from validators.compiler import Compiler
from validators.scope import ValueKind
from validators.syntax import Call, Node
from validators.ternary import Evaluate
from validators.typed import ANY, Typed

Builder = Callable[[Compiler, Call], Typed]
FUNCTIONS: dict[str, Builder] = {}


def function(*names: str) -> Callable[[Builder], Builder]:
    """Register what compiles calls of these names."""

    def register(builder: Builder) -> Builder:
        for name in names:
            FUNCTIONS[name] = builder
        return builder

    return register


def make(kind: ValueKind, evaluate: Evaluate, **more: Any) -> Typed:
    """A compiled part."""
    return Typed(kind, evaluate, **more)


def arguments(
    c: Compiler, node: Call, least: int, most: int | None = None
) -> tuple[Node, ...] | None:
    """The arguments, or None after an error about their number."""
    most = least if most is None else most
    if least <= len(node.arguments) <= most:
        return node.arguments
    wanted = str(least) if least == most else f"{least} to {most}"
    c.error(node, f"`{node.function}` takes {wanted} arguments, not {len(node.arguments)}")
    return None


def error_value() -> Typed:
    """What a builder answers after telling of an error."""
    return ANY

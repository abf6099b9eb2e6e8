"""`param(…)`: which number of the law a rule means, checked before anything runs."""

from __future__ import annotations

from typing import Any

from validators.compiler import Compiler
from validators.law import Lookup, ParameterProblem, key_text, look_up
from validators.scope import STATUS_GROUP, ValueKind, suggest
from validators.syntax import Call, Name, Node
from validators.ternary import Evaluate, Row, Unknown, merge
from validators.typed import ANY, Typed


def compile_param(c: Compiler, node: Call) -> Typed:
    """A lookup by tax year, filing status and the keys that are written."""
    if not node.arguments or not isinstance(node.arguments[0], Name):
        return c.error(node, "`param` takes a parameter's name and keys")
    target = node.arguments[0]
    parameter = c.scope.parameters.get(str(target))
    if parameter is None:
        return c.error(target, f"no parameter `{target}`{suggest(str(target), c.scope.parameters)}")
    try:
        lookup = look_up(parameter, c.scope.year, c.scope.currency)
        keys = _keys(c, node, lookup)
    except ParameterProblem as error:
        return c.error(target, str(error))
    if keys is None:
        return ANY
    if not keys:
        value = lookup.values
        return Typed(lookup.kind, lambda _: value)
    missing = Unknown(f"{parameter.name.replace('_', ' ')} has no value for these keys")

    def run(row: Row) -> Any:
        found = [key(row) for key in keys]
        for key in found:
            if key.__class__ is Unknown:
                return merge(found)
        value = lookup.get(found)
        return missing if value is None else value

    return Typed(lookup.kind, run)


def _keys(c: Compiler, node: Call, lookup: Lookup) -> list[Evaluate] | None:
    """One function a level; the filing status's is put in where it is not written."""
    written = list(node.arguments[1:])
    statuses = c.scope.statuses
    options = list(statuses.options) if statuses else []
    status_level = lookup.status_level(options) if len(written) == lookup.depth - 1 else None
    if status_level is None and len(written) != lookup.depth:
        c.error(node, f"`param({lookup.name})` needs {lookup.depth} keys, not {len(written)}")
        return None
    keys: list[Evaluate] = []
    for level in range(lookup.depth):
        if level == status_level:
            keys.append(c.compile(Name(node.mark, STATUS_GROUP, c.scope.main_form)).evaluate)
        else:
            keys.append(_key(c, written.pop(0), lookup, level))
    return keys


def _key(c: Compiler, node: Node, lookup: Lookup, level: int) -> Evaluate:
    typed = c.expect(node, ValueKind.TEXT, ValueKind.NUMBER, ValueKind.BOOL)
    if typed.value is not None and key_text(typed.value) not in lookup.level(level):
        known = lookup.level(level)
        hint = suggest(key_text(typed.value), known) or f"; it has {', '.join(sorted(known))}"
        c.error(node, f"parameter {lookup.name} has no key {c.said(node)}{hint}")
    return typed.evaluate

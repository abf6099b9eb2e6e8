"""The functions of the rule language: what each takes, gives and does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from validators import explain
from validators.building import arguments, error_value, function, make
from validators.compiler import Compiler
from validators.law import bracket_tax
from validators.lookups import compile_param
from validators.scope import Group, ValueKind
from validators.syntax import Call, Literal, Name, Node, children, substitute_star
from validators.ternary import Evaluate, Row, Unknown, all_of, any_of, lift, merge, negate
from validators.typed import Typed

NUMERIC = (ValueKind.AMOUNT, ValueKind.NUMBER)
SPREADING = frozenset({"sum", "min", "max", "count", "any", "all", "count_marked"})
"""Functions whose arguments may hold families."""


# Families


def spread(c: Compiler, node: Call) -> list[tuple[Node, Typed]]:
    """The arguments compiled, families unfolded: one part for each thing the `*` stands for."""
    parts: list[tuple[Node, Typed]] = []
    if not node.arguments:
        c.error(node, f"`{node.function}` needs an argument")
    for argument in node.arguments:
        families = _families(argument)
        if not families:
            parts.append((argument, c.compile(argument)))
            continue
        words = _common_words(c, argument, families)
        for word in words:
            concrete = substitute_star(argument, word)
            parts.append((concrete, c.compile(concrete)))
    return parts


def _families(node: Node) -> list[Name]:
    """Families of an argument, without those that a function inside it unfolds itself."""
    if isinstance(node, Name):
        return [node] if node.is_family else []
    if isinstance(node, Call) and node.function in SPREADING:
        return []
    return [name for child in children(node) for name in _families(child)]


def _common_words(c: Compiler, argument: Node, families: list[Name]) -> list[str]:
    sets = [(family, list(c.family(family))) for family in families]
    first, words = sets[0]
    for family, others in sets[1:]:
        odd = sorted(set(words) ^ set(others))
        if odd and words and others:
            c.error(family, f"`{first}` and `{family}` differ: {', '.join(odd[:5])}")
            return []
    return words


# Numbers


@function("sum", "min", "max")
def _aggregate(c: Compiler, node: Call) -> Typed:
    parts = [_numeric(c, part, typed) for part, typed in spread(c, node)]
    runs = [typed.evaluate for typed in parts]
    kind = _common_number(parts)
    gather = _GATHER[node.function]

    def run(row: Row) -> Any:
        values = [part(row) for part in runs]
        for value in values:
            if value.__class__ is Unknown:
                return merge(values)
        return gather(values)

    return make(kind, run)


_GATHER: dict[str, Callable[[list[Any]], Any]] = {
    "sum": lambda values: sum(values, Decimal(0)),
    "min": min,
    "max": max,
}


def _numeric(c: Compiler, node: Node, typed: Typed) -> Typed:
    if typed.kind in NUMERIC or typed.kind is ValueKind.ANY:
        return typed
    return c.error(node, f"expected an amount or a number, but {c.said(node)} is {typed.kind}")


def _common_number(parts: Sequence[Typed]) -> ValueKind:
    kinds = {part.kind for part in parts}
    if ValueKind.ANY in kinds or not kinds:
        return ValueKind.ANY
    return ValueKind.AMOUNT if ValueKind.AMOUNT in kinds else ValueKind.NUMBER


@function("abs")
def _abs(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 1) is None:
        return error_value()
    part = c.expect(node.arguments[0], *NUMERIC)
    return make(part.kind, lift(abs, part.evaluate))


@function("round", "floor", "ceil")
def _to_steps(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 1, 2) is None:
        return error_value()
    part = c.expect(node.arguments[0], *NUMERIC)
    step = Decimal(1)
    if len(node.arguments) == 2:
        written = node.arguments[1]
        value = written.value if isinstance(written, Literal) else None
        if not isinstance(value, Decimal) or value <= 0:
            return c.error(written, f"the step of `{node.function}` is a number above 0")
        step = value
    # Halves go away from zero: the IRS rounds 0.50 up, and a loss of 0.50 to a loss of 1.
    mode = {"round": ROUND_HALF_UP, "floor": ROUND_FLOOR, "ceil": ROUND_CEILING}[node.function]

    def run(value: Decimal) -> Decimal:
        return (value / step).to_integral_value(rounding=mode) * step

    return make(part.kind, lift(run, part.evaluate))


# Logic


@function("if")
def _if(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 3) is None:
        return error_value()
    condition = c.expect(node.arguments[0], ValueKind.BOOL)
    yes, no = c.compile(node.arguments[1]), c.compile(node.arguments[2])
    kinds = {yes.kind, no.kind}
    if ValueKind.ANY in kinds:
        return error_value()
    if len(kinds) == 2 and not kinds <= set(NUMERIC):
        return c.error(node, f"the branches of `if` differ: {yes.kind} and {no.kind}")
    test, then, otherwise = condition.evaluate, yes.evaluate, no.evaluate

    def run(row: Row) -> Any:
        value = test(row)
        if value.__class__ is Unknown:
            return value
        return then(row) if value else otherwise(row)

    kind = ValueKind.AMOUNT if ValueKind.AMOUNT in kinds else yes.kind
    constant = yes.constant and no.constant
    return make(kind, run, constant=constant, complain=explain.chosen(test, yes, no))


@function("any", "all")
def _quantified(c: Compiler, node: Call) -> Typed:
    parts = []
    for part, typed in spread(c, node):
        if typed.kind not in (ValueKind.BOOL, ValueKind.ANY):
            c.error(part, f"expected yes or no, but {c.said(part)} is {typed.kind}")
        parts.append(typed)
    runs = tuple(typed.evaluate for typed in parts)
    if node.function == "any":
        return make(ValueKind.BOOL, lambda row: any_of(runs, row))
    return make(ValueKind.BOOL, lambda row: all_of(runs, row), complain=explain.every(parts))


@function("count")
def _count(c: Compiler, node: Call) -> Typed:
    tests = []
    for part, typed in spread(c, node):
        if typed.kind is ValueKind.BOOL or typed.kind is ValueKind.ANY:
            tests.append(typed.evaluate)
        elif typed.slot >= 0 or typed.group:
            tests.append(_written(typed))
        else:
            c.error(part, "`count` takes fields and conditions")
    return make(ValueKind.NUMBER, _counter(tests))


@function("count_marked")
def _count_marked(c: Compiler, node: Call) -> Typed:
    tests: list[Evaluate] = []
    for part, typed in spread(c, node):
        if typed.group:
            tests += _boxes(c, typed.group)
        elif typed.kind is ValueKind.BOOL and typed.slot >= 0:
            tests.append(typed.evaluate)
        elif typed.kind is not ValueKind.ANY:
            c.error(part, f"`count_marked` takes boxes and groups, but {c.said(part)} is neither")
    return make(ValueKind.NUMBER, _counter(tests))


def _boxes(c: Compiler, group: Group) -> list[Evaluate]:
    names = c.scope.forms[group.form]
    return [c.of_field(names, box).evaluate for box in group.options.values()]


def _counter(tests: Sequence[Evaluate]) -> Evaluate:
    def run(row: Row) -> Any:
        values = [test(row) for test in tests]
        for value in values:
            if value.__class__ is Unknown:
                return merge(values)
        return Decimal(sum(map(bool, values)))

    return run


# What is on the paper


def _written(typed: Typed) -> Evaluate:
    """Whether something is there at all: a written 0 is, an unmarked box is not."""
    if typed.group:
        return lift(bool, typed.evaluate)
    if typed.kind is ValueKind.BOOL:
        return typed.evaluate
    slot = typed.slot

    def run(row: Row) -> Any:
        cell = row[slot]
        return cell if cell.__class__ is Unknown else cell is not None

    return run


@function("present", "blank")
def _present(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 1) is None:
        return error_value()
    typed = c.compile(node.arguments[0])
    if typed.kind is ValueKind.ANY:
        return make(ValueKind.BOOL, typed.evaluate)
    if typed.slot < 0 and not typed.group:
        return c.error(node, f"`{node.function}` takes a field")
    written = _written(typed)
    label = explain.name_of(c, typed)
    if node.function == "present":
        return make(ValueKind.BOOL, written, complain=explain.says(f"{label} is blank"))
    return make(
        ValueKind.BOOL,
        lambda row: negate(written(row)),
        complain=explain.says(f"{label} is filled in"),
    )


@function("marked")
def _marked(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 1) is None:
        return error_value()
    typed = c.expect(node.arguments[0], ValueKind.BOOL)
    if typed.kind is not ValueKind.ANY and typed.slot < 0:
        return c.error(node, "`marked` takes a checkbox, a choice's box or a signature")
    return typed


@function("has_form", "count_forms", "has_page")
def _holds(c: Compiler, node: Call) -> Typed:
    paged = node.function == "has_page"
    if arguments(c, node, 2 if paged else 1) is None:
        return error_value()
    target = node.arguments[0]
    if not isinstance(target, Name) or target.form or target.is_family:
        return c.error(target, f"`{node.function}` takes a form's name")
    names = c.form_names(target, target.name)
    if names is None:
        return (
            make(ValueKind.BOOL, lambda _: False)
            if node.function != "count_forms"
            else error_value()
        )
    form = names.form
    if node.function == "count_forms":
        return make(ValueKind.NUMBER, c.fact("form", form))
    said = explain.says(f"{explain.form_words(form)} is not in the return")
    if node.function == "has_form":
        return make(ValueKind.BOOL, lift(bool, c.fact("form", form)), complain=said)
    page = node.arguments[1]
    number = page.value if isinstance(page, Literal) else None
    if not isinstance(number, Decimal) or number not in names.pages:
        return c.error(page, f"{form} has the pages {sorted(names.pages)}")
    said = explain.says(f"page {number} of {explain.form_words(form)} is not in the return")
    return make(ValueKind.BOOL, c.fact("page", form, str(number)), complain=said)


# The law


@function("param")
def _param(c: Compiler, node: Call) -> Typed:
    return compile_param(c, node)


@function("bracket_tax")
def _bracket_tax(c: Compiler, node: Call) -> Typed:
    if arguments(c, node, 2) is None:
        return error_value()
    amount = c.expect(node.arguments[0], *NUMERIC)
    table = c.expect(node.arguments[1], ValueKind.TABLE)
    return make(ValueKind.AMOUNT, lift(bracket_tax, amount.evaluate, table.evaluate))

"""From an expression's tree to a typed function of a row: names resolved, types checked, once.

One `Compiler` serves one expression in one tax year. It gathers what is wrong instead of
stopping at the first, and hands on `ANY` so that one mistake is told of only once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from schemas.forms import FieldDefinition
from validators import explain
from validators.scope import (
    RETURN_FACTS,
    Column,
    FormNames,
    Group,
    Scope,
    ValueKind,
    suggest,
    value_kind,
)
from validators.syntax import Binary, Call, Literal, Mark, Member, Name, Node, Unary
from validators.ternary import Evaluate, Row, Unknown, all_of, any_of, lift, negate
from validators.typed import ANY, Typed, nothing

ZERO = Decimal(0)
NUMERIC = (ValueKind.AMOUNT, ValueKind.NUMBER)

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPPOSITE = {"!=": "==", ">": "<=", "<": ">="}


@dataclass(frozen=True)
class Issue:
    """One mistake in an expression, as found for one tax year."""

    part: str
    mark: Mark
    message: str
    year: int


@dataclass
class Slots:
    """Columns that a rule needs, in the order of its rows; shared by its years."""

    columns: list[Column] = field(default_factory=list)
    _index: dict[Column, int] = field(default_factory=dict)

    def of(self, column: Column) -> int:
        if column not in self._index:
            self._index[column] = len(self.columns)
            self.columns.append(column)
        return self._index[column]


class Compiler:
    """Compiles the parts (`when`, `check`, braces in `text`) of one rule for one year."""

    def __init__(
        self,
        scope: Scope,
        form: str,
        slots: Slots,
        part: str,
        functions: Mapping[str, Callable[[Compiler, Call], Typed]],
        tolerance: Decimal = ZERO,
    ) -> None:
        self.scope = scope
        self.functions = functions
        self.form = form
        self.slots = slots
        self.part = part
        self.tolerance = tolerance
        self.issues: list[Issue] = []

    def error(self, node: Node, message: str) -> Typed:
        self.issues.append(Issue(self.part, node.mark, message, self.scope.year))
        return ANY

    def compile(self, node: Node) -> Typed:
        match node:
            case Literal():
                return self._literal(node)
            case Name():
                return self._name(node)
            case Unary():
                return self._unary(node)
            case Member():
                return self._member(node)
            case Binary(operator="and" | "or" | "implies"):
                return self._logic(node)
            case Binary(operator="+" | "-" | "*" | "/"):
                return self._arithmetic(node)
            case Binary():
                return self._comparison(node)
            case Call():
                return self._call(node)
        raise TypeError(f"not an expression: {type(node).__name__}")

    def expect(self, node: Node, *kinds: ValueKind) -> Typed:
        """Compile a part that must be of one of these types."""
        typed = self.compile(node)
        if typed.kind is ValueKind.ANY or typed.kind in kinds:
            return typed
        wanted = " or ".join(kinds)
        return self.error(node, f"expected {wanted}, but {self.said(node)} is {typed.kind}")

    def said(self, node: Node) -> str:
        match node:
            case Name():
                return f"`{node}`"
            case Literal():
                return f"`{node.value}`" if not isinstance(node.value, str) else f'"{node.value}"'
            case Call():
                return f"`{node.function}(…)`"
        return "this"

    # Names

    def form_names(self, node: Node, form: str) -> FormNames | None:
        """The form of that name in this year, or an error at the node."""
        names = self.scope.forms.get(form)
        if names is None:
            if form in self.scope.all_forms:
                self.error(node, f"the department has no {form}")
            else:
                self.error(node, f"no form `{form}`{suggest(form, self.scope.all_forms)}")
        return names

    def resolve(self, node: Name) -> Typed:
        """A field or a choice group."""
        if node.form == "return":
            return self._return_fact(node)
        names = self.form_names(node, node.form or self.form)
        if names is None:
            return ANY
        if node.name in names.fields:
            return self.of_field(names, names.fields[node.name])
        if node.name in names.groups:
            return self._group(names.groups[node.name])
        known = {*names.fields, *names.groups}
        hint = suggest(node.name, known)
        return self.error(node, f"no field `{node.name}` on {names.form}{hint}")

    def family(self, node: Name) -> dict[str, Typed]:
        """Members of a family by what the `*` stands for; an error where there are none."""
        names = self.form_names(node, node.form or self.form)
        if names is None:
            return {}
        found = names.family(node.name)
        if not found:
            self.error(node, f"no field of {names.form} fits `{node.name}`")
        return {word: self.of_field(names, member) for word, member in found.items()}

    def of_field(self, names: FormNames, definition: FieldDefinition) -> Typed:
        column = Column("field", names.form, definition.name)
        slot = self.slots.of(column)
        kind = value_kind(definition.kind)
        return Typed(
            kind,
            _load(slot, kind),
            column=column,
            field=definition,
            slot=slot,
            complain=explain.unmarked(definition, self.other_form(names.form)),
        )

    def other_form(self, form: str) -> str | None:
        """The form's id, where it is not the rule's own."""
        return None if form == self.form else form

    def fact(self, kind: str, form: str, name: str = "") -> Evaluate:
        """What the return holds: its forms, pages and year."""
        slot = self.slots.of(Column(kind, form, name))
        return lambda row: row[slot]

    def _return_fact(self, node: Name) -> Typed:
        if node.name not in RETURN_FACTS:
            hint = suggest(node.name, RETURN_FACTS)
            return self.error(node, f"no `return.{node.name}`{hint}")
        return Typed(ValueKind.NUMBER, self.fact("return", "", node.name))

    def _group(self, group: Group) -> Typed:
        boxes = []
        for option, definition in group.options.items():
            slot = self.slots.of(Column("field", group.form, definition.name))
            boxes.append((option, slot))
        several = Unknown(f"several boxes of {group.name.replace('_', ' ')} are marked")

        def chosen(row: Row) -> Any:
            marked = ""
            unknown: Unknown | None = None
            for option, slot in boxes:
                cell = row[slot]
                if cell.__class__ is Unknown:
                    unknown = cell if unknown is None else unknown.and_also(cell)
                elif cell:
                    if marked:
                        return several
                    marked = option
            return marked if unknown is None else unknown

        return Typed(ValueKind.TEXT, chosen, group=group)

    # Expressions

    def _literal(self, node: Literal) -> Typed:
        value = node.value
        if isinstance(value, bool):
            return Typed(ValueKind.BOOL, lambda _: value, value=value)
        if isinstance(value, str):
            return Typed(ValueKind.TEXT, lambda _: value, value=value)
        return Typed(ValueKind.NUMBER, lambda _: value, constant=True, value=value)

    def _name(self, node: Name) -> Typed:
        if node.is_family:
            return self.error(node, f"a family (`{node}`) stands only inside sum, count, all …")
        return self.resolve(node)

    def _unary(self, node: Unary) -> Typed:
        if node.operator == "not":
            operand = self.expect(node.operand, ValueKind.BOOL)
            return Typed(ValueKind.BOOL, lift(operator.not_, operand.evaluate))
        operand = self.expect(node.operand, *NUMERIC)
        return Typed(operand.kind, lift(operator.neg, operand.evaluate))

    def _logic(self, node: Binary) -> Typed:
        left = self.expect(node.left, ValueKind.BOOL)
        right = self.expect(node.right, ValueKind.BOOL)
        first, second = left.evaluate, right.evaluate
        if node.operator == "and":
            parts = (first, second)
            complain = explain.every((left, right))
            return Typed(ValueKind.BOOL, lambda row: all_of(parts, row), complain=complain)
        if node.operator == "or":
            parts = (first, second)
            return Typed(ValueKind.BOOL, lambda row: any_of(parts, row))
        either = (lambda row: negate(first(row)), second)
        return Typed(ValueKind.BOOL, lambda row: any_of(either, row), complain=right.complain)

    def _arithmetic(self, node: Binary) -> Typed:
        left = self.expect(node.left, *NUMERIC)
        right = self.expect(node.right, *NUMERIC)
        kinds = (left.kind, right.kind)
        amount = ValueKind.AMOUNT in kinds
        if node.operator == "*" and kinds == (ValueKind.AMOUNT, ValueKind.AMOUNT):
            return self.error(node, "an amount times an amount is no amount")
        if node.operator == "/":
            if left.kind is ValueKind.NUMBER and right.kind is ValueKind.AMOUNT:
                return self.error(node, "a number divided by an amount has no meaning")
            amount = left.kind is ValueKind.AMOUNT and right.kind is not ValueKind.AMOUNT
            run = lift(_divide, left.evaluate, right.evaluate)
        else:
            run = lift(_ARITHMETIC[node.operator], left.evaluate, right.evaluate)
        if ValueKind.ANY in kinds:
            return ANY
        return Typed(ValueKind.AMOUNT if amount else ValueKind.NUMBER, run)

    def _comparison(self, node: Binary) -> Typed:
        left, right = self.compile(node.left), self.compile(node.right)
        if ValueKind.ANY in (left.kind, right.kind):
            return Typed(ValueKind.BOOL, nothing)
        if not self._comparable(node, left, right):
            return Typed(ValueKind.BOOL, nothing)
        for one, other in ((left, right), (right, left)):
            if one.group and isinstance(other.value, str):
                self._check_option(node, one.group, other.value)
        loose = ValueKind.AMOUNT in (left.kind, right.kind)
        loose = loose and not (left.constant or right.constant)
        compare = compare_within(node.operator, self.tolerance if loose else ZERO)
        return Typed(
            ValueKind.BOOL,
            lift(compare, left.evaluate, right.evaluate),
            complain=explain.comparison(self, node, left, right),
        )

    def _comparable(self, node: Binary, left: Typed, right: Typed) -> bool:
        same = left.kind is right.kind or {left.kind, right.kind} <= set(NUMERIC)
        if not same or left.kind is ValueKind.TABLE:
            self.error(node, f"cannot compare {left.kind} with {right.kind}")
            return False
        if node.operator not in ("==", "!=") and left.kind in (ValueKind.TEXT, ValueKind.BOOL):
            self.error(node, f"`{node.operator}` does not compare {left.kind} with {right.kind}")
            return False
        return True

    def _check_option(self, node: Node, group: Group, option: str) -> None:
        if option and option not in group.options:
            hint = suggest(option, group.options)
            self.error(node, f'{group.name} has no option "{option}"{hint}')

    def _member(self, node: Member) -> Typed:
        operand = self.expect(node.operand, ValueKind.TEXT, *NUMERIC)
        texts = operand.kind is ValueKind.TEXT
        for item in node.items:
            if operand.kind is not ValueKind.ANY and isinstance(item.value, str) != texts:
                self.error(item, f"{self.said(item)} in a list for {operand.kind}")
            elif operand.group and isinstance(item.value, str):
                self._check_option(item, operand.group, item.value)
        values = frozenset(item.value for item in node.items)
        negated = node.negated
        return Typed(
            ValueKind.BOOL,
            lift(lambda value: (value in values) is not negated, operand.evaluate),
            complain=explain.not_listed(self, node.operand, operand),
        )

    def _call(self, node: Call) -> Typed:
        builder = self.functions.get(node.function)
        if builder is None:
            hint = suggest(node.function, (*self.functions, "unique"))
            if node.function == "unique":
                hint = "; `unique(…)` is only a whole check"
            return self.error(node, f"no function `{node.function}`{hint}")
        return builder(self, node)


def compare_within(sign: str, tolerance: Decimal) -> Callable[[Any, Any], bool]:
    """A comparison that forgives `tolerance`; `!=`, `<` and `>` are exact opposites."""
    if not tolerance:
        return _COMPARE[sign]
    if sign in _OPPOSITE:
        within = compare_within(_OPPOSITE[sign], tolerance)
        return lambda a, b: not within(a, b)
    if sign == "==":
        return lambda a, b: bool(abs(a - b) <= tolerance)
    if sign == "<=":
        return lambda a, b: bool(a <= b + tolerance)
    return lambda a, b: bool(a >= b - tolerance)


def _divide(a: Decimal, b: Decimal) -> Any:
    return Unknown("division by zero") if b == 0 else a / b


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
}


def _load(slot: int, kind: ValueKind) -> Evaluate:
    """Read a cell as the language sees it: blanks become 0, "" or false."""
    if kind is ValueKind.TEXT:

        def text(row: Row) -> Any:
            cell = row[slot]
            if cell is None:
                return ""
            return cell if cell.__class__ is Unknown else cell.open()

        return text
    if kind is ValueKind.DATE:
        blank_date = Unknown("a date is blank")
        return lambda row: blank_date if row[slot] is None else row[slot]
    blank: Any = False if kind is ValueKind.BOOL else ZERO

    def plain(row: Row) -> Any:
        cell = row[slot]
        return blank if cell is None else cell

    return plain

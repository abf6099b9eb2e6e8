"""From the text of an expression to its tree, with the place of every part for error messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

MAX_CHARACTERS = 4_000
MAX_DEPTH = 60

_READABLE = {
    "NAME": "a name", "NUMBER": "a number", "STRING": "a text in double quotes", "COMMA": "`,`",
    "RPAR": "`)`", "LPAR": "`(`", "$END": "the end", "COMPARE": "a comparison",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """Line and column in the expression, both from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Node:
    """Any part of an expression."""

    mark: Mark


@dataclass(frozen=True)
class Literal(Node):
    """A number, a text, `true` or `false`, written out."""

    value: Decimal | str | bool


@dataclass(frozen=True)
class Name(Node):
    """`wages`, `schedule_1.tax` or a family, `interest_*_amount`."""

    name: str
    form: str | None = None

    @property
    def is_family(self) -> bool:
        return "*" in self.name

    def __str__(self) -> str:
        return f"{self.form}.{self.name}" if self.form else self.name


@dataclass(frozen=True)
class Unary(Node):
    """`not` or `-`."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary(Node):
    """Arithmetic, a comparison, `and`, `or` or `implies`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Member(Node):
    """`operand in (…)`."""

    operand: Node
    items: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True)
class Call(Node):
    """A function and its arguments."""

    function: str
    arguments: tuple[Node, ...]


class ExpressionError(Exception):
    """The text is not an expression."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.message = message
        self.mark = mark


def _place(meta: Any) -> Mark:
    return Mark(meta.line, meta.column)


@v_args(meta=True)
class _TreeBuilder(Transformer[Token, Node]):
    """Turns lark's tree into ours."""

    def start(self, _: Any, items: list[Node]) -> Node:
        return items[0]

    def number(self, meta: Any, items: list[Token]) -> Node:
        return Literal(_place(meta), Decimal(items[0].replace("_", "")))

    def negative_number(self, meta: Any, items: list[Token]) -> Node:
        return Literal(_place(meta), -Decimal(items[0].replace("_", "")))

    def text(self, meta: Any, items: list[Token]) -> Node:
        return Literal(_place(meta), str(items[0][1:-1]))

    def true(self, meta: Any, _: list[Token]) -> Node:
        return Literal(_place(meta), True)

    def false(self, meta: Any, _: list[Token]) -> Node:
        return Literal(_place(meta), False)

    def name(self, meta: Any, items: list[Token]) -> Node:
        form = str(items[0]) if len(items) == 2 else None
        return Name(_place(meta), str(items[-1]), form)

    def call(self, meta: Any, items: list[Any]) -> Node:
        arguments = tuple(item for item in items[1:] if item is not None)
        return Call(_place(meta), str(items[0]), arguments)

    def items(self, _: Any, items: list[Any]) -> Any:
        return tuple(item for item in items if item is not None)

    def in_(self, meta: Any, items: list[Any]) -> Node:
        return Member(_place(meta), items[0], items[1], False)

    def not_in(self, meta: Any, items: list[Any]) -> Node:
        return Member(_place(meta), items[0], items[1], True)

    def not_(self, meta: Any, items: list[Any]) -> Node:
        return Unary(_place(meta), "not", items[0])

    def negative(self, meta: Any, items: list[Any]) -> Node:
        operand = items[0]
        if isinstance(operand, Literal) and isinstance(operand.value, Decimal):
            return Literal(_place(meta), -operand.value)
        return Unary(_place(meta), "-", operand)

    def compare(self, meta: Any, items: list[Any]) -> Node:
        return Binary(_place(meta), str(items[1]), items[0], items[2])

    def _binary(operator: str) -> Any:  # type: ignore[misc]  # a maker of methods, not one
        def build(self: Any, meta: Any, items: list[Any]) -> Node:
            return Binary(_place(meta), operator, items[0], items[1])

        return build

    implies = _binary("implies")
    or_ = _binary("or")
    and_ = _binary("and")
    add = _binary("+")
    subtract = _binary("-")
    multiply = _binary("*")
    divide = _binary("/")


@lru_cache(maxsize=1)
def _parser() -> Lark:
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", propagate_positions=True, maybe_placeholders=False)


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """The tree of one expression.

    Raises:
        ExpressionError: not an expression, too long or nested too deeply.
    """
    if len(text) > MAX_CHARACTERS:
        raise ExpressionError(f"longer than {MAX_CHARACTERS:,} characters", Mark(1, 1))
    try:
        tree: Node = _TreeBuilder().transform(_parser().parse(text))
        if _depth(tree) > MAX_DEPTH:
            raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", tree.mark)
    except UnexpectedInput as error:
        raise ExpressionError(_explain(error, text), _mark_of(error, text)) from None
    except RecursionError:
        raise ExpressionError(f"nested deeper than {MAX_DEPTH} levels", Mark(1, 1)) from None
    return tree


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node, from left to right."""
    match node:
        case Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Member(operand=operand):
            return (operand,)
        case Call(arguments=arguments):
            return arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)


def substitute_star(node: Node, word: str) -> Node:
    """The same tree with every family's `*` replaced."""
    match node:
        case Name() if node.is_family:
            return replace(node, name=node.name.replace("*", word))
        case Unary():
            return replace(node, operand=substitute_star(node.operand, word))
        case Binary():
            return replace(
                node,
                left=substitute_star(node.left, word),
                right=substitute_star(node.right, word),
            )
        case Member():
            return replace(node, operand=substitute_star(node.operand, word))
        case Call():
            parts = tuple(substitute_star(part, word) for part in node.arguments)
            return replace(node, arguments=parts)
    return node


def _depth(node: Node) -> int:
    return 1 + max((_depth(child) for child in children(node)), default=0)


def _mark_of(error: UnexpectedInput, text: str) -> Mark:
    if error.line > 0:
        return Mark(error.line, error.column)
    lines = text.splitlines() or [""]
    return Mark(len(lines), len(lines[-1]) + 1)


def _explain(error: UnexpectedInput, text: str) -> str:
    if isinstance(error, UnexpectedCharacters):
        character = text[(at := error.pos_in_stream or 0) : at + 1]
        hints = {
            "=": "; equality is written `==`",
            "'": "; texts are written in double quotes",
            '"': "; the text is not closed",
            "*": "; in a family the `*` stands between underscores, as in `interest_*_amount`",
        }
        return f"unexpected {character!r}{hints.get(character, '')}"
    if isinstance(error, UnexpectedToken):
        if error.token.type == "$END":
            return "the expression ends too early"
        expected = sorted({_READABLE[name] for name in error.accepts or () if name in _READABLE})
        hint = f"; expected {' or '.join(expected)}" if 0 < len(expected) <= 3 else ""
        if error.token.type == "COMPARE":
            hint = "; comparisons do not chain, join them with `and`"
        return f"unexpected {str(error.token)!r}{hint}"
    return "not an expression"

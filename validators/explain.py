"""Sentences for people: what was found where a check failed, with the numbers in it.

Only amounts, numbers, dates, marks and options are shown; identifiers come out masked, and
what else a taxpayer wrote (names, streets) is not repeated at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from schemas.forms import FieldDefinition, FieldKind
from schemas.masking import mask_value
from validators.scope import ValueKind, describe_field, describe_form
from validators.syntax import Binary, Call, Literal, Name, Node, Unary
from validators.ternary import Evaluate, Row, Unknown
from validators.typed import Naming, Typed

Complain = Callable[[Row], str]

MAX_COMPLAINTS = 3

form_words = describe_form


def says(sentence: str) -> Complain:
    """A complaint that needs no numbers."""
    said = _sentence(sentence)
    return lambda _: said


def unmarked(field: FieldDefinition, form: str | None) -> Complain | None:
    """A mark that should be there is not; other fields have no truth to miss."""
    if not field.kind.is_mark:
        return None
    lacks = "is missing" if field.kind is FieldKind.SIGNATURE else "is not marked"
    return says(f"{describe_field(field, form)} {lacks}")


def every(parts: Sequence[Typed]) -> Complain:
    """The complaints of those parts that are false."""

    def complain(row: Row) -> str:
        found = []
        for part in parts:
            value = part.evaluate(row)
            if value.__class__ is not Unknown and not value and part.complain:
                found.append(part.complain(row))
        more = len(found) - MAX_COMPLAINTS
        said = [sentence for sentence in found[:MAX_COMPLAINTS] if sentence]
        return " ".join([*said, f"And {more} more."] if more > 0 else said)

    return complain


def chosen(test: Evaluate, yes: Typed, no: Typed) -> Complain:
    """The complaint of the branch that was taken."""

    def complain(row: Row) -> str:
        branch = yes if test(row) is True else no
        return branch.complain(row) if branch.complain else ""

    return complain


def not_listed(c: Naming, node: Node, operand: Typed) -> Complain:
    """A value that is in none of the places where it may be."""
    label = _words(c, node)
    return lambda row: _sentence(f"{label} is {show(operand, operand.evaluate(row))}")


_NOT = {"==": "but", "!=": "the same as", "<": "not less than", "<=": "more than",
        ">": "not more than", ">=": "less than"}  # fmt: skip


def comparison(c: Naming, node: Binary, left: Typed, right: Typed) -> Complain:
    """`Line 9 (total income) is 52,340, but lines 1z and 2b add up to 52,430: 90 less.`"""
    left_words, right_words = _words(c, node.left), _words(c, node.right)
    left_verb, right_verb = _verb(node.left), _verb(node.right)
    relation = _NOT[node.operator]

    def complain(row: Row) -> str:
        a, b = left.evaluate(row), right.evaluate(row)
        if a.__class__ is Unknown or b.__class__ is Unknown:
            return ""
        found = f"{left_words} {left_verb} {show(left, a)}"
        if isinstance(node.right, Literal):
            if node.operator == "!=":
                return _sentence(found)
            word = "not" if relation == "but" else relation
            return _sentence(f"{found}, {word} {show(right, b)}")
        if relation != "but":
            return _sentence(f"{found}, {relation} {right_words} ({show(right, b)})")
        difference = ""
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            difference = f": {show_number(abs(a - b))} {'less' if a < b else 'more'}"
        return _sentence(f"{found}, but {right_words} {right_verb} {show(right, b)}{difference}")

    return complain


def name_of(c: Naming, typed: Typed) -> str:
    """What a compiled part is called: its field, or a general word."""
    if typed.field and typed.column:
        return describe_field(typed.field, c.other_form(typed.column.form))
    return typed.group.name.replace("_", " ") if typed.group else "what is written"


def show(typed: Typed, value: Any) -> str:
    """A value for people, without what is nobody's business."""
    if typed.field:
        return show_field(typed.field, value)
    if typed.kind is ValueKind.TEXT:
        if typed.group or typed.value is not None:
            return f"“{str(value).replace('_', ' ')}”" if value else "blank"
        return "something else"
    return show_number(value) if isinstance(value, Decimal) else _plain(value)


def show_field(field: FieldDefinition, value: Any) -> str:
    """What a field holds: amounts with commas, identifiers masked, other texts not at all."""
    if isinstance(value, bool):
        return "marked" if value else "not marked"
    if isinstance(value, Decimal):
        return show_number(value)
    if isinstance(value, date):
        return value.isoformat()
    if not value:
        return "blank"
    return mask_value(field.kind, str(value)) if field.kind.is_personal else "filled in"


def show_number(value: Decimal) -> str:
    """52,340 or 52,340.50; a minus before what is less than nothing."""
    if value == value.to_integral_value():
        return f"{value.to_integral_value():,}" if value else "0"
    if field_cents := value.quantize(Decimal("0.01")):
        value = field_cents if value == field_cents else value.normalize()
    return f"{value:,f}"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, date) else str(value)


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + "." if text else ""


def _verb(node: Node) -> str:
    if isinstance(node, Name | Literal):
        return "is"
    if isinstance(node, Call) and node.function == "sum":
        return "add up to" if len(node.arguments) > 1 or _is_family(node) else "is"
    if isinstance(node, Binary) and node.operator == "+":
        return "add up to"
    return "is" if isinstance(node, Call) and node.function in ("param", "count") else "comes to"


def _is_family(node: Call) -> bool:
    return any(isinstance(part, Name) and part.is_family for part in node.arguments)


def _words(c: Naming, node: Node) -> str:
    """An expression as words: `line 11 (adjusted gross income)`, `lines 1z, 2b and 3b`."""
    match node:
        case Name():
            return _name_words(c, node)
        case Literal(value=value):
            return show_number(value) if isinstance(value, Decimal) else str(value)
        case Unary():
            return f"minus {_words(c, node.operand)}"
        case Binary(operator="+"):
            return _listed(c, _summands(node))
        case Binary(operator="-"):
            return f"{_words(c, node.left)} less {_words(c, node.right)}"
        case Binary(operator="*"):
            return f"{_words(c, node.left)} times {_words(c, node.right)}"
        case Binary(operator="/"):
            return f"{_words(c, node.left)} divided by {_words(c, node.right)}"
        case Call():
            return _call_words(c, node)
    return "what the rule asks for"


def _summands(node: Node) -> list[Node]:
    if isinstance(node, Binary) and node.operator == "+":
        return [*_summands(node.left), *_summands(node.right)]
    return [node]


_CALLS = {
    "max": "the larger of {}", "min": "the smaller of {}", "abs": "the size of {}",
    "round": "{}", "floor": "{}", "ceil": "{}",
    "length": "the length of {}", "digits": "the digits of {}", "upper": "{}",
    "year": "the year of {}", "month": "the month of {}", "day": "the day of {}",
    "count_marked": "the number of boxes marked", "bracket_tax": "the tax by the rates",
}  # fmt: skip


def _call_words(c: Naming, node: Call) -> str:
    arguments = list(node.arguments)
    if node.function == "param":
        return f"the {str(arguments[0]).replace('_', ' ')}" if arguments else "the law's number"
    if node.function == "sum":
        return _listed(c, arguments)
    if node.function in ("round", "floor", "ceil"):
        arguments = arguments[:1]  # Not the step.
    template = _CALLS.get(node.function, "what the rule asks for")
    inner = " and ".join(_words(c, part) for part in arguments) if "{}" in template else ""
    return template.format(inner)


def _listed(c: Naming, parts: Sequence[Node]) -> str:
    """Lines by their numbers where all parts are lines of the rule's form, else by their words."""
    names = [part for part in parts if isinstance(part, Name) and not part.is_family]
    fields = [_field_of(c, name) for name in names]
    if len(names) == len(parts) > 1 and all(
        field and field.line and not name.form for field, name in zip(fields, names, strict=True)
    ):
        lines = [str(field.line) for field in fields if field]
        return f"lines {', '.join(lines[:-1])} and {lines[-1]}"
    said = [_words(c, part) for part in parts]
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)


def _name_words(c: Naming, node: Name) -> str:
    field = _field_of(c, node)
    if field:
        return describe_field(field, c.other_form(node.form or c.form))
    words = node.name.replace("_*", " …").replace("_", " ")
    if node.is_family:
        words = f"all {words.replace(' …', '')}"
    if node.form and node.form not in ("return", c.form):
        return f"{words} of {describe_form(node.form)}"
    return words


def _field_of(c: Naming, node: Name) -> FieldDefinition | None:
    names = c.scope.forms.get(node.form or c.form)
    return names.fields.get(node.name) if names else None


def input_text(kind: FieldKind | None, cell: Any) -> str | None:
    """A cell as it is kept in a rule's inputs: None where unread, "" where blank."""
    if cell.__class__ is Unknown:
        return None
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else ""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, date):
        return cell.isoformat()
    if kind and kind.is_personal:
        return mask_value(kind, cell.open())
    return "(filled in)"

"""Numbers of the law: `param(standard_deduction)` by tax year, filing status and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from schemas.department import Parameter
from validators.scope import ValueKind, suggest

Table = tuple[tuple[Decimal, Decimal], ...]
"""Steps of a tariff: from this amount on, this rate."""


class ParameterProblem(Exception):
    """A parameter that does not hold what a rule asks of it."""


@dataclass(frozen=True)
class Lookup:
    """One parameter in one year, its values by as many keys as `depth` says."""

    name: str
    kind: ValueKind
    values: Any
    depth: int

    def get(self, keys: Sequence[Any]) -> Any:
        """The value, or None where there is none for these keys."""
        value = self.values
        for key in keys:
            value = value.get(key_text(key))
            if value is None:
                return None
        return value

    def level(self, depth: int) -> set[str]:
        """All keys at that depth, from 0."""
        nodes = [self.values]
        for _ in range(depth):
            nodes = [child for node in nodes for child in node.values()]
        return {key for node in nodes for key in node}

    def status_level(self, statuses: Sequence[str]) -> int | None:
        """Which of the keys is the filing status: the first whose keys are all statuses.

        Raises:
            ParameterProblem: it is by filing status, but one of them has no value.
        """
        for depth in range(self.depth):
            keys = self.level(depth)
            if keys & set(statuses):
                for key in sorted(keys - set(statuses)):
                    hint = suggest(key, statuses)
                    raise ParameterProblem(f"parameter {self.name}: no filing status {key!r}{hint}")
                missing = sorted(set(statuses) - keys)
                if missing:
                    raise ParameterProblem(
                        f"parameter {self.name} has no value for filing status {missing[0]!r}"
                    )
                return depth
        return None


def key_text(key: Any) -> str:
    """Keys are compared as text: 3, 3.0 and "3" are one key."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, Decimal) and key == key.to_integral_value():
        return str(int(key))
    return str(key)


def look_up(parameter: Parameter, year: int, currency: str) -> Lookup:
    """The parameter's values for one tax year, made exact.

    Raises:
        ParameterProblem: no value for that year, or values of mixed shape.
    """
    if year not in parameter.values:
        raise ParameterProblem(f"parameter {parameter.name} has no value")
    values = _exact(parameter.values[year], parameter.name)
    depth = _depth(values, parameter.name)
    sample = values
    for _ in range(depth):
        sample = next(iter(sample.values()))
    if isinstance(sample, tuple):
        kind = ValueKind.TABLE
    elif isinstance(sample, str):
        kind = ValueKind.TEXT
    elif isinstance(sample, bool):
        kind = ValueKind.BOOL
    else:
        kind = ValueKind.AMOUNT if parameter.unit == currency else ValueKind.NUMBER
    return Lookup(parameter.name, kind, values, depth)


def bracket_tax(amount: Decimal, table: Table) -> Decimal:
    """Tax on an amount by the steps of a tariff, not rounded; 0 below the first step."""
    tax = Decimal(0)
    for index, (start, rate) in enumerate(table):
        if amount <= start:
            break
        end = table[index + 1][0] if index + 1 < len(table) else amount
        tax += (min(amount, end) - start) * rate
    return tax


def _exact(value: Any, name: str) -> Any:
    """Numbers as decimals exactly as they are written, mappings with text keys."""
    if isinstance(value, dict):
        if not value:
            raise ParameterProblem(f"parameter {name} has an empty table of keys")
        return {key_text(key): _exact(part, name) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return _tariff(value, name)
    if isinstance(value, bool | str):
        return value
    try:
        # repr: a YAML float prints as it was written, so nothing binary gets into the decimal.
        return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except (InvalidOperation, TypeError, ValueError) as error:
        raise ParameterProblem(f"parameter {name} holds something that is no number") from error


def _tariff(steps: Sequence[Any], name: str) -> Table:
    table = []
    for step in steps:
        if not isinstance(step, list | tuple) or len(step) != 2:
            raise ParameterProblem(f"parameter {name}: a step of a table is [from, rate]")
        table.append((_exact(step[0], name), _exact(step[1], name)))
    starts = [start for start, _ in table]
    if not table or starts != sorted(set(starts)):
        raise ParameterProblem(f"parameter {name}: the steps of a table must rise")
    return tuple(table)


def _depth(values: Any, name: str) -> int:
    if not isinstance(values, dict):
        return 0
    depths = {_depth(part, name) for part in values.values()}
    if len(depths) != 1:
        raise ParameterProblem(f"parameter {name} has values of mixed shape")
    return depths.pop() + 1

"""What is wrong with a department's policy that only its forms and rules can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from schemas.forms import FormDefinition
from schemas.policy import DecisionPolicy
from schemas.rules import RuleDefinition

Place = tuple[str | int, ...]
"""Keys and indices from `decisions` down."""


def field_problems(
    policy: DecisionPolicy, forms: Iterable[FormDefinition]
) -> Iterator[tuple[Place, str]]:
    """Patterns that no field fits, and fields that are in two classes."""
    known = sorted({f"{form.form}.{field.name}" for form in forms for field in form.fields()})
    taken: dict[str, str] = {}
    for name, consequence in policy.consequences.items():
        for at, pattern in enumerate(consequence.fields):
            place = ("consequences", name, "fields", at)
            found = [field for field in known if fnmatchcase(field, pattern)]
            if not found:
                such = known[0] if known else "form_x.wages"
                yield place, f"no form has a field {pattern}; write form.name, such as {such}"
            twice = next((field for field in found if taken.get(field, name) != name), None)
            if twice is not None:
                yield place, f"{twice} is in {taken[twice]} already: a field is in one class"
            taken |= dict.fromkeys((field for field in found if field not in taken), name)


def rule_problems(
    policy: DecisionPolicy, rules: Sequence[RuleDefinition]
) -> Iterator[tuple[Place, str]]:
    """Clauses that speak of no rule."""
    for at, clause in enumerate(policy.failed_rules):
        if not any(clause.speaks_of(rule.id, rule.category, rule.severity) for rule in rules):
            key = "rule" if clause.rule is not None else "then"
            yield ("failed_rules", at, key), "the department has no such rule"

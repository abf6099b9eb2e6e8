"""Versions of what a department wrote: hashes of what its files mean, not of how they are laid out.

Stored with all that was made from them, so that an auditor can tell whether a form's definition
or a rule is still the one under which a value was decided.
"""

from __future__ import annotations

import hashlib
import json

from schemas.department import Department
from schemas.forms import FormDefinition

_LENGTH = 12


def definition_version(form: FormDefinition) -> str:
    """Twelve hexadecimal digits for a form's definition of one year."""
    return _hash(form.model_dump_json())


def rules_version(department: Department) -> str:
    """Twelve hexadecimal digits for all rules of a department, its numbers of the law and what it
    decides and reconciles by.

    Where in which file a rule stands does not count.
    """
    rules = [
        rule.model_dump_json(exclude={"file", "at_line"})
        for rule in sorted(department.rules, key=lambda rule: (rule.id, rule.years.first))
    ]
    numbers = [
        each.model_dump_json() for each in sorted(department.parameters, key=lambda it: it.name)
    ]
    settings = department.settings
    targets = {
        kind.value: share for kind, share in sorted(settings.target_error_by_kind.items())
    } | {"": settings.target_error}
    policies = [settings.decisions.model_dump_json(), settings.reconciliation.model_dump_json()]
    return _hash(json.dumps([rules, numbers, targets, policies]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]

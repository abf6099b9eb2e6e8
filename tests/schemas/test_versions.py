"""Versions follow what a department's files mean, not how they are laid out."""

from __future__ import annotations

from decimal import Decimal

from schemas.department import Department
from schemas.packs import load_department
from schemas.policy import Then
from schemas.versions import definition_version, rules_version

DEPARTMENT = load_department("us_irs")


def with_rules(*rules, **changed) -> Department:
    return DEPARTMENT.model_copy(update={"rules": rules, **changed})


def test_a_rule_that_stands_elsewhere_is_the_same() -> None:
    moved = [
        rule.model_copy(update={"file": "else.yaml", "at_line": 99}) for rule in DEPARTMENT.rules
    ]
    assert rules_version(with_rules(*reversed(moved))) == rules_version(DEPARTMENT)


def test_a_rule_or_a_number_of_the_law_that_changes_is_another_version() -> None:
    first, *rest = DEPARTMENT.rules
    milder = first.model_copy(update={"tolerance": first.tolerance + Decimal(1)})
    versions = {
        rules_version(DEPARTMENT),
        rules_version(with_rules(milder, *rest)),
        rules_version(with_rules(*rest)),
        rules_version(DEPARTMENT.model_copy(update={"parameters": DEPARTMENT.parameters[1:]})),
    }
    assert len(versions) == 4


def test_another_policy_is_another_version() -> None:
    """An auditor asks by what a return was decided, not by which rules alone."""
    settings = DEPARTMENT.settings
    strict = settings.model_copy(update={"target_error": 1 / 6000})
    doubtful = settings.model_copy(
        update={"reconciliation": settings.reconciliation.model_copy(update={"seconds": 9.0})}
    )
    lenient = settings.model_copy(
        update={"decisions": settings.decisions.model_copy(update={"missing_page": Then.ACCEPT})}
    )
    versions = {
        rules_version(DEPARTMENT.model_copy(update={"settings": changed}))
        for changed in (settings, strict, doubtful, lenient)
    }
    assert len(versions) == 4


def test_every_definition_has_a_version_of_its_own() -> None:
    versions = {definition_version(form) for form in DEPARTMENT.forms}
    assert len(versions) == len(DEPARTMENT.forms)
    assert all(len(version) == 12 for version in versions)

"""What is gathered of a return for an auditor, in both databases."""

from __future__ import annotations

import re

import explained
import made
import pytest
import sqlalchemy as sa

from loaders.explaining import explain_return
from loaders.repository import Repository
from schemas.department import Department
from schemas.errors import DatabaseError
from schemas.explanation import Explanation, FieldTold
from schemas.packs import load_department
from schemas.readings import Reconciled
from schemas.returns import ReturnStatus
from schemas.rules import Outcome
from schemas.tables import AuditEvent, ReviewKind
from schemas.versions import definition_version, rules_version

DEPARTMENT = load_department("us_irs")
SECRETS = (made.SSN, explained.NEAR_SSN, explained.WRITTEN_SSN, "912-34-5678", "91234")


@pytest.fixture
def return_id(repository: Repository) -> str:
    return explained.store(repository)


def explain(
    repository: Repository, return_id: str, department: Department | None = DEPARTMENT, **more
) -> Explanation:
    return explain_return(repository, return_id, department, **more)


def field(explanation: Explanation, name: str) -> FieldTold:
    return next(field for field in explanation.fields if field.name == name)


def test_where_it_came_from(repository: Repository, return_id: str) -> None:
    told = explain(repository, return_id)
    assert told.file == "smith ***-**-5678.tif" and told.sha256 == made.sha(explained.FILE)
    assert told.status is ReturnStatus.REVIEW and told.reasons == ("1 field in review",)
    assert told.department_title == "US Internal Revenue Service"
    assert [(page.number, page.dpi, page.turned) for page in told.pages] == [(1, 200.0, 180)]
    assert [form.pages for form in told.forms] == [(1,)]
    assert told.run == repository.run("latest").run


def test_a_corrected_field_has_its_whole_story(repository: Repository, return_id: str) -> None:
    told = explain(repository, return_id)
    wages = field(told, "wages")
    assert wages.key == "form_1040.wages" and wages.line == "1z"
    assert wages.label == "Add lines 1a through 1h"
    assert wages.bbox == (100, 200, 300, 240) and wages.page == 1
    assert [(each.engine, each.text) for each in wages.readings] == [
        ("strip", "52840"),
        ("rapidocr", "52340"),
    ]
    assert wages.readings[0].alternatives[0].text == "52340"
    assert wages.reconciliation is not None
    assert wages.reconciliation.outcome is Reconciled.CORRECTED
    assert wages.reconciliation.first.value == "52840" and wages.value == "52340"
    assert wages.target_error == DEPARTMENT.target_error(wages.kind, "form_1040", "wages")
    assert wages.risk == 0.0009 and not wages.is_hidden


def test_a_fields_rules_come_with_texts_and_numbers_the_failed_first(
    repository: Repository, return_id: str
) -> None:
    told = explain(repository, return_id)
    rules = told.rules_of(field(told, "wages"))
    assert [rule.rule_id for rule in rules] == ["F1040-009", "F1040-001", "GONE-001", "F1040-201"]
    failed = rules[0]
    definition = next(rule for rule in DEPARTMENT.rules if rule.id == "F1040-009")
    assert failed.outcome is Outcome.FAIL and failed.text == definition.plain_text
    assert failed.check == definition.check and failed.source == definition.source
    assert {(it.form, it.name, it.line): it.value for it in failed.inputs} == {
        ("form_1040", "wages", "1z"): "52340",
        ("form_1040", "taxable_interest", None): "-120",
        ("form_1040", "total_income", None): "52340",
    }
    assert rules[2].text == "" and not rules[3].applies


def test_a_bare_name_is_of_the_rules_own_form(repository: Repository, return_id: str) -> None:
    told = explain(repository, return_id)
    [rule] = told.rules_of(field(told, "taxpayer_ssn"))
    assert [(it.form, it.value) for it in rule.inputs] == [("schedule_3", ""), ("form_1040", None)]


def test_one_field_alone_keeps_what_is_its_own(repository: Repository, return_id: str) -> None:
    told = explain(repository, return_id)
    narrowed = told.of_field(field(told, "taxable_interest"))
    assert [each.name for each in narrowed.fields] == ["taxable_interest"]
    assert [rule.rule_id for rule in narrowed.rules] == ["F1040-009"]


def test_nothing_of_an_identifier_is_left_unless_asked_for(
    repository: Repository, return_id: str
) -> None:
    text = explain(repository, return_id).model_dump_json()
    assert not [secret for secret in SECRETS if secret in text]
    assert "***-**-5678" in text and "***-**-5698" in text
    told = explain(repository, return_id)
    assert field(told, "taxpayer_ssn").is_hidden
    assert field(told, "address_city").is_hidden, "somebody wrote an identifier there"
    clear = explain(repository, return_id, show_personal=True)
    assert field(clear, "taxpayer_ssn").value == made.SSN and clear.shows_personal
    assert not any(each.is_hidden for each in clear.fields)


def test_showing_identifiers_is_in_the_audit_log_and_looking_is_not(
    repository: Repository, return_id: str
) -> None:
    def events() -> list[tuple[str, str, str]]:
        with repository.engine.connect() as connection:
            columns = (AuditEvent.action, AuditEvent.subject, AuditEvent.actor)
            query = sa.select(*columns).order_by(AuditEvent.sequence)
            return [tuple(row) for row in connection.execute(query)]

    before = events()
    explain(repository, return_id)
    assert events() == before
    explain(repository, return_id, show_personal=True)
    assert events()[len(before) :] == [("explain.unmasked", f"return:{return_id}", "person:tester")]
    assert repository.audit.verify().sound


def test_who_did_what_and_under_which_versions(repository: Repository, return_id: str) -> None:
    told = explain(repository, return_id)
    actions = [event.action for event in told.events]
    assert actions == ["document.received", "pages.stored", "return.stored", "rules.stored"]
    assert {event.actor for event in told.events} == {"person:tester"}
    assert told.rules_version == explained.RULES
    assert told.rules_version_now == rules_version(DEPARTMENT)
    assert told.pages[0].versions == {"definition": "old", "calibration": "c1"}
    form = DEPARTMENT.form("form_1040", 2022)
    assert form is not None and told.forms[0].definition == definition_version(form)


def test_a_field_that_waits_says_since_when(repository: Repository, return_id: str) -> None:
    [review] = field(explain(repository, return_id), "taxpayer_ssn").reviews
    assert review.kind is ReviewKind.FIELD and review.closed_at is None


def test_without_the_departments_files_the_numbers_are_still_told(
    repository: Repository, return_id: str
) -> None:
    told = explain(repository, return_id, None)
    rules = told.rules_of(field(told, "wages"))
    assert {rule.rule_id for rule in rules} >= {"F1040-009", "F1040-001"}
    assert not any(rule.text for rule in told.rules)
    assert told.department_title is None and field(told, "wages").target_error is None


def test_other_returns_of_the_database_stay_out(repository: Repository, return_id: str) -> None:
    before = explain(repository, return_id)
    explained.store(repository, file="other.tif")
    assert explain(repository, return_id) == before


def test_a_return_that_is_not_there(repository: Repository) -> None:
    with pytest.raises(DatabaseError, match=re.escape("no return ffff")):
        explain(repository, "ffff")

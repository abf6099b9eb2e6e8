"""The blind sample through the whole line: drawn, keyed, settled, decided again, and told."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import pytest
from flow_runs import Ran
from typer.testing import CliRunner

from flows.context import RunContext, run_context
from flows.deciding import decide_returns
from flows.samples import key_sampled, settle_sampled
from loaders.rows import ReturnRecord
from loaders.samples import KeyingError
from schemas.policy import DecisionPolicy, RuleClause, Sampling, Then
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import ReturnStatus, TaxReturn
from schemas.rules import Outcome


@dataclass(frozen=True)
class Drawn:
    """A run of which one return is accepted and drawn."""

    context: RunContext
    run: str
    return_id: str

    @property
    def record(self) -> ReturnRecord:
        records = self.context.repository.returns(self.run)
        return next(one for one in records if one.tax_return.return_id == self.return_id)

    def value(self, name: str) -> FieldValue:
        return self.record.tax_return.forms[0].by_name()[name]

    def key(self, name: str) -> str:
        items = self.context.repository.review_items(self.run, sample=True)
        return next(item.key for item in items if item.name == name)


@pytest.fixture
def drawn(settled_copy: Ran) -> Drawn:
    context = run_context("us_irs", settled_copy.settings)
    policy = DecisionPolicy(
        failed_rules=(RuleClause(rule="*", then=Then.ACCEPT),), sampling=Sampling(share=1)
    )
    settings = context.department.settings.model_copy(update={"decisions": policy})
    department = context.department.model_copy(update={"settings": settings})
    context = replace(context, department=department)
    record = next(iter(context.repository.returns(settled_copy.run)))
    sure = without_doubts(record.tax_return)
    decided = decide_returns([sure], record.rules, department, context.settings)
    context.repository.store_returns(settled_copy.run, decided, record.rules)
    context.repository.refresh_review_items(settled_copy.run)
    found = Drawn(context, settled_copy.run, sure.return_id)
    assert found.record.status is ReturnStatus.ACCEPTED
    return found


def without_doubts(tax_return: TaxReturn) -> TaxReturn:
    """As if every field had been read surely."""

    def surely(value: FieldValue) -> FieldValue:
        status = ValueStatus.ACCEPTED if value.value not in (None, False) else ValueStatus.BLANK
        return value.model_copy(update={"status": status, "reason": None})

    forms = tuple(
        form.model_copy(update={"values": tuple(map(surely, form.values))})
        for form in tax_return.forms
    )
    return tax_return.model_copy(update={"forms": forms})


def tell(drawn: Drawn, *arguments: str) -> str:
    from flows.cli import app

    command = [*arguments, "--db", drawn.context.settings.database_url]
    result = CliRunner().invoke(app, command, env={"COLUMNS": "120"})
    assert result.exit_code == 0, result.output
    return result.output


def test_what_a_person_types_is_compared_as_a_value(drawn: Drawn) -> None:
    held = drawn.value("wages").value
    assert isinstance(held, str)
    key = drawn.key("wages")
    assert key_sampled(drawn.context, key, f"$ {int(float(held)):,}.00", "person:ada") == "agreed"
    assert drawn.record.status is ReturnStatus.ACCEPTED
    ssn = str(drawn.value("taxpayer_ssn").value)
    typed = f"{ssn[:3]}-{ssn[3:5]}-{ssn[5:]}"
    key = drawn.key("taxpayer_ssn")
    assert key_sampled(drawn.context, key, typed, "person:ada") == "agreed"
    key = drawn.key("total_income")
    assert key_sampled(drawn.context, key, "not a number", "person:ada") == "differs"


def test_a_difference_that_is_settled_decides_the_return_again(drawn: Drawn) -> None:
    before = {(one.rule_id, one.message) for one in drawn.record.rules}
    key = drawn.key("wages")
    key_sampled(drawn.context, key, "9,999,999", "person:ada")
    assert drawn.record.status is ReturnStatus.REVIEW
    with pytest.raises(KeyingError, match="another person"):
        settle_sampled(drawn.context, key, "9,999,999", "person:ada")

    assert settle_sampled(drawn.context, key, "9,999,999", "person:bo") == "wrong"
    record = drawn.record
    assert record.status is ReturnStatus.ACCEPTED
    assert (drawn.value("wages").value, drawn.value("wages").decided_by) == ("9999999", "person:bo")
    failed = {one.rule_id for one in record.rules if one.outcome is Outcome.FAIL}
    assert {(one.rule_id, one.message) for one in record.rules} != before
    assert failed, "with these wages the return does not add up"
    repository = drawn.context.repository
    mine = [it for it in repository.review_items(drawn.run) if it.return_id == drawn.return_id]
    assert mine == []
    assert repository.unaccounted(drawn.run) == []
    assert repository.review_items(drawn.run, sample=True), "the rest is still to be keyed"


def test_the_commands_tell_of_the_sample_and_never_what_we_hold(drawn: Drawn) -> None:
    count = drawn.context.repository.batch_summary(drawn.run).sample_items
    listed = json.loads(tell(drawn, "review", "--sample", "--json", "--limit", "5000"))
    assert len(listed) == count > 20
    assert {row["kind"] for row in listed} == {"sample"}
    held = [str(drawn.value(name).value) for name in ("wages", "taxpayer_ssn")]
    told = tell(drawn, "review", "--sample", "--limit", "5000")
    assert not [value for value in held if value in told or value in json.dumps(listed)]
    assert "review --sample" in tell(drawn, "review")

    key_sampled(drawn.context, drawn.key("wages"), held[0], "person:ada")
    key_sampled(drawn.context, drawn.key("taxpayer_ssn"), "1", "person:ada")
    answer = json.loads(tell(drawn, "accuracy", "--json", "--department", "us_irs"))
    assert answer["returns"] == 1
    assert (answer["filled"]["keyed"], answer["filled"]["open"]) == (2, 1)
    told = tell(drawn, "accuracy")
    assert "1 accepted return drawn, 0 keyed to the end" in told
    assert "50.00%" in told and "1.26% to 98.74%" in told
    assert "No return has been drawn" in tell(drawn, "accuracy", "--since", "2100-01-01")

"""Returns for tests of a department's rules: forms as dicts, rules judged one by one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from schemas.department import Department
from schemas.forms import FieldKind, FormDefinition
from schemas.packs import load_department
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import FormInstance, TaxReturn
from schemas.rules import Outcome
from validators.evaluation import Evaluation, evaluate_rule
from validators.facts import FactSheet
from validators.rulebook import CompiledRule, compile_rules

REVIEW = "<in review>"
"""As a field's value: it waits for a person."""

Forms = dict[str, dict[str, Any]]
"""Form id → field name → text, or True for a mark. What is left out is blank."""


class DepartmentUnderTest:
    """A department by its name; loaded and compiled when first asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def department(self) -> Department:
        return load_department(self.name)

    @cached_property
    def rules(self) -> dict[str, CompiledRule]:
        return {rule.definition.id: rule for rule in compile_rules(self.department).rules}

    @cached_property
    def _fact_sheet(self) -> FactSheet:
        return FactSheet(self.department)

    def years_of(self, rule_id: str) -> list[int]:
        return sorted(self.rules[rule_id].by_year)

    def form_of(self, rule_id: str) -> str:
        return self.rules[rule_id].definition.form

    def make_return(
        self,
        year: int,
        forms: Mapping[str, Mapping[str, Any]],
        missing_pages: tuple[str, ...] = (),
    ) -> TaxReturn:
        """A return with every field of the given forms; unknown names are an error.

        A page named in `missing_pages` (`form_1040 2022 page 2`) is left out.
        """
        instances = []
        for name, written in forms.items():
            form = name.partition("#")[0]  # `schedule_1#2` is a second copy
            definition = self.department.form(form, year)
            assert definition is not None, f"{form} {year}"
            instances.append(_instance(definition, written, missing_pages))
        return TaxReturn(
            return_id="r1",
            department=self.name,
            file="return.tiff",
            sha256="0" * 64,
            tax_year=year,
            forms=tuple(instances),
            missing_pages=missing_pages,
        )

    def judge_batch(self, returns: list[TaxReturn], rule_id: str) -> list[Evaluation]:
        """What one rule says of each return of a batch."""
        rule = self.rules[rule_id]
        rows = self._fact_sheet.rows(returns, rule.columns)
        evaluations = evaluate_rule(rule, [it.tax_year for it in returns], rows)
        return [it for it in evaluations if it is not None]

    def judge(self, tax_return: TaxReturn, rule_id: str) -> Evaluation:
        """What one rule says of one return alone."""
        [evaluation] = self.judge_batch([tax_return], rule_id)
        return evaluation

    def failures(self, tax_return: TaxReturn) -> dict[str, str]:
        """Rules of the return's year that fail, with their messages."""
        return {
            rule_id: evaluation.message
            for rule_id, rule in self.rules.items()
            if tax_return.tax_year in rule.by_year
            if (evaluation := self.judge(tax_return, rule_id)).outcome is Outcome.FAIL
        }

    def outcomes(self, tax_return: TaxReturn) -> dict[str, Outcome]:
        """Every rule of the return's year."""
        return {
            rule_id: self.judge(tax_return, rule_id).outcome
            for rule_id, rule in self.rules.items()
            if tax_return.tax_year in rule.by_year
        }


def _instance(
    definition: FormDefinition, written: Mapping[str, Any], missing: tuple[str, ...]
) -> FormInstance:
    unknown = set(written) - {field.name for field in definition.fields()}
    assert not unknown, f"{definition.form} {definition.year} has no {sorted(unknown)}"
    values = []
    pages = []
    for page in definition.pages:
        if f"{definition.form} {definition.year} page {page.number}" in missing:
            continue
        pages.append(page.number)
        for field in page.fields:
            value = written.get(field.name)
            values.append(
                FieldValue(
                    form=definition.form,
                    year=definition.year,
                    page=page.number,
                    name=field.name,
                    line=field.line,
                    source_field=field.source_field,
                    kind=field.kind,
                    value=_value(field.kind, value),
                    as_read="" if value in (None, REVIEW) else str(value),
                    confidence=0.5 if value == REVIEW else 1.0,
                    status=_status(value),
                    decided_by="test",
                    bbox=(0, 0, 1, 1),
                )
            )
    return FormInstance(
        form=definition.form, year=definition.year, pages=tuple(pages), values=tuple(values)
    )


def _value(kind: FieldKind, value: Any) -> str | bool | None:
    if value == REVIEW:
        return None
    if kind.is_mark:
        return bool(value)
    return None if value is None else str(value)


def _status(value: Any) -> ValueStatus:
    if value == REVIEW:
        return ValueStatus.REVIEW
    return ValueStatus.ACCEPTED if value not in (None, False) else ValueStatus.BLANK

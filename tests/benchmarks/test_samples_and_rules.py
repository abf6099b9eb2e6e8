"""Samples and the department's rules, two accounts of the same law, hold each other to it.

They are written apart on purpose: where they disagree, one of them misreads the forms.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from benchmarks.samples.parameters import YEARS
from benchmarks.samples.returns import InventedReturn, invent_return
from schemas.department import Department
from schemas.forms import FormDefinition
from schemas.packs import load_department
from schemas.readings import FieldValue, ValueStatus
from schemas.returns import FormInstance, TaxReturn
from schemas.rules import Outcome, RuleResult
from validators.rulebook import compile_rules
from validators.validation import validate_returns

COUNT = 120


def definitions(department: Department, year: int) -> dict[str, FormDefinition]:
    return {form.form: form for form in department.forms if form.year == year}


def as_read(filed: InventedReturn, number: int, forms: dict[str, FormDefinition]) -> TaxReturn:
    """The return as a perfect reader would hand it on."""
    instances = []
    for form, written in filed.forms.items():
        values = []
        for page in forms[form].pages:
            for field in page.fields:
                one = written.get(field.name)
                nothing = False if field.kind.is_mark else None
                values.append(
                    FieldValue(
                        form=form,
                        year=filed.year,
                        page=page.number,
                        name=field.name,
                        line=field.line,
                        source_field=field.source_field,
                        kind=field.kind,
                        value=one.value if one else nothing,
                        as_read=str(one.as_written) if one else "",
                        confidence=1.0,
                        status=ValueStatus.ACCEPTED if one else ValueStatus.BLANK,
                        decided_by="person:truth",
                        bbox=(0, 0, 1, 1),
                    )
                )
        pages = tuple(range(1, len(forms[form].pages) + 1))
        instances.append(
            FormInstance(form=form, year=filed.year, pages=pages, values=tuple(values))
        )
    return TaxReturn(
        return_id=str(number),
        department="us_irs",
        file="",
        sha256="0" * 64,
        tax_year=filed.year,
        forms=tuple(instances),
    )


@pytest.fixture(scope="module")
def judged() -> tuple[list[InventedReturn], dict[int, list[RuleResult]]]:
    """The first half of the returns are right, the second half hold a mistake each."""
    department = load_department("us_irs")
    invented, returns = [], []
    for number in range(2 * COUNT):
        forms = definitions(department, year := YEARS[number % 3])
        rng = np.random.default_rng([97, number])
        invented.append(invent_return(rng, year, forms, 0.0 if number < COUNT else 1.0))
        returns.append(as_read(invented[-1], number, forms))
    failed = defaultdict(list)
    for result in validate_returns(returns, compile_rules(department), department, None):
        if result.outcome is Outcome.FAIL:
            failed[int(result.return_id)].append(result)
    return invented, failed


@pytest.mark.slow
def test_right_returns_break_no_rule(
    judged: tuple[list[InventedReturn], dict[int, list[RuleResult]]],
) -> None:
    wronged = [result for number in range(COUNT) for result in judged[1][number]]
    assert [f"{result.rule_id}: {result.message}" for result in wronged] == []


@pytest.mark.slow
def test_every_mistake_is_found_by_a_rule_of_its_family(
    judged: tuple[list[InventedReturn], dict[int, list[RuleResult]]],
) -> None:
    invented, failed = judged
    missed = [
        mistake
        for number, filed in enumerate(invented)
        for mistake in filed.mistakes
        if mistake.family not in {result.category.value for result in failed[number]}
    ]
    assert missed == []

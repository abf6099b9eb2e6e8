"""Every rule of the IRS's department: a passing, a failing, a boundary, an unread case."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from irs_base_returns import Base, Forms, family, itemiser, repayer, small_earner
from irs_cases import SUMS, Case, Changes, Sum
from irs_cases_form_1040 import CASES as FORM_1040_CASES
from irs_cases_schedules import CASES as SCHEDULE_CASES
from irs_returns import (
    REVIEW,
    department,
    failures,
    judge,
    judge_batch,
    make_return,
    outcomes,
    rules,
)

from benchmarks.samples.parameters import PARAMETERS, RATES, Status
from schemas.rules import Outcome

CASES = FORM_1040_CASES + SCHEDULE_CASES
BY_BATCH_OR_PAGES = {"F1040-106", "F1040-116"}
"""Tested one by one below: what they need is no field of one return."""

BASES = [
    *((base, year) for base in (family, small_earner, itemiser) for year in (2021, 2022, 2023)),
    (repayer, 2021),
]


def changed(forms: Forms, form: str, changes: Changes) -> Forms:
    """The same return with some fields written otherwise."""
    result: dict[str, dict[str, Any]] = {name: dict(fields) for name, fields in forms.items()}
    for where, value in changes.items():
        if where.startswith("-"):
            result.pop(where[1:], None)
        elif where.startswith("+"):
            result[f"{where[1:]}#2"] = dict(result[where[1:]])
        else:
            target, _, name = where.rpartition(".")
            result[target or form][name] = value
    return result


def years_of(rule_id: str) -> list[int]:
    return sorted(rules()[rule_id].by_year)


def form_of(rule_id: str) -> str:
    return rules()[rule_id].definition.form


def outcome(case: Case, *changes: Changes) -> Outcome:
    year = case.year or years_of(case.rule)[-1]
    forms = case.base(year)
    for change in (case.given, *changes):
        forms = changed(forms, form_of(case.rule), change)
    return judge(make_return(year, forms), case.rule).outcome


@pytest.mark.parametrize(("base", "year"), BASES, ids=lambda it: getattr(it, "__name__", it))
def test_a_return_without_a_mistake_fails_no_rule(base: Base, year: int) -> None:
    tax_return = make_return(year, base(year))
    assert failures(tax_return) == {}
    unread = [rule for rule, said in outcomes(tax_return).items() if said is Outcome.NOT_EVALUATED]
    assert unread == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)
def test_a_rule_passes_fails_and_knows_its_edge(case: Case) -> None:
    year = case.year or years_of(case.rule)[-1]
    passing = make_return(year, changed(case.base(year), form_of(case.rule), case.given))
    evaluation = judge(passing, case.rule)
    assert evaluation.outcome is Outcome.PASS
    assert evaluation.applies, "the passing case must be one to which the rule applies"
    assert outcome(case, case.fails) is Outcome.FAIL
    assert outcome(case, case.edge) is case.edge_outcome


@pytest.mark.parametrize("case", SUMS, ids=lambda case: case.rule)
def test_a_sum_may_miss_by_cents_but_not_by_a_dollar(case: Sum) -> None:
    form = form_of(case.rule)
    for year in years_of(case.rule):
        forms = case.base(year)
        right = Decimal(forms[form].get(case.total) or 0)

        def said(by: Decimal | str) -> Outcome:
            total = str(right + Decimal(by))  # noqa: B023
            tax_return = make_return(year, changed(forms, form, {case.total: total}))  # noqa: B023
            return judge(tax_return, case.rule).outcome

        assert judge(make_return(year, forms), case.rule).applies
        assert said("0") is Outcome.PASS
        assert said(case.tolerance) is said(-case.tolerance) is Outcome.PASS
        over = case.tolerance + Decimal("0.01")
        assert said(over) is said(-over) is Outcome.FAIL


def applicable() -> list[tuple[str, Base, Changes]]:
    return [(case.rule, case.base, case.given) for case in CASES] + [
        (case.rule, case.base, {}) for case in SUMS
    ]


@pytest.mark.parametrize(
    ("rule_id", "base", "given"), applicable(), ids=[rule_id for rule_id, _, _ in applicable()]
)
def test_an_unread_field_makes_no_rule_fail(rule_id: str, base: Base, given: Changes) -> None:
    """Some field leaves the rule not evaluated; none makes a right return fail."""
    year = years_of(rule_id)[-1]
    forms = changed(base(year), form_of(rule_id), given)
    said = set()
    for column in rules()[rule_id].columns:
        on_form = department().form(column.form, year)
        names = {field.name for field in on_form.fields()} if on_form else set()
        if column.kind == "field" and column.form in forms and column.name in names:
            unread = changed(forms, column.form, {column.name: REVIEW})
            said.add(judge(make_return(year, unread), rule_id).outcome)
    if rule_id == "F1040-117":  # needs no field; a page that nobody recognises may be a form
        lost = make_return(year, changed(forms, "form_1040", {"-schedule_1": True}), ("page 9",))
        said.add(judge(lost, rule_id).outcome)
    assert Outcome.NOT_EVALUATED in said
    assert Outcome.FAIL not in said


def test_every_rule_has_its_cases() -> None:
    tested = [case.rule for case in CASES] + [case.rule for case in SUMS]
    assert len(tested) == len(set(tested))
    assert set(tested) | BY_BATCH_OR_PAGES == set(rules())
    assert len(rules()) >= 150


def test_one_return_a_filer_and_year() -> None:
    first = make_return(2022, family(2022))
    other_year = make_return(2023, family(2023))
    same = make_return(2022, family(2022))
    unread = make_return(2022, changed(family(2022), "form_1040", {"taxpayer_ssn": REVIEW}))
    nobody = make_return(2022, changed(family(2022), "form_1040", {"taxpayer_ssn": None}))

    def said(*returns: Any) -> list[Outcome]:
        return [it.outcome for it in judge_batch(list(returns), "F1040-106")]

    assert said(first, other_year) == [Outcome.PASS, Outcome.PASS]
    assert said(first, same) == [Outcome.FAIL, Outcome.FAIL]
    assert said(first, unread) == [Outcome.PASS, Outcome.NOT_EVALUATED]
    assert said(nobody, nobody) == [Outcome.PASS, Outcome.PASS]


def test_a_lost_page_is_told() -> None:
    lost = make_return(2022, family(2022), ("form_1040 2022 page 2",))
    assert judge(lost, "F1040-116").outcome is Outcome.FAIL
    # What stood on the page is unknown, not wrong.
    assert judge(lost, "F1040-033").outcome is Outcome.NOT_EVALUATED
    assert judge(lost, "F1040-009").outcome is Outcome.PASS


def test_parameters_agree_with_a_second_copy() -> None:
    """The sample maker has the law's numbers too, typed in by somebody else."""
    ours = {parameter.name: parameter.values for parameter in department().parameters}
    for year, law in PARAMETERS.items():
        for status in Status:
            column = status.column
            married = status not in (Status.SINGLE, Status.HEAD)
            extra = law.extra_married if married else law.extra_unmarried
            assert ours["standard_deduction"][year][status] == law.standard_deduction[column]
            assert ours["additional_standard_deduction"][year][status] == extra
            assert ours["gains_zero_rate_limit"][year][status] == law.gains_free[column]
            assert ours["gains_middle_rate_limit"][year][status] == law.gains_low[column]
            steps = ours["tax_brackets"][year][status]
            assert [start for start, _ in steps] == [0, *law.brackets[column]]
            assert [Decimal(str(rate)) for _, rate in steps] == list(RATES)
        maxima = {count: it.maximum for count, it in enumerate(law.earned_income_credit)}
        assert ours["eic_maximum"][year] == maxima
        assert ours["eic_investment_limit"][year] == law.investment_income_limit
        assert ours["educator_expense_limit"][year] == law.educator_limit
        assert ours["refundable_amount_per_child"][year] == law.additional_child_credit


@pytest.mark.parametrize(
    ("payer", "said"),
    [("Subtotal", Outcome.PASS), ("Nominee distribution", Outcome.PASS), ("Bank", Outcome.FAIL)],
)
def test_who_subtracts_on_schedule_b_is_let_through(payer: str, said: Outcome) -> None:
    changes = {"interest_3_payer": payer, "interest_3_amount": "1850"}
    forms = changed(family(2022), "schedule_b", changes)
    assert judge(make_return(2022, forms), "SB-002").outcome is said


def test_losses_in_printed_parentheses_are_subtracted_with_or_without_a_minus() -> None:
    for written in ("100", "-100"):
        forms = changed(family(2022), "schedule_1", {"net_operating_loss": written})
        assert judge(make_return(2022, forms), "S1-009-22").outcome is Outcome.PASS

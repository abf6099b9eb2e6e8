"""What a case of a rule is, and what every case must show: pass, fail, edge, not evaluated.

Changes are written `field` (of the rule's form) or `form.field`; None empties it, `-form` takes
a form away, `+form` adds a second copy of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from department_returns import REVIEW, DepartmentUnderTest, Forms

from schemas.rules import Outcome

Base = Callable[[int], Forms]
"""A complete return without a mistake, for a year."""
Changes = dict[str, Any]
PASS, FAIL = Outcome.PASS, Outcome.FAIL


@dataclass(frozen=True)
class Case:
    """One rule: a return on which it applies and passes, one that fails, and one at the edge."""

    rule: str
    base: Base
    fails: Changes
    edge: Changes
    given: Changes = field(default_factory=dict)
    """Changes that make the rule apply to the base return at all."""
    edge_outcome: Outcome = PASS
    year: int | None = None
    """None: the last year of the rule."""


@dataclass(frozen=True)
class Sum:
    """A rule by which one field follows from others: to within 99 cents, not a dollar."""

    rule: str
    base: Base
    total: str
    tolerance: Decimal = Decimal("0.99")


@dataclass(frozen=True)
class Suite:
    """All cases of one department's rules."""

    tested: DepartmentUnderTest
    cases: tuple[Case, ...]
    sums: tuple[Sum, ...]
    bases: tuple[tuple[Base, int], ...]
    """Returns without a mistake, with the years in which they are that."""
    elsewhere: frozenset[str]
    """Rules that need more than fields of one return: tested one by one."""
    fewest: int
    """Rules that the department has at least."""


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


def check_base(tested: DepartmentUnderTest, base: Base, year: int) -> None:
    """A right return fails no rule, and leaves none unevaluated."""
    tax_return = tested.make_return(year, base(year))
    assert tested.failures(tax_return) == {}
    said = tested.outcomes(tax_return)
    assert [rule for rule, outcome in said.items() if outcome is Outcome.NOT_EVALUATED] == []


def check_case(tested: DepartmentUnderTest, case: Case) -> None:
    """The rule passes, fails and knows its edge."""
    year = case.year or tested.years_of(case.rule)[-1]
    form = tested.form_of(case.rule)
    given = changed(case.base(year), form, case.given)

    def said(changes: Changes) -> Outcome:
        tax_return = tested.make_return(year, changed(given, form, changes))
        return tested.judge(tax_return, case.rule).outcome

    evaluation = tested.judge(tested.make_return(year, given), case.rule)
    assert evaluation.outcome is Outcome.PASS
    assert evaluation.applies, "the passing case must be one to which the rule applies"
    assert said(case.fails) is Outcome.FAIL
    assert said(case.edge) is case.edge_outcome


def check_sum(tested: DepartmentUnderTest, case: Sum) -> None:
    """In every year of the rule the total may miss by cents, but not by a dollar."""
    form = tested.form_of(case.rule)
    for year in tested.years_of(case.rule):
        forms = case.base(year)
        right = Decimal(forms[form].get(case.total) or 0)

        def said(by: Decimal | str) -> Outcome:
            total = str(right + Decimal(by))  # noqa: B023
            tax_return = tested.make_return(year, changed(forms, form, {case.total: total}))  # noqa: B023
            return tested.judge(tax_return, case.rule).outcome

        assert tested.judge(tested.make_return(year, forms), case.rule).applies
        assert said("0") is Outcome.PASS
        assert said(case.tolerance) is said(-case.tolerance) is Outcome.PASS
        over = case.tolerance + Decimal("0.01")
        assert said(over) is said(-over) is Outcome.FAIL


def check_unread(tested: DepartmentUnderTest, rule_id: str, base: Base, given: Changes) -> None:
    """Some field leaves the rule not evaluated; none makes a right return fail."""
    year = tested.years_of(rule_id)[-1]
    forms = changed(base(year), tested.form_of(rule_id), given)
    said = set()
    for column in tested.rules[rule_id].columns:
        on_form = tested.department.form(column.form, year)
        names = {it.name for it in on_form.fields()} if on_form else set()
        if column.kind == "field" and column.form in forms and column.name in names:
            unread = changed(forms, column.form, {column.name: REVIEW})
            said.add(tested.judge(tested.make_return(year, unread), rule_id).outcome)
    if not said:  # it needs no field; a page that nobody recognises may be of a form that it needs
        for form in set(forms) - {tested.department.settings.main_form}:
            lost = tested.make_return(year, changed(forms, form, {f"-{form}": True}), ("page 9",))
            said.add(tested.judge(lost, rule_id).outcome)
    assert Outcome.NOT_EVALUATED in said
    assert Outcome.FAIL not in said

"""Where the solver is wrong: its mistakes, each told by what stands on the return alone.

Each was judged by the forms' own instructions as we know them, whose texts were not at hand. A rule
that fails where none of these holds is ours to explain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.returns import TaxReturn

Values = Mapping[tuple[str, str], str | bool]
"""Form and field → what stands there; what is blank is left out."""
TAX_YEAR = ("return", "tax_year")
"""Among the values, the one that stands on no form."""


@dataclass(frozen=True)
class Known:
    """One mistake of the solver (version 0.2.1)."""

    rules: tuple[str, ...]
    """Those that find it, and no others."""
    holds: Callable[[Values], bool]
    why: str


def values_of(tax_return: TaxReturn) -> dict[tuple[str, str], str | bool]:
    """What stands on the return, and its year."""
    return {TAX_YEAR: str(tax_return.tax_year)} | {
        (value.form, value.name): value.value
        for form in tax_return.forms
        for value in form.values
        if value.value not in (None, False)
    }


def explain(department: str, rule_id: str, values: Values) -> Known | None:
    """The solver's mistake that makes this rule fail on this return, if it is one."""
    for known in KNOWN[department]:
        if rule_id in known.rules and known.holds(values):
            return known
    return None


def _amount(values: Values, form: str, name: str) -> Decimal:
    return Decimal(str(values.get((form, name), 0)))


def _f1040(values: Values, name: str) -> Decimal:
    return _amount(values, "form_1040", name)


def _d400(values: Values, name: str) -> Decimal:
    return _amount(values, "form_d400", name)


def _second_row_copies_the_first(values: Values) -> bool:
    rows = [("form_1040", f"dependent_{row}_other_credit") in values for row in (1, 2)]
    return rows[0] == rows[1] and values[TAX_YEAR] == "2021"


def _owes_without_penalty(values: Values) -> bool:
    owed = _f1040(values, "total_tax") - _f1040(values, "total_payments")
    return (
        _f1040(values, "estimated_tax_penalty") > 0
        and abs(owed - _f1040(values, "amount_owed")) < 1
    )


def _halves_rounded_down(values: Values) -> bool:
    exact = _amount(values, "schedule_a", "federal_adjusted_gross_income") * Decimal("0.075")
    return exact - _amount(values, "schedule_a", "medical_expenses_floor") == Decimal("0.5")


def _is_blank(values: Values, form: str, *names: str) -> bool:
    return not any((form, name) in values for name in names)


_US = (
    Known(
        ("F1040-037",),
        _owes_without_penalty,
        "leaves the penalty of line 38 out of line 37; «include this amount in the total on line "
        "37» (instructions for line 38)",
    ),
    Known(
        ("F1040-304", "S8812-006"),
        _second_row_copies_the_first,
        "2021: marks the second dependant's credit for other dependants as the first one's",
    ),
    Known(
        ("S3-008-02",),
        lambda v: _amount(v, "schedule_3", "foreign_tax_credit") > _f1040(v, "tax"),
        "takes all foreign tax without Form 1116 as a credit, more than the tax; «the smaller of» "
        "(instructions for line 1 of Schedule 3)",
    ),
    Known(
        ("SA-004", "SA-017-02"),
        lambda v: (
            _amount(v, "schedule_a", "medical_deduction") < 0
            or _amount(v, "schedule_a", "total_itemized_deductions") < 0
        ),
        "subtracts line 1 of Schedule A from line 3, not line 3 from line 1",
    ),
    Known(
        ("SA-018",),
        lambda v: ("schedule_a", "itemize_although_less") not in v,
        "is told to itemize though it is less, but never marks the box of line 18",
    ),
    Known(
        ("SB-006",),
        lambda v: (
            _is_blank(v, "schedule_b", "ordinary_dividends")
            and _f1040(v, "ordinary_dividends") <= 1_500
        ),
        "lists dividends on a Schedule B that is there for interest, without their total",
    ),
)

_NC = (
    Known(
        ("D400-015", "D400-016", "D400-017"),
        lambda v: _d400(v, "taxable_income") < 0 and _d400(v, "income_tax") < 0,
        "figures a negative tax on a negative income; «if zero or less, enter a zero» (line 15)",
    ),
    Known(
        ("SA-001",),
        lambda v: ("form_d400", "deduction_type_standard") in v,
        "attaches Schedule A though it was told not to itemize",
    ),
    Known(
        ("SA-007-02",),
        _halves_rounded_down,
        "rounds a half to the even dollar; «50 cents or more» go up (instructions for D-400)",
    ),
    Known(
        ("SS-203",),
        lambda v: _is_blank(v, "schedule_s", "total_additions", "total_deductions"),
        "carries line 15 of Schedule S (reserved) to line 7 of Form D-400 instead of line 16, and "
        "so attaches an empty Schedule S",
    ),
)

KNOWN: Mapping[str, tuple[Known, ...]] = {"us_irs": _US, "nc_dor": _NC}

"""What a case of a rule is, and the rules of sums: one line each, their cases follow.

Changes are written `field` (of the rule's form) or `form.field`; None empties it, `-form` takes
a form away, `+form` adds a second copy of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from irs_base_returns import Base, family, itemiser, repayer, small_earner

from schemas.rules import Outcome

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


SUMS = (
    Sum("F1040-001", family, "wages"),
    Sum("F1040-009", family, "total_income"),
    Sum("F1040-011", family, "adjusted_gross_income"),
    Sum("F1040-012-03", itemiser, "deductions"),
    Sum("F1040-012-07", family, "deductions_total"),
    Sum("F1040-014-21", family, "total_deductions"),
    Sum("F1040-014-22", family, "total_deductions"),
    Sum("F1040-015", family, "taxable_income"),
    Sum("F1040-016", itemiser, "tax"),
    Sum("F1040-016-04", family, "tax", Decimal("1.49")),
    Sum("F1040-018", family, "tax_before_credits"),
    Sum("F1040-021", family, "total_credits"),
    Sum("F1040-022", family, "tax_after_credits"),
    Sum("F1040-024", family, "total_tax"),
    Sum("F1040-025", family, "withheld_total"),
    Sum("F1040-032-21", family, "refundable_credits_total"),
    Sum("F1040-032-22", family, "refundable_credits_total"),
    Sum("F1040-033", family, "total_payments"),
    Sum("F1040-034", family, "overpaid"),
    Sum("F1040-035", family, "refund"),
    Sum("F1040-037", itemiser, "amount_owed"),
    Sum("F1040-908", family, "additional_income"),
    Sum("F1040-910", family, "adjustments"),
    Sum("F1040-912", family, "taxable_interest"),
    Sum("F1040-913", family, "ordinary_dividends"),
    Sum("F1040-919-21", family, "child_tax_credit"),
    Sum("F1040-919-22", family, "child_tax_credit"),
    Sum("F1040-920", family, "schedule_3_credits"),
    Sum("F1040-928-21", family, "additional_child_tax_credit"),
    Sum("F1040-928-22", small_earner, "additional_child_tax_credit"),
    Sum("F1040-931", family, "schedule_3_payments"),
    Sum("S1-009-21", family, "total_other_income"),
    Sum("S1-009-22", family, "total_other_income"),
    Sum("S1-010", family, "total_additional_income"),
    Sum("S1-025", family, "total_other_adjustments"),
    Sum("S1-026", family, "total_adjustments"),
    Sum("S3-007-21", family, "total_other_nonrefundable_credits"),
    Sum("S3-007-23", family, "total_other_nonrefundable_credits"),
    Sum("S3-008-21", family, "nonrefundable_credits_total"),
    Sum("S3-008-23", family, "nonrefundable_credits_total"),
    Sum("S3-014-21", family, "total_other_payments"),
    Sum("S3-014-22", family, "total_other_payments"),
    Sum("S3-014-23", family, "total_other_payments"),
    Sum("S3-015", family, "payments_and_refundable_credits_total"),
    Sum("SA-002", itemiser, "adjusted_gross_income"),
    Sum("SA-003", itemiser, "medical_expenses_floor"),
    Sum("SA-004", itemiser, "medical_deduction"),
    Sum("SA-005", itemiser, "salt_total"),
    Sum("SA-005-02", itemiser, "salt_deduction"),
    Sum("SA-007", itemiser, "taxes_deduction"),
    Sum("SA-008-21", itemiser, "mortgage_interest_total"),
    Sum("SA-008-22", itemiser, "mortgage_interest_total"),
    Sum("SA-010", itemiser, "interest_deduction"),
    Sum("SA-014", itemiser, "gifts_deduction"),
    Sum("SA-017", itemiser, "total_itemized_deductions"),
    Sum("SB-002", family, "interest_total"),
    Sum("SB-004", family, "taxable_interest"),
    Sum("SB-006", family, "ordinary_dividends"),
    Sum("S8812-001", family, "adjusted_gross_income"),
    Sum("S8812-002", family, "excluded_income_total"),
    Sum("S8812-003", family, "modified_agi"),
    Sum("S8812-005-21", family, "children_credit"),
    Sum("S8812-005-22", family, "children_credit"),
    Sum("S8812-007", family, "other_dependents_credit"),
    Sum("S8812-008", family, "credits_total"),
    Sum("S8812-011", family, "phaseout"),
    Sum("S8812-012", family, "credit_after_phaseout"),
    Sum("S8812-014-21", family, "children_credit_after_phaseout"),
    Sum("S8812-014-02", family, "other_dependents_credit_limited"),
    Sum("S8812-014-03", family, "refundable_filer_credit"),
    Sum("S8812-014-04", family, "refundable_filer_credit_left"),
    Sum("S8812-014-05", family, "refundable_child_tax_credit"),
    Sum("S8812-014-22", family, "nonrefundable_credit"),
    Sum("S8812-015-21", small_earner, "credit_within_limit"),
    Sum("S8812-015-02", small_earner, "other_filer_credit"),
    Sum("S8812-015-03", small_earner, "other_filer_credit_left"),
    Sum("S8812-015-04", small_earner, "additional_child_tax_credit"),
    Sum("S8812-016-21", small_earner, "unused_credit"),
    Sum("S8812-016-22", small_earner, "unused_credit"),
    Sum("S8812-016-03", small_earner, "actc_limit"),
    Sum("S8812-017", small_earner, "actc_maximum"),
    Sum("S8812-019", small_earner, "earned_income_excess"),
    Sum("S8812-020", small_earner, "earned_income_share"),
    Sum("S8812-023", small_earner, "payroll_taxes"),
    Sum("S8812-025", small_earner, "payroll_taxes_excess"),
    Sum("S8812-026", small_earner, "actc_larger_share"),
    Sum("S8812-027-21", small_earner, "actc_computed"),
    Sum("S8812-027-22", small_earner, "additional_child_tax_credit"),
    Sum("S8812-029-21", repayer, "excess_advance_payments"),
    Sum("S8812-034-21", repayer, "repayment_income_excess"),
    Sum("S8812-040-21", repayer, "additional_tax"),
)

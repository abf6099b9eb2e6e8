"""Cases of the rules of the schedules that are not sums."""

from __future__ import annotations

from irs_base_returns import SPOUSE, family, itemiser, repayer, small_earner
from rule_cases import FAIL, Case

STRANGER = "900150005"
SEPARATE = {
    "form_1040.filing_status_married_filing_jointly": None,
    "form_1040.filing_status_married_filing_separately": True,
}

CASES = (
    # Schedule 1
    Case("S1-001", family, {"taxpayer_ssn": STRANGER}, {"taxpayer_ssn": SPOUSE}),
    Case(
        "S1-002",
        family,
        {"alimony_received_agreement_date": None},
        {"alimony_received_agreement_date": None, "alimony_received": "0"},
    ),
    Case(
        "S1-002-02",
        family,
        {"alimony_received_agreement_date": "2019-01-01"},
        {"alimony_received_agreement_date": "2018-12-31"},
    ),
    Case(
        "S1-008",
        family,
        {"other_income_type_1": None},
        {"other_income_type_1": None, "other_income_type_2": "Stipend"},
    ),
    Case("S1-011", family, {"educator_expenses": "601"}, {"educator_expenses": "600"}),
    Case(
        "S1-015",
        family,
        {"self_employment_tax_deduction": "301"},
        {"self_employment_tax_deduction": "300.99"},
        given={"self_employment_tax_deduction": "150"},
    ),
    Case(
        "S1-019",
        family,
        {"alimony_recipient_ssn": None},
        {"alimony_recipient_ssn": None, "alimony_paid": None},
    ),
    Case(
        "S1-019-02",
        family,
        {"alimony_paid_agreement_date": None},
        {"alimony_paid_agreement_date": None, "alimony_paid": "0"},
    ),
    Case(
        "S1-019-03",
        family,
        {"alimony_paid_agreement_date": "2019-01-01"},
        {"alimony_paid_agreement_date": "2018-12-31"},
    ),
    Case(
        "S1-019-04",
        family,
        {"alimony_recipient_ssn": "900140000"},
        {"alimony_recipient_ssn": "001010001"},
    ),
    Case("S1-020", family, {"ira_deduction": "15001"}, {"ira_deduction": "15000"}),
    Case("S1-021", family, {"student_loan_interest": "2501"}, {"student_loan_interest": "2500"}),
    Case(
        "S1-021-02",
        family,
        {"form_1040.adjusted_gross_income": "184300"},
        {"form_1040.adjusted_gross_income": "184299.99"},
    ),
    Case(
        "S1-024",
        family,
        {"other_adjustments_type_1": None},
        {"other_adjustments_type_1": None, "other_adjustments": "0"},
    ),
    Case("S1-024-02", family, {"jury_duty_pay_repaid": "51"}, {"jury_duty_pay_repaid": "50.99"}),
    Case(
        "S1-024-03",
        family,
        {"olympic_medals_nontaxable": "1"},
        {"olympic_medals_nontaxable": "10", "olympic_medals": "10"},
    ),
    # Schedule 3
    Case("S3-001", family, {"taxpayer_ssn": STRANGER}, {"taxpayer_ssn": None}),
    Case(
        "S3-003",
        family,
        SEPARATE,
        {"form_1040.adjusted_gross_income": "179999.99"},
    ),
    Case(
        "S3-004",
        family,
        {"form_1040.adjusted_gross_income": "73001"},
        {"form_1040.adjusted_gross_income": "73000"},
        given={"retirement_savings_credit": "200", "form_1040.adjusted_gross_income": "50000"},
    ),
    Case(
        "S3-004-02",
        family,
        {"retirement_savings_credit": "2001"},
        {"retirement_savings_credit": "2000"},
    ),
    Case(
        "S3-006",
        family,
        {"other_nonrefundable_credits_type_1": None},
        {"other_nonrefundable_credits_type_1": None}
        | {"other_nonrefundable_credits_type_2": "Form 8912"},
    ),
    Case(
        "S3-008-02",
        family,
        {"nonrefundable_credits_total": "99999"},
        {"nonrefundable_credits_total": "0"},
    ),
    Case(
        "S3-013",
        family,
        {"other_payments_type_2": None},
        {"other_payments_type_2": None, "other_payments": "0"},
    ),
    # Schedule A
    Case("SA-001", itemiser, {"taxpayer_ssn": STRANGER}, {"taxpayer_ssn": None}),
    Case(
        "SA-005-03",
        itemiser,
        {"state_local_income_or_sales_taxes": None},
        {"state_local_income_or_sales_taxes": "1"},
        given={"sales_taxes_elected": True},
    ),
    Case(
        "SA-006",
        itemiser,
        {"other_taxes_type_1": None},
        {"other_taxes_type_1": None, "other_taxes_type_2": "Foreign"},
    ),
    Case("SA-014-02", itemiser, {"gifts_deduction": "150001"}, {"gifts_deduction": "150000"}),
    Case(
        "SA-016",
        itemiser,
        {"other_itemized_type_1": None},
        {"other_itemized_type_1": None, "other_itemized_type_3": "Losses"},
    ),
    Case("SA-017-02", itemiser, {"cash_gifts": "-1"}, {"cash_gifts": "0"}),
    Case(
        "SA-018",
        itemiser,
        {"total_itemized_deductions": "13849"},
        {"total_itemized_deductions": "13850"},
    ),
    # Schedule B
    Case("SB-001", family, {"taxpayer_ssn": STRANGER}, {"taxpayer_ssn": SPOUSE}),
    Case(
        "SB-001-02",
        family,
        {"interest_2_payer": None},
        {"interest_2_payer": None, "interest_2_amount": None},
    ),
    Case(
        "SB-003",
        family,
        {"excludable_savings_bond_interest": "1851"},
        {"excludable_savings_bond_interest": "1850.99"},
    ),
    Case(
        "SB-005",
        family,
        {"dividends_1_payer": None},
        {"dividends_3_payer": "See statement"},
    ),
    Case(
        "SB-007",
        family,
        {"foreign_trust_no": None},
        {"foreign_trust_no": None, "taxable_interest": "1500", "ordinary_dividends": "1500"},
    ),
    Case(
        "SB-007-02",
        family,
        {"foreign_account_no": True},
        {"foreign_account_yes": None, "fincen_114_required_yes": None, "foreign_trust_no": None},
    ),
    Case(
        "SB-007-03",
        family,
        {"fincen_114_required_yes": None},
        {"fincen_114_required_no": True},
        edge_outcome=FAIL,
    ),
    Case(
        "SB-007-04",
        family,
        {"foreign_account_countries": None},
        {"foreign_account_countries": None, "fincen_114_required_yes": None},
    ),
    # Schedule 8812
    Case("S8812-000", family, {"taxpayer_ssn": STRANGER}, {"taxpayer_ssn": None}),
    Case(
        "S8812-004",
        family,
        {"qualifying_children": "3"},
        {"qualifying_children": "3", "form_1040.more_than_four_dependents": True},
    ),
    Case("S8812-006", family, {"other_dependents": None}, {"other_dependents": "1"}),
    Case(
        "S8812-009",
        family,
        {"phaseout_threshold": "200000"},
        SEPARATE | {"phaseout_threshold": "200000"},
    ),
    Case(
        "S8812-010",
        family,
        {"modified_agi": "400425"},
        {"modified_agi": "400425", "income_over_threshold": "1000"},
    ),
    Case(
        "S8812-013-22",
        family,
        {"credit_limit": "99999"},
        {"credit_limit": "0"},
    ),
    Case(
        "S8812-015-22",
        small_earner,
        {"additional_child_tax_credit": "1"},
        {"additional_child_tax_credit": "0"},
        given={"actc_declined": True, "additional_child_tax_credit": None},
    ),
    Case("S8812-016-02", small_earner, {"actc_children": "2"}, {"actc_children": None}),
    Case("S8812-004-21", family, {"children_6_to_17": "2"}, {"qualifying_children": None}),
    Case(
        "S8812-013-21",
        family,
        {"other_filer_credit": "1"},
        {"other_filer_credit": "0"},
    ),
    Case(
        "S8812-032-21",
        repayer,
        {"children_not_counted": "2"},
        {"advance_payment_children": "2", "children_not_counted": "0"},
    ),
)

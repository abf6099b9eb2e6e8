"""Cases of the rules of Form 1040 that are not sums."""

from __future__ import annotations

from irs_base_returns import FILER, SPOUSE, family, itemiser, small_earner
from rule_cases import FAIL, Case

SEPARATE = {"filing_status_single": None, "filing_status_married_filing_separately": True}
ABROAD = {"foreign_country": "France", "address_state": None, "address_zip": None}
CLAIMED = {"taxpayer_claimed_as_dependent": True}

CASES = (
    # Who files
    Case("F1040-101", family, {"taxpayer_last_name": None}, {"taxpayer_first_name": "A"}),
    Case("F1040-102", family, {"taxpayer_ssn": None}, {"taxpayer_ssn": "900100001"}),
    Case("F1040-103", family, {"taxpayer_ssn": "666110001"}, {"taxpayer_ssn": "665010001"}),
    Case("F1040-104", family, {"spouse_ssn": "900000001"}, {"spouse_ssn": "NRA"}),
    Case("F1040-105", family, {"spouse_ssn": FILER}, {"spouse_ssn": None}),
    Case("F1040-107", family, {"address_city": None}, {"address_street": "PO Box 1"}),
    Case("F1040-108", family, {"address_zip": None}, ABROAD),
    Case("F1040-109", family, {"address_state": "XX"}, {"address_state": "oh"}),
    Case("F1040-110", family, {"address_zip": "4550"}, {"address_zip": "45501-1234"}),
    Case(
        "F1040-111",
        family,
        {"address_state": "NY"},
        {"address_state": "ap"},
        given={"address_city": "APO", "address_state": "AE"},
    ),
    Case(
        "F1040-112",
        family,
        {"address_zip": "09912"},
        {"address_zip": "09800-1234"},
        given={"address_state": "AE", "address_zip": "09012"},
    ),
    Case(
        "F1040-113",
        family,
        {"foreign_country": None},
        {"foreign_postal_code": None},
        given={"foreign_country": "France", "foreign_postal_code": "75001"},
    ),
    Case(
        "F1040-114",
        family,
        {"digital_assets_no": None},
        {"digital_assets_yes": True},
        edge_outcome=FAIL,
    ),
    Case(
        "F1040-115",
        family,
        {"filing_status_married_filing_jointly": None, "filing_status_single": True},
        {"campaign_fund_spouse": None},
    ),
    Case("F1040-117", family, {"+schedule_1": True}, {"-schedule_1": True}),
    # Filing status
    Case(
        "F1040-201",
        family,
        {"filing_status_married_filing_jointly": None},
        {"filing_status_single": True},
        edge_outcome=FAIL,
    ),
    Case("F1040-202", family, {"spouse_last_name": None}, {"spouse_first_name": "C"}),
    Case("F1040-203", family, {"spouse_ssn": None}, {"spouse_ssn": "NRA"}),
    Case(
        "F1040-204",
        itemiser,
        {"filing_status_person_name": None},
        {"filing_status_person_name": None, "spouse_last_name": "Fielding"},
        given=SEPARATE | {"filing_status_person_name": "Carl Fielding"},
    ),
    Case(
        "F1040-205",
        small_earner,
        {f"dependent_{row}_name": None for row in (1, 2, 3)},
        {f"dependent_{row}_name": None for row in (1, 2, 3)}
        | {"filing_status_person_name": "Child1 Fielding"},
    ),
    Case("F1040-206", itemiser, {"spouse_ssn": SPOUSE}, SEPARATE | {"spouse_ssn": SPOUSE}),
    Case(
        "F1040-207",
        family,
        {"filing_status_married_filing_jointly": None, "filing_status_single": True},
        {"filing_status_married_filing_jointly": None}
        | {"filing_status_married_filing_separately": True},
    ),
    Case(
        "F1040-208",
        family,
        {"filing_status_married_filing_jointly": None}
        | {"filing_status_married_filing_separately": True},
        {"spouse_claimed_as_dependent": None},
        given={"spouse_claimed_as_dependent": True},
    ),
    Case(
        "F1040-209",
        itemiser,
        {"dependent_1_name": "Child Fielding"},
        {"dependent_1_name": "Child Fielding", "taxpayer_claimed_as_dependent": None},
        given=CLAIMED,
    ),
    # Dependents
    Case("F1040-301", family, {"dependent_2_ssn": None}, {"dependent_2_ssn": "DIED"}),
    Case("F1040-302", family, {"dependent_3_ssn": "000110001"}, {"dependent_3_ssn": "Died"}),
    Case(
        "F1040-303",
        family,
        {"dependent_1_relationship": None},
        {"dependent_1_relationship": None, "dependent_1_name": None},
    ),
    Case(
        "F1040-304",
        family,
        {"dependent_4_ssn": "900130009"},
        {"dependent_4_ssn": "900130009", "dependent_4_name": "Child4 Fielding"},
    ),
    Case(
        "F1040-305",
        family,
        {"dependent_1_other_credit": True},
        {"dependent_1_other_credit": True, "dependent_1_child_tax_credit": None},
    ),
    Case("F1040-306", family, {"dependent_1_ssn": "900700001"}, {"dependent_3_ssn": "900700001"}),
    Case(
        "F1040-307",
        family,
        {"dependent_1_ssn": SPOUSE},
        {"dependent_1_ssn": None, "spouse_ssn": None},
    ),
    Case("F1040-308", family, {"dependent_3_ssn": "900130001"}, {"dependent_3_ssn": None}),
    Case(
        "F1040-309",
        family,
        {"dependent_4_name": None},
        {"dependent_4_name": None, "more_than_four_dependents": None},
        given={"more_than_four_dependents": True, "dependent_4_name": "Child4 Fielding"},
    ),
    # Income
    Case(
        "F1040-003",
        family,
        {"qualified_dividends": "1701"},
        {"qualified_dividends": "1700.99"},
    ),
    Case("F1040-004", family, {"taxable_ira": "3001"}, {"taxable_ira": "3000.99"}),
    Case("F1040-005", family, {"taxable_pensions": "4001"}, {"pensions": None}),
    Case(
        "F1040-006",
        family,
        {"taxable_social_security": "8501"},
        {"taxable_social_security": "8500.99"},
    ),
    Case(
        "F1040-007",
        itemiser,
        {"capital_gain": "-1500.01"},
        {"capital_gain": "-1500"},
        given=SEPARATE | {"capital_gain": "-100"},
    ),
    Case("F1040-011-02", family, {"pensions": "-1"}, {"pensions": "0"}),
    # Deductions
    Case(
        "F1040-012", family, {"deductions": "29199"}, {"spouse_blind": None, "deductions": "27700"}
    ),
    Case(
        "F1040-012-02",
        small_earner,
        {"deductions": "20801"},
        {"deductions": "20800"},
        given=CLAIMED | {"deductions": "1250"},
    ),
    Case(
        "F1040-012-04",
        small_earner,
        {"deductions": "13850"},
        {"deductions": "0"},
        given={"spouse_itemizes_or_dual_status": True, "deductions": None},
    ),
    Case(
        "F1040-012-05",
        family,
        {"charitable_cash_contributions": "601"},
        {"charitable_cash_contributions": "600"},
    ),
    Case(
        "F1040-012-06",
        itemiser,
        {"charitable_cash_contributions": "1"},
        {"charitable_cash_contributions": "0"},
    ),
    Case(
        "F1040-013-21",
        family,
        {"qbi_deduction": "2001"},
        {"qbi_deduction": "2000.99"},
        given={"adjusted_gross_income": "36450", "deductions_total": "26450"},
    ),
    Case(
        "F1040-013-22",
        family,
        {"qbi_deduction": "2001"},
        {"qbi_deduction": "2000.99"},
        given={"adjusted_gross_income": "39200", "deductions": "29200"},
    ),
    # Tax
    Case("F1040-016-02", family, {"tax": "99999"}, {"tax": "0"}),
    Case(
        "F1040-016-03",
        family,
        {"tax_other_form_number": None},
        {"tax_other_form_number": None, "tax_from_other_form": None},
        given={"tax_from_other_form": True, "tax_other_form_number": "8978"},
    ),
    Case(
        "F1040-016-05",
        itemiser,
        {"tax": "100"},
        {"capital_gain_schedule_d_not_required": True, "tax": "100"},
        given={"-schedule_a": True, "capital_gain": "10"},
    ),
    Case("F1040-024-02", family, {"other_taxes": "-1"}, {"other_taxes": "0"}),
    # Payments
    Case("F1040-025-02", family, {"withheld_w2": "85501"}, {"withheld_w2": "85500"}),
    Case("F1040-030", family, {"reserved_30": "5"}, {"reserved_30": "0"}),
    Case("F1040-033-02", family, {"withheld_1099": "-1"}, {"withheld_1099": "0"}),
    Case(
        "F1040-601",
        small_earner,
        {"earned_income_credit": "7431"},
        {"earned_income_credit": "7430"},
    ),
    Case(
        "F1040-602",
        small_earner,
        {"adjusted_gross_income": "56838"},
        {"adjusted_gross_income": "56837.99"},
    ),
    Case(
        "F1040-603",
        small_earner,
        {"taxable_interest": "6000", "ordinary_dividends": "5001"},
        {"taxable_interest": "6000", "ordinary_dividends": "5000"},
    ),
    Case(
        "F1040-604",
        itemiser,
        {"earned_income_credit": "1"},
        {"earned_income_credit": "0"},
        given=SEPARATE,
    ),
    Case(
        "F1040-605",
        small_earner,
        {"earned_income_credit": "1"},
        {"earned_income_credit": None},
        given={"taxpayer_ssn": "900700001", "earned_income_credit": "0"},
    ),
    Case(
        "F1040-611",
        family,
        {"american_opportunity_credit": "5001"},
        {"american_opportunity_credit": "5000"},
    ),
    Case(
        "F1040-612",
        family,
        {"adjusted_gross_income": "180000"},
        {"adjusted_gross_income": "179999.99"},
    ),
    Case(
        "F1040-621",
        small_earner,
        {"recovery_rebate_credit": "5601"},
        {"recovery_rebate_credit": "5600"},
    ),
    Case(
        "F1040-622",
        small_earner,
        {"adjusted_gross_income": "120000"},
        {"adjusted_gross_income": "119999.99"},
    ),
    # Refund
    Case("F1040-036", family, {"amount_owed": "1"}, {"amount_owed": "0"}),
    Case("F1040-038", family, {"applied_to_next_year": "-1"}, {"applied_to_next_year": "0"}),
    Case("F1040-701", family, {"routing_number": "019000034"}, {"routing_number": "321000006"}),
    Case(
        "F1040-702",
        family,
        {"account_type_checking": None},
        {"account_type_savings": True},
        edge_outcome=FAIL,
    ),
    Case("F1040-703", family, {"account_number": "0000"}, {"account_number": "0" * 16 + "1"}),
    Case("F1040-704", family, {"refund": "0"}, {"refund": "0.01"}),
    Case(
        "F1040-705",
        itemiser,
        {"account_type_savings": True},
        {"account_type_savings": True, "form_8888_attached": None},
        given={"form_8888_attached": True},
    ),
    # Signatures
    Case("F1040-801", family, {"taxpayer_signature": None}, {"spouse_signature": None}),
    Case(
        "F1040-802",
        family,
        {"spouse_signature": None},
        {"filing_status_married_filing_jointly": None, "filing_status_single": True}
        | {"spouse_signature": None},
    ),
    Case(
        "F1040-803",
        family,
        {"taxpayer_signature_date": None},
        {"taxpayer_signature": None, "taxpayer_signature_date": None},
    ),
    Case(
        "F1040-804",
        family,
        {"taxpayer_signature_date": "2023-12-31"},
        {"taxpayer_signature_date": "2024-01-01"},
    ),
    Case(
        "F1040-805",
        family,
        {"preparer_ptin": None},
        {"preparer_ptin": None, "preparer_name": None, "firm_name": None, "firm_ein": None},
    ),
    Case("F1040-806", family, {"preparer_ptin": "P00000000"}, {"preparer_ptin": "S00000001"}),
    Case("F1040-807", family, {"firm_ein": "999999999"}, {"firm_ein": "999999998"}),
    Case("F1040-808", family, {"preparer_signature": None}, {"preparer_name": None}),
    Case("F1040-811", family, {"designee_pin": None}, {"third_party_designee_yes": None}),
    Case(
        "F1040-812",
        family,
        {"third_party_designee_no": True},
        {"third_party_designee_yes": None},
    ),
    Case("F1040-813", family, {"designee_pin": "1234"}, {"designee_pin": "00000"}),
    Case("F1040-821", family, {"taxpayer_ip_pin": "000000"}, {"taxpayer_ip_pin": "000001"}),
    Case("F1040-822", family, {"spouse_ip_pin": "12345"}, {"spouse_ip_pin": None}),
    Case("F1040-831", family, {"taxpayer_phone": "5550123"}, {"taxpayer_phone": "19375550123"}),
    Case("F1040-832", family, {"taxpayer_email": "ada"}, {"taxpayer_email": "a@b"}),
    # Attachments
    Case(
        "F1040-901", family, {"-schedule_1": True}, {"-schedule_1": True, "additional_income": "0"}
    ),
    Case("F1040-902", family, {"-schedule_1": True}, {"-schedule_1": True, "adjustments": None}),
    Case(
        "F1040-903",
        family,
        {"-schedule_3": True},
        {"-schedule_3": True, "schedule_3_credits": "0"},
    ),
    Case(
        "F1040-904",
        family,
        {"-schedule_3": True},
        {"-schedule_3": True, "schedule_3_payments": None},
    ),
    Case(
        "F1040-905",
        small_earner,
        {"-schedule_8812": True},
        {"-schedule_8812": True, "child_tax_credit": "0", "additional_child_tax_credit": None},
    ),
    Case(
        "F1040-906",
        family,
        {"-schedule_b": True},
        {"-schedule_b": True, "taxable_interest": "1500"},
    ),
    Case(
        "F1040-907",
        family,
        {"-schedule_b": True},
        {"-schedule_b": True, "ordinary_dividends": "1500"},
    ),
)

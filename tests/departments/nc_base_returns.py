"""Complete North Carolina returns without a mistake, for every year, to be printed and read.

Amounts are worked out here, by plain Python; the law's numbers are typed in anew from the
printed forms: nothing comes from `departments/`.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Forms = dict[str, dict[str, Any]]
"""Form → field → what is written there."""

FILER = "900110001"
SPOUSE = "900120002"

RATE = {2021: Decimal("0.0525"), 2022: Decimal("0.0499"), 2023: Decimal("0.0475")}
STANDARD = {2021: 10_750, 2022: 12_750, 2023: 12_750}
"""Of a single filer; a couple has twice as much."""
EACH_CHILD = {2021: 1_500, 2022: 2_000, 2023: 2_000}
"""Of a couple with an income of more than 60,000 and at most 80,000 dollars."""


def _heading(year: int, status: str) -> dict[str, Any]:
    return {
        f"filing_status_{status}": True,
        "taxpayer_first_name": "ADA",
        "taxpayer_middle_initial": "M",
        "taxpayer_last_name": "FIELDING",
        "taxpayer_ssn": FILER,
        "address_street": "12 ORCHARD LN",
        "address_city": "RALEIGH",
        "address_state": "NC",
        "address_zip": "27601",
        "address_county": "WAKE",
        "taxpayer_full_year_resident_yes": True,
        "taxpayer_veteran_no": True,
        "federal_extension_no": True,
        "page_2_last_name": "FIELDING",
        "page_2_taxpayer_ssn": FILER,
        "taxpayer_signature": True,
        "taxpayer_signature_date": f"{year + 1}-03-20",
        "taxpayer_phone": "9195550123",
    }


def _put(form: dict[str, Any], **amounts: int | Decimal) -> None:
    form |= {name: str(amount) for name, amount in amounts.items()}


def _whole(amount: Decimal) -> int:
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def _income(main: dict[str, Any], agi: int, children: int = 0, **parts: int) -> int:
    """Lines 6 to 12b; what is left after deductions."""
    additions, deductions = parts.get("additions", 0), parts.get("deductions", 0)
    total = deductions + children + parts["deduction"]
    _put(main, federal_adjusted_gross_income=agi, additions=additions)
    _put(main, income_with_additions=agi + additions, deductions_from_income=deductions)
    _put(main, child_deduction=children, deduction=parts["deduction"], total_deductions=total)
    _put(main, income_after_deductions=agi + additions - total)
    return agi + additions - total


def _settle(main: dict[str, Any], year: int, taxable: int, credits: int, payments: int) -> int:
    """Lines 14 to 28 but the payments themselves; the overpayment, negative where tax is due."""
    tax = _whole(taxable * RATE[year])
    use_tax = int(main.get("use_tax", 0))
    _put(main, taxable_income=taxable, income_tax=tax, tax_credits=credits)
    _put(main, tax_after_credits=tax - credits, total_tax=tax - credits + use_tax)
    _put(main, total_payments=payments)
    refunds = int(main.get("previous_refunds", 0))
    _put(main, payments_less_refunds=payments - refunds)
    return payments - refunds - (tax - credits + use_tax)


def family(year: int) -> Forms:
    """Joint return of residents: two children, Schedule S, a refund of which some is given away."""
    main = _heading(year, "married_filing_jointly") | {
        "spouse_first_name": "CARL",
        "spouse_last_name": "FIELDING",
        "spouse_ssn": SPOUSE,
        "spouse_full_year_resident_yes": True,
        "spouse_veteran_yes": True,
        "spouse_signature": True,
        "spouse_signature_date": f"{year + 1}-03-20",
        "deduction_type_standard": True,
        "qualifying_children": "2",
        "no_use_tax_due": True,
        "preparer_signature": True,
        "preparer_id": "P90000001",
        "preparer_phone": "9195550188",
        "preparer_may_discuss": True,
        "tax_year_beginning": "01-01",
        "tax_year_ending": f"{year}-12-31",
    }
    schedule = _schedule_s(year)
    left = _income(
        main,
        80_000,
        children=2 * EACH_CHILD[year],
        additions=int(schedule["total_additions"]),
        deductions=int(schedule["total_deductions"]),
        deduction=2 * STANDARD[year],
    )
    _put(main, withheld_taxpayer=2_500, withheld_spouse=700, estimated_payments=400)
    _put(main, extension_payment=100, partnership_payments=30, s_corporation_payments=20)
    over = _settle(main, year, left, credits=150, payments=3_750)
    _put(main, overpaid=over, applied_to_next_year=100, wildlife_fund_gift=5, refund=over - 118)
    _put(main, education_fund_gift=6, cancer_program_gift=7, overpayment_given_away=118)
    _put(main, education_fund_payment=25)
    return {"form_d400": main, "schedule_s": schedule}


def _schedule_s(year: int) -> dict[str, Any]:
    form: dict[str, Any] = {"taxpayer_last_name": "FIELDING", "taxpayer_ssn": FILER}
    form |= {"page_2_last_name": "FIELDING", "page_2_taxpayer_ssn": FILER}
    _put(form, added_out_of_state_interest=300, added_bonus_depreciation=500, total_additions=800)
    _put(form, deducted_tax_refund=200, deducted_us_interest=150, deducted_social_security=9_000)
    _put(form, **{f"bonus_depreciation_of_{year - back}": 10 * back for back in (1, 2, 3)})
    _put(form, **{f"section_179_expense_of_{year - back}": back for back in (4, 5)})
    _put(form, deducted_bonus_depreciation=60, deducted_section_179_expense=9)
    _put(form, total_deductions=9_419)
    return form


def itemiser(year: int) -> Forms:
    """Single resident with Schedule A, who owes, with penalties and interest."""
    main = _heading(year, "single") | {"deduction_type_itemized": True}
    schedule: dict[str, Any] = {"taxpayer_last_name": "FIELDING", "taxpayer_ssn": FILER}
    _put(schedule, mortgage_interest=14_000, real_estate_taxes=8_000, home_costs=22_000)
    _put(schedule, home_costs_deduction=20_000, charitable_contributions=1_000)
    _put(schedule, medical_expenses=12_000, federal_adjusted_gross_income=150_000)
    _put(schedule, medical_expenses_floor=11_250, medical_deduction=750)
    _put(schedule, claim_of_right_repayment=50, total_itemized_deductions=21_800)
    left = _income(main, 150_000, deduction=21_800)
    _put(main, withheld_taxpayer=3_000, use_tax=15)
    over = _settle(main, year, left, credits=0, payments=3_000)
    _put(main, tax_due=-over, penalties=40, interest=11, penalties_and_interest=51)
    _put(main, underpayment_interest=30, amount_due=-over + 81)
    main |= {"underpayment_exception": "A"}
    return {"form_d400": main, "schedule_a": schedule}


def newcomer(year: int) -> Forms:
    """Amended return of who moved in during the year and files separately."""
    main = _heading(year, "married_filing_separately") | {
        "amended_return": True,
        "taxpayer_full_year_resident_yes": None,
        "taxpayer_full_year_resident_no": True,
        "separate_spouse_name": "CARL FIELDING",
        "separate_spouse_ssn": SPOUSE,
        "deduction_type_standard": True,
        "taxable_share": "0.4523",
    }
    left = _income(main, 60_001, deduction=STANDARD[year])
    _put(main, withheld_taxpayer=1_500, previous_payments=60, use_tax=0, previous_refunds=20)
    taxable = _whole(left * Decimal("0.4523"))
    over = _settle(main, year, taxable, credits=0, payments=1_560)
    _put(main, overpaid=over, refund=over)
    return {"form_d400": main}


def widow(year: int) -> Forms:
    """Qualifying widow, who died as well; the executor files. Nothing is left to tax."""
    main = _heading(year, "qualifying_surviving_spouse") | {
        "year_spouse_died": str(year - 1),
        "filed_by_representative": True,
        "taxpayer_death_date": f"{year}-11-05",
        "deduction_type_standard": True,
        "no_use_tax_due": True,
    }
    _income(main, 9_000, deduction=2 * STANDARD[year])
    over = _settle(main, year, 0, credits=0, payments=0)
    _put(main, overpaid=over, refund=over)
    return {"form_d400": main}

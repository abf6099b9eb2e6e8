"""Complete returns without a mistake, for every year, for the tests of rules to change.

Amounts are worked out here, by plain Python, and the tax by the sample maker's arithmetic:
nothing comes from `departments/`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from department_returns import Forms

from benchmarks.samples.arithmetic_tax import figured_tax, tax_with_gains
from benchmarks.samples.parameters import PARAMETERS, Status

FILER = "900110001"
SPOUSE = "900120002"


def _heading(year: int, status: str) -> dict[str, Any]:
    return {
        f"filing_status_{status}": True,
        "taxpayer_first_name": "Ada M",
        "taxpayer_last_name": "Fielding",
        "taxpayer_ssn": FILER,
        "address_street": "12 Orchard Lane",
        "address_city": "Springfield",
        "address_state": "OH",
        "address_zip": "45501",
        "digital_assets_no": True,
        "taxpayer_signature": True,
        "taxpayer_signature_date": f"{year + 1}-03-20",
        "taxpayer_occupation": "Teacher",
        "taxpayer_phone": "9375550123",
        "taxpayer_email": "ada@example.com",
    }


def _spouse(year: int) -> dict[str, Any]:
    return {
        "spouse_first_name": "Carl",
        "spouse_last_name": "Fielding",
        "spouse_ssn": SPOUSE,
        "spouse_blind": True,
        "campaign_fund_spouse": True,
        "spouse_signature": True,
        "spouse_signature_date": f"{year + 1}-03-20",
    }


def _dependents(children: int, others: int) -> dict[str, Any]:
    rows: dict[str, Any] = {}
    for row in range(1, children + others + 1):
        credit = "child_tax_credit" if row <= children else "other_credit"
        rows |= {
            f"dependent_{row}_name": f"Child{row} Fielding",
            f"dependent_{row}_ssn": f"90013000{row}",
            f"dependent_{row}_relationship": "Son" if row <= children else "Mother",
            f"dependent_{row}_{credit}": True,
        }
    return rows


def _put(form: dict[str, Any], **amounts: int | Decimal) -> None:
    form |= {name: str(amount) for name, amount in amounts.items()}


def _get(form: dict[str, Any], *names: str) -> Decimal:
    return sum((Decimal(form.get(name) or 0) for name in names), start=Decimal(0))


def family(year: int) -> Forms:
    """Joint return: two children and a mother, Schedules 1, 3, B and 8812, a refund."""
    main = _heading(year, "married_filing_jointly") | _spouse(year) | _dependents(2, 1)
    _put(main, wages=85_500, tax_exempt_interest=120, taxable_interest=1_800)
    if year > 2021:
        _put(main, w2_wages=85_000, tip_income=500)
    _put(main, qualified_dividends=1_200, ordinary_dividends=1_700)
    _put(main, ira_distributions=3_000, taxable_ira=2_000, pensions=4_000, taxable_pensions=3_500)
    _put(main, social_security=10_000, taxable_social_security=8_500)
    forms = {
        "form_1040": main,
        "schedule_1": _schedule_1(year),
        "schedule_3": _schedule_3(year),
        "schedule_b": _schedule_b(),
    }
    income = 85_500 + 1_800 + 1_700 + 2_000 + 3_500 + 8_500 + 6_200
    adjustments = int(forms["schedule_1"]["total_adjustments"])
    agi = income - adjustments
    _put(main, additional_income=6_200, total_income=income)
    _put(main, adjustments=adjustments, adjusted_gross_income=agi)
    law = PARAMETERS[year]
    standard = law.standard_deduction[Status.JOINT] + law.extra_married
    gifts = 600 if year == 2021 else 0
    if gifts:
        _put(main, charitable_cash_contributions=gifts, deductions_total=standard + gifts)
    taxable = agi - standard - gifts - 100
    _put(main, deductions=standard, qbi_deduction=100, total_deductions=standard + gifts + 100)
    tax = tax_with_gains(Decimal(taxable), Decimal(1_200), law, Status.JOINT)
    _put(main, taxable_income=taxable, tax=tax, schedule_2_tax=150, tax_before_credits=tax + 150)
    forms["schedule_8812"] = _family_8812(year, agi, tax + 150 - 465)
    child, refundable = (500, 3_300) if year == 2021 else (4_500, 0)
    _put(main, child_tax_credit=child, additional_child_tax_credit=refundable)
    _settle(main, credits=child + 565, other_taxes=300, schedule_3=565)
    _put(main, withheld_w2=12_000, withheld_1099=300, withheld_other=10, withheld_total=12_310)
    _put(main, estimated_payments=400, american_opportunity_credit=1_000)
    payments = int(forms["schedule_3"]["payments_and_refundable_credits_total"])
    _put(main, schedule_3_payments=payments)
    _put(main, refundable_credits_total=refundable + 1_000 + payments)
    _balance(main, 12_310 + 400 + refundable + 1_000 + payments)
    main |= {
        "routing_number": "019000033",
        "account_type_checking": True,
        "account_number": "12345-678",
        "third_party_designee_yes": True,
        "designee_name": "Dora Hill",
        "designee_phone": "9375550188",
        "designee_pin": "12345",
        "taxpayer_ip_pin": "123456",
        "spouse_ip_pin": "654321",
        "preparer_name": "Paul Penn",
        "preparer_signature": True,
        "preparer_ptin": "P90000001",
        "firm_name": "Penn and Co",
        "firm_ein": "071234567",
    }
    return forms


def _schedule_1(year: int) -> dict[str, Any]:
    form: dict[str, Any] = {"names_shown": "Ada M and Carl Fielding", "taxpayer_ssn": FILER}
    _put(form, taxable_refunds=200, alimony_received=1_000, rental_income=4_000, unemployment=600)
    _put(form, net_operating_loss=100, gambling_income=300, jury_duty_pay=50, other_income=150)
    _put(form, total_other_income=400, total_additional_income=6_200)
    educator = 250 if year == 2021 else 300
    _put(form, educator_expenses=educator, early_withdrawal_penalty=40, alimony_paid=500)
    _put(form, student_loan_interest=700, jury_duty_pay_repaid=20, other_adjustments=30)
    _put(form, total_other_adjustments=50, total_adjustments=educator + 1_290)
    return form | {
        "alimony_received_agreement_date": "2015-05-01",
        "other_income_type_1": "Study stipend",
        "alimony_recipient_ssn": "900140001",
        "alimony_paid_agreement_date": "2012-09-30",
        "other_adjustments_type_1": "Repaid pay",
    }


def _schedule_3(year: int) -> dict[str, Any]:
    form: dict[str, Any] = {"names_shown": "Ada M and Carl Fielding", "taxpayer_ssn": FILER}
    _put(form, foreign_tax_credit=30, education_credits=400)
    if year == 2023:
        _put(form, residential_clean_energy_credit=60, energy_efficient_home_credit=40)
    else:
        _put(form, residential_energy_credits=100)
    _put(form, general_business_credit=25, other_nonrefundable_credits=10)
    _put(form, total_other_nonrefundable_credits=35, nonrefundable_credits_total=565)
    _put(form, extension_payment=200, excess_social_security_withheld=15, form_2439_credit=5)
    _put(form, other_payments=6, total_other_payments=11)
    _put(form, payments_and_refundable_credits_total=226)
    return form | {
        "other_nonrefundable_credits_type_1": "Form 8912",
        "other_payments_type_2": "Section 1341",
    }


def _schedule_b() -> dict[str, Any]:
    form: dict[str, Any] = {"names_shown": "Ada M and Carl Fielding", "taxpayer_ssn": FILER}
    _put(form, interest_1_amount=1_300, interest_2_amount=550, interest_total=1_850)
    _put(form, excludable_savings_bond_interest=50, taxable_interest=1_800)
    _put(form, dividends_1_amount=1_000, dividends_2_amount=700, ordinary_dividends=1_700)
    return form | {
        "interest_1_payer": "Union Trust",
        "interest_2_payer": "US Treasury",
        "dividends_1_payer": "Castle Foods",
        "dividends_2_payer": "Atlas Fund",
        "foreign_account_yes": True,
        "fincen_114_required_yes": True,
        "foreign_account_countries": "Canada",
        "foreign_trust_no": True,
    }


def _family_8812(year: int, agi: int, limit: Decimal) -> dict[str, Any]:
    form: dict[str, Any] = {"names_shown": "Ada M and Carl Fielding", "taxpayer_ssn": FILER}
    _put(form, adjusted_gross_income=agi, puerto_rico_income=50, excluded_income_total=50)
    _put(form, modified_agi=agi + 50, qualifying_children=2, other_dependents=1)
    _put(form, other_dependents_credit=500, phaseout_threshold=400_000, income_over_threshold=0)
    _put(form, phaseout=0)
    if year > 2021:
        _put(form, children_credit=4_000, credits_total=4_500, credit_after_phaseout=4_500)
        _put(form, credit_limit=limit, nonrefundable_credit=4_500)
        return form | {"credit_exceeds_phaseout_yes": True}
    _put(form, children_under_6=1, children_6_to_17=1, children_credit=6_600)
    _put(form, credits_total=7_100, credit_after_phaseout=7_100)
    _put(form, other_dependents_credit_after_phaseout=500, children_credit_after_phaseout=6_600)
    _put(form, other_dependents_credit_limit=limit, other_dependents_credit_limited=500)
    _put(form, refundable_filer_credit=7_100, advance_payments=3_300)
    _put(form, refundable_filer_credit_left=3_800, other_dependents_credit_allowed=500)
    _put(form, refundable_child_tax_credit=3_300)
    return form | {"abode_in_united_states": True}


def small_earner(year: int) -> Forms:
    """Head of household, three children, little income: Parts II-A and II-B of Schedule 8812.

    In 2021 the family lived abroad: Part I-C.
    """
    law = PARAMETERS[year]
    main = _heading(year, "head_of_household") | _dependents(3, 0)
    _put(main, wages=20_000, total_income=20_000, adjusted_gross_income=20_000)
    if year > 2021:
        _put(main, w2_wages=20_000)
    standard = law.standard_deduction[Status.HEAD]
    _put(main, deductions=standard, total_deductions=standard)
    if year == 2021:
        _put(main, deductions_total=standard)
    taxable = max(20_000 - standard, 0)
    tax = figured_tax(Decimal(taxable), law, Status.HEAD)
    _put(main, taxable_income=taxable, tax=tax, tax_before_credits=tax)
    schedule, refundable = _small_8812(year, tax)
    _put(main, child_tax_credit=tax, additional_child_tax_credit=refundable)
    _settle(main, credits=tax, other_taxes=0)
    credit = {2021: 6_622, 2022: 6_935, 2023: 7_430}[year]
    _put(main, withheld_w2=500, withheld_total=500, earned_income_credit=credit)
    rebate = 1_400 if year == 2021 else 0
    if rebate:
        _put(main, recovery_rebate_credit=rebate)
    _put(main, refundable_credits_total=credit + refundable + rebate)
    _balance(main, 500 + credit + refundable + rebate)
    return {"form_1040": main, "schedule_8812": schedule}


def _small_8812(year: int, tax: Decimal) -> tuple[dict[str, Any], Decimal]:
    form: dict[str, Any] = {"names_shown": "Ada M Fielding", "taxpayer_ssn": FILER}
    full = 9_000 if year == 2021 else 6_000
    _put(form, adjusted_gross_income=20_000, modified_agi=20_000, qualifying_children=3)
    _put(form, children_credit=full, credits_total=full, phaseout_threshold=200_000)
    _put(form, income_over_threshold=0, phaseout=0, credit_after_phaseout=full)
    each = PARAMETERS[year].additional_child_credit
    _put(form, unused_credit=full - tax, actc_children=3, actc_limit=3 * each)
    _put(form, actc_maximum=3 * each, earned_income=20_000, earned_income_excess=17_500)
    _put(form, earned_income_share=2_625, social_security_medicare_withheld=1_530)
    _put(form, payroll_taxes=1_530, eic_and_excess_social_security=6_622)
    _put(form, payroll_taxes_excess=0, actc_larger_share=2_625, credit_limit=tax)
    form |= {"earned_income_over_floor_yes": True, "three_children_yes": True}
    if year > 2021:
        _put(form, nonrefundable_credit=tax, additional_child_tax_credit=2_625)
        return form | {"credit_exceeds_phaseout_yes": True}, Decimal(2_625)
    _put(form, children_under_6=0, children_6_to_17=3, credit_within_limit=tax)
    _put(form, actc_before_advance_payments=2_625, actc_computed=2_625)
    _put(form, other_filer_credit=tax + 2_625, other_filer_advance_payments=1_000)
    _put(form, other_filer_credit_left=tax + 1_625, nonrefundable_credit=tax)
    _put(form, additional_child_tax_credit=1_625)
    return form, Decimal(1_625)


def itemiser(year: int) -> Forms:
    """Single, Schedule A, an amount owed with a penalty."""
    law = PARAMETERS[year]
    main = _heading(year, "single")
    schedule: dict[str, Any] = {"names_shown": "Ada M Fielding", "taxpayer_ssn": FILER}
    _put(main, wages=150_000, total_income=150_000, adjusted_gross_income=150_000)
    if year > 2021:
        _put(main, w2_wages=150_000)
    _put(schedule, medical_expenses=15_000, adjusted_gross_income=150_000)
    _put(schedule, medical_expenses_floor=11_250, medical_deduction=3_750)
    _put(schedule, state_local_income_or_sales_taxes=9_000, real_estate_taxes=3_000)
    _put(schedule, personal_property_taxes=100, salt_total=12_100, salt_deduction=10_000)
    _put(schedule, other_taxes=50, taxes_deduction=10_050, mortgage_interest_form_1098=8_000)
    _put(schedule, mortgage_interest_not_on_1098=500, mortgage_points=100)
    insurance = 200 if year == 2021 else 0
    if insurance:
        _put(schedule, mortgage_insurance_premiums=insurance)
    _put(schedule, mortgage_interest_total=8_600 + insurance, investment_interest=300)
    _put(schedule, interest_deduction=8_900 + insurance, cash_gifts=1_000, noncash_gifts=500)
    _put(schedule, gifts_carryover=100, gifts_deduction=1_600, other_itemized=400)
    total = 24_700 + insurance
    _put(schedule, total_itemized_deductions=total)
    schedule |= {"other_taxes_type_1": "Foreign", "other_itemized_type_1": "Gambling losses"}
    _put(main, deductions=total, total_deductions=total, taxable_income=150_000 - total)
    if year == 2021:
        _put(main, deductions_total=total)
    tax = figured_tax(Decimal(150_000 - total), law, Status.SINGLE)
    _put(main, tax=tax, tax_before_credits=tax)
    _settle(main, credits=0, other_taxes=0)
    _put(main, withheld_w2=10_000, withheld_total=10_000, estimated_payments=2_000)
    _put(main, estimated_tax_penalty=50)
    _balance(main, 12_000)
    return {"form_1040": main, "schedule_a": schedule}


def repayer(year: int) -> Forms:
    """2021 only: the family, with Part III (excess advance payments) of Schedule 8812 filled in.

    Its amounts agree among themselves, not with Parts I-A and I-B.
    """
    forms = family(year)
    schedule = forms["schedule_8812"]
    agi = int(schedule["modified_agi"])
    _put(schedule, advance_payments_received=9_000, credit_before_advance_payments=7_100)
    _put(schedule, excess_advance_payments=1_900, advance_payment_children=3, children_counted=2)
    _put(schedule, children_not_counted=1, repayment_threshold=60_000)
    _put(schedule, repayment_income_excess=agi - 60_000, repayment_threshold_again=60_000)
    _put(schedule, repayment_ratio=Decimal("0.795"), repayment_protection_base=2_000)
    _put(schedule, repayment_protection_reduction=1_590, repayment_protection=410)
    _put(schedule, additional_tax=1_490)
    return forms


def _settle(
    main: dict[str, Any], credits: Decimal | int, other_taxes: int, schedule_3: int = 0
) -> None:
    """Lines 20 to 24."""
    after = max(_get(main, "tax_before_credits") - credits, Decimal(0))
    _put(main, schedule_3_credits=schedule_3, total_credits=credits, tax_after_credits=after)
    _put(main, other_taxes=other_taxes, total_tax=after + other_taxes)


def _balance(main: dict[str, Any], payments: Decimal | int) -> None:
    """Lines 33 to 37."""
    _put(main, total_payments=payments)
    over = payments - _get(main, "total_tax", "estimated_tax_penalty")
    if over > 0:
        _put(main, overpaid=over, applied_to_next_year=100, refund=over - 100)
    else:
        _put(main, amount_owed=-over)

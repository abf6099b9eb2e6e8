"""What an invented filer deducts, has paid, and tells North Carolina."""

from __future__ import annotations

from benchmarks.solved.pen import Pen

_ROUTING = "019000033"


def deduct(pen: Pen, year: int, status: str) -> None:
    if pen.luck(0.35):
        pen.put("1040", schedule_1_income_adjustments="yes")
        pen.put("1040_s1", educator_expenses=pen.money(50, 250))
        if pen.luck(0.4):
            pen.put("1040_s1", traditional_ira_deduction=pen.money(200, 5_900))
        if pen.luck(0.3):
            pen.put("1040_s1", alimony_paid=pen.money(500, 9_000), alimony_paid_ssn="900140001")
            pen.put("1040_s1", alimony_paid_date="09/30/2012")
        if pen.luck(0.3):
            pen.put("1040_s1", need_other_adjustments="yes", other_adjustments_type="Repaid pay")
            pen.put("1040_s1", other_adjustments_amount=pen.money(50, 600))
    if year == 2021 and status != "MarriedFilingSeparately":
        pen.put("1040", charitable_contributions_std_ded=pen.money(0, 300))
    medical = pen.luck(0.15)
    if pen.luck(0.4):
        pen.put("1040", itemize="yes")
        pen.put("1040_sa", itemize_though_less="yes")
    # Always one: of none it makes a sum that it then does not take for an amount.
    paid = pen.money(3_000, 22_000) if pen.luck(0.6) else 0
    pen.slip("1098", 0, box_1=paid, box_6=pen.money(0, 900) if paid and pen.luck(0.5) else 0)
    pen.put("1040", number_1098=1)
    pen.put(
        "1040_sa",
        medical_dental_expenses=pen.money(9_000, 40_000) if medical else pen.money(0, 2_000),
        state_local_real_estate_taxes=pen.money(0, 9_000),
        state_local_personal_property_taxes=pen.money(0, 600),
        charitable_cash_check=pen.money(0, 9_000),
        charitable_other_than_cash_check=pen.money(0, 450),
        charitable_carryover=pen.money(1, 300) if pen.luck(0.2) else 0,
    )
    if pen.luck(0.2):
        pen.put("1040_sa", other_taxes_amount=pen.money(10, 200), other_taxes_type="Foreign")
    if pen.luck(0.2):
        pen.put("1040_sa", other_mortgage_interest=pen.money(100, 900))
        pen.put("1040_sa", other_mortgage_interest_desc="Hugo Gray, 900160001, 1 Elm St, Boone")
    if pen.luck(0.2):
        pen.put("1040_sa", other_itemized=pen.money(50, 900), other_itemized_type="Gambling loss")


def save_for_health(pen: Pen, status: str) -> None:
    if pen.luck(0.2) and pen.inputs["1040"]["schedule_1_income_adjustments"] == "yes":
        pen.put("1040_s1", hsa_contribution_you="yes")
        pen.inputs["8889:you"] |= {
            "hsa_contributions": pen.money(100, 3_000),
            "age_under_55": "yes",
            "hsa_full_year": "yes",
        }


def pay(pen: Pen) -> None:
    if pen.luck(0.3):
        pen.put("1040", estimated_tax_payments=pen.money(200, 4_000))
    if pen.luck(0.15):
        pen.put("1040", other_federal_withholding=pen.money(20, 600))
    if pen.luck(0.3):
        pen.put("1040", apply_to_estimated_tax=pen.money(50, 600))
    pen.put("1040", tax_penalty=pen.money(5, 90) if pen.luck(0.5) else 0)
    pen.put("1040", routing_number=_ROUTING, account_number="12345678")
    pen.put("1040", checking_account=pen.rng.choice(("yes", "no")))


def file_with_the_state(pen: Pen, year: int, status: str) -> None:
    form = "nc_d-400"
    pen.put(form, veteran=pen.rng.choice(("yes", "no")), spouse_veteran="no")
    pen.put(form, federal_extension=pen.rng.choice(("yes", "no")))
    pen.put(form, try_itemizing="yes" if pen.luck(0.7) else "no")
    use_tax = pen.luck(0.3)
    pen.put(form, no_consumer_use_tax="no" if use_tax else "yes")
    if pen.luck(0.3):
        pen.put(form, estimated_tax=pen.money(50, 900), paid_with_extension=pen.money(0, 200))
    if pen.luck(0.15):
        pen.put(form, partnership_payments=pen.money(5, 90), s_corp_payments=pen.money(5, 90))
    if pen.luck(0.25):
        # Small: what is given away must not be more than what is overpaid.
        pen.put(form, nc_nongame_endangered_wildlife=5, nc_education_endowment=6)
        pen.put(form, nc_breast_cervical_cancer=7)
        pen.put(form, **{f"{year + 1}_estimated_income_tax": 10, "2022_estimated_income_tax": 10})
    pen.put(form, interest_on_underpayment=pen.money(1, 40) if pen.luck(0.4) else 0)
    if pen.luck(0.4):
        pen.put(form, deductions_from_agi="yes")
        pen.put("nc_d-400_ss", social_security_rrta=pen.money(1, 900))
        _some(pen, "nc_d-400_ss", ("state_local_refund", "interest_us_obligations"), 400)
        _some(pen, "nc_d-400_ss", ("bailey_settlement", "certain_military_retirement"), 4_000)
        if pen.luck(0.3):
            pen.put("nc_d-400_ss", bonus_depreciation="yes", section_179_expense="yes")
            for back in range(1, 6):
                pen.put("nc_d-400_ss", **{f"bonus_depreciation_{year - back}": 10 * back})
                pen.put("nc_d-400_ss", **{f"section_179_expense_{year - back}": back})
    if pen.luck(0.3):
        pen.put(form, additions_to_agi="yes")
        pen.put("nc_d-400_ss", interest_income_not_nc=pen.money(1, 900))
        _some(pen, "nc_d-400_ss", ("bonus_depreciation_deducted", "federal_basis_exceeds_nc"), 900)
    if pen.luck(0.2):
        pen.put("nc_d-400_sa", claim_of_right_income=pen.money(1, 500))


def _some(pen: Pen, form: str, names: tuple[str, ...], most: float) -> None:
    for name in names:
        if pen.luck(0.6):
            pen.put(form, **{name: pen.money(1, most)})

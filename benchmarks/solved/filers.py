"""Invented filers of North Carolina, as what they would type into the solver.

Varied in status, dependants, wages, interest, dividends, pensions, deductions, credits and
payments, by year; within what the solver has learnt (no earned income credit, no business).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.solved.program import Inputs

STATUSES = (
    "Single",
    "MarriedFilingJointly",
    "MarriedFilingSeparately",
    "HeadOfHousehold",
    "QualifyingSurvivingSpouse",
)
_STATE_STATUSES = ("Single", "MarriedFilingJointly", "HeadOfHousehold")
"""Version 0.2.1 stops at the D-400 of 2021 (it asks for a status that its list of that year does
not have), at a separate filer's (it fills in the text of its own code for the spouse's name) and
at a surviving spouse's (the year of death is a number where it wants a text)."""
_STATUS_ODDS = (0.3, 0.38, 0.1, 0.16, 0.06)
_FIRST = ("Ada", "Carl", "Dora", "Emil", "Frieda", "Gus", "Hanna", "Ivo", "Jana", "Karl", "Lena")
_LAST = ("Fielding", "Hill", "Penn", "Brook", "Stone", "Ashe", "Marsh", "Wood", "Lane", "Ford")
_PAYERS = ("Union Trust", "Castle Foods", "Atlas Fund", "First Bank", "Harbor Savings", "Elm Co")
_TOWNS = (
    ("Raleigh", "27601", "Wake"),
    ("Durham", "27701", "Durham"),
    ("Boone", "28607", "Watauga"),
)
_ROUTING = "019000033"

Answers = Mapping[str, Mapping[str, str]]
"""What the solver may ask, form by form, with the harmless answer."""


@dataclass(frozen=True)
class SolvedFiler:
    """One filer's inputs and which main forms can be asked for."""

    year: int
    status: str
    inputs: Inputs
    forms: tuple[str, ...]


class _Pen:
    """Writes amounts and answers into the inputs, by the luck of one filer."""

    def __init__(self, rng: np.random.Generator, answers: Answers) -> None:
        self.rng = rng
        self.inputs: Inputs = {
            form: dict(asked) for form, asked in answers.items() if not _is_counted(form)
        }
        self._answers = answers
        self._cents = rng.random() < 0.3

    def luck(self, share: float) -> bool:
        return bool(self.rng.random() < share)

    def money(self, low: float, high: float) -> str:
        amount = self.rng.uniform(low, high)
        return f"{amount:.2f}" if self._cents else f"{round(amount)}"

    def put(self, form: str, **values: object) -> None:
        """Keyword `number_w_2` is the input `number_w-2`."""
        known = self._answers[form]
        for name, value in values.items():
            key = name if name in known else name.replace("w_2", "w-2").replace("1099_", "1099-")
            # Not every year asks the same, or asks in the same way.
            if key in known and (known[key] != "no" or value in ("yes", "no")):
                self.inputs[form][key] = str(value)

    def slip(self, form: str, number: int, **values: object) -> None:
        """One information return that came in the mail."""
        section = dict(self._answers[form])
        section |= {name: str(value) for name, value in values.items()}
        self.inputs[f"{form}:{number}"] = section


def _is_counted(form: str) -> bool:
    """Several of them may come; each is a section of its own."""
    return form in ("w-2", "1098") or form.startswith("1099")


def invent_filer(rng: np.random.Generator, year: int, answers: Answers, number: int) -> SolvedFiler:
    """A filer of that year, from one stream of luck; no two numbers have the same identifiers."""
    pen = _Pen(rng, answers)
    status = str(rng.choice(STATUSES, p=_STATUS_ODDS))
    _name(pen, year, status, number)
    _dependents(pen, year, status)
    _income(pen, year, status)
    _deductions(pen, year, status)
    _payments(pen)
    _state(pen, year, status)
    # Each spouse's own form is asked for by its owner.
    for form in ("8606", "8889"):
        section = pen.inputs.pop(form, {})
        pen.inputs |= {f"{form}:{who}": dict(section) for who in ("you", "spouse")}
    _health_savings(pen, status)
    state = ("nc_d-400",) if year > 2021 and status in _STATE_STATUSES else ()
    return SolvedFiler(year, status, pen.inputs, ("1040", *state))


def _name(pen: _Pen, year: int, status: str, number: int) -> None:
    rng = pen.rng
    first, other = rng.choice(_FIRST, 2, replace=False)
    last = rng.choice(_LAST)
    town, postal, county = _TOWNS[int(rng.integers(len(_TOWNS)))]
    said = "QualifyingWidowWidower" if (year, status) == (2021, STATUSES[4]) else status
    pen.put(
        "1040",
        filing_status=said,
        first_name=first,
        middle_initial=rng.choice(("", "A", "M")),
        last_name=last,
        you_ssn=f"9001{number:05d}",
        spouse_ssn=f"9002{number:05d}",
        spouse_first_name=other,
        spouse_last_name=last,
        occupation="Teacher",
        spouse_occupation="Nurse",
        phone_number="9195550123",
        email_address="filer@example.com",
        home_address=f"{rng.integers(1, 999)} Orchard Lane",
        city=town,
        state="NC",
        zip=postal,
        you_presidential_election=rng.choice(("yes", "no")),
        spouse_presidential_election="yes" if "Joint" in status and pen.luck(0.5) else "no",
    )
    pen.put("nc_d-400", county=county, nc_residents="yes")


def _dependents(pen: _Pen, year: int, status: str) -> None:
    """Children for whom there is a credit come first."""
    least = 1 if status in STATUSES[3:] else 0
    count = max(least, int(pen.rng.choice((0, 0, 1, 2, 3, 4))))
    children = int(pen.rng.integers(0, count + 1))
    for row in range(count):
        child = row < children
        pen.put(
            "1040",
            **{
                f"dependent_{row}_name": f"Child{row} {pen.inputs['1040']['last_name']}",
                f"dependent_{row}_ssn": f"9003{pen.rng.integers(0, 900)}{row + 1}".ljust(9, "1"),
                f"dependent_{row}_relationship": "Son" if child else "Mother",
                f"dependent_{row}_ctc": "yes" if child else "no",
                f"dependent_{row}_odc": "no" if child else "yes",
            },
        )
    small = int(pen.rng.integers(0, children + 1))
    pen.put("1040", number_dependents=count)
    pen.put(
        "1040_s8812",
        number_under_17=children,
        number_under_18=children,
        number_under_6=small,
        principal_abode_us="yes",
        number_children_letter=children,
        advance_ctc_payments=(
            int(pen.rng.choice((0, 0, 750, 1500))) * children if year == 2021 else 0
        ),
    )
    if year == 2021:
        pen.put(
            "1040_recovery_rebate_credit_wkst",
            ssn_before_due_date="yes",
            dependents_ssn_before_due_date=count,
            eip_3_amount=1400 * int(pen.rng.integers(0, 2)),
        )


def _income(pen: _Pen, year: int, status: str) -> None:
    joint = status == "MarriedFilingJointly"
    low, high = (62_000, 240_000) if joint else (56_000, 170_000)
    if pen.luck(0.1):
        low, high = 300, 40_000
    slips = int(pen.rng.integers(1, 4))
    for number in range(slips):
        wages = pen.money(low / slips, high / slips)
        spouse = joint and number % 2
        pen.slip(
            "w-2",
            number,
            belongs_to="spouse" if spouse else "taxpayer",
            box_1=wages,
            box_2=pen.money(0.04 * float(wages), 0.2 * float(wages)),
            box_3=wages,
            box_5=wages,
            box_15="NC",
            box_16=wages,
            box_17=pen.money(0.02 * float(wages), 0.055 * float(wages)),
        )
    pen.put("1040", number_w_2=slips)
    _interest(pen)
    _dividends(pen)
    if pen.luck(0.3):
        pen.slip("1099-g", 0, box_2=pen.money(50, 900), box_10a_1="NC")
        pen.put("1040", number_1099_g=1)
    if pen.luck(0.25) and year > 2021:
        gross = float(pen.money(2_000, 30_000))
        part = round(gross * pen.rng.choice((0.5, 0.8, 1.0)), 2)
        ira = pen.luck(0.4)
        pen.slip(
            "1099-r",
            0,
            belongs_to="taxpayer",
            box_1=gross,
            box_2a=gross if ira else part,
            box_4=pen.money(0, 0.15 * gross),
            box_7_ira_sep_simple="yes" if ira else "no",
            box_14_1=pen.money(0, 200),
            box_14_1_state="NC",
        )
        pen.put("1040", number_1099_r=1)
    if pen.luck(0.15):
        pen.put("1040", **{"non_w-2_household_employee_income": pen.money(100, 3_000)})
        pen.put("1040", **{"non_w-2_tip_income": pen.money(100, 3_000)})
        pen.put("1040", other_earned_income=pen.money(100, 3_000))
    if pen.luck(0.3):
        pen.put("1040", schedule_1_additional_income="yes")
        pen.put("1040_s1", unemployment_income=pen.money(100, 5_000))
        if pen.luck(0.4):
            pen.put("1040_s1", alimony_received=pen.money(500, 9_000))
            pen.put("1040_s1", alimony_received_date="05/01/2015")
        if pen.luck(0.5):
            pen.put("1040_s1", need_other_income="yes", other_income_type="Study stipend")
            pen.put("1040_s1", other_income_amount=pen.money(50, 2_000))


def _interest(pen: _Pen) -> None:
    count = int(pen.rng.choice((0, 1, 2, 4, 7)))
    for number in range(count):
        pen.slip(
            "1099-int",
            number,
            payer=f"{_PAYERS[number % len(_PAYERS)]} {number + 1}",
            belongs_to="taxpayer",
            box_1=pen.money(5, 900),
            box_2=pen.money(1, 40) if pen.luck(0.2) else 0,
            box_3=pen.money(5, 300) if pen.luck(0.3) else 0,
            box_4=pen.money(1, 40) if pen.luck(0.2) else 0,
            box_6=pen.money(1, 30) if pen.luck(0.2) else 0,
            box_8=pen.money(1, 200) if pen.luck(0.3) else 0,
        )
    pen.put("1040", number_1099_int=count)


def _dividends(pen: _Pen) -> None:
    count = int(pen.rng.choice((0, 0, 1, 2, 5)))
    for number in range(count):
        ordinary = float(pen.money(20, 2_500))
        pen.slip(
            "1099-div",
            number,
            payer=f"{_PAYERS[-1 - number % len(_PAYERS)]} {number + 1}",
            belongs_to="taxpayer",
            box_1a=ordinary,
            box_1b=round(ordinary * pen.rng.choice((0.0, 0.4, 1.0)), 2),
            box_2a=pen.money(1, 4_000) if pen.luck(0.4) else 0,
            box_4=pen.money(1, 40) if pen.luck(0.2) else 0,
            box_5=pen.money(1, 0.5 * ordinary) if pen.luck(0.3) else 0,
            box_7=pen.money(1, 30) if pen.luck(0.3) else 0,
            box_12=pen.money(1, 200) if pen.luck(0.3) else 0,
        )
    pen.put("1040", number_1099_div=count)


def _deductions(pen: _Pen, year: int, status: str) -> None:
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


def _health_savings(pen: _Pen, status: str) -> None:
    if pen.luck(0.2) and pen.inputs["1040"]["schedule_1_income_adjustments"] == "yes":
        pen.put("1040_s1", hsa_contribution_you="yes")
        pen.inputs["8889:you"] |= {
            "hsa_contributions": pen.money(100, 3_000),
            "age_under_55": "yes",
            "hsa_full_year": "yes",
        }


def _payments(pen: _Pen) -> None:
    if pen.luck(0.3):
        pen.put("1040", estimated_tax_payments=pen.money(200, 4_000))
    if pen.luck(0.15):
        pen.put("1040", other_federal_withholding=pen.money(20, 600))
    if pen.luck(0.3):
        pen.put("1040", apply_to_estimated_tax=pen.money(50, 600))
    pen.put("1040", tax_penalty=pen.money(5, 90) if pen.luck(0.5) else 0)
    pen.put("1040", routing_number=_ROUTING, account_number="12345678")
    pen.put("1040", checking_account=pen.rng.choice(("yes", "no")))


def _state(pen: _Pen, year: int, status: str) -> None:
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


def _some(pen: _Pen, form: str, names: tuple[str, ...], most: float) -> None:
    for name in names:
        if pen.luck(0.6):
            pen.put(form, **{name: pen.money(1, most)})

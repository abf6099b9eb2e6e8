"""What an invented filer earned: the information returns that came in the mail."""

from __future__ import annotations

from benchmarks.solved.pen import Pen

_PAYERS = ("Union Trust", "Castle Foods", "Atlas Fund", "First Bank", "Harbor Savings", "Elm Co")


def earn(pen: Pen, year: int, status: str) -> None:
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


def _interest(pen: Pen) -> None:
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


def _dividends(pen: Pen) -> None:
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

"""The law's numbers for tax years 2021 to 2023, as the sample maker's filers use them.

They are written down here a second time on purpose: the truth of a sample must not come
from `departments/`, which is what the sample puts to the test. Sources: Rev. Proc. 2020-45,
2021-45 and 2022-38; the instructions for Form 1040 and Schedule 8812 of each year; for 2021
also the American Rescue Plan Act.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

YEARS = (2021, 2022, 2023)


class Status(StrEnum):
    """Filing status; the values are the options of the group `filing_status`."""

    SINGLE = "single"
    JOINT = "married_filing_jointly"
    SEPARATE = "married_filing_separately"
    HEAD = "head_of_household"
    SURVIVING = "qualifying_surviving_spouse"

    @property
    def column(self) -> Status:
        """Whose brackets apply: a surviving spouse uses those of a joint return."""
        return Status.JOINT if self is Status.SURVIVING else self


RATES = tuple(Decimal(rate) for rate in ("0.10", "0.12", "0.22", "0.24", "0.32", "0.35", "0.37"))

Amounts = dict[Status, int]
Ladder = dict[Status, tuple[int, ...]]


@dataclass(frozen=True)
class EarnedIncomeCredit:
    """One column of the earned income credit: for that many children."""

    rate: Decimal
    earned_amount: int
    maximum: int
    phaseout_rate: Decimal
    phaseout_start: int
    phaseout_start_joint: int


@dataclass(frozen=True)
class YearParameters:
    """What changes from year to year. Amounts in dollars."""

    year: int
    brackets: Ladder
    """Taxable income at which each rate but the last ends."""
    standard_deduction: Amounts
    extra_married: int
    """For each box of age or blindness ticked, on the returns of the married."""
    extra_unmarried: int
    gains_free: Amounts
    """Taxable income up to which gains and qualified dividends are taxed at 0 %."""
    gains_low: Amounts
    """… and up to which at 15 %."""
    additional_child_credit: int
    """Most that a child adds to the additional child tax credit."""
    educator_limit: int
    ira_limit: int
    earned_income_credit: tuple[EarnedIncomeCredit, ...]
    """By number of children: 0, 1, 2, 3 or more."""
    investment_income_limit: int
    social_security_wage_base: int


def _ladder(single: str, joint: str, head: str, separate: str) -> Ladder:
    columns = (Status.SINGLE, Status.JOINT, Status.HEAD, Status.SEPARATE)
    texts = (single, joint, head, separate)
    return {
        column: tuple(int(step) for step in text.split())
        for column, text in zip(columns, texts, strict=True)
    }


def _amounts(single: int, joint: int, head: int, separate: int) -> Amounts:
    return {
        Status.SINGLE: single,
        Status.JOINT: joint,
        Status.HEAD: head,
        Status.SEPARATE: separate,
    }


def _eic(*columns: str) -> tuple[EarnedIncomeCredit, ...]:
    credits = []
    for column in columns:
        rate, earned, maximum, out_rate, start, start_joint = column.split()
        credits.append(
            EarnedIncomeCredit(
                rate=Decimal(rate),
                earned_amount=int(earned),
                maximum=int(maximum),
                phaseout_rate=Decimal(out_rate),
                phaseout_start=int(start),
                phaseout_start_joint=int(start_joint),
            )
        )
    return tuple(credits)


PARAMETERS: dict[int, YearParameters] = {
    2021: YearParameters(
        year=2021,
        brackets=_ladder(
            single="9950 40525 86375 164925 209425 523600",
            joint="19900 81050 172750 329850 418850 628300",
            head="14200 54200 86350 164900 209400 523600",
            separate="9950 40525 86375 164925 209425 314150",
        ),
        standard_deduction=_amounts(12550, 25100, 18800, 12550),
        extra_married=1350,
        extra_unmarried=1700,
        gains_free=_amounts(40400, 80800, 54100, 40400),
        gains_low=_amounts(445850, 501600, 473750, 250800),
        additional_child_credit=1400,
        educator_limit=250,
        ira_limit=6000,
        earned_income_credit=_eic(
            "0.153 9820 1502 0.153 11610 17560",
            "0.34 10640 3618 0.1598 19520 25470",
            "0.40 14950 5980 0.2106 19520 25470",
            "0.45 14950 6728 0.2106 19520 25470",
        ),
        investment_income_limit=10000,
        social_security_wage_base=142800,
    ),
    2022: YearParameters(
        year=2022,
        brackets=_ladder(
            single="10275 41775 89075 170050 215950 539900",
            joint="20550 83550 178150 340100 431900 647850",
            head="14650 55900 89050 170050 215950 539900",
            separate="10275 41775 89075 170050 215950 323925",
        ),
        standard_deduction=_amounts(12950, 25900, 19400, 12950),
        extra_married=1400,
        extra_unmarried=1750,
        gains_free=_amounts(41675, 83350, 55800, 41675),
        gains_low=_amounts(459750, 517200, 488500, 258600),
        additional_child_credit=1500,
        educator_limit=300,
        ira_limit=6000,
        earned_income_credit=_eic(
            "0.0765 7320 560 0.0765 9160 15290",
            "0.34 10980 3733 0.1598 20130 26260",
            "0.40 15410 6164 0.2106 20130 26260",
            "0.45 15410 6935 0.2106 20130 26260",
        ),
        investment_income_limit=10300,
        social_security_wage_base=147000,
    ),
    2023: YearParameters(
        year=2023,
        brackets=_ladder(
            single="11000 44725 95375 182100 231250 578125",
            joint="22000 89450 190750 364200 462500 693750",
            head="15700 59850 95350 182100 231250 578100",
            separate="11000 44725 95375 182100 231250 346875",
        ),
        standard_deduction=_amounts(13850, 27700, 20800, 13850),
        extra_married=1500,
        extra_unmarried=1850,
        gains_free=_amounts(44625, 89250, 59750, 44625),
        gains_low=_amounts(492300, 553850, 523050, 276900),
        additional_child_credit=1600,
        educator_limit=300,
        ira_limit=6500,
        earned_income_credit=_eic(
            "0.0765 7840 600 0.0765 9800 16370",
            "0.34 11750 3995 0.1598 21560 28120",
            "0.40 16510 6604 0.2106 21560 28120",
            "0.45 16510 7430 0.2106 21560 28120",
        ),
        investment_income_limit=11000,
        social_security_wage_base=160200,
    ),
}


def salt_cap(status: Status) -> int:
    """Most that Schedule A takes of state and local taxes (line 5e)."""
    return 5000 if status is Status.SEPARATE else 10000


def credit_threshold(status: Status) -> int:
    """Schedule 8812, line 9: where the credits for children begin to shrink."""
    return 400_000 if status is Status.JOINT else 200_000


def standard_deduction(parameters: YearParameters, status: Status, boxes: int) -> int:
    """The standard deduction with `boxes` ticked for age and blindness."""
    married = status in (Status.JOINT, Status.SEPARATE, Status.SURVIVING)
    extra = parameters.extra_married if married else parameters.extra_unmarried
    return parameters.standard_deduction[status.column] + boxes * extra

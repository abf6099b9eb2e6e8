"""Tax, worksheets and tables: the figuring that a filer does beside the form.

Amounts are `Decimal` dollars. `unit` is what the filer rounds to: 1 or 0.01.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from benchmarks.samples.parameters import RATES, Status, YearParameters

ZERO = Decimal(0)
WHOLE = Decimal(1)
CENT = Decimal("0.01")
TABLE_END = Decimal(100_000)


def rounded(amount: Decimal, unit: Decimal = WHOLE) -> Decimal:
    """To whole dollars or cents, halves up, as the instructions ask."""
    return amount.quantize(unit, rounding=ROUND_HALF_UP)


def bracket_tax(taxable: Decimal, parameters: YearParameters, status: Status) -> Decimal:
    """Tax by the rate schedule, unrounded."""
    tax, floor = ZERO, ZERO
    ladder = parameters.brackets[status.column]
    for rate, step in zip(RATES, ladder, strict=False):
        top = Decimal(step)
        if taxable <= top:
            return tax + (taxable - floor) * rate
        tax += (top - floor) * rate
        floor = top
    return tax + (taxable - floor) * RATES[-1]


def table_midpoint(taxable: Decimal) -> Decimal:
    """Middle of the Tax Table's row: rows are 5, 10, 25 and, from 3,000 on, 50 dollars wide."""
    if taxable < 5:
        return ZERO
    if taxable < 25:
        return Decimal(10) if taxable < 15 else Decimal(20)
    width = Decimal(25) if taxable < 3000 else Decimal(50)
    start = (taxable / width).to_integral_value(rounding=ROUND_FLOOR) * width
    return start + width / 2


def figured_tax(
    taxable: Decimal, parameters: YearParameters, status: Status, unit: Decimal = WHOLE
) -> Decimal:
    """Tax by the Tax Table below 100,000 dollars, else by the Tax Computation Worksheet."""
    if taxable < TABLE_END:
        return rounded(bracket_tax(table_midpoint(taxable), parameters, status))
    return rounded(bracket_tax(taxable, parameters, status), unit)


def tax_with_gains(
    taxable: Decimal,
    favoured: Decimal,
    parameters: YearParameters,
    status: Status,
    unit: Decimal = WHOLE,
) -> Decimal:
    """The Qualified Dividends and Capital Gain Tax Worksheet.

    `favoured` is qualified dividends plus the smaller of net long-term gain and net gain.
    """
    favoured = min(max(favoured, ZERO), taxable)
    ordinary = taxable - favoured
    column = status.column
    free_limit = Decimal(parameters.gains_free[column])
    low_limit = Decimal(parameters.gains_low[column])
    free = min(taxable, free_limit) - min(ordinary, free_limit)
    room_at_15 = max(min(taxable, low_limit) - (ordinary + free), ZERO)
    at_15 = min(favoured - free, room_at_15)
    at_20 = favoured - free - at_15
    tax = (
        rounded(at_15 * Decimal("0.15"), unit)
        + rounded(at_20 * Decimal("0.20"), unit)
        + figured_tax(ordinary, parameters, status, unit)
    )
    return min(tax, figured_tax(taxable, parameters, status, unit))


def taxable_social_security(
    benefits: Decimal, other_income: Decimal, status: Status, unit: Decimal = WHOLE
) -> Decimal:
    """The Social Security Benefits Worksheet.

    `other_income` is all other income, tax-exempt interest included, less adjustments. A
    married person filing separately is taken to have lived with the spouse.
    """
    half = benefits / 2
    combined = half + other_income
    ceiling = benefits * Decimal("0.85")
    if combined <= 0 or benefits <= 0:
        return ZERO
    if status is Status.SEPARATE:
        return rounded(min(combined * Decimal("0.85"), ceiling), unit)
    base, band = (32_000, 12_000) if status is Status.JOINT else (25_000, 9_000)
    excess = max(combined - base, ZERO)
    over_band = max(excess - band, ZERO)
    lower = min(min(excess, Decimal(band)) / 2, half)
    return rounded(min(lower + over_band * Decimal("0.85"), ceiling), unit)


def earned_income_credit(
    earned: Decimal,
    income: Decimal,
    children: int,
    parameters: YearParameters,
    status: Status,
) -> Decimal:
    """The credit by the EIC Table: rows of 50 dollars, figured at their middle."""
    column = parameters.earned_income_credit[min(children, 3)]
    joint = status is Status.JOINT
    start = Decimal(column.phaseout_start_joint if joint else column.phaseout_start)

    def looked_up(amount: Decimal) -> Decimal:
        if amount < 1:
            return ZERO
        middle = (amount / 50).to_integral_value(rounding=ROUND_FLOOR) * 50 + 25
        grown = min(middle * column.rate, Decimal(column.maximum))
        lost = max(middle - start, ZERO) * column.phaseout_rate
        return rounded(max(min(grown, Decimal(column.maximum) - lost), ZERO))

    credit = looked_up(earned)
    if income != earned and income >= start:
        credit = min(credit, looked_up(income))
    return credit


def next_thousand(amount: Decimal) -> Decimal:
    """Zero or less is 0; else up to the next multiple of 1,000."""
    return max((amount / 1000).to_integral_value(rounding=ROUND_CEILING) * 1000, ZERO)

"""A whole return, figured in the order in which a filer must: Form 1040 and what it attaches.

Nothing here looks at `departments/`: this is the truth that the department's rules are held to.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from benchmarks.samples.arithmetic_children import (
    children_of,
    schedule_8812_additional,
    schedule_8812_credit,
    schedule_8812_of_2021,
)
from benchmarks.samples.arithmetic_ledger import FormLine, Ledger, Slip
from benchmarks.samples.arithmetic_schedules import (
    needs_schedule_b,
    schedule_1_adjustments,
    schedule_1_income,
    schedule_3_credits,
    schedule_3_payments,
    schedule_a,
    schedule_b,
)
from benchmarks.samples.arithmetic_tax import (
    WHOLE,
    ZERO,
    earned_income_credit,
    figured_tax,
    tax_with_gains,
    taxable_social_security,
)
from benchmarks.samples.parameters import PARAMETERS, Status, standard_deduction
from benchmarks.samples.returns_economy import Facts

MAIN = "form_1040"


def figure_return(
    facts: Facts, unit: Decimal = WHOLE, slips: Mapping[FormLine, Slip] | None = None
) -> Ledger:
    """All amounts of a return, rounded to `unit` line by line, with the given slips made."""
    ledger = Ledger(unit=unit, slips=slips or {})
    _income(ledger, facts)
    _deductions(ledger, facts)
    _tax_and_credits(ledger, facts)
    _payments(ledger, facts)
    _settle(ledger, facts)
    return ledger


def wage_line(year: int) -> str:
    """Where all wages come together."""
    return "1" if year == 2021 else "1z"


def age_boxes(facts: Facts) -> dict[str, bool]:
    """The boxes for age and blindness, by field name. Born before 2 January counts as 65."""
    people = {"taxpayer": facts.household.taxpayer}
    if facts.household.spouse and facts.status is Status.JOINT:
        people["spouse"] = facts.household.spouse
    boxes = {}
    for role, person in people.items():
        boxes[f"{role}_65_or_older"] = facts.year - person.born >= 65
        boxes[f"{role}_blind"] = person.blind
    return boxes


def _income(ledger: Ledger, facts: Facts) -> None:
    if needs_schedule_b(facts):
        schedule_b(ledger, facts)
    if facts.year == 2021:
        ledger.put(MAIN, "1", facts.wages + facts.tips)
    else:
        ledger.put(MAIN, "1a", facts.wages)
        ledger.put(MAIN, "1c", facts.tips)
        wages = ledger.total(MAIN, [f"1{letter}" for letter in "abcdefgh"])
        ledger.put(MAIN, "1z", wages, answer=True)
    _capital_income(ledger, facts)
    if facts.ira:
        ledger.put(MAIN, "4a", facts.ira)
        ledger.put(MAIN, "4b", facts.ira)
    if facts.pension:
        ledger.put(MAIN, "5a", facts.pension)
        ledger.put(MAIN, "5b", facts.pension * facts.pension_taxable_share)
    schedule_1_income(ledger, facts)
    schedule_1_adjustments(ledger, facts)
    ledger.put(MAIN, "8", ledger.get("schedule_1", "10"))
    others = (wage_line(facts.year), "2b", "3b", "4b", "5b", "7", "8")
    if facts.social_security:
        ledger.put(MAIN, "6a", facts.social_security)
        before = ledger.get("schedule_1", "26") - ledger.get("schedule_1", "21")
        beside = ledger.total(MAIN, (*others, "2a")) - before
        taxable = taxable_social_security(ledger.get(MAIN, "6a"), beside, facts.status, ledger.unit)
        ledger.put(MAIN, "6b", taxable, answer=True)
    ledger.put(MAIN, "9", ledger.total(MAIN, (*others, "6b")), answer=True)
    ledger.put(MAIN, "10", ledger.get("schedule_1", "26"))
    ledger.put(MAIN, "11", ledger.get(MAIN, "9") - ledger.get(MAIN, "10"), answer=True)


def _capital_income(ledger: Ledger, facts: Facts) -> None:
    ledger.put(MAIN, "2a", facts.tax_exempt_interest)
    interest = sum((amount for _, amount in facts.interest), start=ZERO)
    dividends = sum((amount for _, amount in facts.dividends), start=ZERO)
    with_b = needs_schedule_b(facts)
    ledger.put(MAIN, "2b", ledger.get("schedule_b", "4") if with_b else interest)
    ledger.put(MAIN, "3b", ledger.get("schedule_b", "6") if with_b else dividends)
    ledger.put(MAIN, "3a", ledger.get(MAIN, "3b") * facts.qualified_share)
    ledger.put(MAIN, "7", facts.capital_gain)
    if facts.gain_is_distribution:
        ledger.marks[MAIN, "7"] = True


def _deductions(ledger: Ledger, facts: Facts) -> None:
    income = ledger.get(MAIN, "11")
    boxes = sum(age_boxes(facts).values())
    standard = Decimal(standard_deduction(PARAMETERS[facts.year], facts.status, boxes))
    itemises = False
    if facts.itemised:
        itemises = schedule_a(Ledger(unit=ledger.unit), facts, income) > standard
    deduction = schedule_a(ledger, facts, income) if itemises else standard
    if facts.year == 2021:
        ledger.put(MAIN, "12a", deduction, answer=True)
        if not itemises and facts.charity_beside_standard:
            most = 600 if facts.status is Status.JOINT else 300
            ledger.put(MAIN, "12b", min(facts.charity_beside_standard, Decimal(most)))
        ledger.put(MAIN, "12c", ledger.total(MAIN, ("12a", "12b")), answer=True)
    else:
        ledger.put(MAIN, "12", deduction, answer=True)
    last = "12c" if facts.year == 2021 else "12"
    ledger.put(MAIN, "14", ledger.total(MAIN, (last, "13")), answer=True)
    ledger.put(MAIN, "15", max(income - ledger.get(MAIN, "14"), ZERO), answer=True)


def _tax_and_credits(ledger: Ledger, facts: Facts) -> None:
    parameters = PARAMETERS[facts.year]
    taxable = ledger.get(MAIN, "15")
    favoured = ledger.get(MAIN, "3a") + max(ledger.get(MAIN, "7"), ZERO)
    if favoured:
        tax = tax_with_gains(taxable, favoured, parameters, facts.status, ledger.unit)
    else:
        tax = figured_tax(taxable, parameters, facts.status, ledger.unit)
    ledger.put(MAIN, "16", tax, answer=True)
    ledger.put(MAIN, "18", ledger.total(MAIN, ("16", "17")), answer=True)
    schedule_3_credits(ledger, facts, ledger.get(MAIN, "18"))
    if facts.household.dependants:
        if facts.year == 2021:
            share = facts.withholding_aim % Decimal("0.2") * Decimal("2.5")
            schedule_8812_of_2021(ledger, facts, min(share + Decimal("0.3"), Decimal("0.5")))
            credit = ledger.get("schedule_8812", "14h")
        else:
            schedule_8812_credit(ledger, facts)
            credit = ledger.get("schedule_8812", "14")
        ledger.put(MAIN, "19", credit, answer=True)
    ledger.put(MAIN, "20", ledger.get("schedule_3", "8"))
    if ledger.total(MAIN, ("19", "20")):
        ledger.put(MAIN, "21", ledger.total(MAIN, ("19", "20")))
    after = ledger.get(MAIN, "18") - ledger.get(MAIN, "21")
    ledger.put(MAIN, "22", max(after, ZERO), answer=True)
    if facts.early_ira:
        ledger.put(MAIN, "23", ledger.get(MAIN, "4b") * Decimal("0.10"))
    ledger.put(MAIN, "24", ledger.total(MAIN, ("22", "23")), answer=True)


def _earned_income_credit(ledger: Ledger, facts: Facts) -> Decimal:
    earned = ledger.get(MAIN, wage_line(facts.year))
    children = children_of(facts)[0]
    investment = ledger.total(MAIN, ("2a", "2b", "3b")) + max(ledger.get(MAIN, "7"), ZERO)
    youngest = 19 if facts.year == 2021 else 25
    right_age = children > 0 or (facts.age >= youngest and (facts.age < 65 or facts.year == 2021))
    if (
        not facts.claims_earned_income_credit
        or facts.status is Status.SEPARATE
        or investment > PARAMETERS[facts.year].investment_income_limit
        or not right_age
    ):
        return ZERO
    income = max(ledger.get(MAIN, "11"), ZERO)
    return earned_income_credit(earned, income, children, PARAMETERS[facts.year], facts.status)


def _withholding(ledger: Ledger, facts: Facts) -> None:
    """Employers withhold near the tax; funds and pension payers a flat tenth."""
    from_pension = (facts.pension + facts.ira) * Decimal("0.1")
    due = ledger.get(MAIN, "24") * facts.withholding_aim - facts.estimated_payments
    if facts.wages:
        least = facts.wages * Decimal("0.012")
        ledger.put(MAIN, "25a", max(due - from_pension, least).quantize(Decimal("0.01")))
    ledger.put(MAIN, "25b", from_pension)
    ledger.put(MAIN, "25d", ledger.total(MAIN, ("25a", "25b", "25c")), answer=True)


def _payments(ledger: Ledger, facts: Facts) -> None:
    _withholding(ledger, facts)
    ledger.put(MAIN, "26", facts.estimated_payments)
    earned_line = "27a" if facts.year == 2021 else "27"
    ledger.put(MAIN, earned_line, _earned_income_credit(ledger, facts))
    schedule_3_payments(ledger, facts)
    if facts.household.dependants:
        if facts.year == 2021:
            refundable = ledger.get("schedule_8812", "14i")
        else:
            earned = ledger.get(MAIN, wage_line(facts.year))
            schedule_8812_additional(ledger, facts, earned)
            refundable = ledger.get("schedule_8812", "27")
        ledger.put(MAIN, "28", refundable)
    ledger.put(MAIN, "29", facts.american_opportunity)
    ledger.put(MAIN, "31", ledger.get("schedule_3", "15"))
    refundable_lines = (earned_line, "28", "29", "30", "31")
    if ledger.total(MAIN, refundable_lines):
        ledger.put(MAIN, "32", ledger.total(MAIN, refundable_lines))
    ledger.put(MAIN, "33", ledger.total(MAIN, ("25d", "26", "32")), answer=True)


def _settle(ledger: Ledger, facts: Facts) -> None:
    balance = ledger.get(MAIN, "33") - ledger.get(MAIN, "24")
    if balance < 0:
        ledger.put(MAIN, "37", -balance)
        return
    if balance == 0:
        return
    overpaid = ledger.put(MAIN, "34", balance)
    if facts.share_to_next_year:
        ledger.put(MAIN, "36", overpaid * facts.share_to_next_year)
    ledger.put(MAIN, "35a", overpaid - ledger.get(MAIN, "36"), answer=True)

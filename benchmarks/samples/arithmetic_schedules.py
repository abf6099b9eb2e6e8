"""Schedules 1, 3, A and B, line by line as printed for 2021 to 2023."""

from __future__ import annotations

from decimal import Decimal

from benchmarks.samples.arithmetic_ledger import Ledger
from benchmarks.samples.arithmetic_tax import ZERO
from benchmarks.samples.parameters import salt_cap
from benchmarks.samples.returns_economy import Facts, Payers

PART_III_FROM = Decimal(1500)
"""More interest or dividends than this needs Schedule B."""

_OTHER_INCOME = tuple(f"8{letter}" for letter in "abcdefghijklmnopqrstuz")
_ADDITIONAL_INCOME = ("1", "2a", "3", "4", "5", "6", "7", "9")
_ADJUSTMENTS = ("11", "12", "13", "14", "15", "16", "17", "18", "19a", "20", "21", "23", "25")
_CREDITS = ("1", "2", "3", "4", "5", "5a", "5b", "7")
_PAYMENTS = ("9", "10", "11", "12", "14")
_OTHER_PAYMENTS = tuple(f"13{letter}" for letter in "abcdefghz")


def needs_schedule_b(facts: Facts) -> bool:
    totals = (_sum(facts.interest), _sum(facts.dividends))
    return any(total > PART_III_FROM for total in totals)


def _sum(payers: Payers) -> Decimal:
    return sum((amount for _, amount in payers), start=ZERO)


def schedule_b(ledger: Ledger, facts: Facts) -> None:
    """Payers, their sums, and no foreign accounts. `1:2` is the second payer of line 1."""
    form = "schedule_b"
    for line, payers in (("1", facts.interest), ("5", facts.dividends)):
        for place, (name, amount) in enumerate(payers, start=1):
            ledger.texts[form, f"{line}:{place}"] = name
            ledger.put(form, f"{line}:{place}", amount)
    if facts.interest:
        lines = [f"1:{place}" for place in range(1, len(facts.interest) + 1)]
        ledger.put(form, "2", ledger.total(form, lines))
        ledger.put(form, "4", ledger.get(form, "2") - ledger.get(form, "3"))
    if facts.dividends:
        lines = [f"5:{place}" for place in range(1, len(facts.dividends) + 1)]
        ledger.put(form, "6", ledger.total(form, lines))
    ledger.marks[form, "7a"] = False
    ledger.marks[form, "8"] = False


def schedule_1_income(ledger: Ledger, facts: Facts) -> None:
    form = "schedule_1"
    for line, amount in facts.other_income.items():
        ledger.put(form, line, amount)
    if facts.other_income_type:
        ledger.texts[form, "8z"] = facts.other_income_type
    for line, text in facts.other_texts.items():
        ledger.texts[form, line] = text
    if any(line.startswith("8") for line in facts.other_income):
        ledger.put(form, "9", ledger.total(form, _OTHER_INCOME))
    if facts.other_income:
        ledger.put(form, "10", ledger.total(form, _ADDITIONAL_INCOME), answer=True)


def schedule_1_adjustments(ledger: Ledger, facts: Facts) -> None:
    form = "schedule_1"
    for line, amount in facts.adjustments.items():
        ledger.put(form, line, amount)
    if facts.adjustments:
        ledger.put(form, "26", ledger.total(form, _ADJUSTMENTS), answer=True)


def schedule_3_credits(ledger: Ledger, facts: Facts, tax: Decimal) -> None:
    """Nonrefundable: together no more than the tax."""
    form, left = "schedule_3", tax
    for line, amount in facts.credits.items():
        taken = min(amount, left)
        if taken > 0:
            left -= ledger.put(form, line, taken)
    if ledger.uses(form):
        ledger.put(form, "8", ledger.total(form, _CREDITS), answer=True)


def schedule_3_payments(ledger: Ledger, facts: Facts) -> None:
    form = "schedule_3"
    for line, amount in facts.payments.items():
        ledger.put(form, line, amount)
    if any(line.startswith("13") for line in facts.payments):
        ledger.put(form, "14", ledger.total(form, _OTHER_PAYMENTS))
    if facts.payments:
        ledger.put(form, "15", ledger.total(form, _PAYMENTS), answer=True)


def schedule_a(ledger: Ledger, facts: Facts, income: Decimal) -> Decimal:
    """Itemised deductions; `income` is line 11 of Form 1040. Returns line 17."""
    form = "schedule_a"
    for line, amount in facts.itemised.items():
        ledger.put(form, line, amount)
    if "1" in facts.itemised:
        ledger.put(form, "2", income, answer=True)
        ledger.put(form, "3", max(income, ZERO) * Decimal("0.075"))
        excess = ledger.get(form, "1") - ledger.get(form, "3")
        ledger.put(form, "4", max(excess, ZERO), answer=True)
    ledger.put(form, "5d", ledger.total(form, ("5a", "5b", "5c")), answer=True)
    ledger.put(
        form, "5e", min(ledger.get(form, "5d"), Decimal(salt_cap(facts.status))), answer=True
    )
    ledger.put(form, "7", ledger.total(form, ("5e", "6")), answer=True)
    interest = ("8a", "8b", "8c", "8d")
    if ledger.total(form, interest):
        ledger.put(form, "8e", ledger.total(form, interest))
        ledger.put(form, "10", ledger.total(form, ("8e", "9")))
    gifts = ("11", "12", "13")
    if ledger.total(form, gifts):
        ledger.put(form, "14", ledger.total(form, gifts))
    return ledger.put(
        form, "17", ledger.total(form, ("4", "7", "10", "14", "15", "16")), answer=True
    )

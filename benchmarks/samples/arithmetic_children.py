"""Schedule 8812: the credits for children and other dependants, as printed for each year.

2021's is another form than its followers': the American Rescue Plan made the credit larger,
wholly refundable, and half of it was paid in advance. Our filers of 2021 all lived in the
United States for more than half of the year (line 13A), hence Part I-B.
"""

from __future__ import annotations

from decimal import Decimal

from benchmarks.samples.arithmetic_ledger import Ledger
from benchmarks.samples.arithmetic_tax import ZERO, next_thousand
from benchmarks.samples.parameters import PARAMETERS, Status, credit_threshold
from benchmarks.samples.returns_economy import Facts

FORM = "schedule_8812"

_RESCUE_THRESHOLD = {Status.JOINT: 150_000, Status.SURVIVING: 150_000, Status.HEAD: 112_500}
_RESCUE_REDUCTION = {Status.JOINT: 12_500, Status.SURVIVING: 2500, Status.HEAD: 4375}


def children_of(facts: Facts) -> tuple[int, int, int]:
    """Qualifying children, those of them under six, other dependants."""
    people = facts.household.dependants
    children = [one for one in people if not one.other_credit]
    small = sum(facts.year - one.person.born < 6 for one in children)
    return len(children), small, len(people) - len(children)


def line_5_worksheet(income: Decimal, children: int, small: int, status: Status) -> Decimal:
    """2021's Line 5 Worksheet: 3,600 dollars a small child, 3,000 a larger one, phased down."""
    full = Decimal(3600 * small + 3000 * (children - small))
    extra = full - 2000 * children
    most = min(extra, Decimal(_RESCUE_REDUCTION.get(status, 6250)))
    over = next_thousand(income - _RESCUE_THRESHOLD.get(status, 75_000))
    return full - min(most, over * Decimal("0.05"))


def _credit_limit(ledger: Ledger) -> Decimal:
    """Credit Limit Worksheet A: the tax less the credits of Schedule 3 that come before."""
    tax = ledger.get("form_1040", "18")
    return max(tax - ledger.total("schedule_3", ("1", "2", "3", "4", "5b")), ZERO)


def _up_to_line_12(ledger: Ledger, facts: Facts) -> None:
    children, small, others = children_of(facts)
    ledger.put(FORM, "1", ledger.get("form_1040", "11"), answer=True)
    ledger.put(FORM, "3", ledger.get(FORM, "1") + ledger.get(FORM, "2d"), answer=True)
    income = ledger.get(FORM, "3")
    if facts.year == 2021:
        ledger.put(FORM, "4a", Decimal(children), answer=True)
        ledger.put(FORM, "4b", Decimal(small), answer=children > 0)
        ledger.put(FORM, "4c", Decimal(children - small), answer=children > 0)
        credit = line_5_worksheet(income, children, small, facts.status)
    else:
        ledger.put(FORM, "4", Decimal(children), answer=True)
        credit = 2000 * ledger.get(FORM, "4")
    ledger.put(FORM, "5", credit, answer=True)
    ledger.put(FORM, "6", Decimal(others), answer=others > 0)
    ledger.put(FORM, "7", 500 * ledger.get(FORM, "6"), answer=others > 0)
    ledger.put(FORM, "8", ledger.total(FORM, ("5", "7")), answer=True)
    ledger.put(FORM, "9", Decimal(credit_threshold(facts.status)), answer=True)
    ledger.put(FORM, "10", next_thousand(income - ledger.get(FORM, "9")), answer=True)
    ledger.put(FORM, "11", ledger.get(FORM, "10") * Decimal("0.05"), answer=True)
    left = ledger.get(FORM, "8") - ledger.get(FORM, "11")
    ledger.put(FORM, "12", max(left, ZERO), answer=True)


def schedule_8812_of_2021(ledger: Ledger, facts: Facts, advance_share: Decimal) -> None:
    """Parts I-A and I-B. The advance was at most half of the children's share."""
    _up_to_line_12(ledger, facts)
    ledger.marks[FORM, "13a"] = True
    total, others = ledger.get(FORM, "12"), ledger.get(FORM, "7")
    ledger.put(FORM, "14a", min(others, total), answer=True)
    ledger.put(FORM, "14b", total - ledger.get(FORM, "14a"), answer=True)
    limit = _credit_limit(ledger) if ledger.get(FORM, "14a") else ZERO
    ledger.put(FORM, "14c", limit, answer=True)
    ledger.put(FORM, "14d", min(ledger.get(FORM, "14a"), limit), answer=True)
    ledger.put(FORM, "14e", ledger.total(FORM, ("14b", "14d")), answer=True)
    ledger.put(FORM, "14f", ledger.get(FORM, "14b") * advance_share, answer=True)
    left = ledger.get(FORM, "14e") - ledger.get(FORM, "14f")
    ledger.put(FORM, "14g", max(left, ZERO), answer=True)
    ledger.put(FORM, "14h", min(ledger.get(FORM, "14d"), ledger.get(FORM, "14g")), answer=True)
    ledger.put(FORM, "14i", ledger.get(FORM, "14g") - ledger.get(FORM, "14h"), answer=True)


def schedule_8812_credit(ledger: Ledger, facts: Facts) -> None:
    """Part I of 2022 and later: the nonrefundable credit."""
    _up_to_line_12(ledger, facts)
    ledger.marks[FORM, "12"] = ledger.get(FORM, "8") > ledger.get(FORM, "11")
    ledger.put(FORM, "13", _credit_limit(ledger), answer=True)
    smaller = min(ledger.get(FORM, "12"), ledger.get(FORM, "13"))
    ledger.put(FORM, "14", smaller, answer=True)


def schedule_8812_additional(ledger: Ledger, facts: Facts, earned: Decimal) -> None:
    """Parts II-A to II-C of 2022 and later: the refundable rest."""
    left = ledger.get(FORM, "12") - ledger.get(FORM, "14")
    if left <= 0:
        return
    children = int(ledger.get(FORM, "4"))
    ledger.put(FORM, "16a", left)
    ledger.put(FORM, "16b#", Decimal(children), answer=True)
    each = PARAMETERS[facts.year].additional_child_credit
    ledger.put(FORM, "16b", Decimal(children * each), answer=True)
    if not children:
        ledger.put(FORM, "27", ZERO, answer=True)
        return
    ledger.put(FORM, "17", min(ledger.get(FORM, "16a"), ledger.get(FORM, "16b")), answer=True)
    ledger.put(FORM, "18a", earned, answer=True)
    enough = ledger.get(FORM, "18a") > 2500
    ledger.marks[FORM, "19"] = enough
    if enough:
        ledger.put(FORM, "19", ledger.get(FORM, "18a") - 2500)
    ledger.put(FORM, "20", ledger.get(FORM, "19") * Decimal("0.15"), answer=True)
    three = children >= 3
    ledger.marks[FORM, "20"] = three
    smaller, by_earnings = ledger.get(FORM, "17"), ledger.get(FORM, "20")
    if three and by_earnings < smaller:
        by_earnings = _part_ii_b(ledger, facts)
    ledger.put(FORM, "27", min(smaller, by_earnings), answer=True)


def _part_ii_b(ledger: Ledger, facts: Facts) -> Decimal:
    """Three children or more: social security and Medicare taxes may count for more."""
    ledger.put(FORM, "21", facts.wages * Decimal("0.0765"), answer=True)
    ledger.put(FORM, "23", ledger.total(FORM, ("21", "22")), answer=True)
    credits = ledger.get("form_1040", "27") + ledger.get("schedule_3", "11")
    ledger.put(FORM, "24", credits, answer=True)
    excess = ledger.get(FORM, "23") - ledger.get(FORM, "24")
    ledger.put(FORM, "25", max(excess, ZERO), answer=True)
    return ledger.put(FORM, "26", max(ledger.get(FORM, "20"), ledger.get(FORM, "25")), answer=True)

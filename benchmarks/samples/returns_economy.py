"""A year in a filer's life: what was earned, withheld, paid and given.

Facts only; what the forms make of them is figured in `arithmetic`. Amounts have cents, as the
slips (W-2, 1099, 1098) that filers copy from do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from benchmarks.samples.arithmetic_tax import ZERO
from benchmarks.samples.parameters import PARAMETERS, Status
from benchmarks.samples.people import (
    Household,
    chance,
    invent_household,
    invent_payers,
    invent_taxpayer_id,
    pick,
)

Payers = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True)
class Facts:
    """One filer's year. Keys of the three mappings are the printed lines of that year's form."""

    year: int
    status: Status
    household: Household
    child_name: str = ""
    """Of the child who is not a dependant, for a head of household or surviving spouse."""
    wages: Decimal = ZERO
    tips: Decimal = ZERO
    tax_exempt_interest: Decimal = ZERO
    interest: Payers = ()
    dividends: Payers = ()
    qualified_share: Decimal = ZERO
    ira: Decimal = ZERO
    pension: Decimal = ZERO
    pension_taxable_share: Decimal = Decimal(1)
    social_security: Decimal = ZERO
    capital_gain: Decimal = ZERO
    gain_is_distribution: bool = False
    """From a fund: no Schedule D, and the box on line 7 is ticked."""
    other_income: dict[str, Decimal] = field(default_factory=dict)
    """Schedule 1, Part I, by line."""
    other_income_type: str = ""
    other_texts: dict[str, str] = field(default_factory=dict)
    """Schedule 1, by line: dates of divorces (ISO) and whom the alimony is paid to."""
    adjustments: dict[str, Decimal] = field(default_factory=dict)
    """Schedule 1, Part II, by line."""
    credits: dict[str, Decimal] = field(default_factory=dict)
    """Schedule 3, Part I, by line, before the limit of the tax itself."""
    payments: dict[str, Decimal] = field(default_factory=dict)
    """Schedule 3, Part II, by line."""
    itemised: dict[str, Decimal] = field(default_factory=dict)
    """Schedule A, by line; empty for those who never look at it."""
    charity_beside_standard: Decimal = ZERO
    american_opportunity: Decimal = ZERO
    early_ira: bool = False
    """Under 59½: ten per cent more, through Schedule 2."""
    withholding_aim: Decimal = Decimal(1)
    """Share of the tax that was withheld."""
    estimated_payments: Decimal = ZERO
    share_to_next_year: Decimal = ZERO
    claims_earned_income_credit: bool = True

    @property
    def age(self) -> int:
        return self.year - self.household.taxpayer.born


@dataclass(frozen=True)
class _Means:
    """What decides which deductions and credits are open to a filer."""

    status: Status
    income: Decimal
    """At most: all of it taken as taxable."""
    works: bool
    children: int

    def may_take(self, limit: int, joint_limit: int, head_limit: int = 0) -> bool:
        """Whether the income is below the limit; never for the married who file separately."""
        limits = {Status.JOINT: joint_limit, Status.HEAD: head_limit or limit, Status.SEPARATE: 0}
        return self.income < limits.get(self.status, limit)


def money(rng: np.random.Generator, low: float, high: float, whole: float = 0.0) -> Decimal:
    """Between two amounts, small ones more often; round tens with probability `whole`."""
    cents = int(np.exp(rng.uniform(np.log(low * 100), np.log(high * 100))))
    if chance(rng, whole):
        cents = max(cents // 5000, 1) * 5000
    return Decimal(cents) / 100


def _wages(rng: np.random.Generator, earners: int, ceiling: float) -> Decimal:
    total = sum(float(rng.lognormal(np.log(41_000), 0.55)) for _ in range(earners))
    return Decimal(int(min(total, ceiling * rng.uniform(0.8, 1.0)) * 100)) / 100


def _payers(rng: np.random.Generator, total: Decimal, most: int, funds: bool) -> Payers:
    """That total, split among payers to the cent."""
    if total <= 0:
        return ()
    names = invent_payers(rng, int(rng.integers(1, most + 1)), funds)
    weights = rng.dirichlet(np.full(len(names), 1.5))
    cents = int(total * 100)
    parts = [max(int(cents * weight), 100) for weight in weights[1:]]
    first = cents - sum(parts)
    if first < 100:
        return ((names[0], total),)
    return tuple(
        (name, Decimal(part) / 100) for name, part in zip(names, [first, *parts], strict=True)
    )


@dataclass(frozen=True)
class Walk:
    """A walk of life: how common, and between which ages."""

    name: str
    odds: float
    ages: tuple[int, int]
    statuses: tuple[Status, ...]
    children: tuple[float, ...] = (1.0,)
    """Odds of 0, 1, 2, … dependants."""
    works: bool = True


_WALKS = (
    Walk("young", 0.22, (19, 34), (Status.SINGLE,)),
    Walk("alone", 0.16, (34, 64), (Status.SINGLE,)),
    Walk("family", 0.22, (26, 52), (Status.JOINT,), (0, 0.35, 0.4, 0.18, 0.07)),
    Walk("couple", 0.10, (25, 64), (Status.JOINT,)),
    Walk("parent", 0.10, (24, 50), (Status.HEAD,), (0.08, 0.5, 0.3, 0.12)),
    Walk("apart", 0.05, (25, 60), (Status.SEPARATE,), (0.7, 0.3)),
    Walk("widowed", 0.03, (30, 50), (Status.SURVIVING,), (0, 0.6, 0.4)),
    Walk("retired", 0.07, (66, 88), (Status.SINGLE,), works=False),
    Walk("retired couple", 0.05, (66, 86), (Status.JOINT,), works=False),
)

_WAGE_CEILING = {Status.JOINT: 230_000, Status.SEPARATE: 110_000}
"""Above 250,000 (125,000, 200,000) come taxes of Schedule 2, which the samples do not have."""


def _capital(rng: np.random.Generator, saver: float, loss_limit: int) -> dict[str, object]:
    facts: dict[str, object] = {}
    if chance(rng, 0.35 + 0.3 * saver):
        total = money(rng, 4, 900 + 5000 * saver)
        facts["interest"] = _payers(rng, total, 4 if total > 1500 else 2, funds=False)
    if chance(rng, 0.12 + 0.25 * saver):
        total = money(rng, 15, 1200 + 8000 * saver)
        facts["dividends"] = _payers(rng, total, 5 if total > 1500 else 2, funds=True)
        facts["qualified_share"] = Decimal(int(rng.integers(40, 101))) / 100
    if chance(rng, 0.05 + 0.08 * saver):
        facts["tax_exempt_interest"] = money(rng, 20, 2500)
    if chance(rng, 0.1 + 0.1 * saver):
        kind = pick(rng, ("distribution", "gain", "loss"), (0.4, 0.3, 0.3))
        gain = money(rng, 30, 9000)
        facts["capital_gain"] = -min(gain, Decimal(loss_limit)) if kind == "loss" else gain
        facts["gain_is_distribution"] = kind == "distribution"
    return facts


def _retirement(rng: np.random.Generator, age: int, joint: bool) -> dict[str, object]:
    facts: dict[str, object] = {}
    people = 2 if joint else 1
    if age >= 66:
        facts["social_security"] = sum(
            (money(rng, 11_000, 31_000) for _ in range(people)), start=ZERO
        )
        if chance(rng, 0.6):
            facts["pension"] = money(rng, 3000, 42_000)
    elif age >= 57 and chance(rng, 0.3):
        facts["pension"] = money(rng, 4000, 30_000)
    if "pension" in facts and chance(rng, 0.25):
        facts["pension_taxable_share"] = Decimal(int(rng.integers(55, 99))) / 100
    if chance(rng, 0.4 if age >= 66 else 0.03):
        facts["ira"] = money(rng, 1000, 18_000, whole=0.4)
        facts["early_ira"] = age < 59
    return facts


def _other_income(rng: np.random.Generator, year: int) -> tuple[dict[str, Decimal], str]:
    """Schedule 1, Part I. Jury pay and prizes moved down by a letter in 2022."""
    jury, prizes = ("8g", "8h") if year == 2021 else ("8h", "8i")
    unemployment = 0.10 if year == 2021 else 0.03
    lines: dict[str, Decimal] = {}
    described = ""
    if chance(rng, 0.07):
        lines["1"] = money(rng, 40, 1600, whole=0.1)
    if chance(rng, 0.015):
        lines["2a"] = money(rng, 3000, 15_000, whole=0.9)
    if chance(rng, 0.05):
        rent = money(rng, 300, 9000)
        lines["5"] = -rent if chance(rng, 0.4) else rent
    if chance(rng, unemployment):
        lines["7"] = money(rng, 900, 14_000, whole=0.2)
    if chance(rng, 0.03):
        lines["8b"] = money(rng, 200, 4000, whole=0.5)
    if chance(rng, 0.04):
        lines[jury] = money(rng, 50, 400, whole=0.6)
    if chance(rng, 0.02):
        lines[prizes] = money(rng, 100, 2500, whole=0.6)
    if chance(rng, 0.03):
        lines["8z"] = money(rng, 40, 1500)
        described = pick(rng, ("Substitute payments", "Study stipend", "Election worker pay"))
    return lines, described


def _adjustments(
    rng: np.random.Generator, means: _Means, jobs: str, limits: tuple[int, int]
) -> dict[str, Decimal]:
    """Schedule 1, Part II, within the year's limits for educators and IRAs."""
    lines: dict[str, Decimal] = {}
    if "eacher" in jobs and chance(rng, 0.8):
        lines["11"] = min(money(rng, 120, 700), Decimal(limits[0]))
    if chance(rng, 0.07):
        lines["13"] = money(rng, 300, 3500, whole=0.6)
    if chance(rng, 0.015):
        lines["18"] = money(rng, 10, 300)
    if chance(rng, 0.05):
        lines["20"] = min(money(rng, 500, limits[1], whole=0.7), Decimal(limits[1]))
    if chance(rng, 0.012):
        lines["19a"] = money(rng, 1200, 12_000, whole=0.9)
    if means.may_take(68_000, 135_000) and chance(rng, 0.16):
        lines["21"] = min(money(rng, 90, 4000), Decimal(2500))
    return lines


def _credits(
    rng: np.random.Generator, facts: dict[str, object], year: int, means: _Means
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Schedule 3, both parts."""
    credits: dict[str, Decimal] = {}
    payments: dict[str, Decimal] = {}
    if facts.get("dividends") and chance(rng, 0.3):
        credits["1"] = money(rng, 3, 180)
    if means.works and means.children and chance(rng, 0.25):
        cap = 600 if means.children == 1 else 1200
        care = min(money(rng, 200, 1500), Decimal(cap))
        if year == 2021:
            payments["13g"] = care * 2
        else:
            credits["2"] = care
    if means.may_take(78_000, 155_000) and chance(rng, 0.06):
        credits["3"] = min(money(rng, 200, 2600), Decimal(2000))
    if means.works and means.may_take(32_000, 64_000, 48_000) and chance(rng, 0.12):
        credits["4"] = money(rng, 100, 400, whole=0.5)
    if not means.children and chance(rng, 0.03):
        credits["5" if year < 2023 else "5b"] = min(money(rng, 150, 1500), Decimal(1200))
    if chance(rng, 0.03):
        payments["9"] = money(rng, 60, 2400)
    if chance(rng, 0.025):
        payments["10"] = money(rng, 200, 3000, whole=0.9)
    return credits, payments


def _itemised(rng: np.random.Generator, year: int, income: Decimal, age: int) -> dict[str, Decimal]:
    """Schedule A: a mortgage makes most of it."""
    share = float(income)
    lines = {"5a": money(rng, 0.02 * share + 50, 0.07 * share + 100)}
    if chance(rng, 0.85):
        lines["5b"] = money(rng, 1200, 11_000)
        lines["8a"] = money(rng, 3500, 24_000)
    if chance(rng, 0.3):
        lines["5c"] = money(rng, 40, 600)
    if chance(rng, 0.25 if age > 60 else 0.1):
        lines["1"] = money(rng, 1500, 0.3 * share + 2000)
    if chance(rng, 0.08) and "8a" in lines:
        lines["8c"] = money(rng, 200, 2500)
    if year == 2021 and chance(rng, 0.15) and "8a" in lines:
        lines["8d"] = money(rng, 300, 1900)
    if chance(rng, 0.7):
        lines["11"] = money(rng, 60, 0.08 * share + 100, whole=0.4)
    if chance(rng, 0.35):
        lines["12"] = money(rng, 40, 500, whole=0.5)
    return lines


def _most_income(facts: dict[str, object], other: dict[str, Decimal]) -> Decimal:
    """All that came in, taken as taxable."""
    amounts = [amount for amount in other.values() if amount > 0]
    for payers in (facts.get("interest", ()), facts.get("dividends", ())):
        amounts += [amount for _, amount in payers]  # type: ignore[attr-defined]
    for name in ("wages", "tips", "ira", "pension", "social_security", "capital_gain"):
        amounts.append(max(Decimal(str(facts.get(name, 0))), ZERO))
    return sum(amounts, start=ZERO)


def _divorces(rng: np.random.Generator, lines: set[str]) -> dict[str, str]:
    """Of before 2019: alimony of later divorces is neither income nor deducted."""
    texts: dict[str, str] = {}
    for amount, when in (("2a", "2b"), ("19a", "19c")):
        if amount in lines:
            divorce = date(2004, 1, 1) + timedelta(days=int(rng.integers(0, 5400)))
            texts[when] = divorce.isoformat()
    if "19a" in lines:
        texts["19b"] = invent_taxpayer_id(rng)
    return texts


def _home(rng: np.random.Generator, walk: Walk, year: int) -> tuple[Status, Household]:
    status = pick(rng, walk.statuses)
    age = int(rng.integers(*walk.ages))
    spouse_age = None
    if status in (Status.JOINT, Status.SEPARATE):
        spouse_age = max(age + int(rng.normal(0, 3.5)), 19)
    children = int(pick(rng, tuple(range(len(walk.children))), walk.children))
    return status, invent_household(rng, year, age, spouse_age, children)


def live_through(rng: np.random.Generator, year: int) -> Facts:
    """A filer and the year that they had."""
    walk = pick(rng, _WALKS, tuple(walk.odds for walk in _WALKS))
    status, household = _home(rng, walk, year)
    age, joint = year - household.taxpayer.born, status is Status.JOINT
    parameters = PARAMETERS[year]
    facts: dict[str, object] = {}
    wages = ZERO
    if walk.works or chance(rng, 0.2):
        earners = 2 if joint and chance(rng, 0.65) else 1
        wages = _wages(rng, earners, _WAGE_CEILING.get(status, 180_000))
        wages *= Decimal("0.35") if not walk.works else 1
        facts["wages"] = wages.quantize(Decimal("0.01"))
    if walk.works and chance(rng, 0.03):
        facts["tips"] = money(rng, 80, 2500)
    saver = min(max((age - 25) / 50, 0.0), 1.0)
    facts |= _capital(rng, saver, loss_limit=1500 if status is Status.SEPARATE else 3000)
    facts |= _retirement(rng, age, joint)
    income = wages + Decimal(str(facts.get("pension", 0))) + Decimal(str(facts.get("ira", 0)))
    other, described = _other_income(rng, year)
    if income < 12_000:
        other = {line: amount for line, amount in other.items() if amount > 0}
    jobs = household.taxpayer.occupation + (household.spouse.occupation if household.spouse else "")
    means = _Means(status, _most_income(facts, other), walk.works, len(household.dependants))
    credits, payments = _credits(rng, facts, year, means)
    adjustments = _adjustments(rng, means, jobs, (parameters.educator_limit, parameters.ira_limit))
    studies = means.may_take(78_000, 155_000) and chance(rng, 0.035)
    if wages > parameters.social_security_wage_base and joint and chance(rng, 0.3):
        payments["11"] = money(rng, 100, 1500)
    unmarried_child = status in (Status.HEAD, Status.SURVIVING) and not household.dependants
    return Facts(
        year=year,
        status=status,
        household=household,
        child_name=f"Alex {household.taxpayer.last}" if unmarried_child else "",
        other_income=other,
        other_income_type=described,
        other_texts=_divorces(rng, {*other, *adjustments}),
        adjustments=adjustments,
        credits=credits,
        payments=payments,
        itemised=_itemised(rng, year, income, age) if income > 30_000 and chance(rng, 0.4) else {},
        charity_beside_standard=money(rng, 25, 600, whole=0.6) if chance(rng, 0.4) else ZERO,
        american_opportunity=money(rng, 300, 1000) if studies else ZERO,
        withholding_aim=Decimal(int(np.clip(rng.normal(106, 14), 55, 150))) / 100,
        estimated_payments=money(rng, 400, 6000, whole=0.95) if chance(rng, 0.08) else ZERO,
        share_to_next_year=Decimal(int(rng.integers(1, 5))) / 4 if chance(rng, 0.05) else ZERO,
        claims_earned_income_credit=chance(rng, 0.85),
        **facts,  # type: ignore[arg-type]
    )

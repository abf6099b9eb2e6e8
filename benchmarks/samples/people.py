"""Invented filers: names, homes, families, and numbers that nobody can hold.

Identifiers are well formed but were never given to anybody:

- taxpayer identifiers are `9NN-GG-SSSS` with groups 10 to 49. No social security number begins
  with 9, and the ITINs and ATINs that do use groups 50 to 65, 70 to 88, 90 to 99. A department's
  format rule should therefore ask for nine digits, not area 000 or 666, not group 00, not serial
  0000, and take area 9xx (ITINs must pass as well);
- routing numbers have a valid check digit and a Federal Reserve district, and a 9 in the third
  place, which no routing symbol uses;
- telephone numbers are 555-0100 to 555-0199, set aside for fiction; mail goes to example.com;
- employers' numbers begin with a prefix that the IRS does not assign, PTINs with P9.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeVar

import numpy as np
from faker import Faker
from stdnum.us import rtn

T = TypeVar("T")

UNASSIGNED_EIN_PREFIXES = ("07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "78", "79")

CHILD_RELATIONS = ("Son", "Daughter", "Stepson", "Stepdaughter", "Grandchild", "Niece", "Nephew")
_CHILD_ODDS = (0.42, 0.42, 0.04, 0.04, 0.04, 0.02, 0.02)
ADULT_RELATIONS = ("Parent", "Mother", "Father", "Sister", "Brother", "Son", "Daughter")

_STATE_WEIGHTS = {
    "CA": 12, "TX": 9, "FL": 7, "NY": 6, "PA": 4, "IL": 4, "OH": 4, "GA": 3, "NC": 3, "MI": 3,
    "NJ": 3, "VA": 3, "WA": 2, "AZ": 2, "MA": 2, "TN": 2, "IN": 2, "MO": 2, "MD": 2, "WI": 2,
    "CO": 2, "MN": 2, "SC": 2, "AL": 1, "LA": 1, "KY": 1, "OR": 1, "OK": 1, "CT": 1, "UT": 1,
    "IA": 1, "NV": 1, "KS": 1, "NM": 1, "NE": 1, "ME": 1, "NH": 1, "ID": 1,
}  # fmt: skip
"""Roughly millions of people."""

_OCCUPATIONS = (
    "Teacher", "Registered nurse", "Electrician", "Sales associate", "Software engineer",
    "Truck driver", "Accountant", "Cook", "Office manager", "Carpenter", "Bank teller",
    "Mechanic", "Custodian", "Police officer", "Pharmacist", "Graphic designer", "Waitress",
    "Warehouse worker", "Plumber", "Social worker", "Civil engineer", "Librarian", "Farmhand",
    "Dental hygienist", "Machinist", "Paralegal", "Analyst", "Home health aide", "Welder",
)  # fmt: skip

_BANKS = (
    "First County Bank", "Prairie Credit Union", "Harbor Savings", "Union Trust", "Cedar Federal",
    "Northgate Bank", "Lakeside Savings", "Peoples Community Bank", "Summit Credit Union",
    "River Valley Bank", "Old Mill Savings", "Heritage Bank NA", "US Treasury",
)  # fmt: skip

_FUNDS = (
    "Wellmark Index Fund", "Granite Equity Income", "Blue Ridge Brokerage", "Harper Utilities",
    "Consolidated Rail Corp", "Evergreen Growth Fund", "Atlas Total Market", "Dunmore Energy",
    "Pinnacle Bond Fund", "Meridian Brokerage", "Castle Foods Inc", "Sterling Balanced",
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """A filer, spouse or dependant."""

    first: str
    middle: str
    last: str
    ssn: str
    """Nine digits."""
    born: int
    occupation: str = ""
    blind: bool = False

    @property
    def given(self) -> str:
        """First name and middle initial, as the form asks."""
        return f"{self.first} {self.middle}".strip()


@dataclass(frozen=True)
class Dependant:
    person: Person
    relationship: str
    other_credit: bool
    """Too old for the child tax credit (or not a child): 500 dollars instead."""


@dataclass(frozen=True)
class Household:
    """Who files, where they live, how they are paid."""

    taxpayer: Person
    spouse: Person | None
    dependants: tuple[Dependant, ...]
    street: str
    apartment: str
    city: str
    state: str
    zip_code: str
    phone: str
    """Ten digits."""
    email: str
    routing_number: str
    account_number: str
    savings: bool
    signed: date


@lru_cache(maxsize=1)
def _faker() -> Faker:
    return Faker("en_US", use_weighting=False)


def seeded_faker(rng: np.random.Generator) -> Faker:
    """The one Faker (it is slow to build), set to continue from this generator."""
    faker = _faker()
    faker.seed_instance(int(rng.integers(2**63)))
    return faker


def pick(rng: np.random.Generator, options: Sequence[T], odds: Sequence[float] = ()) -> T:
    """One of the options; odds need not sum to one."""
    if not odds:
        return options[int(rng.integers(len(options)))]
    weights = np.asarray(odds, dtype=np.float64)
    return options[int(rng.choice(len(options), p=weights / weights.sum()))]


def chance(rng: np.random.Generator, odds: float) -> bool:
    return bool(rng.random() < odds)


def invent_taxpayer_id(rng: np.random.Generator) -> str:
    """Nine digits, well formed, never issued (see the module)."""
    return f"9{rng.integers(100):02d}{rng.integers(10, 50)}{rng.integers(1, 10_000):04d}"


def invent_ein(rng: np.random.Generator) -> str:
    return f"{pick(rng, UNASSIGNED_EIN_PREFIXES)}{rng.integers(10_000_000):07d}"


def invent_ptin(rng: np.random.Generator) -> str:
    return f"P9{rng.integers(10_000_000):07d}"


def invent_routing_number(rng: np.random.Generator) -> str:
    """Nine digits with a valid check digit and no bank behind them."""
    district = pick(rng, (*range(1, 13), *range(21, 33)))
    body = f"{district:02d}9{rng.integers(10)}{rng.integers(10_000):04d}"
    return body + str(rtn.calc_check_digit(body))


def invent_phone(rng: np.random.Generator) -> str:
    return (
        f"{rng.integers(2, 10)}{rng.integers(2, 10)}{rng.integers(10)}55501{rng.integers(100):02d}"
    )


def invent_payers(rng: np.random.Generator, count: int, funds: bool) -> tuple[str, ...]:
    """Names of banks or of funds, no two alike."""
    names = _FUNDS if funds else _BANKS
    order = rng.permutation(len(names))[:count]
    return tuple(names[int(place)] for place in order)


def invent_person(
    rng: np.random.Generator, faker: Faker, born: int, last: str = "", female: bool | None = None
) -> Person:
    """A person born in that year; without a last name, one of their own."""
    if female is None:
        female = chance(rng, 0.5)
    first = faker.first_name_female() if female else faker.first_name_male()
    middle = faker.random_uppercase_letter() if chance(rng, 0.7) else ""
    return Person(
        first=first,
        middle=middle,
        last=last or faker.last_name(),
        ssn=invent_taxpayer_id(rng),
        born=born,
        occupation=pick(rng, _OCCUPATIONS),
        blind=chance(rng, 0.006),
    )


def invent_dependants(
    rng: np.random.Generator, faker: Faker, year: int, family: Person, count: int
) -> tuple[Dependant, ...]:
    """Children mostly, now and then a parent or a grown child in study."""
    dependants = []
    limit = 18 if year == 2021 else 17
    youngest = year - min(family.born + 19, year)
    for _ in range(count):
        if chance(rng, 0.9):
            age = int(rng.integers(0, max(min(youngest, 19), 1)))
            relation = pick(rng, CHILD_RELATIONS, _CHILD_ODDS)
        else:
            age = int(rng.integers(66, 90))
            relation = pick(rng, ADULT_RELATIONS[:3])
        female = {"Son": False, "Stepson": False, "Nephew": False, "Father": False}.get(
            relation, None if relation in ("Grandchild", "Parent") else True
        )
        person = invent_person(rng, faker, year - age, family.last, female)
        dependants.append(Dependant(person, relation, age >= limit))
    return tuple(dependants)


def invent_household(
    rng: np.random.Generator, year: int, age: int, spouse_age: int | None, children: int
) -> Household:
    """A household of that shape, as it stood at the end of the tax year."""
    faker = seeded_faker(rng)
    taxpayer = invent_person(rng, faker, year - age)
    spouse = None
    if spouse_age is not None:
        same_name = taxpayer.last if chance(rng, 0.85) else ""
        spouse = invent_person(rng, faker, year - spouse_age, same_name)
    state = pick(rng, tuple(_STATE_WEIGHTS), tuple(_STATE_WEIGHTS.values()))
    number = int(np.exp(rng.uniform(np.log(3), np.log(19_000))))
    street = f"{number} {faker.street_name()}" if chance(rng, 0.95) else f"PO Box {number}"
    apartment = ""
    if chance(rng, 0.2) and not street.startswith("PO"):
        apartment = pick(
            rng, (str(rng.integers(1, 40)), f"{rng.integers(1, 12)}{pick(rng, 'ABCD')}")
        )
    handle = f"{taxpayer.first}.{taxpayer.last}".lower().replace("'", "")
    return Household(
        taxpayer=taxpayer,
        spouse=spouse,
        dependants=invent_dependants(rng, faker, year, taxpayer, children),
        street=street,
        apartment=apartment,
        city=faker.city(),
        state=state,
        zip_code=faker.zipcode_in_state(state),
        phone=invent_phone(rng),
        email=f"{handle}@example.com" if chance(rng, 0.4) else "",
        routing_number=invent_routing_number(rng),
        account_number="".join(str(digit) for digit in rng.integers(10, size=rng.integers(7, 14))),
        savings=chance(rng, 0.25),
        signed=date(year + 1, 1, 28) + timedelta(days=int(rng.integers(0, 78))),
    )

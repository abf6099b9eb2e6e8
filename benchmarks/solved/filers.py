"""Invented filers of North Carolina, as what they would type into the solver.

Varied in status, dependants, wages, interest, dividends, pensions, deductions, credits and
payments, by year; within what the solver has learnt (no earned income credit, no business).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.solved.claims import deduct, file_with_the_state, pay, save_for_health
from benchmarks.solved.incomes import earn
from benchmarks.solved.pen import Answers, Pen
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
_TOWNS = (
    ("Raleigh", "27601", "Wake"),
    ("Durham", "27701", "Durham"),
    ("Boone", "28607", "Watauga"),
)


@dataclass(frozen=True)
class SolvedFiler:
    """One filer's inputs and which main forms can be asked for."""

    year: int
    status: str
    inputs: Inputs
    forms: tuple[str, ...]


def invent_filer(rng: np.random.Generator, year: int, answers: Answers, number: int) -> SolvedFiler:
    """A filer of that year, from one stream of luck; no two numbers have the same identifiers."""
    pen = Pen(rng, answers)
    status = str(rng.choice(STATUSES, p=_STATUS_ODDS))
    _name(pen, year, status, number)
    _dependents(pen, year, status)
    earn(pen, year, status)
    deduct(pen, year, status)
    pay(pen)
    file_with_the_state(pen, year, status)
    # Each spouse's own form is asked for by its owner.
    for form in ("8606", "8889"):
        section = pen.inputs.pop(form, {})
        pen.inputs |= {f"{form}:{who}": dict(section) for who in ("you", "spouse")}
    save_for_health(pen, status)
    state = ("nc_d-400",) if year > 2021 and status in _STATE_STATUSES else ()
    return SolvedFiler(year, status, pen.inputs, ("1040", *state))


def _name(pen: Pen, year: int, status: str, number: int) -> None:
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


def _dependents(pen: Pen, year: int, status: str) -> None:
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

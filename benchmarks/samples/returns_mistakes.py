"""Taxpayers' own mistakes, made on purpose and put on record.

A mistake belongs to the truth: the paper holds it, and taxlift must load it as filed, have a
rule fail on it, and never mend it. `family` is the category of the rules that it should trip.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import numpy as np

from benchmarks.samples.arithmetic_ledger import FormLine, Ledger, Slip
from benchmarks.samples.arithmetic_tax import figured_tax
from benchmarks.samples.parameters import PARAMETERS, Status, standard_deduction
from benchmarks.samples.people import pick
from benchmarks.samples.returns_economy import Facts

MAIN = "form_1040"


class MistakeKind(StrEnum):
    ADDITION = "addition_error"
    COPY = "transposed_copy"
    STANDARD_DEDUCTION = "wrong_standard_deduction"
    TAX = "wrong_tax"
    NO_SIGNATURE = "missing_signature"
    NO_SPOUSE_ID = "missing_spouse_ssn"
    TWO_STATUSES = "two_filing_statuses"
    NO_STATUS = "missing_filing_status"
    NO_ANSWER = "missing_answer"


FAMILIES = {
    MistakeKind.ADDITION: "math_error",
    MistakeKind.COPY: "data_mismatch",
    MistakeKind.STANDARD_DEDUCTION: "math_error",
    MistakeKind.TAX: "math_error",
    MistakeKind.NO_SIGNATURE: "missing_data",
    MistakeKind.NO_SPOUSE_ID: "missing_data",
    MistakeKind.TWO_STATUSES: "missing_data",
    MistakeKind.NO_STATUS: "missing_data",
    MistakeKind.NO_ANSWER: "missing_data",
}

_ODDS = {
    MistakeKind.ADDITION: 0.3,
    MistakeKind.COPY: 0.2,
    MistakeKind.STANDARD_DEDUCTION: 0.1,
    MistakeKind.TAX: 0.15,
    MistakeKind.NO_SIGNATURE: 0.1,
    MistakeKind.NO_SPOUSE_ID: 0.05,
    MistakeKind.TWO_STATUSES: 0.06,
    MistakeKind.NO_STATUS: 0.04,
    MistakeKind.NO_ANSWER: 0.05,
}

_SUMS: tuple[FormLine, ...] = (
    (MAIN, "1z"), (MAIN, "9"), (MAIN, "11"), (MAIN, "14"), (MAIN, "15"), (MAIN, "18"),
    (MAIN, "22"), (MAIN, "24"), (MAIN, "25d"), (MAIN, "32"), (MAIN, "33"), (MAIN, "34"),
    (MAIN, "37"), ("schedule_1", "10"), ("schedule_1", "26"), ("schedule_3", "8"),
    ("schedule_a", "5d"), ("schedule_a", "17"), ("schedule_b", "2"), ("schedule_b", "6"),
    ("schedule_8812", "8"),
)  # fmt: skip

_COPIES: tuple[tuple[FormLine, FormLine], ...] = (
    (("schedule_1", "10"), (MAIN, "8")),
    (("schedule_1", "26"), (MAIN, "10")),
    (("schedule_a", "17"), (MAIN, "12")),
    (("schedule_a", "17"), (MAIN, "12a")),
    (("schedule_b", "4"), (MAIN, "2b")),
    (("schedule_b", "6"), (MAIN, "3b")),
    (("schedule_8812", "14"), (MAIN, "19")),
    (("schedule_8812", "27"), (MAIN, "28")),
    (("schedule_3", "8"), (MAIN, "20")),
    (("schedule_3", "15"), (MAIN, "31")),
    ((MAIN, "11"), ("schedule_8812", "1")),
)


@dataclass(frozen=True)
class Mistake:
    """What went wrong, where, and what stood there had it not."""

    kind: MistakeKind
    family: str
    form: str
    line: str | None = None
    names: tuple[str, ...] = ()
    """Fields concerned, by their stable names."""
    right: str | None = None
    written: str | None = None


@dataclass(frozen=True)
class Plan:
    """A mistake to be made: a slip in the figures, or an omission in the heading."""

    kind: MistakeKind
    where: FormLine | None = None
    slip: Slip | None = None


def plan_mistake(rng: np.random.Generator, facts: Facts, clean: Ledger) -> Plan:
    """One mistake that this filer could make, given the return as it should be."""
    for _ in range(20):
        kind = pick(rng, tuple(_ODDS), tuple(_ODDS.values()))
        plan = _try(kind, rng, facts, clean)
        if plan is not None:
            return plan
    return Plan(MistakeKind.NO_SIGNATURE)


def _try(kind: MistakeKind, rng: np.random.Generator, facts: Facts, clean: Ledger) -> Plan | None:
    slips: dict[MistakeKind, Callable[[], Plan | None]] = {
        MistakeKind.ADDITION: lambda: _addition(rng, clean),
        MistakeKind.COPY: lambda: _copy(rng, clean),
        MistakeKind.STANDARD_DEDUCTION: lambda: _deduction(rng, facts, clean),
        MistakeKind.TAX: lambda: _tax(rng, facts, clean),
    }
    if kind in slips:
        return slips[kind]()
    if kind is MistakeKind.NO_SPOUSE_ID and facts.status is not Status.JOINT:
        return None
    return Plan(kind)


def _addition(rng: np.random.Generator, clean: Ledger) -> Plan | None:
    """One column wrong by a few: a carry forgotten."""
    lines = [line for line in _SUMS if clean.amounts.get(line, Decimal(0)) >= 100]
    if not lines:
        return None
    where = pick(rng, lines)
    places = len(str(int(clean.amounts[where])))
    step = Decimal(int(rng.integers(1, 4)) * 10 ** int(rng.integers(0, places - 1)))
    change = -step if rng.random() < 0.5 and clean.amounts[where] > step else step
    return Plan(MistakeKind.ADDITION, where, lambda right: right + change)


def _transposed(amount: Decimal, rng: np.random.Generator) -> Decimal | None:
    """Two neighbouring digits changed places."""
    digits = list(str(int(abs(amount))))
    places = [at for at in range(len(digits) - 1) if digits[at] != digits[at + 1]]
    places = [at for at in places if not (at == 0 and digits[1] == "0")]
    if not places:
        return None
    at = pick(rng, places)
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    size = int("".join(digits)) + abs(amount) % 1
    return size if amount >= 0 else -size


def _copy(rng: np.random.Generator, clean: Ledger) -> Plan | None:
    lines = [
        target
        for source, target in _COPIES
        if clean.amounts.get(source) and clean.amounts.get(source) == clean.amounts.get(target)
    ]
    if not lines:
        return None
    where = pick(rng, lines)
    wrong = _transposed(clean.amounts[where], rng)
    return None if wrong is None else Plan(MistakeKind.COPY, where, lambda _: wrong)


def _deduction(rng: np.random.Generator, facts: Facts, clean: Ledger) -> Plan | None:
    """Another year's amount, or the boxes for age and blindness forgotten."""
    if clean.uses("schedule_a"):
        return None
    where = (MAIN, "12a" if facts.year == 2021 else "12")
    years = [year for year in PARAMETERS if year != facts.year]
    wrong = Decimal(standard_deduction(PARAMETERS[pick(rng, years)], facts.status, 0))
    return Plan(MistakeKind.STANDARD_DEDUCTION, where, lambda _: wrong)


def _tax(rng: np.random.Generator, facts: Facts, clean: Ledger) -> Plan | None:
    """Another column or a neighbouring row of the Tax Table."""
    taxable = clean.get(MAIN, "15")
    favoured = clean.get(MAIN, "3a") or clean.get(MAIN, "7")
    if favoured or not 1000 < taxable < 99_000:
        return None  # beside the worksheet for gains, a rule could only say «at most»
    parameters = PARAMETERS[facts.year]
    columns = [one for one in Status if one.column is one and one is not facts.status.column]
    choices = [figured_tax(taxable, parameters, column) for column in columns]
    choices += [figured_tax(taxable + 50 * step, parameters, facts.status) for step in (-1, 1, 2)]
    wrong = [tax for tax in choices if tax != clean.get(MAIN, "16")]
    if not wrong:
        return None
    tax = pick(rng, wrong)
    return Plan(MistakeKind.TAX, (MAIN, "16"), lambda _: tax)

"""Invented returns: the law's numbers, the forms' arithmetic, mistakes on record."""

from __future__ import annotations

import ast
from collections import Counter
from decimal import Decimal
from functools import lru_cache
from importlib.metadata import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.samples.arithmetic_children import line_5_worksheet
from benchmarks.samples.arithmetic_tax import (
    earned_income_credit,
    figured_tax,
    tax_with_gains,
    taxable_social_security,
)
from benchmarks.samples.parameters import PARAMETERS, YEARS, Status, standard_deduction
from benchmarks.samples.returns import InventedReturn, invent_return
from benchmarks.samples.returns_mistakes import FAMILIES, MistakeKind
from extractors.parsing import canonical
from schemas.department import Department
from schemas.forms import FieldKind, FormDefinition
from schemas.packs import load_department

seeds = st.integers(0, 2**32 - 1)
years = st.sampled_from(YEARS)


@lru_cache
def department() -> Department:
    return load_department("us_irs")


@lru_cache
def definitions(year: int) -> dict[str, FormDefinition]:
    return {form.form: form for form in department().forms if form.year == year}


def invented(seed: int, year: int, mistakes: float = 0.0) -> InventedReturn:
    return invent_return(np.random.default_rng(seed), year, definitions(year), mistakes)


class Lines:
    """Amounts as written, by printed line; blanks are 0."""

    def __init__(self, filed: InventedReturn, form: str = "form_1040") -> None:
        self.amounts: dict[str, Decimal] = {}
        fields = {one.name: one for one in definitions(filed.year)[form].fields()}
        for name, written in filed.forms[form].items():
            field = fields[name]
            if field.kind in (FieldKind.AMOUNT, FieldKind.COUNT) and field.line:
                assert isinstance(written.value, str)
                self.amounts[field.line] = Decimal(written.value)

    def __getitem__(self, line: str) -> Decimal:
        return self.amounts.get(line, Decimal(0))

    def sum(self, lines: str) -> Decimal:
        return sum((self[line] for line in lines.split()), start=Decimal(0))


def broken_lines(filed: InventedReturn) -> list[str]:
    """Lines of Form 1040 that do not follow from the others as the form says."""
    line, year = Lines(filed), filed.year
    wages = "1" if year == 2021 else "1z"
    owed = line["24"] - line["33"]
    expected = {
        "1z": line.sum("1a 1b 1c 1d 1e 1f 1g 1h"),
        "9": line.sum(f"{wages} 2b 3b 4b 5b 6b 7 8"),
        "11": line["9"] - line["10"],
        "14": line.sum("12c 13" if year == 2021 else "12 13"),
        "15": max(line["11"] - line["14"], Decimal(0)),
        "18": line.sum("16 17"),
        "21": line.sum("19 20"),
        "22": max(line["18"] - line["21"], Decimal(0)),
        "24": line.sum("22 23"),
        "25d": line.sum("25a 25b 25c"),
        "32": line.sum("27a 28 29 30 31" if year == 2021 else "27 28 29 31"),
        "33": line.sum("25d 26 32"),
        "34": max(-owed, Decimal(0)),
        "37": max(owed, Decimal(0)),
        "35a": line["34"] - line["36"],
    }
    if year == 2021:
        del expected["1z"]
        expected["12c"] = line.sum("12a 12b")
    return [name for name, amount in expected.items() if line[name] != amount]


def broken_copies(filed: InventedReturn) -> list[str]:
    """Lines of Form 1040 that differ from the schedule that they are copied from."""
    main = Lines(filed)
    itemised = "12a" if filed.year == 2021 else "12"
    refundable, credit = ("14i", "14h") if filed.year == 2021 else ("27", "14")
    wanted = (
        ("schedule_1", "10", "8"),
        ("schedule_1", "26", "10"),
        ("schedule_3", "8", "20"),
        ("schedule_3", "15", "31"),
        ("schedule_a", "17", itemised),
        ("schedule_8812", credit, "19"),
        ("schedule_8812", refundable, "28"),
    )
    return [
        target
        for form, source, target in wanted
        if form in filed.forms and Lines(filed, form)[source] != main[target]
    ]


@settings(deadline=None)
@given(seeds, years)
def test_the_forms_add_up(seed: int, year: int) -> None:
    filed = invented(seed, year)
    assert broken_lines(filed) == []
    assert broken_copies(filed) == []
    assert not filed.mistakes
    assert not (Lines(filed)["34"] and Lines(filed)["37"])


@settings(deadline=None)
@given(seeds, years)
def test_only_recorded_mistakes_break_anything(seed: int, year: int) -> None:
    filed = invented(seed, year, mistakes=1.0)
    broken = {*broken_lines(filed), *broken_copies(filed)}
    slips = [mistake for mistake in filed.mistakes if mistake.line]
    for mistake in filed.mistakes:
        assert mistake.family == FAMILIES[mistake.kind]
        assert mistake.right != mistake.written or mistake.line is None
    if not slips:
        assert broken == set()
        return
    slip = slips[0]
    written = filed.forms[slip.form][slip.names[0]]
    assert written.value == slip.written
    # A wrong line is wrong itself; what follows from it was figured from the wrong amount.
    assert broken <= ({slip.line} if slip.form == "form_1040" else set())
    if slip.kind is MistakeKind.ADDITION and slip.form == "form_1040":
        assert slip.line in broken


@settings(deadline=None)
@given(seeds, years)
def test_what_is_written_means_the_value(seed: int, year: int) -> None:
    filed = invented(seed, year, mistakes=0.2)
    for form, written in filed.forms.items():
        fields = {one.name: one for one in definitions(year)[form].fields()}
        for name, one in written.items():
            field = fields[name]
            assert not field.reserved
            if field.kind.is_mark:
                assert one.value is True
                continue
            text = str(one.as_written)
            assert len(text) <= (field.comb or field.max_length or 99)
            assert canonical(field.kind, text) == one.value


def test_same_seed_same_return() -> None:
    assert invented(5, 2022, 0.5).forms == invented(5, 2022, 0.5).forms


def test_a_few_hundred_returns_look_like_life() -> None:
    seen: Counter[str] = Counter()
    for seed in range(300):
        filed = invented(seed, YEARS[seed % 3])
        line = Lines(filed)
        seen.update([str(filed.facts.status), *filed.forms])
        seen.update(name for name in ("34", "37", "6b", "36", "28") if line[name] > 0)
        seen["loss"] += any(amount < 0 for amount in line.amounts.values())
        seen["cents"] += filed.habits.cents
    assert all(seen[str(status)] > 2 for status in Status)
    assert all(seen[form] > 5 for form in definitions(2022))
    assert seen["34"] > seen["37"] > 20, "most get money back, many owe"
    assert all(seen[name] > 2 for name in ("6b", "36", "28", "loss", "cents"))


def test_every_kind_of_mistake_is_made() -> None:
    made = Counter(
        mistake.kind for seed in range(500) for mistake in invented(seed, 2022, 1.0).mistakes
    )
    assert set(made) == set(MistakeKind)


@pytest.mark.parametrize("year", YEARS)
def test_tax_is_that_of_the_printed_table(year: int) -> None:
    """Against the Tax Table that the package of blanks carries, read as data."""
    path = next(
        one for one in files("habutax") or () if str(one).endswith(f"ty{year}/f1040_figure_tax.py")
    )
    tree = ast.parse(path.read_text())
    table = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TAX_TABLE"
    )
    columns = (Status.SINGLE, Status.JOINT, Status.SEPARATE, Status.HEAD)
    assert len(table) > 1500
    for low, high, *taxes in table:
        for status, tax in zip(columns, taxes, strict=True):
            assert figured_tax(Decimal(low), PARAMETERS[year], status) == tax
            assert figured_tax(Decimal(high) - Decimal("0.01"), PARAMETERS[year], status) == tax


@pytest.mark.parametrize(
    ("year", "status", "share", "less"),
    [
        (2021, Status.JOINT, "0.22", "8503"),
        (2022, Status.SINGLE, "0.24", "6164.50"),
        (2023, Status.HEAD, "0.24", "8206"),
    ],
)
def test_tax_above_the_table(year: int, status: Status, share: str, less: str) -> None:
    """As the Tax Computation Worksheets have it: multiply by the rate, subtract an amount."""
    taxable = Decimal(150_000)
    expected = taxable * Decimal(share) - Decimal(less)
    assert figured_tax(taxable, PARAMETERS[year], status, Decimal("0.01")) == expected


@pytest.mark.parametrize(
    ("year", "single", "joint", "head", "married_box", "single_box"),
    [
        (2021, 12550, 25100, 18800, 1350, 1700),
        (2022, 12950, 25900, 19400, 1400, 1750),
        (2023, 13850, 27700, 20800, 1500, 1850),
    ],
)
def test_standard_deductions_as_published(
    year: int, single: int, joint: int, head: int, married_box: int, single_box: int
) -> None:
    law = PARAMETERS[year]
    assert standard_deduction(law, Status.SINGLE, 0) == single
    assert standard_deduction(law, Status.SEPARATE, 1) == single + married_box
    assert standard_deduction(law, Status.JOINT, 2) == joint + 2 * married_box
    assert standard_deduction(law, Status.SURVIVING, 0) == joint
    assert standard_deduction(law, Status.HEAD, 1) == head + single_box


def test_worksheets_by_hand() -> None:
    law = PARAMETERS[2022]
    # All of it below the 0 % limit: only the ordinary 10,000 dollars are taxed.
    assert tax_with_gains(Decimal(30_000), Decimal(20_000), law, Status.SINGLE) == 1003
    # 41,675 − 40,000 at 0 %, the other 8,325 at 15 %.
    assert tax_with_gains(Decimal(50_000), Decimal(10_000), law, Status.SINGLE) == (
        figured_tax(Decimal(40_000), law, Status.SINGLE) + 1249
    )
    assert taxable_social_security(Decimal(20_000), Decimal(10_000), Status.SINGLE) == 0
    assert taxable_social_security(Decimal(20_000), Decimal(20_000), Status.SINGLE) == 2500
    assert taxable_social_security(Decimal(20_000), Decimal(90_000), Status.SINGLE) == 17_000
    assert line_5_worksheet(Decimal(60_000), 2, 1, Status.JOINT) == 6600
    assert line_5_worksheet(Decimal(90_000), 1, 0, Status.SINGLE) == 2250
    assert line_5_worksheet(Decimal(180_000), 1, 1, Status.JOINT) == 2100


@pytest.mark.parametrize(
    ("year", "maxima"),
    [
        (2021, (1502, 3618, 5980, 6728)),
        (2022, (560, 3733, 6164, 6935)),
        (2023, (600, 3995, 6604, 7430)),
    ],
)
def test_earned_income_credit_peaks_and_ends(year: int, maxima: tuple[int, ...]) -> None:
    for children, most in enumerate(maxima):
        law = PARAMETERS[year]
        column = law.earned_income_credit[children]
        peak = Decimal(column.earned_amount + 100)
        assert earned_income_credit(peak, peak, children, law, Status.SINGLE) == most
        far = Decimal(70_000)
        assert earned_income_credit(far, far, children, law, Status.JOINT) == 0

"""Invented people: well formed, never anybody's, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.us import ein, itin, rtn, ssn

from benchmarks.samples.people import (
    invent_ein,
    invent_household,
    invent_payers,
    invent_phone,
    invent_routing_number,
    invent_taxpayer_id,
)
from extractors.parsing import canonical
from schemas.forms import FieldKind

seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_identifiers_are_well_formed_and_nobodys(seed: int) -> None:
    number = invent_taxpayer_id(np.random.default_rng(seed))
    assert len(number) == 9 and number.isdigit()
    area, group, serial = number[:3], number[3:5], number[5:]
    assert area not in ("000", "666") and group != "00" and serial != "0000"
    assert not ssn.is_valid(number), "no social security number begins with 9"
    assert not itin.is_valid(number), "ITINs have other groups"
    assert not 90 <= int(group) <= 99, "nor is it an ATIN"


@given(seeds)
def test_bank_and_employer_numbers_lead_nowhere(seed: int) -> None:
    rng = np.random.default_rng(seed)
    routing = invent_routing_number(rng)
    assert rtn.is_valid(routing)
    assert int(routing[:2]) in {*range(1, 13), *range(21, 33)}
    assert routing[2] == "9"
    assert not ein.is_valid(invent_ein(rng)), "the prefix is not assigned"
    phone = invent_phone(rng)
    assert phone[3:8] == "55501" and canonical(FieldKind.PHONE, phone) == phone


@given(seeds, st.integers(19, 88), st.integers(0, 4), st.sampled_from([2021, 2022, 2023]))
def test_a_household_hangs_together(seed: int, age: int, children: int, year: int) -> None:
    rng = np.random.default_rng(seed)
    home = invent_household(rng, year, age, None, children)
    again = invent_household(np.random.default_rng(seed), year, age, None, children)
    assert home == again
    assert home.spouse is None and len(home.dependants) == children
    assert len(home.state) == 2 and len(home.zip_code) == 5
    assert home.signed.year == year + 1
    limit = 18 if year == 2021 else 17
    for one in home.dependants:
        assert one.person.born <= year
        assert one.other_credit == (year - one.person.born >= limit)
    numbers = [home.taxpayer.ssn, *(one.person.ssn for one in home.dependants)]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("funds", [True, False])
def test_payers_differ(funds: bool) -> None:
    payers = invent_payers(np.random.default_rng(1), 5, funds)
    assert len(set(payers)) == 5

"""Which accepted returns are keyed blind: for ever the same, in the share that was asked for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from small_department import REVIEW, filed

from schemas.policy import Sampling
from schemas.returns import TaxReturn, return_id
from validators.sampling import draw_sample

KEY = b"a key that nobody knows, 32 byte"
keys = st.binary(min_size=32, max_size=32)


def returns(count: int) -> list[TaxReturn]:
    one = filed({"wages": "100", "interest": REVIEW, "blind": True})
    return [one.model_copy(update={"return_id": return_id("a" * 64, n)}) for n in range(count)]


MANY = returns(2000)


def chosen(filed_so: Sequence[TaxReturn], sampling: Sampling, key: bytes = KEY) -> set[str]:
    without = sampling.model_copy(update={"blanks": 0.0})
    return {one.return_id for one in filed_so if draw_sample(one, without, key)}


@settings(max_examples=8, deadline=None)
@given(keys, st.sampled_from((0.0, 0.001, 0.02, 0.3, 1.0)))
def test_the_share_is_met_as_chance_has_it(key: bytes, share: float) -> None:
    found = len(chosen(MANY, Sampling(share=share), key))
    low, high = binom.interval(1 - 1e-9, len(MANY), share)
    assert low <= found <= high


@settings(max_examples=20, deadline=None)
@given(keys, st.floats(0, 1), st.floats(0, 1))
def test_a_greater_share_adds_returns_and_drops_none(key: bytes, one: float, other: float) -> None:
    less, more = sorted((one, other))
    some = MANY[:200]
    assert chosen(some, Sampling(share=less), key) <= chosen(some, Sampling(share=more), key)


@settings(max_examples=20, deadline=None)
@given(keys, st.permutations(range(10)))
def test_the_same_return_always_gets_the_same_answer(key: bytes, order: list[int]) -> None:
    half, some = Sampling(share=0.5), [MANY[at] for at in order]
    assert chosen(some, half, key) == chosen(MANY[:10], half, key)
    assert [draw_sample(one, half, key) for one in some] == [
        draw_sample(one, half, key) for one in some
    ]


def test_without_the_key_nobody_can_tell_who_is_chosen() -> None:
    sampling = Sampling(share=0.5)
    by_one, by_another = chosen(MANY, sampling), chosen(MANY, sampling, b"another key" * 3)
    same = sum((one.return_id in by_one) == (one.return_id in by_another) for one in MANY)
    low, high = binom.interval(1 - 1e-9, len(MANY), 0.5)
    assert low <= same <= high
    with pytest.raises(ValueError, match="secret key"):
        draw_sample(MANY[0], sampling, b"")


def test_all_that_was_taken_is_keyed_and_a_share_of_the_blanks() -> None:
    everything = draw_sample(MANY[0], Sampling(share=1, blanks=1), KEY)
    names = {place.name for place in everything}
    assert {"wages", "blind", "spouse_ssn", "signature"} <= names
    assert "interest" not in names, "it waits for a person anyway"

    filled = draw_sample(MANY[0], Sampling(share=1, blanks=0), KEY)
    assert {place.name for place in filled} == {"wages", "blind"}
    assert {place.form for place in filled} == {0}

    blanks = len(everything) - len(filled)
    drawn = sum(len(draw_sample(one, Sampling(share=1, blanks=0.1), KEY)) - 2 for one in MANY[:500])
    low, high = binom.interval(1 - 1e-9, 500 * blanks, 0.1)
    assert low <= drawn <= high


def test_what_a_person_keyed_already_is_not_sampled() -> None:
    (form,) = MANY[0].forms
    keyed = tuple(
        value.model_copy(update={"decided_by": "person:ada"}) if value.name == "wages" else value
        for value in form.values
    )
    one = MANY[0].model_copy(update={"forms": (form.model_copy(update={"values": keyed}),)})
    drawn = draw_sample(one, Sampling(share=1, blanks=0), KEY)
    assert [place.name for place in drawn] == ["blind"]

"""Masking: identifiers are hidden in any text, content hashes are not identifiers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.masking import mask_text

HASH = "a5f900110001b" + "0" * 51


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("SSN 900-11-0001.", "SSN ***-**-0001."),
        ("900110001", "***-**-0001"),
        (f"{HASH} of 900110001", f"{HASH} of ***-**-0001"),
        (HASH[:-1], HASH[:3] + "***-**-0001" + HASH[12:-1]),  # not a hash: better too much
        ("9" * 64, "9" * 64),
    ],
)
def test_what_is_masked(text: str, masked: str) -> None:
    assert mask_text(text) == masked


@given(st.text("0123456789abcdef", min_size=64, max_size=64))
def test_a_hash_stays_whole(digest: str) -> None:
    assert mask_text(f"document {digest}, page 1") == f"document {digest}, page 1"


@given(st.from_regex(r"\d{3}-\d{2}-\d{4}", fullmatch=True), st.text(" .,;a-zA-Z", max_size=9))
def test_no_identifier_is_left(identifier: str, around: str) -> None:
    assert identifier not in mask_text(f"{around} {identifier} {around}")

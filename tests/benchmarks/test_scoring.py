"""What counts as exactly right, and how shares and their intervals are counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scoring import KIND_GROUPS, Scored, same, tabulate, wilson
from schemas.forms import FieldKind


@pytest.mark.parametrize(
    ("kind", "truth", "read", "right"),
    [
        (FieldKind.AMOUNT, "1234", "1234.00", True),
        (FieldKind.AMOUNT, "1234", "1235", False),
        (FieldKind.AMOUNT, "1234", "see statement", False),
        (FieldKind.AMOUNT, "0", None, False),
        (FieldKind.AMOUNT, None, None, True),
        (FieldKind.AMOUNT, None, "0", False),
        (FieldKind.TAXPAYER_ID, "912345678", "912-34-5678", True),
        (FieldKind.TAXPAYER_ID, "912345678", "912345679", False),
        (FieldKind.NAME, "Mary J. O'Hara", "MARY J O'HARA", True),
        (FieldKind.NAME, "Mary", "Nary", False),
        (FieldKind.DATE, "2023-04-01", "2023-04-01", True),
        (FieldKind.CHECKBOX, True, True, True),
        (FieldKind.CHECKBOX, False, None, True),
        (FieldKind.CHECKBOX, True, None, False),
    ],
)
def test_exactly_right(kind, truth, read, right):
    assert same(kind, truth, read) is right


def test_every_kind_is_in_a_group():
    assert set(KIND_GROUPS) == set(FieldKind)


def scored(group="amounts", filled=True, right=True, accepted=True):
    return Scored(group, "hand", "fair", filled, right, accepted, 0.9, "f|1|form|name")


def test_blank_fields_are_counted_apart_and_marks_together():
    rows = {
        row.group: row
        for row in tabulate(
            [
                scored(),
                scored(right=False),
                scored(right=False, accepted=False),
                scored(filled=False),
                scored("marks", filled=False),
                scored("marks"),
            ]
        )
    }
    assert rows["amounts"].fields == 3
    assert rows["amounts"].share_right == pytest.approx(1 / 3)
    assert (rows["amounts"].accepted, rows["amounts"].accepted_wrong) == (2, 1)
    assert rows["blanks"].fields == 1
    assert rows["marks"].fields == 2


@given(st.integers(1, 100_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(counts):
    hits, of = counts
    low, high = wilson(hits, of)
    assert 0 <= low <= hits / of + 1e-12
    assert hits / of - 1e-12 <= high <= 1


def test_the_interval_of_no_errors_is_not_nothing():
    assert wilson(0, 600)[1] == pytest.approx(0.0064, abs=0.0001)

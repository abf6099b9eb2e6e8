"""What went wrong, told from the truth and the reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.measure import Misread
from benchmarks.misreadings import classify, confusions, edit_distance, tally, worst


def misread(truth, read, group="amounts", **more):
    given = {"accepted": False, "confidence": 0.5} | more
    return Misread("f", 1, "form", "name", group, truth, read, bbox=(0, 0, 1, 1), **given)


@pytest.mark.parametrize(
    ("truth", "read", "group", "name"),
    [
        ("1,234", "1,284", "amounts", "one digit for another"),
        ("1,234", "7,284", "amounts", "several digits"),
        ("1,234.50", "1,23450", "amounts", "comma or point"),
        ("(120)", "120", "amounts", "minus or bracket"),
        ("(1447)", "114471", "amounts", "bracket read as a digit"),
        ("1,234", "11234", "amounts", "digit too many where a comma or point is"),
        ("234", "2341", "amounts", "digit too many"),
        ("912-34-5678", "12345678", "identifiers", "digit lost"),
        ("912-34-5678", "345678", "identifiers", "several digits lost"),
        ("912", " ", "identifiers", "writing that no engine could read"),
        ("JAMIE H", "JAMIEH", "text", "space between words"),
        ("O'Brien", "OBrien", "text", "punctuation"),
        ("SNOW", "SHOW", "text", "one letter"),
        ("Springfield", "Sprnqficld", "text", "several letters"),
    ],
)
def test_classes(truth, read, group, name):
    assert classify(misread(truth, read, group)) == name


def test_what_is_not_there_and_what_is_taken_back_are_classes_of_their_own():
    assert classify(misread("", "1", filled=False)) == "writing seen where there is none"
    assert classify(misread("True", "", "marks")) == "mark not seen"
    assert classify(misread("", "X", "marks", filled=False)) == "mark seen where there is none"
    assert classify(misread("12", "127", manner="struck_out")) == "something struck out"


def test_classes_and_confused_digits_are_counted_commonest_first():
    found = [misread("17", "77"), misread("1", "7", accepted=True), misread("5", "55")]
    assert tally(found) == [("one digit for another", 2, 1), ("digit too many", 1, 0)]
    assert confusions(found) == [("1", "7", 2)]


def test_the_worst_are_those_taken_unseen_then_the_surest():
    taken, sure = misread("1", "7", accepted=True), misread("1", "7", confidence=0.9)
    assert list(worst([misread("1", "7"), sure, taken], 2)) == [taken, sure]


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_edit_distance_is_a_metric(a, b, c):
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) is (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)

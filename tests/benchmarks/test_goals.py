"""The goals beside what was measured: yes and no as they are."""

from __future__ import annotations

from benchmarks.goals import acceptance_table, goal_table, speed_goals
from benchmarks.scoring import STRUCK_OUT, Scored, group_of
from schemas.forms import FieldKind


def fields(group, right, wrong, quality="fair", accepted=False, manner=None, filled=True):
    risk = 1 / 601 if accepted else 1 / 500
    return [
        Scored(group, "hand", quality, filled, i < right, accepted, 0.9, "k", risk, manner)
        for i in range(right + wrong)
    ]


def row(table, name):
    return next(line for line in table if line.startswith(f"| {name}"))


def test_each_quality_is_held_against_its_own_goal():
    hand = fields("amounts", 96, 4) + fields("amounts", 96, 4, quality="good")
    cells = row(goal_table(hand, []), "handwritten amounts").split("|")
    assert "**no** **96.0%** ≥ 97 %" in cells[2]
    assert "**yes** **96.0%** ≥ 95 %" in cells[3]
    assert "not measured" in cells[4]


def test_typed_fields_and_struck_out_ones_do_not_count_as_handwriting():
    hand = fields("amounts", 10, 0) + fields("amounts", 0, 10, manner=STRUCK_OUT)
    table = goal_table(hand, fields("amounts", 0, 5))
    assert "100.0%" in row(table, "handwritten amounts")
    assert "0.0%" in row(table, "typed fields")


def test_acceptance_needs_both_enough_taken_and_few_of_them_wrong():
    members = fields("amounts", 1800, 0, accepted=True) + fields("dates", 100, 100)
    members += fields("text", 599, 1, accepted=True) + fields("marks", 9, 9, accepted=True)
    table = acceptance_table(members)
    numbers, text = row(table, "filled number"), row(table, "filled text")
    assert "| 2000 | **yes** **90.0%** ≥ 80% | **yes** 0 of 1800 = none" in numbers
    assert "**yes** 1 of 600 = 1 in 600" in text
    worse = acceptance_table(fields("text", 598, 2, accepted=True))
    assert "**no** 2 of 600 = 1 in 300" in row(worse, "filled text")
    assert "**no**" in row(acceptance_table([]), "filled number")


def test_speed_is_held_against_both_its_goals():
    assert [line[2:9] for line in speed_goals(16.0, 0.4)] == ["**yes**", "**no**:"]


def test_ptins_are_no_nine_digit_identifiers():
    assert group_of(FieldKind.TAXPAYER_ID, "905112345") == "identifiers"
    assert group_of(FieldKind.TAXPAYER_ID, "P90112345") == "other numbers"
    assert group_of(FieldKind.TAXPAYER_ID, None) == "identifiers"

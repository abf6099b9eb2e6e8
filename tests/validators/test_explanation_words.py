"""What an auditor reads: shares, odds, deciders and arithmetic in plain words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.explanation import FieldTold, RuleInput
from schemas.forms import FieldKind
from schemas.readings import (
    Alternative,
    FirstReading,
    Reading,
    Reconciled,
    Reconciliation,
    ValueStatus,
)
from validators.explanation_words import (
    alternatives_words,
    arithmetic_words,
    decided_words,
    held_words,
    input_value_words,
    odds_words,
    percent,
    sure_words,
    waiting_words,
)


def field(**facts) -> FieldTold:
    held = {
        "form": "form_1040", "year": 2022, "copy_number": 1, "name": "wages", "line": "1z",
        "label": "", "group": None, "kind": FieldKind.AMOUNT, "page": 1, "form_page": 1,
        "bbox": (1, 2, 3, 4), "value": "52340", "as_read": "52,340", "ink": "hand",
        "confidence": 0.9991, "risk": 0.0009, "target_error": 1 / 600,
        "status": ValueStatus.ACCEPTED, "reason": None, "decided_by": "engine:strip 7",
        "decided_at": datetime(2026, 11, 24, tzinfo=UTC), "readings": (), "reconciliation": None,
        "reviews": (), "is_hidden": False,
    }  # fmt: skip
    return FieldTold(**held | facts)


def said(outcome: Reconciled, **more) -> Reconciliation:
    first = FirstReading(
        value="52840", as_read="52,840", confidence=0.71, risk=0.3, status=ValueStatus.REVIEW,
        decided_by="engine:strip 7", reason="the engines disagree",
    )  # fmt: skip
    told = {"rules": ("A-1", "A-2"), "probability": 0.9975, "first": first}
    return Reconciliation(outcome=outcome, **told | more)


@given(st.floats(0, 1))
def test_a_share_is_never_all_or_nothing_unless_it_is(share: float) -> None:
    told = percent(share)
    assert (told == "100 %") == (share == 1)
    assert (told == "0 %") == (share == 0)
    assert told not in ("100.0 %", "100.00 %", "0.0 %", "0.00 %")


@given(st.floats(-60, 60))
def test_odds_lead_with_the_likelier_side(log_odds: float) -> None:
    left, right = odds_words(log_odds).split("\u00a0:\u00a0")
    assert (right if log_odds > 0 else left) == "1"


@pytest.mark.parametrize(
    ("log_odds", "told"), [(-0.0, "1 : 1.0"), (2.708, "15 : 1"), (-50, "1 : over a million")]
)
def test_odds(log_odds: float, told: str) -> None:
    assert odds_words(log_odds).replace("\u00a0", " ") == told


@pytest.mark.parametrize(
    ("decided_by", "told"),
    [
        ("engine:ink 1", "engine ink 1"),
        (
            "engines:strip 7e+rapidocr 3.10.0/PP-OCRv6-small+words2",
            "engines strip 7e and rapidocr 3.10.0/PP-OCRv6-small+words2, which read the same",
        ),
        (
            "engines:rapidocr 3.10.0/PP-small+words2+strip 7e",
            "engines rapidocr 3.10.0/PP-small+words2 and strip 7e, which read the same",
        ),
        ("rules:A-1+A-2", "arithmetic, among what the engines read, by A-1 and A-2"),
        ("person:ada", "a person: ada"),
        ("whoever", "whoever"),
    ],
)
def test_who_decided(decided_by: str, told: str) -> None:
    assert decided_words(field(decided_by=decided_by)) == told


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "52,340"),
        ({"value": "-120.50"}, "-120.50"),
        ({"status": ValueStatus.REVIEW}, "nothing yet; the likeliest reading is 52,340"),
        ({"status": ValueStatus.REVIEW, "value": None}, "nothing yet"),
        ({"status": ValueStatus.BLANK, "value": None}, "blank"),
        ({"kind": FieldKind.CHECKBOX, "value": True}, "marked"),
        ({"kind": FieldKind.SIGNATURE, "value": False, "status": ValueStatus.BLANK}, "not signed"),
        ({"kind": FieldKind.TEXT, "value": "1234567"}, "1234567"),
    ],
)
def test_what_is_held(facts: dict, told: str) -> None:
    assert held_words(field(**facts)) == told


def test_how_sure_names_the_bound_and_what_the_department_bears() -> None:
    assert sure_words(field()) == (
        "99.91 % that this is what is on the paper; of all that are as sure, at most 0.09 % are "
        "wrong (the department bears 0.17 %)"
    )
    assert "at most 0.01 % are wrong" in sure_words(field(risk=1e-9))
    assert ";" not in sure_words(field(risk=None))
    assert "bears" not in sure_words(field(target_error=None))


def test_why_it_waits_only_where_it_does() -> None:
    assert waiting_words(field(reason="old")) == ""
    assert waiting_words(field(status=ValueStatus.REVIEW, reason="smudge")) == "smudge"
    assert waiting_words(field(status=ValueStatus.REVIEW)) != ""


def test_what_arithmetic_said() -> None:
    def told(reconciliation: Reconciliation | None) -> str:
        words = " ".join(arithmetic_words(field(reconciliation=reconciliation)))
        return words.replace("\u00a0", " ")

    assert told(None).startswith("Nothing")
    confirmed = told(said(Reconciled.CONFIRMED))
    assert "A-1 and A-2 hold with it" in confirmed and "99.75 %" in confirmed
    assert "A-1 holds with it" in told(said(Reconciled.CONFIRMED, rules=("A-1",)))
    corrected = told(said(Reconciled.CORRECTED, log_odds=-2.708))
    assert "“52,340”" in corrected and "1 : 15" in corrected
    assert "Before that it was “52,840” (71.0 %), to a person (the engines disagree)" in corrected
    conflict = told(said(Reconciled.CONFLICT, alternative="52940", log_odds=2.708))
    assert "A-1 and A-2 do not hold" in conflict and "“52,940” (15 : 1 by the ink)" in conflict
    assert "A-1 does not hold" in told(said(Reconciled.CONFLICT, rules=("A-1",)))
    mistake = told(said(Reconciled.MISTAKE, correction=Decimal("1234.5")))
    assert "Kept as filed" in mistake and "1,234.50" in mistake


def test_alternatives_of_an_identifier_are_only_counted() -> None:
    others = tuple(Alternative(text=f"***-**-000{n}", log_odds=-3.0 * n) for n in range(1, 8))
    reading = Reading(engine="strip", version="7", text="***", confidence=0.9, alternatives=others)
    hidden = alternatives_words(field(is_hidden=True), reading).replace("\u00a0", " ")
    assert hidden == "7 others, masked; the likeliest 1 : 20"
    shown = alternatives_words(field(), reading)
    assert "***-**-0005" in shown and shown.endswith("and 2 more")
    assert alternatives_words(field(), reading.model_copy(update={"alternatives": ()})) == ""


@pytest.mark.parametrize(
    ("value", "told"),
    [(None, "unread"), ("", "blank"), ("yes", "marked"), ("1234.50", "1,234.50"), ("(x)", "(x)")],
)
def test_what_went_into_a_rule(value: str | None, told: str) -> None:
    given_value = RuleInput(form="form_1040", name="wages", line="1z", value=value)
    assert input_value_words(given_value) == told

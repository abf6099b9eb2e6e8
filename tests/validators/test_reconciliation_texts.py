"""Texts that the return checks: identifiers on every page, numbers with a check digit, names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noisy_returns import UNSURE, outcome, quick, read_as, reconcile, value_of
from small_department import filed, rule

from schemas.readings import Reconciled, ValueStatus
from schemas.rules import Severity
from validators.text_functions import names_shown

CHECKSUM = rule("routing_checksum(routing_number)", id="T-RTN", when="present(routing_number)")
NINE_DIGITS = rule('matches(routing_number, "[0-9]{9}")', id="T-9", when="present(routing_number)")
NAMES = rule(
    "names_shown(dependent_1_name, taxpayer_name, dependent_2_name)",
    id="T-NAMES", severity=Severity.ALERT, mistake_log_odds=-3,
)  # fmt: skip

ROUTING = "021000021"
ONE_OFF = "021000071"


def test_a_check_digit_confirms_a_number() -> None:
    first = read_as(filed({"routing_number": ROUTING}), {"routing_number": (ROUTING, [], 0.99)})
    (after,) = reconcile(first, rules=(CHECKSUM,)).returns
    assert outcome(after, "routing_number") is Reconciled.CONFIRMED
    assert value_of(after, "routing_number").status is ValueStatus.ACCEPTED


def test_a_number_whose_check_digit_fails_is_not_accepted() -> None:
    seen = {"routing_number": (ONE_OFF, [(ROUTING, -1.0)], UNSURE)}
    (after,) = reconcile(
        read_as(filed({"routing_number": ONE_OFF}), seen), rules=(CHECKSUM,)
    ).returns
    assert value_of(after, "routing_number").status is ValueStatus.REVIEW
    assert outcome(after, "routing_number") in (Reconciled.CONFLICT, Reconciled.CORRECTED)


def test_a_number_read_with_confidence_keeps_its_failing_check_digit() -> None:
    first = read_as(filed({"routing_number": ONE_OFF}), confidence=0.9999)
    (after,) = reconcile(first, rules=(CHECKSUM,)).returns
    assert value_of(after, "routing_number").value == ONE_OFF


def test_how_a_number_is_written_says_nothing_of_its_digits() -> None:
    first = read_as(filed({"routing_number": ROUTING}), {"routing_number": (ROUTING, [], 0.9)})
    (after,) = reconcile(first, rules=(NINE_DIGITS,)).returns
    assert after == first


def test_two_check_digits_that_fit_leave_it_open() -> None:
    """The engine's other value passes as well: the check digit cannot tell them apart."""
    seen = {"routing_number": (ROUTING, [("011000015", -0.2)], UNSURE)}
    (after,) = reconcile(
        read_as(filed({"routing_number": ROUTING}), seen), rules=(CHECKSUM,)
    ).returns
    assert value_of(after, "routing_number").status is ValueStatus.REVIEW


PEOPLE = {"dependent_1_name": "ANN & BO SMITH", "taxpayer_name": "Ann", "dependent_2_name": "Smith"}


def test_a_heading_confirms_the_names_that_it_shows() -> None:
    given_ = PEOPLE | {"dependent_1_name": "Ann Smith"}
    seen = {"dependent_2_name": ("Smith", [("Smlth", -2.0)], 0.99)}
    (after,) = reconcile(read_as(filed(given_), seen), rules=(NAMES,)).returns
    assert outcome(after, "dependent_2_name") is Reconciled.CONFIRMED


def test_a_heading_that_shows_another_name_is_no_mistake_to_be_corrected() -> None:
    given_ = PEOPLE | {"dependent_1_name": "Ann Smythe"}
    (after,) = reconcile(read_as(filed(given_), confidence=0.9999), rules=(NAMES,)).returns
    assert value_of(after, "dependent_1_name").value == "Ann Smythe"


def test_an_alert_without_odds_of_its_own_takes_no_part() -> None:
    alert = NAMES.model_copy(update={"mistake_log_odds": None})
    first = read_as(filed(PEOPLE), {"dependent_2_name": ("Smith", [], UNSURE)})
    (after,) = reconcile(first, rules=(alert,)).returns
    assert after == first


@pytest.mark.parametrize(
    ("shown", "names", "agrees"),
    [
        ("ANN SMITH", ("Ann", "Smith"), True),
        ("Smith, Ann Q.", ("Ann Q", "Smith"), True),
        ("A. Smith", ("Ann", "Smith"), True),
        ("Ann & Bo Smith", ("Ann", "Smith", "Bo", "Smith"), True),
        ("Ann Smith and Bo Jones Jr", ("Ann", "Smith", "Bo", "Jones"), True),
        ("Ann Smith", ("Ann", "Smith", "Bo", "Jones"), True),  # the spouse may be left out
        ("Ann & Bo Smith", ("Ann", "Smith"), False),  # who is Bo?
        ("Ann Smlth", ("Ann", "Smith"), False),
        ("Bo Smith", ("Ann", "Smith", "Bo", "Smith"), False),  # not the filer's own
        ("Ann", ("Ann", "Smith"), False),
        ("A S", ("Ann", "Smith"), False),  # an initial is no last name
        ("Ann O'Neil-Roe", ("Ann", "O'Neil-Roe"), True),
        ("Ann Smith", ("", "Smith"), False),  # Ann is nobody's name
        ("", ("Ann", "Smith"), False),
    ],
)
def test_names_shown(shown: str, names: tuple[str, ...], agrees: bool) -> None:
    assert names_shown(shown, *names) is agrees


words = st.text("abcdefghij", min_size=2, max_size=8)


@quick
@given(first=words, last=words, at=st.integers(0, 30))
def test_names_shown_notices_any_letter_that_is_another(first: str, last: str, at: int) -> None:
    heading = f"{first} {last}"
    assert names_shown(heading.upper(), first, last)
    at %= len(heading)
    if heading[at] != " ":
        assert not names_shown(heading[:at] + "z" + heading[at + 1 :], first, last)

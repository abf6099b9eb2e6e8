"""Reading the return as a whole: what is mended, what is believed, and what is left alone."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from noisy_returns import (
    CARRIED,
    FIELDS,
    RULES,
    SAME_FILER,
    TAX,
    TAXABLE,
    TOTAL,
    UNSURE,
    amounts,
    chain,
    outcome,
    quick,
    read_as,
    reconcile,
    value_of,
)
from small_department import REVIEW, filed, rule

from schemas.readings import FieldValue, Reconciled, ValueStatus
from schemas.rules import Severity, YearRange
from validators.reconciliation.outcomes import Belief

CONFIRMED, CORRECTED = Reconciled.CONFIRMED, Reconciled.CORRECTED
CONFLICT, MISTAKE = Reconciled.CONFLICT, Reconciled.MISTAKE


def one_digit_off(number: int, at: int, by: int) -> int:
    digits = list(str(number))
    at %= len(digits)
    changed = (int(digits[at]) + 1 + by % 8) % 10
    if at == 0 and changed == 0:
        changed = 9 if digits[0] != "9" else 8
    digits[at] = str(changed)
    return int("".join(digits))


# Filers' mistakes


@quick
@given(
    wages=amounts, interest=amounts, deduction=st.integers(0, 20_000),
    field=st.sampled_from(FIELDS), wrong=st.integers(0, 10**12),
    alternative=st.booleans(), odds=st.floats(-9, -0.01),
)  # fmt: skip
def test_a_confident_reading_is_never_changed(
    wages: int, interest: int, deduction: int, field: str, wrong: int,
    alternative: bool, odds: float,
) -> None:  # fmt: skip
    """Whatever the size of the mistake, and though the ink might say what arithmetic wants."""
    right = chain(wages, interest, deduction)
    seen = {field: (str(wrong), [(str(right[field]), odds)] if alternative else [], 0.9995)}
    (after,) = reconcile(read_as(filed(right), seen)).returns
    for name in FIELDS:
        expected = str(wrong) if name == field else str(right[name])
        assert value_of(after, name).value == expected


@quick
@given(wages=amounts, interest=amounts, wrong=st.integers(0, 10**9))
def test_a_mistake_on_the_last_line_is_kept_and_corrected_beside(
    wages: int, interest: int, wrong: int
) -> None:
    right = chain(wages, interest)
    assume(abs(wrong - right["tax"]) > 1)
    (after,) = reconcile(read_as(filed(right | {"tax": wrong}), confidence=0.9999)).returns
    tax = value_of(after, "tax")
    assert tax.value == str(wrong)
    assert tax.status is ValueStatus.ACCEPTED
    assert outcome(after, "tax") is MISTAKE
    assert tax.reconciliation is not None
    assert tax.reconciliation.correction == right["tax"]
    assert tax.reconciliation.rules == ("T-016",)


@quick
@given(
    wages=amounts, interest=amounts, at=st.integers(0, 5), by=st.integers(0, 7),
    odds=st.floats(-6, -0.05), confidence=st.sampled_from([0.5, 0.9, 0.98]),
)  # fmt: skip
def test_a_mistake_on_the_last_line_is_not_overwritten_though_the_ink_wavers(
    wages: int, interest: int, at: int, by: int, odds: float, confidence: float
) -> None:
    """One rule alone wants it: the filer may be wrong as well as the reading. A person looks."""
    right = chain(wages, interest)
    wrong = one_digit_off(right["tax"], at, by)
    assume(abs(wrong - right["tax"]) > 1)
    seen = {"tax": (str(wrong), [(str(right["tax"]), odds)], confidence)}
    (after,) = reconcile(read_as(filed(right), seen)).returns
    assert value_of(after, "tax").value == str(wrong)
    assert value_of(after, "tax").status is ValueStatus.REVIEW


def test_a_mistake_that_other_rules_confirm_was_written_is_known_as_such() -> None:
    """Line 9 is wrong, and the filer went on with it; the reading alone would not be held."""
    right = chain(52_000, 340) | {"total_income": 52_440, "taxable_income": 52_440, "tax": 5_244}
    seen = {"total_income": ("52440", [("52940", -2.0)], UNSURE)}
    again = rule("additional_income + total_income == dependents * 1", id="T-017")
    first = read_as(filed(right | {"dependents": 52_440}), seen, confidence=0.9999)
    (after,) = reconcile(first, rules=(*RULES, again)).returns
    total = value_of(after, "total_income")
    assert (total.value, total.status) == ("52440", ValueStatus.ACCEPTED)
    assert total.reconciliation is not None
    assert total.reconciliation.outcome is MISTAKE
    assert total.reconciliation.correction == 52_340


def test_a_blank_total_is_the_filers_mistake() -> None:
    given_ = chain(52_000, 340) | {"tax": None}
    (after,) = reconcile(read_as(filed(given_))).returns
    tax = value_of(after, "tax")
    assert tax.value is None
    assert tax.reconciliation is not None
    assert (tax.reconciliation.outcome, tax.reconciliation.correction) == (MISTAKE, Decimal(5234))


# Misread fields


@quick
@given(
    wages=amounts, interest=amounts, deduction=st.integers(0, 900), at=st.integers(0, 5),
    by=st.integers(0, 7), field=st.sampled_from(["total_income", "taxable_income"]),
    odds=st.floats(-4, -0.05),
)  # fmt: skip
def test_a_misread_digit_is_mended_where_two_rules_say_so(
    wages: int, interest: int, deduction: int, at: int, by: int, field: str, odds: float
) -> None:
    right = chain(wages, interest, deduction)
    misread = one_digit_off(right[field], at, by)
    # Far enough that the tax, a tenth, tells them apart.
    assume(abs(misread - right[field]) > 20)
    first = read_as(filed(right), {field: (str(misread), [(str(right[field]), odds)], UNSURE)})
    (after,) = reconcile(first).returns
    value = value_of(after, field)
    assert (value.value, outcome(after, field)) == (str(right[field]), CORRECTED)
    assert value.status is ValueStatus.ACCEPTED
    assert value.decided_by.startswith("rules:T-0")
    assert value.reconciliation is not None
    assert value.reconciliation.first.value == str(misread)
    assert value.reconciliation.first.status is ValueStatus.REVIEW
    assert value.reconciliation.log_odds is not None
    assert value.readings == value_of(first, field).readings


def test_what_no_engine_names_is_never_held() -> None:
    right = chain(52_000, 340)
    seen = {"total_income": ("52840", [("57840", -1.0)], UNSURE)}
    (after,) = reconcile(read_as(filed(right), seen)).returns
    total = value_of(after, "total_income")
    assert (total.value, total.status) == ("52840", ValueStatus.REVIEW)
    assert outcome(after, "total_income") is CONFLICT
    assert total.reconciliation is not None
    assert total.reconciliation.alternative == "52340"


def test_two_that_mend_it_equally_well_are_left_to_a_person() -> None:
    rules = (TOTAL, rule("total_income >= 0", id="T-001"))
    right = chain(52_000, 340)
    seen = {
        "wages": ("52100", [("52000", -1.0)], UNSURE),
        "interest": ("340", [("240", -1.0)], UNSURE),
    }
    (after,) = reconcile(read_as(filed(right), seen), rules=rules).returns
    for name, held in (("wages", "52100"), ("interest", "340")):
        assert value_of(after, name).value == held
        assert outcome(after, name) is CONFLICT
        assert value_of(after, name).status is ValueStatus.REVIEW


@quick
@given(wages=amounts, interest=amounts, slip=st.integers(2, 9_000))
def test_a_mistake_and_a_misread_digit_at_once(wages: int, interest: int, slip: int) -> None:
    right = chain(wages, interest)
    wrong_tax = right["tax"] + slip
    misread = one_digit_off(right["total_income"], 1, 3)
    seen = {"total_income": (str(misread), [(str(right["total_income"]), -1.0)], UNSURE)}
    returned = filed(right | {"tax": wrong_tax})
    (after,) = reconcile(read_as(returned, seen)).returns
    assert value_of(after, "total_income").value == str(right["total_income"])
    assert outcome(after, "total_income") is CORRECTED
    assert value_of(after, "tax").value == str(wrong_tax)
    assert outcome(after, "tax") is MISTAKE


def test_two_misread_fields_of_one_rule_are_both_mended() -> None:
    right = chain(52_000, 340, 12_000)
    seen = {
        "total_income": ("52840", [("52340", -0.5)], 0.6),
        "taxable_income": ("40840", [("40340", -0.5)], 0.6),
    }
    (after,) = reconcile(read_as(filed(right), seen)).returns
    assert value_of(after, "total_income").value == "52340"
    assert value_of(after, "taxable_income").value == "40340"


# Confirmation and confidence


def test_an_unsure_reading_that_adds_up_is_accepted() -> None:
    right = chain(52_000, 340, 12_000)
    seen = {"total_income": ("52340", [("52840", -2.0)], UNSURE)}
    (after,) = reconcile(read_as(filed(right), seen)).returns
    total = value_of(after, "total_income")
    assert (total.status, total.reason) == (ValueStatus.ACCEPTED, None)
    assert outcome(after, "total_income") is CONFIRMED
    assert total.confidence > 0.999
    assert total.reconciliation is not None
    assert set(total.reconciliation.rules) == {"T-009", "T-015"}


def test_what_no_rule_speaks_of_stays_as_read() -> None:
    seen = {"dependents": ("3", [("8", -1.0)], UNSURE)}
    first = read_as(filed(chain(52_000, 340) | {"dependents": 3}), seen)
    (after,) = reconcile(first).returns
    assert value_of(after, "dependents") == value_of(first, "dependents")


def test_a_rule_of_what_is_possible_confirms_nothing() -> None:
    rules = (rule("min(wages, interest) >= 0"),)
    first = read_as(filed({"wages": 100, "interest": 5}), {"wages": ("100", [], UNSURE)})
    (after,) = reconcile(first, rules=rules).returns
    assert value_of(after, "wages") == value_of(first, "wages")


def test_a_calibration_has_the_last_word() -> None:
    right = chain(52_000, 340, 12_000)
    seen = {"total_income": ("52340", [("52840", -2.0)], UNSURE)}
    heard: list[tuple[str, Reconciled, float]] = []

    def believe(value: FieldValue, said: Reconciled, probability: float) -> Belief:
        heard.append((value.name, said, probability))
        return Belief(0.75, 0.25)

    (after,) = reconcile(read_as(filed(right), seen), believe=believe).returns
    total = value_of(after, "total_income")
    assert (total.confidence, total.status) == (0.75, ValueStatus.REVIEW)
    assert value_of(after, "wages").status is ValueStatus.ACCEPTED  # by its ink alone
    assert any(name == "total_income" and said is CONFIRMED for name, said, _ in heard)


def test_a_doubt_that_the_engines_do_not_share_needs_more() -> None:
    """Struck out, say: the engines are sure of what stands there, old and new in one."""
    right = chain(52_000, 340)
    first = read_as(filed(right))
    doubted = {"status": ValueStatus.REVIEW, "reason": "something is struck out here"}
    (form,) = first.forms
    values = tuple(
        value.model_copy(update=doubted) if value.name in ("tax", "total_income") else value
        for value in form.values
    )
    first = first.model_copy(update={"forms": (form.model_copy(update={"values": values}),)})
    (after,) = reconcile(first).returns
    assert value_of(after, "tax").status is ValueStatus.REVIEW  # one rule
    assert value_of(after, "total_income").status is ValueStatus.ACCEPTED  # two


def test_doing_it_again_changes_nothing() -> None:
    right = chain(52_000, 340, 12_000) | {"tax": 1}
    seen = {"total_income": ("52840", [("52340", -0.5)], UNSURE)}
    (once,) = reconcile(read_as(filed(right), seen)).returns
    assert outcome(once, "total_income") is CORRECTED
    (twice,) = reconcile(once).returns
    assert twice == once


# What a rule may and may not speak of


def test_blanks_count_as_nothing() -> None:
    right = chain(52_000) | {"interest": None, "deduction": None}
    seen = {"total_income": ("52000", [], UNSURE)}
    (after,) = reconcile(read_as(filed(right), seen)).returns
    assert outcome(after, "total_income") is CONFIRMED
    assert value_of(after, "interest").reconciliation is None


@pytest.mark.parametrize("pages", [(1,), (1, 2)])
def test_what_is_unread_or_missing_says_nothing(pages: tuple[int, ...]) -> None:
    right = chain(52_000, 340)
    given_ = {name: right[name] for name in ("wages", "interest")}
    if 2 in pages:
        given_ |= {"total_income": REVIEW, "taxable_income": REVIEW, "tax": 99}
    else:
        given_ |= {"total_income": 52_340}
    first = read_as(filed(given_, pages=pages, missing=("form_1040 2022 page 2",)))
    (after,) = reconcile(first, rules=(TAXABLE, TAX)).returns
    assert after == first


def test_a_condition_that_is_not_met_says_nothing() -> None:
    first = read_as(filed({"wages": 5, "tax": 7}))
    rules = (
        rule("tax == wages", when="marked(blind)"),
        rule("tax == wages", id="T-2", years=YearRange(first=2021, last=2021)),
        rule("total == form_1040.wages", id="T-3", form="schedule_1"),
    )
    (after,) = reconcile(first, rules=rules).returns
    assert after == first


def test_an_alert_is_no_reason_to_read_otherwise() -> None:
    rules = (rule("tax == wages", severity=Severity.ALERT),)
    first = read_as(filed({"wages": 5, "tax": 7}), {"tax": ("7", [("5", -0.1)], UNSURE)})
    (after,) = reconcile(first, rules=rules).returns
    assert after == first


def test_tolerance_is_the_rules() -> None:
    given_ = {"wages": "100.40", "interest": "50.30", "total_income": "151"}
    seen = {"total_income": ("151", [("161", -1.0)], UNSURE)}
    (after,) = reconcile(read_as(filed(given_), seen), rules=(TOTAL,)).returns
    assert outcome(after, "total_income") is CONFIRMED


def test_what_a_person_keyed_is_not_touched() -> None:
    right = chain(52_000, 340)
    first = read_as(filed(right | {"total_income": 99}), {"total_income": ("99", [], UNSURE)})
    (form,) = first.forms
    keyed = {"decided_by": "person:clerk", "status": ValueStatus.ACCEPTED}
    values = tuple(
        value.model_copy(update=keyed) if value.name == "total_income" else value
        for value in form.values
    )
    first = first.model_copy(update={"forms": (form.model_copy(update={"values": values}),)})
    (after,) = reconcile(first).returns
    assert value_of(after, "total_income") == value_of(first, "total_income")


# Other forms and pages


def test_a_line_carried_to_another_form_is_read_on_both() -> None:
    main = chain(52_000, 340) | {"additional_income": 1_250, "total_income": 53_590}
    main |= {"taxable_income": 53_590, "tax": 5_359}
    seen = {"additional_income": ("1750", [("1250", -0.5)], UNSURE)}
    (after,) = reconcile(read_as(filed(main, {"total": 1_250}), seen)).returns
    assert value_of(after, "additional_income").value == "1250"
    assert value_of(after, "schedule_1.total").value == "1250"
    rules = value_of(after, "additional_income").reconciliation
    assert rules is not None
    assert set(rules.rules) == {"T-008", "T-009"}
    assert CARRIED in RULES


def test_identifiers_agree_across_pages() -> None:
    given_ = {"taxpayer_ssn": "900110001", "dependent_1_ssn": "900110001"}
    seen = {"dependent_1_ssn": ("900110001", [("900110007", -2.0)], UNSURE)}
    (after,) = reconcile(read_as(filed(given_), seen), rules=(SAME_FILER,)).returns
    assert outcome(after, "dependent_1_ssn") is CONFIRMED
    seen = {"dependent_1_ssn": ("900110007", [("900110001", -0.5)], UNSURE)}
    (after,) = reconcile(read_as(filed(given_), seen), rules=(SAME_FILER,)).returns
    assert outcome(after, "dependent_1_ssn") is CONFLICT
    assert value_of(after, "dependent_1_ssn").value == "900110007"


def test_digits_that_no_rule_notices_stay_in_doubt() -> None:
    """Within the tolerance of 0.99 any cents add up."""
    given_ = {"wages": "100.40", "interest": "50.30", "total_income": "150.90"}
    seen = {"total_income": ("150.90", [("750.90", -1.0)], 0.6)}
    (after,) = reconcile(read_as(filed(given_), seen), rules=(TOTAL,)).returns
    assert value_of(after, "total_income").status is ValueStatus.REVIEW
    exact = TOTAL.model_copy(update={"tolerance": Decimal(0), "id": "T-909"})
    given_["total_income"] = "150.70"
    seen = {"total_income": ("150.70", [("750.70", -1.0)], UNSURE)}
    (after,) = reconcile(read_as(filed(given_), seen), rules=(exact,)).returns
    assert value_of(after, "total_income").status is ValueStatus.ACCEPTED

"""What several engines' alternatives say together."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_fixtures import definition

from extractors.weighing import candidates, weigh
from schemas.forms import FieldKind
from schemas.readings import Alternative, Reading

AMOUNT = definition()


def reading(engine: str, problem: str | None = None, **shares: float) -> Reading:
    """Probabilities by text, the best first; `_1` is the text `1`."""
    texts = [(text.lstrip("_").replace("c", ","), share) for text, share in shares.items()]
    if problem is not None or not texts:
        return Reading(engine=engine, version="1", text="", confidence=0.0, problem=problem)
    (text, best), others = texts[0], texts[1:]
    return Reading(
        engine=engine,
        version="1",
        text=text,
        confidence=best,
        alternatives=tuple(
            Alternative(text=other, log_odds=math.log(share / best)) for other, share in others
        ),
    )


def test_one_engine_alone_is_believed_as_far_as_it_believes_itself() -> None:
    verdict = weigh(AMOUNT, [reading("strip", _12=0.9, _13=0.1)], "mdy")
    assert verdict.value == "12"
    assert verdict.score == pytest.approx(math.log(9), abs=0.1)
    assert str(verdict.witnesses) == "strip"


def test_texts_that_mean_the_same_count_together() -> None:
    verdict = weigh(AMOUNT, [reading("strip", _1234=0.4, _1235=0.35, _1c234=0.25)], "mdy")
    assert verdict.value == "1234"
    assert verdict.as_read == "1234"


def test_agreement_is_surer_than_one() -> None:
    alone = weigh(AMOUNT, [reading("strip", _12=0.9, _13=0.1)], "mdy")
    both = weigh(
        AMOUNT, [reading("strip", _12=0.9, _13=0.1), reading("rapidocr", _12=0.8, _18=0.1)], "mdy"
    )
    assert both.score > alone.score
    assert str(both.witnesses) == "rapidocr+strip"


def test_the_surer_engine_prevails_and_the_other_is_against() -> None:
    verdict = weigh(
        AMOUNT,
        [reading("strip", _12=0.99, _13=0.005), reading("rapidocr", _13=0.6, _12=0.3)],
        "mdy",
    )
    assert verdict.value == "12"
    assert str(verdict.witnesses) == "strip!rapidocr"
    assert [one.engine for one in verdict.engines] == ["strip"]


def test_what_both_have_second_can_be_best() -> None:
    verdict = weigh(
        AMOUNT,
        [reading("strip", _71=0.5, _77=0.45), reading("rapidocr", _17=0.5, _77=0.45)],
        "mdy",
    )
    assert verdict.value == "77"
    assert str(verdict.witnesses) == "!rapidocr+strip"
    assert verdict.engines


def test_a_reading_with_a_problem_is_no_witness() -> None:
    sound = reading("strip", _12=0.9)
    with_problem = weigh(AMOUNT, [sound, reading("rapidocr", problem="failed")], "mdy")
    assert with_problem == weigh(AMOUNT, [sound], "mdy")


def test_an_engine_that_read_no_value_is_against() -> None:
    verdict = weigh(AMOUNT, [reading("strip", _12=0.9), reading("rapidocr", _1c23=0.9)], "mdy")
    assert verdict.value == "12"
    assert verdict.witnesses.against == ("rapidocr",)


def test_nothing_that_can_be_a_value() -> None:
    verdict = weigh(definition(FieldKind.ROUTING_NUMBER), [reading("strip", _12=0.9)], "mdy")
    assert verdict.value is None
    assert verdict.as_read == "12"


@given(st.floats(0.05, 0.9), st.floats(0.05, 0.9))
def test_the_order_of_engines_does_not_matter(first: float, second: float) -> None:
    one = reading("strip", _12=first, _13=min(first, 1 - first) * 0.9)
    other = reading("rapidocr", _13=second, _12=min(second, 1 - second) * 0.9)
    ahead, behind = weigh(AMOUNT, [one, other], "mdy"), weigh(AMOUNT, [other, one], "mdy")
    assert ahead.value == behind.value
    assert ahead.score == pytest.approx(behind.score)


def test_case_makes_no_other_value_of_words() -> None:
    name = definition(FieldKind.NAME, "taxpayer_last_name")
    verdict = weigh(name, [reading("strip", Sanders=0.6), reading("rapidocr", SANDERS=0.9)], "mdy")
    assert verdict.value == "Sanders"
    assert str(verdict.witnesses) == "rapidocr+strip"


def test_candidates_are_all_values_with_their_shares() -> None:
    found = candidates(
        AMOUNT, [reading("strip", _12=0.7, _13=0.2), reading("rapid", _12=0.9)], "mdy"
    )
    assert [one.value for one in found] == ["12", "13"]
    assert found[0].share > 0.9 > found[1].share
    assert sum(one.share for one in found) < 1  # something is left for what nobody names
    assert candidates(AMOUNT, [reading("strip", _xx=0.9)], "mdy") == ()
    assert candidates(AMOUNT, [reading("strip", problem="failed")], "mdy") == ()

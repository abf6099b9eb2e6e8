"""A batch against the batches before it, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from loaded import SSN, Loaded, expecting
from small_department import REVIEW
from sqlalchemy.engine import Engine

from schemas.expectations import SteadyDistribution, SteadyShare
from schemas.returns import ReturnStatus
from validators.oversight.inquiry import Answer, Inquiry, ask
from validators.oversight.shifts import (
    ACCEPTANCE,
    BLANK_FIELDS,
    BLANK_SCANS,
    steady_distribution,
    steady_share,
)

SHARE = SteadyShare(least_items=10, least_change=0.2, deviations=1)


@pytest.fixture
def loaded(engine: Engine) -> Loaded:
    return Loaded(engine, expecting())


def asked(loaded: Loaded, inquiry: Inquiry) -> Answer:
    with loaded.engine.connect() as connection:
        answer = ask(inquiry, connection.execute)
    assert answer.failure == ""
    return answer


def told(loaded: Loaded, inquiry: Inquiry) -> dict[str, str]:
    return {
        (said := inquiry.tell(subject)).subject: said.message
        for subject in asked(loaded, inquiry).subjects
    }


def returns(number: int = 10, blank: int = 0, waiting: int = 0) -> list[dict[str, Any]]:
    """So many returns; on so many the interest is left blank, so many wait for a person."""
    return [
        {
            "taxpayer_ssn": SSN.format(at),
            "wages": REVIEW if at < waiting else 1_000 + at,
            "interest": None if at < blank else 7,
        }
        for at in range(number)
    ]


class TestShares:
    @pytest.mark.parametrize(("blank", "found"), [(5, False), (6, True), (1, False), (0, True)])
    def test_a_field_left_blank_more_or_less(self, loaded: Loaded, blank: int, found: bool) -> None:
        """Three of ten before; two tenths more are just not spoken of, three are."""
        for _ in range(2):
            loaded.batch(returns(blank=3))
        view = loaded.view(loaded.batch(returns(blank=blank)))
        said = told(loaded, steady_share(view, BLANK_FIELDS, SHARE))
        assert list(said) == (["form_1040.interest"] if found else [])
        if found:
            share = f"is blank is {blank * 10}.0%; in the 2 batches before it was 30.0%"
            assert share in said["form_1040.interest"]

    @pytest.mark.parametrize(("earlier", "compared"), [(1, False), (2, True)])
    def test_too_little_history(self, loaded: Loaded, earlier: int, compared: bool) -> None:
        for _ in range(earlier):
            loaded.batch(returns())
        loaded.batch(returns(9))  # too small to be history
        view = loaded.view(loaded.batch(returns(blank=9)))
        inquiry = steady_share(view, BLANK_FIELDS, SHARE)
        answer = asked(loaded, inquiry)
        assert (answer.basis >= inquiry.least) is compared
        assert bool(answer.subjects) is compared

    def test_a_batch_too_small_is_not_judged(self, loaded: Loaded) -> None:
        for _ in range(2):
            loaded.batch(returns())
        view = loaded.view(loaded.batch(returns(9, blank=9)))
        assert asked(loaded, steady_share(view, BLANK_FIELDS, SHARE)).basis == 0

    def test_what_varies_from_batch_to_batch_may_vary_on(self, loaded: Loaded) -> None:
        for blank in (0, 8, 0, 8):
            loaded.batch(returns(blank=blank))
        view = loaded.view(loaded.batch(returns(blank=8)))
        assert told(loaded, steady_share(view, BLANK_FIELDS, SHARE)) == {}

    def test_acceptance_of_fields_and_returns(self, loaded: Loaded) -> None:
        for _ in range(2):
            loaded.batch(returns())
        view = loaded.view(loaded.batch(returns(waiting=9)))
        said = told(loaded, steady_share(view, ACCEPTANCE, SHARE))
        assert "Of returns, the share that is accepted is 10.0%" in said["accepted.returns"]
        assert "Of filled fields, the share" in said["accepted.fields"]
        rejected = [{**one, "status": ReturnStatus.REJECTED} for one in returns()]
        view = loaded.view(loaded.batch(rejected))
        assert list(told(loaded, steady_share(view, ACCEPTANCE, SHARE))) == ["accepted.returns"]

    def test_a_scanner_that_suddenly_yields_blanks(self, loaded: Loaded) -> None:
        for _ in range(2):
            loaded.batch(returns(), blank_pages=2)
        view = loaded.view(loaded.batch(returns(), blank_pages=10))
        said = told(loaded, steady_share(view, BLANK_SCANS, SHARE))
        share = "The share of blank pages is 50.0%; in the 2 batches before it was 16.7%."
        assert said == {"pages.blank": share}

    def test_fewer_blanks_are_no_alert(self, loaded: Loaded) -> None:
        for _ in range(2):
            loaded.batch(returns(), blank_pages=10)
        view = loaded.view(loaded.batch(returns()))
        answer = asked(loaded, steady_share(view, BLANK_SCANS, SHARE))
        assert answer.basis == 2
        assert answer.subjects == ()

    def test_fields_blank_over_all(self, loaded: Loaded) -> None:
        for _ in range(2):
            loaded.batch(returns())
        view = loaded.view(loaded.batch([{}] * 10))
        small = SHARE.model_copy(update={"least_change": 0.05})
        assert list(told(loaded, steady_share(view, BLANK_SCANS, small))) == ["blank.fields"]


DISTRIBUTION = SteadyDistribution(least_items=10, least_change=0.5)


class TestDistributions:
    def _confidence(self, loaded: Loaded, sure: Any, said: SteadyDistribution) -> Inquiry:
        for _ in range(2):
            loaded.batch(returns(20), confidence=1.0)
        view = loaded.view(loaded.batch(returns(20), confidence=sure))
        return steady_distribution(view, "confidence_drift", "", "", "confidence", said)

    @pytest.mark.parametrize(("unsure", "found"), [(10, False), (11, True), (0, False)])
    def test_confidence(self, loaded: Loaded, unsure: int, found: bool) -> None:
        """Half of the readings less sure is just not spoken of."""
        sure = [0.6] * unsure + [1.0] * (20 - unsure)
        inquiry = self._confidence(loaded, sure, DISTRIBUTION)
        answer = asked(loaded, inquiry)
        assert answer.basis == 1
        assert [subject.name for subject in answer.subjects] == ["fields"] * found
        if found:
            distance = answer.subjects[0].first["distance"]
            assert distance == pytest.approx(unsure / 20)

    def test_what_chance_can_do_is_not_told_of(self, loaded: Loaded) -> None:
        """Two returns of three fields each: far apart from the history, but so few."""
        for _ in range(2):
            loaded.batch(returns(4))
        few = SteadyDistribution(least_items=6, least_change=0)
        view = loaded.view(loaded.batch(returns(2), confidence=[0.6, 1.0]))
        inquiry = steady_distribution(view, "confidence_drift", "", "", "confidence", few)
        answer = asked(loaded, inquiry)
        assert (answer.basis, answer.subjects) == (1, ())

    def test_too_little_history(self, loaded: Loaded) -> None:
        loaded.batch(returns(20))
        view = loaded.view(loaded.batch(returns(20), confidence=0.6))
        inquiry = steady_distribution(view, "confidence_drift", "", "", "confidence", DISTRIBUTION)
        assert asked(loaded, inquiry).basis < inquiry.least

    def test_amounts_read_with_a_digit_too_many(self, loaded: Loaded) -> None:
        for _ in range(2):
            loaded.batch(returns(20))
        view = loaded.view(
            loaded.batch([{**one, "wages": one["wages"] * 10} for one in returns(20)])
        )
        inquiry = steady_distribution(view, "amount_drift", "", "", "amount", DISTRIBUTION)
        said = told(loaded, inquiry)
        assert list(said) == ["form_1040.wages"]
        assert "How large amounts are on line 1z (wages)" in said["form_1040.wages"]

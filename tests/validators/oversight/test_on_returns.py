"""Returns against other returns, on both databases: holds, does not, just at the limit, nothing
to compare with."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from loaded import SSN, Loaded, expecting
from small_department import REVIEW
from sqlalchemy.engine import Engine

from validators.oversight.filers import (
    changed_since_last_year,
    repeated_content,
    repeated_filer,
)
from validators.oversight.inquiry import Answer, BatchInView, Inquiry, ask
from validators.oversight.peers import unlike_peers

RETURN: dict[str, Any] = {"taxpayer_ssn": SSN.format(1), "wages": 50_000, "interest": 7}


def asked(loaded: Loaded, inquiry: Inquiry) -> Answer:
    with loaded.engine.connect() as connection:
        answer = ask(inquiry, connection.execute)
    assert answer.failure == ""
    return answer


def view(loaded: Loaded, batch: str, **changes: Any) -> BatchInView:
    return loaded.view(batch, expecting(**changes))


@pytest.fixture
def loaded(engine: Engine) -> Loaded:
    return Loaded(engine, expecting())


class TestRepeatedFiler:
    def test_one_of_an_earlier_batch_and_one_of_the_same_are_found(self, loaded: Loaded) -> None:
        first = loaded.batch([RETURN, {"taxpayer_ssn": SSN.format(2)}])
        second = loaded.batch(
            [RETURN, {"taxpayer_ssn": SSN.format(3)}, *[{"taxpayer_ssn": SSN.format(4)}] * 2]
        )
        answer = asked(loaded, repeated_filer(view(loaded, second)))
        (subject,) = answer.subjects
        ids = loaded.returns(second)
        assert (answer.basis, subject.count) == (4, 3)
        others = {case["return_id"]: case["other_return"] for case in subject.cases}
        assert others == {ids[0]: loaded.returns(first)[0], ids[2]: ids[3], ids[3]: ids[2]}

    def test_another_year_another_department_and_unread_ones_are_not(self, loaded: Loaded) -> None:
        loaded.batch([RETURN], year=2021)
        other = loaded.pack.settings.model_copy(update={"name": "other"})
        loaded.batch([RETURN], pack=loaded.pack.model_copy(update={"settings": other}))
        loaded.batch([{**RETURN, "taxpayer_ssn": REVIEW}])
        batch = loaded.batch([RETURN])
        answer = asked(loaded, repeated_filer(view(loaded, batch)))
        assert (answer.basis, answer.subjects) == (1, ())

    def test_without_identifiers_nothing_is_evaluated(self, loaded: Loaded) -> None:
        batch = loaded.batch([{"wages": 1}, {"taxpayer_ssn": REVIEW}])
        inquiry = repeated_filer(view(loaded, batch))
        assert asked(loaded, inquiry).basis == 0 < inquiry.least

    def test_a_spouse_counts_where_the_department_says_so(self, loaded: Loaded) -> None:
        loaded.batch([{"taxpayer_ssn": SSN.format(8), "spouse_ssn": SSN.format(1)}])
        batch = loaded.batch([RETURN])
        assert asked(loaded, repeated_filer(view(loaded, batch))).subjects == ()
        both = {"identifiers": ["taxpayer_ssn", "spouse_ssn"]}
        answer = asked(loaded, repeated_filer(view(loaded, batch, repeated_filer=both)))
        assert [subject.count for subject in answer.subjects] == [1]


class TestRepeatedContent:
    THREE = {"wages": 50_000, "interest": 7, "total_income": 50_007}  # noqa: RUF012

    def test_the_same_amounts_are_found_whoever_filed_them(self, loaded: Loaded) -> None:
        first = loaded.batch([{**self.THREE, "taxpayer_ssn": SSN.format(1)}])
        second = loaded.batch([{**self.THREE, "taxpayer_ssn": SSN.format(2)}])
        said = {"repeated_content": {"least_amounts": 3}}
        (subject,) = asked(loaded, repeated_content(view(loaded, second, **said))).subjects
        assert subject.returns == loaded.returns(second)
        assert subject.cases[0]["other_return"] == loaded.returns(first)[0]

    @pytest.mark.parametrize(
        "other",
        [
            {"wages": 50_000, "interest": 8, "total_income": 50_007},
            # The same amounts on other lines.
            {"wages": 50_000, "interest": 50_007, "total_income": 7},
            {"wages": 50_000, "interest": 7, "total_income": 50_007, "additional_income": 1},
            {"wages": REVIEW, "interest": 7, "total_income": 50_007},
        ],
    )
    def test_others_are_not(self, loaded: Loaded, other: dict[str, Any]) -> None:
        loaded.batch([other])
        batch = loaded.batch([self.THREE])
        said = {"repeated_content": {"least_amounts": 2}}
        assert asked(loaded, repeated_content(view(loaded, batch, **said))).subjects == ()

    @pytest.mark.parametrize(("least", "basis"), [(3, 1), (4, 0)])
    def test_few_amounts_are_alike_by_chance(self, loaded: Loaded, least: int, basis: int) -> None:
        loaded.batch([self.THREE])
        batch = loaded.batch([{**self.THREE, "additional_income": 0}])
        said = {"repeated_content": {"least_amounts": least}}
        answer = asked(loaded, repeated_content(view(loaded, batch, **said)))
        assert (answer.basis, len(answer.subjects)) == (basis, basis)

    def test_amounts_that_fold_alike_are_compared_line_by_line(self, loaded: Loaded) -> None:
        """Two amounts that differ by the prime by which they are folded."""
        loaded.batch([{**self.THREE, "wages": "100000"}])
        batch = loaded.batch([{**self.THREE, "wages": "200000.0007"}])
        folded = view(loaded, batch, repeated_content={"least_amounts": 3})
        with loaded.engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT DISTINCT total FROM return_figures")).all()
        assert len(rows) == 1
        assert asked(loaded, repeated_content(folded)).subjects == ()


class TestChangedSinceLastYear:
    @pytest.mark.parametrize(
        ("before", "now", "found"),
        [
            (5_000, 50_000, 0),  # ten times, not more
            (5_000, "50000.01", 1),
            (50_000, 5_000, 0),
            (50_000, "4999.99", 1),
            (1, 10_000, 0),  # by less than is spoken of
            (1, 10_001, 1),
            (-5_000, 60_000, 1),
            (0, 60_000, 0),
            (None, 60_000, 0),
        ],
    )
    def test_by_factor_and_least_change(
        self, loaded: Loaded, before: Any, now: Any, found: int
    ) -> None:
        loaded.batch([{**RETURN, "wages": before}], year=2021)
        batch = loaded.batch([{**RETURN, "wages": now}])
        inquiry = changed_since_last_year(view(loaded, batch))
        answer = asked(loaded, inquiry)
        assert answer.basis == 1
        assert sum(subject.count for subject in answer.subjects) == found
        for subject in answer.subjects:
            assert subject.name == "form_1040.wages"
            assert "line 1z (wages)" in inquiry.tell(subject).message

    def test_who_did_not_file_then_is_not_compared(self, loaded: Loaded) -> None:
        loaded.batch([{**RETURN, "taxpayer_ssn": SSN.format(9)}], year=2021)
        batch = loaded.batch([RETURN])
        inquiry = changed_since_last_year(view(loaded, batch))
        assert asked(loaded, inquiry).basis < inquiry.least


class TestUnlikePeers:
    SAID = {"least_peers": 10, "quantile": 0.9, "factor": 10}  # noqa: RUF012

    def _peers(self, wages: Any, **more: Any) -> list[dict[str, Any]]:
        """Ten with wages of 1,000 to 10,000; the ninth tenth is 9,000."""
        single = {"filing_status_single": True}
        known = [{"wages": 1_000 * one, **single} for one in range(1, 10)]
        return [*known, {"wages": wages, **single, **more}]

    @pytest.mark.parametrize(
        ("wages", "found"), [(90_000, 0), ("90000.01", 1), (-90_001, 1), (10_000, 0)]
    )
    def test_beyond_the_quantile_by_the_factor(
        self, loaded: Loaded, wages: Any, found: int
    ) -> None:
        batch = loaded.batch(self._peers(wages))
        inquiry = unlike_peers(view(loaded, batch, unlike_peers=self.SAID))
        answer = asked(loaded, inquiry)
        assert answer.basis == 1
        assert sum(subject.count for subject in answer.subjects) == found
        for subject in answer.subjects:
            assert subject.returns == [loaded.returns(batch)[9]]
            told = inquiry.tell(subject).message
            assert "90 % of 10 peers (single) have at most 9,000" in told

    def test_peers_are_of_one_status_or_all(self, loaded: Loaded) -> None:
        changed = {"filing_status_single": None, "filing_status_head_of_household": True}
        batch = loaded.batch([*self._peers(10_000), {"wages": 900_000, **changed}])
        apart = unlike_peers(view(loaded, batch, unlike_peers=self.SAID))
        assert asked(loaded, apart).subjects == ()
        together = unlike_peers(view(loaded, batch, unlike_peers={**self.SAID, "within": None}))
        assert [subject.count for subject in asked(loaded, together).subjects] == [1]

    def test_peers_of_earlier_batches_count_and_are_not_told_of_again(self, loaded: Loaded) -> None:
        loaded.batch(self._peers(900_000))
        batch = loaded.batch([{"wages": 5_000, "filing_status_single": True}])
        answer = asked(loaded, unlike_peers(view(loaded, batch, unlike_peers=self.SAID)))
        assert (answer.basis, answer.subjects) == (1, ())

    def test_too_few_peers(self, loaded: Loaded) -> None:
        batch = loaded.batch(self._peers(900_000)[1:])
        inquiry = unlike_peers(view(loaded, batch, unlike_peers=self.SAID))
        assert asked(loaded, inquiry).basis < inquiry.least

"""What the database counts for reports is what a loop over all that was stored counts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest
from delivered import DAYS, IDLE, RULES, Batch, deliver
from sqlalchemy.engine import Engine

from loaders.field_queries import (
    by_confidence,
    by_form_and_kind,
    count_fields,
    count_reconciled,
    field_counts,
    reconciled_rows,
    worst_fields,
)
from loaders.report_queries import (
    batches_between,
    delivery,
    departments,
    one_moment,
    returns_with_reasons,
    review_load,
    rule_counts,
    rule_examples,
    unread_messages,
)
from loaders.repository import Repository
from loaders.rule_queries import counts_by_batch, failures_of, first_result, unread_messages_of
from schemas.figures import CONFIDENCE_EDGES
from schemas.readings import Reconciled, ValueStatus
from schemas.rules import Outcome

BEGINS = "does not apply"


@pytest.fixture
def batches(repository: Repository) -> list[Batch]:
    return deliver(repository)


def test_files_pages_and_returns(
    batches: list[Batch], engine: Engine, repository: Repository
) -> None:
    with one_moment(engine) as connection:
        for batch in batches:
            told = delivery(connection, batch.run)
            assert told.documents.received == batch.files
            assert told.documents.rejected == batch.rejected == sum(told.reject_reasons.values())
            assert told.documents.duplicates == batch.duplicates
            assert told.pages.received == told.pages.read == batch.pages
            statuses = Counter(status.value for _, status in batch.returns)
            assert told.returns.model_dump() == {
                name: statuses[name] for name in ("accepted", "review", "rejected")
            }
            # The same as the run's own account, counted another way.
            summary = repository.batch_summary(batch.run)
            assert told.documents.loaded == summary.documents.loaded
            assert told.documents.in_review == summary.documents.in_review


def test_batches_of_a_period_in_their_order(batches: list[Batch], engine: Engine) -> None:
    with one_moment(engine) as connection:
        every = batches_between(connection, "us_irs", None, None)
        assert [row.run for row in every] == [batch.run for batch in batches]
        some = batches_between(connection, "us_irs", DAYS[1], DAYS[3])
        assert [row.run for row in some] == [batches[1].run, batches[2].run]
        assert not batches_between(connection, "nc_dor", None, None)
    assert departments(engine) == ["us_irs"]


def test_rule_results(batches: list[Batch], engine: Engine) -> None:
    with one_moment(engine) as connection:
        for batch in batches:
            counts = {one.rule_id: one for one in rule_counts(connection, batch.run, BEGINS)}
            assert set(counts) == set(RULES)
            for rule_id, told in counts.items():
                mine = [one for one in batch.results if one.rule_id == rule_id]
                assert told.failed == sum(one.outcome is Outcome.FAIL for one in mine)
                assert told.not_applicable == sum(one.message == IDLE for one in mine)
                assert told.passed == sum(
                    one.outcome is Outcome.PASS and not one.message for one in mine
                )
                assert sum(told[3:]) == len(mine)
            unread = [one.message for one in batch.results if one.outcome is Outcome.NOT_EVALUATED]
            assert unread_messages(connection, batch.run) == Counter(unread)
            examples = rule_examples(connection, batch.run)
            for rule_id in RULES:
                failed = {
                    one.return_id
                    for one in batch.results
                    if one.rule_id == rule_id and one.outcome is Outcome.FAIL
                }
                assert (rule_id in examples) == bool(failed)
                if failed:
                    assert set(examples[rule_id].returns) == failed
                    assert examples[rule_id].returns_failed == len(failed)


def test_one_rule_over_all_batches(batches: list[Batch], engine: Engine) -> None:
    runs = [batch.run for batch in batches]
    with one_moment(engine) as connection:
        for rule_id in RULES:
            counts = counts_by_batch(connection, rule_id, runs, BEGINS)
            for batch in batches:
                single = {one.rule_id: one for one in rule_counts(connection, batch.run, BEGINS)}
                assert counts[batch.run].failed == single[rule_id].failed
                assert counts[batch.run].total == sum(single[rule_id][3:])
            failed = [
                (one.return_id, batch.run)
                for batch in reversed(batches)
                for one in batch.results
                if one.rule_id == rule_id and one.outcome is Outcome.FAIL
            ]
            told = failures_of(connection, rule_id, runs, 1000)
            assert sorted((one.return_id, one.batch_id) for one in told) == sorted(failed)
            assert [one.batch_id for one in told] == [run for _, run in failed], "newest first"
            assert len(failures_of(connection, rule_id, runs, 1)) == min(len(failed), 1)
            unread = unread_messages_of(connection, rule_id, runs)
            assert unread.total() == sum(one.not_evaluated for one in counts.values())
            assert first_result(connection, "us_irs", rule_id) == DAYS[0]
        assert first_result(connection, "us_irs", "F1040-999") is None
        assert counts_by_batch(connection, "F1040-999", runs, BEGINS) == {}
        assert counts_by_batch(connection, RULES[0], [], BEGINS) == {}
        told = failures_of(connection, "F1040-009", runs, 1)
        assert told[0].inputs == {"total_income": "52340.50", "wages": "", "capital_gain": None}


def test_fields(batches: list[Batch], engine: Engine) -> None:
    with one_moment(engine) as connection:
        for batch in batches:
            counts = field_counts(connection, batch.run)
            statuses = Counter(value.status for value in batch.values)
            fields = count_fields(counts)
            assert fields.accepted == statuses[ValueStatus.ACCEPTED]
            assert fields.review == statuses[ValueStatus.REVIEW]
            assert fields.blank == statuses[ValueStatus.BLANK]
            said = Counter(
                value.reconciliation.outcome for value in batch.values if value.reconciliation
            )
            told = count_reconciled(counts)
            assert {each: getattr(told, each.value) for each in Reconciled} == {
                each: said[each] for each in Reconciled
            }
            filled = [it for it in batch.values if it.status is not ValueStatus.BLANK]
            bins = by_confidence(counts)
            assert [one.low for one in bins] == list(CONFIDENCE_EDGES[:-1])
            for one in bins:
                inside = [
                    it
                    for it in filled
                    if one.low <= it.confidence < one.high or it.confidence == one.high == 1
                ]
                accepted = sum(it.status is ValueStatus.ACCEPTED for it in inside)
                assert (one.accepted, one.review) == (accepted, len(inside) - accepted)
            kinds = Counter((value.kind, value.status) for value in batch.values)
            for row in by_form_and_kind(counts):
                assert row.form == "form_1040"
                assert row.accepted == kinds[row.kind, ValueStatus.ACCEPTED]
                assert row.review == kinds[row.kind, ValueStatus.REVIEW]
                assert row.blank == kinds[row.kind, ValueStatus.BLANK]


def test_fields_shown_one_by_one_are_masked_and_in_order(
    batches: list[Batch], engine: Engine
) -> None:
    masked = 0
    with one_moment(engine) as connection:
        for batch in batches:
            for said in (Reconciled.CORRECTED, Reconciled.MISTAKE):
                mine = sorted(
                    value.reconciliation.probability
                    for value in batch.values
                    if value.reconciliation and value.reconciliation.outcome is said
                )
                rows = reconciled_rows(connection, batch.run, said, 3)
                assert [row.probability for row in rows] == mine[:3]
                assert all((row.wanted is not None) == (said is Reconciled.MISTAKE) for row in rows)
                for row in rows:
                    if row.kind.is_personal:
                        masked += 1
                        assert row.first == "***-**-5678" and "9123" not in str(row.held)
            doubts = worst_fields(connection, batch.run, 2)
            review = [it.confidence for it in batch.values if it.status is ValueStatus.REVIEW]
            assert [doubt.field.confidence for doubt in doubts] == sorted(review)[:2]
    assert masked


def test_review_load_and_decisions(batches: list[Batch], engine: Engine) -> None:
    with one_moment(engine) as connection:
        for batch in batches:
            wanted = Counter(it.reason for it in batch.values if it.status is ValueStatus.REVIEW)
            told = {one.reason: one.open for one in review_load(connection, batch.run)}
            assert told == wanted
            rows = returns_with_reasons(connection, batch.run)
            assert {(row.return_id, row.status) for row in rows} == set(batch.returns)


def test_an_empty_database_counts_nothing(engine: Engine) -> None:
    with one_moment(engine) as connection:
        assert batches_between(connection, "us_irs", None, datetime.now(UTC)) == []
        assert delivery(connection, "none").documents.received == 0
        assert field_counts(connection, "none") == []
        assert rule_counts(connection, "none", BEGINS) == []
        assert by_confidence([]) == ()
    assert departments(engine) == []


def test_a_report_sees_one_moment(
    batches: list[Batch], engine: Engine, repository: Repository
) -> None:
    """What a run stores while a report is being counted is not half in it."""
    with one_moment(engine) as connection:
        before = delivery(connection, batches[0].run)
        run = repository.start_or_resume_batch("us_irs", "another")
        assert run not in [one.run for one in batches_between(connection, "us_irs", None, None)]
        assert delivery(connection, batches[0].run) == before

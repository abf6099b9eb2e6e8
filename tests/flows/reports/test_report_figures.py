"""The figures of reports are what a loop over everything that was stored makes them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import chain

import pytest
from delivered import IDLE, RULES, Batch

from flows.context import ReportContext
from flows.period_reporting import ReportError, build_period_report, build_rule_report
from flows.report_figures import reason_rows, review_rows
from flows.reporting import build_report
from schemas.errors import ExitCode
from schemas.figures import ReviewLoad
from schemas.readings import Reconciled, ValueStatus
from schemas.returns import ReturnStatus
from schemas.rules import Outcome

MARCH = date(2026, 3, 1), date(2026, 3, 31)


def outcomes(batches: list[Batch], rule_id: str | None = None) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in chain.from_iterable(batch.results for batch in batches):
        if rule_id in (None, one.rule_id):
            found["not_applicable" if one.message == IDLE else one.outcome.value] += 1
    return found


def test_a_period_is_the_sum_of_its_batches(context: ReportContext, batches: list[Batch]) -> None:
    report = build_period_report(context, *MARCH)
    assert [one.batch_id for one in report.batches] == [batch.run for batch in batches]
    assert report.total.documents.received == sum(batch.files for batch in batches)
    assert report.total.documents.rejected == sum(report.reject_reasons.values()) == len(batches)
    assert report.total.pages.received == sum(batch.pages for batch in batches)
    statuses = Counter(status for batch in batches for _, status in batch.returns)
    assert report.total.returns.accepted == statuses[ReturnStatus.ACCEPTED]
    assert report.total.returns.review == statuses[ReturnStatus.REVIEW]
    assert report.total.returns.rejected == statuses[ReturnStatus.REJECTED]
    values = [value for batch in batches for value in batch.values]
    held = Counter(value.status for value in values)
    assert report.total.fields.accepted == held[ValueStatus.ACCEPTED]
    assert report.total.fields.review == held[ValueStatus.REVIEW]
    said = Counter(value.reconciliation.outcome for value in values if value.reconciliation)
    for each in Reconciled:
        assert getattr(report.total.reconciliation, each.value) == said[each]
        assert getattr(report.field_figures.reconciliation, each.value) == said[each]
    assert len(report.field_figures.corrected) == said[Reconciled.CORRECTED]
    assert len(report.field_figures.mistakes) == said[Reconciled.MISTAKE]
    told = outcomes(batches)
    rules = report.total.rules
    assert (rules.passed, rules.failed) == (told["pass"], told["fail"])
    assert (rules.not_applicable, rules.not_evaluated) == (
        told["not_applicable"], told["not_evaluated"],
    )  # fmt: skip
    for row in report.rule_rows:
        mine = outcomes(batches, row.rule_id)
        assert (row.failed, row.evaluated) == (mine["fail"], mine["fail"] + mine["pass"])
    assert report.before is None
    assert {row.failed_before for row in report.rule_rows} == {None}


def test_days_are_those_of_the_department(context: ReportContext, batches: list[Batch]) -> None:
    report = build_period_report(context, date(2026, 3, 9), date(2026, 3, 9))
    # 03:30 UTC on the 10th is the evening of the 9th in New York.
    assert [one.batch_id for one in report.batches] == [batches[2].run]
    assert report.batches[0].day == date(2026, 3, 9)
    assert not build_period_report(context, date(2026, 3, 10), date(2026, 3, 10)).batches


def test_the_period_before_has_as_many_days(context: ReportContext, batches: list[Batch]) -> None:
    report = build_period_report(context, date(2026, 3, 9), date(2026, 3, 16))
    assert [one.batch_id for one in report.batches] == [batch.run for batch in batches[2:]]
    assert report.before is not None
    assert report.before.day == date(2026, 3, 1)
    assert report.before.returns.total == sum(len(batch.returns) for batch in batches[:2])
    for row in report.rule_rows:
        then = outcomes(batches[:2], row.rule_id)
        assert (row.failed_before, row.evaluated_before) == (
            then["fail"], then["fail"] + then["pass"],
        )  # fmt: skip


def test_an_empty_period_counts_nothing(context: ReportContext) -> None:
    report = build_period_report(context, date(2020, 1, 1), date(2020, 1, 31))
    assert report.total.documents.received == 0
    assert not report.batches and not report.rule_rows and not report.review_load
    with pytest.raises(ReportError, match="before it begins"):
        build_period_report(context, date(2020, 1, 2), date(2020, 1, 1))


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule(context: ReportContext, batches: list[Batch], rule_id: str) -> None:
    report = build_rule_report(context, rule_id)
    told = outcomes(batches, rule_id)
    assert (report.counts.passed, report.counts.failed) == (told["pass"], told["fail"])
    assert report.counts.not_evaluated == told["not_evaluated"]
    failed = [
        one.return_id
        for batch in batches
        for one in batch.results
        if one.rule_id == rule_id and one.outcome is Outcome.FAIL
    ]
    assert sorted(one.return_id for one in report.failures) == sorted(failed)
    assert report.first_result == date(2026, 3, 1)
    evaluated = told["fail"] + told["pass"]
    # What validators.reconciliation.suspects says, in numbers.
    suspect = told["fail"] >= 5 and told["fail"] >= 0.25 * evaluated
    assert (report.suspect is not None) == suspect
    assert bool(report.definitions) == (rule_id != "RETIRED-001")


def test_a_rule_in_a_period(context: ReportContext, batches: list[Batch]) -> None:
    report = build_rule_report(context, "F1040-009", date(2026, 3, 2), date(2026, 3, 10))
    assert [one.batch_id for one in report.batches] == [batches[1].run, batches[2].run]
    assert report.counts.failed == outcomes(batches[1:3], "F1040-009")["fail"]
    assert report.first_result == date(2026, 3, 1), "since when, whatever the period"


@pytest.mark.parametrize(
    ("asked", "near"), [("F1040-9", "F1040-009"), ("f1040-0090", "F1040-009"), ("XX", "rules list")]
)
def test_a_rule_that_nobody_has(context: ReportContext, asked: str, near: str) -> None:
    with pytest.raises(ReportError, match=near) as caught:
        build_rule_report(context, asked)
    assert caught.value.exit_code is ExitCode.BAD_ARGUMENTS


def test_a_batch(context: ReportContext, batches: list[Batch]) -> None:
    for batch in batches:
        report = build_report(context, batch.run)
        told = outcomes([batch])
        assert report.rules_failed == told["fail"]
        assert report.rules_passed == told["pass"] + told["not_applicable"]
        said = Counter(it.reconciliation.outcome for it in batch.values if it.reconciliation)
        assert report.field_figures.reconciliation.corrected == said[Reconciled.CORRECTED]
        assert report.fields.total == len(batch.values)
        for row in report.rule_rows:
            failed = {
                one.return_id
                for one in batch.results
                if one.rule_id == row.rule_id and one.outcome is Outcome.FAIL
            }
            assert set(row.returns) == failed and row.returns_failed == len(failed)
        of_documents = {name for row in report.document_rows for name in row.returns}
        assert of_documents == {name for name, _ in batch.returns}


def test_a_result_with_two_reasons_counts_under_both() -> None:
    rows = reason_rows(
        {"not evaluated: a is unread": 2, "not evaluated: a is unread; b is gone": 3}
    )
    assert [(row.reason, row.results) for row in rows] == [("a is unread", 5), ("b is gone", 3)]
    many = reason_rows({f"not evaluated: reason {number:03}": 1 for number in range(75)})
    assert (many[-1].reason, many[-1].results) == ("15 other reasons", 15)


def test_reasons_of_review_are_folded_over_the_rules_that_they_name() -> None:
    said = "it does not go with the rest of the return"
    rows = review_rows(
        [
            ReviewLoad(what="field", reason=f"{said} (F1040-009)", open=2, closed=1),
            ReviewLoad(what="field", reason=f"{said} (F1040-009, S1-010-02)", open=1),
            ReviewLoad(what="page", reason="belongs to 912-34-5678", open=1),
        ]
    )
    assert [(row.reason, row.open, row.closed) for row in rows] == [
        (said, 3, 1), ("belongs to ***-**-5678", 1, 0),
    ]  # fmt: skip

"""Gathers what the reports of a period and of a rule show, batch by batch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from importlib.metadata import version
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from flows.context import ReportContext
from flows.report_figures import (
    RECONCILED_SHOWN,
    field_figures,
    is_suspect,
    reason_rows,
    review_rows,
    rule_rows,
)
from loaders.field_queries import FieldCount, count_fields, count_reconciled, field_counts
from loaders.report_queries import (
    RuleCount,
    batches_between,
    delivery,
    one_moment,
    review_load,
    rule_counts,
    unread_messages,
)
from loaders.rows import RunRow
from loaders.rule_queries import (
    RuleFailure,
    counts_by_batch,
    failures_of,
    first_result,
    unread_messages_of,
)
from schemas.errors import ExitCode, RejectReason, TaxliftError
from schemas.forms import FieldKind
from schemas.masking import mask_text
from schemas.period_report import BatchFigures, PeriodReport, RuleCounts
from schemas.rule_report import FailedReturn, RuleBatch, RuleInput, RuleReport
from validators.evaluation import DOES_NOT_APPLY
from validators.reconciliation.suspects import SuspectRule
from validators.rulebook import CompiledRule

FAILURES_NAMED = 10_000
_NEAR_MATCHES = 5

Watch = Callable[[str], None]
"""Is told what is being counted."""


class ReportError(TaxliftError):
    """A report that cannot be made as it was asked for."""

    exit_code = ExitCode.BAD_ARGUMENTS


def build_period_report(
    context: ReportContext, first: date, last: date, watch: Watch = lambda _: None
) -> PeriodReport:
    """All batches that began from `first` to `last`, days of the department's time zone.

    Raises:
        ReportError: the period ends before it begins.
    """
    if last < first:
        raise ReportError(f"the period ends ({last}) before it begins ({first})")
    zone = ZoneInfo(context.department.settings.time_zone)
    length = last - first + timedelta(days=1)
    with one_moment(context.repository.engine) as connection:
        batches = _between(context, connection, zone, first, last)
        now = _Counted(connection, zone, batches, watch)
        earlier = _between(context, connection, zone, first - length, first - timedelta(days=1))
        then = _Counted(connection, zone, earlier, watch) if earlier else None
        messages: Counter[str] = Counter()
        for batch in batches:
            messages += unread_messages(connection, batch.run)
        loads = [load for batch in batches for load in review_load(connection, batch.run)]
        figures = field_figures(connection, now.fields, RECONCILED_SHOWN)
    return PeriodReport(
        department=context.department.name,
        title=context.department.settings.title,
        first=first,
        last=last,
        time_zone=zone.key,
        made=datetime.now(UTC),
        version=version("taxlift"),
        total=BatchFigures.sum(now.batches, first),
        batches=tuple(now.batches),
        before=BatchFigures.sum(then.batches, first - length) if then else None,
        rule_rows=rule_rows(context.book, now.rules, before=then.rules if then else None),
        not_evaluated=reason_rows(messages),
        field_figures=figures,
        review_load=review_rows(loads),
        reject_reasons=dict(now.reject_reasons.most_common()),
    )


class _Counted:
    """Some batches, counted one after the other."""

    def __init__(
        self, connection: Connection, zone: ZoneInfo, batches: Iterable[RunRow], watch: Watch
    ) -> None:
        self.batches: list[BatchFigures] = []
        self.rules: list[RuleCount] = []
        self.fields: dict[str, list[FieldCount]] = {}
        self.reject_reasons: Counter[RejectReason] = Counter()
        for batch in batches:
            watch(f"batch {batch.run}")
            taken = delivery(connection, batch.run)
            rules = rule_counts(connection, batch.run, DOES_NOT_APPLY)
            fields = field_counts(connection, batch.run)
            self.batches.append(
                BatchFigures(
                    batch_id=batch.run,
                    day=_day(batch.started_at, zone),
                    documents=taken.documents,
                    pages=taken.pages,
                    returns=taken.returns,
                    fields=count_fields(fields),
                    rules=RuleCounts(
                        passed=sum(one.passed for one in rules),
                        not_applicable=sum(one.not_applicable for one in rules),
                        failed=sum(one.failed for one in rules),
                        not_evaluated=sum(one.not_evaluated for one in rules),
                    ),
                    reconciliation=count_reconciled(fields),
                )
            )
            self.rules += rules
            self.fields[batch.run] = fields
            self.reject_reasons.update(taken.reject_reasons)


def build_rule_report(
    context: ReportContext, rule_id: str, first: date | None = None, last: date | None = None
) -> RuleReport:
    """One rule over a period, or over all batches of the department.

    Raises:
        ReportError: neither the department nor the database has such a rule, or the period ends
            before it begins.
    """
    if first and last and last < first:
        raise ReportError(f"the period ends ({last}) before it begins ({first})")
    zone = ZoneInfo(context.department.settings.time_zone)
    rules = [rule for rule in context.book.rules if rule.definition.id == rule_id]
    rules.sort(key=lambda rule: -rule.definition.years.last)
    with one_moment(context.repository.engine) as connection:
        since = first_result(connection, context.department.name, rule_id)
        if not rules and since is None:
            raise _unknown(context, rule_id)
        batches = _between(context, connection, zone, first, last)
        names = [batch.run for batch in batches]
        counts = counts_by_batch(connection, rule_id, names, DOES_NOT_APPLY)
        messages = unread_messages_of(connection, rule_id, names)
        failures = failures_of(connection, rule_id, names, FAILURES_NAMED)
    held = [
        RuleBatch(batch_id=batch.run, day=_day(batch.started_at, zone), counts=counts[batch.run])
        for batch in batches
        if batch.run in counts
    ]
    total = RuleCounts.sum([one.counts for one in held])
    failed = [one.day for one in held if one.counts.failed]
    suspect = SuspectRule(rule_id, total.evaluated, total.failed)
    return RuleReport(
        department=context.department.name,
        title=context.department.settings.title,
        rule_id=rule_id,
        definitions=tuple(rule.definition for rule in rules),
        texts=tuple(rule.plain_text for rule in rules),
        first=first,
        last=last,
        time_zone=zone.key,
        made=datetime.now(UTC),
        version=version("taxlift"),
        counts=total,
        first_result=_day(since, zone) if since else None,
        last_failure=max(failed, default=None),
        batches=tuple(held),
        not_evaluated=reason_rows(messages),
        failures=tuple(_failed(failure, _kinds(rules)) for failure in failures),
        suspect=str(suspect) if is_suspect(total.passed, total.failed) else None,
    )


def _unknown(context: ReportContext, rule_id: str) -> ReportError:
    known = sorted({rule.definition.id for rule in context.book.rules})
    plain = {_without_zeros(one): one for one in reversed(known)}
    meant = plain.get(_without_zeros(rule_id))
    near = [meant] if meant else get_close_matches(rule_id.upper(), known, _NEAR_MATCHES, 0.6)
    shown = mask_text(rule_id)
    told = f"{context.department.name} has no rule {shown!r}, and no result of one"
    if near:
        return ReportError(f"{told}; near it: {', '.join(near)}")
    return ReportError(f"{told}; taxlift rules list shows all {len(known)}")


def _without_zeros(rule_id: str) -> str:
    """`f1040-9` and `F1040-009` alike."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", rule_id.upper())


def _kinds(rules: Iterable[CompiledRule]) -> dict[str, FieldKind | None]:
    return {
        name: kind
        for rule in rules
        for year_rule in rule.by_year.values()
        for name, _, kind in year_rule.inputs
    }


def _failed(failure: RuleFailure, kinds: Mapping[str, FieldKind | None]) -> FailedReturn:
    return FailedReturn(
        return_id=failure.return_id,
        file=mask_text(failure.file),
        batch_id=failure.batch_id,
        tax_year=failure.tax_year,
        status=failure.status,
        message=mask_text(failure.message),
        inputs=tuple(
            RuleInput(name=name, kind=kinds.get(name), text=_input_text(kinds.get(name), text))
            for name, text in failure.inputs.items()
        ),
    )


def _input_text(kind: FieldKind | None, text: str | None) -> str | None:
    """Masked already when it was stored; again by its looks, unless it can only be an amount."""
    if text is None or kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        return text
    return mask_text(text)


def _between(
    context: ReportContext,
    connection: Connection,
    zone: ZoneInfo,
    first: date | None,
    last: date | None,
) -> list[RunRow]:
    begin = _midnight(first, zone) if first else None
    end = _midnight(last + timedelta(days=1), zone) if last else None
    return batches_between(connection, context.department.name, begin, end)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()

"""What the reports of a batch, a period and a rule make of the database's counts alike."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy.engine import Connection

from loaders.field_queries import (
    FieldCount,
    by_confidence,
    by_form_and_kind,
    count_reconciled,
    reconciled_rows,
)
from loaders.report_queries import RuleCount, RuleExamples
from schemas.figures import FieldFigures, ReasonRow, ReconciledRow, ReviewLoad, RuleRow
from schemas.masking import mask_text
from schemas.readings import Reconciled
from schemas.rules import RuleDefinition
from validators.evaluation import NOT_EVALUATED
from validators.reconciliation.suspects import RuleTally
from validators.rulebook import RuleBook

_REASONS = 60
_OF_RULES = re.compile(r"\s*\([A-Z0-9]+(?:-[A-Z0-9]+)+(?:, [A-Z0-9]+(?:-[A-Z0-9]+)+)*\)")
"""Which rules a field does not go with: of interest on the field, not when reasons are counted."""

RECONCILED_SHOWN = 1_000


def reason_rows(messages: Mapping[str, int]) -> tuple[ReasonRow, ...]:
    """Why rules were not evaluated, the commonest first; what is beyond 60 reasons in one row."""
    reasons: Counter[str] = Counter()
    for message, many in messages.items():
        for reason in dict.fromkeys(message.removeprefix(f"{NOT_EVALUATED}: ").split("; ")):
            reasons[mask_text(reason)] += many
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    rows = [ReasonRow(reason=reason, results=many) for reason, many in ordered[:_REASONS]]
    rest = ordered[_REASONS:]
    if rest:
        left = f"{len(rest):,} other reasons"
        rows.append(ReasonRow(reason=left, results=sum(many for _, many in rest)))
    return tuple(rows)


def review_rows(loads: Iterable[ReviewLoad]) -> tuple[ReviewLoad, ...]:
    """What people must look at by reason, the most first; rules named in a reason left out."""
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for load in loads:
        reason = mask_text(_OF_RULES.sub("", load.reason)) or "another reason than its fields"
        sums[load.what, reason][0] += load.open
        sums[load.what, reason][1] += load.closed
    rows = [
        ReviewLoad(what=what, reason=reason, open=waiting, closed=closed)
        for (what, reason), (waiting, closed) in sums.items()
    ]
    return tuple(sorted(rows, key=lambda it: (-it.open - it.closed, it.what, it.reason)))


def rule_rows(
    book: RuleBook,
    counts: Iterable[RuleCount],
    examples: Mapping[str, RuleExamples] | None = None,
    before: Iterable[RuleCount] | None = None,
) -> tuple[RuleRow, ...]:
    """Every rule that has results, by id; counts of several batches are added up.

    A rule that the department has taken out since keeps its row, without a text.
    """
    texts: dict[str, tuple[RuleDefinition, str]] = {}
    for rule in book.rules:  # a rule may be split by years: the newest speaks for it
        known = texts.get(rule.definition.id)
        if known is None or known[0].years.last < rule.definition.years.last:
            texts[rule.definition.id] = (rule.definition, rule.plain_text)
    earlier = None if before is None else _added(before)
    rows = []
    for rule_id, count in sorted(_added(counts).items()):
        definition, text = texts.get(rule_id, (None, "no longer among the department's rules"))
        example = (examples or {}).get(rule_id)
        then = None if earlier is None else earlier.get(rule_id)
        rows.append(
            RuleRow(
                rule_id=rule_id,
                text=text,
                severity=definition.severity if definition else count.severity,
                category=definition.category if definition else count.category,
                failed=count.failed,
                passed=count.passed,
                not_applicable=count.not_applicable,
                not_evaluated=count.not_evaluated,
                failed_before=None if earlier is None else then.failed if then else 0,
                evaluated_before=None
                if earlier is None
                else then.failed + then.passed
                if then
                else 0,
                returns=example.returns if example else (),
                returns_failed=example.returns_failed if example else 0,
                example=mask_text(example.message) if example else "",
                suspect=is_suspect(count.passed, count.failed),
            )
        )
    return tuple(rows)


def is_suspect(passed: int, failed: int) -> bool:
    """Whether a rule fails for so many of those it applies to that it may be wrong itself."""
    return RuleTally(applied=passed + failed, failed=failed).is_suspect


def _added(counts: Iterable[RuleCount]) -> dict[str, RuleCount]:
    sums: dict[str, RuleCount] = {}
    for count in counts:
        known = sums.get(count.rule_id)
        sums[count.rule_id] = (
            count
            if known is None
            else count._replace(
                passed=known.passed + count.passed,
                not_applicable=known.not_applicable + count.not_applicable,
                failed=known.failed + count.failed,
                not_evaluated=known.not_evaluated + count.not_evaluated,
            )
        )
    return sums


def field_figures(
    connection: Connection, counts: Mapping[str, Sequence[FieldCount]], limit: int
) -> FieldFigures:
    """Confidence, acceptance and reconciliation over some batches; `limit` of each kind of row.

    Args:
        connection: from `loaders.report_queries.one_moment`.
        counts: batch → what was counted over its fields.
        limit: how many corrected fields and how many mistakes to name.
    """
    every = [one for rows in counts.values() for one in rows]
    return FieldFigures(
        reconciliation=count_reconciled(every),
        confidence=by_confidence(every),
        acceptance=by_form_and_kind(every),
        corrected=_rows(connection, counts, Reconciled.CORRECTED, limit),
        mistakes=_rows(connection, counts, Reconciled.MISTAKE, limit),
    )


def _rows(
    connection: Connection,
    counts: Mapping[str, Sequence[FieldCount]],
    said: Reconciled,
    limit: int,
) -> tuple[ReconciledRow, ...]:
    found: list[ReconciledRow] = []
    for batch_id, rows in counts.items():
        if any(getattr(row, said.value) for row in rows):
            found += reconciled_rows(connection, batch_id, said, limit)
    return tuple(sorted(found, key=lambda row: row.probability)[:limit])

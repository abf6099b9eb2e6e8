"""Invented batches on some days, and every single thing in them, for reports to be checked by.

`deliver` stores them through the repository as a run does, and gives back plain records, from
which a test counts for itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import made
import sqlalchemy as sa

from loaders.repository import Repository
from loaders.rows import DecidedReturn
from loaders.store import BATCHES
from schemas.errors import RejectReason
from schemas.forms import FieldKind
from schemas.readings import (
    FieldValue,
    FirstReading,
    PageResult,
    Reconciled,
    Reconciliation,
    ValueStatus,
)
from schemas.returns import ReturnStatus
from schemas.rules import Category, Outcome, RuleResult, Severity

RULES = ("F1040-001", "F1040-009", "F1040-011", "RETIRED-001")
"""Three that the US department has, and one that it no longer has."""
IDLE = "does not apply: its condition is not met"
UNREAD = (
    "not evaluated: wages is in review",
    "not evaluated: wages is in review; refund is unread",
)
SSN_IN_CLEAR = "912-34-5678"
"""What some first readings hold; `made.SSN` is what all returns hold."""
DAYS = (
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    datetime(2026, 3, 2, 12, tzinfo=UTC),
    # Still the 9th in New York, already the 10th in UTC.
    datetime(2026, 3, 10, 3, 30, tzinfo=UTC),
    datetime(2026, 3, 11, 12, tzinfo=UTC),
    datetime(2026, 3, 11, 20, tzinfo=UTC),
)


@dataclass
class Batch:
    """What went into one batch."""

    run: str
    started: datetime
    files: int = 0
    returns: list[tuple[str, ReturnStatus]] = field(default_factory=list)
    values: list[FieldValue] = field(default_factory=list)
    results: list[RuleResult] = field(default_factory=list)
    pages: int = 0
    rejected: int = 0
    duplicates: int = 0


def deliver(repository: Repository, seed: int = 5, files: int = 4) -> list[Batch]:
    """Five batches on four days, each with returns, a file that is no good, and one seen before."""
    chance = random.Random(seed)
    batches: list[Batch] = []
    for number, started in enumerate(DAYS):
        run = repository.start_or_resume_batch("us_irs", f"inbox {number}")
        batch = Batch(run, started)
        for at in range(files):
            _read(repository, batch, chance, f"scan {number}-{at}.pdf")
        repository.reject_file(run, f"empty {number}.tif", RejectReason.EMPTY_FILE, "no bytes")
        batch.rejected, batch.files = 1, batch.files + 1
        if number:
            first = "scan 0-0.pdf"
            repository.receive(run, f"again {first}", made.sha(first), 1000)
            batch.duplicates, batch.files = 1, batch.files + 1
        repository.finish_batch(run)
        with repository.writing() as connection:
            connection.execute(
                sa.update(BATCHES).where(BATCHES.c.id == run).values(started_at=started)
            )
        batches.append(batch)
    return batches


def _read(repository: Repository, batch: Batch, chance: random.Random, name: str) -> None:
    received = repository.receive(batch.run, name, made.sha(name), 1000)
    page = _page(chance)
    repository.store_pages(received.document_id, [page])
    decided = made.decided(name, page)
    results = list(_results(chance, decided))
    if decided.status is ReturnStatus.ACCEPTED and any(
        one.outcome is Outcome.FAIL for one in results
    ):
        decided = decided._replace(status=ReturnStatus.REJECTED, reasons=("a rule failed",))
    repository.store_returns(batch.run, [decided], results)
    batch.files += 1
    batch.pages += 1
    batch.returns.append((decided.tax_return.return_id, decided.status))
    batch.values += page.values
    batch.results += results


def _page(chance: random.Random) -> PageResult:
    page = made.first_page()
    values = []
    for value in page.values:
        if value.kind is not FieldKind.CHOICE:
            value = _varied(chance, value)
        values.append(value)
    return page.model_copy(update={"values": tuple(values)})


def _varied(chance: random.Random, value: FieldValue) -> FieldValue:
    update: dict[str, object] = {
        "status": chance.choice((ValueStatus.ACCEPTED, ValueStatus.ACCEPTED, ValueStatus.REVIEW)),
        "confidence": chance.choice((0.2, 0.5, 0.79, 0.8, 0.96, 0.995, 0.9995, 1.0)),
    }
    if update["status"] is ValueStatus.REVIEW:
        update["reason"] = chance.choice(("the engines disagree", "not read with confidence"))
    said = chance.choice((None, *Reconciled))
    if said is Reconciled.CONFLICT:
        update |= {
            "status": ValueStatus.REVIEW,
            "reason": "it does not go with the rest (F1040-009, F1040-011)",
        }
    if said is not None:
        update["reconciliation"] = Reconciliation(
            outcome=said,
            rules=("F1040-009", "F1040-011"),
            probability=round(chance.uniform(0.9, 0.9999), 6),
            first=FirstReading(
                value="912-34-5678" if value.kind is FieldKind.TAXPAYER_ID else "98765.43",
                as_read="98,765.43",
                confidence=0.5,
                risk=0.4,
                status=ValueStatus.REVIEW,
                decided_by="engine:strip 2",
                reason="the engines disagree",
            ),
            correction=Decimal("1234.05") if said is Reconciled.MISTAKE else None,
        )
    return value.model_copy(update=update)


def _results(chance: random.Random, decided: DecidedReturn) -> Iterator[RuleResult]:
    for rule_id in RULES:
        outcome = chance.choice((Outcome.PASS, Outcome.PASS, Outcome.FAIL, Outcome.NOT_EVALUATED))
        message = {
            Outcome.PASS: chance.choice(("", IDLE)),
            Outcome.FAIL: "=HYPERLINK(1) Line 9 is 52,340.50, but 90 less.",
            Outcome.NOT_EVALUATED: chance.choice(UNREAD),
        }[outcome]
        yield RuleResult(
            rule_id=rule_id,
            return_id=decided.tax_return.return_id,
            severity=Severity.REJECT,
            category=Category.MATH_ERROR,
            outcome=outcome,
            message=message,
            inputs={"total_income": "52340.50", "wages": "", "capital_gain": None},
        )

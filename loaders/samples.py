"""The blind sample: which fields of accepted returns people key, and what that shows of ours.

What is keyed is compared with what we hold and never written over it. Where the two differ the
field goes to review, and a second person decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.reviews import refresh
from loaders.store import DOCUMENTS, FORMS, PAGES, RETURNS, REVIEWS, SAMPLES, VALUES, Store, now
from loaders.values import PERSON, field_value, value_row
from schemas.comparing import same_text
from schemas.errors import ExitCode, TaxliftError
from schemas.forms import FieldKind
from schemas.readings import ValueStatus
from schemas.returns import ReturnStatus, SampledPlace
from schemas.sampled import SampleOutcome
from schemas.tables import DocumentStatus, ReviewKind, ReviewStatus

DIFFERS = "keyed otherwise in the blind sample"
"""Why such a field is in review; which of the two is right it does not say."""


class KeyingError(TaxliftError):
    """Something cannot be keyed: it does not wait, or not for this person."""

    exit_code = ExitCode.BAD_INPUT


class SampledAt(NamedTuple):
    """Where a sampled field is."""

    batch_id: str
    document_id: int
    kind: FieldKind


class Samples(Store):
    """The repository's part for the blind sample."""

    def key_sampled(
        self, key: str, keyed: str | None, by: str, *, illegible: bool = False
    ) -> SampleOutcome:
        """Record what a person keyed of a sampled field, and whether we hold the same.

        Args:
            key: of the review item: `sample:PAGE:NAME`.
            keyed: canonical text, `true` or `false` for marks; None where the field is blank.
            by: `person:NAME`.
            illegible: the person cannot tell what is there; `keyed` then says nothing.

        Raises:
            KeyingError: the item does not wait.
        """
        _is_person(by)
        with self.writing() as connection:
            row = _sampled(connection, key, to_change=True)
            if row["outcome"] is not SampleOutcome.WAITING or not _is_ours(row):
                raise KeyingError(f"{key} does not wait to be keyed (any more)")
            found: dict[str, Any] = {"keyed_by": by, "keyed_at": now()}
            if illegible:
                found["outcome"] = SampleOutcome.ILLEGIBLE
            elif _same(row, keyed):
                found["outcome"] = SampleOutcome.AGREED
            else:
                found |= {"outcome": SampleOutcome.DIFFERS, "held": row["value"], "keyed": keyed}
                _to_review(connection, row)
            outcome: SampleOutcome = found["outcome"]
            connection.execute(sa.update(SAMPLES).where(_this(row)).values(**found))
            connection.execute(
                sa.update(REVIEWS)
                .where(REVIEWS.c.key == key, REVIEWS.c.kind == ReviewKind.SAMPLE)
                .values(status=ReviewStatus.CLOSED, closed_at=now())
            )
            if outcome is SampleOutcome.DIFFERS:
                refresh(connection, _document(row))
            self.audit.append("sample.keyed", key, outcome.value, actor=by, connection=connection)
        return outcome

    def settle_sampled(self, key: str, keyed: str | None, by: str) -> SampleOutcome:
        """Record what a second person keyed of a field on which the first and we differ.

        That is held from now on. The return stays in review until it is decided again.

        Raises:
            KeyingError: nothing is to be settled there, or the same person keyed it first.
        """
        _is_person(by)
        with self.writing() as connection:
            row = _sampled(connection, key, to_change=True)
            if row["outcome"] is not SampleOutcome.DIFFERS:
                raise KeyingError(f"{key}: there is no difference to settle")
            if row["keyed_by"] == by:
                raise KeyingError(f"{key}: {by} keyed it first; another person must settle it")
            upheld = _same(row, keyed)
            outcome = SampleOutcome.UPHELD if upheld else SampleOutcome.WRONG
            connection.execute(
                sa.update(SAMPLES)
                .where(_this(row))
                .values(outcome=outcome, settled_by=by, settled_at=now())
            )
            _hold(connection, row, row["value"] if upheld else keyed, by)
            refresh(connection, _document(row))
            self.audit.append("sample.settled", key, outcome.value, actor=by, connection=connection)
        return outcome

    def place_of_sampled(self, key: str) -> SampledAt:
        """Where a sampled field is, and what is written there.

        Raises:
            KeyingError: there is no such field in the sample.
        """
        with self.reading() as connection:
            row = _sampled(connection, key)
        return SampledAt(row["batch_id"], row["document_id"], row["kind"])


def store_sample(connection: Connection, return_id: str, places: Iterable[SampledPlace]) -> int:
    """Make a return's fields that wait to be keyed blind these; the number of new ones.

    What was keyed already stays. Repeating it changes nothing.
    """
    held = {
        SampledPlace(row["position"], row["name"]): row
        for row in connection.execute(
            sa.select(
                *FORMS.c["position", "return_id"],
                *VALUES.c["page_id", "name", "kind", "status"],
                *RETURNS.c["department", "tax_year"],
            )
            .join(VALUES, VALUES.c.return_form_id == FORMS.c.id)
            .join(RETURNS, RETURNS.c.id == FORMS.c.return_id)
            .where(FORMS.c.return_id == return_id)
        ).mappings()
    }
    wanted = {(row["page_id"], row["name"]): row for place in places if (row := held.get(place))}
    stored = {
        (row.page_id, row.name): row.outcome
        for row in connection.execute(
            sa.select(SAMPLES.c.page_id, SAMPLES.c.name, SAMPLES.c.outcome).where(
                SAMPLES.c.return_id == return_id
            )
        )
    }
    for page_id, name in sorted(set(stored) - set(wanted)):
        if stored[page_id, name] is SampleOutcome.WAITING:
            connection.execute(
                sa.delete(SAMPLES).where(SAMPLES.c.page_id == page_id, SAMPLES.c.name == name)
            )
    at = now()
    rows = [
        {
            "page_id": row["page_id"],
            "name": row["name"],
            "return_id": return_id,
            "department": row["department"],
            "kind": row["kind"],
            "blank": row["status"] is ValueStatus.BLANK,
            "outcome": SampleOutcome.WAITING,
            "drawn_at": at,
        }
        for place, row in wanted.items()
        if place not in stored
    ]
    if rows:
        connection.execute(sa.insert(SAMPLES), rows)
    return len(rows)


def _sampled(connection: Connection, key: str, *, to_change: bool = False) -> RowMapping:
    """A sampled field, the value that is held of it, and where it is.

    Of two who would change it at the same time, the second waits and sees what the first did.
    """
    kind, _, place = key.partition(":")
    page, _, name = place.partition(":")
    query = (
        sa.select(
            *SAMPLES.c,
            *VALUES.c["value", "status", "decided_by"],
            *PAGES.c["document_id", "form", "year", "form_page"],
            *DOCUMENTS.c["batch_id", "sha256"],
        )
        .join(
            VALUES,
            sa.and_(VALUES.c.page_id == SAMPLES.c.page_id, VALUES.c.name == SAMPLES.c.name),
        )
        .join(PAGES, PAGES.c.id == SAMPLES.c.page_id)
        .join(DOCUMENTS, DOCUMENTS.c.id == PAGES.c.document_id)
    )
    row = None
    if kind == ReviewKind.SAMPLE and page.isdecimal():
        mine = sa.and_(SAMPLES.c.page_id == int(page), SAMPLES.c.name == name)
        query = query.where(mine)
        if to_change:
            query = query.with_for_update(of=SAMPLES)
        row = connection.execute(query).mappings().first()
    if row is None:
        raise KeyingError(f"no sampled field {key!r}; taxlift review --sample --json lists them")
    return row


def _this(row: RowMapping) -> sa.ColumnElement[bool]:
    return sa.and_(SAMPLES.c.page_id == row["page_id"], SAMPLES.c.name == row["name"])


def _document(row: RowMapping) -> sa.Select[Any]:
    return sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.id == row["document_id"])


def _is_ours(row: RowMapping) -> bool:
    status: ValueStatus = row["status"]
    return status.is_held and not row["decided_by"].startswith(PERSON)


def _same(row: RowMapping, keyed: str | None) -> bool:
    held = row["value"]
    if not held or not keyed:
        return not held and not keyed
    return same_text(row["kind"], held, keyed)


def _is_person(by: str) -> None:
    if not by.startswith(PERSON) or by == PERSON:
        raise ValueError(f"{by!r} is no person; write person:NAME")


def _to_review(connection: Connection, row: RowMapping) -> None:
    """Put the field, its return and its document into review; the value stays as it is."""
    connection.execute(
        sa.update(VALUES)
        .where(VALUES.c.page_id == row["page_id"], VALUES.c.name == row["name"])
        .values(status=ValueStatus.REVIEW, reason=DIFFERS)
    )
    mine = sa.and_(RETURNS.c.id == row["return_id"], RETURNS.c.status != ReturnStatus.REJECTED)
    reasons = connection.scalar(sa.select(RETURNS.c.reasons).where(mine))
    if reasons is None:
        return
    why = f"1 field of {row['form']} {row['year']} {DIFFERS}: {row['name']}"
    connection.execute(
        sa.update(RETURNS)
        .where(mine)
        .values(status=ReturnStatus.REVIEW, reasons=[why, *reasons], decided_at=now())
    )
    connection.execute(
        sa.update(DOCUMENTS)
        .where(DOCUMENTS.c.id == row["document_id"])
        .values(status=DocumentStatus.REVIEW)
    )


def _hold(connection: Connection, row: RowMapping, text: str | None, by: str) -> None:
    """Hold what a person decided; the readings stay beside it."""
    mine = sa.and_(VALUES.c.page_id == row["page_id"], VALUES.c.name == row["name"])
    stored = connection.execute(sa.select(VALUES).where(mine)).mappings().one()
    value = field_value(stored, row["form"], row["year"], row["form_page"])
    filled = text is not None and not (value.kind.is_mark and text != "true")
    decided = value.model_copy(
        update={
            "value": (text == "true") if value.kind.is_mark else text,
            "status": ValueStatus.ACCEPTED if filled else ValueStatus.BLANK,
            "decided_by": by,
            "reason": None,
            "confidence": 1.0,
            "risk": None,
        }
    )
    columns = value_row(row["page_id"], stored["position"], decided, now())
    connection.execute(sa.update(VALUES).where(mine).values(**columns))

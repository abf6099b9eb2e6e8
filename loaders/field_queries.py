"""What reports count over fields, and the few fields that they show one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.store import DOCUMENTS, FORMS, PAGES, VALUES
from schemas.figures import (
    CONFIDENCE_EDGES,
    AcceptanceRow,
    ConfidenceBin,
    ReconciledRow,
    ReconciliationCounts,
)
from schemas.forms import FieldKind
from schemas.masking import mask_text, mask_written
from schemas.readings import PixelBox, Reconciled, Reconciliation, ValueStatus
from schemas.report import FieldCounts, FieldRow

_SAID = VALUES.c.reconciliation["outcome"].as_string()


class FieldCount(NamedTuple):
    """Fields of one form, kind and bin of confidence in one batch."""

    form: str
    kind: FieldKind
    bin: int
    """From 0, of `CONFIDENCE_EDGES`."""
    accepted: int
    review: int
    blank: int
    confirmed: int
    corrected: int
    conflict: int
    mistake: int


class Doubt(NamedTuple):
    """A field in review, and where its picture is."""

    field: FieldRow
    """Without the picture."""
    sha256: str
    """Of the document."""
    bbox: PixelBox


def field_counts(connection: Connection, batch_id: str) -> list[FieldCount]:
    """The fields of all pages of a batch; each is in exactly one row, in one of three columns."""
    edges = CONFIDENCE_EDGES[1:-1]
    place = sa.case(
        *((VALUES.c.confidence < edge, at) for at, edge in enumerate(edges)), else_=len(edges)
    ).label("place")
    query = (
        sa.select(
            PAGES.c.form,
            VALUES.c.kind,
            place,
            *(sa.func.count().filter(VALUES.c.status == status) for status in _STATUSES),
            *(sa.func.count().filter(said == _SAID) for said in Reconciled),
        )
        .select_from(_values())
        .where(DOCUMENTS.c.batch_id == batch_id)
        .group_by(PAGES.c.form, VALUES.c.kind, "place")
    )
    return [FieldCount(*row) for row in connection.execute(query)]


_STATUSES = (ValueStatus.ACCEPTED, ValueStatus.REVIEW, ValueStatus.BLANK)


def count_fields(counts: Iterable[FieldCount]) -> FieldCounts:
    """All of them by status."""
    counts = list(counts)
    return FieldCounts(
        accepted=sum(one.accepted for one in counts),
        review=sum(one.review for one in counts),
        blank=sum(one.blank for one in counts),
    )


def count_reconciled(counts: Iterable[FieldCount]) -> ReconciliationCounts:
    """Those of which the arithmetic of the whole return said something."""
    counts = list(counts)
    return ReconciliationCounts(
        **{said.value: sum(getattr(one, said.value) for one in counts) for said in Reconciled}
    )


def by_confidence(counts: Iterable[FieldCount]) -> tuple[ConfidenceBin, ...]:
    """Filled fields in all bins, the least sure first; none where no field is filled."""
    accepted: Counter[int] = Counter()
    review: Counter[int] = Counter()
    for one in counts:
        accepted[one.bin] += one.accepted
        review[one.bin] += one.review
    if not accepted.total() + review.total():
        return ()
    return tuple(
        ConfidenceBin(low=low, high=high, accepted=accepted[at], review=review[at])
        for at, (low, high) in enumerate(pairwise(CONFIDENCE_EDGES))
    )


def by_form_and_kind(counts: Iterable[FieldCount]) -> tuple[AcceptanceRow, ...]:
    """By form, and within it by kind."""
    sums: dict[tuple[str, FieldKind], list[int]] = {}
    for one in counts:
        row = sums.setdefault((one.form, one.kind), [0, 0, 0])
        for at, many in enumerate((one.accepted, one.review, one.blank)):
            row[at] += many
    return tuple(
        AcceptanceRow(form=form, kind=kind, accepted=accepted, review=review, blank=blank)
        for (form, kind), (accepted, review, blank) in sorted(sums.items())
    )


def reconciled_rows(
    connection: Connection, batch_id: str, said: Reconciled, limit: int
) -> list[ReconciledRow]:
    """Fields that arithmetic corrected, or the filers' mistakes: the most doubtful first."""
    doubtful = VALUES.c.reconciliation["probability"].as_float()
    query = (
        sa.select(
            *VALUES.c["name", "line", "kind", "value", "status", "decided_by", "reconciliation"],
            *PAGES.c["form", "year", "number"],
            DOCUMENTS.c.file,
            FORMS.c.return_id,
        )
        .select_from(_values().join(FORMS, FORMS.c.id == VALUES.c.return_form_id))
        .where(DOCUMENTS.c.batch_id == batch_id, said == _SAID)
        .order_by(doubtful, DOCUMENTS.c.id, PAGES.c.number, VALUES.c.position)
        .limit(limit)
    )
    return [_reconciled(row) for row in connection.execute(query).mappings()]


def _reconciled(row: RowMapping) -> ReconciledRow:
    said = Reconciliation.model_validate(row["reconciliation"])
    first = said.first.value
    return ReconciledRow(
        return_id=row["return_id"],
        file=mask_text(row["file"]),
        page=row["number"],
        form=row["form"],
        year=row["year"],
        name=row["name"],
        line=row["line"],
        kind=row["kind"],
        first=None if first is None else mask_written(row["kind"], str(first)),
        held=None if row["value"] is None else mask_written(row["kind"], row["value"]),
        wanted=said.correction if said.outcome is Reconciled.MISTAKE else None,
        rules=said.rules,
        probability=said.probability,
        status=row["status"],
        decided_by=row["decided_by"],
    )


def worst_fields(connection: Connection, batch_id: str, limit: int) -> list[Doubt]:
    """Fields in review that were read with the least confidence."""
    query = (
        sa.select(
            DOCUMENTS.c.file,
            PAGES.c.number.label("page"),
            *PAGES.c["form", "year"],
            *VALUES.c["name", "line", "kind", "as_read", "confidence", "reason"],
            DOCUMENTS.c.sha256,
            *VALUES.c["x0", "y0", "x1", "y1"],
        )
        .select_from(_values())
        .where(DOCUMENTS.c.batch_id == batch_id, VALUES.c.status == ValueStatus.REVIEW)
        .order_by(VALUES.c.confidence, DOCUMENTS.c.id, PAGES.c.number, VALUES.c.position)
        .limit(limit)
    )
    doubts = []
    for row in connection.execute(query).mappings():
        told = dict(row)
        box = (told.pop("x0"), told.pop("y0"), told.pop("x1"), told.pop("y1"))
        sha256 = told.pop("sha256")
        doubts.append(Doubt(FieldRow(**told), sha256, box))
    return doubts


def _values() -> sa.Join:
    return DOCUMENTS.join(PAGES, PAGES.c.document_id == DOCUMENTS.c.id).join(
        VALUES, VALUES.c.page_id == PAGES.c.id
    )

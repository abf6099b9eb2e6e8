"""Between pages and field values as models and as rows.

The canonical text is the truth; the typed columns beside it (amount, mark, day) are what
the wide views show, and are empty where a text cannot be had in that type.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import TypeAdapter

from loaders.store import Record, storable
from schemas.columns import fits_amount
from schemas.forms import FieldKind
from schemas.masking import mask_text, mask_value
from schemas.readings import FieldValue, PageResult, Reading, Reconciliation
from schemas.rules import RuleResult

PERSON = "person:"
"""How `decided_by` begins where a person decided; a machine never writes over that."""

_READINGS = TypeAdapter(tuple[Reading, ...])


def digest_of(result: PageResult) -> str:
    """Hash of all that a page result says, but for how long it took."""
    return hashlib.sha256(result.model_dump_json(exclude={"seconds"}).encode()).hexdigest()


def page_row(document_id: int, result: PageResult, digest: str, at: datetime) -> dict[str, Any]:
    """Columns of `pages`, without the values."""
    row = result.model_dump(exclude={"values", "transform", "message"})
    return row | {
        "document_id": document_id,
        "transform": list(result.transform),
        "message": mask_text(storable(result.message)),
        "digest": digest,
        "read_at": at,
    }


def page_result(row: Record, values: Iterable[FieldValue]) -> PageResult:
    """The model again; `message` masked as it was stored."""
    kept = {
        name: row[name] for name in PageResult.model_fields if name not in ("values", "transform")
    }
    return PageResult(**kept, transform=tuple(row["transform"]), values=tuple(values))


def value_row(page_id: int, position: int, value: FieldValue, at: datetime) -> dict[str, Any]:
    """Columns of `field_values`, but for the form that it belongs to."""
    text = _as_text(value.value)
    return {
        "page_id": page_id,
        "name": value.name,
        "position": position,
        "line": value.line,
        "source_field": value.source_field,
        "kind": value.kind,
        "value": text,
        "masked": mask_value(value.kind, text) if text and value.kind.is_personal else None,
        "amount": _as_amount(value.kind, text),
        "mark": text == "true" if value.kind.is_mark and text is not None else None,
        "day": _as_day(value.kind, text),
        "as_read": storable(value.as_read),
        "ink": value.ink,
        "confidence": value.confidence,
        "risk": value.risk,
        "status": value.status,
        "decided_by": value.decided_by,
        "decided_at": at,
        "reason": value.reason,
        "x0": value.bbox[0],
        "y0": value.bbox[1],
        "x1": value.bbox[2],
        "y1": value.bbox[3],
        "readings": _READINGS.dump_python(value.readings, mode="json"),
        "reconciliation": said.model_dump(mode="json") if (said := value.reconciliation) else None,
    }


def field_value(
    row: Record, form: str, year: int, form_page: int, *, with_readings: bool = True
) -> FieldValue:
    """The model again, checked."""
    kind = FieldKind(row["kind"])
    text = row["value"]
    return FieldValue(
        form=form,
        year=year,
        page=form_page,
        name=row["name"],
        line=row["line"],
        source_field=row["source_field"],
        kind=kind,
        value=text == "true" if kind.is_mark and text is not None else text,
        as_read=row["as_read"],
        ink=row["ink"],
        confidence=row["confidence"],
        risk=row["risk"],
        status=row["status"],
        decided_by=row["decided_by"],
        bbox=(row["x0"], row["y0"], row["x1"], row["y1"]),
        readings=_READINGS.validate_python(row["readings"]) if with_readings else (),
        reason=row["reason"],
        reconciliation=Reconciliation.model_validate(said)
        if (said := row["reconciliation"])
        else None,
    )


def _as_text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else storable(value)


def _as_amount(kind: FieldKind, text: str | None) -> Decimal | None:
    if text is None or kind not in (FieldKind.AMOUNT, FieldKind.COUNT):
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return None
    return amount if fits_amount(amount) else None


def _as_day(kind: FieldKind, text: str | None) -> date | None:
    if text is None or kind is not FieldKind.DATE:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def rule_result(row: Record) -> RuleResult:
    """The model again."""
    return RuleResult(**{name: row[name] for name in RuleResult.model_fields})

"""The long table of an export: a row a field, for CSV, Parquet and Excel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from loaders.export_records import ExportRecord, ReconciliationRecord
from schemas.columns import fits_amount
from schemas.forms import FieldKind

FIELD_COLUMNS: Final = (
    "return_id",
    "file",
    "sha256",
    "department",
    "return_status",
    "reasons",
    "form",
    "year",
    "page",
    "form_page",
    "name",
    "line",
    "source_field",
    "kind",
    "value",
    "as_read",
    "confidence",
    "status",
    "decided_by",
    "x0",
    "y0",
    "x1",
    "y1",
    "arithmetic",
    "arithmetic_rules",
    "arithmetic_probability",
    "first_value",
    "first_as_read",
    "first_confidence",
    "first_status",
    "first_decided_by",
    "alternative",
    "log_odds",
    "correction",
)
"""Of the long table: a row a field; a file without a return has one row without a field."""

WHOLE_COLUMNS: Final = ("year", "page", "form_page", "x0", "y0", "x1", "y1")
NUMBER_COLUMNS: Final = ("confidence", "arithmetic_probability", "first_confidence", "log_odds")
_NUMERIC_KINDS: Final = (FieldKind.AMOUNT.value, FieldKind.COUNT.value)

Row = dict[str, Any]


def field_rows(records: Iterable[ExportRecord]) -> Iterator[Row]:
    """The long table, of values as JSON has them."""
    for record in records:
        head = {
            "return_id": record["return_id"],
            "file": record["file"],
            "sha256": record["sha256"],
            "department": record["department"],
            "return_status": record["status"],
            "reasons": "; ".join(record["reasons"]),
        }
        if not record["fields"]:
            yield head
        for field in record["fields"]:
            x0, y0, x1, y1 = field["bbox"]
            box = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
            yield {**head, **field, **box, **_reconciled(field["reconciliation"])}


def _reconciled(said: ReconciliationRecord | None) -> Row:
    """What arithmetic said, a column a thing; nothing where it said nothing."""
    if said is None:
        return {}
    return {
        "arithmetic": said["outcome"],
        "arithmetic_rules": "; ".join(said["rules"]),
        "arithmetic_probability": said["probability"],
        **{f"first_{name}": value for name, value in said["first"].items()},
        **{name: said[name] for name in ("alternative", "log_odds", "correction")},
    }


def typed(row: Row) -> Row:
    """With the value as text, and beside it as amount or mark where it is one."""
    row = row | {"correction": correction_of(row), "first_value": _text(row.get("first_value"))}
    value = row.get("value")
    if isinstance(value, bool):
        return row | {"value": _text(value), "mark": value}
    return row | {"amount": amount_of(row)}


def amount_of(row: Row) -> Decimal | None:
    """The value of an amount or a count, where it is one that a database holds exactly."""
    value = row.get("value")
    if row.get("kind") not in _NUMERIC_KINDS or not isinstance(value, str):
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return None
    return amount if fits_amount(amount) else None


def correction_of(row: Row) -> Decimal | None:
    """What the rules want where the filer is wrong, as an amount."""
    correction = row.get("correction")
    if correction is None:
        return None
    amount = Decimal(correction)
    return amount if fits_amount(amount) else None


def _text(value: str | bool | None) -> str | None:
    return ("true" if value else "false") if isinstance(value, bool) else value

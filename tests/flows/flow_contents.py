"""What a database holds, in a shape in which two of them can be compared."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from schemas.tables import Base

_NUMBERS_AND_TIMES = frozenset(
    ("id", "batch_id", "document_id", "page_id", "return_form_id", "key", "seconds")
)
_ACCOUNTS = ("batches", "receipts", "audit_events", "wide_views")
_OF_BATCHES = ("batch_figures", "batch_findings")
Rows = list[dict[str, Any]]


def all_rows(url: str) -> dict[str, Rows]:
    """Every row of every table as it is, but for those in which each run is entered."""
    with sa.create_engine(url).connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(
                    sa.select(table).order_by(*table.primary_key)
                ).mappings()
            ]
            for table in Base.metadata.sorted_tables
            if table.name not in _ACCOUNTS
        }


def contents(url: str) -> dict[str, Rows]:
    """What is known of every document, without row numbers and times.

    Two databases that went different ways to the same documents have the same contents.
    """
    rows = all_rows(url)
    documents = {row["id"]: row["sha256"] for row in rows["documents"]}
    pages = {row["id"]: (documents[row["document_id"]], row["number"]) for row in rows["pages"]}
    forms = {row["id"]: (row["return_id"], row["form"]) for row in rows["return_forms"]}

    def plain(row: dict[str, Any]) -> dict[str, Any]:
        kept = {
            key: value
            for key, value in row.items()
            if key not in _NUMBERS_AND_TIMES and not key.endswith("_at")
        }
        if "document_id" in row:
            kept["of_document"] = documents[row["document_id"]]
        if row.get("page_id") is not None:
            kept["of_page"] = pages[row["page_id"]]
        if row.get("return_form_id") is not None:
            kept["of_form"] = forms[row["return_form_id"]]
        return kept

    return {
        name: sorted(map(plain, each), key=repr)
        for name, each in rows.items()
        # These speak of deliveries, not of documents.
        if name not in _OF_BATCHES
    }

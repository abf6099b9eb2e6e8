"""The formats of an export, apart from what writes them, so that help need not load that."""

from __future__ import annotations

from enum import StrEnum


class ExportFormat(StrEnum):
    """What `taxlift export` writes."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    XLSX = "xlsx"

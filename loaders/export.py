"""Writing an export: JSON lines, CSV, Parquet or an Excel workbook, whole or not at all."""

from __future__ import annotations

import csv
import errno
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from loaders.export_format import ExportFormat
from loaders.export_records import FORMAT_VERSION, ExportRecord, export_records
from loaders.export_table import (
    FIELD_COLUMNS,
    NUMBER_COLUMNS,
    WHOLE_COLUMNS,
    Row,
    amount_of,
    correction_of,
    field_rows,
    typed,
)
from loaders.repository import Repository
from schemas.errors import DiskFullError, TaxliftError
from schemas.spreadsheets import FORMULA_STARTS, LONGEST_TEXT, printable


class ExportError(TaxliftError):
    """The file cannot be written there."""


_RETURN_COLUMNS: Final = ("return_id", "file", "sha256", "department", "status", "reasons", "forms")
_RULE_COLUMNS: Final = ("return_id", "file", "id", "severity", "outcome", "message")
_PLAIN_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_XLSX_ROWS: Final = 1_048_576
_PARQUET_ROWS: Final = 50_000


def export_run(
    repository: Repository,
    run: str,
    format: ExportFormat | str,
    out: Path,
    unmask: bool = False,
) -> int:
    """Write a run (`latest` or its id) to `out`; the number of records.

    The file appears when it is complete, readable by its owner alone. Writing identifiers
    in clear is recorded in the audit log before the first byte.

    Raises:
        DatabaseError: no such run.
        ExportError: `out` cannot be written.
        DiskFullError: no room; what `out` held before is left as it was.
    """
    format = ExportFormat(format)
    run = repository.run(run).run
    repository.audit.append(
        "export.unmasked" if unmask else "export.masked",
        f"run:{run}",
        "started",
        detail={"format": format.value},
    )
    count = 0

    def counted() -> Iterator[ExportRecord]:
        nonlocal count
        for record in export_records(repository, run, unmask=unmask):
            count += 1
            yield record

    _write_whole(out, lambda part: _WRITERS[format](part, counted()))
    repository.audit.append(
        "export.finished",
        f"run:{run}",
        detail={"format": format.value, "records": count, "unmasked": unmask},
    )
    return count


def _write_whole(out: Path, write: Callable[[Path], None]) -> None:
    """Write beside `out`, flush, then put in its place."""
    part: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent)
        os.close(handle)
        part = Path(name)
        write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(out)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFullError(f"{out}: no room left on the disk; nothing was written") from None
        raise ExportError(f"{out} cannot be written: {error.strerror or error}") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def _write_jsonl(path: Path, records: Iterator[ExportRecord]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")


def _write_csv(path: Path, records: Iterator[ExportRecord]) -> None:
    # The mark at the beginning makes Excel read UTF-8.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(FIELD_COLUMNS)
        for row in field_rows(records):
            writer.writerow([_csv_cell(row.get(column)) for column in FIELD_COLUMNS])


def _csv_cell(value: Any) -> Any:
    """Spreadsheets run what begins like a formula; an apostrophe keeps it text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    value = printable(value)
    if value.startswith(FORMULA_STARTS) and not _PLAIN_NUMBER.fullmatch(value):
        return "'" + value
    return value


def _write_parquet(path: Path, records: Iterator[ExportRecord]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = dict.fromkeys(WHOLE_COLUMNS, pa.int32()) | dict.fromkeys(NUMBER_COLUMNS, pa.float64())
    types["correction"] = pa.decimal128(20, 4)
    schema = pa.schema(
        [(column, types.get(column, pa.string())) for column in FIELD_COLUMNS]
        + [("amount", pa.decimal128(20, 4)), ("mark", pa.bool_())],
        metadata={"taxlift_export": FORMAT_VERSION},
    )
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for rows in _chunks(map(typed, field_rows(records)), _PARQUET_ROWS):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))


def _write_xlsx(path: Path, records: Iterator[ExportRecord]) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    returns, rules = (
        _Sheet(book, *each) for each in (("returns", _RETURN_COLUMNS), ("rules", _RULE_COLUMNS))
    )
    fields = _Sheet(book, "fields", FIELD_COLUMNS)

    def told() -> Iterator[ExportRecord]:
        for record in records:
            forms = "; ".join(f"{form['form']} {form['year']}" for form in record["forms"])
            reasons = "; ".join(record["reasons"])
            returns.add({**record, "forms": forms, "reasons": reasons})
            for rule in record["rules"]:
                rules.add({"return_id": record["return_id"], "file": record["file"], **rule})
            yield record

    for row in field_rows(told()):
        amount, correction = amount_of(row), correction_of(row)
        shown = row if amount is None else row | {"value": amount}
        fields.add(shown if correction is None else shown | {"correction": correction})
    book.save(path)


class _Sheet:
    """A sheet of a workbook, going on in another when it is full; all text stays text."""

    def __init__(self, book: Any, title: str, columns: tuple[str, ...]) -> None:
        self._book, self._title, self._columns = book, title, columns
        self._part = 0
        self._begin()

    def add(self, row: Row) -> None:
        if self._rows >= _XLSX_ROWS:
            self._begin()
        self._rows += 1
        self._sheet.append([self._cell(row.get(column)) for column in self._columns])

    def _begin(self) -> None:
        self._part += 1
        title = self._title if self._part == 1 else f"{self._title} {self._part}"
        self._sheet = self._book.create_sheet(title)
        self._sheet.freeze_panes = "A2"
        self._sheet.append(list(self._columns))
        self._rows = 1

    def _cell(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        from openpyxl.cell import WriteOnlyCell

        cell = WriteOnlyCell(self._sheet, value=printable(value)[:LONGEST_TEXT])
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = value.startswith(FORMULA_STARTS)
        return cell


def _chunks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    chunk: list[Row] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


_WRITERS: Final = {
    ExportFormat.JSONL: _write_jsonl,
    ExportFormat.CSV: _write_csv,
    ExportFormat.PARQUET: _write_parquet,
    ExportFormat.XLSX: _write_xlsx,
}

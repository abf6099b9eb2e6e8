"""Writing a workbook: sheets with a frozen head, filters and real numbers, and their charts.

Rows go to openpyxl as they are, not through a frame: a `Decimal` reaches the file digit by digit,
and what is missing stays empty instead of becoming NaN.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from schemas.masking import mask_text
from schemas.spreadsheets import FORMULA_STARTS, LONGEST_TEXT, printable

_MOST_ROWS: Final = 1_048_575
_DIGITS: Final = 15
"""That a spreadsheet's numbers hold; an amount of more stays text."""
_WIDEST: Final = 70
_SAMPLED: Final = 500
"""Rows whose texts say how wide a column is."""

Value = str | int | float | Decimal | date | datetime | None


class Show(StrEnum):
    """How a column is shown."""

    TEXT = "text"
    NAME = "name"
    """Text of ours that holds no identifier but may look like one: ids of returns and rules."""
    COUNT = "count"
    AMOUNT = "amount"
    SHARE = "share"
    DAY = "day"
    MOMENT = "moment"


_FORMATS: Final = {
    Show.COUNT: "#,##0",
    Show.AMOUNT: "#,##0.00",
    Show.SHARE: "0.0%",
    Show.DAY: "yyyy-mm-dd",
    Show.MOMENT: "yyyy-mm-dd hh:mm",
}


class ChartKind(StrEnum):
    """How a chart draws its columns."""

    BARS = "bars"
    COLUMNS = "columns"
    LINES = "lines"


@dataclass(frozen=True)
class Chart:
    """A chart beside a sheet's rows."""

    kind: ChartKind
    title: str
    names: str
    """Heading of the column that names each point."""
    values: tuple[str, ...]
    """Headings of the columns that are drawn."""
    rows: int | None = None
    """The first so many; None: all."""


@dataclass(frozen=True)
class Sheet:
    """One sheet."""

    title: str
    columns: tuple[tuple[str, Show], ...]
    rows: Sequence[Sequence[Value]]
    charts: tuple[Chart, ...] = ()


def write_workbook(sheets: Iterable[Sheet], path: Path) -> Path:
    """Write the sheets whole or not at all, for the owner's eyes alone; returns the path.

    Text stays text, whatever it begins with; identifiers in text are masked. Moments are in UTC,
    since a workbook knows no zones.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = "taxlift"
    for sheet in sheets:
        _write_sheet(book, sheet)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.touch(mode=0o600)
        book.save(partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _write_sheet(book: Any, sheet: Sheet) -> None:
    from openpyxl.utils import get_column_letter

    made = book.create_sheet(sheet.title)
    rows = sheet.rows[:_MOST_ROWS]
    made.freeze_panes = "A2"
    last = get_column_letter(len(sheet.columns))
    made.auto_filter.ref = f"A1:{last}{len(rows) + 1}"
    for at, width in enumerate(_widths(sheet), start=1):
        made.column_dimensions[get_column_letter(at)].width = width
    made.print_title_rows = "1:1"
    made.page_setup.orientation = "landscape"
    made.sheet_properties.pageSetUpPr = _fit_to_width()
    made.page_setup.fitToHeight = 0
    made.append([_head(made, heading, show) for heading, show in sheet.columns])
    for row in rows:
        made.append(
            [_cell(made, value, show) for value, (_, show) in zip(row, sheet.columns, strict=True)]
        )
    for at, chart in enumerate(sheet.charts):
        if rows:
            made.add_chart(_chart(made, sheet, chart), _beside(sheet, at))


def _fit_to_width() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def _head(made: Any, heading: str, show: Show) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    cell = WriteOnlyCell(made, value=heading)
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="E9EDF2")
    right = show not in (Show.TEXT, Show.NAME)
    cell.alignment = Alignment(horizontal="right" if right else "left", vertical="top")
    return cell


def _cell(made: Any, value: Value, show: Show) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment

    if value is None:
        return None
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > _DIGITS:
        value = f"{value:f}"
    if isinstance(value, str):
        text = printable(value if show is Show.NAME else _masked(value, show))[:LONGEST_TEXT]
        cell = WriteOnlyCell(made, value=text)
        cell.data_type = "s"  # never a formula, whatever it begins with
        cell.quotePrefix = text.startswith(FORMULA_STARTS)
        cell.alignment = Alignment(wrap_text=show is Show.TEXT, vertical="top")
        return cell
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None)
    cell = WriteOnlyCell(made, value=value)
    cell.number_format = _FORMATS.get(show, "#,##0" if isinstance(value, int) else "General")
    cell.alignment = Alignment(vertical="top")
    return cell


def _masked(text: str, show: Show) -> str:
    return text if show is Show.AMOUNT else mask_text(text)


def _widths(sheet: Sheet) -> list[float]:
    widths = []
    for at, (heading, show) in enumerate(sheet.columns):
        longest = len(heading) + 3  # room for the filter's arrow
        for row in sheet.rows[:_SAMPLED]:
            value = row[at]
            if isinstance(value, str):
                longest = max(longest, len(value) + 2)
            elif value is not None:
                longest = max(longest, 18 if show is Show.MOMENT else 12)
        widths.append(float(min(longest, _WIDEST)))
    return widths


def _chart(made: Any, sheet: Sheet, chart: Chart) -> Any:
    from openpyxl.chart import BarChart, LineChart, Reference

    drawn = LineChart() if chart.kind is ChartKind.LINES else BarChart()
    if isinstance(drawn, BarChart):
        drawn.type = "bar" if chart.kind is ChartKind.BARS else "col"
        drawn.grouping, drawn.overlap, drawn.gapWidth = "stacked", 100, 40
    headings = [heading for heading, _ in sheet.columns]
    last = 1 + min(chart.rows or len(sheet.rows), len(sheet.rows))
    for heading in chart.values:
        at = headings.index(heading) + 1
        drawn.add_data(Reference(made, min_col=at, min_row=1, max_row=last), titles_from_data=True)
    at = headings.index(chart.names) + 1
    drawn.set_categories(Reference(made, min_col=at, min_row=2, max_row=last))
    drawn.title = chart.title
    drawn.width, drawn.height = 24, max(8.0, min(0.7 * last, 16) if _is_bars(chart) else 9)
    # Left to themselves the axes of a new chart are hidden in newer Excels.
    drawn.x_axis.delete = drawn.y_axis.delete = False
    if _is_bars(chart):
        drawn.x_axis.scaling.orientation = "maxMin"
    if chart.kind is ChartKind.LINES:
        drawn.y_axis.scaling.min, drawn.y_axis.scaling.max = 0, 1
        drawn.y_axis.number_format = "0%"
    drawn.legend.position = "b"
    return drawn


def _is_bars(chart: Chart) -> bool:
    return chart.kind is ChartKind.BARS


def _beside(sheet: Sheet, at: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(len(sheet.columns) + 2)}{2 + 20 * at}"

"""Workbooks, opened again: numbers are numbers, text is never a formula, identifiers are masked."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from schemas.figures import RuleRow
from schemas.rules import Category, Severity
from validators.sheet_parts import number_or_text, rules_sheet
from validators.workbook import Chart, ChartKind, Sheet, Show, Value, write_workbook

DANGEROUS = (
    "=1+1", "=cmd|'/c calc'!A1", "+1", "-1+2", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=",
    "=HYPERLINK(\"http://x\")",
)  # fmt: skip


def written(path: Path, show: Show, *values: Value):
    sheet = Sheet("Sheet", (("Column", show),), [(value,) for value in values])
    book = load_workbook(write_workbook([sheet], path / "book.xlsx"))
    return [row[0] for row in book["Sheet"].iter_rows(min_row=2)]


@pytest.mark.parametrize("show", [Show.TEXT, Show.NAME, Show.AMOUNT, Show.COUNT])
def test_text_is_never_a_formula(tmp_path: Path, show: Show) -> None:
    for cell, text in zip(written(tmp_path, show, *DANGEROUS), DANGEROUS, strict=True):
        assert cell.data_type == "s", text
        assert cell.value.strip() == text.strip().replace("\r", "\n").strip()
        assert cell.quotePrefix, text
    with zipfile.ZipFile(tmp_path / "book.xlsx") as book:
        assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(min_size=1, max_size=40))
def test_any_text_can_be_written_and_stays_text(tmp_path: Path, text: str) -> None:
    (cell,) = written(tmp_path, Show.NAME, text) or [None]
    assert cell is None or cell.value is None or cell.data_type in ("s", "inlineStr")


def test_amounts_keep_their_cents_and_are_numbers(tmp_path: Path) -> None:
    amounts = [Decimal("52340.50"), Decimal("-0.01"), Decimal("999999999999.99"), Decimal(0)]
    for cell, amount in zip(written(tmp_path, Show.AMOUNT, *amounts), amounts, strict=True):
        assert cell.data_type == "n"
        assert Decimal(str(cell.value)) == amount
        assert cell.number_format == "#,##0.00"


def test_an_amount_beyond_a_spreadsheets_digits_stays_text(tmp_path: Path) -> None:
    (cell,) = written(tmp_path, Show.AMOUNT, Decimal("123456789012345.67"))
    assert (cell.data_type, cell.value) == ("s", "123456789012345.67")


def test_days_moments_and_shares(tmp_path: Path) -> None:
    (day,) = written(tmp_path, Show.DAY, date(2026, 11, 24))
    assert day.is_date and day.value == datetime(2026, 11, 24)
    east = timezone(timedelta(hours=2))
    (moment,) = written(tmp_path, Show.MOMENT, datetime(2026, 11, 24, 1, 30, tzinfo=east))
    assert moment.value.replace(tzinfo=UTC) == datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    (share,) = written(tmp_path, Show.SHARE, 0.123)
    assert (share.value, share.number_format) == (0.123, "0.0%")


def test_identifiers_in_text_are_masked_and_ids_of_ours_are_not(tmp_path: Path) -> None:
    (text,) = written(tmp_path, Show.TEXT, "of 912-34-5678")
    assert text.value == "of ***-**-5678"
    (name,) = written(tmp_path, Show.NAME, "a912345678b0c1d2e3f4")
    assert name.value == "a912345678b0c1d2e3f4"


def test_a_sheet_has_a_frozen_head_filters_widths_and_its_chart(tmp_path: Path) -> None:
    sheet = Sheet(
        "Rules",
        (("Rule", Show.NAME), ("Failed", Show.COUNT)),
        [("F1040-009", 3), ("F1040-011-02-AND-LONGER", 1)],
        (Chart(ChartKind.BARS, "Failures", "Rule", ("Failed",)),),
    )
    path = write_workbook([sheet], tmp_path / "deep" / "book.xlsx")
    (made,) = load_workbook(path)
    assert made.freeze_panes == "A2" and made.auto_filter.ref == "A1:B3"
    assert made.column_dimensions["A"].width > len("F1040-011-02-AND-LONGER")
    assert made["A1"].font.bold
    with zipfile.ZipFile(path) as book:
        chart = book.read("xl/charts/chart1.xml").decode()
    # It draws the sheet's own cells.
    assert "'Rules'!$B$2:$B$3" in chart and "'Rules'!$A$2:$A$3" in chart
    assert path.stat().st_mode & 0o077 == 0
    assert [it.name for it in path.parent.iterdir()] == ["book.xlsx"]


def test_an_empty_sheet_has_its_head_and_no_chart(tmp_path: Path) -> None:
    sheet = rules_sheet([])
    (made,) = load_workbook(write_workbook([sheet], tmp_path / "book.xlsx"))
    assert made["A1"].value == "Rule" and made.max_row == 1


def test_rules_come_with_shares_and_their_change(tmp_path: Path) -> None:
    row = RuleRow(
        rule_id="F1040-009", text="Line 9 adds up.", severity=Severity.REJECT,
        category=Category.MATH_ERROR, failed=3, passed=7, not_applicable=80, not_evaluated=10,
        failed_before=1, evaluated_before=10,
    )  # fmt: skip
    (made,) = load_workbook(write_workbook([rules_sheet([row], True)], tmp_path / "book.xlsx"))
    told = {head.value: cell.value for head, cell in zip(made[1], made[2], strict=True)}
    assert told["Failed of evaluated"] == pytest.approx(0.3)
    assert told["Share before"] == pytest.approx(0.1)
    assert told["Change"] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("text", "value"), [(None, "unread"), ("", None), ("12.50", Decimal("12.50")), ("12O", "12O")]
)
def test_amounts_are_numbers_where_they_can_be(text: str | None, value: Value) -> None:
    from schemas.forms import FieldKind

    assert number_or_text(FieldKind.AMOUNT, text) == value
    assert number_or_text(FieldKind.TEXT, "0012") == "0012", "no number"

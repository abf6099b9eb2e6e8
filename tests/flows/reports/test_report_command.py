"""`taxlift report`: files, terminal, JSON, and what it says when it cannot."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from delivered import SSN_IN_CLEAR, Batch
from openpyxl import load_workbook
from typer.testing import CliRunner

from flows.cli import app
from flows.context import ReportContext
from schemas.errors import ExitCode
from schemas.settings import Settings

PERIOD = ("period", "--from", "2026-03-01", "--to", "2026-03-31")
ASKED = {"batch": ("batch",), "period": PERIOD, "rule": ("rule", "F1040-009")}


@pytest.fixture
def run(context: ReportContext, settings: Settings, monkeypatch: pytest.MonkeyPatch):
    def invoke(*arguments: object):
        monkeypatch.setenv("TAXLIFT_HOME", str(settings.home))
        monkeypatch.delenv("TAXLIFT_DB_URL", raising=False)
        asked = ["report", *map(str, arguments)]
        return CliRunner().invoke(app, asked, env={"COLUMNS": "200"})

    return invoke


@pytest.mark.parametrize("kind", ASKED)
def test_a_page_and_a_workbook_are_written_and_told_of(kind: str, run, tmp_path: Path) -> None:
    told = run(*ASKED[kind], "--out", tmp_path)
    assert told.exit_code == 0, told.output
    page, workbook = (next(tmp_path.glob(f"*.{ending}")) for ending in ("html", "xlsx"))
    assert str(page) in told.output and str(workbook) in told.output
    assert page.stat().st_mode & 0o077 == workbook.stat().st_mode & 0o077 == 0
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text and "@import" not in text
    assert not re.search(r"""(src|href)=["'](?!data:)""", text)
    assert SSN_IN_CLEAR not in text and "912345678" not in text
    # A plot has words for who cannot see it, and its numbers in a table.
    assert text.count('<svg role="img"') == text.count("<desc id=") >= 1
    names = re.findall(r'aria-labelledby="([^"]+)"', text)
    assert len(set(names)) == len(names)
    for name in " ".join(names).split():
        assert f'id="{name}"' in text
    for sheet in load_workbook(workbook):
        assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                assert cell.data_type != "f"
                assert SSN_IN_CLEAR not in str(cell.value) and "912345678" not in str(cell.value)


@pytest.mark.parametrize(("format", "endings"), [("html", {".html"}), ("xlsx", {".xlsx"})])
def test_only_what_is_asked_for(run, tmp_path: Path, format: str, endings: set[str]) -> None:
    assert run("rule", "F1040-009", "--format", format, "--out", tmp_path).exit_code == 0
    assert {path.suffix for path in tmp_path.iterdir()} == endings


@pytest.mark.parametrize("kind", ASKED)
def test_json_has_the_same_and_writes_nothing(kind: str, run, tmp_path: Path) -> None:
    told = run(*ASKED[kind], "--json", "--out", tmp_path)
    report = json.loads(told.stdout)
    assert report["department"] == "us_irs"
    assert not list(tmp_path.iterdir())
    assert SSN_IN_CLEAR not in told.stdout and "912345678" not in told.stdout


def test_the_home_is_where_reports_are_looked_for(
    run, settings: Settings, batches: list[Batch]
) -> None:
    assert run("batch", batches[1].run).exit_code == 0
    assert (settings.reports / batches[1].run / "report.xlsx").is_file()
    assert run(*PERIOD).exit_code == 0
    assert list((settings.reports / "periods").glob("us_irs-2026-03-01-to-2026-03-31.*"))
    assert settings.reports.stat().st_mode & 0o077 == 0


def test_the_workbook_of_a_rule_has_its_inputs_as_numbers(run, tmp_path: Path) -> None:
    assert run("rule", "F1040-009", "--format", "xlsx", "--out", tmp_path).exit_code == 0
    sheet = load_workbook(next(tmp_path.iterdir()))["Failures"]
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, sheet[2], strict=True))
    total = row["total_income"]
    assert Decimal(str(total.value)) == Decimal("52340.50")
    assert (total.data_type, total.number_format) == ("n", "#,##0.00")
    assert row["wages"].value is None and row["capital_gain"].value == "unread"
    said = row["What the rule said"]
    assert said.value.startswith("=HYPERLINK(1)") and said.data_type == "s" and said.quotePrefix


@pytest.mark.parametrize(
    ("asked", "told", "code"),
    [
        (("rule", "F1040-9"), "near it: F1040-009", ExitCode.BAD_ARGUMENTS),
        ((*PERIOD[:2], "March", *PERIOD[3:]), "--from 'March' is no day", ExitCode.BAD_ARGUMENTS),
        ((*PERIOD[:4], "2026-02-01"), "before it begins", ExitCode.BAD_ARGUMENTS),
        (("batch", "20200101-1"), "there is no run", ExitCode.DATABASE),
        ((*PERIOD, "-d", "atlantis"), "atlantis", ExitCode.BAD_CONFIGURATION),
    ],
)  # fmt: skip
def test_what_cannot_be_reported(run, asked: tuple[str, ...], told: str, code: ExitCode) -> None:
    answer = run(*asked)
    assert answer.exit_code == code and told in answer.output
    assert "Traceback" not in answer.output


def test_a_period_in_which_nothing_came(run, tmp_path: Path) -> None:
    answer = run("period", "--from", "2020-01-01", "--to", "2020-01-31", "--out", tmp_path)
    assert answer.exit_code == 0
    assert "No batch began" in next(tmp_path.glob("*.html")).read_text(encoding="utf-8")
    load_workbook(next(tmp_path.glob("*.xlsx")))


def test_a_folder_that_cannot_be_written_to(run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    answer = run("rule", "F1040-009", "--out", tmp_path / "file")
    assert answer.exit_code != 0 and "cannot be written to" in answer.output


def test_a_home_without_runs_says_what_to_do(run, tmp_path: Path) -> None:
    answer = run(*PERIOD, "--db", f"sqlite:///{tmp_path / 'taxlift.db'}")
    assert answer.exit_code == ExitCode.DATABASE and "taxlift run INBOX" in answer.output

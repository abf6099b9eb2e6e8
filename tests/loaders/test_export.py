from __future__ import annotations

import csv
import errno
import json
import os
import re
from decimal import Decimal
from pathlib import Path

import made
import openpyxl
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from loaders.export import FIELD_COLUMNS, export_run
from loaders.export_format import ExportFormat
from loaders.repository import Repository
from schemas.errors import DatabaseError, DiskFullError, RejectReason
from schemas.readings import PageStatus, ValueStatus
from schemas.tables import AuditEvent

NAME = "Mül­ler's “2022” return.pdf"


@pytest.fixture
def loaded(repository: Repository) -> Repository:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    files = {
        NAME: [
            made.odd_page(1, PageStatus.BLANK),
            made.second_page(number=2),
            made.first_page(number=3),
        ],
        "unsure.pdf": [made.first_page(wages_status=ValueStatus.REVIEW)],
        "cat.jpg": [made.odd_page(1, PageStatus.UNKNOWN)],
        "refused.jpg": [made.odd_page(1, PageStatus.REFUSED)],
    }
    for file, pages in files.items():
        document = repository.receive(batch, file, made.sha(file), 1).document_id
        repository.store_pages(document, pages)
        read = sorted(
            (page for page in pages if page.status is PageStatus.READ),
            key=lambda page: page.form_page or 0,
        )
        if read:
            decided = made.decided(file, *read)
            repository.store_returns(batch, [decided], made.rule_results(decided))
    repository.receive(batch, "again.pdf", made.sha(NAME), 1)
    repository.reject_file(batch, "empty.pdf", RejectReason.EMPTY_FILE, "the file is empty")
    repository.finish_batch(batch)
    return repository


def exported(repository: Repository, out: Path, *, run: str = "latest", unmask: bool = False):
    export_run(repository, run, ExportFormat.JSONL, out, unmask)
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def test_json_lines_are_as_documented(loaded: Repository, tmp_path: Path) -> None:
    lines = exported(loaded, tmp_path / "out.jsonl")
    assert [(line["file"], line["status"], line["reasons"]) for line in lines] == [
        (NAME, "accepted", []),
        ("unsure.pdf", "review", ["1 field in review"]),
        ("cat.jpg", "rejected", ["unknown_form: no page is a form that the department has"]),
        ("refused.jpg", "review", ["no_return: no return was found in it"]),
        ("empty.pdf", "rejected", ["empty_file: the file is empty"]),
    ]
    first = lines[0]
    assert list(first) == (
        [
            "return_id",
            "file",
            "sha256",
            "department",
            "status",
            "reasons",
            "forms",
            "fields",
            "rules",
            "format_version",
        ]
    )
    assert first["format_version"] == "1.1"
    assert first["sha256"] == made.sha(NAME) and first["department"] == "us_irs"
    assert first["forms"] == [{"form": "form_1040", "year": 2022, "pages": [3, 2]}]
    assert first["rules"][1] == {
        "id": "F1040-002",
        "severity": "alert",
        "outcome": "fail",
        "message": "wages do not add up",
    }
    fields = {field["name"]: field for field in first["fields"]}
    assert list(fields) == [
        value.name for page in (made.first_page(), made.second_page()) for value in page.values
    ]
    assert fields["wages"] == {
        "form": "form_1040",
        "year": 2022,
        "page": 3,
        "form_page": 1,
        "name": "wages",
        "line": "1z",
        "source_field": "topmostSubform[0].Page1[0].wages[0]",
        "kind": "amount",
        "value": "52340.50",
        "as_read": "52340.50",
        "confidence": 0.9987654321,
        "status": "accepted",
        "decided_by": "engine:tesseract 5.3.0",
        "bbox": [100, 200, 300, 240],
        "reconciliation": None,
    }
    assert fields["refund"]["page"] == 2 and fields["refund"]["form_page"] == 2
    assert fields["filing_status_single"]["value"] is True
    unmarked = fields["filing_status_married_filing_jointly"]
    assert (unmarked["value"], unmarked["status"]) == (False, "blank")
    assert lines[4]["return_id"] is None and lines[4]["sha256"] is None


def test_every_key_and_column_is_documented(loaded: Repository, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "export-format.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(\w+)`", text))
    line = exported(loaded, tmp_path / "out.jsonl")[0]
    keys = set(line) | {key for part in ("forms", "fields", "rules") for key in line[part][0]}
    reasons = {reason.value for reason in RejectReason}
    assert keys | set(FIELD_COLUMNS) | reasons <= documented


def test_a_run_of_duplicates_tells_what_is_held(loaded: Repository, tmp_path: Path) -> None:
    before = exported(loaded, tmp_path / "one.jsonl")
    batch = loaded.start_or_resume_batch("us_irs", "/other")
    loaded.receive(batch, "renamed.pdf", made.sha(NAME), 1)
    loaded.finish_batch(batch)
    [line] = exported(loaded, tmp_path / "two.jsonl")
    assert line == before[0] | {"file": "renamed.pdf"}


@pytest.mark.parametrize("format", ExportFormat)
def test_identifiers_are_masked_in_every_format(
    loaded: Repository, tmp_path: Path, format: ExportFormat
) -> None:
    out = tmp_path / f"out.{format}"
    export_run(loaded, "latest", format, out)
    assert out.stat().st_mode & 0o077 == 0
    text = everything_in(out, format)
    assert made.SSN not in text and "011000015" not in text
    assert "***-**-5678" in text and "*****0015" in text
    export_run(loaded, "latest", format, out, unmask=True)
    assert made.SSN in everything_in(out, format)


def everything_in(path: Path, format: ExportFormat) -> str:
    if format is ExportFormat.PARQUET:
        return repr(pq.read_table(path).to_pylist())
    if format is ExportFormat.XLSX:
        book = openpyxl.load_workbook(path)
        return repr([list(sheet.values) for sheet in book])
    return path.read_text(encoding="utf-8")


def test_unmasking_is_audited_before_and_after(loaded: Repository, tmp_path: Path) -> None:
    export_run(loaded, "latest", "jsonl", tmp_path / "out.jsonl", unmask=True)
    with loaded.engine.connect() as connection:
        events = connection.execute(
            sa.select(AuditEvent.action, AuditEvent.actor).order_by(AuditEvent.sequence.desc())
        ).all()
    assert events[1] == ("export.unmasked", "person:tester")
    assert events[0].action == "export.finished"


def test_csv_holds_the_same_and_no_formulas(loaded: Repository, tmp_path: Path) -> None:
    lines = exported(loaded, tmp_path / "out.jsonl")
    export_run(loaded, "latest", "csv", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == FIELD_COLUMNS
    assert len(rows) == sum(max(len(line["fields"]), 1) for line in lines)
    assert rows[0]["file"] == NAME
    by_name = {row["name"]: row for row in rows if row["file"] == NAME}
    assert by_name["taxable_interest"]["value"] == "-120"
    assert by_name["occupation"]["value"] == '\'=cmd|"/c calc"!A1'
    assert by_name["filing_status_single"]["value"] == "true"
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_parquet_has_exact_amounts(loaded: Repository, tmp_path: Path) -> None:
    export_run(loaded, "latest", "parquet", tmp_path / "out.parquet")
    rows = {row["name"]: row for row in pq.read_table(tmp_path / "out.parquet").to_pylist()[:10]}
    assert rows["wages"]["amount"] == Decimal("52340.50") and rows["wages"]["value"] == "52340.50"
    assert rows["filing_status_single"]["mark"] is True and rows["refund"]["page"] == 2


def test_excel_has_numbers_and_text_but_no_formulas(loaded: Repository, tmp_path: Path) -> None:
    export_run(loaded, "latest", "xlsx", tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert book.sheetnames == ["returns", "rules", "fields"]
    header, *rows = book["fields"].iter_rows()
    assert tuple(cell.value for cell in header) == FIELD_COLUMNS
    names, values = FIELD_COLUMNS.index("name"), FIELD_COLUMNS.index("value")
    found = {row[names].value: row[values] for row in rows if row[1].value == NAME}
    assert found["taxable_interest"].value == -120 and found["wages"].value == 52340.5
    assert found["occupation"].data_type == "s" and found["occupation"].value.startswith("=cmd")
    assert book["returns"].max_row == 6 and book["rules"].max_row == 7


def test_a_full_disk_leaves_what_was_there(
    loaded: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sub" / "out.jsonl"
    out.parent.mkdir()
    out.write_text("before")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFullError):
        export_run(loaded, "latest", "jsonl", out)
    assert out.read_text() == "before" and list(out.parent.iterdir()) == [out]


def test_an_unknown_run_is_an_error(loaded: Repository, tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no run"):
        export_run(loaded, "yesterday", "jsonl", tmp_path / "out.jsonl")
    assert not list(tmp_path.glob("out*"))

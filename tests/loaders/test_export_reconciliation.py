"""An export carries what arithmetic said of a field, masked as the field itself is."""

from __future__ import annotations

import csv
import json
import re
from decimal import Decimal
from pathlib import Path

import made
import openpyxl
import pyarrow.parquet as pq
import pytest

from loaders.export import FIELD_COLUMNS, export_run
from loaders.export_records import FORMAT_VERSION
from loaders.repository import Repository
from schemas.readings import FirstReading, Reconciled, Reconciliation, ValueStatus

DOCUMENT = Path(__file__).parents[2] / "docs" / "export-format.md"
OTHER_SSN = "912345679"


def said(outcome: Reconciled, first: str, **more: object) -> Reconciliation:
    return Reconciliation(
        outcome=outcome,
        rules=("F1040-009", "F1040-011"),
        probability=0.9975,
        first=FirstReading(
            value=first, as_read=first, confidence=0.71, risk=0.31, status=ValueStatus.REVIEW,
            decided_by="engine:strip 2", reason="the engines disagree",
        ),
        **more,
    )  # fmt: skip


@pytest.fixture
def loaded(repository: Repository) -> Repository:
    page = made.first_page()
    news = {
        "wages": said(Reconciled.CORRECTED, "52840.50", log_odds=-1.25),
        "taxable_interest": said(Reconciled.MISTAKE, "-120", correction=Decimal("120.00")),
        "taxpayer_ssn": said(Reconciled.CONFLICT, made.SSN, alternative=OTHER_SSN, log_odds=0.5),
    }
    values = tuple(
        value.model_copy(update={"reconciliation": news.get(value.name)}) for value in page.values
    )
    page = page.model_copy(update={"values": values})
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1).document_id
    repository.store_pages(document, [page])
    repository.store_returns(batch, [made.decided("a.pdf", page)])
    repository.finish_batch(batch)
    return repository


def fields(repository: Repository, out: Path, *, unmask: bool = False) -> dict[str, dict]:
    export_run(repository, "latest", "jsonl", out, unmask)
    [line] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return {field["name"]: field for field in line["fields"]}


def test_what_arithmetic_said_is_there_key_by_key(loaded: Repository, tmp_path: Path) -> None:
    found = fields(loaded, tmp_path / "out.jsonl")
    assert found["wages"]["reconciliation"] == {
        "outcome": "corrected",
        "rules": ["F1040-009", "F1040-011"],
        "probability": 0.9975,
        "first": {
            "value": "52840.50",
            "as_read": "52840.50",
            "confidence": 0.71,
            "status": "review",
            "decided_by": "engine:strip 2",
        },
        "alternative": None,
        "log_odds": -1.25,
        "correction": None,
    }
    assert found["taxable_interest"]["value"] == "-120", "as filed, whatever the rules want"
    assert found["taxable_interest"]["reconciliation"]["correction"] == "120.00"
    assert found["filing_status_single"]["reconciliation"] is None


def test_every_key_of_it_is_documented_and_the_version_too(
    loaded: Repository, tmp_path: Path
) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    documented = set(re.findall(r"`(\w+)`", text))
    told = fields(loaded, tmp_path / "out.jsonl")["wages"]["reconciliation"]
    assert set(told) | set(told["first"]) | {it.value for it in Reconciled} <= documented
    assert f"| {FORMAT_VERSION} |" in text and f"version {FORMAT_VERSION}" in text


def test_identifiers_in_it_are_masked(loaded: Repository, tmp_path: Path) -> None:
    told = fields(loaded, tmp_path / "out.jsonl")["taxpayer_ssn"]["reconciliation"]
    assert told["first"]["value"] == told["first"]["as_read"] == "***-**-5678"
    assert told["alternative"] == "***-**-5679"
    for ending in ("csv", "jsonl"):
        export_run(loaded, "latest", ending, tmp_path / f"out.{ending}")
        text = (tmp_path / f"out.{ending}").read_text(encoding="utf-8")
        assert made.SSN not in text and OTHER_SSN not in text
    clear = fields(loaded, tmp_path / "clear.jsonl", unmask=True)["taxpayer_ssn"]
    assert clear["reconciliation"]["alternative"] == OTHER_SSN


def test_the_tables_have_it_in_columns_of_their_own(loaded: Repository, tmp_path: Path) -> None:
    for ending in ("csv", "parquet", "xlsx"):
        export_run(loaded, "latest", ending, tmp_path / f"out.{ending}")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["name"]: row for row in csv.DictReader(file)}
    wages, interest = rows["wages"], rows["taxable_interest"]
    assert wages["arithmetic"] == "corrected" and wages["first_value"] == "52840.50"
    assert wages["arithmetic_rules"] == "F1040-009; F1040-011" and wages["log_odds"] == "-1.25"
    assert interest["correction"] == "120.00" and interest["value"] == "-120"
    assert rows["taxpayer_first_name"]["arithmetic"] == ""

    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.metadata[b"taxlift_export"] == FORMAT_VERSION.encode()
    typed = {row["name"]: row for row in table.to_pylist()}
    assert typed["taxable_interest"]["correction"] == Decimal("120")
    assert typed["wages"]["first_confidence"] == 0.71
    assert typed["filing_status_single"]["arithmetic"] is None

    header, *cells = openpyxl.load_workbook(tmp_path / "out.xlsx")["fields"].values
    assert header == FIELD_COLUMNS
    sheet = {row[header.index("name")]: row for row in cells}
    assert sheet["taxable_interest"][header.index("correction")] == 120

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
import typer
from typer.testing import CliRunner

from flows.commands import audit, export
from loaders.database import open_database
from loaders.repository import Repository
from schemas.errors import RejectReason

app = typer.Typer()
app.command(name="export")(export.export)
app.add_typer(audit.app, name="audit")


@pytest.fixture
def db(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'taxlift.db'}"
    repository = Repository(open_database(url))
    batch = repository.start_or_resume_batch("us_irs", "/in")
    repository.reject_file(batch, "empty.pdf", RejectReason.EMPTY_FILE, "the file is empty")
    repository.finish_batch(batch)
    return url


def run(*arguments: object):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_export_writes_the_format_of_the_ending(db: str, tmp_path: Path) -> None:
    for ending in ("jsonl", "csv", "parquet", "xlsx"):
        out = tmp_path / f"out.{ending}"
        result = run("export", "--out", out, "--db", db)
        assert result.exit_code == 0, result.output
        assert "1 record" in result.output and ending in result.output
        assert out.stat().st_size
    assert json.loads((tmp_path / "out.jsonl").read_text())["file"] == "empty.pdf"


def test_unmasking_warns(db: str, tmp_path: Path) -> None:
    result = run("export", "--out", tmp_path / "out.jsonl", "--db", db, "--unmask")
    assert result.exit_code == 0 and "in clear" in result.output


def test_audit_verify_prints_a_head_that_it_knows_again(db: str) -> None:
    told = json.loads(run("audit", "verify", "--db", db, "--json").output)
    assert told["sound"] and told["events"] == 3
    again = run("audit", "verify", "--db", db, "--head", told["head"])
    assert again.exit_code == 0 and told["head"] in again.output


def test_audit_verify_fails_on_a_log_made_anew(db: str) -> None:
    result = run("audit", "verify", "--db", db, "--head", f"2:{'0' * 64}")
    assert result.exit_code == 1 and "not sound" in result.output


def test_audit_verify_fails_on_a_change(db: str) -> None:
    engine = open_database(db)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER audit_events_no_update"))
        connection.execute(sa.text("UPDATE audit_events SET actor = 'x' WHERE sequence = 2"))
    result = run("audit", "verify", "--db", db)
    assert result.exit_code == 1 and "event 2 was changed" in result.output


def test_a_head_that_is_none_is_a_wrong_argument(db: str) -> None:
    assert run("audit", "verify", "--db", db, "--head", "yesterday").exit_code == 2

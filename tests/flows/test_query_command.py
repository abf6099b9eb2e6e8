from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from flows.cli import app
from loaders.database import open_database
from loaders.repository import Repository
from loaders.views import ensure_views
from schemas.errors import ExitCode
from schemas.packs import load_department


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the official forms' views and nothing in them."""
    url = f"sqlite:///{tmp_path_factory.mktemp('query') / 'taxlift.db'}"
    Repository(open_database(url))
    ensure_views(open_database(url), load_department("us_irs"))
    return url


def ask(db: str, *arguments: str):
    return CliRunner().invoke(app, ["query", *arguments, "--db", db], env={"COLUMNS": "200"})


def test_an_answer_is_a_table_with_its_count(db: str) -> None:
    answer = ask(db, "select count(*) as forms, 12.0 as wages, null as refund from form_1040")
    assert answer.exit_code == 0, answer.output
    for shown in ("forms", "wages", "12 ", "1 row"):
        assert shown in answer.output
    assert "12.0" not in answer.output and "None" not in answer.output


def test_what_stands_in_a_value_is_no_markup(db: str) -> None:
    answer = ask(db, "select '[red]a' as \"[b]c\" from (select count(*) from form_1040)")
    assert "[red]a" in answer.output and "[b]c" in answer.output


def test_the_limit_is_told(db: str) -> None:
    three = (
        "with n as (select count(*) c from form_1040) "
        "select * from n union all select 1 union all select 2"
    )
    answer = ask(db, three, "--limit", "2")
    assert "The first 2 rows" in answer.output
    told = json.loads(ask(db, three, "--json").output)
    assert told == {"columns": ["c"], "rows": [[0], [1], [2]]}


def test_identifiers_in_clear_cannot_be_asked(db: str) -> None:
    answer = ask(db, "select value from field_values")
    assert answer.exit_code == ExitCode.BAD_ARGUMENTS
    assert "field_values cannot be asked" in answer.output and "form_1040" in answer.output


def test_nothing_is_written(db: str, tmp_path: Path) -> None:
    answer = ask(db, "drop view form_1040")
    assert answer.exit_code == ExitCode.BAD_ARGUMENTS
    with open_database(db).connect() as connection:
        assert connection.execute(text("select count(*) from form_1040")).scalar() == 0


def test_a_home_without_forms_says_what_to_do(tmp_path: Path) -> None:
    answer = ask(f"sqlite:///{tmp_path / 'taxlift.db'}", "select 1")
    assert answer.exit_code == ExitCode.BAD_ARGUMENTS and "taxlift run" in answer.output

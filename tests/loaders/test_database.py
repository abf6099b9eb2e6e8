from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from loaders.database import open_database
from schemas.columns import ExactAmount, UtcDateTime
from schemas.errors import DatabaseError
from schemas.migrations import VERSION_TABLE
from schemas.tables import Base


def test_the_migrations_make_the_tables_that_the_code_has(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, Base.metadata) == []


def test_opening_again_finds_it_as_it_was(url: str) -> None:
    for _ in range(2):
        engine = open_database(url)
        assert set(Base.metadata.tables) < set(sa.inspect(engine).get_table_names())
        engine.dispose()


def test_threads_may_open_at_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for engine in pool.map(open_database, [url] * 4):
            engine.dispose()


def test_processes_may_open_at_once(url: str) -> None:
    code = "import sys; from loaders.database import open_database; open_database(sys.argv[1])"
    running = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for process in running:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()


def test_a_newer_database_is_refused(url: str) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE taxlift_version SET version_num = 'r9999'"))
    engine.dispose()
    with pytest.raises(DatabaseError, match="newer taxlift"):
        open_database(url)


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(DatabaseError, match=r"another program.*recipes"):
        open_database(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def _empty_postgresql(server: str) -> sa.Engine:
    name = f"t{os.urandom(6).hex()}"
    with psycopg.connect(server.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return sa.create_engine(server.format(name).replace("postgresql:", "postgresql+psycopg:"))


@pytest.mark.parametrize(("table", "taken"), [("recipes", True), ("documents", False)])
def test_postgresql_may_be_shared_but_not_by_namesakes(
    postgres_server: str, table: str, taken: bool
) -> None:
    engine = _empty_postgresql(postgres_server)
    with engine.begin() as connection:
        sa.Table(table, sa.MetaData(), sa.Column("name", sa.Text)).create(connection)
    url = engine.url.render_as_string()
    engine.dispose()
    if taken:
        open_database(url).dispose()
    else:
        with pytest.raises(DatabaseError, match="another program"):
            open_database(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", "cannot be reached"),
        ("mysql://x/y", "URL|not supported"),
        ("nonsense", "examples"),
        ("sqlite://", "must be a file"),
        ("sqlite:////proc/nowhere/x.db", "cannot be"),
    ],
)
def test_errors_are_friendly_and_keep_passwords(url: str, told: str) -> None:
    with pytest.raises(DatabaseError, match=told) as caught:
        open_database(url)
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(DatabaseError, match="not a database"):
        open_database(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear Sir")


def test_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path / 'new' / 'taxlift.db'}").dispose()
    assert (tmp_path / "new" / "taxlift.db").stat().st_mode & 0o077 == 0


@given(st.decimals(-(10**13), 10**13, places=2))
def test_amounts_pass_exactly(amount: Decimal) -> None:
    kind = ExactAmount()
    for dialect in (sa.dialects.sqlite.dialect(), sa.dialects.postgresql.dialect()):
        bound = kind.process_bind_param(amount, dialect)
        assert not isinstance(bound, float)
        assert kind.process_result_value(bound, dialect) == amount


@pytest.mark.parametrize("wrong", [1.5, Decimal("0.00001"), Decimal(10) ** 15, Decimal("NaN")])
def test_what_is_no_exact_amount_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="Decimal"):
        ExactAmount().process_bind_param(wrong, sa.dialects.sqlite.dialect())  # type: ignore[arg-type]


def test_a_time_needs_a_zone() -> None:
    from datetime import datetime

    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sa.dialects.sqlite.dialect())

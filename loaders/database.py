"""Opening the database: reachable, ours, at the newest revision, and safe to share.

SQLite and PostgreSQL are supported. Every transaction that writes begins with the write
lock on SQLite, so that threads and processes wait for each other instead of failing.
"""

from __future__ import annotations

import atexit
import logging
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

import schemas.migrations
import schemas.oversight_tables
from schemas.errors import DatabaseError, DiskFullError
from schemas.migrations import VERSION_TABLE
from schemas.tables import Base

WRITING: Final = "taxlift_writing"
"""Execution option of connections that will write: SQLite then takes its lock at once."""

_BUSY_MS: Final = 60_000
_ADVISORY_LOCK: Final = 0x7461786C696674  # "taxlift"
_OPEN: Final[weakref.WeakSet[Engine]] = weakref.WeakSet()
_DISK_FULL: Final = ("disk is full", "No space left on device", "disk I/O error")


def open_database(url: str) -> Engine:
    """Connect and migrate to the newest revision; makes the folder of an SQLite file.

    Any number of threads may use the engine, and several processes may open at once.
    Statements' parameters never appear in errors or logs: they hold taxpayers' data.

    Raises:
        DatabaseError: unreachable, newer than this code, or somebody else's.
        DiskFullError: no room to make it.
    """
    # At debug level SQLAlchemy logs the rows that it fetches, whatever else is hidden.
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    parsed = _parse(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(parsed)
    else:
        engine = sa.create_engine(
            parsed, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10}
        )
    try:
        with translated_errors(_shown(parsed)):
            _migrate(engine, _shown(parsed))
    except BaseException:
        engine.dispose()
        raise
    _OPEN.add(engine)
    return engine


@atexit.register
def _close_all() -> None:
    """Close what is open when the process ends.

    SQLite then writes its log back: who copies or backs up the database's one file has it all.
    """
    for engine in list(_OPEN):
        engine.dispose()


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: all of it is kept, or on any error nothing."""
    with translated_errors(), engine.execution_options(**{WRITING: True}).begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads."""
    with translated_errors(), engine.connect() as connection:
        yield connection


def lock_for_change(connection: Connection) -> None:
    """Wait until no other process changes the tables' or views' definitions."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))


@contextmanager
def translated_errors(where: str = "the database") -> Iterator[None]:
    """Turn the drivers' errors into ours, dropping their texts, which can quote rows."""
    try:
        yield
    except DBAPIError as error:
        raise _translate(error, where) from None
    except SQLAlchemyError as error:
        raise DatabaseError(f"{where}: {type(error).__name__}") from None


def _translate(error: DBAPIError, where: str) -> DatabaseError | DiskFullError:
    text = str(error.orig)
    state = getattr(error.orig, "sqlstate", None)
    if state == "53100" or any(phrase in text for phrase in _DISK_FULL):
        return DiskFullError(f"{where}: no room left on the disk; nothing of this step was kept")
    if "not a database" in text:
        return DatabaseError(f"{where} is not a database; taxlift will not overwrite it")
    if "unable to open" in text or "readonly" in text:
        return DatabaseError(
            f"{where} cannot be opened for writing: check the folder's permissions"
        )
    if "locked" in text:
        return DatabaseError(f"{where} stayed locked by another program for {_BUSY_MS // 1000} s")
    if isinstance(error, sa.exc.OperationalError) and state is None:
        return DatabaseError(f"{where} cannot be reached: is it running, and is the URL right?")
    return DatabaseError(f"{where}: {type(error.orig).__name__}{f' ({state})' if state else ''}")


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend == "postgresql" and parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        parsed.get_dialect()
    except (ArgumentError, SQLAlchemyError, ImportError, ValueError):
        raise DatabaseError(
            "the database URL is not understood; examples: "
            "sqlite:////srv/taxlift/taxlift.db, postgresql://user@host/taxlift"
        ) from None
    if backend not in ("sqlite", "postgresql"):
        raise DatabaseError(f"{backend} is not supported: use SQLite or PostgreSQL")
    return parsed


def _shown(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True).split("?")[0]


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        raise DatabaseError("an SQLite database must be a file: sqlite:////folder/taxlift.db")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)  # taxpayers' data: the owner's alone
    except OSError as error:
        raise DatabaseError(f"{path} cannot be made: {error.strerror}") from None
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_MS / 1000}, pool_size=8
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGINs come too late
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the lock at once: a reader that turns writer is refused, not made to wait.
        now = connection.get_execution_options().get(WRITING)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if now else "BEGIN")

    return engine


def _use_wal(engine: Engine) -> None:
    """Readers and a writer at once; the switch itself does not wait for others, so we do."""
    for attempt in range(200):
        raw = engine.raw_connection()
        try:
            cursor = raw.cursor()
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except Exception as error:
            if "locked" not in str(error) or attempt == 199:
                raise sa.exc.OperationalError("PRAGMA journal_mode", None, error) from None
            time.sleep(0.05)
        finally:
            raw.close()


def _migrate(engine: Engine, where: str) -> None:
    script = ScriptDirectory.from_config(_alembic_config())
    head = script.get_current_head()
    with engine.connect() as connection:
        if _revision(connection) == head:
            if connection.dialect.name == "sqlite":
                connection.rollback()
                _use_wal(engine)
            return
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            _refuse_strangers(connection, where)
        _use_wal(engine)
    with engine.execution_options(**{WRITING: True}).begin() as connection:
        lock_for_change(connection)
        current = _revision(connection)  # another process may have been first
        if current == head:
            return
        if current is None:
            _refuse_strangers(connection, where)
        elif current not in {revision.revision for revision in script.walk_revisions()}:
            raise DatabaseError(
                f"{where} was made by a newer taxlift (revision {current}); update this one"
            )
        config = _alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _alembic_config() -> Config:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    config = Config()
    folder = Path(schemas.migrations.__file__).parent
    # Alembic reads the option through configparser, to which a per cent sign is special.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE}
    ).get_current_revision()


def _refuse_strangers(connection: Connection, where: str) -> None:
    """A database that has tables but not ours is left alone.

    A PostgreSQL database may be shared (with Prefect, say), as long as no name clashes.
    """
    present = set(sa.inspect(connection).get_table_names())
    if VERSION_TABLE in present:
        return
    clash = present if connection.dialect.name == "sqlite" else present & set(Base.metadata.tables)
    if clash:
        raise DatabaseError(
            f"{where} belongs to another program (it has a table {sorted(clash)[0]!r}); "
            "give taxlift a database of its own"
        )

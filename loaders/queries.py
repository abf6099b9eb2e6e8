"""An analyst's own question, asked of the forms' wide views and of nothing else.

The views mask identifiers; the tables beneath hold them in clear. The database itself, not a
reading of the query's text, tells what a query would touch: SQLite asks us for each access
while it compiles, PostgreSQL notes what a view of the query would depend on. The query then
runs where nothing can be written. This keeps honest people from seeing what they need not; who
can read the database's file, or has its password, can go round it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.database import reading
from loaders.store import table_of
from schemas.errors import DatabaseError, ExitCode, TaxliftError
from schemas.tables import WideView

_VIEWS: Final = table_of(WideView)
_ALLOWED_ACTIONS: Final = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
)
_TOKEN: Final = re.compile(
    r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?P<quoted>(?:[^"]|"")*)"|\[(?P<bracketed>[^\]]*)\]"""
    r"""|`(?P<ticked>[^`]*)`|(?P<word>[^\W\d]\w*)|(?P<sign>[^\s\w])""",
    re.DOTALL,
)
_BEHIND_THE_VIEWS: Final = re.compile(r"pg_.*|.*_to_xml.*|information_schema|dblink.*|lo_.*")
"""Names by which PostgreSQL shows values of tables that the query does not depend on."""


class QueryError(TaxliftError):
    """A query that is refused or not understood; quotes the query only, never a row."""

    exit_code = ExitCode.BAD_ARGUMENTS


class Answer(NamedTuple):
    """What came back; `more` if rows were left out."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool


def view_names(engine: Engine) -> tuple[str, ...]:
    """The wide views that can be asked, in alphabetical order."""
    with reading(engine) as connection:
        return tuple(sorted(connection.execute(sa.select(_VIEWS.c.name)).scalars()))


def ask(engine: Engine, query: str, limit: int | None = None) -> Answer:
    """Answer one SELECT over the wide views.

    Args:
        engine: from `open_database`.
        query: one statement of the database's own SQL; a closing semicolon may be there.
        limit: the most rows to return, None for all.

    Raises:
        QueryError: it is no single SELECT, not understood, or reads anything but the views.
        DatabaseError: the database cannot be read.
    """
    views = view_names(engine)
    if not views:
        raise QueryError("there are no forms to ask yet: read some with taxlift run INBOX")
    query = query.strip().removesuffix(";").rstrip()
    if not query:
        raise QueryError("the query is empty")
    if engine.dialect.name == "sqlite":
        return _ask_sqlite(engine, query, limit, views)
    return _ask_postgresql(engine, query, limit, views)


def _refuse(name: str, views: tuple[str, ...]) -> QueryError:
    return QueryError(f"{name} cannot be asked; these can: {', '.join(views)}")


def _ask_sqlite(engine: Engine, query: str, limit: int | None, views: tuple[str, ...]) -> Answer:
    names = {name.casefold() for name in views}
    shadowed = names & set(_named_by_with(query))
    if shadowed:
        # SQLite tells of an access only by which name it came; the name must be the view's.
        raise QueryError(f"give the part of the query called {min(shadowed)} another name")
    refused: list[str] = []

    def allow(action: int, first: str | None, *rest: str | None) -> int:
        column, _, via = rest
        if action in _ALLOWED_ACTIONS:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ:
            table = first or ""
            # Without a column only rows are counted: a view does so in its tables, unnamed.
            if not column or table.casefold() in names or (via or "").casefold() in names:
                return sqlite3.SQLITE_OK
            refused.append(table)
        return sqlite3.SQLITE_DENY

    uri = f"{Path(engine.url.database or '').resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=60)) as connection:
            connection.set_authorizer(allow)
            cursor = connection.execute(query)
            if cursor.description is None:
                raise QueryError("only a SELECT can be asked")
            columns = tuple(column[0] for column in cursor.description)
            return _taken(columns, iter(cursor), limit)
    except (sqlite3.Warning, sqlite3.Error) as error:
        if refused:
            raise _refuse(refused[0], views) from None
        raise _told_by_sqlite(error) from None


def _told_by_sqlite(error: Exception) -> TaxliftError:
    text = str(error)
    if "one statement" in text:  # a Warning in Python 3.11, a ProgrammingError later
        return QueryError("only one statement can be asked at a time")
    if "authoriz" in text or "prohibited" in text:
        return QueryError("only a SELECT over the forms can be asked")
    if isinstance(error, sqlite3.OperationalError):
        return QueryError(text)
    return DatabaseError(f"the query failed: {type(error).__name__}")


def _named_by_with(query: str) -> Iterator[str]:
    """Names that the query gives to its own parts: `name [(columns)] AS [[NOT] MATERIALIZED] (`."""
    words = list(_words(query))
    for at, (word, is_name) in enumerate(words):
        if not is_name:
            continue
        after = at + 1
        if _text(words, after) == "(":
            while after < len(words) and _text(words, after) != ")":
                after += 1
            after += 1
        if _text(words, after) != "as":
            continue
        after += 1
        while _text(words, after) in ("not", "materialized"):
            after += 1
        if _text(words, after) == "(":
            yield word


def _text(words: list[tuple[str, bool]], at: int) -> str:
    return words[at][0] if at < len(words) else ""


def _words(query: str) -> Iterator[tuple[str, bool]]:
    """Names and signs in lower case, comments left out; whether each is a name.

    SQLite takes a string in single quotes for a name where only a name can stand.
    """
    for found in _TOKEN.finditer(query):
        text = found[0]
        if text.startswith(("--", "/*")):
            continue
        name = next((part for part in found.group("quoted", "bracketed", "ticked") if part), None)
        if name is None and text.startswith("'"):
            name = text[1:-1]
        if name is not None:
            yield name.casefold(), True
        else:
            yield text.casefold(), found["word"] is not None


def _ask_postgresql(
    engine: Engine, query: str, limit: int | None, views: tuple[str, ...]
) -> Answer:
    hidden = [word for word, is_name in _words(query) if is_name and _is_hidden(word)]
    if hidden or re.search(r"\bu&\"", query, re.IGNORECASE):
        raise _refuse(hidden[0] if hidden else "a name in Unicode escapes", views)
    raw = engine.raw_connection()
    try:
        connection = cast("psycopg.Connection[tuple[Any, ...]]", raw.driver_connection)
        touched = _dependencies(connection, query)
        for name in touched:
            if name not in views:
                raise _refuse(name, views)
        connection.execute("SET TRANSACTION READ ONLY")
        # Prepared: the server then takes one statement, whatever the text holds.
        cursor = connection.execute(cast(Any, query), prepare=True)
        columns = tuple(column.name for column in cursor.description or ())
        return _taken(columns, iter(cursor), limit)
    except psycopg.Error as error:
        # A message at run time can quote a row's value.
        raise DatabaseError(
            f"the query failed: {type(error).__name__} ({error.sqlstate})"
        ) from None
    finally:
        raw.rollback()
        raw.close()


def _is_hidden(word: str) -> bool:
    return _BEHIND_THE_VIEWS.fullmatch(word) is not None


def _dependencies(connection: psycopg.Connection[tuple[Any, ...]], query: str) -> list[str]:
    """What the query reads, by a view of it that is made and taken back.

    Raises:
        QueryError: it is no query that could stand in another's FROM.
    """
    # In a query of its own, for a view may not have two columns of one name.
    view = f"CREATE TEMP VIEW taxlift_question AS SELECT 1 AS one FROM (\n{query}\n) AS asked"  # noqa: S608 -- taken back
    try:
        connection.execute(cast(Any, view), prepare=True)
    except psycopg.Error as error:
        # Nothing was run yet, so that nothing but the query can be quoted.
        told = (error.diag.message_primary or type(error).__name__).strip()
        raise QueryError(f"one SELECT can be asked: {told}") from None
    found = connection.execute(
        "SELECT DISTINCT CASE WHEN pg_table_is_visible(c.oid) THEN c.relname::text"
        " ELSE c.oid::regclass::text END"
        " FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass"
        " AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass"
        " JOIN pg_class c ON c.oid = d.refobjid"
        " WHERE r.ev_class = 'pg_temp.taxlift_question'::regclass AND c.oid <> r.ev_class"
    )
    names = sorted(row[0] for row in found)
    connection.rollback()
    return names


def _taken(columns: tuple[str, ...], rows: Iterator[tuple[Any, ...]], limit: int | None) -> Answer:
    if limit is None:
        return Answer(columns, list(rows), more=False)
    first = [row for _, row in zip(range(limit), rows, strict=False)]
    return Answer(columns, first, more=next(rows, None) is not None)

"""`taxlift query`: ask the forms a question in SQL, without a database program."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.settings import Settings


def query(
    question: Annotated[
        str,
        typer.Argument(
            metavar="SELECT", help='Such as: "select wages from form_1040 where tax_year = 2022".'
        ),
    ],
    limit: Annotated[
        int, typer.Option(help="The most rows to show; --json gives all.", min=1)
    ] = 100,
    db: Annotated[
        str | None, typer.Option(help="Database URL; SQLite in the home folder when left out.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all rows as JSON, for programs.")
    ] = False,
) -> None:
    """Ask the forms a question in SQL; it only reads.

    There is one view for each form, over all years (form_1040), and one for each year
    (form_1040_2022). A field that waits for a person is empty; identifiers are masked.
    """
    from loaders.database import open_database
    from loaders.queries import ask

    engine = open_database(db or Settings().database_url)
    answer = ask(engine, question, None if as_json else limit)
    if as_json:
        # As lists: two columns may have one name.
        told = {"columns": answer.columns, "rows": [[_plain(v) for v in r] for r in answer.rows]}
        typer.echo(json.dumps(told))
        return
    table = Table(pad_edge=False)
    for number, name in enumerate(answer.columns):
        numeric = any(_is_number(row[number]) for row in answer.rows)
        table.add_column(escape(name), justify="right" if numeric else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*(_shown(value) for value in row))
    count = len(answer.rows)
    console = Console()
    console.print(table)
    if answer.more:
        console.print(f"The first {count} rows; --limit shows more, --json all.", highlight=False)
    else:
        console.print(f"{count} {'row' if count == 1 else 'rows'}", highlight=False)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """As JSON has it; the databases' kinds of numbers come out alike."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):  # and a moment, which is one
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


def _shown(value: Any) -> str:
    value = _plain(value)
    if value is None:
        return ""
    if isinstance(value, float) and value == int(value):
        value = int(value)
    return escape(str(value))

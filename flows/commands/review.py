"""`taxlift review`: what waits for a person."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.commands.batches import DbOption, JsonOption
from schemas.masking import mask_text
from schemas.settings import Settings


def review(
    run: Annotated[
        str | None, typer.Option("--run", help="Only this run's; all that wait when left out.")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many to list.", min=1)] = 50,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits for a person: fields, pages and returns, and why.

    What the machine read is not shown: who keys a field keys it from the image, unled.
    """
    from loaders.database import open_database
    from loaders.repository import Repository

    repository = Repository(open_database(db or Settings().database_url))
    run_id = repository.run(run).run if run else None
    rows = repository.review_items(run_id, limit)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    console = Console()
    if not rows:
        console.print("Nothing waits for a person.")
        return
    table = Table(pad_edge=False)
    for heading in ("File", "Page", "Form", "Line", "What", "Why"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            escape(mask_text(row.file)),
            str(row.page or ""),
            f"{row.form} {row.year}" if row.form else "",
            row.line or "",
            row.name or row.kind.value,
            escape(mask_text(row.reason)),
        )
    console.print(table)
    if len(rows) == limit:
        console.print(f"The first {limit}; --limit shows more, --json gives all to a program.")

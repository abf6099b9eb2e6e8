"""`taxlift review`: what waits for a person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.commands.batches import DbOption, JsonOption
from schemas.masking import mask_text
from schemas.settings import Settings

if TYPE_CHECKING:
    from loaders.repository import Repository


def review(
    run: Annotated[
        str | None, typer.Option("--run", help="Only this run's; all that wait when left out.")
    ] = None,
    sample: Annotated[
        bool,
        typer.Option(
            "--sample", help="What is keyed blind to measure what is accepted, instead of doubts."
        ),
    ] = False,
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
    rows = repository.review_items(run_id, limit, sample=sample)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    console = Console()
    if not rows:
        console.print("Nothing waits " + ("to be keyed blind." if sample else "for a person."))
        _point_to_sample(console, repository, run_id, sample)
        return
    table = Table(pad_edge=False)
    # Of the sample the why is always the same.
    for heading in ("File", "Page", "Form", "Line", "What", *([] if sample else ["Why"])):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(
            escape(mask_text(row.file)),
            str(row.page or ""),
            f"{row.form} {row.year}" if row.form else "",
            row.line or "",
            row.name or row.kind.value,
            *([] if sample else [escape(mask_text(row.reason))]),
        )
    console.print(table)
    if len(rows) == limit:
        console.print(f"The first {limit}; --limit shows more, --json gives all to a program.")
    _point_to_sample(console, repository, run_id, sample)


def _point_to_sample(
    console: Console, repository: Repository, run_id: str | None, sample: bool
) -> None:
    """Say that something is to be keyed to measure, where it was not asked for."""
    if not sample and repository.review_items(run_id, 1, sample=True):
        console.print("Accepted returns are to be keyed blind besides: taxlift review --sample")

"""`taxlift batches` and `taxlift documents`: what was run, and what became of every file."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from schemas.settings import Settings

DbOption = Annotated[
    str | None, typer.Option(help="Database URL; SQLite in the home folder when left out.")
]
RunOption = Annotated[str, typer.Option("--run", help="Run, such as 20261123-1.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def batches(db: DbOption = None, as_json: JsonOption = False) -> None:
    """List the runs, the newest first, with counts that add up."""
    from flows.terminal import batches_table
    from loaders.database import open_database
    from loaders.repository import Repository

    repository = Repository(open_database(db or Settings().database_url))
    summaries = [repository.batch_summary(row.run) for row in repository.runs()]
    if as_json:
        typer.echo(json.dumps([summary.model_dump(mode="json") for summary in summaries], indent=2))
        return
    Console().print(
        batches_table(summaries) if summaries else "No runs yet. Start one: taxlift run INBOX"
    )


def documents(run: RunOption = "latest", db: DbOption = None, as_json: JsonOption = False) -> None:
    """Show every document of a run: what became of it, and why."""
    from flows.terminal import documents_table, summary_lines
    from loaders.database import open_database
    from loaders.repository import Repository

    repository = Repository(open_database(db or Settings().database_url))
    run_id = repository.run(run).run
    rows = repository.documents(run_id)
    if as_json:
        typer.echo(json.dumps([row.model_dump(mode="json") for row in rows], indent=2))
        return
    console = Console()
    console.print(documents_table(rows))
    for line in summary_lines(repository.batch_summary(run_id)):
        console.print(line)

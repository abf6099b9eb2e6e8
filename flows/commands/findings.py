"""`taxlift findings`: what was found of a batch as a whole."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from flows.commands.batches import DbOption, JsonOption
from schemas.settings import Settings


def findings(
    run: Annotated[str, typer.Argument(help="Run, such as 20261123-1.")] = "latest",
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a run's batch has that no single return shows: repeats, outliers, drift.

    Alerts come first, then what could not be evaluated and why, then what is as expected.
    """
    from flows.terminal_findings import findings_page
    from loaders.database import open_database
    from loaders.findings import FindingStore
    from loaders.repository import Repository

    engine = open_database(db or Settings().database_url)
    run_id = Repository(engine).run(run).run
    found = FindingStore(engine).findings(run_id)
    if as_json:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in found], indent=2))
        return
    Console().print(findings_page(run_id, found))

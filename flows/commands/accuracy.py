"""`taxlift accuracy`: how much of what was accepted is wrong, by the blind sample."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.commands.batches import DbOption, JsonOption
from schemas.settings import Settings

if TYPE_CHECKING:
    from loaders.accuracy import Compared


def accuracy(
    department: Annotated[
        str | None, typer.Option(help="Only this department's; all when left out.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(help="Only what was drawn from this day on (UTC).", formats=["%Y-%m-%d"]),
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell how much of what was accepted is wrong, by what people keyed blind.

    A share of the accepted returns is keyed by people who do not see what taxlift read. What
    they key is compared; a second person settles a difference.
    """
    from loaders.accuracy import accuracy as measured
    from loaders.database import open_database

    since = since.replace(tzinfo=UTC) if since else None
    found = measured(open_database(db or Settings().database_url), department, since)
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
        return
    console = Console()
    if not found.returns:
        console.print(
            "No return has been drawn for the blind sample yet: see decisions.sampling in the"
            " department's department.yaml."
        )
        return
    console.print(
        f"Blind sample: {found.returns} accepted return{_s(found.returns)} drawn, "
        f"{found.returns_done} keyed to the end; "
        f"{found.filled.waiting + found.blank.waiting} fields still to key."
    )
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("Accepted fields", no_wrap=True)
    for heading in ("Keyed", "Differ", "Ours\nright", "Ours\nwrong", "Open"):
        table.add_column(heading, justify="right")
    table.add_column("Wrong", justify="right", no_wrap=True)
    table.add_column("between (95 %)", justify="right", no_wrap=True)
    for row in found.by_kind:
        table.add_row(row.kind.value.replace("_", " "), *_cells(row))
    table.add_section()
    table.add_row("all filled", *_cells(found.filled), style="bold")
    table.add_row("taken as blank", *_cells(found.blank))
    console.print(table)
    for line in _notes(found.filled, found.blank):
        console.print(line)


def _cells(row: Compared) -> list[str]:
    counts = [row.keyed, row.differing, row.upheld, row.wrong, row.open]
    if row.error is None:
        return [*map(str, counts), "", ""]
    return [*map(str, counts), f"{row.error:.2%}", f"{row.low:.2%} to {row.high:.2%}"]


def _notes(filled: Compared, blank: Compared) -> list[str]:
    notes = []
    if filled.open + blank.open:
        notes.append("Open: no second person has decided yet; until then it counts as ours.")
    illegible = filled.illegible + blank.illegible
    if illegible:
        notes.append(f"{illegible} could not be read by the person either: not counted.")
    return notes


def _s(count: int) -> str:
    return "" if count == 1 else "s"

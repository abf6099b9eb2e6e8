"""`taxlift audit`: is the log of what was done whole and unchanged?"""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.console import Console

from schemas.errors import ExitCode
from schemas.settings import Settings

app = typer.Typer(no_args_is_help=True)

DbOption = Annotated[
    str | None, typer.Option(help="Database URL; SQLite in the home folder when left out.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@app.callback()
def audit() -> None:
    """The log of what was done, when, where, by whom and with what outcome."""


@app.command()
def verify(
    head: Annotated[
        str | None,
        typer.Option(
            help="A head noted earlier, as printed: NUMBER:HASH. Shows whether the log was cut "
            "short or made anew since then."
        ),
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that every event is there and unchanged, and print the newest one's hash.

    Note that hash somewhere else from time to time. Ends with exit code 1 if anything is wrong.
    """
    from loaders.audit import Audit, AuditHead
    from loaders.database import open_database

    known = None
    if head is not None:
        number, _, digest = head.partition(":")
        if not number.isascii() or not number.isdigit() or not digest:
            raise typer.BadParameter("a head looks like 120:6f1e…", param_hint="--head")
        known = AuditHead(int(number), digest)
    report = Audit(open_database(db or Settings().database_url)).verify(known)
    newest = f"{report.head.sequence}:{report.head.hash}"
    if as_json:
        told = {"sound": report.sound, "events": report.events, "head": newest}
        typer.echo(json.dumps(told | {"problem": report.problem}))
    elif report.sound:
        Console().print(f"The audit log is sound: {report.events} events.")
        Console().print(f"Head {newest}", highlight=False, soft_wrap=True)
    else:
        Console(stderr=True).print(
            f"[bold red]The audit log is not sound[/]: {report.problem}. "
            f"Up to event {report.events} it is."
        )
    if not report.sound:
        raise typer.Exit(int(ExitCode.OTHER))

"""`taxlift export`: a run as a file, for other programs and for people."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flows.scratch import private_temporary_files
from loaders.export_format import ExportFormat
from schemas.settings import Settings


def export(
    out: Annotated[Path, typer.Option(help="File to write; replaced if it is there.")],
    run: Annotated[str, typer.Option(help="Run, such as 20261123-1.")] = "latest",
    format: Annotated[
        ExportFormat | None,
        typer.Option(help="Left out: by the ending of --out, or else jsonl."),
    ] = None,
    unmask: Annotated[
        bool,
        typer.Option(
            "--unmask", help="Write taxpayers' identifiers in clear. The audit log records it."
        ),
    ] = False,
    db: Annotated[
        str | None, typer.Option(help="Database URL; SQLite in the home folder when left out.")
    ] = None,
) -> None:
    """Write all that a run found: returns, fields with confidence and box, rules.

    What each key and column holds is in docs/export-format.md. Identifiers are masked.
    """
    from loaders.database import open_database
    from loaders.export import export_run
    from loaders.repository import Repository

    repository = Repository(open_database(db or Settings().database_url))
    chosen = format or _by_ending(out)
    # A workbook is put together from temporary files, as clear as what is exported.
    workbook = chosen is ExportFormat.XLSX
    with private_temporary_files(Settings().home) if workbook else nullcontext():
        count = export_run(repository, run, chosen, out, unmask)
    told = f"{count} {'record' if count == 1 else 'records'} written to {out} ({chosen.value})"
    Console(stderr=True).print(escape(told), highlight=False, soft_wrap=True)
    if unmask:
        Console(stderr=True).print(
            "[bold]It holds taxpayers' identifiers in clear[/]: keep it where only those may read "
            "it who must, and delete it afterwards."
        )


def _by_ending(out: Path) -> ExportFormat:
    ending = out.suffix.lower().removeprefix(".")
    return ExportFormat(ending) if ending in set(ExportFormat) else ExportFormat.JSONL

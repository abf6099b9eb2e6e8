"""`taxlift demo`: a sample batch through the whole line."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import redirect_stdout
from importlib.metadata import entry_points
from io import StringIO
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

_RETURNS = 12
_SEED = 7
_QUERY = "select wages, total_income, refund from form_1040 where tax_year = 2022"


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo keeps everything.")] = Path("demo"),
) -> None:
    """Invent a batch of filled returns, read it, and show what became of it."""
    os.environ.setdefault("TAXLIFT_HOME", str(folder / "taxlift-data"))
    from flows.environment import prepare_environment
    from schemas.settings import Settings

    home = Settings().home
    os.environ["PREFECT_HOME"] = str((home / "prefect").resolve())
    prepare_environment(Settings())
    from flows.commands.run import digitise_watched, show_run

    inbox, truth = folder / "inbox", folder / "truth.jsonl"
    if not truth.exists():
        _make_sample(inbox)
        # What is true of the sample is no scan: it stays out of the inbox.
        (inbox / truth.name).replace(truth)
        typer.echo(
            f"{_RETURNS} invented returns: {inbox} (what is true of them: {truth})", err=True
        )
    taxlift = f"TAXLIFT_HOME={shlex.quote(str(home))} {shlex.quote(_program())}"
    run_id = digitise_watched(inbox, "us_irs")
    show_run("us_irs", run_id, taxlift=taxlift)
    _next_steps(taxlift, folder, run_id)


def _make_sample(inbox: Path) -> None:
    """The sample command, through the same door by which it joins the command line."""
    (point,) = entry_points(group="taxlift.commands", name="sample")
    # It would say where the truth is, which is moved.
    with redirect_stdout(StringIO()):
        point.load()(inbox, returns=_RETURNS, ink="mixed", quality="fair", seed=_SEED)


def _program() -> str:
    """How taxlift was called just now, so that the commands shown can be pasted."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "taxlift" else "taxlift"


def _run_that_read(run_id: str) -> str:
    """The newest run that read something: this one, unless all its files were known."""
    from flows.context import run_context
    from schemas.settings import Settings

    repository = run_context("us_irs", Settings()).repository
    for row in repository.runs():
        documents = repository.batch_summary(row.run).documents
        if documents.received > documents.duplicate:
            return row.run
    return run_id


def _first_file(inbox: Path) -> str:
    """Each file of the sample holds one return."""
    return min((path.name for path in inbox.iterdir() if path.is_file()), default="RETURN")


def _next_steps(taxlift: str, folder: Path, run_id: str) -> None:
    console = Console(stderr=True)
    read_by = _run_that_read(run_id)
    if read_by != run_id:
        console.print(f"\nEvery file was received before: run [bold]{read_by}[/] read them.")
    console.print("\nTry next:")
    for command in (
        f"{taxlift} documents --run {read_by}",
        f"{taxlift} review --run {read_by}",
        f"{taxlift} explain {_first_file(folder / 'inbox')} form_1040 1a",
        f'{taxlift} query "{_QUERY}"',
        f"{taxlift} export --run {read_by} --out {shlex.quote(str(folder / 'returns.jsonl'))}",
        f"{taxlift} forms check --out {shlex.quote(str(folder / 'pictures'))}",
    ):
        console.print(f"  {command}", soft_wrap=True, highlight=False, markup=False)
    if read_by == run_id:
        console.print("  make demo", soft_wrap=True, highlight=False, end="")
        console.print("   (again: every file is recognised and skipped)", style="dim")

"""`taxlift demo`: a sample batch through the whole line."""

from __future__ import annotations

import os
import shlex
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

    console = Console(stderr=True)
    inbox, truth = folder / "inbox", folder / "truth.jsonl"
    if not truth.exists():
        _make_sample(inbox)
        # What is true of the sample is no scan: it stays out of the inbox.
        (inbox / truth.name).replace(truth)
    run_id = digitise_watched(inbox, "us_irs")
    show_run("us_irs", run_id)
    _next_steps(console, home, run_id)


def _make_sample(inbox: Path) -> None:
    """The sample command, through the same door by which it joins the command line."""
    from importlib.metadata import entry_points

    (point,) = entry_points(group="taxlift.commands", name="sample")
    point.load()(inbox, returns=_RETURNS, ink="mixed", quality="fair", seed=_SEED)


def _next_steps(console: Console, home: Path, run_id: str) -> None:
    taxlift = f"TAXLIFT_HOME={shlex.quote(str(home))} .venv/bin/taxlift"
    console.print("\nTry next:")
    for command in (
        f"{taxlift} documents --run {run_id}",
        f"{taxlift} review --run {run_id}",
        f"{taxlift} export --run {run_id} --format jsonl --out returns.jsonl",
        f"{taxlift} forms check --out pictures",
        f'sqlite3 {home}/taxlift.db "{_QUERY}"',
        "make demo   (again: every file is recognised and skipped)",
    ):
        console.print(f"  {command}", soft_wrap=True, highlight=False)

"""`taxlift bench`: accuracy and speed on held-out writers, against the textbook pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    out: Annotated[Path, typer.Option(help="Folder for samples and results.")] = Path("bench-out"),
    returns: Annotated[int, typer.Option(help="Returns a scenario.", min=1)] = 10,
    seed: Annotated[int, typer.Option(help="Seed of the samples.")] = 90210,
    glyphs: Annotated[
        Path | None,
        typer.Option(help="Folder of real handwritten characters; only fonts when left out."),
    ] = None,
    textbook_pages: Annotated[
        int, typer.Option(help="Pages a scenario that the textbook reads too; 0: none.", min=0)
    ] = 5,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Only these scenarios; may be given again.")
    ] = None,
    department: Annotated[str, typer.Option(help="Whose forms.")] = "us_irs",
) -> None:
    """Measure accuracy and speed against the textbook pipeline, in one run."""
    # The libraries are slow to import, and every `taxlift --help` reads this module.
    from benchmarks.run import run_benchmark

    run_benchmark(out, returns, seed, glyphs, textbook_pages, tuple(scenario or ()), department)

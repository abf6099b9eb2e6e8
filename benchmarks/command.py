"""`taxlift bench`: accuracy and speed on held-out writers, against the textbook pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bench(
    out: Annotated[Path, typer.Option(help="Folder for samples and results.")] = Path("bench-out"),
    returns: Annotated[int, typer.Option(help="Returns a scenario.", min=1)] = 10,
    claim_returns: Annotated[
        int | None,
        typer.Option(
            help="Returns on real glyphs, fair scans, on which claims are made; 10,000 filled "
            "number and text fields take about 240.",
            min=1,
        ),
    ] = None,
    glyph_returns: Annotated[
        int | None,
        typer.Option(
            help="Returns on real glyphs, good and poor scans; identifiers are three a return.",
            min=1,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the samples.")] = 90210,
    glyphs: Annotated[
        Path | None,
        typer.Option(help="Folder of real handwritten characters; only fonts when left out."),
    ] = None,
    textbook_pages: Annotated[
        int,
        typer.Option(
            help="Pages a scenario that are timed and that the textbook reads too; 0: none.", min=0
        ),
    ] = 5,
    scenario: Annotated[
        list[str] | None, typer.Option(help="Only these scenarios; may be given again.")
    ] = None,
    jobs: Annotated[
        int, typer.Option(help="Processes that share the returns; time is taken in one.", min=1)
    ] = 1,
    profile: Annotated[
        bool, typer.Option("--profile", help="Only tell where a page's time goes.")
    ] = False,
    write_docs: Annotated[
        Path | None, typer.Option(help="Also write measured.md and its charts to this folder.")
    ] = None,
    department: Annotated[str, typer.Option(help="Whose forms.")] = "us_irs",
) -> None:
    """Measure accuracy and speed against the textbook pipeline, in one run."""
    # The libraries are slow to import, and every `taxlift --help` reads this module.
    from benchmarks.run import BenchPlan, run_benchmark, run_profile

    plan = BenchPlan(
        out=out,
        returns=returns,
        claim_returns=claim_returns,
        glyph_returns=glyph_returns,
        seed=seed,
        glyphs=glyphs,
        textbook_pages=textbook_pages,
        only=tuple(scenario or ()),
        department=department,
        jobs=jobs,
        docs=write_docs,
    )
    if profile:
        run_profile(plan)
    else:
        run_benchmark(plan)

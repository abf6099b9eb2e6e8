"""`taxlift sample`: make a batch of filled and scanned returns with known truth."""

from __future__ import annotations

import errno
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

CONTAINERS = ("tiff", "pdf", "png", "jpg")


class Ink(StrEnum):
    """Who fills the forms in."""

    HAND = "hand"
    TYPED = "typed"
    MIXED = "mixed"


class ScanQuality(StrEnum):
    """How the pages are scanned."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class SampleWriters(StrEnum):
    """Whose handwriting: that on which taxlift may be tuned, or the others'."""

    TUNING = "tuning"
    HELD_OUT = "held_out"
    ALL = "all"


def sample(
    out: Annotated[
        Path, typer.Argument(help="Folder for the files and truth.jsonl; made if need be.")
    ],
    returns: Annotated[int, typer.Option(help="How many returns.", min=1, max=100_000)] = 50,
    ink: Annotated[
        Ink, typer.Option(help="Filled in by hand, typed, or some of both.")
    ] = Ink.MIXED,
    quality: Annotated[
        ScanQuality,
        typer.Option(help="good: straight, 300 dpi. poor: tilted, blurred, faxed, filmed."),
    ] = ScanQuality.FAIR,
    seed: Annotated[int, typer.Option(help="The same seed makes the same files.", min=0)] = 7,
    glyphs: Annotated[
        Path | None,
        typer.Option(
            help="Folder of real handwritten characters; handwriting fonts if not given.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    year: Annotated[
        list[int] | None,
        typer.Option("--year", "-y", help="Tax year; may be given again. All, if not given."),
    ] = None,
    containers: Annotated[
        str,
        typer.Option(
            help="Kinds of file, with commas: tiff, pdf, png, jpg. PNG and JPEG hold one page each."
        ),
    ] = "tiff,pdf",
    mistakes: Annotated[
        float, typer.Option(help="Share of returns with a filer's own mistake.", min=0, max=1)
    ] = 0.05,
    digital: Annotated[
        float,
        typer.Option(
            help="Share of typed returns that are PDFs filled on a computer.", min=0, max=1
        ),
    ] = 0.08,
    strike_outs: Annotated[
        float,
        typer.Option(
            help="Share of hand-written amounts beside another that is struck out.", min=0, max=1
        ),
    ] = 0.01,
    writers: Annotated[
        SampleWriters, typer.Option(help="Whose hands; held_out for measuring.")
    ] = SampleWriters.TUNING,
    department: Annotated[
        str, typer.Option("--department", "-d", help="Name of a department, or its folder.")
    ] = "us_irs",
) -> None:
    """Make a sample: invented tax returns, filled in, scanned, with their truth beside them.

    Nobody is in it: names are invented and the numbers cannot belong to anyone. A folder that
    holds an earlier sample is replaced; one that holds anything else is refused.
    """
    # Heavy to import, and every `taxlift --help` reads this module.
    from benchmarks.samples.fonts import Writers
    from benchmarks.samples.maker import SamplePlan, make_sample
    from benchmarks.samples.parameters import YEARS
    from benchmarks.samples.scanner import Quality
    from benchmarks.samples.truth import TRUTH_FILE
    from schemas.errors import DiskFullError
    from schemas.packs import load_department
    from schemas.settings import Settings

    kinds = tuple(kind.strip() for kind in containers.split(",") if kind.strip())
    if not kinds or not set(kinds) <= set(CONTAINERS):
        raise typer.BadParameter(f"containers are some of {', '.join(CONTAINERS)}")
    years = tuple(dict.fromkeys(year or YEARS))
    if not set(years) <= set(YEARS):
        raise typer.BadParameter(f"tax years are some of {', '.join(map(str, YEARS))}")
    _clear(out)
    plan = SamplePlan(
        out=out,
        returns=returns,
        ink=str(ink),
        quality=Quality(quality),
        seed=seed,
        glyphs=glyphs,
        writers=Writers(writers),
        years=years,
        containers=kinds,
        mistakes=mistakes,
        digital=digital,
        strike_outs=strike_outs,
    )
    loaded = load_department(department, Settings().department_path)
    console = Console(stderr=True)
    files = pages = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as progress:
        task = progress.add_task("Filling in and scanning returns", total=returns)
        try:
            for documents in make_sample(plan, loaded):
                files += len(documents)
                pages += sum(len(document.pages) for document in documents)
                progress.advance(task)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise DiskFullError(
                f"no room left for the sample in {out}: {files} files were made"
            ) from None
    Console().print(
        f"{returns} returns on {pages} pages in {files} files: {out} (truth: {out / TRUTH_FILE})",
        highlight=False,
        soft_wrap=True,
    )


def _clear(out: Path) -> None:
    """Remove an earlier sample, so that no file is without truth.

    Raises:
        typer.BadParameter: the folder holds something else, or is a file.
    """
    from benchmarks.samples.truth import TRUTH_FILE

    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file, not a folder")
    present = list(out.iterdir()) if out.exists() else []
    strangers = [
        path.name
        for path in present
        if path.name != TRUTH_FILE and not (path.is_file() and path.name.startswith("ret-"))
    ]
    if strangers:
        raise typer.BadParameter(
            f"{out} holds files that are no sample ({strangers[0]}); name an empty folder"
        )
    for path in present:
        path.unlink()

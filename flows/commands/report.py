"""`taxlift report`: validation reports of a batch, of a period and of a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flows.commands.batches import DbOption

if TYPE_CHECKING:
    from flows.context import ReportContext
    from flows.published import Published

app = typer.Typer(
    help="Validation reports of a batch, of a period and of a rule: pages and workbooks.",
    no_args_is_help=True,
)


class ReportFormat(StrEnum):
    """What is written."""

    HTML = "html"
    XLSX = "xlsx"
    BOTH = "both"


FormatOption = Annotated[
    ReportFormat, typer.Option("--format", help="A page, a workbook, or both.")
]
OutOption = Annotated[
    Path | None,
    typer.Option(help="Folder to write to; the home's folder of reports when left out."),
]
DepartmentOption = Annotated[
    str | None,
    typer.Option(
        "--department",
        "-d",
        help="Name of a department, or its folder; the database's own when left out.",
    ),
]
AsJsonOption = Annotated[
    bool, typer.Option("--json", help="Print the report's data as JSON and write no file.")
]


_PICTURES = {"worst_fields": {"__all__": {"image_png"}}}
"""Are in the page; JSON has no place for them."""


@app.command()
def batch(
    run: Annotated[
        str, typer.Argument(metavar="[RUN]", help="Run, such as 20261123-1.")
    ] = "latest",
    format: FormatOption = ReportFormat.BOTH,
    out: OutOption = None,
    department: DepartmentOption = None,
    db: DbOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """Report on one run: its documents, rules, confidence, acceptance and reconciliation.

    The page is the one that the run itself writes, counted anew.
    """
    from flows.published import publish_batch
    from flows.reporting import build_report

    context, run = _context(department, db, run, of_run=True)
    with _counting() as watch:
        watch(f"batch {run}")
        report = build_report(context, run)
    if as_json:
        from validators.report import masked_report

        typer.echo(masked_report(report).model_dump_json(indent=2, exclude=_PICTURES))
        return
    _tell(publish_batch(context, report, out, *_wanted(format)))


@app.command()
def period(
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day: 2026-11-01.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, included.")],
    format: FormatOption = ReportFormat.BOTH,
    out: OutOption = None,
    department: DepartmentOption = None,
    db: DbOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """Report on all runs that began within some days, and compare with as many days before."""
    from flows.period_reporting import build_period_report
    from flows.published import publish_period

    days = _day(first, "--from"), _day(last, "--to")
    context, _ = _context(department, db)
    with _counting() as watch:
        report = build_period_report(context, *days, watch)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    _tell(publish_period(context, report, out, *_wanted(format)))


@app.command()
def rule(
    rule_id: Annotated[str, typer.Argument(metavar="RULE_ID", help="Such as F1040-009.")],
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="DATE", help="First day; the beginning when left out."),
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day, included; today.")
    ] = None,
    format: FormatOption = ReportFormat.BOTH,
    out: OutOption = None,
    department: DepartmentOption = None,
    db: DbOption = None,
    as_json: AsJsonOption = False,
) -> None:
    """Report on one rule: what it says, how often it failed, since when, and on which returns."""
    from flows.period_reporting import build_rule_report
    from flows.published import publish_rule

    days = (
        _day(first, "--from") if first else None,
        _day(last, "--to") if last else None,
    )
    context, _ = _context(department, db)
    with _counting() as watch:
        watch(f"rule {rule_id}")
        report = build_rule_report(context, rule_id, *days)
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    _tell(publish_rule(context, report, out, *_wanted(format)))


def _context(
    department: str | None, db: str | None, run: str = "latest", *, of_run: bool = False
) -> tuple[ReportContext, str]:
    """What to report from, and the run that was asked for by its id."""
    from flows.context import report_context, settings_for
    from flows.period_reporting import ReportError
    from loaders.database import open_database
    from loaders.report_queries import departments
    from loaders.repository import Repository

    settings = settings_for(db)
    engine = open_database(settings.database_url)
    row = Repository(engine).run(run)
    if department is None:
        known = [row.department] if of_run else departments(engine)
        if len(known) > 1:
            raise ReportError(
                f"the database holds several departments; name one: -d {' or -d '.join(known)}"
            )
        department = known[0]
    name = Path(department) if "/" in department else department
    context = report_context(name, settings)
    return context, row.run


def _day(text: str, option: str) -> date:
    from flows.period_reporting import ReportError

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ReportError(f"{option} {text!r} is no day; write it as 2026-11-30") from None


@contextmanager
def _counting() -> Iterator[Callable[[str], None]]:
    """Tells a person at the terminal what is being counted; a program sees nothing of it."""
    console = Console(stderr=True)
    with console.status("Counting") as status:
        yield lambda what: status.update(f"Counting {escape(what)}")


def _wanted(format: ReportFormat) -> tuple[bool, bool]:
    return format is not ReportFormat.XLSX, format is not ReportFormat.HTML


def _tell(published: Published) -> None:
    console = Console()
    for line in published.headline:
        console.print(escape(line), highlight=False)
    for name, path in published.files.items():
        console.print(f"{name:<10}{escape(str(path))}", soft_wrap=True, highlight=False)

"""The `taxlift` command line: one file a command in `flows/commands`, joined here.

Every error that taxlift raises on purpose becomes one message and its exit code; anything else
is a bug and keeps its traceback, with local variables hidden (they may hold taxpayers' data).
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Any

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape

from flows.environment import prepare_environment
from schemas.errors import ExitCode, TaxliftError
from schemas.settings import Settings


def _settings() -> Settings:
    """Of the environment; what is wrong there is told by the variable's name, all at once."""
    try:
        return Settings()
    except SettingsError:  # the one setting that is a list
        told = ['TAXLIFT_DEPARTMENT_PATH: not a JSON list, such as ["/srv/departments"]']
    except ValidationError as error:
        told = [f"TAXLIFT_{one['loc'][0]}".upper() + f": {one['msg']}" for one in error.errors()]
    for line in told:
        Console(stderr=True).print(f"[bold red]Error[/] {escape(line)}", highlight=False)
    sys.exit(int(ExitCode.BAD_CONFIGURATION))


prepare_environment(_settings())

from flows.commands import (  # noqa: E402  (the environment comes before Prefect)
    accuracy,
    audit,
    batches,
    demo,
    explain,
    export,
    findings,
    forms,
    query,
    report,
    review,
    rules,
    run,
)


class _Group(typer.core.TyperGroup):
    """Turns our errors into a message and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TaxliftError as error:
            Console(stderr=True).print(f"[bold red]Error[/] {escape(str(error))}", highlight=False)
            raise typer.Exit(int(error.exit_code)) from None
        except KeyboardInterrupt:
            Console(stderr=True).print(
                "Stopped. Nothing is lost: the same command takes up where this one left."
            )
            raise typer.Exit(130) from None


app = typer.Typer(
    name="taxlift",
    cls=_Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    help="Scanned paper tax returns in, database rows that an auditor can trust out.",
    epilog="Start with: taxlift demo. Guides: docs/.",
)
app.command(name="run")(run.run)
app.command(name="demo")(demo.demo)
app.command(name="batches")(batches.batches)
app.command(name="documents")(batches.documents)
app.command(name="review")(review.review)
app.command(name="accuracy")(accuracy.accuracy)
app.command(name="explain")(explain.explain)
app.command(name="findings")(findings.findings)
app.command(name="query")(query.query)
app.command(name="export")(export.export)
app.add_typer(forms.app, name="forms", help="Draft, check and draw form definitions.")
app.add_typer(rules.app, name="rules", help="Check and list a department's rules.")
app.add_typer(
    report.app, name="report", help="Validation reports of a batch, of a period and of a rule."
)
app.add_typer(audit.app, name="audit", help="Verify the audit log.")


def _join_commands() -> None:
    """Commands from above (samples, benchmarks) and from departments; see docs/decisions/0001."""
    for point in sorted(entry_points(group="taxlift.commands"), key=lambda point: point.name):
        command = point.load()
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=point.name)
        else:
            app.command(name=point.name)(command)


_join_commands()


def main() -> None:
    """For `python -m flows.cli`."""
    sys.exit(app())


if __name__ == "__main__":
    main()

"""`taxlift rules`: check a department's rules, and list them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.department import Department
from schemas.errors import ConfigurationError, ExitCode
from schemas.packs import load_department
from schemas.settings import Settings
from validators.rulebook import RuleBook, compile_rules

app = typer.Typer(help="Check and list a department's rules.", no_args_is_help=True)

DepartmentOption = Annotated[
    str, typer.Option("--department", "-d", help="Name of a department, or its folder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]


def _load(department: str) -> tuple[Department, RuleBook]:
    """The department and its rules, or all that is wrong with them."""
    with _told():
        pack = load_department(_name_or_folder(department), Settings().department_path)
        return pack, compile_rules(pack)


@contextmanager
def _told(so: str = "no rule can run") -> Iterator[None]:
    """All mistakes of the configuration go to standard error, and the command ends."""
    try:
        yield
    except ConfigurationError as error:
        console = Console(stderr=True, soft_wrap=True)
        for problem in error.problems:
            console.print(escape(str(problem)), highlight=False)
        count = len(error.problems)
        console.print(f"[red]{count} mistake{'s' if count > 1 else ''}[/red]; {so}.")
        raise typer.Exit(error.exit_code) from None


def _name_or_folder(department: str) -> str | Path:
    return Path(department) if "/" in department else department


@app.command()
def check(
    department: DepartmentOption = "us_irs",
    samples: Annotated[
        list[Path] | None,
        typer.Option(
            "--samples",
            help="Folder made by `taxlift sample`, or its truth.jsonl: how often does each rule "
            "fail there? May be given more than once.",
        ),
    ] = None,
    db: Annotated[
        str | None,
        typer.Option("--db", help="Database URL: how often did each rule fail of what is loaded?"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Prove all rules: they compile, and every rule has its four cases, with the right outcome.

    The exit code is 4 where something is wrong or unproved. With --samples or --db, the rules
    that no return ever failed are listed too; that proves nothing against them.
    """
    from flows.commands.rules_check import RuleCheck

    pack, book = _load(department)
    with _told("no case was tried"):
        found = RuleCheck(pack, book)
    if samples:
        found.add_samples(samples)
    if db:
        found.add_loaded(db)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        found.show(Console())
    if not found.proof.is_complete:
        raise typer.Exit(int(ExitCode.BAD_CONFIGURATION))


@app.command("list")
def list_rules(
    department: DepartmentOption = "us_irs",
    form: Annotated[str | None, typer.Option(help="Only rules of this form.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the rules: id, form, years, severity and what must hold."""
    _, book = _load(department)
    rules = [rule for rule in book.rules if form in (None, rule.definition.form)]
    if as_json:
        fields = {"id", "title", "category", "severity", "form", "years", "source", "notice"}
        rows = [
            {**rule.definition.model_dump(mode="json", include=fields), "text": rule.plain_text}
            for rule in rules
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    table = Table("Rule", "Years", "Severity", "What must hold", "Source", show_lines=False)
    for rule in rules:
        definition = rule.definition
        years = f"{definition.years.first}–{definition.years.last}"
        severity = definition.severity.replace("_", " ")
        table.add_row(
            definition.id, years, severity, escape(rule.plain_text), escape(definition.source)
        )
    Console().print(table)

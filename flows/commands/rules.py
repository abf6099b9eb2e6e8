"""`taxlift rules`: check a department's rules, and list them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas.department import Department
from schemas.errors import ConfigurationError
from schemas.packs import load_department
from schemas.settings import Settings
from validators.rulebook import RuleBook, compile_rules
from validators.scope import describe_form

app = typer.Typer(help="Check and list a department's rules.", no_args_is_help=True)

DepartmentOption = Annotated[
    str, typer.Option("--department", "-d", help="Name of a department, or its folder.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="For programs: JSON on standard output.")]


def _load(department: str) -> tuple[Department, RuleBook]:
    """The department and its rules; all mistakes go to standard error, and the command ends."""
    try:
        pack = load_department(_name_or_folder(department), Settings().department_path)
        return pack, compile_rules(pack)
    except ConfigurationError as error:
        console = Console(stderr=True, soft_wrap=True)
        for problem in error.problems:
            console.print(escape(str(problem)), highlight=False)
        count = len(error.problems)
        console.print(f"[red]{count} mistake{'s' if count > 1 else ''}[/red]; no rule can run.")
        raise typer.Exit(error.exit_code) from None


def _name_or_folder(department: str) -> str | Path:
    return Path(department) if "/" in department else department


@app.command()
def check(department: DepartmentOption = "us_irs", as_json: JsonOption = False) -> None:
    """Compile all rules and say how many there are, or everything that is wrong with them."""
    pack, book = _load(department)
    counts = book.counts()
    if as_json:
        rows = [
            {"form": form, "severity": severity, "rules": number}
            for (form, severity), number in sorted(counts.items())
        ]
        typer.echo(json.dumps({"department": pack.name, "rules": len(book.rules), "by": rows}))
        return
    severities = sorted({severity for _, severity in counts})
    table = Table(title=f"Rules of {pack.settings.title}")
    table.add_column("Form")
    for severity in severities:
        table.add_column(severity.replace("_", " "), justify="right")
    table.add_column("all", justify="right")
    for form in sorted({form for form, _ in counts}):
        numbers = [counts[form, severity] for severity in severities]
        table.add_row(describe_form(form), *map(str, numbers), str(sum(numbers)))
    console = Console()
    console.print(table)
    years = f"{book.years[0]} to {book.years[-1]}" if book.years else "no years"
    console.print(f"{len(book.rules)} rules compile for {years}.")


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

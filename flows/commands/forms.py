"""`taxlift forms`: draft a form definition from a fillable PDF; check and draw all of them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track

from extractors.drafting.form import draft_form, reference_to
from extractors.drafting.writer import write_yaml
from extractors.form_checks import check_blanks
from extractors.form_pictures import PICTURE_DPI, write_pictures
from schemas.department import Department
from schemas.errors import BlankMissingError, ConfigurationError, ExitCode, Problem
from schemas.form_checks import check_definitions
from schemas.forms import NAME_PATTERN, BlankReference
from schemas.packs import find_department, load_department, load_settings
from schemas.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Draft, check and draw form definitions.")

_NOTE = """Drafted by `taxlift forms import`: boxes, combs, lengths, groups and export values are
the PDF's own; names, lines, kinds and labels are guesses. Rename them, then run
`taxlift forms check --out DIR` and look at the pictures."""

DepartmentOption = Annotated[
    str, typer.Option("--department", "-d", help="Name of a department, or its folder.")
]


@app.command(name="import")
def import_form(
    blank: Annotated[
        Path, typer.Argument(help="The official empty form, a fillable PDF.", exists=True)
    ],
    form: Annotated[str, typer.Option("--form", "-f", help="Stable id: form_1040, schedule_a.")],
    year: Annotated[int, typer.Option("--year", "-y", help="Tax year.", min=1900, max=2100)],
    department: DepartmentOption = "us_irs",
    title: Annotated[
        str | None, typer.Option(help="The form's title; guessed from its heading if not given.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite the definition that is there.")
    ] = False,
) -> None:
    """Draft a definition from a fillable PDF, so that a person only renames.

    Writes forms/FORM/YEAR.yaml in the department's folder. A blank that no installed package
    carries is copied to blanks/ there.
    """
    if not NAME_PATTERN.fullmatch(form):
        raise typer.BadParameter(f"{form!r} is not a snake_case name, as form_1040 is")
    folder = find_department(department, Settings().department_path)
    settings = load_settings(folder)
    target = folder / "forms" / form / f"{year}.yaml"
    _refuse_to_overwrite(target, force)
    reference = reference_to(blank, folder)
    copy = None
    if reference is None:
        copy = folder / "blanks" / f"{form}-{year}.pdf"
        _refuse_to_overwrite(copy, force)
        sha256 = hashlib.sha256(blank.read_bytes()).hexdigest()
        reference = BlankReference(path=copy.relative_to(folder).as_posix(), sha256=sha256)
    definition = draft_form(
        blank, form, year, reference, title=title, main=form == settings.main_form
    )
    if copy is not None:
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(blank, copy)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(write_yaml(definition, _NOTE), encoding="utf-8")
    fields = definition.fields()
    marks = sum(field.kind.is_mark for field in fields)
    Console().print(
        f"[green]Drafted[/] {escape(str(target))}: {len(definition.pages)} pages, "
        f"{len(fields)} fields ({marks} marks). Now rename, then: "
        f"taxlift forms check --department {escape(department)} --out pictures",
        highlight=False,
        soft_wrap=True,
    )


@app.command(name="check")
def check(
    department: DepartmentOption = "us_irs",
    out: Annotated[
        Path | None,
        typer.Option(help="Draw every page with its boxes and names into this folder, as PNG."),
    ] = None,
    form: Annotated[str | None, typer.Option(help="Draw this form only.")] = None,
    dpi: Annotated[int, typer.Option(help="Resolution of the pictures.", min=72, max=600)] = (
        PICTURE_DPI
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Validate all definitions of a department against each other and their blanks.

    Names every problem at once, with file and line; pictures are drawn even then.
    """
    loaded = load_department(department, Settings().department_path)
    problems = check_definitions(loaded) + check_blanks(loaded)
    pictures = _draw(loaded, form, out, dpi, quiet=as_json) if out is not None else []
    pages = sum(len(definition.pages) for definition in loaded.forms)
    fields = sum(len(definition.fields()) for definition in loaded.forms)
    if as_json:
        answer = {
            "department": loaded.name,
            "forms": len(loaded.forms),
            "pages": pages,
            "fields": fields,
            "problems": [
                {"file": it.file, "line": it.line, "message": it.message} for it in problems
            ],
            "pictures": [str(path) for path in pictures],
        }
        typer.echo(json.dumps(answer, indent=2))
        raise typer.Exit(int(ExitCode.BAD_CONFIGURATION if problems else ExitCode.OK))
    if problems:
        raise ConfigurationError(problems)
    console = Console(soft_wrap=True, highlight=False)
    console.print(
        f"[green]Good:[/] {escape(loaded.name)}, {len(loaded.forms)} forms, {pages} pages, "
        f"{fields} fields, each widget of each blank defined once."
    )
    if out is not None:
        console.print(f"{len(pictures)} pictures in {escape(str(out))}: look at them.")


def _draw(department: Department, form: str | None, out: Path, dpi: int, quiet: bool) -> list[Path]:
    wanted = [it for it in department.forms if form is None or it.form == form]
    if not wanted:
        names = ", ".join(sorted({it.form for it in department.forms}))
        raise typer.BadParameter(f"no form is called {form!r}; known forms: {names}")
    pictures: list[Path] = []
    for definition in track(wanted, "Drawing", console=Console(stderr=True), disable=quiet):
        try:
            pictures += write_pictures(definition, department.folder, out, dpi)
        except BlankMissingError:
            continue  # already among the problems
    return pictures


def _refuse_to_overwrite(path: Path, force: bool) -> None:
    if path.exists() and not force:
        raise ConfigurationError([Problem(str(path), 0, "is there already; --force overwrites it")])

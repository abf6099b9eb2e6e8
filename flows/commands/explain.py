"""`taxlift explain`: where on the paper it is, who or what decided it, which rules it met."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from flows.commands.batches import DbOption, JsonOption
from schemas.errors import ConfigurationError, DocumentError, ExitCode, TaxliftError
from schemas.settings import Settings

if TYPE_CHECKING:
    from schemas.department import Department
    from schemas.explanation import Explanation, FieldTold


class ExplanationError(TaxliftError):
    """A picture that may not be shown or cannot be had, or a file that cannot be written."""

    exit_code = ExitCode.BAD_INPUT


def explain(
    return_name: Annotated[
        str,
        typer.Argument(metavar="RETURN", help="A return's id, how it begins, or its file's name."),
    ],
    field_name: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FIELD]",
            help="Such as form_1040.wages, wages, or form_1040 1a. Left out: the whole return.",
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(help="Write the same as a page, with pictures of the fields.")
    ] = None,
    crop: Annotated[
        Path | None, typer.Option(help="Write the picture of the field: FILE.png.")
    ] = None,
    show_personal: Annotated[
        bool,
        typer.Option(
            "--show-personal",
            help="Show taxpayers' identifiers in clear. The audit log records it.",
        ),
    ] = False,
    department: Annotated[
        str | None,
        typer.Option(
            "--department",
            "-d",
            help="Folder of the department, where it is not found by its name.",
        ),
    ] = None,
    db: DbOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why a return, or a field of it, is held as it is.

    Where on the paper it is, what each engine read, what arithmetic said, which rules speak of it
    and with which numbers, who or what decided, under which versions. Identifiers are masked.
    """
    from loaders.database import open_database
    from loaders.explaining import explain_return
    from loaders.lookup import department_of, find_field, find_return
    from loaders.repository import Repository

    if crop and not field_name:
        raise typer.BadParameter("name the field that it is to show", param_hint="--crop")
    repository = Repository(open_database(db or Settings().database_url))
    return_id = find_return(repository, return_name)
    pack = _department(department or department_of(repository, return_id))
    explanation = explain_return(repository, return_id, pack, show_personal=show_personal)
    field = find_field(explanation, " ".join(field_name)) if field_name else None
    if html:
        _write_page(explanation, field, html)
    if crop and field:
        _write_crop(explanation, field, crop)
    if as_json:
        told = explanation.of_field(field) if field else explanation
        typer.echo(told.model_dump_json(indent=2))
    elif not html and not crop:
        _print(explanation, field)


def _department(name: str) -> Department | None:
    """Its files; without them the numbers are told, but not the rules' texts."""
    from schemas.packs import load_department

    try:
        return load_department(Path(name) if "/" in name else name, Settings().department_path)
    except ConfigurationError as error:
        console = Console(stderr=True)
        console.print(
            f"The files of department {escape(name)} cannot be read, so the texts of its rules "
            f"are missing; name its folder with --department. {escape(str(error.problems[0]))}",
            highlight=False,
        )
        return None


def _print(explanation: Explanation, field: FieldTold | None) -> None:
    from flows.explanation_text import print_field, print_return

    console = Console()
    asked = f"taxlift explain {explanation.return_id[:8]}"
    console.print()
    if field is None:
        print_return(console, explanation)
        waiting = [it for it in explanation.fields if it.status == "review"]
        hints = [f"{asked} {it.key}" for it in (waiting or list(explanation.fields))[:1]]
        hints.append(f"{asked} --html return.html")
    else:
        print_field(console, explanation, field)
        hints = [f"{asked} {field.key} --html field.html"]
        if not field.is_hidden:
            hints.append(f"{asked} {field.key} --crop field.png")
    console.print()
    for hint in hints:
        console.print(f"[dim]Ask on:[/] {escape(hint)}", highlight=False, soft_wrap=True)


def _write_page(explanation: Explanation, field: FieldTold | None, path: Path) -> None:
    from validators.explanation_page import write_explanation

    wanted = [field] if field else [it for it in explanation.fields if it.status != "blank"]
    pictures = _pictures(explanation, [it for it in wanted if not it.is_hidden])
    try:
        write_explanation(explanation, pictures, path, field)
    except OSError as error:
        raise ExplanationError(f"{path} cannot be written: {error.strerror}") from None
    Console(stderr=True).print(f"Written to {escape(str(path))}", highlight=False, soft_wrap=True)


def _write_crop(explanation: Explanation, field: FieldTold, path: Path) -> None:
    if field.is_hidden:
        raise ExplanationError(
            f"the picture of {field.key} may show a taxpayer's identifier: --show-personal writes "
            "it, and the audit log records that"
        )
    png = _pictures(explanation, [field]).get(field.key)
    if png is None:
        raise ExplanationError(
            f"{explanation.file}, page {field.page}: there is no picture; the archive "
            f"{Settings().archive} lacks the file {explanation.sha256[:16]}…, or it is damaged"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(png)
    except OSError as error:
        raise ExplanationError(f"{path} cannot be written: {error.strerror}") from None
    Console(stderr=True).print(f"Written to {escape(str(path))}", highlight=False, soft_wrap=True)


def _pictures(explanation: Explanation, fields: Sequence[FieldTold]) -> dict[str, bytes]:
    """The fields cut from the archived scan; none where it is not there."""
    from extractors.snippets import cut_snippets
    from loaders.archive import Archive

    settings = Settings()
    path = Archive(settings.archive).path_of(explanation.sha256)
    if not path.is_file():
        Console(stderr=True).print(
            f"No pictures: the scan is not in the archive {escape(str(settings.archive))}.",
            highlight=False,
        )
        return {}
    try:
        cut = cut_snippets(path, [(field.page, field.bbox) for field in fields], settings)
    except DocumentError:
        return {}
    return {field.key: png for field, png in zip(fields, cut, strict=True) if png}

"""From invented returns to files: each page is filled in, scanned and delivered.

Every return has its own streams of chance, drawn from (seed, number), one each for what is
filed, who writes, and how it is scanned. The same seed therefore makes the same bytes, however
many returns are asked for, and a sample of another ink or quality holds the same returns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from benchmarks.samples.delivery import deliver, page_paths
from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink import draw_page
from benchmarks.samples.ink_hands import Hand, make_hand
from benchmarks.samples.maker_digital import DIGITAL_DPI, fill_digitally
from benchmarks.samples.people import chance, pick
from benchmarks.samples.returns import InventedReturn, invent_return
from benchmarks.samples.returns_writing import Written
from benchmarks.samples.scanner import Machine, Quality, ScannedPage, choose_machine, scan_page
from benchmarks.samples.truth import (
    TRUTH_FILE,
    TruthDocument,
    TruthField,
    TruthMistake,
    TruthPage,
    hash_file,
)
from extractors.blanks import render_blank
from schemas.department import Department
from schemas.errors import TaxliftError
from schemas.forms import FieldDefinition, FieldKind, FormDefinition, PageDefinition

CONTAINER_NAMES = {"tiff": "tiff-g4", "pdf": "pdf", "png": "png", "jpg": "jpg"}
"""As given on the command line → as the files' truth says."""

_CASE_ONLY = (FieldKind.NAME, FieldKind.TEXT, FieldKind.CODE, FieldKind.EMAIL)


@dataclass(frozen=True)
class SamplePlan:
    """What sample to make."""

    out: Path
    returns: int = 50
    ink: str = "mixed"
    quality: Quality = Quality.FAIR
    seed: int = 7
    glyphs: Path | None = None
    writers: Writers = Writers.TUNING
    years: tuple[int, ...] = (2021, 2022, 2023)
    containers: tuple[str, ...] = ("tiff", "pdf")
    mistakes: float = 0.05
    digital: float = 0.08
    """Share of typed returns that never were paper: PDFs filled on a computer."""
    strike_outs: float = 0.01
    """Share of hand-written amounts that stand beside another that is struck out."""


@dataclass(frozen=True)
class _Sheet:
    """One page to be filled."""

    definition: FormDefinition
    page: PageDefinition


@dataclass
class _Filing:
    """One return on its way to a file."""

    name: str
    invented: InventedReturn
    sheets: list[_Sheet]
    pages: list[TruthPage] = field(default_factory=list)
    fields: list[list[TruthField]] = field(default_factory=list)
    """One list a page."""


def make_sample(plan: SamplePlan, department: Department) -> Iterator[list[TruthDocument]]:
    """Make the sample return by return, telling the truth of each as it is on disk.

    `truth.jsonl` is complete once the iterator is exhausted.

    Raises:
        BlankMissingError, MissingProgramError, ConfigurationError: as their names say.
    """
    cv2.setNumThreads(1)
    plan.out.mkdir(parents=True, exist_ok=True)
    with (plan.out / TRUTH_FILE).open("w", encoding="utf-8") as lines:
        for number in range(1, plan.returns + 1):
            documents = make_return(plan, number, department)
            for document in documents:
                lines.write(document.model_dump_json() + "\n")
            lines.flush()
            yield documents


def make_return(plan: SamplePlan, number: int, department: Department) -> list[TruthDocument]:
    """One return, as one file, or one file a page for PNG and JPEG."""
    filed, writing, scanning = (
        np.random.default_rng([plan.seed, number, stream]) for stream in range(3)
    )
    year = pick(filed, plan.years)
    definitions = {form.form: form for form in department.forms if form.year == year}
    invented = invent_return(filed, year, definitions, plan.mistakes)
    sheets = [
        _Sheet(definitions[form], page)
        for form in invented.forms
        for page in definitions[form].pages
    ]
    filing = _Filing(f"ret-{number:04d}", invented, sheets)
    hand = make_hand(plan.ink, writing, plan.glyphs, plan.writers)
    container = CONTAINER_NAMES[pick(scanning, plan.containers)]
    if hand.is_typed and "pdf" in plan.containers and chance(scanning, plan.digital):
        return _file_digitally(plan, filing, department, fillable=chance(scanning, 0.7))
    machine = choose_machine(plan.quality, scanning)
    scanned = [
        _fill_and_scan(plan, filing, sheet, (hand, machine), department, (writing, scanning))
        for sheet in filing.sheets
    ]
    path = plan.out / filing.name
    deliver(scanned, path, container)
    files = page_paths(len(scanned), path, container)
    ink = "typed" if hand.is_typed else "hand"
    return _tell(plan, filing, files, (container, ink, hand.name))


def _fill_and_scan(
    plan: SamplePlan,
    filing: _Filing,
    sheet: _Sheet,
    tools: tuple[Hand, Machine],
    department: Department,
    chances: tuple[np.random.Generator, np.random.Generator],
) -> ScannedPage:
    written = filing.invented.forms[sheet.definition.form]
    kinds = {one.name: one.kind for one in sheet.page.fields}
    values = {
        name: one.as_written
        for name, one in written.items()
        if tools[0].habits.small or kinds.get(name) is not FieldKind.EMAIL
    }
    blank = render_blank(sheet.definition, sheet.page.number, department.folder)
    filled, drawn = draw_page(
        blank, sheet.page, values, tools[0], chances[0], strike_outs=plan.strike_outs
    )
    scan = scan_page(filled, plan.quality, chances[1], tools[1])
    on_paper = {
        one.name: _reconciled(written[one.name], one.text, sheet.page, one.name)
        for one in drawn
        if one.text is not False
    }
    manners = {one.name: one.manner for one in drawn}
    matrix = tuple((float(a), float(b), float(c)) for a, b, c in scan.matrix)
    _note(
        filing, sheet, on_paper, scan.turned, str(scan.look), scan.bitonal, scan.resolution, matrix
    )
    filing.fields[-1] = [
        one.model_copy(update={"manner": manners.get(one.name)}) for one in filing.fields[-1]
    ]
    return scan


def _reconciled(meant: Written, drawn: str | bool, page: PageDefinition, name: str) -> Written:
    """What the hand made of it: its own capitals, no dashes in a comb.

    Raises:
        TaxliftError: the hand could not write a character that matters.
    """
    if isinstance(drawn, bool) or isinstance(meant.as_written, bool):
        return meant
    kind = next(one.kind for one in page.fields if one.name == name)
    if kind in _CASE_ONLY:
        if _bare(drawn) == _bare(meant.as_written):
            return Written(drawn, drawn)
    elif _bare(drawn) == _bare(meant.as_written) and _signed(drawn) == _signed(meant.as_written):
        return Written(meant.value, drawn)
    raise TaxliftError(f"the sample's hand cannot write all that belongs in field {name}")


def _bare(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).upper()


def _signed(text: str) -> bool:
    """Whether an amount carries a minus, or parentheses, before its digits."""
    return text.startswith(("(", "-")) and text != "-0-"


def _note(
    filing: _Filing,
    sheet: _Sheet,
    written: dict[str, Written],
    turned: int,
    look: str,
    bitonal: bool,
    dpi: tuple[float, float],
    matrix: tuple[tuple[float, float, float], ...],
) -> None:
    """Put a page and all of its fields, blank ones too, on record."""
    place = len(filing.pages) + 1
    form, year = sheet.definition.form, sheet.definition.year
    filing.pages.append(
        TruthPage(
            page=place,
            form=form,
            year=year,
            form_page=sheet.page.number,
            turned=turned,
            look=look,
            bitonal=bitonal,
            dpi=dpi,
            matrix=matrix,
        )
    )
    filing.fields.append(
        [
            _truth_of(
                definition, written.get(definition.name), form, year, (place, sheet.page.number)
            )
            for definition in sheet.page.fields
        ]
    )


def _truth_of(
    definition: FieldDefinition,
    written: Written | None,
    form: str,
    year: int,
    pages: tuple[int, int],
) -> TruthField:
    nothing = False if definition.kind.is_mark else None
    return TruthField(
        form=form,
        year=year,
        page=pages[0],
        form_page=pages[1],
        name=definition.name,
        line=definition.line,
        source_field=definition.source_field,
        kind=definition.kind,
        value=written.value if written else nothing,
        as_written=written.as_written if written else nothing,
        filled=written is not None,
    )


def _file_digitally(
    plan: SamplePlan, filing: _Filing, department: Department, fillable: bool
) -> list[TruthDocument]:
    """A PDF that never was paper. Only a lone Form 1040 stays fillable: the field names of
    several official forms in one file would clash."""
    fillable = fillable and len(filing.invented.forms) == 1
    path = plan.out / f"{filing.name}.pdf"
    definitions = [sheet.definition for sheet in filing.sheets if sheet.page.number == 1]
    fill_digitally(path, definitions, filing.invented.forms, department.folder, fillable)
    scale = DIGITAL_DPI / 72
    matrix = ((scale, 0.0, 0.0), (0.0, scale, 0.0), (0.0, 0.0, 1.0))
    for sheet in filing.sheets:
        names = {one.name for one in sheet.page.fields}
        form = filing.invented.forms[sheet.definition.form]
        written = {name: one for name, one in form.items() if name in names}
        _note(filing, sheet, written, 0, "digital", False, (DIGITAL_DPI, DIGITAL_DPI), matrix)
    return _tell(plan, filing, [path], ("pdf-form" if fillable else "pdf-text", "digital", "pdf"))


def _tell(
    plan: SamplePlan, filing: _Filing, files: Sequence[Path], how: tuple[str, str, str]
) -> list[TruthDocument]:
    """The truth of the files of one return; pages count anew in each file."""
    container, ink, hand = how
    whole = len(files) == 1
    told = []
    for place, file in enumerate(files):
        pages = filing.pages if whole else [filing.pages[place].model_copy(update={"page": 1})]
        fields = [one for page in filing.fields for one in page]
        if not whole:
            fields = [one.model_copy(update={"page": 1}) for one in filing.fields[place]]
        told.append(
            TruthDocument(
                file=file.name,
                sha256=hash_file(file),
                return_id=filing.name,
                tax_year=filing.invented.year,
                container=container,
                ink=ink,
                quality="digital" if ink == "digital" else str(plan.quality),
                hand=hand,
                mistakes=tuple(
                    TruthMistake(
                        kind=mistake.kind,
                        family=mistake.family,
                        form=mistake.form,
                        line=mistake.line,
                        names=mistake.names,
                        right=mistake.right,
                        written=mistake.written,
                    )
                    for mistake in filing.invented.mistakes
                ),
                pages=tuple(pages),
                fields=tuple(fields),
            )
        )
    return told

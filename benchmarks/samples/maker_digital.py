"""Returns filled in on a computer: the official PDF's own fields, kept or flattened.

Signatures, which the official forms have no field for, are typed where they belong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pikepdf
from pikepdf.form import (
    AcroFormField,
    CheckboxField,
    ExtendedAppearanceStreamGenerator,
    Form,
    FormFieldFlag,
    TextField,
)

from benchmarks.samples.returns_binding import Fields
from benchmarks.samples.returns_writing import Written
from extractors.blanks import blank_path
from schemas.errors import ConfigurationError, Problem
from schemas.forms import FieldDefinition, FieldKind, FormDefinition

DIGITAL_DPI = 200.0
"""Resolution at which taxlift renders such pages; the truth's matrices are for it."""

_FONT = pikepdf.Name("/TaxliftSampleOblique")


class _Aligned(ExtendedAppearanceStreamGenerator):
    """Appearances that heed the fields' alignment: amounts stand at the right, as in a viewer."""

    def generate_text(self, field: AcroFormField) -> None:
        super().generate_text(field)
        for annotation in self.form.get_annotations_for_field(field):
            widget = annotation.obj
            quadding = int(widget.get("/Q", 0))
            if quadding and not field.flags & FormFieldFlag.tx_comb:
                _shift(widget, str(widget.V), quadding)


def _shift(widget: pikepdf.Object, text: str, quadding: int) -> None:
    """Move the one line of a widget's appearance to the middle (1) or to the right (2)."""
    stream = widget.AP.N
    content = stream.read_bytes().decode("latin-1")
    used = re.search(r"/(\S+) ([\d.]+) Tf", content)
    if used is None:
        return
    font = stream.Resources.Font[f"/{used[1]}"]
    if "/Widths" not in font:
        return
    first, widths = int(font.FirstChar), [int(width) for width in font.Widths]
    codes = text.encode("cp1252", errors="replace")
    width = sum(widths[code - first] for code in codes) * float(used[2]) / 1000
    left, _, right, _ = (float(edge) for edge in stream.BBox)
    room = max(right - left - width - 4, 0)
    offset = room if quadding == 2 else room / 2
    moved = re.sub(
        r"([\d.]+) ([\d.]+) Td",
        lambda td: f"{float(td[1]) + offset:.3f} {td[2]} Td",
        content,
        count=1,
    )
    stream.write(moved.encode("latin-1"))


def fill_digitally(
    path: Path,
    definitions: Sequence[FormDefinition],
    forms: Mapping[str, Fields],
    folder: Path,
    fillable: bool,
) -> None:
    """Write one PDF of all the forms, in order; `fillable` only with a single form.

    Raises:
        BlankMissingError: a blank is not there.
        ConfigurationError: a definition's `source_field` is not in its blank.
    """
    whole: pikepdf.Pdf | None = None
    for definition in definitions:
        pdf = pikepdf.open(blank_path(definition.blank, folder))
        if "/XFA" in pdf.Root.AcroForm:
            del pdf.Root.AcroForm["/XFA"]
        _fill(pdf, definition, forms[definition.form])
        if not fillable:
            _flatten(pdf)
        if whole is None:
            whole = pdf
        else:
            whole.pages.extend(pdf.pages)
    if whole is None:
        raise ValueError("there are no forms to fill")
    if "/Metadata" in whole.Root:
        del whole.Root["/Metadata"]
    whole.save(path, deterministic_id=True)


def _fill(pdf: pikepdf.Pdf, definition: FormDefinition, fields: Fields) -> None:
    form = Form(pdf, _Aligned)
    for page in definition.pages:
        for field in page.fields:
            written = fields.get(field.name)
            if written is None:
                continue
            if field.source_field is None:
                _overlay(pdf, page.number, field, written, fields, page.height)
            else:
                _set(form, definition, field, written)


def _flatten(pdf: pikepdf.Pdf) -> None:
    """Put what is filled in on the pages themselves; fields left empty go."""
    pdf.flatten_annotations()
    if "/AcroForm" in pdf.Root:
        del pdf.Root["/AcroForm"]
    for page in pdf.pages:
        if "/Annots" in page:
            del page["/Annots"]


def _set(form: Form, definition: FormDefinition, field: FieldDefinition, written: Written) -> None:
    name = field.source_field or ""
    if name not in form:
        raise ConfigurationError(
            [
                Problem(
                    f"{definition.form}/{definition.year}.yaml",
                    0,
                    f"{field.name}: the blank has no field {name}",
                )
            ]
        )
    place = form[name]
    if isinstance(place, CheckboxField):
        place.checked = True
    elif isinstance(place, TextField):
        place.value = str(written.as_written)


def _overlay(
    pdf: pikepdf.Pdf,
    number: int,
    field: FieldDefinition,
    written: Written,
    fields: Fields,
    height: float,
) -> None:
    """Type a signature or its date on the page itself."""
    text = str(written.as_written)
    if field.kind is FieldKind.SIGNATURE:
        role = field.name.removesuffix("_signature")
        names = [fields.get(f"{role}_{part}") for part in ("first_name", "last_name", "name")]
        text = " ".join(str(name.as_written) for name in names if name)
    page = pdf.pages[number - 1]
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name("/Helvetica-Oblique"),
        Encoding=pikepdf.Name.WinAnsiEncoding,
    )
    page.add_resource(font, pikepdf.Name.Font, _FONT)
    size = min(9.0, 1.9 * field.box.width / max(len(text), 1))
    builder = pikepdf.canvas.ContentStreamBuilder()
    builder.push().begin_text().set_text_font(_FONT, size)
    builder.move_cursor(field.box.x0 + 2, height - field.box.y1 + 3)
    builder.show_text(text.encode("cp1252", errors="replace")).end_text().pop()
    show = builder.build()
    page.contents_add(show)

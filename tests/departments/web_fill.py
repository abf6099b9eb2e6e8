"""Web-fill forms filled in on a screen, printed and signed with a pen, as filers send them in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium

from extractors.blanks import blank_path
from extractors.page_image import CANVAS_DPI, CANVAS_SCALE, Gray
from extractors.pdfium import PDFIUM_LOCK
from schemas.forms import FieldDefinition, FieldKind, FormDefinition

_PRINTED = 1 << 2
"""Of a widget's flags: what lacks it is for the screen only."""


def as_printed(field: FieldDefinition, value: Any) -> str:
    """How the form's own scripts print what was typed: whole dollars with `.00`, no commas."""
    text = str(value)
    if field.kind is FieldKind.AMOUNT:
        return text if field.name == "taxable_share" else f"{text}.00"
    if field.kind is FieldKind.TAXPAYER_ID and text.isdigit() and field.max_length is None:
        return f"{text[:3]}-{text[3:5]}-{text[5:]}"
    if field.kind is FieldKind.DATE:
        return date.fromisoformat(text).strftime("%m-%d-%y")
    if field.kind is FieldKind.PHONE:
        return f"({text[:3]}) {text[3:6]}-{text[6:]}"
    return text


def print_pages(definition: FormDefinition, written: Mapping[str, Any], folder: Path) -> list[Gray]:
    """All pages of a form at `CANVAS_DPI`, with what a printer prints and no notice of the screen.

    The blank's fields are written by their `source_field`: what lies at a wrong box, or in a
    field of another name, comes out wrong when the page is read.
    """
    by_source = {it.source_field: it for it in definition.fields() if written.get(it.name)}
    with pikepdf.open(blank_path(definition.blank, folder)) as pdf:
        for page in pdf.pages:
            printed = [it for it in page.obj.get("/Annots", []) if int(it.get("/F", 0)) & _PRINTED]
            page.obj.Annots = pikepdf.Array(printed)
            for widget in printed:
                field = by_source.get(str(_holder(widget).T))
                if field is not None:
                    _write(widget, field, written[field.name])
        filled = BytesIO()
        pdf.save(filled)
    pages = _draw(filled)
    for page, gray in zip(definition.pages, pages, strict=True):
        for field in page.fields:
            if field.kind is FieldKind.SIGNATURE and written.get(field.name):
                _sign(gray, field)
    return pages


def _holder(widget: Any) -> Any:
    """The field itself, where it is drawn in several places."""
    return widget if "/T" in widget else widget.Parent


def _write(widget: Any, field: FieldDefinition, value: Any) -> None:
    if field.kind.is_mark:
        widget.AS = pikepdf.Name(f"/{field.export_value}")
        return
    holder = _holder(widget)
    holder.FT, holder.Ff = pikepdf.Name.Tx, 0  # a list to choose from prints no arrow
    holder.V = pikepdf.String(as_printed(field, value))
    for place, key in ((holder, "/MaxLen"), (widget, "/AP")):  # the limit is of what is typed
        if key in place:
            del place[key]


def _draw(pdf: BytesIO) -> list[Gray]:
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()
        pdfium.FPDF_SetFormFieldHighlightAlpha(document.formenv, 0)
        scale = CANVAS_DPI / 72 * (1 - 1e-9)
        pages = [
            np.array(page.render(scale=scale, grayscale=True).to_numpy().squeeze(), np.uint8)
            for page in document
        ]
        document.close()
    return pages


def _sign(page: Gray, field: FieldDefinition) -> None:
    """A scrawl over the middle of the signature's box."""
    x = np.linspace(field.box.x0 + 20, field.box.x1 - 40, 60)
    middle = (field.box.y0 + field.box.y1) / 2
    y = middle + 4 * np.sin(np.arange(60) * 1.3) + 2 * np.cos(np.arange(60) * 0.5)
    points = np.rint(np.column_stack([x, y]) * CANVAS_SCALE).astype(np.int32)
    cv2.polylines(page, [points], isClosed=False, color=40, thickness=4, lineType=cv2.LINE_AA)

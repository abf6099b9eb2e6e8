"""PDFs opened so that their form fields are drawn as they print: filled in, not highlighted."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from extractors.page_image import CANVAS_DPI, Gray
from extractors.pdfium import PDFIUM_LOCK

# Official forms carry XFA beside their AcroForm; that PDFium lacks it is no news to a clerk.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)


def open_with_forms(path: Path) -> Any:
    """A PDFium document that draws its form fields. The caller holds `PDFIUM_LOCK`.

    Only the environment for drawing is made: no script or action of the document is run.
    """
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    if document.formenv is not None:
        # Viewers tint fields for the eye; on paper there is no tint.
        pdfium.FPDF_SetFormFieldHighlightAlpha(document.formenv, 0)
    return document


def draw_page(document: Any, number: int, dpi: float) -> Gray:
    """One page, from 1, as gray pixels. The caller holds `PDFIUM_LOCK`."""
    page = document[number - 1]
    try:
        # PDFium rounds sizes up: a hair less keeps 11 inches from becoming one pixel more.
        bitmap = page.render(scale=dpi / 72 * (1 - 1e-9), grayscale=True)
        return np.array(bitmap.to_numpy().squeeze(), np.uint8)
    finally:
        page.close()


def draw_with_fields(path: Path, number: int) -> Gray:
    """A page at `CANVAS_DPI` with what its empty form fields draw: borders, comb dividers.

    A form that was filled in on paper was printed with these, the one filled in by a
    program perhaps without.
    """
    with PDFIUM_LOCK:
        document = open_with_forms(path)
        try:
            return draw_page(document, number, CANVAS_DPI)
        finally:
            document.close()

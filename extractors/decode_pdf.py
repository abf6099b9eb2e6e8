"""Pages of a PDF: the scanned image itself where a page is no more than that, else drawn.

Nothing that a PDF could do is done: its scripts, actions, attachments and links are not
looked at, only what is on its pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf

from extractors.decode_image import check_pixels
from extractors.page_image import Gray, PageImage
from extractors.pdf_forms import draw_page, open_with_forms
from extractors.pdf_image import only_image
from extractors.pdf_text import TextReader
from extractors.pdf_weight import page_too_heavy
from extractors.pdfium import PDFIUM_LOCK
from schemas.errors import DocumentError, RejectReason
from schemas.settings import Settings

RENDER_DPI = 200
_END = b"%%EOF"
_TAIL = 2048
_REPAIR = "open it in a PDF program and print it to a new PDF"


def decode_pdf(path: Path, limits: Settings) -> Iterator[PageImage]:
    """The pages of a PDF, one at a time.

    Raises:
        DocumentError: a password, damage, no pages, or a limit.
    """
    with _open(path) as pdf:
        count = _count(pdf, path, limits)
        drawing = _Drawing(path)
        try:
            for index in range(count):
                yield _page(pdf, index, path, limits, drawing)
        finally:
            drawing.close()


def _open(path: Path) -> pikepdf.Pdf:
    try:
        return pikepdf.open(path, attempt_recovery=False)
    except pikepdf.PasswordError as error:
        raise DocumentError(
            RejectReason.ENCRYPTED,
            "it is protected by a password; deliver it without one",
            file=path.name,
        ) from error
    except (pikepdf.PdfError, OSError, ValueError, RuntimeError):
        pass
    # Small faults are common and harmless (a table of offsets that is off by a line's end);
    # but a file that was cut off would be repaired to fewer pages than were filed.
    if not _has_end(path):
        raise DocumentError(
            RejectReason.TRUNCATED,
            "cut off: the file has no end; copy or scan it again",
            file=path.name,
        )
    try:
        return pikepdf.open(path)
    except pikepdf.PasswordError as error:
        raise DocumentError(
            RejectReason.ENCRYPTED,
            "it is protected by a password; deliver it without one",
            file=path.name,
        ) from error
    except (pikepdf.PdfError, OSError, ValueError, RuntimeError) as error:
        raise DocumentError(
            RejectReason.UNREADABLE, f"the PDF is damaged; {_REPAIR}", file=path.name
        ) from error


def _has_end(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL, 0))
        return _END in file.read()


def _count(pdf: pikepdf.Pdf, path: Path, limits: Settings) -> int:
    try:
        count = len(pdf.pages)
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise DocumentError(
            RejectReason.UNREADABLE,
            f"the PDF's list of pages is damaged; {_REPAIR}",
            file=path.name,
        ) from error
    if count == 0:
        raise DocumentError(
            RejectReason.NO_PAGES, "the PDF has no pages; scan it again", file=path.name
        )
    if count > limits.max_pages:
        raise DocumentError(
            RejectReason.TOO_MANY_PAGES,
            f"{count:,} pages, more than the {limits.max_pages:,} allowed "
            "(TAXLIFT_MAX_PAGES); deliver it in parts",
            file=path.name,
        )
    return count


def _page(
    pdf: pikepdf.Pdf, index: int, path: Path, limits: Settings, drawing: _Drawing
) -> PageImage:
    number = index + 1
    try:
        page = pdf.pages[index]
        if page_too_heavy(page):
            raise DocumentError(
                RejectReason.TOO_LARGE,
                f"the page unpacks to far more than a form holds; {_REPAIR}",
                file=path.name,
                page=number,
            )
        image = only_image(page, path.name, number, limits)
        if image is not None:
            return PageImage(number=number, gray=image.gray, dpi=image.dpi)
        return drawing.page(page, number, limits)
    except DocumentError:
        raise
    except MemoryError as error:
        raise DocumentError(
            RejectReason.TOO_MANY_PIXELS,
            "the page does not fit into memory; scan it at 300 dpi",
            file=path.name,
            page=number,
        ) from error
    except Exception as error:
        # Parsers of damaged PDFs fail in more ways than they document.
        raise DocumentError(
            RejectReason.UNREADABLE,
            f"the page cannot be read ({type(error).__name__}); {_REPAIR}",
            file=path.name,
            page=number,
        ) from error


class _Drawing:
    """Draws pages that are more than one image, and reads their text; opened when needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._document: Any = None
        self._text = TextReader(path)

    def page(self, page: pikepdf.Page, number: int, limits: Settings) -> PageImage:
        layer = self._text.layer(page, number)
        gray = self._draw(number, limits)
        return PageImage(number=number, gray=gray, dpi=float(RENDER_DPI), layer=layer)

    def _draw(self, number: int, limits: Settings) -> Gray:
        with PDFIUM_LOCK:
            if self._document is None:
                self._document = open_with_forms(self._path)
            wide, high = self._document.get_page_size(number - 1)
            scale = RENDER_DPI / 72
            size = (int(wide * scale) + 1, int(high * scale) + 1)
            check_pixels(size, self._path.name, number, limits)
            return draw_page(self._document, number, RENDER_DPI)

    def close(self) -> None:
        self._text.close()
        if self._document is not None:
            with PDFIUM_LOCK:
                self._document.close()

"""The widgets of a fillable PDF: where its AcroForm lets a filer write or mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pikepdf

from schemas.errors import DocumentError, RejectReason
from schemas.forms import Box

# Bits of /Ff (PDF 32000-1, 12.7.4) and /F (12.5.3), counted from 1 there.
_READ_ONLY = 1 << 0
_PUSH_BUTTON = 1 << 16
_COMB = 1 << 24
_LOCKED_ANNOTATION = 1 << 6
_HIDDEN = 1 << 1
_PRINTED = 1 << 2
_DEEPEST = 32
"""Levels of parents followed; a field tree that goes deeper is taken to run in a circle."""


class WidgetType(StrEnum):
    """What a filer does there: write, mark or sign."""

    TEXT = "text"
    MARK = "mark"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Widget:
    """One widget; a field that is drawn in several places has several."""

    page: int
    """From 1."""
    source_field: str
    """Full name: the partial names from the root down, joined by points."""
    type: WidgetType
    box: Box
    """Points from the top left of the page as it is seen."""
    max_length: int | None
    comb: bool
    read_only: bool
    export_value: str | None
    tooltip: str
    """The author's own description (`/TU`), often empty."""


@dataclass(frozen=True, slots=True)
class PageFrame:
    """The visible part of a PDF page and its rotation, for turning its boxes into ours."""

    x0: float
    y0: float
    x1: float
    y1: float
    rotation: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as seen."""
        wide, high = self.x1 - self.x0, self.y1 - self.y0
        return (high, wide) if self.rotation in (90, 270) else (wide, high)

    def box(self, rect: tuple[float, float, float, float]) -> Box:
        """A rectangle of the PDF (origin bottom left) as a box from the top left, as seen."""
        left, right = sorted((rect[0] - self.x0, rect[2] - self.x0))
        bottom, top = sorted((rect[1] - self.y0, rect[3] - self.y0))
        wide, high = self.x1 - self.x0, self.y1 - self.y0
        corners = {
            0: (left, high - top, right, high - bottom),
            90: (bottom, left, top, right),
            180: (wide - right, bottom, wide - left, top),
            270: (high - top, wide - right, high - bottom, wide - left),
        }[self.rotation]
        return Box(*(round(value, 2) for value in corners))


def read_widgets(pdf: Path) -> tuple[list[PageFrame], list[Widget]]:
    """Frames of all pages, and all widgets that a filer can write or mark in.

    Widgets come page by page, from top to bottom and left to right. Push buttons, hidden widgets
    and notices that are for the screen only are left out.

    Raises:
        DocumentError: not a PDF, encrypted, or no pages.
    """
    try:
        with pikepdf.open(pdf) as document:
            frames = [_frame(page) for page in document.pages]
            widgets = [
                widget
                for number, page in enumerate(document.pages, start=1)
                for widget in _page_widgets(page, number, frames[number - 1])
            ]
    except pikepdf.PasswordError as error:
        raise DocumentError(
            RejectReason.ENCRYPTED, "the PDF wants a password", file=str(pdf)
        ) from error
    except (pikepdf.PdfError, OSError) as error:
        raise DocumentError(
            RejectReason.UNREADABLE, "cannot be read as a PDF", file=str(pdf)
        ) from error
    if not frames:
        raise DocumentError(RejectReason.NO_PAGES, "the PDF has no pages", file=str(pdf))
    return frames, sorted(widgets, key=_reading_order)


def _reading_order(widget: Widget) -> tuple[int, float, float]:
    """Rows by the boxes' middles, to 6 points: neighbours of a row differ in height."""
    middle = (widget.box.y0 + widget.box.y1) / 2
    return (widget.page, round(middle / 6), widget.box.x0)


def _frame(page: Any) -> PageFrame:
    x0, y0, x1, y1 = (float(value) for value in page.cropbox)
    rotation = int(_inherited(page.obj, "/Rotate") or 0) % 360
    return PageFrame(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1), rotation // 90 * 90)


def _page_widgets(page: Any, number: int, frame: PageFrame) -> Iterator[Widget]:
    for annotation in page.obj.get("/Annots", []):
        if annotation.get("/Subtype") != "/Widget":
            continue
        flags = int(_inherited(annotation, "/Ff") or 0)
        look = int(annotation.get("/F", 0))
        kind = str(_inherited(annotation, "/FT") or "")
        read_only = bool(flags & _READ_ONLY or look & _LOCKED_ANNOTATION)
        if look & _HIDDEN or (kind == "/Btn" and flags & _PUSH_BUTTON):
            continue
        if read_only and not look & _PRINTED:
            continue
        x0, y0, x1, y1 = (float(value) for value in annotation.Rect)
        if x0 == x1 or y0 == y1:
            continue
        length = _inherited(annotation, "/MaxLen")
        yield Widget(
            page=number,
            source_field=_full_name(annotation),
            type={"/Btn": WidgetType.MARK, "/Sig": WidgetType.SIGNATURE}.get(kind, WidgetType.TEXT),
            box=frame.box((x0, y0, x1, y1)),
            max_length=int(length) if length is not None else None,
            comb=bool(flags & _COMB) and length is not None,
            read_only=read_only,
            export_value=_export_value(annotation) if kind == "/Btn" else None,
            tooltip=" ".join(str(_inherited(annotation, "/TU") or "").split()),
        )


def _ancestors(node: Any) -> Iterator[Any]:
    """The node itself, then its parents up to the root."""
    for _ in range(_DEEPEST):
        if node is None:
            return
        yield node
        node = node.get("/Parent")


def _inherited(node: Any, key: str) -> Any:
    return next((each.get(key) for each in _ancestors(node) if key in each), None)


def _full_name(annotation: Any) -> str:
    parts = [str(node.get("/T")) for node in _ancestors(annotation) if "/T" in node]
    return ".".join(reversed(parts))


def _export_value(annotation: Any) -> str | None:
    """The name of the appearance that shows the mark: any but `/Off`."""
    looks = annotation.get("/AP", {}).get("/N", {})
    if isinstance(looks, pikepdf.Stream):
        return None
    return next((str(key).lstrip("/") for key in looks.keys() if key != "/Off"), None)  # noqa: SIM118

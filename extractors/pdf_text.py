"""What a born-digital PDF page says of itself: its words, and the values of its form fields."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pdfplumber
import pikepdf

from extractors.page_image import TextLayer, Word
from schemas.forms import Box

_DEEPEST = 32
"""Levels of a form's tree of fields; deeper ones are a loop."""
_PUSH = 1 << 16


class TextReader:
    """Reads the text of a document's pages; the document is opened at the first need."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._plumber: Any = None

    def layer(self, page: pikepdf.Page, number: int) -> TextLayer | None:
        """The text layer of a page; none where it has neither words nor form fields."""
        values = form_values(page)
        if self._plumber is None:
            self._plumber = pdfplumber.open(self._path)
        seen = self._plumber.pages[number - 1]
        left, top = float(seen.bbox[0]), float(seen.bbox[1])
        words = tuple(
            Word(
                one["text"],
                Box(one["x0"] - left, one["top"] - top, one["x1"] - left, one["bottom"] - top),
            )
            for one in seen.extract_words(keep_blank_chars=False)
        )
        width, height = float(seen.width), float(seen.height)
        # pdfplumber keeps every page's characters otherwise.
        seen.close()
        if not words and not values:
            return None
        return TextLayer(width=width, height=height, words=words, acroform=values)

    def close(self) -> None:
        if self._plumber is not None:
            # Closing goes through the pages once more, and stumbles over a damaged one again:
            # the error that matters was raised when that page was read.
            with contextlib.suppress(Exception):
                self._plumber.close()
            self._plumber.stream.close()


def form_values(page: pikepdf.Page) -> dict[str, str | bool]:
    """Full name → value for the page's form fields; True where a box is marked.

    Boxes that share one name (a Yes and a No) each have a full name of their own in the
    official forms; where they do not, the marked one counts.
    """
    values: dict[str, str | bool] = {}
    for widget in page.get("/Annots", ()):
        if str(widget.get("/Subtype", "")) != "/Widget":
            continue
        name = _full_name(widget)
        kind = str(_inherited(widget, "/FT") or "")
        if not name or kind not in ("/Tx", "/Btn", "/Ch"):
            continue
        if kind == "/Btn":
            if int(_inherited(widget, "/Ff") or 0) & _PUSH:
                continue
            marked = str(widget.get("/AS", "/Off")) != "/Off"
            values[name] = bool(values.get(name, False)) or marked
        else:
            values[name] = _text(_inherited(widget, "/V"))
    return values


def _full_name(widget: Any) -> str:
    parts: list[str] = []
    node, depth = widget, 0
    while node is not None and depth < _DEEPEST:
        if "/T" in node:
            parts.append(str(node["/T"]))
        node, depth = node.get("/Parent"), depth + 1
    return ".".join(reversed(parts))


def _inherited(widget: Any, key: str) -> Any:
    node, depth = widget, 0
    while node is not None and depth < _DEEPEST:
        if key in node:
            return node[key]
        node, depth = node.get("/Parent"), depth + 1
    return None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, pikepdf.Stream):
        return bytes(value.read_bytes()).decode("latin-1")
    if isinstance(value, pikepdf.Array):
        return ", ".join(str(one) for one in value)
    return str(value)

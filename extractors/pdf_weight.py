"""What a page of a PDF unpacks to, measured before anything of it is unpacked whole.

A few kilobytes can unpack to gigabytes: in the page's own content, in what it draws, in a font
or the look of a form field, and packed several times over.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import pikepdf

HEAVY = 64 << 20
"""Bytes to which all that a page is drawn from may unpack, its images apart."""

_STEP = 1 << 20
_ELSEWHERE = frozenset(("/Parent", "/P", "/Dest", "/A", "/AA", "/B", "/StructParent", "/Popup"))
"""Keys that lead away from the page."""
_AS_TEXT = frozenset(("/ASCII85Decode", "/A85", "/ASCIIHexDecode", "/AHx"))
_DEFLATED = frozenset(("/FlateDecode", "/Fl"))
_OTHER_PACKINGS = {"/LZWDecode": 1400, "/LZW": 1400, "/RunLengthDecode": 64, "/RL": 64}
"""The most that they can unpack a byte to."""


def filters(stream: Any) -> list[str]:
    """Names of the filters that a stream is packed by, in the order of unpacking."""
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(one) for one in found] if isinstance(found, pikepdf.Array) else [str(found)]


def unpacked_size(stream: Any, limit: int) -> int:
    """Bytes to which a stream unpacks, counted little further than `limit`; nothing is kept.

    Images stay packed by their own kinds of compression.
    """
    chunks: Iterator[bytes] = iter((bytes(stream.read_raw_bytes()),))
    factor = 1
    for name in filters(stream):
        if name in _DEFLATED:
            chunks = _inflated(chunks)
        elif name in _OTHER_PACKINGS:
            factor *= _OTHER_PACKINGS[name]
        elif name not in _AS_TEXT:
            break
        else:
            chunks = _from_text(chunks, name)
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total * factor > limit:
            break
    if factor > 1 and total * factor > limit and total <= _STEP // 4:
        # It could be so much, and is small enough to see whether it is.
        return _unpacked(stream, limit)
    return total * factor


def page_too_heavy(page: pikepdf.Page) -> bool:
    """Whether what a page is drawn from unpacks to more than any form's does."""
    total = 0
    for stream in _drawn(page):
        total += unpacked_size(stream, HEAVY)
        if total > HEAVY:
            return True
    return False


def _inflated(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """As far as it can be; damage ends it, as it ends what a viewer shows."""
    inflate = zlib.decompressobj()
    try:
        for chunk in chunks:
            while chunk:
                yield inflate.decompress(chunk, _STEP)
                chunk = inflate.unconsumed_tail
    except zlib.error:
        return


def _from_text(chunks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Text encodings only shrink; qpdf undoes them."""
    stream = pikepdf.Stream(pikepdf.new(), b"".join(chunks))
    stream.Filter = pikepdf.Name(name)
    try:
        yield stream.read_bytes(pikepdf.StreamDecodeLevel.generalized)
    except pikepdf.PdfError:
        return


def _unpacked(stream: Any, limit: int) -> int:
    try:
        return len(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    except pikepdf.PdfError:
        return limit + 1


def _drawn(page: pikepdf.Page) -> Iterator[Any]:
    """Each stream once that the page's content, resources and annotations lead to; no images."""
    waiting: list[Any] = [page.resources, page.obj.get("/Contents"), page.obj.get("/Annots")]
    seen: set[tuple[int, int]] = set()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Array | pikepdf.Dictionary | pikepdf.Stream):
            continue
        if item.is_indirect:
            if item.objgen in seen:
                continue
            seen.add(item.objgen)
        if isinstance(item, pikepdf.Array):
            waiting.extend(item)
            continue
        if item.get("/Type") == "/Page":
            continue
        if isinstance(item, pikepdf.Stream) and item.get("/Subtype") != "/Image":
            yield item
        waiting.extend(value for key, value in item.items() if key not in _ELSEWHERE)

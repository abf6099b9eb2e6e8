"""From a file to its pages, one at a time, whatever it calls itself.

What a file is, its first bytes say; its name may lie. Every bad input ends in a
`DocumentError` that names the file, the page, the reason and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from extractors.decode_image import decode_image
from extractors.decode_pdf import decode_pdf
from extractors.page_image import PageImage
from schemas.errors import DocumentError, RejectReason
from schemas.settings import Settings

_LOOK_AT = 1024
"""Bytes: a PDF may begin with so much rubbish and is still one."""

_BY_SUFFIX = {
    ".pdf": "PDF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
}


class FileKind(StrEnum):
    """What taxlift takes."""

    PDF = "PDF"
    TIFF = "TIFF"
    PNG = "PNG"
    JPEG = "JPEG"


def sniff(path: Path) -> FileKind:
    """What a file is by its content.

    Raises:
        DocumentError: it is empty, unreadable, of no kind that taxlift takes, or its name
            promises a kind that it is not (`wrong_type`).
    """
    try:
        with path.open("rb") as file:
            head = file.read(_LOOK_AT)
    except OSError as error:
        raise DocumentError(
            RejectReason.UNREADABLE,
            f"the file cannot be opened ({error.strerror}); check its permissions and the disk",
            file=path.name,
        ) from error
    if not head:
        raise DocumentError(
            RejectReason.EMPTY_FILE, "the file is empty; deliver it again", file=path.name
        )
    kind = _kind(head)
    if kind is not None:
        return kind
    promised = _BY_SUFFIX.get(path.suffix.lower())
    if promised:
        raise DocumentError(
            RejectReason.WRONG_TYPE,
            f"its name says {promised}, but it holds neither that nor any other kind of scan "
            "that taxlift reads (PDF, TIFF, PNG, JPEG); export it again",
            file=path.name,
        )
    raise DocumentError(
        RejectReason.UNSUPPORTED_TYPE,
        "not a PDF, TIFF, PNG or JPEG; convert it to one of these",
        file=path.name,
    )


def _kind(head: bytes) -> FileKind | None:
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return FileKind.TIFF
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return FileKind.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return FileKind.JPEG
    if b"%PDF-" in head:
        return FileKind.PDF
    return None


def decode_pages(path: Path, limits: Settings) -> Iterator[PageImage]:
    """The pages of a file, decoded one at a time as they are asked for.

    A PDF page that is just one image is that image, untouched; a born-digital page is drawn
    at 200 dpi and brings its text layer. Numbers of pages and pixels are checked before
    anything of that size is allocated.

    Raises:
        DocumentError: at the first page that cannot be had; what came before is then not the
            whole document.
    """
    kind = sniff(path)
    size = path.stat().st_size
    if size > limits.max_bytes:
        raise DocumentError(
            RejectReason.TOO_LARGE,
            f"{size:,} bytes, more than the {limits.max_bytes:,} allowed "
            "(TAXLIFT_MAX_BYTES); deliver it in parts",
            file=path.name,
        )
    if kind is FileKind.PDF:
        yield from decode_pdf(path, limits)
    else:
        yield from decode_image(path, limits)

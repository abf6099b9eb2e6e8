"""Files as scanners deliver them: CCITT G4 TIFF, image-only PDF, PNG and JPEG.

The same pages give the same bytes: no dates, no random identifiers.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import img2pdf
import numpy as np
from PIL import Image

from benchmarks.samples.scanner import ScannedPage

CONTAINERS = ("tiff-g4", "pdf", "png", "jpg")
SUFFIXES = {"tiff-g4": ".tif", "pdf": ".pdf", "png": ".png", "jpg": ".jpg"}
JPEG_QUALITY = 80


def _as_image(page: ScannedPage) -> Image.Image:
    if page.bitonal:
        return Image.fromarray(page.image > 127)
    return Image.fromarray(page.image)


def _encode_for_pdf(page: ScannedPage) -> bytes:
    """A JPEG or a G4 TIFF of one page: both go into a PDF as they are."""
    buffer = io.BytesIO()
    if page.bitonal:
        _as_image(page).save(buffer, "TIFF", compression="group4", dpi=page.resolution)
    else:
        _as_image(page).save(buffer, "JPEG", quality=JPEG_QUALITY, dpi=_whole(page))
    return buffer.getvalue()


def _whole(page: ScannedPage) -> tuple[int, int]:
    """JFIF knows whole dots an inch only."""
    across, down = page.resolution
    return round(across), round(down)


def _write_tiff(pages: Sequence[ScannedPage], path: Path) -> None:
    """Bitonal pages as CCITT G4, gray ones as JPEG within the TIFF, each with its own dpi."""
    images = []
    for page in pages:
        image = _as_image(page)
        how = {"compression": "group4"} if page.bitonal else {"compression": "jpeg"}
        image.encoderinfo = {**how, "dpi": page.resolution}
        if not page.bitonal:
            image.encoderinfo["quality"] = JPEG_QUALITY
        images.append(image)
    # The first page's settings are Pillow's defaults for the others, and G4 refuses a quality:
    # a file of both kinds has Pillow's own quality.
    gray = [page for page in pages if not page.bitonal]
    if gray and len(gray) < len(pages):
        for image in images:
            image.encoderinfo.pop("quality", None)
    first, rest = images[0], images[1:]
    first.save(path, "TIFF", save_all=True, append_images=rest, **first.encoderinfo)


def _write_pdf(pages: Sequence[ScannedPage], path: Path) -> None:
    encoded = [_encode_for_pdf(page) for page in pages]
    made = img2pdf.convert(encoded, engine=img2pdf.Engine.internal, nodate=True)
    path.write_bytes(made)


def page_paths(count: int, path: Path, container: str) -> list[Path]:
    """Where `deliver` writes: one file, or one a page (`name-p1.png` …) for PNG and JPEG."""
    base = path.with_suffix(SUFFIXES[container])
    if container in ("tiff-g4", "pdf") or count == 1:
        return [base]
    return [base.with_name(f"{base.stem}-p{number}{base.suffix}") for number in range(1, count + 1)]


def deliver(pages: Sequence[ScannedPage], path: Path, container: str) -> Path:
    """Writes the pages to `path`, whose suffix becomes the container's.

    `tiff-g4` and `pdf` hold all pages; `png` and `jpg` are written one file a page
    (see `page_paths`).

    Returns:
        The file, or the first of them.

    Raises:
        ValueError: no pages, or an unknown container.
    """
    if container not in CONTAINERS:
        raise ValueError(f"container is one of {', '.join(CONTAINERS)}, not {container!r}")
    if not pages:
        raise ValueError("there are no pages to deliver")
    targets = page_paths(len(pages), path, container)
    if container == "tiff-g4":
        _write_tiff(pages, targets[0])
    elif container == "pdf":
        _write_pdf(pages, targets[0])
    else:
        for page, target in zip(pages, targets, strict=True):
            if container == "png":
                _as_image(page).save(target, "PNG", dpi=page.resolution, compress_level=4)
            else:
                gray = Image.fromarray(np.ascontiguousarray(page.image))
                gray.save(target, "JPEG", quality=JPEG_QUALITY, dpi=_whole(page))
    return targets[0]

"""Whether a PDF page is just one scanned image, and that image without drawing the page.

Drawing a scan means decoding, resampling and converting it; pulling the image out is several
times faster and gives the pixels as the scanner made them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pikepdf
from PIL import Image

from extractors.decode_image import check_pixels, guess_dpi, is_believable, to_gray
from extractors.page_image import Gray
from extractors.pdf_weight import filters, unpacked_size
from schemas.settings import Settings

_SIMPLE = 1 << 20
"""Bytes: the content of a page that is one image is shorter, with recognised text or without."""
_COVERS = 0.7
"""Share of the page that the image must cover to be the page."""
_PAINTS = frozenset(
    ("f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "BI", "INLINE IMAGE", "EI")
)
_SHOWS_TEXT = frozenset(("Tj", "TJ", "'", '"'))
_INVISIBLE = 3
_ODD_SCALE = 1.01


@dataclass(frozen=True, slots=True)
class ScannedImage:
    """A page's one image, upright as a viewer would show it."""

    gray: Gray
    dpi: float | None


@dataclass(frozen=True, slots=True)
class _Placed:
    """An image on a page, with the matrix that its unit square is drawn by."""

    image: Any
    matrix: tuple[float, float, float, float, float, float]


def only_image(page: pikepdf.Page, file: str, number: int, limits: Settings) -> ScannedImage | None:
    """The image that the page is; none where the page has to be drawn.

    A scan with invisible recognised text over it is still a scan: that text is another
    program's guess. Form fields or notes over the image make it more than an image.

    Raises:
        DocumentError: the image has too many pixels.
    """
    if "/Annots" in page and any(_is_visible(one) for one in page.Annots):
        return None
    placed = _single_image(page)
    if placed is None:
        return None
    image = placed.image
    size = (int(image.get("/Width", 0)), int(image.get("/Height", 0)))
    check_pixels(size, file, number, limits)
    turns = _quarter_turns(placed.matrix)
    if turns is None or not _covers(page, placed.matrix):
        return None
    gray = _pixels(image, size)
    if gray is None:
        return None
    dpi = _resolution(placed.matrix, size, float(page.get("/UserUnit", 1)))
    gray = np.rot90(gray, -((turns + int(page.get("/Rotate", 0)) // 90) % 4))
    gray = np.ascontiguousarray(gray)
    return ScannedImage(gray, dpi if dpi and is_believable(dpi, gray) else guess_dpi(gray))


def _contents(page: pikepdf.Page) -> list[Any]:
    found = page.get("/Contents")
    if found is None:
        return []
    streams = list(found) if isinstance(found, pikepdf.Array) else [found]
    return [one for one in streams if isinstance(one, pikepdf.Stream)]


def _is_visible(annotation: Any) -> bool:
    return str(annotation.get("/Subtype", "")) not in ("/Link", "/Popup")


def _single_image(page: pikepdf.Page) -> _Placed | None:
    """The only thing that the page paints, if that is one image."""
    if sum(unpacked_size(one, _SIMPLE) for one in _contents(page)) > _SIMPLE:
        return None
    matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    stack: list[tuple[float, float, float, float, float, float]] = []
    text_mode, found = 0, None
    images: Any = page.resources.get("/XObject", {}) if "/Resources" in page else {}
    for instruction in pikepdf.parse_content_stream(page):
        operands, name = list(instruction.operands), str(instruction.operator)
        if name == "q":
            stack.append(matrix)
        elif name == "Q" and stack:
            matrix = stack.pop()
        elif name == "cm":
            matrix = _times(tuple(float(one) for one in operands), matrix)
        elif name == "Tr":
            text_mode = int(operands[0])
        elif name in _PAINTS or (name in _SHOWS_TEXT and text_mode != _INVISIBLE):
            return None
        elif name == "Do":
            image = images.get(str(operands[0]))
            if found is not None or image is None or image.get("/Subtype") != "/Image":
                return None
            found = _Placed(image, matrix)
    return found


def _times(
    first: tuple[float, ...], second: tuple[float, ...]
) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (
        a * g + b * i,
        a * h + b * j,
        c * g + d * i,
        c * h + d * j,
        e * g + f * i + k,
        e * h + f * j + m,
    )


def _quarter_turns(matrix: tuple[float, ...]) -> int | None:
    """Clockwise quarter turns by which the image is drawn; none where it leans or is mirrored."""
    a, b, c, d, *_ = matrix
    small = 1e-3 * max(abs(a), abs(b), abs(c), abs(d))
    if abs(b) <= small and abs(c) <= small:
        if a > 0 and d > 0:
            return 0
        return 2 if a < 0 and d < 0 else None
    if abs(a) <= small and abs(d) <= small:
        if b < 0 < c:
            return 1
        return 3 if c < 0 < b else None
    return None


def _covers(page: pikepdf.Page, matrix: tuple[float, ...]) -> bool:
    """Whether the image covers the visible page, and does not reach far beyond what is shown."""
    a, b, c, d, e, f = matrix
    left, right = sorted((e, e + a + c))
    low, high = sorted((f, f + b + d))
    x0, y0, x1, y1 = (float(one) for one in page.cropbox)
    x0, x1, y0, y1 = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
    shown = max(min(right, x1) - max(left, x0), 0) * max(min(high, y1) - max(low, y0), 0)
    sheet, whole = (x1 - x0) * (y1 - y0), (right - left) * (high - low)
    # An image cropped by the page is drawn, so that what the crop hides stays hidden.
    return sheet > 0 and whole > 0 and shown >= _COVERS * sheet and shown * _ODD_SCALE**2 >= whole


def _resolution(matrix: tuple[float, ...], size: tuple[int, int], user_unit: float) -> float | None:
    a, b, c, d, *_ = matrix
    wide, high = np.hypot(a, b) * user_unit / 72, np.hypot(c, d) * user_unit / 72
    if wide <= 0 or high <= 0:
        return None
    return float((size[0] / wide + size[1] / high) / 2)


def _pixels(image: Any, size: tuple[int, int]) -> Gray | None:
    """The image's gray pixels; none for what only a renderer should be trusted with."""
    if "/SMask" in image or "/Mask" in image or bool(image.get("/ImageMask", False)):
        return None
    packed_by = filters(image)
    bits = int(image.get("/BitsPerComponent", 8))
    inverted = _is_inverted(image)
    if inverted is None:
        return None
    if packed_by == ["/DCTDecode"] and _components(image) in (1, 3):
        picture = Image.open(io.BytesIO(bytes(image.read_raw_bytes())))
        if picture.size != size:
            return None
        # A JPEG knows nothing of the PDF's `/Decode`; pikepdf heeds it for the other kinds.
        gray = 255 - to_gray(picture) if inverted else to_gray(picture)
    elif _components(image) == 1 and packed_by in (["/FlateDecode"], ["/CCITTFaxDecode"], []):
        if bits not in (1, 8) or unpacked_size(image, 4 * size[0] * size[1] + 4096) > (
            2 * size[0] * size[1] + 4096
        ):
            return None
        gray = to_gray(pikepdf.PdfImage(image).as_pil_image())
    else:
        return None
    return np.asarray(gray, np.uint8) if gray.shape == (size[1], size[0]) else None


def _components(image: Any) -> int:
    """Colour channels of the plain colour spaces; 0 for all that need a renderer."""
    space = image.get("/ColorSpace")
    if isinstance(space, pikepdf.Array) and len(space) == 2 and str(space[0]) == "/ICCBased":
        channels = int(space[1].get("/N", 0))
        return channels if channels in (1, 3) else 0
    if isinstance(space, pikepdf.Array) and len(space) > 0:
        space = space[0]
    return {"/DeviceGray": 1, "/CalGray": 1, "/DeviceRGB": 3, "/CalRGB": 3}.get(str(space), 0)


def _is_inverted(image: Any) -> bool | None:
    """Whether `/Decode` turns black and white round; none for any other mapping."""
    decode = image.get("/Decode")
    if decode is None:
        return False
    pairs = [float(one) for one in decode]
    if all(one == index % 2 for index, one in enumerate(pairs)):
        return False
    return True if all(one == 1 - index % 2 for index, one in enumerate(pairs)) else None

"""Pages of TIFF, PNG and JPEG files, as gray pixels that are as wide as they are high."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

from extractors.page_image import Gray, PageImage
from schemas.errors import DocumentError, RejectReason
from schemas.settings import Settings

# Pillow warns on standard error of large and of damaged images; our own limits and errors decide.
warnings.filterwarnings("ignore", module=r"PIL\.")

_OBLONG = 1.15
"""Ratio of the resolutions from which pixels are made square: a standard fax has 204 × 98."""
_SHEETS = ((8.5, 11.0), (8.27, 11.69), (8.5, 14.0))
"""Inches: letter, A4, legal."""
_USUAL_DPI = (100, 150, 200, 240, 300, 400, 600)
_STRIPS = ((273, 279), (324, 325))
"""TIFF tags: where strips or tiles begin, and their lengths."""


def decode_image(path: Path, limits: Settings) -> Iterator[PageImage]:
    """The pages of an image file; several for a TIFF.

    Raises:
        DocumentError: damaged, cut off, or over a limit.
    """
    try:
        image = Image.open(path)
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path.name, 1, None, limits) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error) as error:
        raise DocumentError(
            RejectReason.TRUNCATED,
            "damaged or cut off: its directory of pages cannot be read; scan or copy it again",
            file=path.name,
        ) from error
    with image:
        count = _count_pages(image, path, limits)
        for index in range(count):
            yield _page(image, index, path, limits)


def _count_pages(image: Image.Image, path: Path, limits: Settings) -> int:
    """Number of pages, found by walking the directories; no further than the limit."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return 1
    count = 0
    while True:
        try:
            image.seek(count)
        except EOFError:
            return count
        except Image.DecompressionBombError as error:
            raise _too_many_pixels(path.name, count + 1, None, limits) from error
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, struct.error) as error:
            raise _cut_off(path.name, count + 1) from error
        count += 1
        if count > limits.max_pages:
            raise DocumentError(
                RejectReason.TOO_MANY_PAGES,
                f"more than the {limits.max_pages:,} pages allowed (TAXLIFT_MAX_PAGES); "
                "deliver it in parts",
                file=path.name,
            )


def _page(image: Image.Image, index: int, path: Path, limits: Settings) -> PageImage:
    number = index + 1
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            image.seek(index)
        check_pixels(image.size, path.name, number, limits)
        _check_strips(image, path, number)
        resolution = _resolution(image)
        image.load()
        # Pillow copies also what stands upright.
        lies = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
        upright = ImageOps.exif_transpose(image) if lies else image
        if upright.size != image.size:
            resolution = resolution[::-1]
        gray = to_gray(upright)
    except DocumentError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_many_pixels(path.name, number, image.size, limits) from error
    except MemoryError as error:
        raise _too_many_pixels(path.name, number, image.size, limits) from error
    except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, struct.error) as error:
        raise _cut_off(path.name, number) from error
    gray, dpi = with_square_pixels(gray, resolution, limits, path.name, number)
    return PageImage(number=number, gray=gray, dpi=dpi)


def _check_strips(image: Image.Image, path: Path, number: int) -> None:
    """Refuse a TIFF page whose data would lie beyond the end of the file.

    Some decoders fill what is missing with white: a return whose lower half is blank.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    size = path.stat().st_size
    for where, lengths in _STRIPS:
        starts, counts = image.tag_v2.get(where), image.tag_v2.get(lengths)
        if starts is None or counts is None:
            continue
        starts = starts if isinstance(starts, tuple) else (starts,)
        counts = counts if isinstance(counts, tuple) else (counts,)
        if any(start + length > size for start, length in zip(starts, counts, strict=False)):
            raise _cut_off(path.name, number)


def check_pixels(size: tuple[int, int], file: str, number: int, limits: Settings) -> None:
    """Refuse a page that would have too many pixels, before it has any."""
    if size[0] * size[1] > limits.max_pixels:
        raise _too_many_pixels(file, number, size, limits)
    if size[0] < 1 or size[1] < 1:
        raise DocumentError(
            RejectReason.UNREADABLE, "the page has no pixels; scan it again", file=file, page=number
        )


def to_gray(image: Image.Image) -> Gray:
    """Any image as gray; what is transparent shows white paper."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layered = image.convert("RGBA")
        sheet = Image.new("RGBA", layered.size, (255, 255, 255, 255))
        image = Image.alpha_composite(sheet, layered)
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        deep = np.asarray(image).astype(np.float32)
        top = 65535.0 if deep.max(initial=0) > 255 else 255.0
        return np.asarray(np.clip(deep * (255.0 / top), 0, 255), np.uint8)
    return np.asarray(image if image.mode == "L" else image.convert("L"), np.uint8)


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Dots an inch across and down as the file says; zeros where it does not."""
    said = image.info.get("dpi") or (0, 0)
    try:
        across, down = float(said[0]), float(said[1])
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    ok = all(np.isfinite(one) and one > 0 for one in (across, down))
    return (across, down) if ok else (0.0, 0.0)


def with_square_pixels(
    gray: Gray, resolution: tuple[float, float], limits: Settings, file: str, number: int
) -> tuple[Gray, float | None]:
    """The page with pixels as wide as high, and its resolution if known or to be guessed.

    Slightly oblong pixels (a fine fax has 204 × 196) are left: registration takes them as
    they are, and boxes stay in the scan's own pixels.
    """
    across, down = resolution
    if across > 0 and down > 0 and max(across / down, down / across) > _OBLONG:
        finer = max(across, down)
        size = (
            max(round(gray.shape[1] * finer / across), 1),
            max(round(gray.shape[0] * finer / down), 1),
        )
        check_pixels(size, file, number, limits)
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        across = down = finer
    said = (across + down) / 2
    return gray, said if is_believable(said, gray) else guess_dpi(gray)


def is_believable(dpi: float, gray: Gray) -> bool:
    """Whether a resolution makes the page a sheet of paper: cameras say 72 of anything."""
    if not 60 <= dpi <= 1300:
        return False
    height, width = gray.shape
    return 4.0 <= min(height, width) / dpi <= 14.5 and max(height, width) / dpi <= 24.0


def guess_dpi(gray: Gray) -> float | None:
    """The usual resolution at which the page would be a sheet of a usual size, if any."""
    short, long = sorted(gray.shape)
    best: tuple[float, float] | None = None
    for dpi in _USUAL_DPI:
        for wide, high in _SHEETS:
            off = max(abs(short / dpi / wide - 1), abs(long / dpi / high - 1))
            if off < 0.04 and (best is None or off < best[0]):
                best = (off, float(dpi))
    return best[1] if best else None


def _cut_off(file: str, number: int) -> DocumentError:
    return DocumentError(
        RejectReason.TRUNCATED,
        "the page is damaged or cut off; scan it again or copy the file again",
        file=file,
        page=number,
    )


def _too_many_pixels(
    file: str, number: int, size: tuple[int, int] | None, limits: Settings
) -> DocumentError:
    what = f"{size[0]:,} × {size[1]:,} pixels" if size else "far too many pixels"
    return DocumentError(
        RejectReason.TOO_MANY_PIXELS,
        f"the page has {what}, more than the {limits.max_pixels:,} allowed "
        "(TAXLIFT_MAX_PIXELS); scan it at 300 dpi",
        file=file,
        page=number,
    )

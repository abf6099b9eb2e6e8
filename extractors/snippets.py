"""Cutting fields out of the scan as it was received, for people to look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2

from extractors.decode import decode_pages
from extractors.page_image import Gray
from schemas.errors import DocumentError
from schemas.readings import PixelBox
from schemas.settings import Settings

MARGIN = 8
"""Pixels of the scan shown around a field."""


def cut_snippets(
    path: Path, boxes: Sequence[tuple[int, PixelBox]], limits: Settings
) -> list[bytes | None]:
    """A PNG for each (page, box), in order; None where the page can no longer be decoded.

    Pages are decoded one at a time, and only as far as the last one that is needed.
    """
    found: list[bytes | None] = [None] * len(boxes)
    last = max((page for page, _ in boxes), default=0)
    try:
        for page in decode_pages(path, limits):
            for place, (number, box) in enumerate(boxes):
                if number == page.number:
                    found[place] = snippet_png(page.gray, box)
            if page.number >= last:
                break
    except DocumentError:
        # The archive's copy is damaged: the report says what it can without the picture.
        return found
    return found


def snippet_png(gray: Gray, box: PixelBox) -> bytes | None:
    """The box with a margin, as PNG; None where it lies off the page."""
    x0, y0, x1, y1 = box
    if x1 <= 0 or y1 <= 0:
        return None
    crop = gray[max(y0 - MARGIN, 0) : y1 + MARGIN, max(x0 - MARGIN, 0) : x1 + MARGIN]
    if not crop.size:
        return None
    done, data = cv2.imencode(".png", crop)
    return data.tobytes() if done else None

"""Pages to try identification, registration and lifting on: real blanks, written on and warped."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from extractors.areas import Area, FieldArea
from extractors.blank_page import BlankPage
from extractors.blank_shelf import blank_pages
from extractors.ground import Grounds, whole_ground
from extractors.identify import PageMatcher
from extractors.inkmap import turning
from extractors.page_image import PageImage
from schemas.department import Department
from schemas.packs import load_department


@lru_cache(maxsize=1)
def department() -> Department:
    """`us_irs` with a few of its forms: near twins among them."""
    whole = load_department("us_irs")
    years = (2021, 2022, 2023)
    wanted = {("form_1040", 2022)}
    wanted |= {(form, year) for form in ("schedule_3", "schedule_b") for year in years}
    return whole.model_copy(
        update={"forms": tuple(f for f in whole.forms if (f.form, f.year) in wanted)}
    )


@lru_cache(maxsize=1)
def blanks() -> tuple[BlankPage, ...]:
    return tuple(blank_pages(department(), Path(tempfile.mkdtemp())))


@lru_cache(maxsize=1)
def matcher() -> PageMatcher:
    return PageMatcher(blanks())


def blank(form: str, year: int, page: int = 1) -> BlankPage:
    for one in blanks():
        if (one.form, one.year, one.page.number) == (form, year, page):
            return one
    raise LookupError(f"{form} {year} page {page}")


def looked_at_whole(page: BlankPage) -> BlankPage:
    """The blank with its whole canvas for its only area: nothing of a page is left out."""
    ground = whole_ground(page.printed(), page.page.fields)
    height, width = page.canvas_shape
    area = Area(0, 0, width, height)
    whole = replace(page, ground_file=None)
    whole.__dict__["grounds"] = Grounds(
        ((FieldArea(area, area), ground),), ((area, ground.distance),)
    )
    return whole


def written_on(page: BlankPage, every: int = 3) -> np.ndarray:
    """The blank with digits in every third of its fields that are not marks."""
    gray = page.gray.copy()
    for index, one in enumerate(page.page.fields):
        if index % every == 0 and not one.kind.is_mark and not one.reserved:
            place = (int(one.box.x0 * 300 / 72) + 8, int(one.box.y1 * 300 / 72) - 8)
            cv2.putText(gray, "48260", place, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 30, 4, cv2.LINE_AA)
    return gray


def scanned(
    gray: np.ndarray,
    *,
    degrees: float = 0.0,
    dpi: int = 300,
    size: float = 1.0,
    strays: float = 0.0,
    turned: int = 0,
    bitonal: bool = False,
    noise: float = 2.0,
    seed: int = 1,
) -> tuple[PageImage, np.ndarray]:
    """A page through a scanner, and the true map from points to pixels of the scan."""
    rng = np.random.default_rng(seed)
    high, wide = gray.shape
    out = (round(wide * dpi / 300), round(high * dpi / 300))
    angle, scale = np.radians(degrees), size * dpi / 300
    turn = np.array(
        [
            [np.cos(angle) * scale, -np.sin(angle) * scale, out[0] / 2 + 9],
            [np.sin(angle) * scale, np.cos(angle) * scale, out[1] / 2 - 7],
            [0, 0, 1],
        ]
    )
    matrix = turn @ np.array([[1, 0, -wide / 2], [0, 1, -high / 2], [0, 0, 1.0]])
    if strays:
        corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
        moved = corners + rng.uniform(-strays, strays, (4, 2)).astype(np.float32) * wide
        matrix = matrix @ cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    soft = cv2.GaussianBlur(gray, (0, 0), 0.5 * 300 / dpi)
    image = cv2.warpPerspective(soft, matrix, out, borderValue=255).astype(np.float32)
    image = np.clip(image + rng.normal(0, noise, image.shape), 0, 255).astype(np.uint8)
    if bitonal:
        image = np.where(image < 150, 0, 255).astype(np.uint8)
    received = np.ascontiguousarray(np.rot90(image, turned // 90))
    upright = turning(received.shape[1], received.shape[0], turned)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    to_canvas = np.linalg.inv(half) @ np.diag([300 / 72, 300 / 72, 1.0])
    return PageImage(1, received, float(dpi)), half @ np.linalg.inv(upright) @ matrix @ to_canvas


def photograph(seed: int = 0, size: tuple[int, int] = (1200, 1600)) -> np.ndarray:
    """Something like a photo of a cat: soft shapes of all sizes, no print."""
    rng = np.random.default_rng(seed)
    image = np.zeros(size[::-1], np.float32)
    for octave in range(2, 9):
        small = rng.normal(0, 1, (2**octave, 2**octave)).astype(np.float32)
        image += cv2.resize(small, size, interpolation=cv2.INTER_CUBIC) / 1.6**octave
    image = (image - image.min()) / (image.max() - image.min())
    return (255 * image).astype(np.uint8)

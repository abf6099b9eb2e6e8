"""A blank page as the matcher needs it: reduced maps of its ink, and patches worth finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.areas import field_areas, strips
from extractors.ground import Grounds, make_grounds
from extractors.ground_file import load_grounds, store_grounds
from extractors.inkmap import darkness, ink_places, reduced
from extractors.page_image import CANVAS_DPI, Gray
from schemas.forms import PageDefinition

SHAPE_DPI = 20
"""For telling forms apart by their overall shape."""
COARSE_DPI = 75
FINE_DPI = 150


@dataclass(frozen=True, slots=True)
class Patch:
    """A small piece of a blank, at one of the reduced resolutions."""

    x: int
    y: int
    template: Gray


@dataclass(frozen=True, eq=False)
class BlankPage:
    """One page of one official blank, on its canvas; maps are made when first asked for."""

    form: str
    year: int
    page: PageDefinition
    render: Callable[[], Gray]
    """Draws the page at `CANVAS_DPI`."""
    render_with_fields: Callable[[], Gray] | None = None
    """Draws it with the borders and dividers of its empty form fields, if it has any."""
    stored: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Maps made earlier (`shape`, `coarse`, `fine`), the canvas's size and the places of patches,
    so that the page need not be drawn."""
    ground_file: Path | None = None
    """Where the ground around its fields is kept, or will be."""

    @property
    def key(self) -> str:
        return f"{self.form} {self.year} page {self.page.number}"

    @property
    def gray(self) -> Gray:
        """At `CANVAS_DPI`. Drawn anew or from the renderer's own store, never kept here."""
        return self.render()

    @cached_property
    def canvas_shape(self) -> tuple[int, int]:
        """Height and width of the canvas."""
        known = self.stored.get("canvas")
        height, width = self.gray.shape if known is None else known.tolist()
        return height, width

    @cached_property
    def shape_map(self) -> Gray:
        return self._ink_at("shape", SHAPE_DPI)

    @cached_property
    def coarse(self) -> Gray:
        return self._ink_at("coarse", COARSE_DPI)

    @cached_property
    def fine(self) -> Gray:
        return self._ink_at("fine", FINE_DPI)

    @cached_property
    def coarse_ink(self) -> NDArray[np.int32]:
        return ink_places(self.coarse)

    @cached_property
    def fine_ink(self) -> NDArray[np.int32]:
        return ink_places(self.fine)

    @cached_property
    def coarse_patches(self) -> tuple[Patch, ...]:
        return self._patches("coarse_places", self.coarse, size=(56, 40), grid=(5, 8))

    @cached_property
    def fine_patches(self) -> tuple[Patch, ...]:
        return self._patches("fine_places", self.fine, size=(72, 40), grid=(8, 12))

    @cached_property
    def grounds(self) -> Grounds:
        """The canvas where it is looked at on every page."""
        if self.ground_file is None:
            return make_grounds(self.printed(), self.page.fields)
        shape = self.canvas_shape
        kept = load_grounds(self.ground_file, field_areas(self.page.fields, shape), strips(shape))
        if kept is None:
            kept = make_grounds(self.printed(), self.page.fields)
            store_grounds(self.ground_file, kept)
        return kept

    def printed(self) -> Gray:
        """All ink that the form may have had before the filer came."""
        if self.render_with_fields is None:
            return self.gray
        full = self.render_with_fields()
        height, width = (
            min(one, other) for one, other in zip(self.gray.shape, full.shape, strict=True)
        )
        darker = self.gray.copy()
        darker[:height, :width] = np.minimum(darker[:height, :width], full[:height, :width])
        return darker

    def _patches(
        self, name: str, ink: Gray, size: tuple[int, int], grid: tuple[int, int]
    ) -> tuple[Patch, ...]:
        if name not in self.stored:
            return choose_patches(ink, size, grid)
        wide, high = size
        return tuple(
            Patch(x, y, ink[y : y + high, x : x + wide].copy())
            for x, y in self.stored[name].tolist()
        )

    def _ink_at(self, name: str, dpi: int) -> Gray:
        if name in self.stored:
            return self.stored[name]
        # Rendered sizes are rounded up: made whole, each reduced pixel is exactly `step` wide.
        step = CANVAS_DPI // dpi
        height, width = (side // step * step for side in self.gray.shape)
        small, _ = reduced(self.gray[:height, :width], 1 / step)
        return darkness(small, dpi)


def patch_places(patches: Sequence[Patch]) -> NDArray[np.int32]:
    """Where patches lie, a row each: their pixels are those of the map."""
    return np.array([(one.x, one.y) for one in patches], np.int32).reshape(-1, 2)


def texture(ink: Gray, size: tuple[int, int]) -> NDArray[np.float32]:
    """How well a patch with its centre there can be told from its shifts, in any direction.

    The smaller eigenvalue of the structure tensor: zero along a lone ruling.
    """
    dx = cv2.Sobel(ink, cv2.CV_32F, 1, 0, ksize=3)
    dy = cv2.Sobel(ink, cv2.CV_32F, 0, 1, ksize=3)
    xx, yy, xy = (cv2.boxFilter(product, -1, size) for product in (dx * dx, dy * dy, dx * dy))
    half = (xx + yy) / 2
    return np.asarray(half - np.sqrt(((xx - yy) / 2) ** 2 + xy * xy), np.float32)


def choose_patches(ink: Gray, size: tuple[int, int], grid: tuple[int, int]) -> tuple[Patch, ...]:
    """The best patch of each cell of a grid (columns, rows), leaving out cells without any."""
    wide, high = size
    height, width = ink.shape
    strength = texture(ink, size)
    enough = 0.1 * float(np.percentile(strength, 95))
    found = []
    for row in range(grid[1]):
        for column in range(grid[0]):
            left = max(column * width // grid[0], wide // 2)
            right = min((column + 1) * width // grid[0], width - wide // 2 - 1)
            top = max(row * height // grid[1], high // 2)
            bottom = min((row + 1) * height // grid[1], height - high // 2 - 1)
            if right <= left or bottom <= top:
                continue
            cell = strength[top:bottom, left:right]
            place = np.unravel_index(int(np.argmax(cell)), cell.shape)
            if cell[place] < enough or cell[place] <= 0:
                continue
            x, y = left + int(place[1]) - wide // 2, top + int(place[0]) - high // 2
            found.append(Patch(x, y, ink[y : y + high, x : x + wide].copy()))
    return tuple(found)

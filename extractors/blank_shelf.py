"""All blank pages of a department, ready to be matched, their reduced maps kept on disk.

Drawing every blank takes seconds; a command that reads one page should not wait for that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.blank_page import BlankPage, patch_places
from extractors.blanks import blank_path, render_blank
from extractors.ground_file import ground_file
from extractors.map_file import load_maps, store_maps
from extractors.page_image import Gray
from extractors.pdf_forms import draw_with_fields
from schemas.department import Department
from schemas.forms import FormDefinition, PageDefinition

_MAPS_VERSION = 4
"""Raised when the way maps are made changes: older files are then no longer looked at."""


_NAMES = ("shape", "coarse", "fine", "canvas", "coarse_places", "fine_places")


def default_cache() -> Path:
    """Where maps are kept: `TAXLIFT_CACHE`, else the user's cache folder."""
    chosen = os.environ.get("TAXLIFT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME")
    return Path(chosen) if chosen else (Path(base) if base else Path.home() / ".cache") / "taxlift"


def blank_pages(department: Department, cache: Path | None = None) -> list[BlankPage]:
    """Every page of every form of a department.

    Raises:
        BlankMissingError: a blank is missing or differs from its definition's.
    """
    cache = default_cache() if cache is None else cache
    pages = []
    for definition in department.forms:
        path = blank_path(definition.blank, department.folder)
        for page in definition.pages:
            render = partial(render_blank, definition, page.number, department.folder)
            maps = _maps(definition, page, render, cache)
            full = partial(draw_with_fields, path, page.number)
            shelf = ground_file(cache, definition.blank.sha256, page.number, page.fields)
            pages.append(
                BlankPage(definition.form, definition.year, page, render, full, maps, shelf)
            )
    return pages


def _maps(
    definition: FormDefinition, page: PageDefinition, render: Callable[[], Gray], cache: Path
) -> dict[str, NDArray[Any]]:
    """The page's reduced maps, from the cache if they are there."""
    file = cache / f"{_name(definition.blank.sha256, page.number)}.npz"
    maps = load_maps(file, _NAMES)
    if maps is None:
        made = BlankPage(definition.form, definition.year, page, render)
        maps = {
            "shape": made.shape_map,
            "coarse": made.coarse,
            "fine": made.fine,
            "canvas": np.array(made.canvas_shape, np.int32),
            "coarse_places": patch_places(made.coarse_patches),
            "fine_places": patch_places(made.fine_patches),
        }
        store_maps(file, maps)
    return maps


def _name(sha256: str, page: int) -> str:
    return hashlib.sha256(f"{sha256}:{page}:{_MAPS_VERSION}".encode()).hexdigest()[:32]

"""All blank pages of a department, ready to be matched, their reduced maps kept on disk.

Drawing every blank takes seconds; a command that reads one page should not wait for that.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from extractors.blank_page import BlankPage
from extractors.blanks import blank_path, render_blank
from extractors.page_image import Gray
from extractors.pdf_forms import draw_with_fields
from schemas.department import Department
from schemas.forms import FormDefinition, PageDefinition

_MAPS_VERSION = 3
"""Raised when the way maps are made changes: older files are then no longer looked at."""


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
            pages.append(BlankPage(definition.form, definition.year, page, render, full, maps))
    return pages


def _maps(
    definition: FormDefinition, page: PageDefinition, render: Callable[[], Gray], cache: Path
) -> dict[str, Gray]:
    """The page's reduced maps, from the cache if they are there."""
    file = cache / f"{_name(definition.blank.sha256, page.number)}.npz"
    maps = _load(file)
    if maps is None:
        made = BlankPage(definition.form, definition.year, page, render)
        maps = {"shape": made.shape_map, "coarse": made.coarse, "fine": made.fine}
        _store(file, maps)
    return maps


def _name(sha256: str, page: int) -> str:
    return hashlib.sha256(f"{sha256}:{page}:{_MAPS_VERSION}".encode()).hexdigest()[:32]


def _load(file: Path) -> dict[str, Gray] | None:
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in ("shape", "coarse", "fine")}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        # Not there, or cut off by a crash: made anew.
        return None


def _store(file: Path, maps: dict[str, Gray]) -> None:
    """Write whole or not at all. A cache that cannot be written costs time, nothing else."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as out:
                np.savez_compressed(
                    out, shape=maps["shape"], coarse=maps["coarse"], fine=maps["fine"]
                )
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

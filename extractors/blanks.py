"""The official empty forms: where they are on this machine, and what they look like.

A definition is bound to its blank by sha256: a form that the authority has reissued is
another form, and every box of the definition would be in doubt.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pypdfium2

from extractors.page_image import CANVAS_DPI, Gray
from extractors.pdfium import PDFIUM_LOCK
from schemas.errors import BlankMissingError
from schemas.forms import BlankReference, FormDefinition

_OURS = "taxlift"
_PAGES_KEPT = 16
"""Drawn pages held in memory: 8 MB each at 300 dpi, 50 ms to draw again."""


def blank_path(reference: BlankReference, folder: Path) -> Path:
    """The file of a blank, its bytes verified.

    `folder` is the department's; a blank without a package lies at `reference.path` below it.
    A packaged blank is found through the package's list of files: nothing of it is imported.

    Raises:
        BlankMissingError: package or file not there, or its bytes differ from the definition's.
    """
    package = reference.package
    path = _in_package(reference, package) if package else folder / reference.path
    if not path.is_file():
        raise BlankMissingError(_missing(reference, path))
    stat = path.stat()
    found = _sha256(path, stat.st_mtime_ns, stat.st_size)
    if found != reference.sha256:
        raise BlankMissingError(
            f"blank {path} differs from the one that the definition was made for "
            f"(sha256 {found[:12]}…, expected {reference.sha256[:12]}…). {_remedy(reference)}"
        )
    return path


def render_blank(
    definition: FormDefinition, page_number: int, folder: Path, dpi: int = CANVAS_DPI
) -> Gray:
    """One page of a blank as a gray image, without what viewers draw for its form fields.

    `page_number` counts from 1. The array is shared between callers and therefore read-only.

    Raises:
        BlankMissingError: see `blank_path`, or the blank has no such page.
    """
    path = blank_path(definition.blank, folder)
    return _render(path, definition.blank.sha256, page_number, dpi)


@lru_cache(maxsize=_PAGES_KEPT)
def _render(path: Path, sha256: str, page_number: int, dpi: int) -> Gray:
    # PDFium rounds sizes up: a hair less keeps 11 inches at 300 dpi from making 3301 pixels.
    scale = dpi / 72 * (1 - 1e-9)
    with PDFIUM_LOCK:
        document = pypdfium2.PdfDocument(path)
        try:
            if not 1 <= page_number <= len(document):
                raise BlankMissingError(f"blank {path} has no page {page_number}")
            bitmap = document[page_number - 1].render(
                scale=scale, grayscale=True, may_draw_forms=False, draw_annots=False
            )
            gray: Gray = np.ascontiguousarray(bitmap.to_numpy().squeeze()).copy()
        finally:
            document.close()
    gray.setflags(write=False)
    return gray


@lru_cache(maxsize=256)
def _sha256(path: Path, modified: int, size: int) -> str:
    """Hash of a file's bytes; time and size are there for the cache to notice a change."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@lru_cache(maxsize=256)
def _packaged(package: str, path: str) -> Path | None:
    """Where an installed package keeps a file; none where it has no such file.

    Raises:
        PackageNotFoundError: the package is not installed (not remembered, so that installing
            it helps a process that is running).
    """
    for file in importlib.metadata.distribution(package).files or ():
        if file.as_posix() == path:
            return Path(str(file.locate()))
    return None


def _in_package(reference: BlankReference, package: str) -> Path:
    try:
        found = _packaged(package, reference.path)
    except importlib.metadata.PackageNotFoundError as error:
        raise BlankMissingError(
            f"blank {reference.path} comes with the package {package}, which is not installed. "
            f"{_remedy(reference)}"
        ) from error
    if found is None:
        version = importlib.metadata.version(package)
        raise BlankMissingError(
            f"the installed {package} {version} has no file {reference.path}. {_remedy(reference)}"
        )
    return found


def _missing(reference: BlankReference, path: Path) -> str:
    return f"blank {path} is not there. {_remedy(reference)}"


def _remedy(reference: BlankReference) -> str:
    if reference.package is None:
        return "Put the official form back, or make a definition for the new one."
    return f"Install it: pip install --force-reinstall {_requirement(reference.package)}"


def _requirement(package: str) -> str:
    """The package with the version that taxlift is made for: `habutax==0.2.1`."""
    try:
        required = importlib.metadata.requires(_OURS) or []
    except importlib.metadata.PackageNotFoundError:
        required = []
    for line in required:
        if re.match(rf"{re.escape(package)}\b", line, flags=re.IGNORECASE):
            return line.split(";")[0].strip().replace(" ", "")
    return package

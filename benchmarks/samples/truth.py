"""`truth.jsonl`: what really is on every page of a sample. One line a file; docs/samples.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.samples.returns_mistakes import MistakeKind
from schemas.forms import FieldKind, Frozen

TRUTH_FILE = "truth.jsonl"


class TruthField(Frozen):
    """One field of one page, filled or blank."""

    form: str
    year: int
    page: int
    """Page of the file, from 1."""
    form_page: int
    name: str
    line: str | None
    source_field: str | None
    kind: FieldKind
    value: str | bool | None
    """Canonical: plain decimal amounts, digits of identifiers, ISO dates; marks true or false;
    None where nothing is written."""
    as_written: str | bool | None
    filled: bool
    manner: str | None = None
    """How a mark was made; `struck_out` where something was taken back in this field."""


class TruthPage(Frozen):
    """Which form page a page of the file shows, and how it lies there."""

    page: int
    form: str
    year: int
    form_page: int
    turned: int
    """Degrees by which the sheet was turned when it was fed: 0 or 180."""
    look: str
    """`office`, `flatbed`, `fax`, `microfilm`, or `digital` for a page that was never paper."""
    bitonal: bool
    dpi: tuple[float, float]
    matrix: tuple[tuple[float, float, float], ...]
    """3×3 homography from points on the blank (origin top left) to pixels of the page; for a
    born-digital page, of its rendering at 200 dpi."""


class TruthMistake(Frozen):
    """A mistake of the filer's own: to be loaded as filed and found by a rule."""

    kind: MistakeKind
    family: str
    """Category of the rules that it should trip."""
    form: str
    line: str | None
    names: tuple[str, ...]
    right: str | None
    written: str | None


class TruthDocument(Frozen):
    """One file of a sample."""

    file: str
    """Relative to the folder of `truth.jsonl`."""
    sha256: str
    return_id: str
    """`ret-0007`; several files share it where each holds one page."""
    tax_year: int
    container: str
    """tiff-g4, pdf, png, jpg; pdf-form (fillable) and pdf-text (flattened) for born-digital."""
    ink: str
    """hand, typed, or digital."""
    quality: str
    hand: str
    """Who or what wrote: the font, or the writer among the glyphs."""
    mistakes: tuple[TruthMistake, ...]
    pages: tuple[TruthPage, ...]
    fields: tuple[TruthField, ...]


def read_truth(path: Path) -> Iterator[TruthDocument]:
    """The lines of a `truth.jsonl`, given the file or the sample's folder."""
    file = path / TRUTH_FILE if path.is_dir() else path
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield TruthDocument.model_validate_json(line)


def hash_file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

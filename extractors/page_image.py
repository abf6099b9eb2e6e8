"""What passes between the stages of extraction: pages, lifted ink, field images."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.forms import Box, FieldDefinition
from schemas.readings import PixelBox

Gray = NDArray[np.uint8]
"""Height × width, 0 black to 255 white."""

CANVAS_DPI = 300
"""Resolution onto which registered pages are warped; one point is 300/72 pixels."""

CANVAS_SCALE = CANVAS_DPI / 72


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a PDF's text layer, its box in points from the top left."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class TextLayer:
    """What a born-digital PDF page says of itself."""

    width: float
    height: float
    words: tuple[Word, ...]
    acroform: dict[str, str | bool]
    """Full field name → value, for the widgets of this page; True where a box is marked."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as scanned."""

    number: int
    """From 1, in the document."""
    gray: Gray
    dpi: float | None = None
    layer: TextLayer | None = None


@dataclass(frozen=True, slots=True)
class Registration:
    """Where the blank lies on the scan."""

    matrix: NDArray[np.float64]
    """3×3 homography from points on the blank to pixels of the scan as received."""
    score: float
    """0 to 1; refused below the department's limit."""
    residual_px: float
    """Median distance of matched points, in pixels at 300 dpi."""
    turned: int = 0


@dataclass(frozen=True, slots=True)
class LiftedPage:
    """A page mapped on its blank's canvas (`CANVAS_DPI`), before and after the form is removed."""

    registered: Gray
    """The scan, warped; same size as the blank's canvas."""
    ink: Gray
    """The same with the blank's own ink and its background made white: what the filer wrote."""
    registration: Registration


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another field's box that reaches into a crop; left, top, right, bottom in its pixels."""

    box: tuple[int, int, int, int]
    is_mark: bool


@dataclass(frozen=True, slots=True, eq=False)
class FieldImage:
    """One field cut from a lifted page, with a margin around its box."""

    definition: FieldDefinition
    registered: Gray
    ink: Gray
    inner: tuple[int, int, int, int]
    """The box itself within the crop: left, top, right, bottom in canvas pixels."""
    bbox: PixelBox
    """The box in the scan's own pixels."""
    layer: TextLayer | None = None
    neighbours: tuple[Neighbour, ...] = ()
    """Boxes of the page's other fields in this crop; known for checkboxes and choices."""
    known: dict[str, object] = field(default_factory=dict, init=False, repr=False)
    """What was worked out from this image before, by name: the reader and every engine want it."""

"""What ink of a field's crop is the filer's and belongs to this field, and was it printed.

Works on connected strokes of the lifted crop, where the form itself is already removed. Left
over may be: specks of the scanner, residue of ruling lines and comb ticks, and strokes of the
neighbouring fields that reach into the crop's margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.inkmap import percentile
from extractors.page_image import FieldImage, Gray
from schemas.forms import Box, FieldKind

_DARK_AT_MOST = 190
"""Threshold of ink is Otsu's, kept between these: lifted paper is near 255."""
_DARK_AT_LEAST = 120
_SPECK_AREA = 6
"""Pixels at 300 dpi; a point of a pen or of 10-point type has 12 and more."""
_THIN = 5
"""Thickness in pixels up to which a straight line may be residue of a ruling."""
_TALL = 13
"""Pixels; a stroke of at least this height is writing (small letters of 8-point type: 15)."""
_POINT_AREA = 6
_POINT_MOST = 11
"""Pixels; a decimal point is no wider or higher than this."""
_POINT_CLEAR = 4
"""Pixels between a point and the box's lower edge: nearer lies the ruling's rough edge."""
_DASH_WIDTH = 10
_DASH_AREA = 36


_PEPPER = 7
"""Specks in one box from which it is peppered."""
_SCATTERED = 0.18
"""Standard deviation of the specks' places in sides of the box: 0.29 if they are anywhere."""
_ABOVE_PEPPER = 22
"""Pixels of height that specks run together seldom have; capitals of 8-point type: 23."""
_SURELY_WRITTEN = 24
"""Pixels of height that no stain has to be feared to have."""
_FEWEST_WRITTEN = 4
_MOST_STAINS = 3
"""More small strokes in one box are a word in thin small writing."""
_FAINT = 0.7
"""Grain of microfilm measured at 0.55 to 0.67 of the depth of its page's writing."""
_PAPER_REACH = 31
"""Pixels around a pixel of which less than half is ink, in writing of any size."""
_LIGHTER = 16
"""Percentile that is a deviation lighter than the middle."""
_SMOOTH = 3.0
"""Deviation of gray levels of a paper without grain worth the name."""
_FEW_LIGHTER = 0.08
"""Share of a field's pixels; of grain worth the name a quarter is two levels and more lighter
than the middle, and an eighth where a tint covers half of the field."""
_ABOVE_GRAIN = 4.0
"""Deviations of the paper's grain from which a pixel is ink for sure."""
_LEAST_CORE = 12
"""Such pixels in a stroke; faint writing on poor microfilm measured at 20 and more."""


@dataclass(frozen=True, slots=True)
class Stroke:
    """One connected piece of ink; pixels of the crop."""

    label: int
    left: int
    top: int
    width: int
    height: int
    area: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


@dataclass(frozen=True, slots=True, eq=False)
class FieldInk:
    """The ink of one field."""

    present: bool
    strokes: tuple[Stroke, ...]
    """Those that belong to the field, from left to right."""
    line: Gray
    """The crop trimmed to the field's own ink, all else white; 0 × 0 where there is none."""
    left: int
    """Column of the crop at which `line` begins."""
    depth: float
    """How dark it is: median of 255 less the gray level over its pixels; 0 where there is none."""
    doubt: float
    """0 sure, 1 a toss: how near the ink is to what is still taken for residue."""


NO_INK = FieldInk(False, (), np.empty((0, 0), np.uint8), 0, 0.0, 0.0)


def find_ink(image: FieldImage) -> FieldInk:
    """The field's own ink in its lifted crop; looked for once an image, however many ask."""
    known = image.known.get("ink")
    if isinstance(known, FieldInk):
        return known
    found = _find_ink(image)
    found.line.setflags(write=False)
    image.known["ink"] = found
    return found


def _find_ink(image: FieldImage) -> FieldInk:
    # Most fields of most pages are empty.
    if int(image.ink.min(initial=255)) > _DARK_AT_MOST:
        return NO_INK
    gray = with_points(image) if image.definition.kind is FieldKind.AMOUNT else image.ink
    mask = gray <= ink_threshold(gray)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    inner = Box(*image.inner)
    strokes = [
        Stroke(label, *(int(v) for v in stats[label]))
        for label in range(1, count)
        if stats[label][4] >= _SPECK_AREA
    ]
    own = [
        s for s in strokes if _belongs(s, inner, gray.shape[0]) and not _is_residue(s, image, inner)
    ]
    own = _without_strays(own, inner)
    written = [s for s in own if _is_writing(s)]
    if _is_peppered(np.asarray(stats[1:]), inner) and not any(
        s.height >= _ABOVE_PEPPER for s in written
    ):
        written = []
    written = _above_grain(written, np.asarray(labels, np.int32), image.registered)
    if not written:
        doubt = min(sum(s.area for s in own) / 60.0, 1.0)
        return replace(NO_INK, doubt=doubt)
    own.sort(key=lambda s: s.left)
    strength = max(max(s.height / _TALL, s.width / _DASH_WIDTH / 1.2) for s in written)
    line, left = _cut(gray, np.asarray(labels, np.int32), own)
    depth = 255 - percentile(line[line < _DARK_AT_MOST], 50)
    return FieldInk(True, tuple(own), line, left, depth, float(np.clip(2.0 - strength, 0.0, 1.0)))


def _above_grain(
    written: list[Stroke], labels: NDArray[np.int32], registered: Gray
) -> list[Stroke]:
    """Those strokes that stand out of the grain of the paper around them.

    Grain is as large as letters where its darkest places run together, but a stroke is dark
    along its whole length. The grain is measured where it is lighter than the paper: there is
    no ink in that.
    """
    if not written:
        return written
    sample = np.ascontiguousarray(registered[::2, ::2])
    if _is_surely_smooth(sample):
        return written
    # Of every second pixel: the middle of a quarter of them is the same, and soon found.
    paper = cv2.medianBlur(sample, _PAPER_REACH // 2)
    grain = -float(np.percentile(paper.astype(np.int16) - sample, _LIGHTER))
    if grain < _SMOOTH:
        return written
    height, width = registered.shape
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    core = paper.astype(np.int16) - registered >= _ABOVE_GRAIN * grain
    found = []
    for stroke in written:
        there = np.s_[stroke.top : stroke.bottom, stroke.left : stroke.right]
        inked = core[there] & (labels[there] == stroke.label)
        rows, columns = np.flatnonzero(inked.any(1)), np.flatnonzero(inked.any(0))
        if rows.size == 0 or int(inked.sum()) < _LEAST_CORE:
            continue
        high, wide = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
        if high >= _TALL - 2 or wide >= _DASH_WIDTH - 1:
            found.append(stroke)
    return found


def _is_surely_smooth(sample: Gray) -> bool:
    """Whether hardly anything in a field is lighter than most of it: half its paper's grain is.

    Told from a histogram, a twentieth of the work of measuring the grain around each place.
    """
    up_to = np.cumsum(np.bincount(sample.ravel(), minlength=256))
    usual = int(np.searchsorted(up_to, up_to[-1] / 2))
    return int(up_to[-1] - up_to[min(usual + 1, 255)]) < _FEW_LIGHTER * int(up_to[-1])


def without_stains(inks: Mapping[int, FieldInk]) -> dict[int, FieldInk]:
    """A page's inks; what is small and far fainter than the page's writing counts as none.

    Grain of microfilm and stains of the paper are as large as letters, but a page is written
    with one pen.
    """
    written = [
        ink.depth
        for ink in inks.values()
        if sum(stroke.height >= _SURELY_WRITTEN for stroke in ink.strokes) >= 2
    ]
    if len(written) < _FEWEST_WRITTEN:
        return dict(inks)
    faint = _FAINT * float(np.median(written))
    return {
        field: replace(NO_INK, doubt=0.5)
        if ink.depth < faint
        and len(ink.strokes) <= _MOST_STAINS
        and all(s.height < _SURELY_WRITTEN for s in ink.strokes)
        else ink
        for field, ink in inks.items()
    }


def _is_peppered(stats: NDArray[np.integer[Any]], inner: Box) -> bool:
    """Whether the scan's threshold turned grain into specks of all sizes, all over the box."""
    small = stats[stats[:, cv2.CC_STAT_HEIGHT] < _TALL]
    x = small[:, cv2.CC_STAT_LEFT]
    y = small[:, cv2.CC_STAT_TOP]
    inside = (x >= inner.x0) & (x <= inner.x1) & (y >= inner.y0) & (y <= inner.y1)
    if int(inside.sum()) < _PEPPER:
        return False
    # Small letters stand on a line, specks anywhere.
    middles = y[inside] + small[inside, cv2.CC_STAT_HEIGHT] / 2
    if float(np.std(middles)) <= _SCATTERED * inner.height:
        return False
    # A number fallen to pieces lies together, specks from end to end.
    return float(np.std(x[inside])) > _SCATTERED * inner.width


def ink_threshold(gray: Gray) -> float:
    """Gray level up to which a pixel of a lifted crop is ink."""
    value, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return float(np.clip(value, _DARK_AT_LEAST, _DARK_AT_MOST))


def _belongs(stroke: Stroke, inner: Box, crop_height: int) -> bool:
    """Whether most of a stroke lies in the box; tall letters may rise and hang over a little."""
    x, y = stroke.middle
    rise = 0.12 * inner.height
    inside = inner.y0 - rise <= y <= inner.y1 + rise and inner.x0 - 4 <= x <= inner.x1 + 4
    if not inside or _hangs_in(stroke, inner, crop_height):
        return False
    box = Box(stroke.left, stroke.top, stroke.right, stroke.bottom)
    return inner.overlap(box) >= 0.45 * box.width * box.height


def _hangs_in(stroke: Stroke, inner: Box, crop_height: int) -> bool:
    """The visible end of a stroke of the field above or below, cut off by the crop's edge."""
    reach = 0.3 * inner.height
    from_above = stroke.top <= 0 and stroke.bottom <= inner.y0 + reach
    from_below = stroke.bottom >= crop_height and stroke.top >= inner.y1 - reach
    return from_above or from_below


def _is_residue(stroke: Stroke, image: FieldImage, inner: Box) -> bool:
    """Thin straight remains of the box's frame, of rulings and of comb ticks."""
    x, y = stroke.middle
    if stroke.height <= _THIN and stroke.width >= 4 * stroke.height:
        near_edge = min(abs(y - inner.y0), abs(y - inner.y1)) <= max(6.0, 0.12 * inner.height)
        return near_edge or stroke.width > 0.6 * inner.width
    if stroke.width <= _THIN and stroke.height >= 3 * stroke.width:
        # A 1 at the right edge is as thin, but lower than the box and free of its corners.
        spans = stroke.top <= inner.y0 + 3 and stroke.bottom >= inner.y1 - 3
        if spans and min(abs(x - inner.x0), abs(x - inner.x1)) <= 5:
            return True
        cells = image.definition.comb
        if cells:
            pitch = inner.width / cells
            at_tick = abs((x - inner.x0) - pitch * round((x - inner.x0) / pitch)) <= 3
            return at_tick and (spans or stroke.bottom >= inner.y1 - 3)
    return False


def _is_writing(stroke: Stroke) -> bool:
    if stroke.area < 24:
        return False
    dash = stroke.width >= _DASH_WIDTH and stroke.area >= _DASH_AREA
    return stroke.height >= _TALL or dash


def _without_strays(strokes: list[Stroke], inner: Box) -> list[Stroke]:
    """Drop specks far from the writing: they would be read as points and widen the line."""
    written = [s for s in strokes if _is_writing(s)]
    if not written:
        return strokes
    top, bottom = min(s.top for s in written), max(s.bottom for s in written)
    reach = 0.6 * max(bottom - top, 24)

    def near(stroke: Stroke) -> bool:
        if stroke.bottom < top - 3 or stroke.top > bottom + 0.25 * (bottom - top):
            return False
        gaps = [max(w.left - stroke.right, stroke.left - w.right, 0) for w in written]
        return min(gaps) <= reach

    return [s for s in strokes if _is_writing(s) or near(s)]


def with_points(image: FieldImage) -> Gray:
    """The lifted crop with the points that lifting took for dust or residue put back.

    A decimal point stands just above the box's ruling and can be three pixels wide; without
    it 12.50 would be 1250. Only what stands alone on the scan, low between taller strokes and
    clear of the box's edges, is taken for one.
    """
    seen = (image.ink < _DARK_AT_MOST).astype(np.uint8)
    _, _, found, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    inner = Box(*image.inner)
    tall = [s for s in found[1:] if s[3] >= _TALL and inner.y0 <= s[1] + s[3] / 2 <= inner.y1]
    if len(tall) < 2:
        return image.ink
    first, last = min(s[0] + s[2] for s in tall), max(s[0] for s in tall)
    top, bottom = min(s[1] for s in tall), max(s[1] + s[3] for s in tall)
    scan = image.registered
    dark = (scan < 0.65 * percentile(scan, 90)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    restored = image.ink.copy()
    for label, stat in enumerate(stats[1:], start=1):
        left, upper, wide, high, area = (int(v) for v in stat)
        compact = max(wide, high) <= _POINT_MOST and area >= max(_POINT_AREA, 0.5 * wide * high)
        between = first - 4 <= left and left + wide <= last + 4
        low = upper >= (top + bottom) / 2 and upper + high <= min(
            bottom + 5, inner.y1 - _POINT_CLEAR
        )
        there = np.s_[upper : upper + high, left : left + wide]
        if not (compact and between and low) or np.any(seen[there]):
            continue
        edge = np.s_[max(upper - 1, 0) : upper + high + 1, max(left - 1, 0) : left + wide + 1]
        piece = cv2.dilate((labels[edge] == label).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        restored[edge][piece] = scan[edge][piece]
    return restored


def _cut(gray: Gray, labels: NDArray[np.int32], strokes: Sequence[Stroke]) -> tuple[Gray, int]:
    """The rectangle around the strokes, with ink that is not theirs painted white."""
    left, top = min(s.left for s in strokes), min(s.top for s in strokes)
    right, bottom = max(s.right for s in strokes), max(s.bottom for s in strokes)
    height, width = gray.shape
    left, top = max(left - 2, 0), max(top - 2, 0)
    right, bottom = min(right + 2, width), min(bottom + 2, height)
    wanted = np.zeros(int(labels.max()) + 1, np.uint8)
    wanted[[s.label for s in strokes]] = 1
    part = wanted[labels[top:bottom, left:right]]
    # The soft edge of a stroke lies outside its thresholded component.
    soft = cv2.dilate(part, np.ones((5, 5), np.uint8))
    return np.where(soft > 0, gray[top:bottom, left:right], 255).astype(np.uint8), left

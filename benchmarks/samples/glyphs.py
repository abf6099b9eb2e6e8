"""Real handwritten characters for `--glyphs DIR`: loaded, cleaned, split by writers' sets.

`DIR` holds `digits.npz` (`X` uint8 n×28×28, ink bright; `Y` labels) and `characters.zip`
(folders `CAP_A`, `SMALL_a`, `DIGIT_0` of small photographs, pen on paper). Each is halved by
image, in a fixed order and before anything else is done, into `tuning` and `held_out`; every
fifth image of the tuning half is for `calibration`, the others are for `training`.
A third file, `more-digits.npz`, may add digits to each set (`benchmarks.samples.more_digits`).
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink_pen import MARGIN, REFERENCE_HEIGHT, Glyph, Mask, stroke_width, trim
from benchmarks.samples.more_digits import FILE, SETS
from schemas.errors import MissingProgramError

SHAPE_SIDE = 14
NEIGHBOURS = 10
_FOLDER = re.compile(r"(?:CAP|SMALL|DIGIT)_(.)$")
_LOOKALIKES = ("0oO", "1lIi", "5sS", "2zZ", "9gq", "6b", "uUvV")
DESCENDERS = "gjpqy"
SMALL_LETTERS = "aceimnorsuvwxz"
X_HEIGHT = 0.64
THICKEST = 0.34
"""A stroke wider than this share of the height is a blot, not a pen's."""
DESCENT = 0.34
BLOT = 0.24
"""The same for digits, which are drawn with other pens than their own."""
SQUEEZED = 0.41
"""Strokes this wide, as a share of the width of any digit but 1, leave nothing between them."""
LOOPS = {"0": 1, "6": 1, "8": 2, "9": 1}
FILLED = 0.15
"""A stroke this wide that leaves a digit without its loop has filled it; a finer left it open."""
THINNED = 1.6
"""A character is not drawn with a pen finer than its own by more than this."""
_FEWEST = 30
_FINER = 3
CALIBRATION_STEP = 5
"""One in so many images of the tuning half is kept from training, to calibrate on."""


@dataclass(frozen=True, slots=True, eq=False)
class RealGlyph:
    """One real character, trimmed to its ink, at the size in which it was digitised."""

    character: str
    ink: Mask
    """Coverage, 0 to 1, without margins."""
    slant: float
    """Lean to the right: x per unit of height."""
    shape: NDArray[np.float32]
    """The character blurred on a small square and flattened: for likeness."""
    pen: float
    """Width of its strokes, as a share of its height."""

    @property
    def aspect(self) -> float:
        return self.ink.shape[1] / self.ink.shape[0]


GlyphSet = Mapping[str, Sequence[RealGlyph]]


def measure_slant(ink: Mask) -> float:
    """Lean of the ink by its second moments, limited to what hands do."""
    moments = cv2.moments(ink)
    if moments["mu02"] < 1e-6:
        return 0.0
    return float(np.clip(-moments["mu11"] / moments["mu02"], -0.8, 0.8))


def _shape_of(ink: Mask) -> NDArray[np.float32]:
    height, width = ink.shape
    scale = (SHAPE_SIDE - 2) / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    square = np.zeros((SHAPE_SIDE, SHAPE_SIDE), np.float32)
    top, left = (SHAPE_SIDE - size[1]) // 2, (SHAPE_SIDE - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = small
    soft = cv2.GaussianBlur(square, (0, 0), 0.8)
    return (soft / max(float(np.linalg.norm(soft)), 1e-6)).ravel().astype(np.float32)


def _make(character: str, ink: Mask) -> RealGlyph | None:
    """The trimmed glyph, or None where there is hardly any ink."""
    rows = np.flatnonzero(ink.max(axis=1) > 0.4)
    columns = np.flatnonzero(ink.max(axis=0) > 0.4)
    if rows.size < 6 or columns.size < 1:
        return None
    cut = np.ascontiguousarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    pen = stroke_width(_enlarged(cut)) / (_FINER * cut.shape[0])
    return RealGlyph(character, cut, measure_slant(cut), _shape_of(cut), pen)


def _enlarged(ink: Mask) -> Mask:
    """Large enough to measure strokes of two pixels."""
    size = (ink.shape[1] * _FINER, ink.shape[0] * _FINER)
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC), np.float32)


def clean_photograph(gray: NDArray[np.uint8]) -> Mask | None:
    """Coverage of the pen in a small photograph; None where the character is cut off.

    The paper is what remains when the strokes are closed; bits of neighbouring characters
    at the edge are taken out.
    """
    image = gray.astype(np.float32)
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    depth = cv2.GaussianBlur(paper, (0, 0), 3) - image
    strongest = float(np.percentile(depth, 98.5))
    if strongest < 12:
        return None
    # The paler ends of a stroke belong to it: gain, after the paper's own grain is taken off.
    ink = np.clip((depth / strongest - 0.1) * 1.6, 0.0, 1.0).astype(np.float32)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink > 0.4).astype(np.uint8))
    height, width = ink.shape
    total = stats[1:, cv2.CC_STAT_AREA].sum()
    for label in range(1, count):
        left, top, wide, high, area = stats[label]
        at_edge = left <= 0 or top <= 0 or left + wide >= width or top + high >= height
        if at_edge and area > 0.25 * total:
            return None
        if at_edge or area < 3:
            ink[cv2.dilate((labels == label).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = 0
    return ink


def _family(character: str) -> str:
    """Characters that handwriting hardly tells apart share a family."""
    for family in _LOOKALIKES:
        if character in family:
            return family
    return character.lower()


def drop_mislabelled(glyphs: Sequence[RealGlyph]) -> list[RealGlyph]:
    """The glyphs of whose nearest neighbours by shape enough bear their label.

    A photograph in the wrong folder would make a wrong truth. Of a character with few
    photographs one neighbour is enough, else hardly any would remain.
    """
    if len(glyphs) <= NEIGHBOURS:
        return list(glyphs)
    shapes = np.stack([glyph.shape for glyph in glyphs])
    likeness = shapes @ shapes.T
    np.fill_diagonal(likeness, -1.0)
    nearest = np.argpartition(-likeness, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    families = [_family(glyph.character) for glyph in glyphs]
    sizes = Counter(families)
    kept = []
    for index, glyph in enumerate(glyphs):
        own = families[index]
        among = Counter(families[other] for other in nearest[index])
        rival = max((n for family, n in among.items() if family != own), default=0)
        # Of a common character, one whose neighbours are mostly another's is that other's twin.
        common = sizes[own] >= 20
        if among[own] >= (2 if common else 1) and (not common or 2 * among[own] >= rival):
            kept.append(glyph)
    return kept


def share_of(count: int, writers: Writers) -> list[int]:
    """Which of `count` images in their fixed order belong to these writers."""
    everyone, middle = range(count), count // 2
    match writers:
        case Writers.ALL:
            return list(everyone)
        case Writers.HELD_OUT:
            return list(everyone[middle:])
        case Writers.TUNING:
            return list(everyone[:middle])
        case Writers.CALIBRATION:
            return list(everyone[CALIBRATION_STEP - 1 : middle : CALIBRATION_STEP])
        case Writers.TRAINING:
            others = share_of(count, Writers.CALIBRATION)
            return [index for index in everyone[:middle] if index not in others]


def is_blot(glyph: RealGlyph) -> bool:
    """Whether a thick pen closed what makes the digit that digit.

    A 9 whose loop is filled is read by its thickness. Drawn again with a finer pen it is a 7, and
    its truth would be false.
    """
    if glyph.pen > BLOT or (glyph.character != "1" and glyph.pen > SQUEEZED * glyph.aspect):
        return True
    wanted = LOOPS.get(glyph.character, 0)
    if not wanted or glyph.pen <= FILLED:
        return False
    fine = _enlarged(glyph.ink)
    paper = np.pad((fine < 0.5).astype(np.uint8), 1, constant_values=1)
    count, _, stats, _ = cv2.connectedComponentsWithStats(paper, connectivity=4)
    loops = sum(int(stats[label, cv2.CC_STAT_AREA]) >= 9 for label in range(1, count)) - 1
    return loops < wanted


def _load_digits(path: Path, writers: Writers) -> dict[str, list[RealGlyph]]:
    with np.load(path, allow_pickle=False) as data:
        images, labels = data["X"], data["Y"]
    found: dict[str, list[RealGlyph]] = {}
    for label in range(10):  # halved digit by digit: the file may be sorted by label
        of_label = np.flatnonzero(labels == label)
        chosen = of_label[share_of(len(of_label), writers)]
        found[str(label)] = _digit_glyphs(str(label), images[chosen])
    return found


def _digit_glyphs(label: str, images: NDArray[np.uint8]) -> list[RealGlyph]:
    made = (_make(label, image.astype(np.float32) / 255.0) for image in images)
    return [glyph for glyph in made if glyph is not None and not is_blot(glyph)]


def _load_more_digits(path: Path, writers: Writers) -> dict[str, list[RealGlyph]]:
    with np.load(path, allow_pickle=False) as data:
        images, labels, sets = data["X"], data["Y"], data["S"]
    wanted = [n for n, one in enumerate(SETS) if writers in (one, one.half, Writers.ALL)]
    ours = np.isin(sets, wanted)
    return {
        str(label): _digit_glyphs(str(label), images[ours & (labels == label)])
        for label in range(10)
    }


def _load_characters(path: Path, writers: Writers) -> list[RealGlyph]:
    # What is mislabelled shows among many: cleaned as a half, which is then divided.
    found: list[RealGlyph] = []
    wanted: set[RealGlyph] = set()
    with zipfile.ZipFile(path) as archive:
        by_folder: dict[str, list[str]] = {}
        for name in sorted(archive.namelist()):
            if name.lower().endswith(".png"):
                by_folder.setdefault(name.rsplit("/", 1)[0], []).append(name)
        for folder, names in by_folder.items():
            match = _FOLDER.search(folder)
            if match is None:
                continue
            share = set(share_of(len(names), writers))
            for index in share_of(len(names), writers.half):
                raw = np.frombuffer(archive.read(names[index]), np.uint8)
                gray = cv2.imdecode(raw, cv2.IMREAD_GRAYSCALE)
                ink = None if gray is None else clean_photograph(gray.astype(np.uint8))
                glyph = None if ink is None else _make(match.group(1), ink)
                if glyph is not None and stroke_width(glyph.ink) < THICKEST * glyph.ink.shape[0]:
                    found.append(glyph)
                    wanted.update([glyph] if index in share else [])
    return [glyph for glyph in drop_mislabelled(found) if glyph in wanted]


@lru_cache(maxsize=4)
def load_glyphs(folder: Path, writers: Writers = Writers.TUNING) -> GlyphSet:
    """Real characters by character, of the share that these writers stand for.

    Raises:
        MissingProgramError: the folder lacks one of the two files, or a file is damaged.
    """
    digits, characters = folder / "digits.npz", folder / "characters.zip"
    for path in (digits, characters):
        if not path.is_file():
            raise MissingProgramError(
                f"{folder} is no folder of real characters: it lacks {path.name}"
            )
    try:
        found = _load_digits(digits, writers)
        if (folder / FILE).is_file():
            for character, more in _load_more_digits(folder / FILE, writers).items():
                found[character] += more
        for glyph in _load_characters(characters, writers):
            found.setdefault(glyph.character, []).append(glyph)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise MissingProgramError(f"the real characters in {folder} cannot be read") from error
    return found


def choose_alike(
    candidates: Sequence[RealGlyph],
    slant: float,
    pen: float,
    count: int,
    rng: np.random.Generator,
) -> list[RealGlyph]:
    """`count` glyphs of one character as one writer might have made them.

    The first is drawn among those that lean as the writer does; the rest are its nearest
    neighbours by shape. None was made with a much thicker pen than the writer's, which is `pen`
    of the height wide: a 4 whose corner a marker filled is a 1 when a fine pen draws it.
    """
    by_pen = sorted(candidates, key=lambda glyph: glyph.pen)
    fine = bisect_right(by_pen, THINNED * pen, key=lambda glyph: glyph.pen)
    candidates = by_pen[: max(fine, min(_FEWEST, len(by_pen)))]
    lean = np.array([abs(glyph.slant - slant) for glyph in candidates])
    fitting = np.argsort(lean, kind="stable")[: max(count, len(candidates) // 3)]
    first = candidates[int(rng.choice(fitting))]
    likeness = np.array([float(glyph.shape @ first.shape) for glyph in candidates])
    order = np.argsort(-likeness, kind="stable")[:count]
    return [candidates[int(index)] for index in order]


def _vertical_extent(character: str) -> tuple[float, float]:
    """Height of the ink and how far it reaches below the baseline, in capital heights."""
    if character == "j":
        return 1.0 + DESCENT, DESCENT
    if character in DESCENDERS:
        return X_HEIGHT + DESCENT, DESCENT
    if character == "i":
        return 0.92, 0.0
    if character in SMALL_LETTERS:
        return X_HEIGHT, 0.0
    return 1.0, 0.0


def enlarge(glyph: RealGlyph, gap: float, rng: np.random.Generator) -> Glyph:
    """The real character smoothly brought to reference height, with `gap` pixels after it."""
    height, below = _vertical_extent(glyph.character)
    target = height * REFERENCE_HEIGHT * rng.normal(1.0, 0.03)
    scale = target / glyph.ink.shape[0]
    width = min(glyph.ink.shape[1] * scale, 1.35 * REFERENCE_HEIGHT)
    size = (max(2, round(width)), max(2, round(target)))
    padded = cv2.copyMakeBorder(glyph.ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0.0)
    extra = (round(2 * size[0] / glyph.ink.shape[1]), round(2 * scale))
    large = cv2.resize(
        padded, (size[0] + extra[0], size[1] + extra[1]), interpolation=cv2.INTER_CUBIC
    )
    large = cv2.GaussianBlur(np.pad(large, MARGIN), (0, 0), 0.45 * scale)
    # Blurring takes the peak off thin strokes; the gain keeps them above one half.
    mask = np.clip(1.6 * large, 0.0, 1.0).astype(np.float32)
    bottom = MARGIN + extra[1] / 2 + size[1]
    baseline = bottom - below * REFERENCE_HEIGHT
    return trim(mask, MARGIN + extra[0] / 2, baseline, size[0] + gap)

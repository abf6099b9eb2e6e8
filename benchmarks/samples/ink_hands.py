"""Hands: who or what writes. Each yields glyphs, and carries the habits that lay them out."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from string import ascii_lowercase

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from benchmarks.samples.fonts import Face, InstalledFont, Writers, find_fonts
from benchmarks.samples.glyphs import GlyphSet, choose_alike, enlarge, load_glyphs
from benchmarks.samples.ink_pen import (
    REFERENCE_HEIGHT,
    Glyph,
    bend,
    set_pen_width,
    stroke_width,
    trim,
)
from benchmarks.samples.ink_strokes import stroke_glyph
from benchmarks.samples.typing_standard import STANDARD_FACES, standard_glyphs
from schemas.errors import MissingProgramError

VARIANTS = 5
"""How many different drawings of a character a hand keeps."""

MARK_STYLES = ("cross", "tick", "filled", "slash", "scribble", "circled", "beside")
MARK_ODDS = (0.49, 0.27, 0.08, 0.06, 0.08, 0.015, 0.005)


@dataclass(frozen=True, slots=True)
class Habits:
    """How a hand lays out what it writes. Lengths in capital heights unless said otherwise."""

    capital: float
    """Height of a capital letter in canvas pixels (300 dpi)."""
    pen_width: float
    """Canvas pixels."""
    darkness: float
    """Opacity of the ink, 0 to 1."""
    pressure: float = 0.0
    """How much the darkness varies along a line, 0 to 1."""
    slant: float = 0.0
    """Shear added to all glyphs, to the right."""
    spacing: float = 1.0
    """Factor on advances."""
    spacing_jitter: float = 0.0
    touching: float = 0.0
    """Odds that a character runs into the one before it."""
    word_space: float = 0.55
    wobble: float = 0.0
    """Vertical jitter of single characters."""
    drift: float = 0.0
    """Radians by which a line of writing may climb or fall."""
    size_jitter: float = 0.0
    turn_jitter: float = 0.0
    """Radians by which single characters are turned."""
    lift: float = 0.22
    """Baseline above the box's bottom, as a share of the box's height."""
    pad: float = 5.0
    """Canvas pixels left free beside the box's edge."""
    amount_align: str = "right"
    """right, centre or loose."""
    mark_style: str = "cross"
    upper: bool = False
    small: bool = True
    """Whether small letters are written at all; e-mail addresses are in no others."""
    """Writes all in capitals."""
    offset: tuple[float, float] = (0.0, 0.0)
    """Shift of everything on a page, canvas pixels: paper inserted askew in the machine."""


@dataclass
class Hand(ABC):
    """Writes characters; the same character differs each time, as far as the hand varies."""

    name: str
    habits: Habits
    cache: dict[str, list[Glyph | None]] = field(default_factory=dict, repr=False)

    variants: int = VARIANTS
    is_typed: bool = False

    def glyph(self, character: str, rng: np.random.Generator) -> Glyph | None:
        """One drawing of the character; None where this hand cannot write it."""
        drawn = self.cache.setdefault(character, [])
        if len(drawn) < self.variants:
            drawn.append(self._draw_any(character, rng))
            return drawn[-1]
        return drawn[int(rng.integers(len(drawn)))]

    def _draw_any(self, character: str, rng: np.random.Generator) -> Glyph | None:
        """As drawn, or without its accent, or by single strokes."""
        glyph = self.draw(character, rng)
        if glyph is None:
            plain = unicodedata.normalize("NFKD", character)[:1]
            if plain != character:
                glyph = self.draw(plain, rng)
        return glyph or stroke_glyph(character, self.reference_pen, rng)

    @property
    def reference_pen(self) -> float:
        """The pen's width at the scale of masks."""
        return self.habits.pen_width * REFERENCE_HEIGHT / self.habits.capital

    @abstractmethod
    def draw(self, character: str, rng: np.random.Generator) -> Glyph | None: ...


@lru_cache(maxsize=32)
def _load_font(path: Path) -> tuple[ImageFont.FreeTypeFont, bytes]:
    """The font at the size that makes its H `REFERENCE_HEIGHT` high; its picture for "none"."""
    probe = ImageFont.truetype(str(path), 200)
    _, top, _, bottom = probe.getbbox("H", anchor="ls")
    size = 200 * REFERENCE_HEIGHT / max(bottom - top, 1)
    font = ImageFont.truetype(str(path), size)
    return font, bytes(font.getmask("\uffff"))


@lru_cache(maxsize=4096)
def _font_glyph(path: Path, character: str) -> Glyph | None:
    """The character as the font has it; None where it has none."""
    font, missing = _load_font(path)
    if character != " " and bytes(font.getmask(character)) == missing:
        return None
    left, top, right, bottom = (int(v) for v in font.getbbox(character, anchor="ls"))
    margin = 4
    shape = (max(bottom - top, 1) + 2 * margin, max(right - left, 1) + 2 * margin)
    image = Image.new("L", (shape[1], shape[0]), 0)
    origin, baseline = margin - left, margin - top
    ImageDraw.Draw(image).text((origin, baseline), character, font=font, fill=255, anchor="ls")
    mask = np.asarray(image, dtype=np.float32) / 255.0
    return trim(mask, origin, baseline, float(font.getlength(character)))


@dataclass
class FontHand(Hand):
    """A handwriting font, each letter bent anew and brought to the pen's width."""

    path: Path = Path()

    def draw(self, character: str, rng: np.random.Generator) -> Glyph | None:
        plain = _font_glyph(self.path, character)
        if plain is None:
            return None
        bent = bend(plain.mask, 1.3, rng)
        mask = set_pen_width(bent, self.reference_pen)
        return Glyph(mask, plain.origin, plain.baseline, plain.advance, plain.left, plain.right)


@dataclass
class GlyphHand(Hand):
    """Real characters, chosen alike in lean and shape so that they pass for one writer's."""

    glyphs: GlyphSet = field(default_factory=dict, repr=False)
    lean: float = 0.1
    gap: float = 0.2
    chosen: dict[str, list[Glyph]] = field(default_factory=dict, repr=False)

    def draw(self, character: str, rng: np.random.Generator) -> Glyph | None:
        candidates = self.glyphs.get(character)
        if not candidates:
            return None
        if character not in self.chosen:
            pen = self.habits.pen_width / self.habits.capital
            alike = choose_alike(candidates, self.lean, pen, self.variants, rng)
            gap = self.gap * REFERENCE_HEIGHT
            self.chosen[character] = [enlarge(real, gap, rng) for real in alike]
        drawn = self.chosen[character][int(rng.integers(len(self.chosen[character])))]
        mask = set_pen_width(bend(drawn.mask, 0.8, rng), self.reference_pen)
        return Glyph(mask, drawn.origin, drawn.baseline, drawn.advance, drawn.left, drawn.right)


@dataclass
class TypedHand(Hand):
    """A typewriter or a printer: every character the same but for ribbon and alignment."""

    path: Path | None = None
    standard: str | None = None
    """A standard face of PDF, instead of a font's path."""
    spare: Path | None = None
    """For characters that the first font lacks."""
    weight: float = 0.0
    """Pixels at reference height by which the strokes are fattened."""
    rough: float = 0.0
    is_typed: bool = True

    def draw(self, character: str, rng: np.random.Generator) -> Glyph | None:
        plain = None
        if self.standard is not None:
            plain = standard_glyphs(self.standard).get(character)
        elif self.path is not None:
            plain = _font_glyph(self.path, character)
        if plain is None and self.spare is not None:
            plain = _font_glyph(self.spare, character)
        if plain is None:
            return None
        mask = plain.mask
        if self.rough:
            mask = bend(mask, self.rough, rng)
        if self.weight:
            mask = set_pen_width(mask, stroke_width(mask) + self.weight)
        return Glyph(mask, plain.origin, plain.baseline, plain.advance, plain.left, plain.right)


def _pen_habits(rng: np.random.Generator, size: float = 1.0) -> Habits:
    """Habits of a person who fills in a form with a pen."""
    capital = float(np.clip(rng.normal(30.5, 3.0), 25, 37)) * size
    pen = rng.choice(
        ["ballpoint blue", "ballpoint black", "gel", "pencil"], p=[0.4, 0.34, 0.2, 0.06]
    )
    width, darkness, pressure = {
        "ballpoint blue": (rng.uniform(2.9, 4.0), rng.uniform(0.72, 0.85), 0.09),
        "ballpoint black": (rng.uniform(2.9, 4.0), rng.uniform(0.82, 0.94), 0.08),
        "gel": (rng.uniform(3.5, 4.8), rng.uniform(0.9, 0.98), 0.04),
        "pencil": (rng.uniform(3.2, 4.4), rng.uniform(0.62, 0.72), 0.13),
    }[str(pen)]
    return Habits(
        capital=capital,
        pen_width=float(width),
        darkness=float(darkness),
        pressure=pressure,
        slant=float(rng.normal(0.02, 0.05)),
        spacing=float(np.clip(rng.normal(1.0, 0.05), 0.9, 1.12)),
        spacing_jitter=0.035,
        touching=float(rng.uniform(0.01, 0.06)),
        word_space=float(rng.uniform(0.42, 0.7)),
        wobble=float(rng.uniform(0.015, 0.045)),
        drift=float(rng.uniform(0.003, 0.012)),
        size_jitter=float(rng.uniform(0.02, 0.05)),
        turn_jitter=0.025,
        lift=float(np.clip(rng.normal(0.22, 0.04), 0.12, 0.32)),
        pad=float(rng.choice([rng.uniform(0, 8), rng.uniform(6, 26)], p=[0.6, 0.4])),
        amount_align=str(rng.choice(["right", "centre", "loose"], p=[0.74, 0.08, 0.18])),
        mark_style=str(rng.choice(MARK_STYLES, p=MARK_ODDS)),
        upper=bool(rng.random() < 0.45),
    )


def _font_hand(rng: np.random.Generator, writers: Writers) -> FontHand:
    fonts = find_fonts(Face.PEN, writers)
    font = fonts[int(rng.integers(len(fonts)))]
    habits = _pen_habits(rng, font.known.typical_size)
    return FontHand(f"font:{font.known.file}", habits, path=font.path)


def _glyph_hand(rng: np.random.Generator, folder: Path, writers: Writers) -> GlyphHand:
    return GlyphHand(
        f"glyphs:{writers}",
        _pen_habits(rng),
        glyphs=load_glyphs(folder, writers),
        lean=float(rng.normal(0.1, 0.14)),
        gap=float(rng.uniform(0.14, 0.3)),
    )


def _fonts_if_any(face: Face) -> tuple[InstalledFont, ...]:
    try:
        return find_fonts(face)
    except MissingProgramError:
        return ()


def _typed_hand(rng: np.random.Generator) -> TypedHand:
    """A typewriter now and then, else a printer: the standard faces of PDF, or a font."""
    machines, lasers = _fonts_if_any(Face.TYPEWRITER), _fonts_if_any(Face.LASER)
    spare = lasers[0].path if lasers else None
    kind = rng.choice(["typewriter", "standard", "laser"], p=[0.25, 0.5, 0.25])
    if kind == "typewriter" and machines:
        font = machines[int(rng.integers(len(machines)))]
        habits = Habits(
            capital=float(rng.uniform(26, 29)),
            pen_width=4.0,
            darkness=float(rng.uniform(0.78, 0.95)),
            pressure=0.08,
            spacing_jitter=0.008,
            wobble=0.03,
            turn_jitter=0.012,
            lift=0.24,
            upper=bool(rng.random() < 0.5),
            offset=(float(rng.normal(0, 3)), float(rng.normal(0, 2.0))),
        )
        return TypedHand(
            f"typewriter:{font.known.file}",
            habits,
            path=font.path,
            spare=spare,
            weight=float(rng.uniform(-2.5, 0.5)),
            rough=0.5,
            variants=3,
        )
    habits = Habits(
        capital=float(rng.uniform(23, 28)),
        pen_width=4.0,
        darkness=float(rng.uniform(0.9, 1.0)),
        lift=float(rng.uniform(0.22, 0.3)),
        mark_style=str(rng.choice(["cross", "tick"])),
        upper=bool(rng.random() < 0.3),
        offset=(float(rng.normal(0, 1.5)), float(rng.normal(0, 1.0))),
    )
    if kind == "laser" and lasers:
        font = lasers[int(rng.integers(len(lasers)))]
        return TypedHand(
            f"laser:{font.known.file}", habits, path=font.path, spare=spare, variants=1
        )
    faces = list(STANDARD_FACES)
    face = str(rng.choice(faces, p=[0.35, 0.3, 0.2, 0.05, 0.1]))
    if face.startswith("Courier"):  # its capitals are low for its size
        habits = replace(habits, capital=0.86 * habits.capital)
    return TypedHand(f"laser:{face}", habits, standard=face, spare=spare, variants=1)


def make_hand(
    ink: str,
    rng: np.random.Generator,
    glyphs: Path | None = None,
    writers: Writers | str = Writers.TUNING,
) -> Hand:
    """Someone who fills in a return.

    `ink` is `hand`, `typed` or `mixed` (one of the two by chance). With `glyphs`, hands write
    with the real characters of that folder instead of handwriting fonts.

    Raises:
        ValueError: `ink` is something else.
        MissingProgramError: no font is installed, or the folder lacks its files.
    """
    if ink == "mixed":
        ink = "hand" if rng.random() < 0.5 else "typed"
    if ink == "typed":
        return _typed_hand(rng)
    if ink != "hand":
        raise ValueError(f"ink is hand, typed or mixed, not {ink!r}")
    if glyphs is not None:
        return _in_letters_it_has(_glyph_hand(rng, glyphs, Writers(writers)))
    return _font_hand(rng, Writers(writers))


def _in_letters_it_has(hand: GlyphHand) -> GlyphHand:
    """In capitals where a small letter is not among the characters: the calibration writers are
    few, and a word without the letters that a hand lacks is no word that anyone would write."""
    if not all(hand.glyphs.get(letter) for letter in ascii_lowercase):
        hand.habits = replace(hand.habits, upper=True, small=False)
    return hand

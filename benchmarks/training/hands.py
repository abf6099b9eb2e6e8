"""Hands to learn from: wider in every habit than those of the samples that taxlift is shown on.

Crossed sevens and zeros, ones with flag and foot, cents small and high, digits that run into
each other, forward and backward slants, small and large writing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink_hands import Hand, make_hand
from benchmarks.samples.ink_pen import REFERENCE_HEIGHT, Glyph, draw_strokes
from benchmarks.training.texts import SUPERSCRIPTS

_RAISED = 0.62
"""Height of superscript cents, in capitals."""


@dataclass
class VariedHand(Hand):
    """Another hand's characters, some of them in the manner of another country or school."""

    inner: Hand | None = None
    crosses: str = ""
    """Characters that get a stroke through them: of `07ZDz`."""
    footed: bool = False
    """Ones stand on a foot."""

    def draw(self, character: str, rng: np.random.Generator) -> Glyph | None:
        if self.inner is None:
            return None
        if character in SUPERSCRIPTS:
            plain = self.inner.glyph(str(SUPERSCRIPTS.index(character)), rng)
            return None if plain is None else _raised(plain)
        glyph = self.inner.glyph(character, rng)
        if glyph is None:
            return None
        if character in self.crosses:
            return _crossed(glyph, character, self.inner.reference_pen, rng)
        if character == "1" and self.footed:
            return _footed(glyph, self.inner.reference_pen, rng)
        return glyph


def _raised(glyph: Glyph) -> Glyph:
    height, width = glyph.mask.shape
    size = (max(round(width * _RAISED), 2), max(round(height * _RAISED), 2))
    small = cv2.resize(glyph.mask, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    rise = (1 - _RAISED) * REFERENCE_HEIGHT * 1.1
    return Glyph(
        np.clip(1.35 * small, 0, 1).astype(np.float32),
        glyph.origin * _RAISED,
        glyph.baseline * _RAISED + rise,
        glyph.advance * _RAISED,
        glyph.left * _RAISED,
        glyph.right * _RAISED,
    )


def _crossed(glyph: Glyph, character: str, pen: float, rng: np.random.Generator) -> Glyph:
    rows = np.flatnonzero(glyph.mask.max(axis=1) > 0.3)
    columns = np.flatnonzero(glyph.mask.max(axis=0) > 0.3)
    if rows.size < 8 or columns.size < 4:
        return glyph
    top, bottom, left, right = rows[0], rows[-1], columns[0], columns[-1]
    tall, wide = bottom - top, right - left
    if character == "0":
        ends = [
            (right - 0.08 * wide, top + rng.uniform(0.05, 0.2) * tall),
            (left + 0.1 * wide, bottom - rng.uniform(0.05, 0.2) * tall),
        ]
    else:
        y = top + rng.uniform(0.42, 0.6) * tall
        stem = left + 0.55 * wide
        ends = [
            (stem - rng.uniform(0.3, 0.5) * max(wide, 22), y + rng.normal(0, 1.5)),
            (stem + rng.uniform(0.25, 0.45) * max(wide, 22), y - rng.uniform(0, 4)),
        ]
    shape = (glyph.mask.shape[0], glyph.mask.shape[1])
    stroke = draw_strokes([np.array(ends)], shape, pen)
    return replace(glyph, mask=np.maximum(glyph.mask, stroke))


def _footed(glyph: Glyph, pen: float, rng: np.random.Generator) -> Glyph:
    rows = np.flatnonzero(glyph.mask.max(axis=1) > 0.3)
    if rows.size < 8:
        return glyph
    bottom = rows[-1] - 1
    foot = np.flatnonzero(glyph.mask[max(bottom - 3, 0) : bottom + 1].max(axis=0) > 0.3)
    if not foot.size:
        return glyph
    middle, half = float(foot.mean()), rng.uniform(9, 16)
    pad = 18
    mask = np.pad(glyph.mask, ((0, 0), (pad, pad)))
    ends = [(middle + pad - half, bottom + rng.normal(0, 1)), (middle + pad + half, bottom)]
    parts = [np.array(ends)]
    if rng.random() < 0.6:  # a flag at the head
        head = np.flatnonzero(glyph.mask[rows[0] : rows[0] + 4].max(axis=0) > 0.3)
        x = float(head.mean()) + pad if head.size else middle + pad
        reach = rng.uniform(8, 18)
        parts.append(np.array([(x, rows[0] + 1), (x - reach, rows[0] + reach * 0.9)]))
    stroke = draw_strokes(parts, (mask.shape[0], mask.shape[1]), pen)
    return Glyph(
        np.maximum(mask, stroke),
        glyph.origin + pad,
        glyph.baseline,
        max(glyph.advance, 2 * half + 6),
        min(glyph.left, middle - half - glyph.origin),
        max(glyph.right, middle + half - glyph.origin),
    )


def training_hand(
    ink: str,
    glyphs: Path | None,
    rng: np.random.Generator,
    writers: Writers = Writers.TRAINING,
) -> Hand:
    """A hand of these writers (`ink` as for `make_hand`), wider in its habits."""
    inner = make_hand(ink, rng, glyphs, writers)
    habits = inner.habits
    if inner.is_typed:
        habits = replace(habits, offset=(float(rng.normal(0, 2.5)), float(rng.normal(0, 2.0))))
        inner.habits = habits
        return inner
    habits = replace(
        habits,
        capital=float(np.clip(habits.capital * rng.normal(1.0, 0.12), 19, 44)),
        pen_width=float(np.clip(habits.pen_width * rng.normal(1.0, 0.15), 2.3, 6.0)),
        slant=float(np.clip(rng.normal(0.03, 0.16), -0.45, 0.5)),
        spacing=float(np.clip(rng.normal(1.0, 0.1), 0.8, 1.35)),
        spacing_jitter=float(rng.uniform(0.02, 0.09)),
        touching=float(rng.choice([0.02, 0.1, 0.3], p=[0.55, 0.3, 0.15])),
        wobble=float(rng.uniform(0.01, 0.08)),
        drift=float(rng.uniform(0.003, 0.03)),
        size_jitter=float(rng.uniform(0.02, 0.1)),
        turn_jitter=float(rng.uniform(0.015, 0.07)),
        lift=float(np.clip(rng.normal(0.2, 0.09), -0.02, 0.4)),
    )
    inner.habits = habits
    crosses = ""
    if rng.random() < 0.22:
        crosses += "7"
    if rng.random() < 0.1:
        crosses += "0"
    if rng.random() < 0.15:
        crosses += "Zz"
    return VariedHand(
        f"varied:{inner.name}",
        habits,
        variants=7,
        inner=inner,
        crosses=crosses,
        footed=bool(rng.random() < 0.14),
    )

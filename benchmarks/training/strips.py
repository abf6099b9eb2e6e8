"""Makes training strips: sheets filled in by training hands, scanned, lifted, cut into strips.

    python -m benchmarks.training.strips OUT --glyphs DIR --seconds 1800 --seed 7

writes shards `OUT/<seed>-<number>.npz` until the time is over. The strips go through the very
code that reads a page; only registration is replaced by the scanner's truth, a little off.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink import draw_page
from benchmarks.samples.scanner import scan_page
from benchmarks.training.hands import training_hand
from benchmarks.training.sheets import Piece, cut_pieces, make_sheet
from benchmarks.training.texts import Texts, label_of
from extractors.charsets import CharacterClass, character_class
from extractors.engines.strip_image import Strip, strip_of
from extractors.fields import cut_fields
from extractors.ink import find_ink
from extractors.lift import lift_page
from extractors.page_image import PageImage, Registration
from schemas.forms import FieldKind
from schemas.packs import load_department

QUALITIES = ("good", "fair", "fair", "poor", "poor")
SHEETS_A_SHARD = 24
_NUMERIC_SHARE = 0.97
_TEXT_SHARE = 0.8
_LARGEST_LOSS = 0.35
"""Share of the written ink's width that the strip may lack; more is another field's fault."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A strip and what is written on it."""

    strip: Strip
    text: str
    kind: str
    ink: str
    quality: str


def make_strips(
    pieces: Sequence[Piece],
    texts: Texts,
    glyphs: Path | None,
    rng: np.random.Generator,
    writers: Writers = Writers.TRAINING,
) -> Iterator[Labelled]:
    """The strips of one sheet."""
    sheet = make_sheet(pieces, rng)
    chance = rng.random()
    ink, source = ("typed", None) if chance < 0.12 else ("hand", None if chance < 0.3 else glyphs)
    hand = training_hand(ink, source, rng, writers)
    quality = str(rng.choice(QUALITIES))
    wanted = {
        field.name: texts.text(field)
        for field in sheet.page.fields
        if rng.random()
        < (_NUMERIC_SHARE if character_class(field.kind) is CharacterClass.NUMERIC else _TEXT_SHARE)
    }
    printed = sheet.gray
    if sheet.render_with_fields is not None and rng.random() < 0.3:
        printed = sheet.render_with_fields()
    filled, drawn = draw_page(printed, sheet.page, wanted, hand, rng)
    scan = scan_page(filled, quality, rng)
    off = np.eye(3)
    off[:2, 2] = rng.normal(0.0, 0.12, 2)
    registration = Registration(scan.matrix @ off, 1.0, 0.2, scan.turned)
    page = PageImage(1, scan.image, scan.dpi)
    images = cut_fields(lift_page(page, sheet, registration), page, sheet.page)
    written = {one.name: one for one in drawn}
    for image in images:
        one = written.get(image.definition.name)
        if one is None:
            continue
        found = find_ink(image)
        if not found.present:
            continue
        spanned = max(s.right for s in found.strokes) - min(s.left for s in found.strokes)
        if spanned < (1 - _LARGEST_LOSS) * (one.box[2] - one.box[0]):
            continue
        numeric = character_class(image.definition.kind) is CharacterClass.NUMERIC
        label = label_of(str(one.text), spaced=not numeric)
        if label:
            kind = str(FieldKind(image.definition.kind))
            yield Labelled(strip_of(image, found), label, kind, ink, quality)


def save(strips: Sequence[Labelled], path: Path) -> None:
    """One shard: strips side by side, their widths, and what is written on each."""
    about = [[one.text, one.kind, one.ink, one.quality] for one in strips]
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez_compressed(
            file,
            pixels=np.concatenate([one.strip for one in strips], axis=2),
            widths=np.array([one.strip.shape[2] for one in strips], np.int32),
            about=np.array(json.dumps(about)),
        )
    partial.rename(path)


def load(path: Path) -> list[Labelled]:
    """The strips of a shard."""
    with np.load(path, allow_pickle=False) as data:
        pixels, widths = data["pixels"], data["widths"]
        about = json.loads(str(data["about"]))
    ends = np.cumsum(widths)
    return [
        Labelled(pixels[:, :, end - width : end].copy(), *told)
        for end, width, told in zip(ends, widths, about, strict=True)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--seconds", type=float, default=1800.0)
    parser.add_argument("--shards", type=int, default=10_000, help="At most so many.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--writers", type=Writers, default=Writers.TRAINING)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    chosen.out.mkdir(parents=True, exist_ok=True)
    pieces = cut_pieces(load_department(chosen.department))
    until = time.monotonic() + chosen.seconds
    for number in range(chosen.shards):
        if time.monotonic() > until:
            break
        path = chosen.out / f"{chosen.seed}-{number:04d}.npz"
        if path.exists():
            continue
        rng = np.random.default_rng((chosen.seed, number))
        texts = Texts(chosen.seed * 100_003 + number)
        strips = [
            one
            for _ in range(SHEETS_A_SHARD)
            for one in make_strips(pieces, texts, chosen.glyphs, rng, chosen.writers)
        ]
        save(strips, path)
        print(f"{path.name}: {len(strips)} strips", flush=True)


if __name__ == "__main__":
    main()

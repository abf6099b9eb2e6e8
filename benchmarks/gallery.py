"""The worst misreadings to look at: crop, reading, truth, alternatives.

As a self-contained page for a browser, and as one picture small enough for `docs/`. A picture
shows real characters where the sample was written with them: such pictures are not committed.
"""

from __future__ import annotations

import base64
import html
from collections import defaultdict
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.measure import Misread
from benchmarks.misreadings import classify, worst
from benchmarks.samples.fonts import Face, find_fonts
from extractors.snippets import cut_snippets
from schemas.errors import MissingProgramError
from schemas.settings import Settings

WORST = 50
_LONGEST = 6
"""Width of a crop on the contact sheet, in heights."""

_HEAD = """<!doctype html><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 82rem; padding: 0 1rem;
  color: #20262b; background: #f6f7f8; }}
h1 {{ font-size: 1.4rem; margin-bottom: .2rem; }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; }}
figure {{ margin: 0; border: 1px solid #d8dde1; border-radius: 8px; background: #fff;
  overflow: hidden; display: flex; flex-direction: column; }}
figure.accepted {{ border-color: #b3261e; box-shadow: 0 0 0 1px #b3261e; }}
.crop {{ background: #fbfbfa; border-bottom: 1px solid #eceff1; height: 6.2rem; display: flex;
  align-items: center; justify-content: center; padding: .4rem; }}
.crop img {{ max-width: 100%; max-height: 100%; }}
figcaption {{ padding: .6rem .8rem .7rem; }}
dl {{ display: grid; grid-template-columns: 4rem 1fr; margin: 0 0 .4rem; gap: .05rem .4rem; }}
dt {{ color: #6a747c; }} dd {{ margin: 0; font-family: ui-monospace, monospace; font-weight: 600;
  overflow-wrap: anywhere; }}
small {{ color: #6a747c; display: block; overflow-wrap: anywhere; }}
.tag {{ float: right; color: #b3261e; font-weight: 600; }}
</style><h1>{title}</h1><p>Accepted without a person first (framed in red), then the surest.
{count} of {of} misreadings.</p><main>
"""


def write_gallery(title: str, misread: Sequence[Misread], folder: Path, out: Path) -> None:
    """A self-contained page of the worst misreadings of one scenario."""
    chosen = worst(misread, WORST)
    crops = _crops(chosen, folder)
    head = _HEAD.format(title=html.escape(f"Misread: {title}"), count=len(chosen), of=len(misread))
    parts = [head, *(_figure(one, crops.get(_place(one))) for one in chosen), "</main>"]
    out.write_text("\n".join(parts), encoding="utf-8")


def _figure(one: Misread, crop: bytes | None) -> str:
    encoded = base64.b64encode(crop).decode() if crop else ""
    picture = f'<img alt="" src="data:image/png;base64,{encoded}">' if crop else "no crop"
    tag = '<span class="tag">accepted</span>' if one.accepted else ""
    seen = "".join(f"<small>{html.escape(reading)}</small>" for reading in one.readings)
    where = f"{one.form}.{one.name}, {one.file} page {one.page}"
    return (
        f'<figure class="{"accepted" if one.accepted else ""}"><div class="crop">{picture}</div>'
        f"<figcaption>{tag}<dl><dt>written</dt><dd>{html.escape(one.truth) or '–'}</dd>"
        f"<dt>read</dt><dd>{html.escape(one.read) or '–'}</dd></dl>"
        f"<small>{html.escape(classify(one))}; confidence {one.confidence:.4f}</small>{seen}"
        f"<small>{html.escape(where)}</small></figcaption></figure>"
    )


def write_contact_sheet(misread: Sequence[Misread], folder: Path, out: Path) -> int:
    """The worst misreadings as one picture; gives how many are on it."""
    chosen = worst(misread, WORST)
    crops = _crops(chosen, folder)
    columns, cell, picture = 5, (236, 92), (220, 44)
    rows = -(-len(chosen) // columns)
    sheet = Image.new("RGB", (columns * cell[0], max(rows, 1) * cell[1]), "white")
    draw, font = ImageDraw.Draw(sheet), _font(12)
    for place, one in enumerate(chosen):
        x, y = place % columns * cell[0], place // columns * cell[1]
        crop = crops.get(_place(one))
        if crop is not None:
            image = Image.open(BytesIO(crop)).convert("L")
            # Words stand at the left of fields far longer than they are.
            image = image.crop((0, 0, min(image.width, _LONGEST * image.height), image.height))
            image.thumbnail(picture, Image.Resampling.LANCZOS)
            sheet.paste(image, (x + 8, y + 6 + (picture[1] - image.height) // 2))
        colour = "#b3261e" if one.accepted else "#20262b"
        draw.text((x + 8, y + 54), _shortened(f"written  {one.truth or '–'}"), "#6a747c", font)
        draw.text((x + 8, y + 70), _shortened(f"read     {one.read or '–'}"), colour, font)
        draw.rectangle((x, y, x + cell[0] - 1, y + cell[1] - 1), outline="#e3e7ea")
    sheet.quantize(32, dither=Image.Dither.NONE).save(out, optimize=True)
    return len(chosen)


def _shortened(text: str, most: int = 31) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        fonts = {font.known.file: font.path for font in find_fonts(Face.LASER)}
    except MissingProgramError:
        return ImageFont.load_default(size)
    path = fonts.get("DejaVuSansMono.ttf", next(iter(fonts.values())))
    return ImageFont.truetype(str(path), size)


def _place(one: Misread) -> tuple[str, int, tuple[int, int, int, int]]:
    return one.file, one.page, one.bbox


def _crops(
    misread: Sequence[Misread], folder: Path
) -> dict[tuple[str, int, tuple[int, int, int, int]], bytes]:
    by_file: dict[str, list[Misread]] = defaultdict(list)
    for one in misread:
        by_file[one.file].append(one)
    crops = {}
    for file, members in by_file.items():
        boxes = [(one.page, one.bbox) for one in members]
        for one, png in zip(members, cut_snippets(folder / file, boxes, Settings()), strict=True):
            if png:
                crops[_place(one)] = png
    return crops

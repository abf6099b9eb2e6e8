"""A gallery of misreadings: crop, truth and reading, the surest errors first."""

from __future__ import annotations

import base64
import html
from collections import defaultdict
from pathlib import Path

from benchmarks.measure import Measured, Misread
from extractors.snippets import cut_snippets
from schemas.settings import Settings

_WORST = 60

_HEAD = """<!doctype html><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1c1c1c; }}
main {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(20rem, 1fr)); gap: 1rem; }}
figure {{ margin: 0; padding: .6rem; border: 1px solid #ccc; border-radius: 6px; }}
figure.accepted {{ border-color: #b00020; border-width: 2px; }}
img {{ max-width: 100%; max-height: 6rem; image-rendering: auto; background: #fff; }}
b {{ font-family: ui-monospace, monospace; }} small {{ color: #555; }}
</style><h1>{title}</h1><p>Red: accepted without a person. Truth and reading as written.</p><main>
"""


def write_gallery(result: Measured, folder: Path, out: Path) -> None:
    """A self-contained page of the worst misreadings of one scenario."""
    worst = sorted(result.misread, key=lambda one: (not one.accepted, -one.confidence))[:_WORST]
    crops = _crops(worst, folder)
    parts = [_HEAD.format(title=html.escape(f"Misread: {result.scenario.name}"))]
    for one in worst:
        crop = crops.get((one.file, one.page, one.bbox))
        picture = f'<img alt="" src="data:image/png;base64,{crop}">' if crop else ""
        parts.append(
            f'<figure class="{"accepted" if one.accepted else ""}">{picture}<figcaption>'
            f"truth <b>{html.escape(one.truth)}</b><br>read <b>{html.escape(one.read)}</b><br>"
            f"<small>{html.escape(one.group)}, {html.escape(one.form)}.{html.escape(one.name)}, "
            f"{html.escape(one.file)} page {one.page}, confidence {one.confidence:.3f}</small>"
            "</figcaption></figure>"
        )
    out.write_text("\n".join([*parts, "</main>"]), encoding="utf-8")


def _crops(
    misread: list[Misread], folder: Path
) -> dict[tuple[str, int, tuple[int, int, int, int]], str]:
    by_file: dict[str, list[Misread]] = defaultdict(list)
    for one in misread:
        by_file[one.file].append(one)
    crops = {}
    for file, members in by_file.items():
        boxes = [(one.page, one.bbox) for one in members]
        for one, png in zip(members, cut_snippets(folder / file, boxes, Settings()), strict=True):
            if png:
                crops[file, one.page, one.bbox] = base64.b64encode(png).decode()
    return crops

"""Born-digital pages: what the PDF itself says, by its form fields, else by its words.

Coordinates of the text layer are points of that PDF's page; a filled official form has the
blank's own, so that a field's box serves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from extractors.page_image import FieldImage, TextLayer, Word
from schemas.forms import Box
from schemas.readings import Reading

_BY_NAME = 0.9999
_BY_WORDS = 0.99985
_SAME_LINE = 0.5
"""Words whose middles differ by less than this share of their height stand on one line."""
_INDEX = re.compile(r"\[\d+\]")


class TextLayerEngine:
    """Reads only fields whose image carries a text layer."""

    name = "textlayer"
    version = "1"

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        return [self._read(image) for image in batch]

    def _read(self, image: FieldImage) -> Reading:
        if image.layer is None:
            return self._reading("", 0.0, problem="the page has no text layer")
        definition = image.definition
        value = _by_name(image.layer, definition.source_field)
        if value is not None:
            if isinstance(value, bool):
                return self._reading("X" if value else "", _BY_NAME)
            if not definition.kind.is_mark:
                return self._reading(value.strip(), _BY_NAME)
            marked = value.lstrip("/") not in ("", "Off", "0", "No")
            if definition.export_value is not None:
                marked = value.lstrip("/") == definition.export_value.lstrip("/")
            return self._reading("X" if marked else "", _BY_NAME)
        if definition.kind.is_mark:
            return self._reading("", 0.0, problem="the text layer does not tell marks")
        words = [w for w in image.layer.words if _inside(w, definition.box)]
        return self._reading(spell(words, spaced=definition.comb is None), _BY_WORDS)

    def _reading(self, text: str, confidence: float, problem: str | None = None) -> Reading:
        return Reading(
            engine=self.name,
            version=self.version,
            text=text,
            confidence=confidence,
            problem=problem,
        )


def _by_name(layer: TextLayer, source_field: str | None) -> str | bool | None:
    """The form field's value; where the full name is not there, by the same name without
    indices, if only one field answers to it."""
    if source_field is None or not layer.acroform:
        return None
    if source_field in layer.acroform:
        return layer.acroform[source_field]
    alike = _bare_names(tuple(layer.acroform)).get(_INDEX.sub("", source_field), ())
    return layer.acroform[alike[0]] if len(alike) == 1 else None


@lru_cache(maxsize=64)
def _bare_names(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    bare: dict[str, tuple[str, ...]] = {}
    for name in names:
        key = _INDEX.sub("", name)
        bare[key] = (*bare.get(key, ()), name)
    return bare


def _inside(word: Word, box: Box) -> bool:
    x, y = (word.box.x0 + word.box.x1) / 2, (word.box.y0 + word.box.y1) / 2
    return box.x0 <= x <= box.x1 and box.y0 - 1 <= y <= box.y1 + 1


def spell(words: Sequence[Word], spaced: bool = True) -> str:
    """Words in reading order: by lines, then from left to right."""
    rest = sorted(words, key=lambda w: (w.box.y0 + w.box.y1) / 2)
    lines: list[list[Word]] = []
    for word in rest:
        middle = (word.box.y0 + word.box.y1) / 2
        if lines:
            last = lines[-1][0]
            apart = abs(middle - (last.box.y0 + last.box.y1) / 2)
            if apart < _SAME_LINE * max(last.box.height, word.box.height):
                lines[-1].append(word)
                continue
        lines.append([word])
    ordered = [w for line in lines for w in sorted(line, key=lambda w: w.box.x0)]
    return (" " if spaced else "").join(w.text for w in ordered).strip()

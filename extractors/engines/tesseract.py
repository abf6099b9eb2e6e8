"""Print by Tesseract: the lines of many fields in one picture, one call for all of them.

A call costs ~0.2 s to start, whatever it reads, so that one process a field is out of the
question. Fields of digits and fields of words go to two pictures: each is laid out, and its
answers are weighed, under its own characters.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
import pytesseract
from PIL import Image

from extractors.charsets import CharacterClass, allowed_characters, character_class
from extractors.engines.lines import close_gaps, full_contrast
from extractors.ink import find_ink
from extractors.page_image import FieldImage, Gray
from schemas.errors import EngineError, MissingProgramError
from schemas.readings import Reading

_GAP = 26
"""White rows between lines, in pixels; a third of it and Tesseract joins lines."""
_MARGIN = 24
_COMB_GAP = 0.35
_TALLEST = 60
"""Pixels; higher crops are reduced: Tesseract is best at capitals of 25 to 40."""
_SHORTEST = 18
_MOST_ROWS = 120
_SECONDS_TO_START = 15.0
_SECONDS_A_LINE = 0.5
_CONFIG = "--psm 6 --oem 1 -c tessedit_do_invert=0"
DIGITS = "0123456789,.-()$P/"
"""What Tesseract may read in a field of digits."""


class TesseractEngine:
    """`pytesseract` over a montage; needs the program `tesseract` with English."""

    name = "tesseract"

    @property
    def version(self) -> str:
        return _program_version()

    def prepare(self) -> None:
        """Look for the program and its English.

        Raises:
            MissingProgramError: one of them is not there.
        """
        _program_version()

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        version = self.version
        readings = [
            Reading(engine=self.name, version=version, text="", confidence=1.0) for _ in batch
        ]
        for wanted in CharacterClass:
            rows = [
                (i, line)
                for i, image in enumerate(batch)
                if character_class(image.definition.kind) is wanted
                and (line := line_of(image)) is not None
            ]
            for start in range(0, len(rows), _MOST_ROWS):
                part = rows[start : start + _MOST_ROWS]
                for (i, _), row in zip(part, _recognise([r for _, r in part], wanted), strict=True):
                    readings[i] = reading_of(
                        batch[i], row.words, row.confidences, self.name, version
                    )
        return readings


def reading_of(
    image: FieldImage, words: Sequence[str], confidences: Sequence[float], engine: str, version: str
) -> Reading:
    """What Tesseract's words (confidences 0 to 100) say in a field, under its own characters."""
    definition = image.definition
    allowed = allowed_characters(definition.kind, definition.name)
    text = (" " if " " in allowed else "").join(words)
    if not text:
        return Reading(
            engine=engine,
            version=version,
            text="",
            confidence=0.0,
            problem="Tesseract found no text in the field",
        )
    foreign = sum(c not in allowed for c in text)
    confidence = min(confidences, default=0.0) / 100.0
    return Reading(
        engine=engine,
        version=version,
        text=text,
        confidence=confidence * (1.0 - foreign / len(text)),
    )


@dataclass(slots=True)
class _Row:
    """What Tesseract found at the height of one line."""

    words: list[str] = field(default_factory=list)
    confidences: list[float] = field(default_factory=list)


def line_of(image: FieldImage) -> Gray | None:
    """The field's ink at the size that Tesseract reads best; None where there is none."""
    ink = find_ink(image)
    if not ink.present:
        return None
    line = ink.line
    if image.definition.comb:
        line = close_gaps(ink, max(round(_COMB_GAP * line.shape[0]), 4))
    if line.shape[0] > _TALLEST:
        size = (max(round(line.shape[1] * _TALLEST / line.shape[0]), 2), _TALLEST)
        line = np.asarray(cv2.resize(line, size, interpolation=cv2.INTER_AREA), np.uint8)
    return full_contrast(line)


def montage(lines: Sequence[Gray]) -> tuple[Gray, list[tuple[int, int]]]:
    """Lines below each other on white, and the top and bottom of each in pixels."""
    width = max(line.shape[1] for line in lines) + 2 * _MARGIN
    tall = [max(line.shape[0], _SHORTEST) for line in lines]
    picture = np.full((sum(tall) + _GAP * (len(lines) + 1), width), 255, np.uint8)
    spans: list[tuple[int, int]] = []
    y = _GAP
    for line, height in zip(lines, tall, strict=True):
        top = y + (height - line.shape[0])
        picture[top : top + line.shape[0], _MARGIN : _MARGIN + line.shape[1]] = line
        spans.append((y, y + height))
        y += height + _GAP
    return picture, spans


def _recognise(lines: Sequence[Gray], wanted: CharacterClass) -> list[_Row]:
    if not lines:
        return []
    picture, spans = montage(lines)
    config = _CONFIG + (
        f" -c tessedit_char_whitelist={DIGITS}" if wanted is CharacterClass.NUMERIC else ""
    )
    # Tesseract's own threads fight with those of the flow.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        found = pytesseract.image_to_data(
            Image.fromarray(picture),
            lang="eng",
            config=config,
            timeout=_SECONDS_TO_START + _SECONDS_A_LINE * len(lines),
            output_type=pytesseract.Output.DICT,
        )
    except RuntimeError as error:  # pytesseract's time-out, and TesseractError
        raise EngineError(f"tesseract failed on {len(lines)} lines: {_short(error)}") from error
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise EngineError(f"tesseract answered nonsense: {type(error).__name__}") from error
    rows = [_Row() for _ in lines]
    edges = np.array([(top + bottom) / 2 for top, bottom in spans])
    for text, top, height, confidence in zip(
        found["text"], found["top"], found["height"], found["conf"], strict=True
    ):
        if not text.strip() or float(confidence) < 0:
            continue
        row = rows[int(np.argmin(np.abs(edges - (int(top) + int(height) / 2))))]
        row.words.append(text.strip())
        row.confidences.append(float(confidence))
    return rows


@cache
def _program_version() -> str:
    if shutil.which(pytesseract.pytesseract.tesseract_cmd) is None:
        raise MissingProgramError(
            "the program `tesseract` is not installed: `apt-get install tesseract-ocr`"
        )
    try:
        if "eng" not in pytesseract.get_languages():
            raise MissingProgramError(
                "tesseract lacks English: `apt-get install tesseract-ocr-eng`"
            )
        return str(pytesseract.get_tesseract_version())
    except (RuntimeError, OSError, SystemExit) as error:
        raise MissingProgramError(
            "the program `tesseract` does not run: reinstall `tesseract-ocr`"
        ) from error


def _short(error: Exception) -> str:
    """Its first words only: Tesseract's messages can quote what it read."""
    return " ".join(str(error).split())[:80]

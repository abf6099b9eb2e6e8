"""Print by Tesseract inside this process: each field a line of its own, no program started.

Only where the package `tesserocr` is installed (`pip install taxlift[tesserocr]`). It brings a
Tesseract of its own, but not the trained data: that of the system's `tesseract-ocr-eng` is used.
"""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from extractors.charsets import CharacterClass, character_class
from extractors.engines.tesseract import DIGITS, line_of, reading_of
from extractors.page_image import FieldImage, Gray
from schemas.errors import EngineError, MissingProgramError
from schemas.readings import Reading

_FOLDERS = ("/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/local/share/tessdata")
_MARGIN = 16
"""White pixels around a line."""


class TesserOcrEngine:
    """`tesserocr`, as many recognisers as threads ask at the same time."""

    name = "tesserocr"

    def __init__(self) -> None:
        self._free: list[Any] = []
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        return str(_package().tesseract_version()).split()[1]

    def prepare(self) -> None:
        """Load a recogniser.

        Raises:
            MissingProgramError: the package or the trained data is not there.
        """
        with self._recogniser():
            pass

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        with self._recogniser() as recogniser:
            return [self._read(image, recogniser) for image in batch]

    def _read(self, image: FieldImage, recogniser: Any) -> Reading:
        line = line_of(image)
        if line is None:
            return Reading(engine=self.name, version=self.version, text="", confidence=1.0)
        numeric = character_class(image.definition.kind) is CharacterClass.NUMERIC
        try:
            recogniser.SetVariable("tessedit_char_whitelist", DIGITS if numeric else "")
            recogniser.SetImage(Image.fromarray(_with_margin(line)))
            words = recogniser.GetUTF8Text().split()
            confidences = recogniser.AllWordConfidences()
        except RuntimeError as error:
            raise EngineError(f"tesserocr failed on a field: {type(error).__name__}") from error
        return reading_of(image, words, confidences, self.name, self.version)

    @contextmanager
    def _recogniser(self) -> Iterator[Any]:
        """One that nobody else uses: they may not be shared by threads at the same time."""
        with self._lock:
            taken = self._free.pop() if self._free else None
        recogniser = taken if taken is not None else _make_recogniser()
        yield recogniser
        # One that failed is not given back.
        with self._lock:
            self._free.append(recogniser)


def _with_margin(line: Gray) -> Gray:
    return np.pad(line, _MARGIN, constant_values=255)


def _make_recogniser() -> Any:
    package = _package()
    # Tesseract's own threads fight with those of the flow.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        recogniser = package.PyTessBaseAPI(
            path=str(_trained_data()), lang="eng", psm=package.PSM.SINGLE_LINE
        )
    except RuntimeError as error:
        raise MissingProgramError(
            "tesserocr cannot load the trained data for English: "
            "`apt-get install --reinstall tesseract-ocr-eng`"
        ) from error
    recogniser.SetVariable("tessedit_do_invert", "0")
    return recogniser


@cache
def _package() -> Any:
    try:
        return importlib.import_module("tesserocr")
    except ImportError as error:
        raise MissingProgramError(
            "the engine tesserocr needs the package of that name: `pip install taxlift[tesserocr]`"
        ) from error


def _trained_data() -> Path:
    named = os.environ.get("TESSDATA_PREFIX")
    for folder in (named, *_FOLDERS) if named else _FOLDERS:
        for found in sorted(Path(folder).glob("**/eng.traineddata")):
            return found.parent
    raise MissingProgramError(
        "tesserocr finds no trained data for English: `apt-get install tesseract-ocr-eng`, "
        "or name its folder in TESSDATA_PREFIX"
    )

"""The line recogniser PP-OCRv6 that the `rapidocr` wheel carries, run by onnxruntime.

Only the recogniser is used: where the lines are is known from the form. Nothing is ever
downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.engines.onnx_model import LazyModel, OnnxModel, batches, open_model
from extractors.page_image import Gray
from schemas.errors import EngineError, MissingProgramError

LINE_HEIGHT = 48
"""Pixels; the recogniser's input height. One frame of output is 8 pixels wide."""
FRAME = 8
MODEL_FILE = "PP-OCRv6_rec_small.onnx"
_BATCH_PIXELS = 8 * 320
"""Width of all lines of one batch together: bounds memory (18,710 numbers a frame)."""


def find_model() -> Path:
    """The recogniser's file in the installed wheel; `rapidocr` itself is not imported."""
    spec = find_spec("rapidocr")
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / "models" / MODEL_FILE
        if path.is_file():
            return path
    raise MissingProgramError(
        f"the handwriting recogniser {MODEL_FILE} is not installed: run `pip install rapidocr`"
        " (its wheel carries the model)"
    )


class Recogniser:
    """Loads the model on first use; may be shared by threads."""

    def __init__(self, model: Path | None = None) -> None:
        self._model = LazyModel(lambda: _open(model or find_model()))

    @property
    def columns(self) -> Mapping[str, int]:
        """Each character that the recogniser knows → its column; column 0 is CTC's blank."""
        return self._model.get().columns

    def posteriors(
        self, lines: Sequence[Gray], columns: Sequence[NDArray[np.int64]]
    ) -> list[NDArray[np.float32]]:
        """For each line (48 × any width, dark on white) frames × its wanted columns."""
        session = self._model.get().session
        results: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(lines)
        for batch in batches([line.shape[1] for line in lines], _BATCH_PIXELS, FRAME):
            width = -(-max(lines[i].shape[1] for i in batch) // FRAME) * FRAME
            stacked = np.full((len(batch), LINE_HEIGHT, width), 255, np.uint8)
            for row, i in enumerate(batch):
                stacked[row, :, : lines[i].shape[1]] = lines[i]
            tensor = np.repeat(stacked[:, None].astype(np.float32) / 127.5 - 1.0, 3, axis=1)
            try:
                (output,) = session.run(None, {session.get_inputs()[0].name: tensor})
            except Exception as error:
                raise EngineError(f"the handwriting recogniser failed: {error}") from error
            for row, i in enumerate(batch):
                results[i] = output[row][:, columns[i]]
        return results


def _open(path: Path) -> OnnxModel:
    return open_model(path, "the handwriting recogniser", "reinstall `rapidocr`", _columns_of)


def _columns_of(metadata: Mapping[str, str]) -> dict[str, int]:
    """Column 0 is the blank, the last one the space between words."""
    characters = metadata["character"].splitlines()
    columns = {character: at for at, character in enumerate(characters, start=1)}
    return columns | {" ": len(characters) + 1}

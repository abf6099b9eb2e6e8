"""The line recogniser PP-OCRv6 that the `rapidocr` wheel carries, run by onnxruntime.

Only the recogniser is used: where the lines are is known from the form. Nothing is ever
downloaded.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

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
        self._model = model
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None
        self._columns: dict[str, int] = {}
        self.digest = ""

    @property
    def columns(self) -> dict[str, int]:
        """Each character that the recogniser knows → its column; column 0 is CTC's blank."""
        self._load()
        return self._columns

    def posteriors(
        self, lines: Sequence[Gray], columns: Sequence[NDArray[np.int64]]
    ) -> list[NDArray[np.float32]]:
        """For each line (48 × any width, dark on white) frames × its wanted columns."""
        session = self._load()
        results: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(lines)
        for batch in batches([line.shape[1] for line in lines]):
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

    def _load(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._session is None:
                path = self._model or find_model()
                self._session, self._columns, self.digest = _open(path)
            return self._session


def _open(path: Path) -> tuple[onnxruntime.InferenceSession, dict[str, int], str]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        content = path.read_bytes()
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        metadata = session.get_modelmeta().custom_metadata_map
        characters = metadata["character"].splitlines()
        outputs = session.get_outputs()[0].shape[-1]
    except Exception as error:
        raise MissingProgramError(
            f"the handwriting recogniser {path.name} is damaged: reinstall `rapidocr`"
        ) from error
    # Column 0 is the blank, the last one the space between words.
    if outputs != len(characters) + 2:
        raise MissingProgramError(
            f"the handwriting recogniser {path.name} is not the expected one: reinstall `rapidocr`"
        )
    columns = {character: at for at, character in enumerate(characters, start=1)}
    columns[" "] = len(characters) + 1
    return session, columns, hashlib.sha256(content).hexdigest()


def batches(widths: Sequence[int]) -> list[list[int]]:
    """Indices grouped by similar width, so that little of a batch is padding."""
    groups: list[list[int]] = []
    for i in sorted(range(len(widths)), key=lambda i: widths[i]):
        current = groups[-1] if groups else []
        narrowest = widths[current[0]] if current else 0
        fits = (len(current) + 1) * widths[i] <= _BATCH_PIXELS
        if current and fits and widths[i] <= 1.25 * narrowest + FRAME:
            current.append(i)
        else:
            groups.append([i])
    return groups

"""Recognisers kept as ONNX files: opened once, for one thread, and fed lines of like width."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from schemas.errors import MissingProgramError


@dataclass(frozen=True, slots=True, eq=False)
class OnnxModel:
    """A recogniser that is ready."""

    session: onnxruntime.InferenceSession
    columns: Mapping[str, int]
    """Each character that it knows → its column of the output; column 0 is CTC's blank."""
    digest: str
    """The file's sha256, in hexadecimal."""


def open_model(
    path: Path, what: str, advice: str, columns: Callable[[Mapping[str, str]], dict[str, int]]
) -> OnnxModel:
    """Open a recogniser for one thread: an engine starts no parallelism of its own.

    Args:
        what: how people are told of it: `the strip recogniser's model`.
        advice: what they can do when it is damaged: `reinstall taxlift`.
        columns: its characters and their columns, from the file's metadata.

    Raises:
        MissingProgramError: the file is damaged, or is another model than is expected.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        content = path.read_bytes()
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        found = columns(session.get_modelmeta().custom_metadata_map)
        outputs = session.get_outputs()[0].shape[-1]
    except Exception as error:
        raise MissingProgramError(f"{what} {path.name} is damaged: {advice}") from error
    if outputs != len(found) + 1:
        raise MissingProgramError(f"{what} {path.name} is not the expected one: {advice}")
    return OnnxModel(session, found, hashlib.sha256(content).hexdigest())


class LazyModel:
    """A model that is opened when it is first asked for; may be shared by threads."""

    def __init__(self, make: Callable[[], OnnxModel]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._model: OnnxModel | None = None

    def get(self) -> OnnxModel:
        with self._lock:
            if self._model is None:
                self._model = self._make()
            return self._model


def batches(widths: Sequence[int], pixels: int, frame: int) -> list[list[int]]:
    """Indices grouped by similar width, so that little of a batch is padding.

    Args:
        pixels: of width that a batch has at most, all its lines together: bounds memory.
        frame: pixels to a whole number of which a batch's width is padded.
    """
    groups: list[list[int]] = []
    for i in sorted(range(len(widths)), key=lambda i: widths[i]):
        current = groups[-1] if groups else []
        narrowest = widths[current[0]] if current else 0
        fits = (len(current) + 1) * widths[i] <= pixels
        if current and fits and widths[i] <= 1.25 * narrowest + frame:
            current.append(i)
        else:
            groups.append([i])
    return groups

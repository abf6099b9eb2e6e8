"""Our own recogniser: hand-written numbers, and words, a whole strip at a time.

A small network (`models/strip.onnx`, see `models/strip.md`) says for every two pixels along a
field which character stands there; the likeliest texts under the field's own characters are
searched from that. Trained by `benchmarks/training`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.charsets import CharacterClass, allowed_characters, character_class, look_alikes
from extractors.engines.ctc import Alphabet, beam_search, normalise
from extractors.engines.onnx_model import LazyModel, OnnxModel, batches, open_model
from extractors.engines.strip_image import HEIGHT, Strip, strip_of
from extractors.ink import find_ink
from extractors.page_image import FieldImage
from schemas.errors import EngineError, MissingProgramError
from schemas.forms import FieldKind
from schemas.readings import Alternative, Reading

MODEL = Path(__file__).parents[1] / "models" / "strip.onnx"
_BATCH_PIXELS = 2048
"""Widths of all strips of one batch together; more only costs memory."""
_PADDED = 8
_BEAMS = {CharacterClass.NUMERIC: 12, CharacterClass.TEXT: 16}
_ALTERNATIVES = 8
_WITHIN = 0.9
"""Share of the network's belief within the field's characters from which it is no doubt."""


class StripNetwork:
    """Loads the model on first use; may be shared by threads."""

    def __init__(self, model: Path = MODEL) -> None:
        self._model = LazyModel(lambda: _open(model))

    def load(self) -> OnnxModel:
        """Its characters' columns and its digest.

        Raises:
            MissingProgramError: the model is missing or damaged.
        """
        return self._model.get()

    def posteriors(self, strips: Sequence[Strip]) -> list[NDArray[np.float32]]:
        """For each strip frames × (1 + characters), rows summing to 1."""
        session = self.load().session
        found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(strips)
        for batch in batches([strip.shape[2] for strip in strips], _BATCH_PIXELS, _PADDED):
            width = -(-max(strips[i].shape[2] for i in batch) // _PADDED) * _PADDED
            stacked = np.zeros((len(batch), 2, HEIGHT, width), np.float32)
            for row, i in enumerate(batch):
                stacked[row, :, :, : strips[i].shape[2]] = strips[i]
            try:
                (logits,) = session.run(None, {"strips": stacked / np.float32(255.0)})
            except Exception as error:
                raise EngineError(f"the strip recogniser failed: {type(error).__name__}") from error
            per_frame = width / logits.shape[1]
            for row, i in enumerate(batch):
                frames = math.ceil((strips[i].shape[2] + _PADDED) / per_frame)
                found[i] = _softmax(logits[row, :frames])
        return found


def _open(path: Path) -> OnnxModel:
    what, advice = "the strip recogniser's model", "reinstall taxlift"
    if not path.is_file():
        raise MissingProgramError(f"{what} {path.name} is missing: {advice}")
    return open_model(path, what, advice, _columns_of)


def _columns_of(metadata: Mapping[str, str]) -> dict[str, int]:
    return {character: at for at, character in enumerate(metadata["characters"], start=1)}


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


class StripEngine:
    """Reads a page's fields in a few batches."""

    name = "strip"

    def __init__(self, network: StripNetwork | None = None) -> None:
        self._network = network or StripNetwork()

    @property
    def version(self) -> str:
        return self._network.load().digest[:12]

    def prepare(self) -> None:
        """Load the model.

        Raises:
            MissingProgramError: it is missing or damaged.
        """
        self._network.load()

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        inks = [find_ink(image) for image in batch]
        written = [i for i, ink in enumerate(inks) if ink.present]
        readings = [Reading(engine=self.name, version=self.version, text="", confidence=1.0)]
        readings *= len(batch)
        seen = self._network.posteriors([strip_of(batch[i], inks[i]) for i in written])
        for i, posterior in zip(written, seen, strict=True):
            readings[i] = self._reading(batch[i], posterior)
        return readings

    @cache  # noqa: B019 - engines live as long as the process
    def _alphabet(self, kind: FieldKind, foreign: bool) -> Alphabet:
        allowed = allowed_characters(kind, "foreign" if foreign else "")
        if character_class(kind) is CharacterClass.NUMERIC:
            allowed = allowed.replace(" ", "")  # the network writes no spaces in numbers
        return Alphabet(allowed, self._network.load().columns, look_alikes(allowed))

    def _reading(self, image: FieldImage, posterior: NDArray[np.float32]) -> Reading:
        definition = image.definition
        alphabet = self._alphabet(definition.kind, definition.name.startswith("foreign"))
        folded, within = normalise(alphabet.fold(posterior[:, alphabet.columns]))
        beams = beam_search(folded, _BEAMS[character_class(definition.kind)])[:_ALTERNATIVES]
        (labels, best), others = beams[0], beams[1:]
        return Reading(
            engine=self.name,
            version=self.version,
            text=alphabet.spell(labels).strip(),
            confidence=min(math.exp(best), 1.0) * min(within / _WITHIN, 1.0),
            alternatives=tuple(
                Alternative(text=alphabet.spell(labels).strip(), log_odds=score - best)
                for labels, score in others
            ),
        )

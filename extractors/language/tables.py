"""The tables behind the prior: word lists with frequencies, and which letters follow which.

Made by `benchmarks/language`, kept in `models/language.npz`; `models/language.md` says of what.
"""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from schemas.errors import MissingProgramError

FILE = Path(__file__).parents[1] / "models" / "language.npz"
ORDER = 6
"""Letters looked at together."""
START, END = "^", "$"
_STEPS = 12.0
"""Of a logarithm's unit: one byte holds down to e^-21."""
_UNSEEN = -14.0
_AFTER_ALL_LETTERS = "{"


class Lexicon:
    """Words with their shares of all, asked by their beginnings."""

    def __init__(self, shares: Mapping[str, float]) -> None:
        self._words = sorted(shares)
        total = sum(shares.values())
        weights = [shares[word] / total for word in self._words]
        self._cumulated = [0.0, *accumulate(weights)]

    def beginning(self, prefix: str) -> float:
        """Share of the words that begin so."""
        low = bisect_left(self._words, prefix)
        high = bisect_left(self._words, prefix + _AFTER_ALL_LETTERS, low)
        return self._cumulated[high] - self._cumulated[low]

    def whole(self, word: str) -> float:
        """Share of that very word."""
        at = bisect_left(self._words, word)
        if at == len(self._words) or self._words[at] != word:
            return 0.0
        return self._cumulated[at + 1] - self._cumulated[at]


class Letters:
    """How likely a letter is after others, for words that no list holds."""

    def __init__(self, rows: Mapping[str, float], yielding: Mapping[str, float]) -> None:
        self._rows = rows
        self._yielding = yielding

    def after(self, prefix: str, letter: str) -> float:
        """Logarithm of the probability of `letter` (or `END`) after a word's beginning."""
        row = (START + prefix)[-(ORDER - 1) :] + letter
        score = 0.0
        while row not in self._rows:
            if len(row) == 1:
                return score + _UNSEEN
            score += self._yielding.get(row[:-1], 0.0)
            row = row[1:]
        return score + self._rows[row]


class Tables:
    """All word lists by name, and the letters."""

    def __init__(self, lexicons: Mapping[str, Lexicon], letters: Letters) -> None:
        self.lexicons = lexicons
        self.letters = letters


def pack(
    lexicons: Mapping[str, Mapping[str, float]],
    rows: Mapping[str, float],
    yielding: Mapping[str, float],
) -> bytes:
    """The file's content; logarithms are rounded to a twelfth."""
    arrays: dict[str, NDArray[np.uint8]] = {}
    for name, shares in lexicons.items():
        logs = {word: float(np.log(share)) for word, share in shares.items()}
        arrays |= _packed(f"lexicon_{name}", logs)
    arrays |= _packed("rows", rows) | _packed("yielding", yielding)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _packed(name: str, logs: Mapping[str, float]) -> dict[str, NDArray[np.uint8]]:
    keys = sorted(logs)
    text = np.frombuffer("\n".join(keys).encode("ascii"), np.uint8)
    steps = np.round(-_STEPS * np.array([logs[key] for key in keys]))
    return {f"{name}.text": text, f"{name}.logs": np.clip(steps, 0, 255).astype(np.uint8)}


@cache
def load_tables(path: Path = FILE) -> Tables:
    """The tables, once a process.

    Raises:
        MissingProgramError: the file is missing or damaged.
    """
    if not path.is_file():
        raise MissingProgramError(f"the word tables {path.name} are missing: reinstall taxlift")
    try:
        with np.load(path, allow_pickle=False) as arrays:
            logs = {
                name.removesuffix(".text"): _unpacked(arrays, name.removesuffix(".text"))
                for name in arrays.files
                if name.endswith(".text")
            }
        lexicons = {
            name.removeprefix("lexicon_"): Lexicon({k: float(np.exp(v)) for k, v in own.items()})
            for name, own in logs.items()
            if name.startswith("lexicon_")
        }
        return Tables(lexicons, Letters(logs["rows"], logs["yielding"]))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise MissingProgramError(
            f"the word tables {path.name} are damaged: reinstall taxlift"
        ) from error


def _unpacked(arrays: Mapping[str, NDArray[np.uint8]], name: str) -> dict[str, float]:
    keys = arrays[f"{name}.text"].tobytes().decode("ascii").split("\n")
    logs = (arrays[f"{name}.logs"].astype(np.float64) / -_STEPS).tolist()
    return dict(zip(keys, logs, strict=True))

"""Files of named arrays that may be lost: what cannot be read is made anew."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def load_maps(file: Path, names: Sequence[str]) -> dict[str, NDArray[Any]] | None:
    """The arrays of these names; none where the file is not there or was cut off by a crash."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def store_maps(file: Path, maps: Mapping[str, NDArray[Any]]) -> None:
    """Write whole or not at all. A cache that cannot be written costs time, nothing else."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as out:
                np.savez_compressed(out, allow_pickle=False, **dict(maps))
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

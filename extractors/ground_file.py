"""The ground of a blank's fields, kept on disk: to work it out takes as long as reading a page."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.areas import Area, FieldArea
from extractors.dividers import Divider
from extractors.ground import Ground, Grounds
from extractors.map_file import load_maps, store_maps
from schemas.forms import FieldDefinition

_VERSION = 1
"""Raised when the way grounds are made changes: older files are then no longer looked at."""
_NAMES = ("areas", "sampled", "distance", "sample", "rulings", "dividers")


def ground_file(folder: Path, blank: str, page: int, fields: Sequence[FieldDefinition]) -> Path:
    """Where the ground of a page is kept; `blank` is the sha256 of its form."""
    about = [(str(one.kind), tuple(one.box)) for one in fields]
    text = f"{blank}:{page}:{_VERSION}:{about}"
    return folder / f"ground-{hashlib.sha256(text.encode()).hexdigest()[:32]}.npz"


def load_grounds(file: Path, areas: Sequence[FieldArea], sampled: Sequence[Area]) -> Grounds | None:
    """What was stored there; none where it is not there, damaged, or of other areas than these."""
    maps = load_maps(file, _NAMES)
    if maps is None:
        return None
    try:
        found = _from_arrays(maps)
    except (ValueError, TypeError, IndexError):
        return None
    same = [area for area, _ in found.around_fields] == list(areas)
    return found if same and [area for area, _ in found.sample] == list(sampled) else None


def store_grounds(file: Path, grounds: Grounds) -> None:
    """Write whole or not at all."""
    store_maps(file, _to_arrays(grounds))


def _to_arrays(grounds: Grounds) -> dict[str, NDArray[Any]]:
    around = grounds.around_fields
    return {
        "areas": np.array([(*area.wanted, *area.seen) for area, _ in around], np.int32),
        "sampled": np.array([area for area, _ in grounds.sample], np.int32),
        "distance": _joined([ground.distance for _, ground in around]),
        "rulings": _joined([ground.packed_rulings for _, ground in around]),
        "sample": _joined([distance for _, distance in grounds.sample]),
        "dividers": np.array(
            [
                (at, one.left, one.top, one.right, one.bottom, one.dashed)
                for at, (_, ground) in enumerate(around)
                for one in ground.dividers
            ],
            np.int32,
        ).reshape(-1, 6),
    }


def _from_arrays(maps: dict[str, NDArray[Any]]) -> Grounds:
    areas = [
        FieldArea(Area(*row[:4]), Area(*row[4:])) for row in maps["areas"].reshape(-1, 8).tolist()
    ]
    sampled = [Area(*row) for row in maps["sampled"].reshape(-1, 4).tolist()]
    shapes = [area.seen.shape for area in areas]
    distances = _parted(maps["distance"], shapes)
    rulings = _parted(maps["rulings"], [(high, -(-wide // 8)) for high, wide in shapes])
    dividers: list[list[Divider]] = [[] for _ in areas]
    for at, left, top, right, bottom, dashed in maps["dividers"].tolist():
        dividers[at].append(Divider(left, top, right, bottom, bool(dashed)))
    return Grounds(
        tuple(
            (area, Ground(distance, lines, tuple(own)))
            for area, distance, lines, own in zip(areas, distances, rulings, dividers, strict=True)
        ),
        tuple(zip(sampled, _parted(maps["sample"], [one.shape for one in sampled]), strict=True)),
    )


def _joined(arrays: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.concatenate([np.empty(0, np.uint8), *(one.ravel() for one in arrays)])


def _parted(flat: NDArray[np.uint8], shapes: Sequence[tuple[int, int]]) -> list[NDArray[np.uint8]]:
    sizes = [high * wide for high, wide in shapes]
    if flat.size != sum(sizes):
        raise ValueError("the file holds other areas than it says")
    pieces = np.split(flat, np.cumsum(sizes)[:-1]) if sizes else []
    return [piece.reshape(shape) for piece, shape in zip(pieces, shapes, strict=True)]

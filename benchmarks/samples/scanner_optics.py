"""Single defects of scans, each a plain function from a gray page to a gray page."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.page_image import Gray

_TILE = 512


def show_through(page: Gray, strength: float) -> Gray:
    """The back of the sheet, mirrored and blurred, faintly seen; the page stands in for it."""
    small = cv2.resize(page, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    back = cv2.GaussianBlur(cv2.flip(small, 1), (0, 0), 1.2)
    back = cv2.resize(back, (page.shape[1], page.shape[0]), interpolation=cv2.INTER_LINEAR)
    # 255 - back is the ink there; a share of it darkens this side.
    return cv2.addWeighted(page, 1.0, back, strength, -255.0 * strength).astype(np.uint8)


def uneven_light(image: Gray, amount: float, rng: np.random.Generator) -> Gray:
    """Brightness that varies smoothly over the page by up to `amount` (share)."""
    field = rng.uniform(1 - amount, 1.0, (3, 3)).astype(np.float32)
    return _scaled_by(image, field)


def vignette(image: Gray, rng: np.random.Generator) -> Gray:
    """Darker towards the corners and of low contrast, as a filmed page is."""
    y, x = np.mgrid[-1:1:9j, -1:1:9j]
    strength = rng.uniform(0.12, 0.3)
    field = (1 - strength * np.clip(np.hypot(x, y) - 0.55, 0, None)).astype(np.float32)
    dark = _scaled_by(image, field)
    low, high = rng.uniform(35, 70), rng.uniform(190, 222)
    table = np.linspace(low, high, 256).astype(np.uint8)
    return cv2.LUT(dark, table).astype(np.uint8)


def _scaled_by(image: Gray, coarse: np.ndarray) -> Gray:
    size = (image.shape[1], image.shape[0])
    field = cv2.resize((coarse * 255).astype(np.uint8), size, interpolation=cv2.INTER_LINEAR)
    return cv2.multiply(image, field, scale=1 / 255.0).astype(np.uint8)


def _noise_tile(sigma: float, smooth: float, rng: np.random.Generator) -> np.ndarray:
    tile = rng.standard_normal((_TILE, _TILE), dtype=np.float32)
    if smooth:
        soft = cv2.GaussianBlur(tile, (0, 0), smooth, borderType=cv2.BORDER_REFLECT)
        tile = (soft / max(float(soft.std()), 1e-6)).astype(np.float32)
    return np.clip(np.rint(tile * sigma), -127, 127).astype(np.int16)


def _add_tiled(image: Gray, sigma: float, smooth: float, rng: np.random.Generator) -> Gray:
    """Adds noise made of a few random tiles: as good to the eye and ten times faster."""
    tiles = [_noise_tile(sigma, smooth, rng) for _ in range(3)]
    out = image.astype(np.int16)
    for top in range(0, image.shape[0], _TILE):
        for left in range(0, image.shape[1], _TILE):
            tile = tiles[int(rng.integers(len(tiles)))]
            if rng.random() < 0.5:
                tile = tile[:, ::-1]
            if rng.random() < 0.5:
                tile = tile[::-1]
            window = out[top : top + _TILE, left : left + _TILE]
            window += tile[: window.shape[0], : window.shape[1]]
    return np.clip(out, 0, 255).astype(np.uint8)


def sensor_noise(image: Gray, sigma: float, rng: np.random.Generator) -> Gray:
    """Independent noise of `sigma` gray levels on every pixel."""
    return _add_tiled(image, sigma, 0.0, rng)


def grain(image: Gray, rng: np.random.Generator) -> Gray:
    """The coarser grain of film."""
    return _add_tiled(image, rng.uniform(5.0, 10.0), rng.uniform(0.8, 1.3), rng)


def speckle(image: Gray, count: int, rng: np.random.Generator) -> Gray:
    """Dust: small dark spots, some light ones, and now and then a hair."""
    out = image.copy()
    height, width = out.shape
    places = np.column_stack([rng.integers(0, width, count), rng.integers(0, height, count)])
    radii = rng.choice([0, 1, 2], size=count, p=[0.6, 0.32, 0.08])
    light = rng.random(count) < 0.25
    for (x, y), radius, is_light in zip(places, radii, light, strict=True):
        colour = 250 if is_light else int(rng.integers(20, 120))
        cv2.circle(out, (int(x), int(y)), int(radius), colour, -1)
    for _ in range(int(rng.poisson(0.4))):
        start = rng.uniform(0, [width, height])
        knots = start + np.cumsum(rng.normal(0, 14, (6, 2)), axis=0)
        cv2.polylines(out, [np.rint(knots).astype(np.int32)], False, 110, 1, cv2.LINE_AA)
    return out


def threshold(image: Gray, adaptive: bool, rng: np.random.Generator) -> Gray:
    """Black or white: at a fixed level, or below what surrounds the pixel as scanners do."""
    if adaptive:
        small = cv2.resize(image, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
        paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 6)
        around = cv2.resize(paper, (image.shape[1], image.shape[0]))
        share = np.arange(256) * rng.uniform(0.7, 0.8)
        level = cv2.LUT(around, share.astype(np.uint8))
        return np.where(image < level, 0, 255).astype(np.uint8)
    _, out = cv2.threshold(image, float(rng.uniform(155, 192)), 255, cv2.THRESH_BINARY)
    return out.astype(np.uint8)


def jpeg(image: Gray, quality: int) -> Gray:
    """The page after one round through a JPEG of this quality (1 to 100)."""
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)

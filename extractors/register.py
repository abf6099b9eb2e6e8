"""Where a blank lies on a scan: from a rough guess to parts of a pixel, with an honest score."""

from __future__ import annotations

import numpy as np

from extractors.blank_page import COARSE_DPI, FINE_DPI, BlankPage
from extractors.inkmap import Matrix, darkness, scaling, turning
from extractors.matching import fit_homography, match_patches, share_found
from extractors.page_image import CANVAS_DPI, CANVAS_SCALE, PageImage, Registration
from extractors.scan import Scan

_COARSE_REACH = 16
"""Pixels at 75 dpi that a patch may lie off the guess: about 5 mm."""
_FINE_REACH = 7
"""Pixels at 150 dpi: about 1 mm."""
_LEAST = 8
"""A homography has eight unknowns, four points: twice as many must agree."""

_TO_CORNER: Matrix = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
_TO_CENTRE: Matrix = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
_TO_CANVAS: Matrix = np.diag([CANVAS_SCALE, CANVAS_SCALE, 1.0])


def points_to_pixels(canvas_to_scan: Matrix) -> Matrix:
    """From a map between pixel indices (OpenCV's, whole numbers at centres) to a registration's.

    A registration's matrix is geometry: points on the blank → pixels of the scan, with
    (0, 0) at the outer corner of the first pixel in both.
    """
    whole = _TO_CORNER @ canvas_to_scan @ _TO_CENTRE @ _TO_CANVAS
    return np.asarray(whole / whole[2, 2], np.float64)


def canvas_to_scan(registration: Registration) -> Matrix:
    """Pixel indices of the canvas → those of the scan: the inverse of `points_to_pixels`."""
    return np.asarray(
        _TO_CENTRE @ registration.matrix @ np.linalg.inv(_TO_CANVAS) @ _TO_CORNER, np.float64
    )


def guess_from_size(scan: Scan, blank: BlankPage, turned: int) -> Matrix:
    """Canvas → scan if the sheet filled the scan exactly."""
    height, width = scan.gray.shape
    turn = turning(width, height, turned)
    upright = (width, height) if turned in (0, 180) else (height, width)
    fill = scaling(upright[0] / blank.canvas_shape[1], upright[1] / blank.canvas_shape[0])
    return np.asarray(np.linalg.inv(turn) @ fill, np.float64)


def refine_coarsely(scan: Scan, blank: BlankPage, start: Matrix) -> Matrix | None:
    """Canvas → scan by patches at low resolution; none where the blank is not seen there."""
    to_coarse = scaling(COARSE_DPI / CANVAS_DPI)
    from_coarse = start @ np.linalg.inv(to_coarse)
    image = darkness(scan.warp(from_coarse, blank.coarse.shape), COARSE_DPI)
    matches = match_patches(image, blank.coarse_patches, _COARSE_REACH)
    fit = fit_homography(matches, within=3.0, least=_LEAST)
    return None if fit is None else from_coarse @ fit.matrix @ to_coarse


def register_page(
    page: PageImage,
    blank: BlankPage,
    turned: int,
    start: Matrix | None = None,
    scan: Scan | None = None,
) -> Registration | None:
    """Map a blank on a scan.

    `turned` is by how many degrees clockwise (0, 90, 180, 270) the scan has to be turned to
    stand upright. `start` (indices of canvas pixels → of the scan's) is a better guess than
    the sheet's size, if there is one; `scan` is the page as others have looked at it already,
    if they have. None where too little of the blank is found to fit a
    map; a map that is found can still be wrong, which its score and residual tell.
    """
    scan = Scan(page.gray) if scan is None else scan
    matrix = start
    if matrix is None:
        matrix = refine_coarsely(scan, blank, guess_from_size(scan, blank, turned))
        if matrix is None:
            return None
    to_fine = scaling(FINE_DPI / CANVAS_DPI)
    from_fine = np.linalg.inv(to_fine)
    image = scan.darkness(matrix @ from_fine, blank.fine.shape, FINE_DPI)
    fit = fit_homography(
        match_patches(image, blank.fine_patches, _FINE_REACH), within=2.0, least=_LEAST
    )
    if fit is None:
        return None
    return Registration(
        matrix=points_to_pixels(matrix @ from_fine @ fit.matrix @ to_fine),
        score=share_found(blank.fine_ink, image, matrix=fit.matrix),
        residual_px=fit.residual * CANVAS_DPI / FINE_DPI,
        turned=turned,
    )

"""A scan being looked at many times, at several sizes, without being reduced again each time."""

from __future__ import annotations

import cv2
import numpy as np

from extractors.inkmap import Matrix, dark_on_light, darkness, scaling
from extractors.page_image import Gray


class Scan:
    """One page's pixels, dark on light, with reduced copies made when first needed.

    Belongs to one page being read, and so to one thread.
    """

    def __init__(self, gray: Gray) -> None:
        self.gray = dark_on_light(gray)
        self._reduced: dict[int, Gray] = {1: self.gray}
        self._last: tuple[tuple[object, ...], Gray] | None = None

    def reduced(self, times: int) -> Gray:
        """The scan made smaller by a whole number of times, by area."""
        if times not in self._reduced:
            # Halving is several times faster than any other step.
            gray, step = self.gray, times
            if times % 2 == 0:
                gray, step = self.reduced(times // 2), 2
            height, width = (max(side // step, 1) for side in gray.shape)
            whole = gray[: height * step, : width * step]
            small = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
            self._reduced[times] = np.asarray(small, np.uint8)
        return self._reduced[times]

    def darkness(self, canvas_to_scan: Matrix, shape: tuple[int, ...], dpi: float) -> Gray:
        """The darkness of the scan as `warp` sees it; to be looked at only.

        The last one is kept: twins are told apart by what registration begins with.
        """
        key = (canvas_to_scan.tobytes(), shape, dpi)
        if self._last is None or self._last[0] != key:
            self._last = (key, darkness(self.warp(canvas_to_scan, shape), dpi))
        return self._last[1]

    def warp(
        self, canvas_to_scan: Matrix, shape: tuple[int, ...], corner: tuple[int, int] = (0, 0)
    ) -> Gray:
        """The scan as seen on a canvas of that shape (height, width); white beyond its edges.

        The matrix maps pixel indices; `corner` (left, top) is where on the canvas the part that
        is wanted begins. A canvas coarser than the scan is fed by a reduced scan, or thin rulings
        would vanish between the samples.
        """
        area = abs(np.linalg.det(canvas_to_scan[:2, :2] / canvas_to_scan[2, 2]))
        times = min(max(int(np.sqrt(area) + 0.35), 1), *self.gray.shape)
        gray = self.gray
        if corner != (0, 0):
            move = np.array([[1.0, 0.0, corner[0]], [0.0, 1.0, corner[1]], [0.0, 0.0, 1.0]])
            canvas_to_scan = canvas_to_scan @ move
        if times > 1:
            gray = self.reduced(times)
            canvas_to_scan = scaling(1 / times) @ canvas_to_scan
        return np.asarray(
            cv2.warpPerspective(
                gray,
                canvas_to_scan,
                (shape[1], shape[0]),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=(255.0,),
            ),
            np.uint8,
        )

"""Fits `extractors/engines/marks.json`: `python -m benchmarks.fit_marks --pages 240 --glyphs DIR`.

Pages are filled in by the tuning writers with all manners of marks, the rare ones often, scanned,
registered and lifted as ever. Weights are not negative: more ink of a shape never speaks against a
mark.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from benchmarks.filling import Filer
from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink import draw_page, make_hand
from benchmarks.samples.ink_corrections import STRUCK_OUT
from benchmarks.samples.ink_hands import MARK_ODDS, MARK_STYLES
from benchmarks.samples.scanner import Quality, scan_page
from extractors.blank_page import BlankPage
from extractors.blank_shelf import blank_pages
from extractors.blanks import render_blank
from extractors.engines.mark_shapes import MarkShape, shape_of
from extractors.engines.marks import FILE, LogOdds, MarkOdds, correction_numbers, mark_numbers
from extractors.fields import BOXES, cut_fields
from extractors.lift import lift_page
from extractors.page_image import PageImage
from extractors.register import register_page
from schemas.department import Department
from schemas.packs import load_department

STYLE_ODDS = (0.1, 0.1, 0.12, 0.1, 0.12, 0.26, 0.2)
QUALITIES = (Quality.GOOD, Quality.FAIR, Quality.POOR)
TAKEN_BACK = 0.3
_TYPED = 0.15
_PENALTY = 1e-8


@dataclass(frozen=True, slots=True)
class SeenBox:
    """One box of a page: its ink, and what the filer did."""

    page: int
    group: str | None
    shape: MarkShape
    marked: bool
    manner: str | None
    share: float = 1.0
    """How many pages in life this page stands for: rare manners are drawn often."""


def see_pages(
    department: Department, glyphs: Path | None, seed: int, pages: int
) -> Iterator[list[SeenBox]]:
    """The boxes of each page that registers."""
    main = [b for b in blank_pages(department) if b.form == department.settings.main_form]
    for number in range(pages):
        rng = np.random.default_rng([seed, number])
        blank = main[int(rng.integers(len(main)))]
        yield _see(department, blank, glyphs, number, rng)


def _see(
    department: Department,
    blank: BlankPage,
    glyphs: Path | None,
    number: int,
    rng: np.random.Generator,
) -> list[SeenBox]:
    form = department.form(blank.form, blank.year)
    if form is None:
        raise ValueError("the blanks are the department's own")
    ink = "typed" if rng.random() < _TYPED else "hand"
    hand = make_hand(ink, rng, glyphs if ink == "hand" else None, Writers.TUNING)
    share = 1.0
    if ink == "hand":
        style = str(rng.choice(MARK_STYLES, p=STYLE_ODDS))
        hand.habits = replace(hand.habits, mark_style=style)
        share = MARK_ODDS[MARK_STYLES.index(style)] / STYLE_ODDS[MARK_STYLES.index(style)]
    gray = render_blank(form, blank.page.number, department.folder)
    wanted = Filer(rng).fill(blank.page)
    filled, drawn = draw_page(gray, blank.page, wanted, hand, rng, marks_taken_back=TAKEN_BACK)
    scan = scan_page(filled, QUALITIES[number % len(QUALITIES)], rng)
    page = PageImage(1, scan.image, scan.dpi)
    found = register_page(page, blank, scan.turned)
    if found is None or found.score < department.settings.limits.registration:
        return []
    by_name = {one.name: one for one in drawn}
    seen = []
    for image in cut_fields(lift_page(page, blank, found), page, blank.page):
        field, one = image.definition, by_name.get(image.definition.name)
        if field.kind in BOXES:
            marked, manner = (bool(one.text), one.manner) if one else (False, None)
            seen.append(SeenBox(number, field.group, shape_of(image), marked, manner, share))
    return seen


def fit_marks(pages: Sequence[Sequence[SeenBox]], fitted_on: str) -> MarkOdds:
    """The odds that a box is marked, and that the heavier of two marks is taken back."""
    boxes = [one for page in pages for one in page if one.manner != STRUCK_OUT]
    marked = _fit(
        [mark_numbers(one.shape) for one in boxes],
        [one.marked for one in boxes],
        np.array([one.share for one in boxes]),
    )
    numbers, taken_back = [], []
    for page in pages:
        groups: dict[str, list[SeenBox]] = defaultdict(list)
        for one in page:
            if one.group is not None and marked.of(mark_numbers(one.shape)) > 0:
                groups[one.group].append(one)
        for among in groups.values():
            if len(among) == 2 and STRUCK_OUT in {one.manner for one in among}:
                for one, other in (among, among[::-1]):
                    numbers.append(correction_numbers(one.shape, other.shape.mass))
                    taken_back.append(one.manner == STRUCK_OUT)
    return MarkOdds(
        fitted_on=fitted_on,
        marked=marked,
        taken_back=_fit(numbers, taken_back, np.ones(len(numbers))),
    )


def _fit(
    numbers: Sequence[dict[str, float]], truth: Sequence[bool], counts: NDArray[np.float64]
) -> LogOdds:
    names = list(numbers[0])
    inputs = np.array([[one[name] for name in names] for one in numbers])
    sign = np.where(truth, 1.0, -1.0)
    spread = inputs.std(axis=0) + 1e-9

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        odds = weights[0] + (inputs / spread) @ weights[1:]
        pull = -counts * sign / (1.0 + np.exp(np.clip(sign * odds, -40, 40)))
        penalty = _PENALTY * len(sign) * weights[1:]
        slope = np.concatenate([[pull.sum()], (inputs / spread).T @ pull + 2 * penalty])
        return float(counts @ np.logaddexp(0, -sign * odds) + penalty @ weights[1:]), slope

    bounds = [(None, None)] + [(0.0, None)] * len(names)
    start = np.zeros(len(names) + 1)
    found = minimize(
        loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000}
    )
    weights = found.x[1:] / spread
    return LogOdds(
        constant=round(float(found.x[0]), 3),
        weights={name: round(float(w), 3) for name, w in zip(names, weights, strict=True)},
    )


def report(odds: MarkOdds, pages: Sequence[Sequence[SeenBox]]) -> None:
    """By manner, how many boxes there were and how many the ink alone tells rightly."""
    by_manner: dict[str, list[bool]] = defaultdict(list)
    for one in (one for page in pages for one in page):
        right = (odds.marked.of(mark_numbers(one.shape)) > 0) == one.marked
        by_manner[one.manner or "empty"].append(right)
    for manner, told in sorted(by_manner.items()):
        print(f"{manner:12} {len(told):6} {np.mean(told):8.2%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=240)
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--out", type=Path, default=Path("extractors/engines") / FILE)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    department = load_department(arguments.department)
    pages = list(see_pages(department, arguments.glyphs, arguments.seed, arguments.pages))
    boxes = sum(len(page) for page in pages)
    fitted_on = f"{boxes} boxes of {arguments.pages} pages, tuning writers, seed {arguments.seed}"
    odds = fit_marks(pages, fitted_on)
    arguments.out.write_text(odds.model_dump_json(indent=1) + "\n", encoding="utf-8")
    report(odds, pages)


if __name__ == "__main__":
    main()

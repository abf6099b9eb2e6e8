"""How well pages are told apart and registered: every page of a department, at every quality.

python -m benchmarks.registration --qualities good,fair,poor --repeats 1 --seed 11
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field

import cv2
import numpy as np

from benchmarks.samples.ink import draw_page, make_hand
from benchmarks.samples.scanner import ScannedPage, scan_page
from extractors.blank_page import BlankPage
from extractors.blank_shelf import blank_pages
from extractors.identify import PageMatcher
from extractors.inkmap import apply
from extractors.page_image import PageImage
from extractors.register import register_page
from schemas.forms import FieldKind, PageDefinition
from schemas.packs import load_department


@dataclass
class Tally:
    """What was seen at one quality."""

    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[float] = field(default_factory=list)
    """Pixels at 300 dpi by which the corners of fields are off."""
    worst: list[float] = field(default_factory=list)
    """The largest of each page."""
    scores: list[tuple[float, float]] = field(default_factory=list)
    identify_ms: list[float] = field(default_factory=list)
    register_ms: list[float] = field(default_factory=list)


def random_values(page: PageDefinition, rng: np.random.Generator) -> dict[str, str | bool]:
    """Something in about half of the fields; here only its place matters."""
    values: dict[str, str | bool] = {}
    for one in page.fields:
        if rng.random() < 0.5:
            continue
        if one.kind.is_mark:
            values[one.name] = True
        elif one.kind in (FieldKind.NAME, FieldKind.TEXT):
            values[one.name] = "Maria Jefferson"[: one.max_length]
        elif one.kind is FieldKind.TAXPAYER_ID:
            values[one.name] = f"9{rng.integers(10**7, 10**8)}"
        else:
            values[one.name] = str(int(10 ** rng.uniform(1, 6)))[: one.max_length]
    return values


def filled_scan(
    blank: BlankPage, quality: str, rng: np.random.Generator
) -> tuple[PageImage, ScannedPage]:
    """A page filled in and scanned, and the truth about where it lies."""
    hand = make_hand("mixed", rng)
    filled, _ = draw_page(blank.gray, blank.page, random_values(blank.page, rng), hand, rng)
    scanned = scan_page(filled, quality, rng)
    return PageImage(1, scanned.image, scanned.dpi), scanned


def corner_errors(blank: BlankPage, found: np.ndarray, scanned: ScannedPage) -> np.ndarray:
    """Distance of every field's corners from where they truly are, in pixels at 300 dpi."""
    corners = np.array(
        [
            point
            for one in blank.page.fields
            for point in (
                (one.box.x0, one.box.y0),
                (one.box.x1, one.box.y0),
                (one.box.x1, one.box.y1),
                (one.box.x0, one.box.y1),
            )
        ]
    )
    away = apply(found, corners) - apply(scanned.matrix, corners)
    return np.asarray(np.linalg.norm(away, axis=1) * 300 / scanned.dpi)


def measure(
    matcher: PageMatcher, blank: BlankPage, quality: str, rng: np.random.Generator, tally: Tally
) -> None:
    page, scanned = filled_scan(blank, quality, rng)
    start = time.process_time()
    identified = matcher.identify(page)
    tally.identify_ms.append((time.process_time() - start) * 1000)
    if identified.blank is None:
        tally.outcomes[str(identified.kind)] += 1
        print(f"  {quality}: {blank.key}: {identified.kind}, {identified.message}")
        return
    if identified.blank is not blank or identified.turned != scanned.turned:
        tally.outcomes["wrong"] += 1
        print(f"  {quality}: {blank.key} taken for {identified.blank.key}, {identified.score:.2f}")
        return
    start = time.process_time()
    registration = register_page(page, blank, identified.turned, identified.start)
    tally.register_ms.append((time.process_time() - start) * 1000)
    if registration is None:
        tally.outcomes["refused"] += 1
        return
    tally.outcomes["right"] += 1
    errors = corner_errors(blank, registration.matrix, scanned)
    tally.errors += errors.tolist()
    tally.worst.append(float(errors.max()))
    tally.scores.append((identified.score, registration.score))


def report(quality: str, tally: Tally) -> str:
    errors, worst = np.array(tally.errors), np.array(tally.worst)
    scores = np.array(tally.scores)
    return (
        f"{quality}: {dict(tally.outcomes)}; corners off by {np.median(errors):.2f} px (median), "
        f"{np.percentile(errors, 95):.2f} (95 %), {errors.max():.2f} (worst); "
        f"{np.mean(worst <= 2):.1%} of pages within 2 px; least scores "
        f"{scores[:, 0].min():.2f} (identification) {scores[:, 1].min():.2f} (registration); "
        f"ms a page {np.median(tally.identify_ms):.0f} + {np.median(tally.register_ms):.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--qualities", default="good,fair,poor")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--seed", type=int, default=11)
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    blanks = blank_pages(load_department(chosen.department))
    matcher = PageMatcher(blanks)
    rng = np.random.default_rng(chosen.seed)
    for quality in chosen.qualities.split(","):
        tally = Tally()
        for blank in blanks:
            for _ in range(chosen.repeats):
                measure(matcher, blank, quality, rng, tally)
        print(report(quality, tally))


if __name__ == "__main__":
    main()

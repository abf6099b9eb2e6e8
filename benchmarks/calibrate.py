"""Fits `extractors/calibration.json`: `python -m benchmarks.calibrate --pages 120 --glyphs DIR`.

Pages are filled in by the tuning writers only, scanned, registered, lifted and read as ever;
then, for each class of field, ink and agreement of engines, the share of right values is made
a rising function of the engines' score (pool adjacent violators). Every share is lowered by
one wrong value that was not seen: a class of few samples cannot claim much.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink import draw_page, make_hand
from benchmarks.samples.scanner import scan_page
from extractors.blank_page import BlankPage
from extractors.blank_shelf import blank_pages
from extractors.blanks import render_blank
from extractors.confidence import Curve, InkKind, Witnesses, curve_key, kind_class
from extractors.fields import cut_fields
from extractors.lift import lift_page
from extractors.page_image import FieldImage, PageImage
from extractors.parsing import canonical
from extractors.reader import read_fields
from extractors.register import register_page
from extractors.weighing import weigh
from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind
from schemas.packs import load_department
from schemas.readings import FieldValue

QUALITIES = ("good", "fair", "fair", "poor")
FEWEST = 40
"""Samples below which a class gets no curve of its own."""
_FIRST_NAMES = ("Maria", "James", "Linda", "Robert", "Aisha", "Tom", "Wei", "Olga", "Luis", "Ann")
_LAST_NAMES = ("Johnson", "O'Neil", "Garcia", "Smith-Ames", "Nguyen", "Brown", "Kowalski", "Lee")
_TOWNS = ("Springfield", "Durham", "Port Adams", "Lakewood", "San Jose", "Eau Claire", "Mesa")
_STATES = ("NC", "CA", "TX", "OH", "WI", "NY", "FL", "WA")
_WORK = ("Nurse", "Engineer", "Teacher", "Truck driver", "Retired", "Sales manager", "Cook")


@dataclass(frozen=True, slots=True)
class Sample:
    key: str
    score: float
    right: bool


def invent(field: FieldDefinition, rng: np.random.Generator) -> str:
    """A text such as people write in a field of that kind."""

    def digits(count: int) -> str:
        return "".join(str(d) for d in rng.integers(0, 10, count))

    def one_of(texts: Sequence[str]) -> str:
        return texts[int(rng.integers(len(texts)))]

    first_last = f"{one_of(_FIRST_NAMES)} {one_of(_LAST_NAMES)}"
    texts = {
        FieldKind.AMOUNT: invent_amount(rng),
        FieldKind.COUNT: str(rng.integers(0, 8)),
        FieldKind.TAXPAYER_ID: f"9{digits(2)}-{digits(2)}-{digits(4)}",
        FieldKind.ROUTING_NUMBER: digits(9),
        FieldKind.ACCOUNT_NUMBER: digits(int(rng.integers(8, 13))),
        FieldKind.PHONE: f"{digits(3)}-{digits(3)}-{digits(4)}",
        FieldKind.POSTAL_CODE: digits(5),
        FieldKind.CODE: digits(field.comb or 5),
        FieldKind.DATE: f"{rng.integers(1, 13)}/{rng.integers(1, 29)}/2023",
        FieldKind.EMAIL: f"{one_of(_FIRST_NAMES).lower()}{digits(2)}@example.org",
        FieldKind.NAME: first_last,
    }
    if field.kind in texts:
        return texts[field.kind]
    if field.name.endswith("_state"):
        return one_of(_STATES)
    if "street" in field.name:
        return f"{rng.integers(1, 9999)} {one_of(_LAST_NAMES)} St"
    return one_of(_WORK if "occupation" in field.name else _TOWNS)


def invent_amount(rng: np.random.Generator) -> str:
    """From single dollars to hundreds of thousands, as many of each size; written variously."""
    dollars = int(np.exp(rng.uniform(np.log(3), np.log(400_000))))
    text = f"{dollars:,}" if rng.random() < 0.7 else str(dollars)
    chance = rng.random()
    if chance < 0.1:
        return f"{text}.{rng.integers(100):02d}"
    if chance < 0.16:
        return text + "."
    return f"({text})" if chance < 0.18 else f"-{text}" if chance < 0.2 else text


def read_pages(
    department: Department, pages: int, glyphs: Path | None, seed: int
) -> Iterator[tuple[FieldImage, str, FieldValue]]:
    """Every field that was written on, with what was written and what was read."""
    rng = np.random.default_rng(seed)
    blanks = blank_pages(department)
    main = [blank for blank in blanks if blank.form == department.settings.main_form]
    for number in range(pages):
        # The main form has the numbers of people and accounts; the schedules are many.
        among = main if rng.random() < 0.5 else blanks
        blank = among[int(rng.integers(len(among)))]
        ink, source = (("typed", None), ("hand", None), ("hand", glyphs))[number % 3]
        hand = make_hand(ink, rng, source, Writers.TUNING)
        yield from _read_page(department, blank, hand, QUALITIES[number % 4], rng)


def _read_page(
    department: Department, blank: BlankPage, hand: object, quality: str, rng: np.random.Generator
) -> Iterator[tuple[FieldImage, str, FieldValue]]:
    form = department.form(blank.form, blank.year)
    assert form is not None  # noqa: S101 - the blanks are the department's own
    wanted = {
        field.name: invent(field, rng)
        for field in blank.page.fields
        if not field.kind.is_mark and not field.reserved
        if rng.random() < (0.6 if kind_class(field.kind) != "number" else 0.95)
    }
    gray = render_blank(form, blank.page.number, department.folder)
    filled, drawn = draw_page(gray, blank.page, wanted, hand, rng)  # type: ignore[arg-type]
    scan = scan_page(filled, quality, rng)
    page = PageImage(1, scan.image, scan.dpi)
    registration = register_page(page, blank, scan.turned)
    if registration is None or registration.score < department.settings.limits.registration:
        return
    images = cut_fields(lift_page(page, blank, registration), page, blank.page)
    written = {field.name: str(field.text) for field in drawn}
    values = read_fields(images, form, blank.page.number, department)
    for image, value in zip(images, values, strict=True):
        if image.definition.name in written:
            yield image, written[image.definition.name], value


def samples_of(
    image: FieldImage, written: str, value: FieldValue, date_order: str
) -> Iterator[Sample]:
    """What the first engine says alone, and what all of them say."""
    definition, readings = image.definition, list(value.readings)
    sound = [reading for reading in readings if reading.problem is None]
    if not sound:
        return
    truth = canonical(definition.kind, written, date_order)
    ink: InkKind = "typed" if readings[0].engine == "tesseract" else "hand"
    for count in {1, len(readings)}:
        verdict = weigh(definition, readings[:count], date_order)
        if verdict.value is None:
            continue
        right = verdict.value == truth
        yield Sample(curve_key(definition.kind, ink, verdict.witnesses), verdict.score, right)
        yield Sample(_any(ink, verdict.witnesses), verdict.score, right)


def _any(ink: InkKind, witnesses: Witnesses) -> str:
    return f"any/{ink}/{witnesses}"


def fit(samples: Sequence[Sample], fewest_a_step: int = 25) -> Curve:
    """Shares of right values, rising with the score in steps of at least so many samples."""
    ordered = sorted(samples, key=lambda sample: sample.score)
    size = max(fewest_a_step, len(ordered) // 12)
    chunks = [ordered[i : i + size] for i in range(0, len(ordered), size)]
    if len(chunks) > 1 and len(chunks[-1]) < fewest_a_step:
        chunks[-2].extend(chunks.pop())
    # Pool adjacent violators: (right, samples, sum of scores) of each step.
    steps: list[list[float]] = []
    for chunk in chunks:
        right, total = sum(s.right for s in chunk), sum(s.score for s in chunk)
        steps.append([right, len(chunk), total])
        while len(steps) > 1 and steps[-2][0] / steps[-2][1] >= steps[-1][0] / steps[-1][1]:
            last = steps.pop()
            steps[-1] = [a + b for a, b in zip(steps[-1], last, strict=True)]
    return Curve(
        scores=tuple(round(total / count, 3) for _, count, total in steps),
        probabilities=tuple(round(right / (count + 1), 5) for right, count, _ in steps),
        samples=len(ordered),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--seed", type=int, default=1040)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--out", type=Path, default=Path("extractors/calibration.json"))
    arguments = parser.parse_args()
    department = load_department(arguments.department)
    # Thresholds beyond reach: every engine is asked about every field.
    settings = department.settings.model_copy(update={"accept": {}, "accept_default": 1.1})
    asking = department.model_copy(update={"settings": settings})
    by_key: dict[str, list[Sample]] = defaultdict(list)
    for image, written, value in read_pages(
        asking, arguments.pages, arguments.glyphs, arguments.seed
    ):
        for sample in samples_of(image, written, value, department.settings.date_order):
            by_key[sample.key].append(sample)
    curves = {key: fit(found) for key, found in sorted(by_key.items()) if len(found) >= FEWEST}
    source = "tuning fonts" + (" and real tuning characters" if arguments.glyphs else "")
    table = {
        "version": f"{datetime.now(UTC):%Y-%m-%d}",
        "fitted_on": f"{arguments.pages} pages, {source}, seed {arguments.seed}",
        "curves": {key: curve.model_dump(mode="json") for key, curve in curves.items()},
    }
    arguments.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    for key, curve in curves.items():
        print(f"{key:24} {curve.samples:6} samples, up to {curve.probabilities[-1]:.4f}")


if __name__ == "__main__":
    main()

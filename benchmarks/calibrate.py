"""Fits `extractors/calibration.json`: `python -m benchmarks.calibrate --pages 400 --glyphs DIR`.

Pages are filled in by the calibration writers only, on whom no recogniser was trained, scanned,
registered, lifted and read as ever, but with every engine asked about every field. Each class of
field, ink and witnesses is then fitted on the fields that come to it: a second engine sees only
what the first was not sure of (docs/decisions/0008).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from string import ascii_lowercase

import cv2
import numpy as np

from benchmarks.filling import Filer
from benchmarks.fitting import ASSURANCE, Sample, fit
from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink import draw_page, make_hand
from benchmarks.samples.scanner import scan_page
from benchmarks.scoring import same
from extractors.blank_shelf import blank_pages
from extractors.blanks import render_blank
from extractors.confidence import (
    Calibration,
    Curve,
    curve_key,
    log_odds,
    mark_key,
    pooled_key,
)
from extractors.fields import cut_fields
from extractors.lift import lift_page
from extractors.page_image import PageImage
from extractors.parsing import canonical
from extractors.reader import read_fields
from extractors.register import register_page
from extractors.weighing import weigh
from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind, Frozen
from schemas.packs import load_department
from schemas.readings import FieldValue, InkKind, Reading

QUALITIES = ("good", "fair", "fair", "poor")
TYPED_SHARE = 0.25
MAIN_SHARE = 0.75
FEWEST = 40
"""Samples below which a class gets no curve of its own."""
TARGETS = (1 / 100, 1 / 600, 1 / 5000)


class Observed(Frozen):
    """A field as it was filled in and as it was read, every engine having been asked."""

    page: int
    """Number of the page among those invented here."""
    written: str | bool | None
    value: FieldValue


@dataclass(frozen=True, slots=True)
class Seen:
    """One field after every engine was asked: what each further engine made of it."""

    kind: FieldKind
    stages: tuple[Sample, ...]
    """By the first engine alone, by the first two, and so on."""
    alone: tuple[Sample, ...]
    """By each further engine alone, as it counts where those before it fail."""
    pooled: tuple[Sample, ...]
    """All of these again, by ink only."""
    versions: tuple[tuple[str, str], ...]


@cache
def _asking(department: str) -> Department:
    """The department, at a target error that nothing reaches: every engine is always asked."""
    cv2.setNumThreads(1)
    pack = load_department(department)
    never = {"target_error": 0.0, "target_error_by_kind": {}}
    return pack.model_copy(update={"settings": pack.settings.model_copy(update=never)})


def read_page(department: str, glyphs: Path | None, seed: int, number: int) -> list[Observed]:
    """Every field of the page of that number: what was written, and what was read."""
    pack = _asking(department)
    rng = np.random.default_rng([seed, number])
    blanks = blank_pages(pack)
    main = [blank for blank in blanks if blank.form == pack.settings.main_form]
    # The main form has the numbers of people and accounts; the schedules are many.
    among = main if rng.random() < MAIN_SHARE else blanks
    blank = among[int(rng.integers(len(among)))]
    form = pack.form(blank.form, blank.year)
    if form is None:
        raise ValueError("the blanks are the department's own")
    # Fonts flatter: where there are real characters, all hands are theirs.
    ink, source = ("typed", None) if rng.random() < TYPED_SHARE else ("hand", glyphs)
    hand = make_hand(ink, rng, source, Writers.CALIBRATION)
    wanted = Filer(rng).fill(blank.page)
    if any(hand.glyph(letter, rng) is None for letter in ascii_lowercase):
        # A word without the letters that a hand lacks is no word that anyone would write.
        hand.habits = replace(hand.habits, upper=True)
        emails = {field.name for field in blank.page.fields if field.kind is FieldKind.EMAIL}
        wanted = {name: text for name, text in wanted.items() if name not in emails}
    gray = render_blank(form, blank.page.number, pack.folder)
    filled, drawn = draw_page(gray, blank.page, wanted, hand, rng)
    scan = scan_page(filled, QUALITIES[number % len(QUALITIES)], rng)
    page = PageImage(1, scan.image, scan.dpi)
    registration = register_page(page, blank, scan.turned)
    if registration is None or registration.score < pack.settings.limits.registration:
        return []
    images = cut_fields(lift_page(page, blank, registration), page, blank.page)
    written = {field.name: field.text for field in drawn}
    values = read_fields(images, form, blank.page.number, pack)
    return [Observed(page=number, written=written.get(value.name), value=value) for value in values]


def see_all(observed: Sequence[Observed], department: Department) -> list[Seen]:
    """What there is to learn from all fields, by the definitions and the weighing of today."""
    date_order = department.settings.date_order
    definitions = {
        (form.form, form.year, field.name): field
        for form in department.forms
        for page in form.pages
        for field in page.fields
    }
    return [
        seen
        for one in observed
        for seen in see(
            definitions[one.value.form, one.value.year, one.value.name],
            one.written,
            one.value,
            date_order,
        )
    ]


def see(
    definition: FieldDefinition, written: str | bool | None, value: FieldValue, date_order: str
) -> Iterator[Seen]:
    """What there is to learn from one field; nothing where no engine gave an answer."""
    sound = [reading for reading in value.readings if reading.problem is None]
    if not sound or (value.ink is None and not definition.kind.is_mark):
        return
    versions = tuple((reading.engine, reading.version) for reading in sound)
    if definition.kind.is_mark:
        mark = sound[-1]
        right = bool(mark.text) == bool(written)
        sample = Sample(mark_key(mark), log_odds(mark.confidence), right)
        yield Seen(definition.kind, (sample,), (), (), versions)
    elif written and value.ink is not None:
        truth = canonical(definition.kind, str(written), date_order)
        first = [
            _sample(definition, truth, value.ink, sound[: i + 1], date_order)
            for i in range(len(sound))
        ]
        alone = [_sample(definition, truth, value.ink, [one], date_order) for one in sound[1:]]
        stages = tuple(own for own, _ in filter(None, first))
        others = tuple(own for own, _ in filter(None, alone))
        pooled = tuple(any_ for _, any_ in filter(None, first + alone))
        yield Seen(definition.kind, stages, others, pooled, versions)


def _sample(
    definition: FieldDefinition,
    truth: str | None,
    ink: InkKind,
    readings: Sequence[Reading],
    date_order: str,
) -> tuple[Sample, Sample] | None:
    verdict = weigh(definition, readings, date_order)
    if verdict.value is None:
        return None
    right = same(definition.kind, truth, verdict.value)
    key = curve_key(definition.kind, ink, verdict.witnesses)
    return (
        Sample(key, verdict.score, right),
        Sample(pooled_key(ink, verdict.witnesses), verdict.score, right),
    )


def fit_all(seen: Sequence[Seen], target: Mapping[FieldKind, float]) -> dict[str, Curve]:
    """The curves of all classes, stage after stage: what one accepts, the next never sees."""
    curves: dict[str, Curve] = {}
    left, stage = list(seen), 0
    while any(len(one.stages) > stage for one in left):
        left = [one for one in left if len(one.stages) > stage]
        curves |= _fit_by_key([one.stages[stage] for one in left])
        left = [one for one in left if not _accepted(curves, one, stage, target)]
        stage += 1
    others = [sample for one in seen for sample in (*one.alone, *one.pooled)]
    return dict(sorted((_fit_by_key(others) | curves).items()))


def _fit_by_key(samples: Sequence[Sample]) -> dict[str, Curve]:
    by_key: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_key[sample.key].append(sample)
    return {key: fit(found) for key, found in by_key.items() if len(found) >= FEWEST}


def _accepted(
    curves: Mapping[str, Curve], one: Seen, stage: int, target: Mapping[FieldKind, float]
) -> bool:
    sample = one.stages[stage]
    curve = curves.get(sample.key)
    return curve is not None and curve.risk(sample.score) <= target[one.kind]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--seed", type=int, default=2040)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument(
        "--readings",
        type=Path,
        help="Keep readings here; pages that it holds are not read again, the engines being the "
        "same, so that a change of weighing is refitted in seconds.",
    )
    parser.add_argument("--out", type=Path, default=Path("extractors/calibration.json"))
    arguments = parser.parse_args()
    read = partial(read_page, arguments.department, arguments.glyphs, arguments.seed)
    observed = load(arguments.readings)
    done = {one.page for one in observed}
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        for page in pool.map(read, [n for n in range(arguments.pages) if n not in done]):
            save(page, arguments.readings)
            observed += page
    department = load_department(arguments.department)
    seen = see_all(observed, department)
    source = "the calibration share of real characters" if arguments.glyphs else "tuning fonts"
    table = Calibration(
        version=f"{datetime.now(UTC):%Y-%m-%d}",
        fitted_on=f"{len(seen)} fields of {arguments.pages} pages, hands of {source}, "
        f"seed {arguments.seed}; risks hold with {ASSURANCE:.0%}",
        engines=versions_of(seen),
        curves=fit_all(seen, {kind: department.target_error(kind) for kind in FieldKind}),
    )
    write(table, arguments.out)
    report(table, seen)


def save(observed: Sequence[Observed], path: Path | None) -> None:
    """One field a line, page after page: a run broken off takes up where it left."""
    if path is not None:
        with path.open("a", encoding="utf-8") as lines:
            lines.write("".join(one.model_dump_json() + "\n" for one in observed))


def load(path: Path | None) -> list[Observed]:
    """What was kept; a page's last line may be cut off."""
    if path is None or not path.is_file():
        return []
    found = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                found.append(Observed.model_validate_json(line))
    return found


def versions_of(seen: Sequence[Seen]) -> dict[str, str]:
    """Versions of the engines that read.

    Raises:
        ValueError: kept readings are of several versions of one engine.
    """
    pairs = sorted({pair for one in seen for pair in one.versions})
    versions = dict(pairs)
    if len(versions) < len(pairs):
        raise ValueError(f"the kept readings mix versions of engines: {pairs}; read anew")
    return versions


def write(table: Calibration, out: Path) -> None:
    """As JSON, one line a list, so that a refit shows what moved."""
    content = table.model_dump(mode="json")
    curves = content.pop("curves")
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in content.items()]
    blocks = [
        f"  {json.dumps(key)}: {{\n"
        + ",\n".join(f"   {json.dumps(k)}: {json.dumps(v)}" for k, v in curve.items())
        + "\n  }"
        for key, curve in curves.items()
    ]
    text = "\n".join(["{", *lines, ' "curves": {', ",\n".join(blocks), " }", "}"])
    out.write_text(text + "\n", encoding="utf-8")


def report(table: Calibration, seen: Sequence[Seen]) -> None:
    """How much of each class would be accepted at each target."""
    by_key: dict[str, list[Sample]] = defaultdict(list)
    for one in seen:
        for sample in (*one.stages, *one.alone):
            by_key[sample.key].append(sample)
    heads = "".join(f"  1/{round(1 / target):<6}" for target in TARGETS)
    print(f"{'class':36} {'samples':>8}  right {heads}")
    for key, curve in table.curves.items():
        samples = by_key.get(key)
        if not samples or key.startswith("any/"):
            continue
        shares = [
            sum(curve.risk(sample.score) <= target for sample in samples) / len(samples)
            for target in TARGETS
        ]
        right = sum(sample.right for sample in samples) / len(samples)
        cells = "".join(f" {share:8.1%}" for share in shares)
        print(f"{key:36} {curve.samples:8} {right:6.1%} {cells}")


if __name__ == "__main__":
    main()

"""Fits `extractors/calibration.json`: `python -m benchmarks.calibrate --pages 400 --glyphs DIR`.

Pages are filled in by the calibration writers only, on whom no recogniser was trained, scanned,
registered, lifted and read as ever, but with every engine asked about every field. Each class of
field, ink and witnesses is then fitted on the fields that come to it: a second engine sees only
what the first was not sure of (docs/decisions/0008). Marks have their own fit
(`benchmarks.fit_marks`), and none here.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.chains import Observed, Seen, fit_all, see_all
from benchmarks.filling import Filer
from benchmarks.fitting import ASSURANCE, Sample
from benchmarks.samples.fonts import Writers
from benchmarks.samples.ink import draw_page, make_hand
from benchmarks.samples.scanner import scan_page
from extractors.blank_page import BlankPage
from extractors.blank_shelf import blank_pages
from extractors.blanks import render_blank
from extractors.confidence import Calibration
from extractors.engines.base import load_engine
from extractors.fields import cut_fields
from extractors.lift import lift_page
from extractors.page_image import PageImage
from extractors.reader import read_fields
from extractors.register import register_page
from schemas.department import Department
from schemas.forms import FieldKind
from schemas.packs import load_department

QUALITIES = ("good", "fair", "fair", "poor")
TYPED_SHARE = 0.25
MAIN_SHARE = 0.75
TARGETS = (1 / 100, 1 / 600, 1 / 5000)


@cache
def _asking(department: str) -> Department:
    """The department, at a target error that nothing reaches: every engine is always asked."""
    cv2.setNumThreads(1)
    pack = load_department(department)
    never = {"target_error": 0.0, "target_error_by_kind": {}}
    return pack.model_copy(update={"settings": pack.settings.model_copy(update=never)})


def read_page(
    department: str,
    glyphs: Path | None,
    seed: int,
    number: int,
    kinds: Collection[FieldKind] = (),
) -> list[Observed]:
    """Every field of the page of that number: what was written, and what was read.

    Args:
        kinds: only fields of these, on pages that have them; all where it is empty.
    """
    pack = _asking(department)
    rng = np.random.default_rng([seed, number])
    blank = _with_kinds(pack, kinds, rng) if kinds else _any_blank(pack, rng)
    form = pack.form(blank.form, blank.year)
    if form is None:
        raise ValueError("the blanks are the department's own")
    # Fonts flatter: where there are real characters, all hands are theirs.
    ink, source = ("typed", None) if rng.random() < TYPED_SHARE else ("hand", glyphs)
    hand = make_hand(ink, rng, source, Writers.CALIBRATION)
    wanted = Filer(rng).fill(blank.page)
    if not hand.habits.small:
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
    if kinds:
        images = [image for image in images if image.definition.kind in kinds]
    written = {field.name: field.text for field in drawn}
    values = read_fields(images, form, blank.page.number, pack)
    return [Observed(page=number, written=written.get(value.name), value=value) for value in values]


def _any_blank(pack: Department, rng: np.random.Generator) -> BlankPage:
    blanks = blank_pages(pack)
    main = [blank for blank in blanks if blank.form == pack.settings.main_form]
    # The main form has the numbers of people and accounts; the schedules are many.
    among = main if rng.random() < MAIN_SHARE else blanks
    return among[int(rng.integers(len(among)))]


def _with_kinds(
    pack: Department, kinds: Collection[FieldKind], rng: np.random.Generator
) -> BlankPage:
    """A page that has such fields, the likelier the more of them."""
    blanks = blank_pages(pack)
    counts = np.array([sum(f.kind in kinds for f in blank.page.fields) for blank in blanks])
    return blanks[int(rng.choice(len(blanks), p=counts / counts.sum()))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument(
        "--more",
        type=int,
        default=0,
        help="Pages of which only the fields of --kinds are read: dates are few on any page, and "
        "a bound on their risk needs thousands.",
    )
    parser.add_argument(
        "--kinds", type=FieldKind, nargs="+", default=[FieldKind.DATE], help="What --more reads."
    )
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
    few = partial(read, kinds=frozenset(arguments.kinds))
    pages = arguments.pages + arguments.more
    observed = load(arguments.readings)
    done = {one.page for one in observed}
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        jobs = [
            pool.submit(read if number < arguments.pages else few, number)
            for number in range(pages)
            if number not in done
        ]
        for job in jobs:
            page = job.result()
            save(page, arguments.readings)
            observed += page
    department = load_department(arguments.department)
    seen = see_all([one for one in observed if not one.value.kind.is_mark], department)
    source = "the calibration share of real characters" if arguments.glyphs else "tuning fonts"
    few_kinds = ", ".join(kind.value.replace("_", " ") for kind in arguments.kinds)
    more = f" and, for {few_kinds} only, {arguments.more}" if arguments.more else ""
    marks = load_engine(department.settings.engines.marks)
    table = Calibration(
        version=f"{datetime.now(UTC):%Y-%m-%d}",
        fitted_on=f"{len(seen)} fields of {arguments.pages} pages{more}; hands of {source}, "
        f"seed {arguments.seed}; risks hold with {ASSURANCE:.0%}",
        engines=versions_of(seen) | {marks.name: marks.version},
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

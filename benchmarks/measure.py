"""Measuring how right taxlift reads: pages of a sample from held-out writers, field by field.

The truth comes from the sample maker; nothing here reads a field. Returns are independent of one
another, so that several processes can share them; time is measured elsewhere (`benchmarks.speed`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from benchmarks.samples.fonts import Writers
from benchmarks.samples.maker import SamplePlan, make_return
from benchmarks.samples.scanner import Quality
from benchmarks.samples.truth import TruthDocument, TruthField, TruthPage
from benchmarks.scoring import Scored, group_of, same
from benchmarks.whole_returns import Case, case_of
from extractors.decode import decode_pages
from extractors.page_image import PageImage
from extractors.page_reader import PageReader
from schemas.department import Department
from schemas.forms import PageDefinition
from schemas.packs import load_department
from schemas.readings import FieldValue, PageResult, PageStatus, Reading, ValueStatus
from schemas.settings import Settings

_ALTERNATIVES = 3


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of paper: who wrote on it, and how it was scanned."""

    name: str
    ink: str
    quality: Quality
    glyphs: Path | None = None


@dataclass(slots=True)
class PageTally:
    """What became of the pages: whether the right form was found, and how well it was laid."""

    right: int = 0
    refused: int = 0
    wrong: int = 0
    """Taken for another form, year or page without saying so."""
    corner_errors: list[float] = field(default_factory=list)
    """Worst field corner of each page, in pixels at 300 dpi."""


@dataclass(frozen=True, slots=True)
class Misread:
    """A field that was read wrongly, to be looked at."""

    file: str
    page: int
    form: str
    name: str
    group: str
    truth: str
    read: str
    accepted: bool
    confidence: float
    bbox: tuple[int, int, int, int]
    readings: tuple[str, ...] = ()
    """What each engine saw, with its alternatives."""
    filled: bool = True
    manner: str | None = None


@dataclass(slots=True)
class Accuracy:
    """Everything read of one scenario, or of a part of it."""

    scored: list[Scored] = field(default_factory=list)
    pages: PageTally = field(default_factory=PageTally)
    misread: list[Misread] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    """The returns as a whole, where they are to be kept."""

    def add(self, other: Accuracy) -> None:
        self.scored += other.scored
        self.misread += other.misread
        self.cases += other.cases
        self.pages.right += other.pages.right
        self.pages.refused += other.pages.refused
        self.pages.wrong += other.pages.wrong
        self.pages.corner_errors += other.pages.corner_errors


@cache
def open_department(name: str) -> tuple[Department, PageReader]:
    """A department and its reader, once a process."""
    cv2.setNumThreads(1)
    department = load_department(name, Settings().department_path)
    return department, PageReader(department)


def plan_of(scenario: Scenario, folder: Path, seed: int) -> SamplePlan:
    """The scenario's sample, written by people on whom nothing was tuned."""
    return SamplePlan(
        out=folder,
        ink=scenario.ink,
        quality=scenario.quality,
        seed=seed,
        glyphs=scenario.glyphs,
        writers=Writers.HELD_OUT,
        digital=0.0,
    )


def measure(
    scenario: Scenario,
    department: str,
    *,
    folder: Path,
    returns: int,
    seed: int,
    jobs: int = 1,
    keep: bool = False,
) -> Accuracy:
    """Make the scenario's returns and read them, in several processes if asked to.

    Args:
        keep: the returns as a whole, too, for what comes after reading.
    """
    folder.mkdir(parents=True, exist_ok=True)
    work = partial(measure_return, scenario, department, folder, seed, keep)
    numbers = range(1, returns + 1)
    result = Accuracy()
    if jobs == 1:
        for number in numbers:
            result.add(work(number))
        return result
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for part in pool.map(work, numbers):
            result.add(part)
    return result


def measure_return(
    scenario: Scenario, department: str, folder: Path, seed: int, keep: bool, number: int
) -> Accuracy:
    """Make one return, read its pages, compare."""
    pack, reader = open_department(department)
    result = Accuracy()
    pages = []
    for document, truth, page in pages_of(plan_of(scenario, folder, seed), number, pack):
        read = reader.read(page)
        score_page(scenario, pack, document, truth, read, result)
        pages.append((document, read))
    case = case_of(number, pages, pack) if keep else None
    if case is not None:
        result.cases.append(case)
    return result


def pages_of(
    plan: SamplePlan, number: int, department: Department
) -> Iterator[tuple[TruthDocument, TruthPage, PageImage]]:
    """The pages of one return, made and decoded."""
    limits = Settings()
    for document in make_return(plan, number, department):
        decoded = decode_pages(plan.out / document.file, limits)
        for truth in document.pages:
            yield document, truth, next(decoded)


def page_definition(department: Department, truth: TruthPage) -> PageDefinition:
    form = department.form(truth.form, truth.year)
    if form is None:
        raise ValueError(f"the sample holds {truth.form} {truth.year}, which is not defined")
    return form.pages[truth.form_page - 1]


def score_page(
    scenario: Scenario,
    department: Department,
    document: TruthDocument,
    truth: TruthPage,
    read: PageResult,
    result: Accuracy,
) -> list[Scored]:
    """Add what was read of one page, right or wrong, to the result; gives the new ones."""
    _tally(result.pages, truth, read, page_definition(department, truth))
    fields = [one for one in document.fields if one.page == truth.page]
    found = _is_right(truth, read)
    values: dict[str, FieldValue] = {value.name: value for value in read.values} if found else {}
    scored = []
    for one in fields:
        value = values.get(one.name)
        right = value is not None and same(one.kind, one.value, value.value)
        accepted = value is not None and value.status is not ValueStatus.REVIEW
        scored.append(
            Scored(
                group=group_of(one.kind, one.value),
                ink=scenario.name,
                quality=str(scenario.quality),
                filled=one.filled,
                right=right,
                accepted=accepted,
                confidence=value.confidence if value is not None else 0.0,
                key=f"{document.file}|{truth.page}|{one.form}|{one.name}",
                risk=_risk(value, department, one) if value is not None else 1.0,
                manner=one.manner,
            )
        )
        if value is not None and not right:
            result.misread.append(_misread(document, truth, one, value, accepted))
    result.scored += scored
    return scored


def _risk(value: FieldValue, department: Department, truth: TruthField) -> float:
    """The target error from which on the value is taken; 1 where another doubt forbids it."""
    risk = 1.0 if value.risk is None else value.risk
    in_review = value.status is ValueStatus.REVIEW
    target = department.target_error(truth.kind, truth.form, truth.name)
    return 1.0 if in_review and risk <= target else risk


def _misread(
    document: TruthDocument, page: TruthPage, truth: TruthField, value: FieldValue, accepted: bool
) -> Misread:
    return Misread(
        file=document.file,
        page=page.page,
        form=truth.form,
        name=truth.name,
        group=group_of(truth.kind, truth.value),
        truth="" if truth.as_written is None else str(truth.as_written),
        read=value.as_read,
        accepted=accepted,
        confidence=value.confidence,
        bbox=value.bbox,
        readings=tuple(_told(reading) for reading in value.readings),
        filled=truth.filled,
        manner=truth.manner,
    )


def _told(reading: Reading) -> str:
    if reading.problem:
        return f"{reading.engine}: {reading.problem}"
    others = ", ".join(
        f"{a.text} ({a.log_odds:+.1f})" for a in reading.alternatives[:_ALTERNATIVES]
    )
    text = f"{reading.engine}: {reading.text} ({reading.confidence:.3f})"
    return f"{text}, else {others}" if others else text


def _is_right(truth: TruthPage, read: PageResult) -> bool:
    return read.status is PageStatus.READ and (read.form, read.year, read.form_page) == (
        truth.form,
        truth.year,
        truth.form_page,
    )


def _tally(tally: PageTally, truth: TruthPage, read: PageResult, page: PageDefinition) -> None:
    if read.status is not PageStatus.READ:
        tally.refused += 1
        return
    if not _is_right(truth, read):
        tally.wrong += 1
        return
    tally.right += 1
    ours = np.array(read.transform, float).reshape(3, 3)
    true = np.array(truth.matrix, float)
    corners = np.array(
        [
            (x, y)
            for field in page.fields
            for x in (field.box.x0, field.box.x1)
            for y in (field.box.y0, field.box.y1)
        ]
    )
    moved = _project(ours, corners) - _project(true, corners)
    per_inch = np.array(truth.dpi)
    tally.corner_errors.append(float(np.hypot(*(moved / per_inch * 300).T).max()))


def _project(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    homogeneous = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])

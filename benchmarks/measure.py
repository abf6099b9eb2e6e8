"""Measuring taxlift and the textbook pipeline on the same pages, in the same run.

The truth comes from the sample maker; nothing here reads a field. Both pipelines run in this
process, one page after another, so that their ratio holds whatever else the machine does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.samples.fonts import Writers
from benchmarks.samples.maker import SamplePlan, make_sample
from benchmarks.samples.scanner import Quality
from benchmarks.samples.truth import (
    TRUTH_FILE,
    TruthDocument,
    TruthField,
    TruthPage,
    read_truth,
)
from benchmarks.scoring import KIND_GROUPS, Scored, same
from benchmarks.textbook import read_page as read_like_textbook
from extractors.blanks import render_blank
from extractors.decode import decode_pages
from extractors.page_image import PageImage
from extractors.page_reader import PageReader
from schemas.department import Department
from schemas.forms import PageDefinition
from schemas.readings import FieldValue, PageResult, PageStatus, ValueStatus
from schemas.settings import Settings


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of paper: who wrote on it, and how it was scanned."""

    name: str
    ink: str
    quality: Quality
    glyphs: Path | None = None


@dataclass(slots=True)
class Timing:
    """Seconds over some pages: wall clock, and processor time with that of child processes."""

    pages: int = 0
    wall: float = 0.0
    cpu: float = 0.0

    def add(self, other: Timing) -> None:
        self.pages += other.pages
        self.wall += other.wall
        self.cpu += other.cpu


@dataclass(slots=True)
class PageTally:
    """What became of the pages: whether the right form was found, and how well it was laid."""

    right: int = 0
    refused: int = 0
    wrong: int = 0
    """Taken for another form, year or page without saying so."""
    corner_errors: list[float] = field(default_factory=list)
    """Worst field corner of each page, in pixels at 300 dpi."""


@dataclass(slots=True)
class Measured:
    """Everything of one scenario."""

    scenario: Scenario
    ours: list[Scored] = field(default_factory=list)
    textbook: list[Scored] = field(default_factory=list)
    ours_on_textbook_pages: list[Scored] = field(default_factory=list)
    pages: PageTally = field(default_factory=PageTally)
    time_ours: Timing = field(default_factory=Timing)
    time_ours_on_textbook_pages: Timing = field(default_factory=Timing)
    time_textbook: Timing = field(default_factory=Timing)
    stages: dict[str, float] = field(default_factory=dict)
    misread: list[Misread] = field(default_factory=list)


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


class _Clock:
    def __enter__(self) -> _Clock:
        self._wall, self._cpu = time.perf_counter(), _cpu_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        self.timing = Timing(1, time.perf_counter() - self._wall, _cpu_seconds() - self._cpu)


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(
    scenario: Scenario,
    department: Department,
    reader: PageReader,
    *,
    folder: Path,
    returns: int,
    seed: int,
    textbook_pages: int,
) -> Measured:
    """Make the scenario's sample from held-out writers, and read it both ways."""
    plan = SamplePlan(
        out=folder,
        returns=returns,
        ink=scenario.ink,
        quality=scenario.quality,
        seed=seed,
        glyphs=scenario.glyphs,
        writers=Writers.HELD_OUT,
        digital=0.0,
    )
    for _ in make_sample(plan, department):
        pass
    result = Measured(scenario)
    for document, truth, page, decoding in _pages(folder):
        with _Clock() as clock:
            read = reader.read(page)
        clock.timing.add(Timing(0, decoding.wall, decoding.cpu))
        fields = [one for one in document.fields if one.page == truth.page]
        scored = list(_score(scenario, document, truth, fields, read, result))
        result.ours += scored
        result.time_ours.add(clock.timing)
        for stage, seconds in (read.seconds | {"decode": decoding.wall}).items():
            result.stages[stage] = result.stages.get(stage, 0.0) + seconds
        _tally(result.pages, truth, read, _definition(department, truth))
        if result.time_textbook.pages < textbook_pages:
            result.ours_on_textbook_pages += scored
            result.time_ours_on_textbook_pages.add(clock.timing)
            _read_like_textbook(result, department, document, truth, fields, page)
    return result


def _pages(folder: Path) -> Iterator[tuple[TruthDocument, TruthPage, PageImage, Timing]]:
    limits = Settings()
    for document in read_truth(folder / TRUTH_FILE):
        decoded = decode_pages(folder / document.file, limits)
        for truth in document.pages:
            with _Clock() as clock:
                page = next(decoded)
            yield document, truth, page, clock.timing


def _definition(department: Department, truth: TruthPage) -> PageDefinition:
    form = department.form(truth.form, truth.year)
    if form is None:
        raise ValueError(f"the sample holds {truth.form} {truth.year}, which is not defined")
    return form.pages[truth.form_page - 1]


def _score(
    scenario: Scenario,
    document: TruthDocument,
    truth: TruthPage,
    fields: list[TruthField],
    read: PageResult,
    result: Measured,
) -> Iterator[Scored]:
    found = _is_right(truth, read)
    values: dict[str, FieldValue] = {value.name: value for value in read.values} if found else {}
    for one in fields:
        value = values.get(one.name)
        held = value.value if value is not None else None
        right = value is not None and same(one.kind, one.value, held)
        accepted = value is not None and value.status is not ValueStatus.REVIEW
        confidence = value.confidence if value is not None else 0.0
        if value is not None and not right:
            result.misread.append(
                Misread(
                    document.file,
                    truth.page,
                    one.form,
                    one.name,
                    KIND_GROUPS[one.kind],
                    str(one.as_written),
                    value.as_read,
                    accepted,
                    confidence,
                    value.bbox,
                )
            )
        yield Scored(
            group=KIND_GROUPS[one.kind],
            ink=scenario.name,
            quality=str(scenario.quality),
            filled=one.filled,
            right=right,
            accepted=accepted,
            confidence=confidence,
            key=f"{document.file}|{truth.page}|{one.form}|{one.name}",
        )


def _read_like_textbook(
    result: Measured,
    department: Department,
    document: TruthDocument,
    truth: TruthPage,
    fields: list[TruthField],
    page: PageImage,
) -> None:
    form = department.form(truth.form, truth.year)
    definition = _definition(department, truth)
    if form is None:
        return
    blank = render_blank(form, truth.form_page, department.folder)
    with _Clock() as clock:
        read = read_like_textbook(page.gray, blank, definition)
    result.time_textbook.add(clock.timing)
    for one in fields:
        held = read.get(one.name)
        result.textbook.append(
            Scored(
                group=KIND_GROUPS[one.kind],
                ink=result.scenario.name,
                quality=str(result.scenario.quality),
                filled=one.filled,
                right=same(one.kind, one.value, held),
                accepted=True,
                confidence=1.0,
                key=f"{document.file}|{truth.page}|{one.form}|{one.name}",
            )
        )


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

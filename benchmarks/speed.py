"""How long a page takes, against the textbook pipeline, and where the time goes.

Both pipelines read the same pages in this one process, page by page in turn, so that their ratio
holds whatever else the machine does. Processor seconds include those of child processes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import (
    Accuracy,
    Scenario,
    open_department,
    page_definition,
    plan_of,
    score_page,
)
from benchmarks.samples.maker import make_return
from benchmarks.samples.truth import TruthDocument, TruthPage
from benchmarks.scoring import Scored, group_of, same
from benchmarks.textbook import read_page as read_like_textbook
from extractors import reader as field_reader
from extractors.blanks import render_blank
from extractors.decode import decode_pages
from extractors.page_image import PageImage
from schemas.department import Department
from schemas.settings import Settings


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
class EngineTally:
    """What one engine was asked, and how long it took."""

    calls: int = 0
    fields: int = 0
    wall: float = 0.0
    cpu: float = 0.0


@dataclass(slots=True)
class Speed:
    """Both pipelines on the same pages."""

    ours: Timing = field(default_factory=Timing)
    textbook: Timing = field(default_factory=Timing)
    stages: dict[str, float] = field(default_factory=dict)
    """Wall seconds by stage over all pages."""
    engines: dict[str, EngineTally] = field(default_factory=dict)
    accuracy: Accuracy = field(default_factory=Accuracy)
    textbook_scored: list[Scored] = field(default_factory=list)


def measure_speed(
    scenario: Scenario, department: str, *, folder: Path, pages: int, seed: int, textbook: bool
) -> Speed:
    """Read so many pages of the scenario's sample; with the textbook pipeline in turn if asked."""
    pack, reader = open_department(department)
    result = Speed()
    folder.mkdir(parents=True, exist_ok=True)
    with _tallied(result.engines):
        for document, truth, page, decoding in _pages(scenario, folder, seed, pack):
            if result.ours.pages >= pages:
                break
            with timed() as timing:
                read = reader.read(page)
            timing.add(decoding)
            result.ours.add(timing)
            for stage, seconds in (read.seconds | {"decode": decoding.wall}).items():
                result.stages[stage] = result.stages.get(stage, 0.0) + seconds
            score_page(scenario, pack, document, truth, read, result.accuracy)
            if textbook:
                _read_like_textbook(result, scenario, pack, document, truth, page)
    return result


@contextmanager
def timed() -> Iterator[Timing]:
    """One page's time, once the block is left."""
    timing = Timing(pages=1)
    wall, cpu = time.perf_counter(), _cpu_seconds()
    yield timing
    timing.wall, timing.cpu = time.perf_counter() - wall, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def _tallied(engines: dict[str, EngineTally]) -> Iterator[None]:
    """Counts and times every call of an engine while the block runs."""
    call = field_reader.call_engine

    def counted(engine: Any, batch: Sequence[Any], *more: Any, **options: Any) -> Any:
        with timed() as timing:
            answer = call(engine, batch, *more, **options)
        tally = engines.setdefault(engine.name, EngineTally())
        tally.calls += 1
        tally.fields += len(batch)
        tally.wall += timing.wall
        tally.cpu += timing.cpu
        return answer

    field_reader.call_engine = counted
    try:
        yield
    finally:
        field_reader.call_engine = call


def _pages(
    scenario: Scenario, folder: Path, seed: int, department: Department
) -> Iterator[tuple[TruthDocument, TruthPage, PageImage, Timing]]:
    """Pages of return after return, without end, each with the time of its decoding."""
    plan, limits, number = plan_of(scenario, folder, seed), Settings(), 0
    while True:
        number += 1
        for document in make_return(plan, number, department):
            decoded = decode_pages(plan.out / document.file, limits)
            for truth in document.pages:
                with timed() as timing:
                    page = next(decoded)
                timing.pages = 0
                yield document, truth, page, timing


def _read_like_textbook(
    result: Speed,
    scenario: Scenario,
    department: Department,
    document: TruthDocument,
    truth: TruthPage,
    page: PageImage,
) -> None:
    form, definition = department.form(truth.form, truth.year), page_definition(department, truth)
    if form is None:
        return
    blank = render_blank(form, truth.form_page, department.folder)
    with timed() as timing:
        read = read_like_textbook(page.gray, blank, definition)
    result.textbook.add(timing)
    for one in document.fields:
        if one.page != truth.page:
            continue
        result.textbook_scored.append(
            Scored(
                group=group_of(one.kind, one.value),
                ink=scenario.name,
                quality=str(scenario.quality),
                filled=one.filled,
                right=same(one.kind, one.value, read.get(one.name)),
                accepted=True,
                confidence=1.0,
                key=f"{document.file}|{truth.page}|{one.form}|{one.name}",
                manner=one.manner,
            )
        )

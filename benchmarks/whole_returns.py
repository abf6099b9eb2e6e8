"""Whole returns as they were read, beside what they really say: what reconciliation is tried on.

Readings are invented, or pages are made, scanned and read as ever, by the writers that are asked
for: the calibration writers to fit on, those held out to measure. Cases of real pages can be kept
in a file, one a line, so that a change of the rules or of reconciliation is measured in a minute.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pydantic import Field

from benchmarks.measure import Scenario, open_department, pages_of, plan_of
from benchmarks.samples.fonts import Writers
from benchmarks.samples.scanner import Quality
from extractors.assembly import assemble_returns
from schemas.forms import Frozen
from schemas.readings import PageResult
from schemas.returns import TaxReturn

class Case(Frozen):
    """One return as it was read, and what it really says."""

    number: int
    """Of the return among those invented with its seed."""
    read: TaxReturn
    truth: dict[str, str | bool | None]
    """`form.field` → what stands on the paper."""
    mistaken: frozenset[str] = frozenset()
    """Fields that a mistake of the filer's is in."""
    manners: dict[str, str] = Field(default_factory=dict)
    """How a field was written where it was out of the ordinary: `struck_out`."""


@dataclass(frozen=True, slots=True)
class Material:
    """Which returns to make, and by whom."""

    ink: str = "hand"
    quality: Quality = Quality.FAIR
    glyphs: Path | None = None
    writers: Writers = Writers.HELD_OUT
    seed: int = 4
    mistakes: float = 0.05


def place(form: str, name: str) -> str:
    """`form_1040.wages`."""
    return f"{form}.{name}"


def read_case(department_name: str, material: Material, number: int) -> Case | None:
    """The return of that number, made, scanned and read as ever; None where no page was known."""
    department, reader = open_department(department_name)
    scenario = Scenario("whole returns", material.ink, material.quality, material.glyphs)
    with tempfile.TemporaryDirectory() as folder:
        plan = replace(
            plan_of(scenario, Path(folder), material.seed),
            writers=material.writers,
            mistakes=material.mistakes,
        )
        pages: list[PageResult] = []
        sha256 = ""
        truth: dict[str, str | bool | None] = {}
        mistaken: set[str] = set()
        manners: dict[str, str] = {}
        for document, _, page in pages_of(plan, number, department):
            # A sample's PNG and JPEG hold one page a file: numbers are given anew.
            pages.append(reader.read(page).model_copy(update={"number": len(pages) + 1}))
            sha256 = document.sha256
            truth |= {place(one.form, one.name): one.value for one in document.fields}
            mistaken |= {place(one.form, n) for one in document.mistakes for n in one.names}
            manners |= {
                place(one.form, one.name): one.manner for one in document.fields if one.manner
            }
    for read in assemble_returns(pages, department, file="", sha256=sha256)[:1]:
        return Case(
            number=number, read=read, truth=truth, mistaken=frozenset(mistaken), manners=manners
        )
    return None


def read_cases(
    department: str, material: Material, returns: int, jobs: int = 1, kept: Path | None = None
) -> list[Case]:
    """The first so many returns; those that `kept` holds are not read again, others added to it.

    Nothing tells the kept ones' material, engines or calibration: a file for each.
    """
    cases = list(_load(kept))
    done = {case.number for case in cases}
    missing = [number for number in range(1, returns + 1) if number not in done]
    work = partial(read_case, department, material)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for case in pool.map(work, missing):
            if case is not None:
                cases.append(case)
                _save(case, kept)
    return [case for case in cases if case.number <= returns]


def _save(case: Case, kept: Path | None) -> None:
    if kept is not None:
        with kept.open("a", encoding="utf-8") as lines:
            lines.write(case.model_dump_json() + "\n")


def _load(kept: Path | None) -> Iterator[Case]:
    """What was kept; the last line may be cut off."""
    if kept is not None and kept.is_file():
        with kept.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield Case.model_validate_json(line)

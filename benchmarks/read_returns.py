"""Whole returns made, scanned and read as ever, by the writers that are asked for: the calibration
writers to fit on, those held out to measure.
"""

from __future__ import annotations

import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.measure import Scenario, open_department, pages_of, plan_of
from benchmarks.samples.fonts import Writers
from benchmarks.samples.scanner import Quality
from benchmarks.whole_returns import Case, case_of, load_cases, save_cases


@dataclass(frozen=True, slots=True)
class Material:
    """Which returns to make, and by whom."""

    ink: str = "hand"
    quality: Quality = Quality.FAIR
    glyphs: Path | None = None
    writers: Writers = Writers.HELD_OUT
    seed: int = 4
    mistakes: float = 0.05


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
        pages = [
            (document, reader.read(page))
            for document, _, page in pages_of(plan, number, department)
        ]
    return case_of(number, pages, department)


def read_cases(
    department: str, material: Material, returns: int, jobs: int = 1, kept: Path | None = None
) -> list[Case]:
    """The first so many returns; those that `kept` holds are not read again, others added to it.

    Nothing tells the kept ones' material, engines or calibration: a file for each.
    """
    cases = list(load_cases(kept))
    done = {case.number for case in cases}
    missing = [number for number in range(1, returns + 1) if number not in done]
    work = partial(read_case, department, material)
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for case in pool.map(work, missing):
            if case is not None:
                cases.append(case)
                save_cases([case], kept)
    return [case for case in cases if case.number <= returns]

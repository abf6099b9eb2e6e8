"""Solving many invented returns, and judging them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from benchmarks.solved.filers import SolvedFiler, invent_filer
from benchmarks.solved.pen import Answers
from benchmarks.solved.program import CannotSolve, Program, Solution
from benchmarks.solved.returns import as_return
from schemas.department import Department
from schemas.returns import TaxReturn

YEARS = (2021, 2022, 2023)
_TRIES = 3
"""Filers invented for each return wanted: the solver has not learnt every case."""


@dataclass
class Solved:
    """What the solver made of the invented filers."""

    filers: list[SolvedFiler] = field(default_factory=list)
    solutions: list[Solution] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    """The solver's reason → number of filers."""

    def returns(self, department: Department) -> list[TaxReturn]:
        """The department's returns among the solutions."""
        made = (
            as_return(solution, department, filer.year, number)
            for number, (filer, solution) in enumerate(
                zip(self.filers, self.solutions, strict=True), start=1
            )
        )
        return [it for it in made if it is not None]


def ask_answers(program: Program, years: tuple[int, ...], workers: int) -> dict[int, Answers]:
    """What the solver may ask, with the answers that change nothing, by year."""
    asked: list[tuple[int, str]] = [(year, form) for year in years for form in program.forms(year)]
    with ThreadPoolExecutor(workers) as pool:
        answers = list(pool.map(lambda one: program.harmless_answers(*one), asked))
    found: dict[int, dict[str, Mapping[str, str]]] = {year: {} for year in years}
    for (year, form), answer in zip(asked, answers, strict=True):
        found[year][form] = answer
    return dict(found)


def solve_filers(
    program: Program,
    wanted: int,
    seed: int,
    years: tuple[int, ...] = YEARS,
    workers: int = 2,
) -> Iterator[Solved]:
    """Invent filers and have them solved until there are enough; yields the state now and then."""
    answers = ask_answers(program, years, workers)
    solved = Solved()
    number = 0
    with ThreadPoolExecutor(workers) as pool:
        while len(solved.filers) < wanted and number < _TRIES * wanted:
            filers = []
            for _ in range(min(4 * workers, wanted - len(solved.filers))):
                year = years[number % len(years)]
                number += 1
                rng = np.random.default_rng([seed, number])
                filers.append(invent_filer(rng, year, answers[year], number))
            for filer, found in zip(
                filers, pool.map(lambda it: _solve(program, it), filers), strict=True
            ):
                if isinstance(found, str):
                    solved.refused[found] += 1
                else:
                    solved.filers.append(filer)
                    solved.solutions.append(found)
            yield solved


def _solve(program: Program, filer: SolvedFiler) -> Solution | str:
    try:
        return program.solve(filer.year, filer.inputs, filer.forms)
    except CannotSolve as error:
        return str(error)

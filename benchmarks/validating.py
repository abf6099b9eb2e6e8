"""All rules over many returns in one validation: `python -m benchmarks.validating --returns 1000`.

A few hundred invented returns, as they are read (fields in review, filers' mistakes, several
years), become as many as wanted: each gets identifiers of its own, and some get other amounts. Each
size runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.invented_readings import invented_case
from schemas.department import Department
from schemas.packs import load_department
from validators.facts import FactSheet
from validators.frames import FrameBuilder
from validators.rulebook import RuleBook, compile_rules
from validators.ternary import Sealed

_DISTINCT = 300
_CHUNK = 2_000
_OTHER_AMOUNTS = 0.3
"""Of the returns made of one that was invented, how many differ in amounts too."""
_SEED = 4
_ID = "9{:08d}"
"""Never issued."""


class ManyReturns:
    """Rows of cells, as many as wanted."""

    def __init__(self, department: Department, book: RuleBook) -> None:
        self._rng = np.random.default_rng(_SEED)
        cases = [invented_case(number, _SEED, department, 0.05) for number in range(_DISTINCT)]
        self._years = [case.read.tax_year for case in cases]
        rows = FactSheet(department).rows([case.read for case in cases], book.columns())
        self._rows = rows
        self._ids = [at for at, column in enumerate(book.columns()) if column.name.endswith("ssn")]
        self.identifiers: set[str] = set()
        """A few of those handed out, to look for them where they must not be."""

    def chunks(self, count: int) -> Iterator[tuple[list[str], list[int], list[list[Any]]]]:
        """(keys, years, rows) of at most two thousand returns."""
        for start in range(0, count, _CHUNK):
            numbers = range(start, min(start + _CHUNK, count))
            yield (
                [f"{number:020x}" for number in numbers],
                [self._years[number % _DISTINCT] for number in numbers],
                [self._row(number) for number in numbers],
            )

    def _row(self, number: int) -> list[Any]:
        row = list(self._rows[number % _DISTINCT])
        known: dict[Sealed, Sealed] = {}
        for at in self._ids:
            cell = row[at]
            if isinstance(cell, Sealed) and cell not in known:
                text = _ID.format((number * 10 + len(known)) % 10**8)
                known[cell] = Sealed(text)
                if number % 997 == 0:
                    self.identifiers.add(text)
            row[at] = known.get(cell, cell) if isinstance(cell, Sealed) else cell
        if self._rng.random() < _OTHER_AMOUNTS:
            for at in self._rng.integers(0, len(row), 20):
                if isinstance(row[at], Decimal):
                    row[at] += int(self._rng.integers(1, 500))
        return row


def measure(count: int, department_name: str, rows_only: bool) -> dict[str, float]:
    """One validation of so many returns, in this process."""
    from validators import validation

    department = load_department(department_name)
    book = compile_rules(department)
    many = ManyReturns(department, book)
    _warm_up(department, book, many)
    gc.collect()
    before = _peak()
    begun, begun_cpu = time.perf_counter(), time.process_time()
    builder = FrameBuilder(book, department)
    for keys, years, rows in many.chunks(count):
        builder.add_rows(keys, years, rows)
    frame = builder.frame()
    made, made_cpu = time.perf_counter(), time.process_time()
    made_peak = _peak()
    with tempfile.TemporaryDirectory() as folder:
        docs = Path(folder)
        validated = validation.validate_frame(frame, book, docs)
        ended, ended_cpu = time.perf_counter(), time.process_time()
        peak = _peak()
        answer = {
            "returns": count,
            "rules": len(book.rules),
            "results": validated.count(),
            "frame_seconds": made - begun,
            "frame_cpu": made_cpu - begun_cpu,
            "seconds": ended - made,
            "cpu": ended_cpu - made_cpu,
            "before_mb": before,
            "frame_mb": made_peak,
            "peak_mb": peak,
            "docs_kb": sum(one.stat().st_size for one in docs.rglob("*") if one.is_file()) / 1024,
            "index_kb": (docs / "index.html").stat().st_size / 1024,
            "largest_page_kb": max(one.stat().st_size for one in docs.rglob("*.html")) / 1024,
            "identifiers_found": _leaks(docs, many.identifiers),
        }
        if not rows_only:
            begun_cpu = time.process_time()
            for start in range(0, count, _CHUNK):
                validated.results(start, _CHUNK)
            answer["results_cpu"] = time.process_time() - begun_cpu
            answer["peak_with_results_mb"] = _peak()
    return answer


def _warm_up(department: Department, book: RuleBook, many: ManyReturns) -> None:
    """Great Expectations takes seconds to import, whatever the number of returns."""
    from validators.validation import validate_frame

    builder = FrameBuilder(book, department)
    for keys, years, rows in many.chunks(10):
        builder.add_rows(keys, years, rows)
    validate_frame(builder.frame(), book, None)


def _leaks(folder: Path, identifiers: set[str]) -> int:
    """Identifiers that stand in what was written, with dashes or without."""
    written = [one.read_bytes() for one in folder.rglob("*") if one.is_file()]
    text = b"\n".join(written).decode("latin-1")  # fonts are among them
    nines = set(re.findall(r"(?<![0-9a-f])\d{9}(?![0-9a-f])", text))
    dashed = {"".join(found) for found in re.findall(r"(\d{3})-(\d{2})-(\d{4})", text)}
    return len((nines | dashed) & identifiers)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--returns", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--counts-only", action="store_true", help="Make no result of each return.")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.here:
        print(json.dumps(measure(said.returns[0], said.department, said.counts_only)))
        return
    for count in said.returns:
        command = [sys.executable, "-m", "benchmarks.validating", "--here"]
        command += ["--returns", str(count), "--department", said.department]
        command += ["--counts-only"] if said.counts_only else []
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
        answer = json.loads(done.stdout.splitlines()[-1])
        print(" ".join(f"{key}={value:,.0f}" for key, value in answer.items()), flush=True)


if __name__ == "__main__":
    main()

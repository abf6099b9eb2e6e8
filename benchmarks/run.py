"""Running the benchmark: scenarios, one after another, and the page of results."""

from __future__ import annotations

import json
import os
import platform
import shutil
from dataclasses import asdict
from pathlib import Path

import cv2
from rich.console import Console

from benchmarks.gallery import write_gallery
from benchmarks.measure import Measured, Scenario, measure
from benchmarks.results import as_json, markdown
from benchmarks.samples.scanner import Quality
from extractors.page_reader import PageReader
from schemas.packs import load_department
from schemas.settings import Settings


def scenarios(glyphs: Path | None) -> list[Scenario]:
    """What is measured. Fonts flatter: claims are made on real glyphs, where they are there."""
    chosen = [
        Scenario("typed, good", "typed", Quality.GOOD),
        Scenario("typed, fair", "typed", Quality.FAIR),
        Scenario("typed, poor", "typed", Quality.POOR),
        Scenario("hand (fonts), fair", "hand", Quality.FAIR),
    ]
    if glyphs is not None:
        chosen += [
            Scenario(f"hand (real glyphs), {quality}", "hand", quality, glyphs)
            for quality in (Quality.GOOD, Quality.FAIR, Quality.POOR)
        ]
    return chosen


def run_benchmark(
    out: Path,
    returns: int,
    seed: int,
    glyphs: Path | None,
    textbook_pages: int,
    only: tuple[str, ...],
    department: str,
) -> None:
    """Measure every scenario and write `results.md`, `results.json` and `gallery.html`."""
    cv2.setNumThreads(1)
    console = Console()
    pack = load_department(department, Settings().department_path)
    reader = PageReader(pack)
    results: list[Measured] = []
    wanted = [one for one in scenarios(glyphs) if not only or one.name in only]
    for number, scenario in enumerate(wanted):
        folder = out / "samples" / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        with console.status(f"{scenario.name} ({number + 1} of {len(wanted)})"):
            result = measure(
                scenario,
                pack,
                reader,
                folder=folder,
                returns=returns,
                seed=seed,
                textbook_pages=textbook_pages,
            )
        results.append(result)
        write_gallery(result, folder, out / f"gallery-{number}.html")
    command = _command(returns, seed, glyphs is not None, textbook_pages)
    page = markdown(results, command, _machine())
    (out / "results.md").write_text(page, encoding="utf-8")
    (out / "results.json").write_text(json.dumps(as_json(results), indent=1), encoding="utf-8")
    misread = [asdict(one) | {"paper": r.scenario.name} for r in results for one in r.misread]
    (out / "misread.json").write_text(json.dumps(misread, indent=0), encoding="utf-8")
    console.print(page, markup=False, highlight=False, soft_wrap=True)
    console.print(f"Written to {out}: results.md, results.json, gallery-*.html", highlight=False)


def _command(returns: int, seed: int, glyphs: bool, textbook_pages: int) -> str:
    extra = " --glyphs DIR" if glyphs else ""
    return (
        f"taxlift bench --returns {returns} --seed {seed} --textbook-pages {textbook_pages}{extra}"
    )


def _machine() -> str:
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"

"""Running the benchmark: scenarios, one after another, and what is written of them."""

from __future__ import annotations

import json
import os
import platform
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console

from benchmarks.gallery import write_contact_sheet, write_gallery
from benchmarks.measure import Accuracy, Scenario, measure
from benchmarks.results import FIGURES, Measured, as_json, figures, markdown, profile
from benchmarks.samples.scanner import Quality
from benchmarks.speed import measure_speed
from benchmarks.whole_returns import save_cases

RETURNS = "returns.jsonl"
"""Where the returns of the paper on which claims are made are kept (`benchmarks.reconciling`)."""
_SHEET = "misread-fonts.png"


@dataclass(frozen=True)
class BenchPlan:
    """What to measure, and where to put it."""

    out: Path
    returns: int = 10
    claim_returns: int | None = None
    """Returns of the paper on which claims are made; as many as of the others if left out."""
    glyph_returns: int | None = None
    """Returns of other paper with real glyphs; as many as of the rest if left out."""
    seed: int = 90210
    glyphs: Path | None = None
    textbook_pages: int = 5
    only: tuple[str, ...] = field(default=())
    department: str = "us_irs"
    jobs: int = 1
    docs: Path | None = None


def scenarios(glyphs: Path | None) -> list[Scenario]:
    """What is measured. Fonts flatter: claims are made on real glyphs, where they are there."""
    qualities = (Quality.GOOD, Quality.FAIR, Quality.POOR)
    chosen = [Scenario(f"typed, {one}", "typed", one) for one in qualities]
    chosen += [Scenario(f"hand (fonts), {one}", "hand", one) for one in qualities]
    if glyphs is not None:
        chosen += [Scenario(f"hand (real glyphs), {one}", "hand", one, glyphs) for one in qualities]
    return chosen


def wanted_scenarios(plan: BenchPlan) -> list[Scenario]:
    return [one for one in scenarios(plan.glyphs) if not plan.only or one.name in plan.only]


def is_claimed(scenario: Scenario) -> bool:
    """Whether the claims are made on this paper."""
    return scenario.glyphs is not None and scenario.quality is Quality.FAIR


def run_benchmark(plan: BenchPlan) -> None:
    """Measure every scenario and write the page of results, its charts and the galleries."""
    console = Console()
    results: list[Measured] = []
    (plan.out / RETURNS).unlink(missing_ok=True)
    wanted = wanted_scenarios(plan)
    for number, scenario in enumerate(wanted):
        folder = plan.out / "samples" / str(number)
        shutil.rmtree(folder, ignore_errors=True)
        with console.status(f"{scenario.name} ({number + 1} of {len(wanted)})"):
            result = _measure(plan, scenario, folder)
        results.append(result)
        gallery = plan.out / f"gallery-{number}.html"
        write_gallery(scenario.name, result.accuracy.misread, folder, gallery)
        console.print(f"{scenario.name}: {_said(result.accuracy)}", highlight=False)
        _write(plan, results)
    for target in (plan.out, *([plan.docs] if plan.docs else [])):
        _write_page(plan, results, target)
    console.print(f"Written to {plan.out}: results.md, results.json, gallery-*.html")
    if plan.docs:
        console.print(f"Written to {plan.docs}: measured.md, {FIGURES}/")


def run_profile(plan: BenchPlan) -> None:
    """Only where a page's time goes: no accuracy."""
    console, speeds = Console(), {}
    for number, scenario in enumerate(wanted_scenarios(plan)):
        with console.status(scenario.name):
            speeds[scenario.name] = measure_speed(
                scenario,
                plan.department,
                folder=plan.out / "samples" / f"speed-{number}",
                pages=max(plan.textbook_pages, 1),
                seed=plan.seed,
                textbook=plan.textbook_pages > 0,
            )
    page = "\n".join(["# Where a page's time goes", "", _machine(), "", *profile(speeds), ""])
    (plan.out / "profile.md").write_text(page, encoding="utf-8")
    console.print(page, markup=False, highlight=False, soft_wrap=True)


def _measure(plan: BenchPlan, scenario: Scenario, folder: Path) -> Measured:
    returns = plan.returns
    if scenario.glyphs is not None:
        more = plan.claim_returns if is_claimed(scenario) else plan.glyph_returns
        returns = plan.returns if more is None else more
    speed = None
    if plan.textbook_pages:  # before other processes are at work
        speed = measure_speed(
            scenario,
            plan.department,
            folder=folder / "speed",
            pages=plan.textbook_pages,
            seed=plan.seed,
            textbook=True,
        )
    accuracy = measure(
        scenario,
        plan.department,
        folder=folder,
        returns=returns,
        seed=plan.seed,
        jobs=plan.jobs,
        keep=is_claimed(scenario),
    )
    save_cases(accuracy.cases, plan.out / RETURNS)
    return Measured(scenario, accuracy, speed)


def _said(accuracy: Accuracy) -> str:
    filled = [one for one in accuracy.scored if one.filled]
    right = sum(one.right for one in filled)
    accepted = [one for one in filled if one.accepted]
    wrong = sum(not one.right for one in accepted)
    return (
        f"{right} of {len(filled)} filled fields right, {len(accepted)} accepted, {wrong} of them "
        "wrong"
    )


def _write(plan: BenchPlan, results: Sequence[Measured]) -> None:
    """What programs need; after every scenario, so that a run broken off has told something."""
    plan.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(as_json(results), indent=1)
    (plan.out / "results.json").write_text(text, encoding="utf-8")
    misread = [
        asdict(one) | {"paper": r.scenario.name} for r in results for one in r.accuracy.misread
    ]
    (plan.out / "misread.json").write_text(json.dumps(misread, indent=0), encoding="utf-8")


def _write_page(plan: BenchPlan, results: Sequence[Measured], target: Path) -> None:
    name = "results.md" if target == plan.out else "measured.md"
    folder = target / FIGURES
    folder.mkdir(parents=True, exist_ok=True)
    for file, svg in figures(results).items():
        (folder / file).write_text(svg, encoding="utf-8")
    sheet = None
    for number, result in enumerate(results):
        scenario = result.scenario
        if scenario.ink == "hand" and scenario.glyphs is None and scenario.quality is Quality.FAIR:
            sample = plan.out / "samples" / str(number)
            if write_contact_sheet(result.accuracy.misread, sample, folder / _SHEET):
                sheet = _SHEET
    page = markdown(results, _command(plan), _machine(), sheet)
    (target / name).write_text(page, encoding="utf-8")


def _command(plan: BenchPlan) -> str:
    extra = f" --claim-returns {plan.claim_returns}" if plan.claim_returns is not None else ""
    extra += f" --glyph-returns {plan.glyph_returns}" if plan.glyph_returns is not None else ""
    extra += " --glyphs DIR" if plan.glyphs is not None else ""
    extra += "".join(f' --scenario "{one}"' for one in plan.only)
    return (
        f"taxlift bench --returns {plan.returns} --seed {plan.seed} "
        f"--textbook-pages {plan.textbook_pages}{extra}"
    )


def _machine() -> str:
    return f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"

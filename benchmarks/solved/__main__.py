"""`python -m benchmarks.solved --returns 300`: the rules against an independent solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.padding import Padding

from benchmarks.samples.returns import invent_return
from benchmarks.solved.judging import Judgement, judge, write_truth
from benchmarks.solved.program import PACKAGE, Program
from benchmarks.solved.run import YEARS, Solved, solve_filers
from schemas.case_files import definitions_of
from schemas.department import Department
from schemas.errors import ExitCode
from schemas.packs import load_department
from schemas.returns import TaxReturn
from validators.made_returns import make_form, make_return

DEPARTMENTS = ("us_irs", "nc_dor")


def main(
    returns: Annotated[int, typer.Option(help="Solved returns wanted.", min=1)] = 300,
    seed: Annotated[int, typer.Option(help="Of the invented filers.")] = 7,
    invented: Annotated[
        int, typer.Option(help="Returns of the sample maker to try the US rules on as well.")
    ] = 300,
    workers: Annotated[int, typer.Option(help="Solvers at work at a time.", min=1)] = 2,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the returns, as `rules check --samples` reads.")
    ] = None,
) -> None:
    """Returns solved by a program that we did not write must pass every rule."""
    console = Console()
    version = Program.version()
    if version is None:
        console.print(f"The solver is not here: it comes with the package {PACKAGE}.")
        raise typer.Exit(int(ExitCode.MISSING_DEPENDENCY))
    solved = Solved()
    for solved in solve_filers(Program(), returns, seed, workers=workers):
        Console(stderr=True).print(f"{len(solved.filers)} of {returns} solved", end="\r")
    refused = sum(solved.refused.values())
    console.print(
        f"{len(solved.filers)} filers solved by {PACKAGE} {version}, years {YEARS[0]} to "
        f"{YEARS[-1]}; {refused} more that it cannot solve.",
        highlight=False,
    )
    failed = False
    for name in DEPARTMENTS:
        department = load_department(name)
        found = solved.returns(department)
        if out is not None:
            write_truth(out / name / "truth.jsonl", found)
        judgement = judge(department, found)
        _show(console, judgement, "solved returns")
        failed |= bool(judgement.unexplained)
    if invented:
        department = load_department("us_irs")
        made = _invented(department, invented, seed)
        if out is not None:
            write_truth(out / "invented" / "truth.jsonl", made)
        _show_tallies(console, judge(department, made), "invented returns, each with a mistake")
    raise typer.Exit(1 if failed else 0)


def _invented(department: Department, count: int, seed: int) -> list[TaxReturn]:
    """Returns of the sample maker, with one mistake each: which rules do they trip?"""
    made = []
    for number in range(count):
        year = YEARS[number % len(YEARS)]
        definitions = definitions_of(department, year)
        one = invent_return(np.random.default_rng([seed, number]), year, definitions, 1.0)
        forms = tuple(
            make_form(definitions[form], {name: it.value for name, it in fields.items()})
            for form, fields in one.forms.items()
        )
        made.append(make_return(department.name, year, forms, number=number))
    return made


def _show(console: Console, found: Judgement, what: str) -> None:
    total = len(found.tallies)
    console.print(f"\n[bold]{found.department}[/]: {found.returns} {what}", highlight=False)
    console.print(
        f"  {len(found.evaluated)} of {total} rules applied to a return and passed it; "
        f"{len(found.unexplained)} failures are unexplained.",
        highlight=False,
    )
    for rule, year, message in found.unexplained:
        console.print(Padding(f"[red]{rule}[/] {year}: {message}", (0, 0, 0, 2)), highlight=False)
    if found.not_evaluated:
        console.print("  Not evaluated:")
        for (rule, why), count in found.not_evaluated.most_common(20):
            console.print(Padding(f"{rule}, {count} times: {why}", (0, 0, 0, 4)), highlight=False)
    if found.known:
        console.print("  The solver's mistakes, found by the rules:")
        for known, count in found.known.most_common():
            words = f"{count} times {', '.join(known.rules)}: {known.why}"
            console.print(Padding(words, (0, 0, 0, 4)), highlight=False)
    console.print("  Never evaluated:")
    console.print(Padding("  ".join(found.never), (0, 0, 0, 4)), highlight=False)


def _show_tallies(console: Console, found: Judgement, what: str) -> None:
    failed = [rule for rule, it in found.tallies.items() if it.failed]
    never = [rule for rule, it in found.tallies.items() if not it.failed]
    console.print(f"\n[bold]{found.department}[/]: {found.returns} {what}", highlight=False)
    console.print(f"  {len(failed)} rules failed at least once. Never failed:", highlight=False)
    console.print(Padding("  ".join(never), (0, 0, 0, 4)), highlight=False)


if __name__ == "__main__":
    typer.run(main)

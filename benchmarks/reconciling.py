"""What reconciliation does to whole returns: `python -m benchmarks.reconciling --glyphs DIR`.

Real pages of held-out writers, made, scanned and read as ever; `--invented` takes invented readings
instead, which is fast and says whether the arithmetic is right, not how good the engines are. With
`--mistakes 1` every return holds a mistake of its filer's, none of which may be overwritten.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.invented_readings import invented_case
from benchmarks.read_returns import Material, read_cases
from benchmarks.report_reconciling import report, write_docs
from benchmarks.samples.fonts import Writers
from benchmarks.samples.scanner import Quality
from benchmarks.scoring import Scored, group_of, same
from benchmarks.whole_returns import Case, place
from flows.reconciling import make_reconciler
from schemas.department import Department
from schemas.forms import FieldKind
from schemas.packs import load_department
from schemas.readings import FieldValue, Reconciled, ValueStatus
from schemas.returns import TaxReturn
from validators.rulebook import compile_rules


@dataclass(slots=True)
class Outcome:
    """What came out."""

    before: list[Scored] = field(default_factory=list)
    after: list[Scored] = field(default_factory=list)
    said: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """(outcome, whether the value held is right) → fields."""
    misread: Counter[str] = field(default_factory=Counter)
    """Of the amounts misread before: mended, sent to a person, taken."""
    mistakes: Counter[str] = field(default_factory=Counter)
    """Of the fields with a filer's mistake."""
    alone: dict[str, int] = field(default_factory=lambda: {"before": 0, "after": 0})
    """Returns of which no field waits for a person."""
    waiting: Counter[str] = field(default_factory=Counter)
    """`form.field` → returns in which it waits for a person, after."""
    returns: int = 0
    seconds: list[float] = field(default_factory=list)
    """Of the processor, so that what else runs on the machine does not count."""
    unfinished: int = 0
    suspects: tuple[str, ...] = ()


def measure(cases: Sequence[Case], department: Department) -> Outcome:
    """Reconcile as one batch, and compare with the truth before and after."""
    outcome = Outcome(returns=len(cases))
    reconciler = make_reconciler(compile_rules(department), department)
    for case in cases:  # one by one for the time, then all together as in a run
        begun = time.process_time()
        reconciler.reconcile([case.read])
        outcome.seconds.append(time.process_time() - begun)
    batch = reconciler.reconcile([case.read for case in cases])
    outcome.unfinished = len(batch.unfinished)
    outcome.suspects = tuple(str(one) for one in batch.suspects)
    for case, after in zip(cases, batch.returns, strict=True):
        _compare(case, after, outcome)
    return outcome


def _compare(case: Case, after: TaxReturn, outcome: Outcome) -> None:
    for when, tax_return in (("before", case.read), ("after", after)):
        waits = [one for one in _values(tax_return) if one.status is ValueStatus.REVIEW]
        outcome.alone[when] += not waits and not tax_return.missing_pages
        if when == "after":
            outcome.waiting.update({place(one.form, one.name) for one in waits})
    for before, now in zip(_values(case.read), _values(after), strict=True):
        key = place(before.form, before.name)
        truth = case.truth.get(key)
        was, right = (same(before.kind, truth, one.value) for one in (before, now))
        outcome.before.append(_scored(case, before, truth, was))
        outcome.after.append(_scored(case, now, truth, right))
        if now.reconciliation is not None:
            outcome.said[now.reconciliation.outcome.value, right] += 1
        if not was and before.kind is FieldKind.AMOUNT:
            sent = now.status is ValueStatus.REVIEW
            outcome.misread["mended" if right else "sent to a person" if sent else "taken"] += 1
        if key in case.mistaken and truth is not None:
            _count_mistake(outcome, now, was, right)


def _values(tax_return: TaxReturn) -> Iterable[FieldValue]:
    return (value for form in tax_return.forms for value in form.values)


def _scored(case: Case, value: FieldValue, truth: str | bool | None, right: bool) -> Scored:
    return Scored(
        group=group_of(value.kind, truth),
        ink="",
        quality="",
        filled=truth not in (None, False, ""),
        right=right,
        accepted=value.status is not ValueStatus.REVIEW,
        confidence=value.confidence,
        key=f"{case.number}|{value.page}|{value.form}|{value.name}",
        risk=1.0 if value.risk is None else value.risk,
        manner=case.manners.get(place(value.form, value.name)),
    )


def _count_mistake(outcome: Outcome, now: FieldValue, was: bool, right: bool) -> None:
    said = now.reconciliation.outcome if now.reconciliation else None
    outcome.mistakes["planted"] += 1
    outcome.mistakes["overwritten"] += was and not right
    outcome.mistakes["known as such"] += said is Reconciled.MISTAKE
    outcome.mistakes["sent to a person"] += now.status is ValueStatus.REVIEW


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--returns", type=int, default=200)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--mistakes", type=float, default=0.05)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--invented", action="store_true", help="Invented readings: no pages.")
    parser.add_argument("--ink", default="hand", choices=("hand", "typed", "mixed"))
    parser.add_argument("--quality", type=Quality, default=Quality.FAIR)
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kept", type=Path, help="Keep what was read here, or take it from here.")
    parser.add_argument("--write-docs", type=Path, help="Write reconciled.md and its plot here.")
    arguments = parser.parse_args()
    department = load_department(arguments.department)
    if arguments.invented:
        cases = [
            invented_case(number, arguments.seed, department, arguments.mistakes)
            for number in range(arguments.returns)
        ]
    else:
        material = Material(
            ink=arguments.ink, quality=arguments.quality, glyphs=arguments.glyphs,
            writers=Writers.HELD_OUT, seed=arguments.seed, mistakes=arguments.mistakes,
        )  # fmt: skip
        cases = read_cases(
            arguments.department, material, arguments.returns, arguments.jobs, arguments.kept
        )
    outcome = measure(cases, department)
    command = (
        f"python -m benchmarks.reconciling --returns {arguments.returns} --seed {arguments.seed} "
        f"--mistakes {arguments.mistakes:g} --department {arguments.department}"
        + (" --invented" if arguments.invented else f" --quality {arguments.quality}")
        + (" --glyphs DIR" if arguments.glyphs else "")
    )
    text = report(outcome, command)
    print(text)
    if arguments.write_docs:
        write_docs(outcome, text, arguments.write_docs)


if __name__ == "__main__":
    main()

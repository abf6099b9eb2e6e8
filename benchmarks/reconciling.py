"""What reconciliation does to sample returns: `python -m benchmarks.reconciling --returns 300`.

Readings are invented by default: each field gets a confidence, is wrong as often as that confidence
says, and the engine's other values are digits and letters that are taken for each other. That is
fast, and says whether the arithmetic is right, not how good the engines are. With `--images`
pages are made, scanned and read as ever; use few. With `--mistakes 1` every return holds a mistake
of its filer's, none of which may be overwritten.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.measure import Scenario, open_department, pages_of, plan_of
from benchmarks.samples.parameters import YEARS
from benchmarks.samples.returns import InventedReturn, invent_return
from benchmarks.samples.scanner import Quality
from benchmarks.scoring import same
from extractors.assembly import assemble_returns
from flows.reconciling import make_reconciler
from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind, FormDefinition
from schemas.packs import load_department
from schemas.readings import (
    Alternative,
    FieldValue,
    Reading,
    Reconciled,
    ValueStatus,
)
from schemas.returns import FormInstance, TaxReturn
from validators.reconciliation.cells import KINDS
from validators.rulebook import compile_rules

_CONFIDENCES = ((0.62, 0.9993), (0.2, 0.98), (0.13, 0.9), (0.05, 0.55))
"""(share of fields, confidence): about what hand-written amounts on fair scans get."""
_ACCEPTED_FROM = 0.995
_NAMED = 0.75
"""Of the misread, those whose true value is among the engine's others."""
_TAKEN_FOR = {
    "0": "689", "1": "74", "2": "73", "3": "852", "4": "91", "5": "638",
    "6": "058", "7": "129", "8": "306", "9": "470",
}  # fmt: skip

Truth = dict[tuple[str, str], str | bool | None]
"""(form, field) → what stands on the paper."""


@dataclass(slots=True)
class Case:
    """One return as it was read, and what it really says."""

    read: TaxReturn
    truth: Truth
    mistaken: frozenset[tuple[str, str]]
    """Fields that a mistake of the filer's is in."""


@dataclass(slots=True)
class Tally:
    """What came out."""

    fields: Counter[str] = field(default_factory=Counter)
    """Filled fields, read wrong and taken, before and after."""
    outcomes: Counter[tuple[str, bool]] = field(default_factory=Counter)
    """(outcome, whether the value held is right)."""
    misread: Counter[str] = field(default_factory=Counter)
    """Of the amounts misread before: mended, sent to a person, taken."""
    mistakes: Counter[str] = field(default_factory=Counter)
    """Of the fields with a filer's mistake."""
    corrections: Counter[bool] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    """Of the processor, so that what else runs on the machine does not count."""
    unfinished: int = 0


def invented_case(number: int, seed: int, department: Department, mistakes: float) -> Case:
    """A return with invented readings."""
    year = YEARS[number % len(YEARS)]
    forms = {form.form: form for form in department.forms if form.year == year}
    rng = np.random.default_rng([seed, number])
    filed = invent_return(rng, year, forms, mistakes)
    instances = []
    for form, written in filed.forms.items():
        values = tuple(
            _invented_value(forms[form], page.number, one, held.value if held else None, rng)
            for page in forms[form].pages
            for one in page.fields
            for held in [written.get(one.name)]
        )
        numbers = tuple(page.number for page in forms[form].pages)
        instances.append(FormInstance(form=form, year=year, pages=numbers, values=values))
    read = TaxReturn(
        return_id=f"r{number}", department=department.name, file="", sha256="0" * 64,
        tax_year=year, forms=tuple(instances),
    )  # fmt: skip
    truth: Truth = {
        (form, name): held.value
        for form, written in filed.forms.items()
        for name, held in written.items()
    }
    return Case(read, truth, _mistaken(filed))


def _mistaken(filed: InventedReturn) -> frozenset[tuple[str, str]]:
    return frozenset((one.form, name) for one in filed.mistakes for name in one.names)


def _invented_value(
    form: FormDefinition,
    page: int,
    definition: FieldDefinition,
    truth: str | bool | None,
    rng: np.random.Generator,
) -> FieldValue:
    confidence, read, reading = 1.0, truth, None
    if isinstance(truth, str) and definition.kind in KINDS:
        shares = [share for share, _ in _CONFIDENCES]
        confidence = _CONFIDENCES[int(rng.choice(len(shares), p=shares))][1]
        read, reading = _misread(definition.kind, truth, confidence, rng)
    status = ValueStatus.ACCEPTED if confidence >= _ACCEPTED_FROM else ValueStatus.REVIEW
    if truth in (None, False):
        status, read = ValueStatus.BLANK, False if definition.kind.is_mark else None
    return FieldValue(
        form=form.form, year=form.year, page=page, name=definition.name, line=definition.line,
        source_field=None, kind=definition.kind, value=read,
        as_read=read if isinstance(read, str) else "", confidence=confidence,
        risk=(1.0 - confidence) * 2, status=status, decided_by="engine:invented 1",
        bbox=(0, 0, 1, 1), ink="hand", readings=(reading,) if reading else (),
    )  # fmt: skip


def _misread(
    kind: FieldKind, truth: str, confidence: float, rng: np.random.Generator
) -> tuple[str, Reading]:
    """A reading that is right as often as its confidence says, with its other values."""
    others = sorted({_blurred(truth, rng) for _ in range(5)} - {truth})
    first = truth
    if rng.random() >= confidence and others:
        first = others.pop(int(rng.integers(len(others))))
        if rng.random() < _NAMED:
            others.insert(int(rng.integers(0, 2)), truth)
    odds = np.sort(rng.gamma(2.0, 1.5, len(others))) + max(np.log(confidence / (1 - confidence)), 0)
    alternatives = tuple(
        Alternative(text=text, log_odds=-float(one)) for text, one in zip(others, odds, strict=True)
    )
    return first, Reading(
        engine="invented", version="1", text=first, confidence=confidence,
        alternatives=alternatives,
    )  # fmt: skip


def _blurred(text: str, rng: np.random.Generator) -> str:
    """The text with one character taken for another, or lost."""
    places = [at for at, one in enumerate(text) if one.isalnum()]
    at = places[int(rng.integers(len(places)))]
    if text[at] not in _TAKEN_FOR:
        return text[:at] + "aeionrt"[int(rng.integers(7))] + text[at + 1 :]
    if rng.random() < 0.1 and len(text) > 2 and len(text) != 9:
        return text[:at] + text[at + 1 :]
    similar = _TAKEN_FOR[text[at]]
    return text[:at] + similar[int(rng.integers(len(similar)))] + text[at + 1 :]


def read_cases(
    department_name: str, returns: int, seed: int, ink: str, glyphs: Path | None
) -> Iterator[Case]:
    """Returns made, scanned and read as ever."""
    department, reader = open_department(department_name)
    scenario = Scenario("reconciling", ink, Quality.FAIR, glyphs)
    with tempfile.TemporaryDirectory() as folder:
        plan = plan_of(scenario, Path(folder), seed)
        for number in range(1, returns + 1):
            pages, sha256 = [], ""
            truth: Truth = {}
            mistaken: set[tuple[str, str]] = set()
            for document, _, page in pages_of(plan, number, department):
                pages.append(reader.read(page))
                sha256 = document.sha256
                truth |= {(one.form, one.name): one.value for one in document.fields}
                mistaken |= {(one.form, n) for one in document.mistakes for n in one.names}
            for read in assemble_returns(pages, department, file="", sha256=sha256)[:1]:
                yield Case(read, truth, frozenset(mistaken))


def measure(cases: Iterable[Case], department: Department, tally: Tally) -> None:
    """Reconcile as one batch, and compare with the truth before and after."""
    held = list(cases)
    reconciler = make_reconciler(compile_rules(department), department)
    for case in held:  # one by one for the time, then all together as in a run
        begun = time.process_time()
        reconciler.reconcile([case.read])
        tally.seconds.append(time.process_time() - begun)
    batch = reconciler.reconcile([case.read for case in held])
    tally.unfinished = len(batch.unfinished)
    for suspect in batch.suspects:
        print(suspect)
    for case, after in zip(held, batch.returns, strict=True):
        _compare(case, after, tally)


def _compare(case: Case, after: TaxReturn, tally: Tally) -> None:
    pairs = zip(
        (value for form in case.read.forms for value in form.values),
        (value for form in after.forms for value in form.values),
        strict=True,
    )
    for before, now in pairs:
        if before.kind not in KINDS:
            continue
        key = (before.form, before.name)
        truth = case.truth.get(key)
        was, right = (same(before.kind, truth, one.value) for one in (before, now))
        if truth is not None:
            _count(tally.fields, "before", before, was)
            _count(tally.fields, "after", now, right)
        if now.reconciliation is not None:
            tally.outcomes[now.reconciliation.outcome.value, right] += 1
        if not was and before.kind is FieldKind.AMOUNT:
            sent = now.status is ValueStatus.REVIEW
            tally.misread["mended" if right else "sent to a person" if sent else "taken"] += 1
        if key in case.mistaken and truth is not None:
            _count_mistake(tally, before, now, was, right)


def _count(counter: Counter[str], when: str, value: FieldValue, right: bool) -> None:
    accepted = value.status is not ValueStatus.REVIEW
    counter[f"{when} fields"] += 1
    counter[f"{when} wrong"] += not right
    counter[f"{when} accepted"] += accepted
    counter[f"{when} accepted, wrong"] += accepted and not right


def _count_mistake(
    tally: Tally, before: FieldValue, now: FieldValue, was: bool, right: bool
) -> None:
    said = now.reconciliation.outcome if now.reconciliation else None
    tally.mistakes["planted"] += 1
    tally.mistakes["overwritten"] += was and not right
    tally.mistakes["known as such"] += said is Reconciled.MISTAKE
    tally.mistakes["sent to a person"] += now.status is ValueStatus.REVIEW


def report(tally: Tally) -> None:
    """In words and figures."""
    for when in ("before", "after"):
        fields = tally.fields[f"{when} fields"]
        accepted, wrong = tally.fields[f"{when} accepted"], tally.fields[f"{when} accepted, wrong"]
        print(
            f"{when:7} {fields} filled fields, {tally.fields[f'{when} wrong'] / fields:.2%} wrong; "
            f"{accepted / fields:.1%} accepted, {wrong} of them wrong"
            + (f" (1 in {accepted / wrong:,.0f})" if wrong else "")
        )
    print("amounts misread before:", dict(tally.misread))
    print("filers' mistakes:", dict(tally.mistakes))
    for outcome in Reconciled:
        right, wrong = (tally.outcomes[outcome.value, one] for one in (True, False))
        print(f"{outcome.value:10} {right + wrong:6} fields, value held wrong in {wrong}")
    ordered = sorted(tally.seconds)
    print(
        f"time a return: median {1000 * statistics.median(ordered):.0f} ms, "
        f"95 % {1000 * ordered[int(0.95 * len(ordered))]:.0f} ms, "
        f"worst {1000 * ordered[-1]:.0f} ms; unfinished {tally.unfinished}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--returns", type=int, default=300)
    parser.add_argument("--seed", type=int, default=4)
    parser.add_argument("--mistakes", type=float, default=0.05)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--images", action="store_true")
    parser.add_argument("--ink", default="hand")
    parser.add_argument("--glyphs", type=Path)
    arguments = parser.parse_args()
    department = load_department(arguments.department)
    if arguments.images:
        cases = read_cases(
            arguments.department, arguments.returns, arguments.seed, arguments.ink, arguments.glyphs
        )
    else:
        cases = (
            invented_case(number, arguments.seed, department, arguments.mistakes)
            for number in range(arguments.returns)
        )
    tally = Tally()
    measure(cases, department, tally)
    report(tally)


if __name__ == "__main__":
    main()

"""Fits how far arithmetic is believed: `python -m benchmarks.calibrate_reconciled --glyphs DIR`.

Whole returns by the calibration writers are made, scanned, read and reconciled. Of each field that
its ink left in review, and arithmetic confirmed or corrected, the computed probability becomes the
score of a curve (`amount/hand/confirmed`) in `extractors/calibration.json`; what that accepts is
bounded together with those confirmed that their ink had accepted (docs/decisions/0014). A class of
which too little was seen gets no curve: there the computed probability counts, with caution.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.calibrate import write
from benchmarks.fitting import Before, Sample, fit
from benchmarks.read_returns import Material, read_cases
from benchmarks.samples.fonts import Writers
from benchmarks.scoring import same
from benchmarks.whole_returns import Case, place
from extractors.confidence import Calibration, Curve, load_calibration, log_odds
from flows.reconciling import make_reconciler, reconciled_key
from schemas.department import Department
from schemas.packs import load_department
from schemas.readings import Reconciled, ValueStatus
from validators.rulebook import compile_rules

FEWEST = 300
"""Samples in review below which a class gets no curve; nor does one that could accept nothing."""
_BORNE = 2.0
"""As of `Before`; misreadings that arithmetic overlooks come several in one return."""
SAID = (Reconciled.CONFIRMED, Reconciled.CORRECTED)


@dataclass(frozen=True, slots=True)
class Told:
    """One field of which arithmetic said something."""

    sample: Sample
    in_review: bool
    """By its ink alone."""


def told_of(
    cases: Sequence[Case], department: Department, calibration: Calibration
) -> dict[str, list[Told]]:
    """By class of curve; fields that are blank on the paper are left out."""
    reconciler = make_reconciler(compile_rules(department), department, calibration)
    after = reconciler.reconcile([case.read for case in cases]).returns
    found: dict[str, list[Told]] = defaultdict(list)
    for case, read in zip(cases, after, strict=True):
        for value in (value for form in read.forms for value in form.values):
            truth, said = case.truth.get(place(value.form, value.name)), value.reconciliation
            if said is None or said.outcome not in SAID or truth in (None, "", False):
                continue
            key = reconciled_key(value, said.outcome)
            right = same(value.kind, truth, value.value)
            sample = Sample(key, log_odds(said.probability), right)
            found[key].append(Told(sample, said.first.status is ValueStatus.REVIEW))
    return found


def curves_of(found: Mapping[str, Sequence[Told]], target: float) -> dict[str, Curve]:
    """A curve for each class of which enough was seen."""
    curves = {}
    for key, told in sorted(found.items()):
        waiting = [one.sample for one in told if one.in_review]
        if len(waiting) >= FEWEST:
            by_ink = [one.sample for one in told if not one.in_review]
            curve = fit(waiting, Before(target=target, borne=_BORNE).joined(by_ink))
            if curve.threshold(target) is not None:
                curves[key] = curve
    return curves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--returns", type=int, default=400)
    parser.add_argument("--seed", type=int, default=777)
    parser.add_argument("--glyphs", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--department", default="us_irs")
    parser.add_argument("--kept", type=Path, help="Keep what was read here, or take it from here.")
    parser.add_argument("--out", type=Path, default=Path("extractors/calibration.json"))
    arguments = parser.parse_args()
    department = load_department(arguments.department)
    material = Material(glyphs=arguments.glyphs, writers=Writers.CALIBRATION, seed=arguments.seed)
    cases = read_cases(
        arguments.department, material, arguments.returns, arguments.jobs, arguments.kept
    )
    table = load_calibration(department.folder)
    by_ink = {key: curve for key, curve in table.curves.items() if not key.endswith(SAID)}
    bare = table.model_copy(update={"curves": by_ink})
    found = told_of(cases, department, bare)
    curves = curves_of(found, department.settings.target_error)
    write(table.model_copy(update={"curves": by_ink | curves}), arguments.out)
    for key, told in sorted(found.items()):
        print(_line(key, told, curves.get(key), department.settings.target_error))


def _line(key: str, told: Sequence[Told], curve: Curve | None, target: float) -> str:
    right = sum(one.sample.right for one in told)
    waiting = [one.sample for one in told if one.in_review]
    line = f"{key:24} {len(told):6} fields, {right / len(told):.2%} right; {len(waiting)} in review"
    if curve is None:
        return line + "; too few for a curve"
    taken = [sample for sample in waiting if curve.risk(sample.score) <= target]
    wrong = sum(not sample.right for sample in taken)
    return line + f", {len(taken)} of these accepted, {wrong} of them wrong"


if __name__ == "__main__":
    main()

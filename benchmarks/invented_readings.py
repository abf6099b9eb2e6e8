"""Whole returns with invented readings: fast, and a test of the arithmetic, not of the engines.

Each field gets a confidence, is wrong as often as that confidence says, and the engine's other
values are digits and letters that are taken for each other.
"""

from __future__ import annotations

import numpy as np

from benchmarks.samples.parameters import YEARS
from benchmarks.samples.returns import InventedReturn, invent_return
from benchmarks.whole_returns import Case, place
from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind, FormDefinition
from schemas.readings import Alternative, FieldValue, Reading, ValueStatus
from schemas.returns import FormInstance, TaxReturn
from validators.reconciliation.cells import KINDS

_CONFIDENCES = ((0.62, 0.9993), (0.2, 0.98), (0.13, 0.9), (0.05, 0.55))
"""(share of fields, confidence): about what hand-written amounts on fair scans get."""
_ACCEPTED_FROM = 0.995
_NAMED = 0.75
"""Of the misread, those whose true value is among the engine's others."""
_TAKEN_FOR = {
    "0": "689", "1": "74", "2": "73", "3": "852", "4": "91", "5": "638",
    "6": "058", "7": "129", "8": "306", "9": "470",
}  # fmt: skip


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
    truth = {
        place(form, name): held.value
        for form, written in filed.forms.items()
        for name, held in written.items()
    }
    return Case(number=number, read=read, truth=truth, mistaken=_mistaken(filed))


def _mistaken(filed: InventedReturn) -> frozenset[str]:
    return frozenset(place(one.form, name) for one in filed.mistakes for name in one.names)


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

"""What each further engine makes of a field, and the curves fitted to it, stage after stage.

A second engine sees only what the first was not sure of (docs/decisions/0008); what it adds is
bounded together with what the first had accepted (docs/decisions/0014).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.fitting import NOTHING, Before, Sample, fit
from benchmarks.scoring import same
from extractors.confidence import Curve, curve_key, log_odds, mark_key, pooled_key
from extractors.parsing import canonical
from extractors.weighing import weigh
from schemas.department import Department
from schemas.forms import FieldDefinition, FieldKind, Frozen
from schemas.readings import FieldValue, InkKind, Reading

FEWEST = 40
"""Samples below which a class gets no curve of its own."""


class Observed(Frozen):
    """A field as it was filled in and as it was read, every engine having been asked."""

    page: int
    """Number of the page among those invented here."""
    written: str | bool | None
    value: FieldValue


@dataclass(frozen=True, slots=True)
class Seen:
    """One field after every engine was asked: what each further engine made of it."""

    kind: FieldKind
    stages: tuple[Sample, ...]
    """By the first engine alone, by the first two, and so on."""
    alone: tuple[Sample, ...]
    """By each further engine alone, as it counts where those before it fail."""
    pooled: tuple[Sample, ...]
    """All of these again, by ink only."""
    versions: tuple[tuple[str, str], ...]


def see_all(observed: Sequence[Observed], department: Department) -> list[Seen]:
    """What there is to learn from all fields, by the definitions and the weighing of today."""
    date_order = department.settings.date_order
    definitions = {
        (form.form, form.year, field.name): field
        for form in department.forms
        for page in form.pages
        for field in page.fields
    }
    return [
        seen
        for one in observed
        for seen in see(
            definitions[one.value.form, one.value.year, one.value.name],
            one.written,
            one.value,
            date_order,
        )
    ]


def see(
    definition: FieldDefinition, written: str | bool | None, value: FieldValue, date_order: str
) -> Iterator[Seen]:
    """What there is to learn from one field; nothing where no engine gave an answer."""
    sound = [reading for reading in value.readings if reading.problem is None]
    if not sound or (value.ink is None and not definition.kind.is_mark):
        return
    versions = tuple((reading.engine, reading.version) for reading in sound)
    if definition.kind.is_mark:
        mark = sound[-1]
        right = bool(mark.text) == bool(written)
        sample = Sample(mark_key(mark), log_odds(mark.confidence), right)
        yield Seen(definition.kind, (sample,), (), (), versions)
    elif written and value.ink is not None:
        truth = canonical(definition.kind, str(written), date_order)
        first = [
            _sample(definition, truth, value.ink, sound[: i + 1], date_order)
            for i in range(len(sound))
        ]
        alone = [_sample(definition, truth, value.ink, [one], date_order) for one in sound[1:]]
        stages = tuple(own for own, _ in filter(None, first))
        others = tuple(own for own, _ in filter(None, alone))
        pooled = tuple(any_ for _, any_ in filter(None, first + alone))
        yield Seen(definition.kind, stages, others, pooled, versions)


def _sample(
    definition: FieldDefinition,
    truth: str | None,
    ink: InkKind,
    readings: Sequence[Reading],
    date_order: str,
) -> tuple[Sample, Sample] | None:
    verdict = weigh(definition, readings, date_order)
    if verdict.value is None:
        return None
    right = same(definition.kind, truth, verdict.value)
    key = curve_key(definition.kind, ink, verdict.witnesses)
    return (
        Sample(key, verdict.score, right),
        Sample(pooled_key(ink, verdict.witnesses), verdict.score, right),
    )


def fit_all(seen: Sequence[Seen], target: Mapping[FieldKind, float]) -> dict[str, Curve]:
    """The curves of all classes, stage after stage: what one accepts, the next never sees."""
    curves: dict[str, Curve] = {}
    before: dict[str, Before] = {}
    left, stage = list(seen), 0
    while any(len(one.stages) > stage for one in left):
        left = [one for one in left if len(one.stages) > stage]
        left = _fit_stage(curves, before, left, stage, target)
        stage += 1
    others = [sample for one in seen for sample in (*one.alone, *one.pooled)]
    alone = {key: fit(found) for key, found in _by_key(others).items() if len(found) >= FEWEST}
    return dict(sorted((alone | curves).items()))


def _fit_stage(
    curves: dict[str, Curve],
    before: dict[str, Before],
    seen: Sequence[Seen],
    stage: int,
    target: Mapping[FieldKind, float],
) -> list[Seen]:
    """Adds one stage's curves, and to `before` what they accept; the fields that they leave.

    Witnesses who contradict each other prove nothing by what others agreed upon: their class is
    bounded alone.
    """
    by_key: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_key[one.stages[stage].key].append(one)
    left: list[Seen] = []
    for key, found in sorted(by_key.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(found) < FEWEST:
            left += found
            continue
        group, _, witnesses = key.rpartition("/")
        earlier = before.get(group, NOTHING)
        disputed = "!" in witnesses
        curves[key] = fit([one.stages[stage] for one in found], NOTHING if disputed else earlier)
        taken = [one for one in found if _accepted(curves, one, stage, target)]
        left += [one for one in found if not _accepted(curves, one, stage, target)]
        laxest = max((earlier.target, *(target[one.kind] for one in taken)))
        joined = earlier.joined([one.stages[stage] for one in taken])
        before[group] = replace(joined, target=laxest)
    return left


def _by_key(samples: Sequence[Sample]) -> dict[str, list[Sample]]:
    by_key: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        by_key[sample.key].append(sample)
    return by_key


def _accepted(
    curves: Mapping[str, Curve], one: Seen, stage: int, target: Mapping[FieldKind, float]
) -> bool:
    sample = one.stages[stage]
    curve = curves.get(sample.key)
    return curve is not None and curve.risk(sample.score) <= target[one.kind]

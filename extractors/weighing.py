"""From the readings of one field to the value that they support, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.confidence import Calibration, Judged, Witnesses, log_odds
from extractors.parsing import US_STATES, canonical
from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import InkKind, Reading


@dataclass(frozen=True, slots=True)
class Verdict:
    """The value that the readings support best."""

    value: str | None
    """Canonical; None where no reading can be parsed."""
    as_read: str
    score: float
    """Log-odds by the engines' own scores, not calibrated."""
    witnesses: Witnesses
    engines: tuple[Reading, ...]
    """The readings that say so."""

    def judged(self, calibration: Calibration, kind: FieldKind, ink: InkKind) -> Judged:
        if self.value is None:
            return Judged(0.0, 1.0)
        return calibration.judge(kind, ink, self.witnesses, self.score)


def judge(
    definition: FieldDefinition,
    readings: Sequence[Reading],
    ink: InkKind,
    calibration: Calibration,
    date_order: str,
) -> tuple[Verdict, Judged]:
    """The value of the readings so far, and how far it can be believed.

    Engines to which the calibration was not fitted lend no confidence; where they are alone or
    against, nothing is accepted.
    """
    fitted = [r for r in readings if r.problem is None and calibration.is_fitted_to(r)]
    everyone = weigh(definition, readings, date_order)
    verdict = weigh(definition, fitted, date_order) if fitted else everyone
    if verdict.value is None:
        verdict = everyone
    judged = verdict.judged(calibration, definition.kind, ink)
    strangers = {r.engine for r in readings if r.problem is None} - {r.engine for r in fitted}
    differs = everyone.value != verdict.value or strangers & set(everyone.witnesses.against)
    if not fitted or (strangers and differs):
        return verdict, Judged(judged.probability, 1.0)
    return verdict, judged


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: str
    as_read: str
    probability: float


def weigh(definition: FieldDefinition, readings: Sequence[Reading], date_order: str) -> Verdict:
    """Compare what the engines saw; readings with a problem are no witnesses."""
    sound = [reading for reading in readings if reading.problem is None]
    supported = [
        (reading, candidate)
        for reading in sound
        if (candidate := best_candidate(definition, reading, date_order)) is not None
    ]
    if not supported:
        as_read = next((r.text for r in sound if r.text), "")
        return Verdict(None, as_read, 0.0, Witnesses(()), tuple(sound))
    by_value: dict[str, list[tuple[Reading, _Candidate]]] = {}
    for reading, candidate in supported:
        by_value.setdefault(candidate.value, []).append((reading, candidate))
    strength = {
        value: sum(log_odds(candidate.probability) for _, candidate in group)
        + 4.0 * (len(group) - 1)
        for value, group in by_value.items()
    }
    ranked = sorted(strength, key=lambda value: -strength[value])
    best = by_value[ranked[0]]
    score = strength[ranked[0]]
    if len(ranked) > 1:
        score -= strength[ranked[1]]
    agreeing = tuple(reading for reading, _ in best)
    names = {reading.engine for reading in agreeing}
    witnesses = Witnesses(tuple(names), tuple(r.engine for r in sound if r.engine not in names))
    return Verdict(ranked[0], best[0][1].as_read, score, witnesses, agreeing)


def best_candidate(
    definition: FieldDefinition, reading: Reading, date_order: str
) -> _Candidate | None:
    """The likeliest value of one reading: texts that mean the same count together.

    `1,234` and `1.234` are one amount; that the recogniser wavers between comma and point is
    no doubt about the value.
    """
    first = max(reading.confidence, 1e-9)
    texts = [(reading.text, first)]
    texts += [(a.text, first * math.exp(min(a.log_odds, 0.0))) for a in reading.alternatives]
    shares: dict[str, float] = {}
    spelled: dict[str, str] = {}
    for text, share in texts:
        value = parse(definition, text, date_order)
        if value is not None:
            shares[value] = shares.get(value, 0.0) + share
            spelled.setdefault(value, text)
    if not shares:
        return None
    best = max(shares, key=lambda value: shares[value])
    return _Candidate(best, spelled[best], min(shares[best], 1.0))


def parse(definition: FieldDefinition, text: str, date_order: str) -> str | None:
    """`canonical`, with what the field's own definition adds."""
    value = canonical(definition.kind, text, date_order)
    if value is None or definition.kind.is_mark:
        return value
    if _is_state(definition):
        return value.upper() if value.upper() in US_STATES else None
    # Combs and lengths count characters as written: hyphens and spaces have no cell.
    limit = definition.max_length
    if limit is not None and definition.kind in (FieldKind.ROUTING_NUMBER, FieldKind.CODE):
        return value if len(value) <= limit else None
    return value


def is_ambiguous(definition: FieldDefinition, as_read: str) -> bool:
    """A dash after an amount: a minus, or `no cents`."""
    text = as_read.rstrip()
    return (
        definition.kind is FieldKind.AMOUNT
        and text.endswith("-")
        and not text.startswith("-")
        and "." not in text[-3:]
    )


def _is_state(definition: FieldDefinition) -> bool:
    return definition.name == "state" or definition.name.endswith("_state")

"""From the readings of one field to the value that they support, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.confidence import Calibration, InkKind, Witnesses, log_odds
from extractors.parsing import US_STATES, canonical
from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import Reading


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

    def probability(self, calibration: Calibration, kind: FieldKind, ink: InkKind) -> float:
        if self.value is None:
            return 0.0
        return calibration.probability(kind, ink, self.witnesses, self.score)


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
        return Verdict(None, as_read, 0.0, "alone", tuple(sound))
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
    witnesses: Witnesses = "agree" if len(best) > 1 else "alone"
    if len(ranked) > 1 or len(sound) > len(supported):
        witnesses = "differ"
        score -= strength[ranked[1]] if len(ranked) > 1 else 0.0
    return Verdict(
        ranked[0], best[0][1].as_read, score, witnesses, tuple(reading for reading, _ in best)
    )


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

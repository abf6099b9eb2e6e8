"""From the readings of one field to the value that they support, and how strongly."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.confidence import Calibration, Judged, Witnesses
from extractors.parsing import US_STATES, canonical
from schemas.forms import FieldDefinition, FieldKind
from schemas.readings import Candidate, InkKind, Reading

_UNSEEN = 0.2
"""Of the least of an engine's alternatives, for a value that is not among them."""
_LEAST_SHARE = 1e-6
_NONE_OF_THEM = ""
"""Stands for every value that no engine names."""


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
    sound = [r for r in readings if r.problem is None]
    fitted = [r for r in sound if calibration.is_fitted_to(r)]
    everyone = weigh(definition, sound, date_order)
    verdict = everyone
    if fitted and len(fitted) < len(sound):
        by_fitted = weigh(definition, fitted, date_order)
        verdict = by_fitted if by_fitted.value is not None else everyone
    judged = verdict.judged(calibration, definition.kind, ink)
    strangers = {r.engine for r in sound} - {r.engine for r in fitted}
    differs = everyone.value != verdict.value or strangers & set(everyone.witnesses.against)
    if not fitted or (strangers and differs):
        return verdict, Judged(judged.probability, 1.0)
    return verdict, judged


@dataclass(frozen=True, slots=True)
class _Belief:
    """What one engine holds possible in a field."""

    reading: Reading
    shares: dict[str, float]
    """Value → probability: texts that mean the same count together. `1,234` and `1.234` are one
    amount; that a recogniser wavers between comma and point is no doubt about the value."""
    spelled: dict[str, tuple[str, str]]
    """Value → as its likeliest text has it, and that text. Case alone makes no other value of
    words, though it is kept."""

    @property
    def best(self) -> str:
        return max(self.shares, key=lambda value: self.shares[value])

    def log_share(self, value: str) -> float:
        return math.log(max(self.shares.get(value, self._unseen), _LEAST_SHARE))

    @property
    def _unseen(self) -> float:
        """For a value that is not among the engine's alternatives: less than the least of them,
        and no more than what they leave."""
        left = max(1.0 - sum(self.shares.values()), 0.0)
        return _UNSEEN * min(left, *self.shares.values())


def weigh(definition: FieldDefinition, readings: Sequence[Reading], date_order: str) -> Verdict:
    """The value that all engines together hold likeliest; readings with a problem are no witnesses.

    Each value that any engine names is weighed by what every engine thinks of it: one that two
    engines have second may beat what each has first. The engines err differently, so that their
    probabilities are multiplied; the score is the best value's log-odds against all the others.
    """
    sound = [reading for reading in readings if reading.problem is None]
    beliefs = _beliefs(definition, sound, date_order)
    if not beliefs:
        as_read = next((r.text for r in sound if r.text), "")
        return Verdict(None, as_read, 0.0, Witnesses(()), tuple(sound))
    weights = _weights(beliefs)
    none = weights.pop(_NONE_OF_THEM)
    best = max(sorted(weights), key=lambda value: weights[value])
    others = [weight for value, weight in weights.items() if value != best]
    others.append(none)
    score = weights[best] - _log_sum(others)
    agreeing = tuple(belief.reading for belief in beliefs if belief.best == best)
    names = {reading.engine for reading in agreeing}
    witnesses = Witnesses(tuple(names), tuple(r.engine for r in sound if r.engine not in names))
    spelling = _spelling(beliefs, best)
    named = agreeing or (spelling.reading,)
    value, as_read = spelling.spelled[best]
    return Verdict(value, as_read, score, witnesses, named)


def candidates(
    definition: FieldDefinition, readings: Sequence[Reading], date_order: str
) -> tuple[Candidate, ...]:
    """All values that the readings leave possible, the likeliest first."""
    sound = [reading for reading in readings if reading.problem is None]
    beliefs = _beliefs(definition, sound, date_order)
    if not beliefs:
        return ()
    weights = _weights(beliefs)
    total = _log_sum(list(weights.values()))
    del weights[_NONE_OF_THEM]
    found = []
    for same in sorted(weights, key=lambda value: (-weights[value], value)):
        value, as_read = _spelling(beliefs, same).spelled[same]
        share = math.exp(weights[same] - total)
        found.append(Candidate(value=value, as_read=as_read, share=min(share, 1.0)))
    return tuple(found)


def _beliefs(
    definition: FieldDefinition, sound: Sequence[Reading], date_order: str
) -> list[_Belief]:
    found = (_belief(definition, reading, date_order) for reading in sound)
    return [belief for belief in found if belief is not None]


def _weights(beliefs: Sequence[_Belief]) -> dict[str, float]:
    """Logarithm of the weight of every value that an engine names, and of all others together."""
    values = {value for belief in beliefs for value in belief.shares}
    return {value: sum(b.log_share(value) for b in beliefs) for value in (*values, _NONE_OF_THEM)}


def _spelling(beliefs: Sequence[_Belief], value: str) -> _Belief:
    """As the first engine has it that says so: on print the one that tells case from case."""
    return next((b for b in beliefs if b.best == value), None) or max(
        (belief for belief in beliefs if value in belief.shares), key=lambda b: b.shares[value]
    )


def _log_sum(logarithms: Sequence[float]) -> float:
    highest = max(logarithms)
    return highest + math.log(sum(math.exp(one - highest) for one in logarithms))


def _belief(definition: FieldDefinition, reading: Reading, date_order: str) -> _Belief | None:
    """The values among a reading's texts; None where none of them can be one."""
    first = min(max(reading.confidence, 1e-9), 1.0 - 1e-6)
    texts = [(reading.text, first)]
    texts += [(a.text, first * math.exp(min(a.log_odds, 0.0))) for a in reading.alternatives]
    shares: dict[str, float] = {}
    spelled: dict[str, tuple[str, str]] = {}
    for text, share in texts:
        value = parse(definition, text, date_order)
        if value is not None:
            same = value.casefold() if definition.kind.is_words else value
            shares[same] = shares.get(same, 0.0) + share
            spelled.setdefault(same, (value, text))
    return _Belief(reading, shares, spelled) if shares else None


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

"""Can the confidence be believed? Reliability, risk against coverage, and what people would key.

All of it from fields whose truth is known; no plots here (`benchmarks.charts`) and no words
(`benchmarks.results`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.scoring import Scored, wilson

TARGETS = (100, 600, 5000)
"""One wrong value in so many among the accepted."""
EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 1.0)
"""Of the bins of confidence: finer where it matters."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Fields of about the same confidence."""

    low: float
    high: float
    fields: int
    right: int
    said: float
    """Mean confidence."""

    @property
    def share(self) -> float:
        return self.right / self.fields

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.right, self.fields)


@dataclass(frozen=True, slots=True)
class Taken:
    """What is accepted under some rule, and how much of it is wrong."""

    fields: int
    accepted: int
    wrong: int

    @property
    def share(self) -> float:
        return self.accepted / self.fields if self.fields else 0.0

    @property
    def error(self) -> float:
        return self.wrong / self.accepted if self.accepted else 0.0


def reliability(scored: Iterable[Scored]) -> list[Bin]:
    """Bins of confidence that hold any field, from the least sure."""
    members: dict[int, list[Scored]] = {}
    for one in scored:
        place = sum(one.confidence >= edge for edge in EDGES[1:-1])
        members.setdefault(place, []).append(one)
    return [
        Bin(
            EDGES[place],
            EDGES[place + 1],
            len(found),
            sum(one.right for one in found),
            sum(one.confidence for one in found) / len(found),
        )
        for place, found in sorted(members.items())
    ]


def expected_error(bins: Sequence[Bin]) -> float:
    """Mean distance of what was said from what was true (expected calibration error)."""
    fields = sum(one.fields for one in bins)
    return sum(one.fields * abs(one.said - one.share) for one in bins) / fields if fields else 0.0


def risk_coverage(scored: Iterable[Scored]) -> list[Taken]:
    """What is taken, and wrong, if all down to some confidence are: from the surest to all.

    Fields of one confidence cannot be told apart: they come in together.
    """
    ordered = sorted(scored, key=lambda one: -one.confidence)
    accepted = wrong = 0
    steps = []
    for _, equals in groupby(ordered, key=lambda one: one.confidence):
        members = list(equals)
        accepted += len(members)
        wrong += sum(not one.right for one in members)
        steps.append(Taken(len(ordered), accepted, wrong))
    return steps


def taken(scored: Iterable[Scored]) -> Taken:
    """What taxlift took as the department is configured."""
    members = list(scored)
    accepted = [one for one in members if one.accepted]
    return Taken(len(members), len(accepted), sum(not one.right for one in accepted))


def taken_at(scored: Iterable[Scored], target: float) -> Taken:
    """What would be taken if every kind had this target error."""
    members = list(scored)
    accepted = [one for one in members if one.risk <= target]
    return Taken(len(members), len(accepted), sum(not one.right for one in accepted))

"""Rules that are wrong themselves: they fail on confident readings, return after return.

What a rule weighs follows from how often filers break it. A department says how often that is in
general; a batch tells for each rule. One that fails for a good part of all filers tells nothing of
the readings any more: it weighs nothing, and its author should hear of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from schemas.rules import Outcome, RuleResult
from validators.evaluation import DOES_NOT_APPLY

PRIOR_RETURNS = 50
"""So many returns the department's own estimate is worth."""
FEWEST_FAILURES = 5
SUSPECT_SHARE = 0.25
"""Of the returns that a rule applies to: no rule is broken by so many filers."""


@dataclass(slots=True)
class RuleTally:
    """How often a rule was evaluated on values that are held, and failed."""

    applied: int = 0
    failed: int = 0

    def add(self, holds: bool) -> None:
        self.applied += 1
        self.failed += not holds

    @property
    def is_suspect(self) -> bool:
        return self.failed >= FEWEST_FAILURES and self.failed >= SUSPECT_SHARE * self.applied

    def log_odds(self, prior: float) -> float:
        """Log-odds that a filer breaks it: the department's, or more where more do; 0 at most."""
        if self.is_suspect:
            return 0.0
        rate = 1.0 / (1.0 + math.exp(-prior))
        failed = self.failed + PRIOR_RETURNS * rate
        passed = self.applied - self.failed + PRIOR_RETURNS * (1.0 - rate)
        return min(max(math.log(failed / passed), prior), 0.0)


@dataclass(frozen=True, slots=True)
class SuspectRule:
    """A rule that says more of itself than of the filers."""

    rule_id: str
    applied: int
    failed: int

    def __str__(self) -> str:
        return (
            f"rule {self.rule_id} fails for {self.failed} of {self.applied} returns whose values "
            "are read with confidence: the rule may be wrong; arithmetic does not use it"
        )


def add_results(tallies: dict[str, RuleTally], results: Iterable[RuleResult]) -> None:
    """Count a batch's results; what does not apply or was not evaluated is left out."""
    for result in results:
        told = result.outcome is not Outcome.NOT_EVALUATED
        if told and not result.message.startswith(DOES_NOT_APPLY):
            tally = tallies.setdefault(result.rule_id, RuleTally())
            tally.add(result.outcome is Outcome.PASS)


def suspect_rules(tallies: Mapping[str, RuleTally]) -> tuple[SuspectRule, ...]:
    """Those that fail for too many, the worst first."""
    found = [
        SuspectRule(rule_id, tally.applied, tally.failed)
        for rule_id, tally in tallies.items()
        if tally.is_suspect
    ]
    return tuple(sorted(found, key=lambda one: (-one.failed / one.applied, one.rule_id)))

"""What was found of a batch as a whole, against the department's expectations."""

from __future__ import annotations

from pydantic import Field

from schemas.forms import Frozen
from schemas.rules import Outcome, Severity

Number = str | int | float | None
"""Amounts are text: no float ever holds money."""

MOST_CASES = 200
"""Cases that a finding names; `count` has them all."""


class Finding(Frozen):
    """What one expectation said of one batch, or of one field in it.

    An expectation that holds, or could not be evaluated, has one finding without a subject; one
    that does not hold has a finding for each subject. Returns have their surrogate keys only.
    """

    batch_id: str
    expectation: str
    """`repeated_filer`, `acceptance`, …: the key under `expectations` in department.yaml."""
    subject: str = ""
    """What of the batch: `form_1040.wages`, `pages.blank`; empty where it is the whole."""
    outcome: Outcome
    severity: Severity = Severity.ALERT
    title: str
    message: str
    """For people, in one or two sentences; identifiers masked."""
    numbers: dict[str, Number] = Field(default_factory=dict)
    """What was measured, and against what."""
    count: int = Field(default=0, ge=0)
    """Returns concerned, all of them."""
    returns: tuple[str, ...] = ()
    """The first of them."""
    cases: tuple[dict[str, Number], ...] = ()
    """For each of these returns, the numbers and other returns that made it one."""

"""How often a rule spoke, and what it said."""

from __future__ import annotations

from schemas.forms import Frozen


class RuleTally(Frozen):
    """One rule over many returns."""

    failed: int = 0
    passed: int = 0
    does_not_apply: int = 0
    """Passed too, but because its form is absent or its condition is not met."""
    not_evaluated: int = 0

    @property
    def spoke(self) -> int:
        """How often it was really put to the test."""
        return self.failed + self.passed

    def __add__(self, other: RuleTally) -> RuleTally:
        return RuleTally(
            **{name: getattr(self, name) + getattr(other, name) for name in RuleTally.model_fields}
        )

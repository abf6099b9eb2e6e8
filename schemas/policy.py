"""What a department decides by: what a wrong value costs, what a failed rule does, what is checked.

It stands under `decisions` in `department.yaml`; left out, everything is as it says here.
"""

from __future__ import annotations

from enum import StrEnum
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.forms import Frozen
from schemas.rules import Category, Severity


def _parse_share(value: object) -> object:
    """`1/600` and 0.002 alike."""
    if not isinstance(value, str):
        return value
    try:
        return float(Fraction(value))
    except (ValueError, ZeroDivisionError):
        raise ValueError("write a share such as 1/600 or 0.002") from None


Share = Annotated[float, BeforeValidator(_parse_share), Field(ge=0, le=1)]


class Then(StrEnum):
    """What a finding does to its return, from the mildest."""

    ACCEPT = "accept"  # noted among the reasons, nothing else
    REVIEW = "review"  # to a person
    REJECT = "reject"  # unless something still waits for a person
    REJECT_AND_STOP = "reject_and_stop"  # at once: nobody needs to key the rest


class WhenUnread(StrEnum):
    """What becomes of a field that was not read surely enough."""

    REVIEW = "review"  # a person keys it; the return waits
    LEAVE = "leave"  # it stays unread; nobody keys it, and no return waits for it


class Consequence(Frozen):
    """Fields whose wrong value costs alike."""

    fields: tuple[str, ...] = Field(min_length=1)
    """`form.name`; `*` and `?` stand for anything: `*.taxpayer_phone`."""
    target_error: Share | None = None
    """Share of wrong values, at most, among those taken without a person; none: by kind."""
    when_unread: WhenUnread = WhenUnread.REVIEW

    def holds(self, form: str, name: str) -> bool:
        """Whether the field is one of these."""
        return _fits(self.fields, form, name)


@lru_cache(maxsize=1 << 16)
def _fits(patterns: tuple[str, ...], form: str, name: str) -> bool:
    """Asked of every field of every page, and of the same few thousand again and again."""
    return any(fnmatchcase(f"{form}.{name}", pattern) for pattern in patterns)


class RuleClause(Frozen):
    """What failed rules do: those of this id, category and severity, as far as given."""

    rule: str | None = None
    """An id, or several: `F1040-*`."""
    category: Category | None = None
    severity: Severity | None = None
    then: Then

    @model_validator(mode="after")
    def _speaks_of_something(self) -> Self:
        if self.rule is None and self.category is None and self.severity is None:
            raise ValueError("name a rule, a category or a severity")
        return self

    def speaks_of(self, rule: str, category: Category, severity: Severity) -> bool:
        """Whether that rule is meant."""
        return (
            (self.rule is None or fnmatchcase(rule, self.rule))
            and self.category in (None, category)
            and self.severity in (None, severity)
        )


class Sampling(Frozen):
    """Accepted returns that a person keys all the same, blind: the true error is measured so."""

    share: Share = 1 / 50
    """Of the accepted returns."""
    blanks: Share = 1 / 20
    """Of a chosen return's fields that are taken as blank; those that are filled are all keyed."""


BY_SEVERITY = {
    Severity.ALERT: Then.ACCEPT,
    Severity.REJECT: Then.REJECT,
    Severity.REJECT_AND_STOP: Then.REJECT_AND_STOP,
}
"""What a failed rule does of which the policy does not speak."""


class DecisionPolicy(Frozen):
    """What becomes of a return, and of its fields."""

    consequences: dict[str, Consequence] = Field(default_factory=dict)
    """By a name of the department's own: `pays_out`. A field is in one class at most."""
    failed_rules: tuple[RuleClause, ...] = ()
    """The first that speaks of a rule counts; where none does, its severity says what it does."""
    missing_page: Then = Then.REVIEW
    """What a page does that is missing or was not recognised."""
    sampling: Sampling = Sampling()

    @model_validator(mode="after")
    def _pages_do_not_stop(self) -> Self:
        if self.missing_page is Then.REJECT_AND_STOP:
            raise ValueError("missing_page: accept, review or reject")
        return self

    def consequence_of(self, form: str, name: str) -> Consequence | None:
        """The class of a field; none where the department puts it in no class."""
        for consequence in self.consequences.values():
            if consequence.holds(form, name):
                return consequence
        return None

    def may_stay_unread(self, form: str, name: str) -> bool:
        """Whether nobody keys the field where it was not read."""
        found = self.consequence_of(form, name)
        return found is not None and found.when_unread is WhenUnread.LEAVE

    def then(self, rule: str, category: Category, severity: Severity) -> Then:
        """What that rule does where it fails."""
        for clause in self.failed_rules:
            if clause.speaks_of(rule, category, severity):
                return clause.then
        return BY_SEVERITY[severity]

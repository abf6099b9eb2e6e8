"""What a department's rule is, and what it said of a return."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field, model_validator

from schemas.forms import Frozen

BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
"""What stands in braces in a rule's text; a literal brace is doubled."""


class Severity(StrEnum):
    """What a failed rule does to its return."""

    ALERT = "alert"
    REJECT = "reject"
    REJECT_AND_STOP = "reject_and_stop"


class Category(StrEnum):
    """As the IRS's electronic-filing rules have them."""

    MATH_ERROR = "math_error"
    MISSING_DATA = "missing_data"
    DATA_MISMATCH = "data_mismatch"
    INCORRECT_DATA = "incorrect_data"
    DUPLICATE = "duplicate"
    MISSING_DOCUMENT = "missing_document"
    NOT_ALLOWED = "not_allowed"


class Outcome(StrEnum):
    """What a rule said of a return."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    NOT_EVALUATED = "not_evaluated"


class YearRange(Frozen):
    """Tax years, both ends included."""

    first: int
    last: int

    @model_validator(mode="after")
    def _is_in_order(self) -> YearRange:
        if self.last < self.first:
            raise ValueError(f"years {self.first}-{self.last} run backwards")
        return self

    def __contains__(self, year: int) -> bool:
        return self.first <= year <= self.last


class RuleDefinition(Frozen):
    """One rule as the department wrote it; the expressions are parsed by `validators`."""

    id: str = Field(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)+$")
    """The department's own numbering: `F1040-009`."""
    title: str
    text: str
    """Shown to people; may name fields in braces, as `{wages}`."""
    category: Category
    severity: Severity
    form: str
    """The form that the bare field names of the expressions belong to."""
    years: YearRange
    when: str | None = None
    """Condition; where it is false the rule does not apply and passes."""
    check: str
    tolerance: Decimal = Decimal(0)
    """Dollars by which `==`, `<=` and `>=` between amounts may miss."""
    mistake_log_odds: float | None = Field(default=None, ge=-20, lt=0)
    """Log-odds that a filer breaks it, where they are not those of the department
    (`reconciliation`): names are written now one way, now another. An alert that has them is a
    reason to read otherwise, as other alerts are not."""
    source: str
    """Form line, instruction or statute that says so."""
    notice: str | None = None
    since: date | None = None
    file: str = ""
    at_line: int = 0

    @property
    def is_binding(self) -> bool:
        """Whether reading may go by it: it says what must be, not what is unusual (an alert)."""
        return self.severity is not Severity.ALERT or self.mistake_log_odds is not None

    @property
    def plain_text(self) -> str:
        """The text with names instead of braces."""
        return BRACES.sub(_plain_brace, self.text)


def _plain_brace(match: re.Match[str]) -> str:
    inner = match[1]
    return match[0][0] if inner is None else inner.replace("_", " ")


class RuleResult(Frozen):
    """What one rule said of one return."""

    rule_id: str
    return_id: str
    severity: Severity
    category: Category
    outcome: Outcome
    message: str
    """For people: what failed, or why it was not evaluated. Identifiers masked."""
    inputs: dict[str, str | None] = Field(default_factory=dict)
    """The numbers that went in, by field; identifiers masked."""

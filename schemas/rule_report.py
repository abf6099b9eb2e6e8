"""What the report of one rule shows: its text, how often it passed and failed, and on whom."""

from __future__ import annotations

from datetime import date, datetime

from schemas.figures import ReasonRow
from schemas.forms import FieldKind, Frozen
from schemas.period_report import RuleCounts
from schemas.returns import ReturnStatus
from schemas.rules import RuleDefinition


class RuleBatch(Frozen):
    """The rule in one batch."""

    batch_id: str
    day: date
    """On which the batch began, in the department's time zone."""
    counts: RuleCounts


class RuleInput(Frozen):
    """One value that went into a result."""

    name: str
    """Of the field, as the rule names it."""
    kind: FieldKind | None
    """None where the rule no longer has this input."""
    text: str | None
    """"" where blank, None where unread; masked where the kind is personal."""


class FailedReturn(Frozen):
    """One result that failed."""

    return_id: str
    file: str
    batch_id: str
    tax_year: int
    status: ReturnStatus
    message: str
    """What the rule said; identifiers masked."""
    inputs: tuple[RuleInput, ...] = ()


class RuleReport(Frozen):
    """One rule, over a period or over all that the database holds."""

    department: str
    title: str
    """Of the department."""
    rule_id: str
    definitions: tuple[RuleDefinition, ...] = ()
    """As the department has it now, the newest years first: a rule can be split by years. Empty
    where it has been taken out."""
    texts: tuple[str, ...] = ()
    """Of these, with names instead of braces."""
    first: date | None = None
    last: date | None = None
    """Days of the department's time zone; None: no bound."""
    time_zone: str
    made: datetime
    version: str
    """Of taxlift."""
    counts: RuleCounts
    first_result: date | None = None
    """Day of the first batch that holds a result of it, in the period or before."""
    last_failure: date | None = None
    batches: tuple[RuleBatch, ...] = ()
    """In the order in which they began."""
    not_evaluated: tuple[ReasonRow, ...] = ()
    failures: tuple[FailedReturn, ...] = ()
    """The newest first, up to the report's limit."""
    suspect: str | None = None
    """Why the rule itself may be wrong, if it may."""

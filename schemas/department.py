"""A department: an authority and its configuration, as loaded from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from schemas.expectations import DepartmentExpectations
from schemas.forms import FieldKind, FormDefinition, Frozen
from schemas.policy import DecisionPolicy, Share
from schemas.rules import RuleDefinition


class EngineChoice(Frozen):
    """Which engines read which kind of ink, in order of cost."""

    typed: tuple[str, ...] = ("tesseract", "strip", "rapidocr")
    """Numbers and dates."""
    typed_words: tuple[str, ...] = ("tesseract", "rapidocr")
    """Names and text."""
    handwritten: tuple[str, ...] = ("strip", "rapidocr")
    handwritten_words: tuple[str, ...] = ("rapidocr",)
    marks: str = "marks"
    born_digital: str = "textlayer"

    @property
    def names(self) -> tuple[str, ...]:
        """Every engine that is named, once."""
        readers = self.typed + self.typed_words + self.handwritten + self.handwritten_words
        return tuple(dict.fromkeys((self.born_digital, self.marks, *readers)))


class Limits(Frozen):
    """Below these a page is refused instead of guessed."""

    identification: float = Field(default=0.5, ge=0, le=1)
    registration: float = Field(default=0.5, ge=0, le=1)
    residual_px: float = Field(default=4.0, gt=0)


class ReconciliationPolicy(Frozen):
    """How far arithmetic may speak of what was read (docs/reconciliation.md)."""

    mistake_log_odds: float = Field(default=-6.0, ge=-20, lt=0)
    """Log-odds that a filer breaks a rule that applies: -6 is one filer in 400. The nearer to 0,
    the more a failed rule is laid at the filer's door, and the less it corrects."""
    seconds: float = Field(default=1.5, gt=0, le=60)
    """Longest time for one return, of the processor, so that a busy machine finds the same; what
    is not finished by then stays as read."""


class DepartmentSettings(Frozen):
    """`department.yaml`."""

    name: str
    title: str
    country: str
    currency: str = "USD"
    time_zone: str = "UTC"
    main_form: str
    """A return begins with this form's first page."""
    date_order: str = Field(default="mdy", pattern="^(mdy|dmy|ymd)$")
    whole_amounts: bool = False
    """The forms ask for whole currency units; cents may still be written."""
    engines: EngineChoice = EngineChoice()
    limits: Limits = Limits()
    target_error: Share = 1 / 600
    """Share of wrong values, at most, among those taken without a person."""
    target_error_by_kind: dict[FieldKind, Share] = Field(default_factory=dict)
    """The same for kinds where a wrong value costs more, or less."""
    decisions: DecisionPolicy = DecisionPolicy()
    reconciliation: ReconciliationPolicy = ReconciliationPolicy()
    expectations: DepartmentExpectations = DepartmentExpectations()


class Parameter(Frozen):
    """A number of the law: values by tax year and, where it matters, by filing status."""

    name: str
    unit: str
    source: str
    values: dict[int, Any]
    """Tax year → value, or → {filing status: value}, or → a table."""


class Department(Frozen):
    """Everything that a department's folder says."""

    settings: DepartmentSettings
    folder: Path
    forms: tuple[FormDefinition, ...]
    rules: tuple[RuleDefinition, ...] = ()
    parameters: tuple[Parameter, ...] = ()

    @property
    def name(self) -> str:
        return self.settings.name

    def form(self, form: str, year: int) -> FormDefinition | None:
        """The definition of that form for that year, if the department has it."""
        for definition in self.forms:
            if definition.form == form and definition.year == year:
                return definition
        return None

    def target_error(self, kind: FieldKind, form: str = "", name: str = "") -> float:
        """Share of wrong values, at most, among those like this field taken without a person.

        By what a wrong value of the field costs, where the department says so, else by its kind;
        without a form and a name, by kind alone.
        """
        consequence = self.settings.decisions.consequence_of(form, name)
        if consequence is not None and consequence.target_error is not None:
            return consequence.target_error
        return self.settings.target_error_by_kind.get(kind, self.settings.target_error)

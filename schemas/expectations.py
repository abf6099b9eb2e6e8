"""What a department expects of its returns as a whole: the part `expectations` of its settings.

Every one has a default that fits a department nobody has seen yet, and can be switched off. None
of them decides about a return: what they find is an alert for people (docs/validation.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from pydantic import Field

from schemas.forms import FieldKind, FormDefinition, Frozen


class Expectation(Frozen):
    """One thing that is expected."""

    enabled: bool = True


class RepeatedFiler(Expectation):
    """No identifier stands on two returns of one tax year."""

    identifiers: tuple[str, ...] = ()
    """Fields of the main form; none: the form's first identifier."""


class RepeatedContent(Expectation):
    """No two returns of one tax year have the same amounts on all lines."""

    least_amounts: int = Field(default=5, ge=1)
    """Amounts other than 0 that both must have: with fewer, returns are alike by chance."""


class ChangedSinceLastYear(Expectation):
    """No amount of a filer is another one altogether than on the return of the year before."""

    fields: tuple[str, ...] = ()
    """Fields of the main form; none: all its amounts."""
    factor: Decimal = Field(default=Decimal(10), gt=1)
    least_change: Decimal = Field(default=Decimal(10_000), ge=0)
    """Smaller changes are not spoken of."""


class UnlikePeers(Expectation):
    """No amount is far beyond what nearly all have who file alike."""

    fields: tuple[str, ...] = ()
    """Fields of the main form; none: all its amounts."""
    within: str | None = "filing_status"
    """Choice group of the main form whose options are peers of their own; null, or a form
    without it: all are."""
    quantile: float = Field(default=0.99, gt=0, lt=1)
    factor: Decimal = Field(default=Decimal(10), gt=1)
    """Unlike is more than so many times the quantile."""
    least_peers: int = Field(default=100, ge=2)


class SteadyShare(Expectation):
    """A share of the batch is about what it was in the batches before."""

    least_change: float = Field(default=0.1, ge=0, le=1)
    """Smaller changes are not spoken of (0.1: ten percentage points)."""
    deviations: float = Field(default=4.0, gt=0)
    """Standard deviations, of chance and of batches between them, that are still usual."""
    least_items: int = Field(default=50, ge=1)
    """A batch with fewer is neither judged nor history."""


class SteadyBlankFields(SteadyShare):
    """The same of single fields, which vary more."""

    least_change: float = Field(default=0.2, ge=0, le=1)


class SteadyBlankScans(SteadyShare):
    """The same of all that a scanner yields, which varies less."""

    least_change: float = Field(default=0.05, ge=0, le=1)


class SteadyDistribution(Expectation):
    """A distribution is about what it was in the batches before (Kolmogorov-Smirnov)."""

    least_change: float = Field(default=0.15, ge=0, le=1)
    """Largest distance of the two cumulative shares that is not spoken of."""
    least_items: int = Field(default=200, ge=1)


class SteadyMix(Expectation):
    """What pages turn out to be is about as in the batches before (Kullback-Leibler)."""

    most_divergence: float = Field(default=0.1, gt=0)
    """In nats."""
    least_items: int = Field(default=50, ge=1)


class DepartmentExpectations(Frozen):
    """All of them, and what is done with what they find."""

    history: int = Field(default=10, ge=1, le=1000)
    """Batches before this one that say what is usual; also where peers are looked for."""
    least_history: int = Field(default=3, ge=1, le=1000)
    """With fewer, nothing is said of drift."""
    repeated_filer: RepeatedFiler = RepeatedFiler()
    repeated_content: RepeatedContent = RepeatedContent()
    changed_since_last_year: ChangedSinceLastYear = ChangedSinceLastYear()
    unlike_peers: UnlikePeers = UnlikePeers()
    acceptance: SteadyShare = SteadyShare()
    """Fields and returns that need nobody."""
    blank_fields: SteadyBlankFields = SteadyBlankFields()
    """Of each field, the forms on which it is left blank."""
    blank_scans: SteadyBlankScans = SteadyBlankScans()
    """Blank pages, and blank fields over all: more of them than before."""
    confidence_drift: SteadyDistribution = SteadyDistribution()
    amount_drift: SteadyDistribution = SteadyDistribution()
    """Of each field, how large its amounts are."""
    page_mix: SteadyMix = SteadyMix()
    actions: tuple[str, ...] = ("log",)
    """What is done with alerts besides recording them (entry points `taxlift.finding_actions`)."""


def expectation_problems(
    said: DepartmentExpectations, main: list[FormDefinition]
) -> Iterator[tuple[tuple[str, ...], str]]:
    """(place below `expectations`, what is wrong) of names that no year's main form has."""
    fields = {field.name: field.kind for form in main for field in form.fields()}
    groups = {field.group for form in main for field in form.fields() if field.group}
    amounts, ids = (FieldKind.AMOUNT,), (FieldKind.TAXPAYER_ID,)
    for place, names, kinds in (
        (("repeated_filer", "identifiers"), said.repeated_filer.identifiers, ids),
        (("changed_since_last_year", "fields"), said.changed_since_last_year.fields, amounts),
        (("unlike_peers", "fields"), said.unlike_peers.fields, amounts),
    ):
        for name in names:
            if name not in fields:
                yield place, f"the main form has no field {name!r}"
            elif fields[name] not in kinds:
                yield place, f"{name} is no {kinds[0].value.replace('_', ' ')}"
    within = said.unlike_peers.within
    if (
        within is not None
        and within not in groups
        and "within" in said.unlike_peers.model_fields_set
    ):
        yield ("unlike_peers", "within"), f"the main form has no choice group {within!r}"

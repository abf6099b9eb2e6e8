"""One invented return: a filer's year, figured, written down, with a mistake now and then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.samples.arithmetic import figure_return
from benchmarks.samples.arithmetic_ledger import Ledger
from benchmarks.samples.people import chance
from benchmarks.samples.returns_binding import Binder, Fields, bind_figures
from benchmarks.samples.returns_economy import Facts, live_through
from benchmarks.samples.returns_heading import write_attachment_heading, write_main_heading
from benchmarks.samples.returns_mistakes import (
    FAMILIES,
    MAIN,
    Mistake,
    MistakeKind,
    Plan,
    plan_mistake,
)
from benchmarks.samples.returns_writing import Habits, form_habits, plain_amount
from schemas.forms import FormDefinition

ATTACHMENTS = ("schedule_1", "schedule_3", "schedule_a", "schedule_b", "schedule_8812")
"""In the order of the IRS's attachment sequence numbers: 01, 03, 07, 08, 47."""

_OMITTED = {
    MistakeKind.NO_SPOUSE_ID: ("spouse_ssn",),
    MistakeKind.TWO_STATUSES: ("filing_status",),
    MistakeKind.NO_STATUS: ("filing_status",),
    MistakeKind.NO_ANSWER: ("digital_assets",),
}


@dataclass(frozen=True)
class InventedReturn:
    """What one filer puts on paper. `forms` is in the order of filing."""

    year: int
    facts: Facts
    habits: Habits
    ledger: Ledger
    forms: dict[str, Fields]
    """Form id → field name → what is meant and what stands there. Blank fields are left out."""
    mistakes: tuple[Mistake, ...] = ()


def invent_return(
    rng: np.random.Generator,
    year: int,
    definitions: Mapping[str, FormDefinition],
    mistake_rate: float = 0.05,
) -> InventedReturn:
    """A filer's return for that year.

    Args:
        definitions: form id → that year's definition; only `form_1040` must be there, a return
            that needs a missing one cannot be written.
        mistake_rate: how many returns in one hold a mistake of the filer's own.

    Raises:
        ConfigurationError: a definition lacks a line that the samples write on.
    """
    facts = live_through(rng, year)
    habits = form_habits(rng)
    clean = figure_return(facts, habits.unit)
    plan = plan_mistake(rng, facts, clean) if chance(rng, mistake_rate) else None
    ledger = clean
    if plan is not None and plan.where is not None and plan.slip is not None:
        ledger = figure_return(facts, habits.unit, {plan.where: plan.slip})
    forms: dict[str, Fields] = {}
    for form in (MAIN, *ATTACHMENTS):
        if form != MAIN and not ledger.uses(form):
            continue
        binder = Binder(definitions[form])
        if form == MAIN:
            kind = plan.kind if plan else None
            heading = write_main_heading(rng, binder, facts, habits, ledger, kind)
        else:
            heading = write_attachment_heading(binder, facts, habits)
        forms[form] = heading | bind_figures(ledger, binder, habits)
    mistakes = _record(plan, ledger, definitions, facts) if plan else ()
    return InventedReturn(year, facts, habits, ledger, forms, mistakes)


def _record(
    plan: Plan, ledger: Ledger, definitions: Mapping[str, FormDefinition], facts: Facts
) -> tuple[Mistake, ...]:
    """What was really done; a slip that changed nothing is no mistake."""
    family = FAMILIES[plan.kind]
    if plan.where is None:
        names = _OMITTED.get(plan.kind)
        if names is None:
            joint = facts.status == "married_filing_jointly"
            names = ("spouse_signature" if joint else "taxpayer_signature",)
        return (Mistake(plan.kind, family, MAIN, names=names),)
    if plan.where not in ledger.slipped:
        return ()
    form, line = plan.where
    right, written = ledger.slipped[plan.where]
    name = Binder(definitions[form]).amount(line).name
    return (
        Mistake(
            kind=plan.kind,
            family=family,
            form=form,
            line=line,
            names=(name,),
            right=plain_amount(right),
            written=plain_amount(written),
        ),
    )

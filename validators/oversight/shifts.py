"""This batch against the batches before it: shares and distributions that drift.

Only the figures that each batch left behind are looked at, a few thousand rows, however many
returns there were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import log, sqrt
from typing import Any

import sqlalchemy as sa

from schemas.expectations import SteadyDistribution, SteadyShare
from validators.oversight.inquiry import (
    FIGURES,
    BatchInView,
    Inquiry,
    Subject,
    Told,
    describe,
)

_CRITICAL = sqrt(-log(0.001 / 2) / 2)
"""Kolmogorov-Smirnov, two samples: chance goes beyond it once in a thousand batches."""


@dataclass(frozen=True)
class _Share:
    """Which shares are compared, and how they are spoken of."""

    id: str
    title: str
    plain: str
    measures: tuple[tuple[str, str | None], ...]
    """(measure, subject); None: every subject of it."""
    words: Callable[[BatchInView, str, str], str]
    """(batch, measure, subject) → what the share is of."""
    rising: bool = False
    """Only more than before is unexpected."""


def _of_accepted(view: BatchInView, measure: str, subject: str) -> str:
    return f"Of {'filled fields' if subject == 'fields' else 'returns'}, the share that is accepted"


def _of_blank_field(view: BatchInView, measure: str, subject: str) -> str:
    return f"The share of forms on which {describe(view, subject)} is blank"


def _of_scans(view: BatchInView, measure: str, subject: str) -> str:
    return f"The share of blank {'pages' if measure == 'pages' else 'fields'}"


ACCEPTANCE = _Share(
    "acceptance",
    "Acceptance has shifted",
    "As many fields and returns are accepted as in the batches before.",
    (("accepted", None),),
    _of_accepted,
)
BLANK_FIELDS = _Share(
    "blank_fields",
    "A field is left blank more, or less",
    "Every field is left blank about as often as in the batches before.",
    (("blank_field", None),),
    _of_blank_field,
)
BLANK_SCANS = _Share(
    "blank_scans",
    "Blank scans",
    "No more pages and fields are blank than in the batches before.",
    (("pages", "blank"), ("blank", "fields")),
    _of_scans,
    rising=True,
)


def steady_share(view: BatchInView, share: _Share, said: SteadyShare) -> Inquiry:
    """Shares that moved by more than `least_change`, and by more than is usual.

    Usual are `deviations` standard deviations, of the batches before between them and of chance
    in as many items as this batch has. A move of exactly either is still usual.
    """
    compared = _compared_shares(view, share, said)
    change = compared.c.share - compared.c.before
    spread = compared.c.spread + compared.c.before * (1.0 - compared.c.before) / compared.c.whole
    moved = change if share.rising else sa.func.abs(change)
    rows = (
        sa.select(compared, change.label("change"))
        .where(
            # Shares are quotients: a millionth tells no two of them apart.
            moved > said.least_change + 1e-9,
            change * change > said.deviations * said.deviations * spread + 1e-12,
        )
        .order_by(sa.func.abs(change).desc(), compared.c.subject)
    )

    def tell(subject: Subject) -> Told:
        first = subject.first
        measure, _, of = subject.name.partition(":")
        return Told(
            f"{measure}.{of}" if measure in ("pages", "blank", "accepted") else of,
            f"{share.words(view, measure, of)} is {first['share']:.1%}; in the "
            f"{first['batches']} batches before it was {first['before']:.1%}.",
            {
                "share": round(first["share"], 6),
                "before": round(first["before"], 6),
                "items": first["whole"],
                "batches": first["batches"],
                "usual_deviation": round(sqrt(max(first["spread"], 0.0)), 6),
            },
        )

    return Inquiry(
        share.id,
        share.title,
        rows,
        sa.select(sa.func.count()).select_from(compared),
        least=1,
        too_little=_too_little(view, said.least_items),
        tell=tell,
        plain=share.plain,
    )


def _too_little(view: BatchInView, items: int) -> str:
    return (
        f"it takes {items} items in this batch and in {view.expected.least_history} batches "
        f"before it; there are {len(view.earlier)} batches before it"
    )


def _compared_shares(view: BatchInView, share: _Share, said: SteadyShare) -> sa.CTE:
    figures = FIGURES.alias("figures")
    wanted = sa.or_(
        *(
            sa.and_(
                figures.c.measure == measure,
                *(() if subject is None else (figures.c.subject == subject,)),
            )
            for measure, subject in share.measures
        )
    )
    key = (figures.c.measure + ":" + figures.c.subject).label("subject")
    quotient = figures.c.part * 1.0 / figures.c.whole
    all_of = (
        sa.select(
            figures.c.batch_id,
            key,
            figures.c.whole,
            sa.type_coerce(quotient, sa.Float()).label("share"),
        )
        .where(
            wanted,
            figures.c.whole >= said.least_items,
            figures.c.batch_id.in_([view.batch_id, *view.earlier]),
        )
        .cte("shares")
    )
    mean = sa.func.avg(all_of.c.share)
    before = (
        sa.select(
            all_of.c.subject,
            sa.func.count().label("batches"),
            mean.label("before"),
            (sa.func.avg(all_of.c.share * all_of.c.share) - mean * mean).label("spread"),
        )
        .where(all_of.c.batch_id != view.batch_id)
        .group_by(all_of.c.subject)
        .having(sa.func.count() >= view.expected.least_history)
        .cte("before")
    )
    return (
        sa.select(
            all_of.c.subject,
            all_of.c.whole,
            all_of.c.share,
            before.c.batches,
            _number(before.c.before),
            _number(before.c.spread),
        )
        .join(before, before.c.subject == all_of.c.subject)
        .where(all_of.c.batch_id == view.batch_id)
        .cte("compared")
    )


def _number(column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """PostgreSQL reckons quotients of whole numbers exactly; here a float will do."""
    return sa.cast(column, sa.Double()).label(column.key)


def steady_distribution(
    view: BatchInView, id_: str, title: str, plain: str, measure: str, said: SteadyDistribution
) -> Inquiry:
    """Distributions whose cumulative shares part by more than `least_change` somewhere.

    And by more than chance would have it (two-sample Kolmogorov-Smirnov, on buckets, which makes
    it somewhat slower to speak; α = 0.001).
    """
    mine = FIGURES.c.batch_id == view.batch_id
    earlier = FIGURES.c.batch_id.in_(view.earlier)
    folded = (
        sa.select(
            FIGURES.c.subject,
            FIGURES.c.bucket,
            sa.func.sum(sa.case((mine, FIGURES.c.part), else_=0)).label("now"),
            sa.func.sum(sa.case((earlier, FIGURES.c.part), else_=0)).label("then"),
        )
        .where(
            FIGURES.c.measure == measure,
            FIGURES.c.whole >= said.least_items,
            sa.or_(mine, earlier),
        )
        .group_by(FIGURES.c.subject, FIGURES.c.bucket)
        .cte("folded")
    )
    running: dict[str, Any] = {"partition_by": folded.c.subject, "order_by": folded.c.bucket}
    whole: dict[str, Any] = {"partition_by": folded.c.subject}
    curves = sa.select(
        folded.c.subject,
        *(
            sa.cast(sa.func.sum(folded.c[one]).over(**how), sa.Double()).label(f"{one}_{name}")
            for one in ("now", "then")
            for name, how in (("upto", running), ("all", whole))
        ),
    ).cte("curves")
    known = (
        sa.select(FIGURES.c.subject, sa.func.count(FIGURES.c.batch_id.distinct()).label("batches"))
        .where(FIGURES.c.measure == measure, FIGURES.c.whole >= said.least_items, earlier)
        .group_by(FIGURES.c.subject)
        .having(sa.func.count(FIGURES.c.batch_id.distinct()) >= view.expected.least_history)
        .cte("known")
    )
    apart = sa.func.max(
        sa.func.abs(curves.c.now_upto / curves.c.now_all - curves.c.then_upto / curves.c.then_all)
    )
    compared = (
        sa.select(
            curves.c.subject,
            apart.label("distance"),
            sa.func.max(curves.c.now_all).label("now"),
            sa.func.max(curves.c.then_all).label("then"),
            sa.func.max(known.c.batches).label("batches"),
        )
        .join(known, known.c.subject == curves.c.subject)
        .where(curves.c.now_all > 0, curves.c.then_all > 0)
        .group_by(curves.c.subject)
        .cte("compared")
    )
    chance = _CRITICAL**2 * (1.0 / compared.c.now + 1.0 / compared.c.then)
    rows = (
        sa.select(compared)
        .where(
            compared.c.distance > said.least_change + 1e-9,
            compared.c.distance * compared.c.distance > chance,
        )
        .order_by(compared.c.distance.desc(), compared.c.subject)
    )

    def tell(subject: Subject) -> Told:
        first = subject.first
        what = (
            "How sure the readings are"
            if measure == "confidence"
            else f"How large amounts are on {describe(view, subject.name)}"
        )
        return Told(
            subject.name,
            f"{what} is distributed otherwise than in the {first['batches']} batches before: the "
            f"cumulative shares part by {first['distance']:.1%}.",
            {
                "distance": round(first["distance"], 6),
                "items": int(first["now"]),
                "items_before": int(first["then"]),
                "batches": first["batches"],
            },
        )

    return Inquiry(
        id_,
        title,
        rows,
        sa.select(sa.func.count()).select_from(compared),
        least=1,
        too_little=_too_little(view, said.least_items),
        tell=tell,
        plain=plain,
    )

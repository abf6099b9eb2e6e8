"""Amounts far beyond what nearly all have who file alike."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from schemas.readings import ValueStatus
from validators.oversight.inquiry import (
    DOCUMENTS,
    FORMS,
    RETURNS,
    VALUES,
    BatchInView,
    Inquiry,
    Subject,
    Told,
    describe,
    exact,
    money,
    plural,
)

_ALL = "all"
_STEPS = 10_000
"""A quantile is reckoned in whole numbers, which both databases round alike."""


def unlike_peers(view: BatchInView) -> Inquiry:
    """Amounts more than `factor` times the quantile of their peers.

    Peers are the returns of the same tax year, in this batch and the ones before it, that marked
    the same option; amounts of 0 and blanks do not count. The quantile is the smallest amount
    that is at least as large as that share of them all (no interpolation).
    """
    said = view.expected.unlike_peers
    ranked = _ranked(view)
    step = round(said.quantile * _STEPS)
    place = (ranked.c.peers * step + _STEPS - 1) // _STEPS
    limits = (
        sa.select(
            ranked.c.tax_year,
            ranked.c.option,
            ranked.c.name,
            sa.func.max(ranked.c.peers).label("peers"),
            sa.func.max(sa.case((ranked.c.rank == place, ranked.c.size))).label("usual"),
        )
        .where(ranked.c.peers >= said.least_peers)
        .group_by(ranked.c.tax_year, ranked.c.option, ranked.c.name)
        .cte("limits")
    )
    rows = (
        sa.select(
            (view.main_form + "." + ranked.c.name).label("subject"),
            ranked.c.return_id,
            exact(ranked.c.amount).label("amount"),
            exact(limits.c.usual).label("usual"),
            limits.c.peers,
            ranked.c.option.label("among"),
            ranked.c.tax_year,
        )
        .join(
            limits,
            sa.and_(
                limits.c.tax_year == ranked.c.tax_year,
                limits.c.option == ranked.c.option,
                limits.c.name == ranked.c.name,
            ),
        )
        .where(
            ranked.c.batch_id == view.batch_id,
            ranked.c.size > view.times(said.factor, limits.c.usual),
        )
        .order_by(ranked.c.name, ranked.c.size.desc(), ranked.c.return_id)
    )
    basis = sa.select(sa.func.count()).select_from(limits)

    share = f"{100 * said.quantile:g} %"

    def tell(subject: Subject) -> Told:
        first = subject.first
        among = "" if first["among"] == _ALL else f" ({first['among'].replace('_', ' ')})"
        many = plural(subject.count, "return")
        more = "" if subject.count == 1 else "the largest, "
        return Told(
            subject.name,
            f"{describe(view, subject.name)} is far beyond its peers' on {many}: "
            f"{more}{money(first['amount'])}, where {share} of "
            f"{first['peers']:,} peers{among} have at most {money(first['usual'])}.",
            {
                "returns": subject.count,
                "factor": f"{said.factor:f}",
                "quantile": said.quantile,
                "amount": f"{first['amount']:f}",
                "usual": f"{first['usual']:f}",
                "peers": first["peers"],
            },
        )

    return Inquiry(
        "unlike_peers",
        "Unlike its peers",
        rows,
        basis,
        least=1,
        too_little=f"no line has {said.least_peers:,} amounts of peers to compare with",
        tell=tell,
        plain=f"No amount is over {said.factor:f} times what {share} of peers have.",
    )


def _ranked(view: BatchInView) -> sa.CTE:
    """Amounts of this batch and the ones before, with their place among their peers."""
    raw = view.raw(VALUES.c.amount)
    size = sa.func.abs(raw)
    filed = _filed(view)
    peers: dict[str, Any] = {"partition_by": (filed.c.tax_year, filed.c.option, VALUES.c.name)}
    return (
        sa.select(
            filed.c.return_id,
            filed.c.tax_year,
            filed.c.batch_id,
            filed.c.option,
            VALUES.c.name,
            raw.label("amount"),
            size.label("size"),
            sa.func.row_number().over(order_by=size, **peers).label("rank"),
            sa.func.count().over(**peers).label("peers"),
        )
        .select_from(filed.join(VALUES, VALUES.c.return_form_id == filed.c.form_id))
        .where(
            VALUES.c.name.in_(view.amounts(view.expected.unlike_peers.fields)),
            VALUES.c.status == ValueStatus.ACCEPTED,
            raw != 0,
        )
        .cte("ranked")
    )


def _filed(view: BatchInView) -> sa.CTE:
    """Main forms of these batches, with the option that is marked: peers have the same.

    Grouped, so that the option is looked up once a form and not once an amount.
    """
    group = view.expected.unlike_peers.within
    options = {
        one.name: one.option
        for one in view.main_fields().values()
        if group is not None and one.group == group and one.option
    }
    filed = DOCUMENTS.join(RETURNS, RETURNS.c.document_id == DOCUMENTS.c.id).join(
        FORMS, sa.and_(FORMS.c.return_id == RETURNS.c.id, FORMS.c.form == view.main_form)
    )
    option: sa.ColumnElement[Any] = sa.literal(_ALL, sa.Text())
    if options:
        mark = VALUES.alias("mark")
        filed = filed.outerjoin(
            mark,
            sa.and_(
                mark.c.return_form_id == FORMS.c.id,
                mark.c.name.in_(list(options)),
                mark.c.status == ValueStatus.ACCEPTED,
                mark.c.mark.is_(True),
            ),
        )
        option = sa.func.coalesce(sa.func.min(sa.case(options, value=mark.c.name)), "")
    columns = (RETURNS.c.id, RETURNS.c.tax_year, DOCUMENTS.c.batch_id, FORMS.c.id)
    return (
        sa.select(
            RETURNS.c.id.label("return_id"),
            RETURNS.c.tax_year,
            DOCUMENTS.c.batch_id,
            FORMS.c.id.label("form_id"),
            option.label("option"),
        )
        .select_from(filed)
        .where(DOCUMENTS.c.batch_id.in_([view.batch_id, *view.earlier]))
        .group_by(*columns)
        .cte("filed")
    )

"""Returns against other returns of the department: filed twice, alike, changed since last year."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from schemas.forms import FieldKind
from schemas.readings import ValueStatus
from validators.oversight.inquiry import (
    DOCUMENTS,
    FORMS,
    RETURNS,
    SAMENESS,
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


def _filers(view: BatchInView, name: str) -> sa.CTE:
    """A row for each identifier that is held of a return of the department."""
    return (
        sa.select(
            RETURNS.c.id.label("return_id"),
            RETURNS.c.tax_year,
            DOCUMENTS.c.batch_id,
            VALUES.c.value.label("identifier"),
        )
        .select_from(
            RETURNS.join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
            .join(FORMS, sa.and_(FORMS.c.return_id == RETURNS.c.id, FORMS.c.form == view.main_form))
            .join(VALUES, VALUES.c.return_form_id == FORMS.c.id)
        )
        .where(
            RETURNS.c.department == view.department.name,
            VALUES.c.name.in_(view.identifiers()),
            VALUES.c.status == ValueStatus.ACCEPTED,
            VALUES.c.value != "",
        )
        .cte(name)
    )


def repeated_filer(view: BatchInView) -> Inquiry:
    """Returns of the batch whose identifier stands on another return of the same tax year."""
    filers = _filers(view, "filers")
    groups = (
        sa.select(
            filers.c.identifier,
            filers.c.tax_year,
            sa.func.count(filers.c.return_id.distinct()).label("holders"),
            sa.func.min(filers.c.return_id).label("lowest"),
            sa.func.max(filers.c.return_id).label("highest"),
        )
        .group_by(filers.c.identifier, filers.c.tax_year)
        .having(sa.func.count(filers.c.return_id.distinct()) > 1)
        .cte("groups")
    )
    mine = filers.alias("mine")
    other = sa.case((groups.c.lowest != mine.c.return_id, groups.c.lowest), else_=groups.c.highest)
    rows = (
        sa.select(
            mine.c.return_id,
            sa.func.min(other).label("other_return"),
            sa.func.max(groups.c.holders - 1).label("others"),
            sa.func.min(mine.c.tax_year).label("tax_year"),
        )
        .join(
            groups,
            sa.and_(groups.c.identifier == mine.c.identifier, groups.c.tax_year == mine.c.tax_year),
        )
        .where(mine.c.batch_id == view.batch_id)
        .group_by(mine.c.return_id)
        .order_by(mine.c.return_id)
    )
    basis = sa.select(sa.func.count(filers.c.return_id.distinct())).where(
        filers.c.batch_id == view.batch_id
    )

    def tell(subject: Subject) -> Told:
        count = subject.count
        verb = "bears" if count == 1 else "bear"
        return Told(
            "",
            f"{plural(count, 'return')} of this batch {verb} an identifier that another return of "
            "the same tax year bears, in this batch or another.",
            {"returns": count, "compared": subject.basis},
        )

    return Inquiry(
        "repeated_filer",
        "Filed twice",
        rows,
        basis,
        least=1,
        too_little="no return of the batch has an identifier that is held",
        tell=tell,
        plain="No identifier stands on two returns of one tax year.",
    )


def repeated_content(view: BatchInView) -> Inquiry:
    """Returns of the batch with the same amounts as another return of that tax year."""
    least = view.expected.repeated_content.least_amounts
    key = (SAMENESS.c.tax_year, SAMENESS.c.amounts, SAMENESS.c.total, SAMENESS.c.placed)
    groups = (
        sa.select(
            *key,
            sa.func.count().label("holders"),
            sa.func.min(SAMENESS.c.return_id).label("lowest"),
            sa.func.max(SAMENESS.c.return_id).label("highest"),
        )
        .where(SAMENESS.c.department == view.department.name, SAMENESS.c.amounts >= least)
        .group_by(*key)
        .having(sa.func.count() > 1)
        .cte("groups")
    )
    mine = _batch_of(view)
    other = sa.case(
        (groups.c.lowest != SAMENESS.c.return_id, groups.c.lowest), else_=groups.c.highest
    )
    pairs = (
        sa.select(
            SAMENESS.c.return_id,
            other.label("other_return"),
            (groups.c.holders - 1).label("others"),
            SAMENESS.c.tax_year,
            SAMENESS.c.amounts,
        )
        .select_from(
            SAMENESS.join(mine, mine.c.return_id == SAMENESS.c.return_id).join(
                groups, sa.and_(*(groups.c[one.name] == one for one in key))
            )
        )
        .where(SAMENESS.c.department == view.department.name)
        .cte("pairs")
    )
    # Folded amounts may agree by chance: all lines are compared before anything is said.
    alike = _amounts_alike(pairs)
    rows = sa.select(pairs).where(alike == pairs.c.amounts).order_by(pairs.c.return_id)
    basis = (
        sa.select(sa.func.count())
        .select_from(SAMENESS.join(mine, mine.c.return_id == SAMENESS.c.return_id))
        .where(SAMENESS.c.amounts >= least)
    )

    def tell(subject: Subject) -> Told:
        count = subject.count
        verb = "has" if count == 1 else "have"
        return Told(
            "",
            f"{plural(count, 'return')} of this batch {verb} the same amount on every line as "
            "another return of that tax year.",
            {"returns": count, "compared": subject.basis},
        )

    return Inquiry(
        "repeated_content",
        "The same amounts twice",
        rows,
        basis,
        least=1,
        too_little=f"no return of the batch has {least} amounts that are held",
        tell=tell,
        plain="No two returns of one tax year have the same amounts on all lines.",
    )


def _batch_of(view: BatchInView) -> sa.Subquery:
    return (
        sa.select(RETURNS.c.id.label("return_id"))
        .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
        .where(DOCUMENTS.c.batch_id == view.batch_id)
        .subquery("mine")
    )


def _amounts_alike(pairs: sa.CTE) -> sa.ScalarSelect[Any]:
    """How many amounts other than 0 both returns have on the same line of the same form."""
    one_form, other_form = FORMS.alias("one_form"), FORMS.alias("other_form")
    one, other = VALUES.alias("one"), VALUES.alias("other")
    return (
        sa.select(sa.func.count())
        .select_from(
            one_form.join(one, one.c.return_form_id == one_form.c.id)
            .join(
                other_form,
                sa.and_(
                    other_form.c.form == one_form.c.form,
                    other_form.c.year == one_form.c.year,
                    other_form.c.copy == one_form.c.copy,
                ),
            )
            .join(
                other,
                sa.and_(
                    other.c.return_form_id == other_form.c.id,
                    other.c.name == one.c.name,
                    other.c.amount == one.c.amount,
                ),
            )
        )
        .where(
            one_form.c.return_id == pairs.c.return_id,
            other_form.c.return_id == pairs.c.other_return,
            one.c.kind == FieldKind.AMOUNT,
            *(each.c.status == ValueStatus.ACCEPTED for each in (one, other)),
            sa.type_coerce(one.c.amount, sa.Numeric()) != 0,
        )
        .correlate(pairs)
        .scalar_subquery()
    )


def changed_since_last_year(view: BatchInView) -> Inquiry:
    """Amounts of the batch that are another altogether than the same filer's a year before."""
    said = view.expected.changed_since_last_year
    filers = _filers(view, "filers")
    # By a window, in one sorting: SQLite would join every filer with every other.
    year_before = sa.func.max(filers.c.return_id).over(
        partition_by=filers.c.identifier, order_by=filers.c.tax_year, range_=(-1, -1)
    )
    followed = sa.select(
        filers.c.return_id, filers.c.batch_id, year_before.label("other_return")
    ).cte("followed")
    # One earlier return a return, should there be several.
    pairs = (
        sa.select(followed.c.return_id, sa.func.max(followed.c.other_return).label("other_return"))
        .where(followed.c.batch_id == view.batch_id, followed.c.other_return.is_not(None))
        .group_by(followed.c.return_id)
        .cte("pairs")
    )
    fields = view.amounts(said.fields)
    later, before = _amounts(view, "later", fields), _amounts(view, "before", fields)
    both = pairs.join(later, later.c.return_id == pairs.c.return_id).join(
        before,
        sa.and_(before.c.return_id == pairs.c.other_return, before.c.name == later.c.name),
    )
    amount, amount_before = sa.func.abs(later.c.amount), sa.func.abs(before.c.amount)
    rows = (
        sa.select(
            (view.main_form + "." + later.c.name).label("subject"),
            pairs.c.return_id,
            pairs.c.other_return,
            exact(later.c.amount).label("amount"),
            exact(before.c.amount).label("year_before"),
        )
        .select_from(both)
        .where(
            sa.or_(
                amount > view.times(said.factor, amount_before),
                amount_before > view.times(said.factor, amount),
            ),
            sa.func.abs(later.c.amount - before.c.amount) >= view.units(said.least_change),
        )
        .order_by(later.c.name, sa.desc(sa.func.abs(later.c.amount - before.c.amount)))
    )
    basis = sa.select(sa.func.count()).select_from(pairs)

    def tell(subject: Subject) -> Told:
        first = subject.first
        most = "" if subject.count == 1 else "the largest change, "
        return Told(
            subject.name,
            f"On {plural(subject.count, 'return')} {describe(view, subject.name)} is more than "
            f"{said.factor:f} times what the filer had the year before, or less than that part of "
            f"it: {most}{money(first['year_before'])} → {money(first['amount'])}.",
            {
                "returns": subject.count,
                "factor": f"{said.factor:f}",
                "compared": subject.basis,
                "amount": f"{first['amount']:f}",
                "year_before": f"{first['year_before']:f}",
            },
        )

    return Inquiry(
        "changed_since_last_year",
        "Unlike last year",
        rows,
        basis,
        least=1,
        too_little="no filer of the batch has a return of the year before",
        tell=tell,
        plain=f"No amount changes by more than {said.factor:f} times in a year.",
    )


def _amounts(view: BatchInView, name: str, fields: list[str]) -> sa.Subquery:
    """Amounts other than 0 that are held, on the main form."""
    raw = view.raw(VALUES.c.amount)
    return (
        sa.select(FORMS.c.return_id, VALUES.c.name, raw.label("amount"))
        .join(VALUES, VALUES.c.return_form_id == FORMS.c.id)
        .where(
            FORMS.c.form == view.main_form,
            VALUES.c.name.in_(fields),
            VALUES.c.status == ValueStatus.ACCEPTED,
            raw != 0,
        )
        .subquery(name)
    )

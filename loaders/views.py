"""Wide views for analysts: a row a form, a column a field, over all years and for each year.

`select wages from form_1040 where tax_year = 2022` works on SQLite and PostgreSQL alike.
A column looks its value up by form and name in an index, so that a query pays only for
the columns that it names. Only values that are held are shown: a field in review is NULL,
and so is an amount that was left blank. Identifiers are masked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateView

from loaders.database import lock_for_change, reading, writing
from loaders.store import DOCUMENTS, FORMS, RETURNS, VALUES, insert, now, table_of
from schemas.columns import AMOUNT_SCALE
from schemas.department import Department
from schemas.errors import DatabaseError
from schemas.forms import FieldDefinition, FieldKind, FormDefinition
from schemas.readings import ValueStatus
from schemas.tables import Base, WideView

_VIEWS = table_of(WideView)
_LAYOUT: Final = 1
"""To be raised when this file writes other queries from the same definitions."""
_LONGEST_NAME: Final = 63
"""PostgreSQL cuts longer names off."""
_MOST_COLUMNS: Final = 1600
"""PostgreSQL's limit; SQLite's is 2,000."""


class _Shown(StrEnum):
    """The type of a column."""

    NUMBER = "number"
    TRUTH = "truth"
    DAY = "day"
    TEXT = "text"
    MASKED = "masked"


def ensure_views(engine: Engine, department: Department) -> tuple[str, ...]:
    """Make or renew the views of a department's forms; the names of those that changed.

    A view is `<form>` for all years and `<form>_<year>` for one. Where another department
    has a view of that name, or a table is called so, `<department>_` goes before it.

    Raises:
        DatabaseError: a view cannot be renewed because other views were built on it.
    """
    with reading(engine) as connection:
        wanted, stale = _compare(connection, department)
    if not wanted and not stale:
        return ()
    with writing(engine) as connection:
        lock_for_change(connection)
        wanted, stale = _compare(connection, department)  # another process may have been first
        present = set(sa.inspect(connection).get_view_names())
        for name in [*stale, *wanted]:
            if name in present:
                _drop(connection, name)
        connection.execute(sa.delete(_VIEWS).where(_VIEWS.c.name.in_(stale)))
        sqlite = connection.dialect.name == "sqlite"
        for name, (planned, digest) in wanted.items():
            connection.execute(CreateView(_wide(department.name, planned, sqlite), name))
            row = {
                "name": name,
                "department": department.name,
                "digest": digest,
                "made_at": now(),
            }
            statement = insert(connection, _VIEWS)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["name"],
                    set_={
                        "digest": statement.excluded.digest,
                        "made_at": statement.excluded.made_at,
                    },
                ),
                row,
            )
    return tuple(wanted)


class _Planned(NamedTuple):
    """A view before its query, which takes longer to write than to decide on."""

    plain: str
    """Name, unless it is taken."""
    form: str
    years: tuple[FormDefinition, ...]
    only_year: int | None

    def digest(self, department: str) -> str:
        """Hash of all that the query follows from."""
        said = [_LAYOUT, department, self.form, self.only_year]
        for definition in self.years:
            said.append(definition.year)
            said.extend(
                (field.name, field.kind.value, field.group, field.option)
                for field in definition.fields()
            )
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _compare(
    connection: Connection, department: Department
) -> tuple[dict[str, tuple[_Planned, str]], list[str]]:
    """Views to make, with the digest of what they are made from; and those to drop."""
    known = {row.name: row for row in connection.execute(sa.select(_VIEWS))}
    foreign = {name for name, row in known.items() if row.department != department.name}
    present = set(sa.inspect(connection).get_view_names())
    wanted: dict[str, tuple[_Planned, str]] = {}
    names = set()
    for planned in _plan(department):
        taken = planned.plain in foreign or planned.plain in Base.metadata.tables
        name = _fitting(f"{department.name}_{planned.plain}" if taken else planned.plain)
        names.add(name)
        digest = planned.digest(department.name)
        if name not in present or name not in known or known[name].digest != digest:
            wanted[name] = planned, digest
    mine = {name for name, row in known.items() if row.department == department.name}
    return wanted, sorted(mine - names)


def _plan(department: Department) -> Iterator[_Planned]:
    forms: dict[str, list[FormDefinition]] = {}
    for definition in sorted(department.forms, key=lambda each: (each.form, each.year)):
        forms.setdefault(definition.form, []).append(definition)
    for form, years in forms.items():
        yield _Planned(form, form, tuple(years), None)
        for each in years:
            yield _Planned(f"{form}_{each.year}", form, (each,), each.year)


def _drop(connection: Connection, name: str) -> None:
    try:
        connection.execute(
            sa.text(f"DROP VIEW {connection.dialect.identifier_preparer.quote(name)}")
        )
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == "2BP01":
            raise DatabaseError(
                f"the view {name} must be renewed, but other views are built on it: drop those, "
                "run taxlift again, and make them anew"
            ) from None
        raise


def _wide(department: str, planned: _Planned, sqlite: bool) -> sa.Select[Any]:
    columns: list[sa.Label[Any]] = [
        RETURNS.c.id.label("return_id"),
        FORMS.c.year.label("tax_year"),
        FORMS.c.copy.label("form_copy"),
        sa.type_coerce(RETURNS.c.status, sa.Text).label("return_status"),
        DOCUMENTS.c.sha256.label("document_sha256"),
    ]
    taken = {column.name for column in columns}
    # The latest year comes first, and says what a name means.
    fields: dict[str, list[FieldDefinition]] = {}
    groups: dict[str, dict[str, str]] = {}
    for definition in reversed(planned.years):
        for field in definition.fields():
            fields.setdefault(field.name, []).append(field)
            if field.kind is FieldKind.CHOICE and field.group and field.option:
                groups.setdefault(field.group, {}).setdefault(field.name, field.option)
    for group, options in groups.items():
        name = _free(f"{group}_choice" if group in fields else group, taken)
        columns.append(_choice(options).label(name))
    for field_name, definitions in fields.items():
        kinds = {_shown(field.kind) for field in definitions}
        columns.append(_column(field_name, kinds, sqlite).label(_free(field_name, taken)))
    if len(columns) > _MOST_COLUMNS:
        raise DatabaseError(f"{planned.form} has {len(columns)} fields: too many for one view")
    query = (
        sa.select(*columns)
        .select_from(
            FORMS.join(RETURNS, RETURNS.c.id == FORMS.c.return_id).join(
                DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id
            )
        )
        .where(RETURNS.c.department == department, FORMS.c.form == planned.form)
    )
    return query if planned.only_year is None else query.where(FORMS.c.year == planned.only_year)


def _shown(kind: FieldKind) -> _Shown:
    if kind in (FieldKind.AMOUNT, FieldKind.COUNT):
        return _Shown.NUMBER
    if kind.is_mark:
        return _Shown.TRUTH
    if kind is FieldKind.DATE:
        return _Shown.DAY
    return _Shown.MASKED if kind.is_personal else _Shown.TEXT


def _column(name: str, kinds: set[_Shown], sqlite: bool) -> sa.ScalarSelect[Any]:
    """The field's value; as text where the years differ in type."""
    held: sa.ColumnElement[Any]
    if kinds == {_Shown.MASKED}:
        held = VALUES.c.masked
    elif _Shown.MASKED in kinds:
        held = sa.func.coalesce(VALUES.c.masked, _unmasked())
    elif len(kinds) > 1 or kinds == {_Shown.TEXT}:
        held = VALUES.c.value
    elif kinds == {_Shown.NUMBER}:
        held = _number(sqlite)
    else:
        held = VALUES.c.mark if kinds == {_Shown.TRUTH} else VALUES.c.day
    return (
        sa.select(held)
        .where(
            VALUES.c.return_form_id == FORMS.c.id,
            VALUES.c.name == name,
            VALUES.c.status != ValueStatus.REVIEW,
        )
        .correlate(FORMS)
        .scalar_subquery()
    )


def _unmasked() -> sa.ColumnElement[Any]:
    personal = [kind for kind in FieldKind if kind.is_personal]
    return sa.case((VALUES.c.kind.not_in(personal), VALUES.c.value))


def _number(sqlite: bool) -> sa.ColumnElement[Any]:
    """SQLite stores ten-thousandths: whole amounts come as integers, others as REAL."""
    if not sqlite:
        return VALUES.c.amount
    scaled = sa.type_coerce(VALUES.c.amount, sa.Integer)
    return sa.case(
        (scaled % AMOUNT_SCALE == 0, scaled.op("/")(AMOUNT_SCALE)),
        else_=scaled.op("/")(sa.literal_column(f"{AMOUNT_SCALE}.0")),
    )


def _choice(options: dict[str, str]) -> sa.ScalarSelect[Any]:
    """The one option marked; NULL where none is, several are, or one is in review."""
    marked = sa.and_(VALUES.c.mark.is_(True), VALUES.c.status == ValueStatus.ACCEPTED)
    option = sa.case(options, value=VALUES.c.name)
    count = sa.func.sum(sa.case((marked, 1), else_=0))
    unread = sa.func.sum(sa.case((VALUES.c.status == ValueStatus.REVIEW, 1), else_=0))
    return (
        sa.select(
            sa.case(
                (sa.and_(count == 1, unread == 0), sa.func.max(sa.case((marked, option)))),
            )
        )
        .where(VALUES.c.return_form_id == FORMS.c.id, VALUES.c.name.in_(list(options)))
        .correlate(FORMS)
        .scalar_subquery()
    )


def _free(name: str, taken: set[str]) -> str:
    """A column name that is short enough and not in use."""
    name = _fitting(f"{name}_field" if name in taken else name)
    taken.add(name)
    return name


def _fitting(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"

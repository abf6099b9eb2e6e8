"""Wide views for analysts: a row a form, a column a field, over all years and for each year.

`select wages from form_1040 where tax_year = 2022` works on SQLite and PostgreSQL alike.
A column looks its value up by form and name in an index, so that a query pays only for
the columns that it names. Only values that are held are shown: a field in review or unread
is NULL, and so is an amount that was left blank. Identifiers are masked.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterator, Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateView

from loaders.database import lock_for_change, reading, writing
from loaders.store import DOCUMENTS, FORMS, RETURNS, VALUES, now, table_of
from schemas.columns import AMOUNT_SCALE
from schemas.department import Department
from schemas.errors import DatabaseError
from schemas.forms import FieldDefinition, FieldKind, FormDefinition
from schemas.readings import ValueStatus
from schemas.tables import Base, WideView

_VIEWS = table_of(WideView)
_LAYOUT: Final = 2
"""To be raised when this file writes other queries from the same definitions."""
_NOT_HELD: Final = [status for status in ValueStatus if not status.is_held]
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
        wanted, outdated = _compare(connection, department)
    if not wanted and not outdated:
        return ()
    with writing(engine) as connection:
        lock_for_change(connection)
        wanted, outdated = _compare(connection, department)  # another may have been first
        _drop(connection, outdated)
        connection.execute(sa.delete(_VIEWS).where(_VIEWS.c.name.in_(outdated)))
        for planned in wanted:
            _make(connection, department.name, planned)
    return tuple(name for planned in wanted for name in planned.names)


class _Planned(NamedTuple):
    """The views of one form, before their queries, which take longer to write than to plan."""

    form: str
    years: tuple[FormDefinition, ...]
    digest: str
    """Hash of all that the queries follow from."""
    names: tuple[str, ...]
    """Of the view over all years, then of each year's."""


def _compare(connection: Connection, department: Department) -> tuple[list[_Planned], list[str]]:
    """Forms whose views are to be made, and views to drop first."""
    known = {row.name: row for row in connection.execute(sa.select(_VIEWS))}
    taken = set(Base.metadata.tables)
    taken |= {name for name, row in known.items() if row.department != department.name}
    present = set(sa.inspect(connection).get_view_names())
    plan = list(_plan(department, taken))
    wanted = [
        planned
        for planned in plan
        if any(
            name not in present or name not in known or known[name].digest != planned.digest
            for name in planned.names
        )
    ]
    names = {name for planned in plan for name in planned.names}
    mine = {name for name, row in known.items() if row.department == department.name}
    outdated = (mine - names) | {name for planned in wanted for name in planned.names}
    return wanted, sorted(outdated & present)


def _plan(department: Department, taken: set[str]) -> Iterator[_Planned]:
    forms: dict[str, list[FormDefinition]] = {}
    for definition in sorted(department.forms, key=lambda each: (each.form, each.year)):
        forms.setdefault(definition.form, []).append(definition)
    for form, years in forms.items():
        plain = (form, *(f"{form}_{each.year}" for each in years))
        yield _Planned(
            form,
            tuple(years),
            _digest(department.name, form, years),
            tuple(
                _fitting(f"{department.name}_{name}" if name in taken else name) for name in plain
            ),
        )


def _digest(department: str, form: str, years: Sequence[FormDefinition]) -> str:
    said: list[object] = [_LAYOUT, department, form]
    for definition in years:
        said.append(definition.year)
        said.extend(
            (field.name, field.kind.value, field.group, field.option)
            for field in definition.fields()
        )
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def _make(connection: Connection, department: str, planned: _Planned) -> None:
    """Make a form's views, and note them."""
    whole, names = _wide(department, planned, connection.dialect.name == "sqlite")
    view = CreateView(whole, planned.names[0])
    connection.execute(view)
    for definition, name in zip(planned.years, planned.names[1:], strict=True):
        own = {field.name for field in definition.fields()}
        columns = [view.table.c[column] for column, field in names.items() if own & field]
        year = view.table.c.tax_year == definition.year
        connection.execute(CreateView(sa.select(*columns).where(year), name))
    connection.execute(sa.delete(_VIEWS).where(_VIEWS.c.name.in_(planned.names)))
    row = {"department": department, "digest": planned.digest, "made_at": now()}
    connection.execute(sa.insert(_VIEWS), [row | {"name": name} for name in planned.names])


def _drop(connection: Connection, names: Sequence[str]) -> None:
    quoted = [connection.dialect.identifier_preparer.quote(name) for name in names]
    if connection.dialect.name == "postgresql" and names:
        # In one statement, as a year's view is built on its form's; SQLite does not mind.
        quoted = [", ".join(quoted)]
    try:
        for each in quoted:
            connection.execute(sa.text(f"DROP VIEW {each}"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") == "2BP01":
            raise DatabaseError(
                "the forms' views must be renewed, but other views were built on them: drop "
                "those, run taxlift again, and make them anew"
            ) from None
        raise


def _wide(
    department: str, planned: _Planned, sqlite: bool
) -> tuple[sa.Select[Any], dict[str, set[str]]]:
    """The query over all years; and for each column the fields of which a year has it."""
    fixed: list[sa.Label[Any]] = [
        RETURNS.c.id.label("return_id"),
        FORMS.c.year.label("tax_year"),
        FORMS.c.copy.label("form_copy"),
        sa.type_coerce(RETURNS.c.status, sa.Text).label("return_status"),
        DOCUMENTS.c.sha256.label("document_sha256"),
    ]
    columns: dict[str, sa.Label[Any]] = {column.name: column for column in fixed}
    # The latest year comes first, and says what a name means.
    fields: dict[str, list[FieldDefinition]] = {}
    groups: dict[str, dict[str, str]] = {}
    for definition in reversed(planned.years):
        for field in definition.fields():
            fields.setdefault(field.name, []).append(field)
            if field.kind is FieldKind.CHOICE and field.group and field.option:
                groups.setdefault(field.group, {}).setdefault(field.name, field.option)
    needs = {name: set(fields) for name in columns}
    for group, options in groups.items():
        name = _free(f"{group}_choice" if group in fields else group, columns)
        columns[name] = _choice(options).label(name)
        needs[name] = set(options)
    for field_name, definitions in fields.items():
        name = _free(field_name, columns)
        kinds = {_shown(field.kind) for field in definitions}
        columns[name] = _column(field_name, kinds, sqlite).label(name)
        needs[name] = {field_name}
    if len(columns) > _MOST_COLUMNS:
        raise DatabaseError(f"{planned.form} has {len(columns)} fields: too many for one view")
    query = (
        sa.select(*columns.values())
        .select_from(
            FORMS.join(RETURNS, RETURNS.c.id == FORMS.c.return_id).join(
                DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id
            )
        )
        .where(RETURNS.c.department == department, FORMS.c.form == planned.form)
    )
    return query, needs


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
            VALUES.c.status.not_in(_NOT_HELD),
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
    """The one option marked; NULL where none is, several are, or one was not read."""
    marked = sa.and_(VALUES.c.mark.is_(True), VALUES.c.status == ValueStatus.ACCEPTED)
    option = sa.case(options, value=VALUES.c.name)
    count = sa.func.sum(sa.case((marked, 1), else_=0))
    unread = sa.func.sum(sa.case((VALUES.c.status.in_(_NOT_HELD), 1), else_=0))
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


def _free(name: str, taken: Container[str]) -> str:
    """A column name that is short enough and not in use."""
    return _fitting(f"{name}_field" if name in taken else name)


def _fitting(name: str) -> str:
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[: _LONGEST_NAME - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"

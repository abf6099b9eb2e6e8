from __future__ import annotations

import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import made
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.repository import Repository
from loaders.views import ensure_views
from schemas.department import Department, DepartmentSettings
from schemas.errors import DatabaseError
from schemas.forms import (
    BlankReference,
    Box,
    FieldDefinition,
    FieldKind,
    FormDefinition,
    PageDefinition,
)
from schemas.readings import ValueStatus


def form(year: int, *extra: FieldDefinition, name: str = "form_1040") -> FormDefinition:
    def fields(*pages: object) -> tuple[FieldDefinition, ...]:
        return tuple(
            FieldDefinition(
                name=value.name,
                kind=value.kind,
                box=Box(1, 1, 9, 9),
                group="filing_status" if value.kind is FieldKind.CHOICE else None,
                option=value.name.removeprefix("filing_status_")
                if value.kind is FieldKind.CHOICE
                else None,
            )
            for page in pages
            for value in page.values
        )

    return FormDefinition(
        form=name,
        title=name,
        year=year,
        blank=BlankReference(path="x.pdf", sha256="0" * 64),
        pages=(
            PageDefinition(number=1, width=612, height=792, fields=fields(made.first_page())),
            PageDefinition(
                number=2, width=612, height=792, fields=(*fields(made.second_page()), *extra)
            ),
        ),
    )


def department(*forms: FormDefinition, name: str = "us_irs") -> Department:
    settings = DepartmentSettings(name=name, title=name, country="US", main_form="form_1040")
    return Department(settings=settings, folder=Path(), forms=forms)


BOTH = department(form(2021), form(2022))


@pytest.fixture
def loaded(repository: Repository) -> Repository:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    returns = {
        "a.pdf": (made.first_page(), made.second_page(), 2022),
        "b.pdf": (made.first_page("1000", year=2021), made.second_page(year=2021), 2021),
        "c.pdf": (made.first_page(wages_status=ValueStatus.REVIEW), made.second_page(), 2022),
        "d.pdf": (made.first_page(None), made.second_page(), 2022),
    }
    for file, (*pages, year) in returns.items():
        document = repository.receive(batch, file, made.sha(file), 1).document_id
        repository.store_pages(document, pages)
        repository.store_returns(batch, [made.decided(file, *pages, year=year)])
    ensure_views(repository.engine, BOTH)
    return repository


def ask(engine: Engine, query: str) -> list[tuple]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_an_analyst_asks_at_once(loaded: Repository) -> None:
    answer = ask(loaded.engine, "select wages from form_1040 where tax_year = 2022")
    held = [Decimal(str(row[0])) for row in answer if row[0] is not None]
    assert held == [Decimal("52340.5")] and len(answer) == 3
    assert ask(loaded.engine, "select wages, taxable_interest from form_1040_2021") == [
        (1000, -120)
    ]


def test_columns_have_types(loaded: Repository) -> None:
    columns = (
        "filing_status, filing_status_single, filing_status_married_filing_jointly, "
        "taxpayer_first_name, taxpayer_ssn, routing_number, signed_on, return_status, refund"
    )
    [row] = ask(loaded.engine, f"select {columns} from form_1040_2022 where wages > 0")  # noqa: S608
    day = row[6] if isinstance(row[6], date) else date.fromisoformat(row[6])
    assert (*row[:6], day, *row[7:]) == (
        "single",
        True,
        False,
        "Ada",
        "***-**-5678",
        "*****0015",
        date(2023, 4, 15),
        "accepted",
        0,
    )
    [total] = ask(loaded.engine, "select sum(wages) from form_1040")
    assert Decimal(str(total[0])) == Decimal("53340.5")


def test_no_identifier_is_shown(loaded: Repository) -> None:
    assert made.SSN not in repr(ask(loaded.engine, "select * from form_1040"))


def test_views_are_renewed_only_when_definitions_change(loaded: Repository) -> None:
    assert ensure_views(loaded.engine, BOTH) == ()
    extra = FieldDefinition(name="new_line", kind=FieldKind.AMOUNT, box=Box(1, 1, 9, 9))
    changed = department(form(2021), form(2022, extra))
    assert set(ensure_views(loaded.engine, changed)) == {
        "form_1040",
        "form_1040_2021",
        "form_1040_2022",
    }
    old = {column["name"] for column in sa.inspect(loaded.engine).get_columns("form_1040_2021")}
    assert "wages" in old and "new_line" not in old
    assert ask(loaded.engine, "select max(new_line) from form_1040") == [(None,)]
    ensure_views(loaded.engine, department(form(2022)))
    assert "form_1040_2021" not in sa.inspect(loaded.engine).get_view_names()


def test_two_departments_with_one_form_name(loaded: Repository) -> None:
    other = department(form(2022), name="elsewhere")
    assert "elsewhere_form_1040" in ensure_views(loaded.engine, other)
    assert ensure_views(loaded.engine, other) == ensure_views(loaded.engine, BOTH) == ()
    assert ask(loaded.engine, "select count(*) from elsewhere_form_1040") == [(0,)]
    assert ask(loaded.engine, "select count(*) from form_1040") == [(4,)]


def test_a_form_called_like_a_table_and_long_names(repository: Repository) -> None:
    long = FieldDefinition(name="a" + "_very_long" * 9, kind=FieldKind.TEXT, box=Box(1, 1, 9, 9))
    made_views = ensure_views(repository.engine, department(form(2022, long, name="pages")))
    assert set(made_views) == {"us_irs_pages", "pages_2022"}
    columns = sa.inspect(repository.engine).get_columns("pages_2022")
    assert max(len(column["name"]) for column in columns) == 63


def test_views_that_others_are_built_on_are_not_pulled_away(loaded: Repository) -> None:
    if loaded.engine.dialect.name == "sqlite":
        pytest.skip("SQLite keeps no account of what a view is built on")
    with loaded.engine.begin() as connection:
        connection.execute(sa.text("CREATE VIEW mine AS SELECT wages FROM form_1040_2022"))
    with pytest.raises(DatabaseError, match="built on them"):
        ensure_views(loaded.engine, department(form(2021)))
    assert ask(loaded.engine, "select count(*) from mine") == [(3,)]


@pytest.mark.parametrize("sizes", [(60, 300)])
def test_many_returns_are_stored_and_asked_quickly(
    repository: Repository, sizes: tuple[int, int]
) -> None:
    returns, fields = sizes
    page = made.first_page()
    values = tuple(
        made.value(f"line_{number}", FieldKind.AMOUNT, str(number)) for number in range(fields)
    )
    page = page.model_copy(update={"values": (*page.values, *values)})
    batch = repository.start_or_resume_batch("us_irs", "/in")
    started = time.perf_counter()
    for number in range(returns):
        file = f"{number}.pdf"
        document = repository.receive(batch, file, made.sha(file), 1).document_id
        repository.store_pages(document, [page])
        repository.store_returns(batch, [made.decided(file, page)])
    each = (time.perf_counter() - started) / returns
    ensure_views(repository.engine, BOTH)
    started = time.perf_counter()
    assert (
        len(ask(repository.engine, "select wages from form_1040 where tax_year = 2022")) == returns
    )
    asked = time.perf_counter() - started
    print(f"\n{each * 1000:.0f} ms a return, asked in {asked * 1000:.1f} ms")
    assert each < 0.3 and asked < 0.5, "far above what it takes, as machines are shared"

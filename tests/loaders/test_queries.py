from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import made
import pytest
from sqlalchemy.engine import Engine

from loaders.queries import QueryError, ask, view_names
from loaders.repository import Repository
from loaders.views import ensure_views
from schemas.department import Department, DepartmentSettings
from schemas.forms import BlankReference, Box, FieldDefinition, FormDefinition, PageDefinition


def department() -> Department:
    fields = tuple(
        FieldDefinition(name=value.name, kind=value.kind, box=Box(1, 1, 9, 9))
        for value in made.first_page().values
        if not value.name.startswith("filing_status")
    )
    form = FormDefinition(
        form="form_1040",
        title="1040",
        year=2022,
        blank=BlankReference(path="x.pdf", sha256="0" * 64),
        pages=(PageDefinition(number=1, width=612, height=792, fields=fields),),
    )
    settings = DepartmentSettings(
        name="us_irs", title="us_irs", country="US", main_form="form_1040"
    )
    return Department(settings=settings, folder=Path(), forms=(form,))


@pytest.fixture
def forms(repository: Repository) -> Engine:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    for file, wages in (("a.pdf", "1000"), ("b.pdf", "2000.50"), ("c.pdf", None)):
        document = repository.receive(batch, file, made.sha(file), 1).document_id
        pages = (made.first_page(wages), made.second_page())
        repository.store_pages(document, pages)
        repository.store_returns(batch, [made.decided(file, *pages)])
    ensure_views(repository.engine, department())
    return repository.engine


def test_a_question_is_answered(forms: Engine) -> None:
    answer = ask(forms, "select wages from form_1040 where tax_year = 2022 order by wages desc;")
    assert answer.columns == ("wages",) and not answer.more
    held = sorted(Decimal(str(row[0])) for row in answer.rows if row[0] is not None)
    assert held == [Decimal(1000), Decimal("2000.5")]


def test_columns_may_have_one_name_and_queries_may_have_parts(forms: Engine) -> None:
    answer = ask(
        forms,
        "with held as (select * from form_1040_2022 where wages is not null) "
        "select sum(a.wages), count(*), sum(a.wages) from held a -- all",
    )
    assert [Decimal(str(value)) for value in answer.rows[0]] == [
        Decimal("3000.5"),
        Decimal(2),
        Decimal("3000.5"),
    ]


def test_a_limit_tells_that_there_is_more(forms: Engine) -> None:
    query = "select return_id from form_1040"
    assert len(ask(forms, query, 2).rows) == 2 and ask(forms, query, 2).more
    assert len(ask(forms, query, 3).rows) == 3 and not ask(forms, query, 3).more


@pytest.mark.parametrize(
    "query",
    [
        "select value from field_values",
        "select (select max(value) from field_values) from form_1040",
        "select wages from form_1040 union select value from field_values",
        "select * from (select value from field_values) as form_1040",
        "with form_1040 as (select value from field_values) select * from form_1040",
        "with x(a) as (select 1), FORM_1040 (b) as (select value from field_values) "
        "select * from form_1040",
        'with "form_1040" /* ( */ as (select value from field_values) select * from form_1040',
        "select value from field_values --",
        "select 1) as asked, (select value from field_values",
        "select * from returns",
        "select * from audit_events",
    ],
)
def test_what_the_views_hide_stays_hidden(forms: Engine, query: str) -> None:
    with pytest.raises(QueryError):
        ask(forms, query)


@pytest.mark.parametrize(
    "query",
    [
        "delete from field_values",
        "update returns set status = 'accepted'",
        "with gone as (delete from field_values returning value) select * from gone",
        "drop view form_1040",
        "create table t (a int)",
        "pragma query_only = off",
        "select 1; drop view form_1040",
        "attach 'x.db' as x",
        "vacuum",
        "",
        ";",
        "hello",
        "select nothing_of_the_kind from form_1040",
    ],
)
def test_nothing_but_one_select_is_run(forms: Engine, query: str) -> None:
    with pytest.raises(QueryError):
        ask(forms, query)
    assert len(ask(forms, "select 1 from form_1040").rows) == 3


@pytest.mark.parametrize(
    "query",
    [
        "select query_to_xml('select value from field_values', true, true, '')",
        "select most_common_vals from pg_stats",
        'select * from u&"\\0066ield_values"',
        "select * from sqlite_master",
        "select * from information_schema.tables",
    ],
)
def test_the_database_s_own_tables_cannot_be_asked(forms: Engine, query: str) -> None:
    with pytest.raises(QueryError):
        ask(forms, query)


def test_an_unknown_column_is_named(forms: Engine) -> None:
    with pytest.raises(QueryError, match="wagse"):
        ask(forms, "select wagse from form_1040")


def test_what_can_be_asked_is_listed(forms: Engine) -> None:
    assert view_names(forms) == ("form_1040", "form_1040_2022")
    with pytest.raises(QueryError, match="form_1040, form_1040_2022"):
        ask(forms, "select value from field_values")


def test_before_the_first_run_there_is_nothing_to_ask(engine: Engine) -> None:
    with pytest.raises(QueryError, match="taxlift run"):
        ask(engine, "select 1")

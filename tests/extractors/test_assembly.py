"""Pages of one document become returns, and no page that was read is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.assembly import assemble_returns
from schemas.department import Department, DepartmentSettings
from schemas.forms import BlankReference, Box, FieldDefinition, FieldKind, FormDefinition
from schemas.forms import PageDefinition as Page
from schemas.readings import PageResult, PageStatus

SHA = "a" * 64


def form(name: str, year: int, pages: int) -> FormDefinition:
    return FormDefinition(
        form=name,
        title=name,
        year=year,
        main=name == "main",
        blank=BlankReference(path="x.pdf", sha256=SHA),
        pages=tuple(
            Page(
                number=number,
                width=612,
                height=792,
                fields=(
                    FieldDefinition(
                        name=f"field_{number}", kind=FieldKind.AMOUNT, box=Box(10, 10, 80, 22)
                    ),
                ),
            )
            for number in range(1, pages + 1)
        ),
    )


@pytest.fixture(scope="module")
def department() -> Department:
    return Department(
        settings=DepartmentSettings(name="d", title="D", country="US", main_form="main"),
        folder=Path(),
        forms=tuple(form(n, y, p) for y in (2021, 2022) for n, p in (("main", 2), ("side", 1))),
    )


def page(number: int, form: str | None, form_page: int | None, year: int = 2022) -> PageResult:
    return PageResult(
        number=number,
        width=100,
        height=100,
        status=PageStatus.READ if form else PageStatus.UNKNOWN,
        form=form,
        year=year if form else None,
        form_page=form_page,
    )


def returns(pages: list[PageResult], department: Department):
    return assemble_returns(pages, department, file="f.tif", sha256=SHA)


def test_a_main_form_with_its_attachments_is_one_return(department):
    (only,) = returns([page(1, "main", 1), page(2, "main", 2), page(3, "side", 1)], department)
    assert {f.form: f.pages for f in only.forms} == {"main": (1, 2), "side": (3,)}
    assert only.missing_pages == ()
    assert only.tax_year == 2022


def test_each_first_page_begins_a_return(department):
    pages = [page(1, "main", 1), page(2, "main", 2), page(3, "main", 1), page(4, "main", 2)]
    first, second = returns(pages, department)
    assert first.forms[0].pages == (1, 2)
    assert second.forms[0].pages == (3, 4)
    assert first.return_id != second.return_id


def test_pages_out_of_order_within_a_return_are_sorted(department):
    (only,) = returns([page(1, "main", 2), page(2, "side", 1)], department)
    assert only.missing_pages == ("main 2022 page 1",)


def test_a_missing_page_and_a_missing_main_form_are_named(department):
    (only,) = returns([page(1, "main", 1)], department)
    assert only.missing_pages == ("main 2022 page 2",)
    (orphan,) = returns([page(1, "side", 1)], department)
    assert orphan.missing_pages == ("main 2022",)


def test_another_year_begins_another_return(department):
    pages = [page(1, "main", 1, 2022), page(2, "main", 2, 2022), page(3, "side", 1, 2021)]
    first, second = returns(pages, department)
    assert (first.tax_year, second.tax_year) == (2022, 2021)


def test_a_page_twice_is_not_merged_into_the_same_return(department):
    pages = [page(1, "main", 1), page(2, "side", 1), page(3, "side", 1)]
    assert [[f.pages for f in r.forms] for r in returns(pages, department)] == [
        [(1,), (2,)],
        [(3,)],
    ]


def test_a_page_that_was_not_read_counts_as_missing_from_the_return_it_lies_in(department):
    pages = [page(1, "main", 1), page(2, None, None), page(3, "main", 2), page(4, "main", 1)]
    first, second = returns([*pages, page(5, "main", 2)], department)
    assert first.missing_pages == ("unknown: page 2 of the document",)
    assert second.missing_pages == ()


def test_a_cover_letter_before_the_return_lies_in_it(department):
    (only,) = returns([page(1, None, None), page(2, "main", 1), page(3, "main", 2)], department)
    assert only.missing_pages == ("unknown: page 1 of the document",)


def test_unread_pages_alone_make_no_return(department):
    assert returns([page(1, None, None), page(2, None, None)], department) == ()


@given(
    st.lists(
        st.tuples(
            st.sampled_from([("main", 1), ("main", 2), ("side", 1), (None, None)]),
            st.sampled_from([2021, 2022]),
        ),
        max_size=12,
    )
)
def test_every_read_page_is_in_exactly_one_return(kinds):
    pages = [page(i, f, p, year) for i, ((f, p), year) in enumerate(kinds, start=1)]
    two = Department(
        settings=DepartmentSettings(name="d", title="D", country="US", main_form="main"),
        folder=Path(),
        forms=tuple(form(n, y, p) for y in (2021, 2022) for n, p in (("main", 2), ("side", 1))),
    )
    placed = [n for r in returns(pages, two) for f in r.forms for n in f.pages]
    assert sorted(placed) == [p.number for p in pages if p.status is PageStatus.READ]

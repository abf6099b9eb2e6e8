"""From the pages of one document to returns.

A return begins with the first page of the department's main form; what follows belongs to it
until the next begins. Pages that come before any main form, or that the current return already
has, make a return of their own, which a person must place. A page that could not be read counts
as missing from the return it lies in: it may hold what a rule would look for. Assembling across
documents does not belong here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from schemas.department import Department
from schemas.readings import PageResult, PageStatus
from schemas.returns import FormInstance, TaxReturn, return_id


def assemble_returns(
    pages: Sequence[PageResult], department: Department, *, file: str, sha256: str
) -> tuple[TaxReturn, ...]:
    """All returns of a document, in order; pages that were not read belong to none."""
    return tuple(
        _build(group, department, file=file, sha256=sha256) for group in _group(pages, department)
    )


def _group(pages: Sequence[PageResult], department: Department) -> Iterable[list[PageResult]]:
    """Pages of each return, unread ones among them; a group holds at least one read page."""
    current: list[PageResult] = []
    for page in pages:
        if page.status is PageStatus.BLANK:
            continue
        if page.status is not PageStatus.READ:
            current.append(page)
            continue
        read = _read(current)
        begins = page.form == department.settings.main_form and page.form_page == 1
        year_changes = bool(read) and page.year != read[0].year
        repeated = _key(page) in {_key(other) for other in read}
        if read and (begins or year_changes or repeated):
            yield current
            current = []
        current.append(page)
    if _read(current):
        yield current


def _read(pages: Sequence[PageResult]) -> list[PageResult]:
    return [page for page in pages if page.status is PageStatus.READ]


def _key(page: PageResult) -> tuple[str | None, int | None]:
    return page.form, page.form_page


def _build(
    group: Sequence[PageResult], department: Department, *, file: str, sha256: str
) -> TaxReturn:
    pages = _read(group)
    by_form: dict[str, list[PageResult]] = {}
    for page in pages:
        by_form.setdefault(str(page.form), []).append(page)
    year = int(pages[0].year or 0)
    missing = [
        f"{page.status.value}: page {page.number} of the document"
        for page in group
        if page.status is not PageStatus.READ
    ]
    if department.settings.main_form not in by_form:
        missing.append(f"{department.settings.main_form} {year}")
    forms = []
    for form, own in by_form.items():
        own.sort(key=lambda page: page.form_page or 0)
        definition = department.form(form, year)
        have = {page.form_page for page in own}
        if definition is not None:
            missing += [
                f"{form} {year} page {page.number}"
                for page in definition.pages
                if page.number not in have and page.fields
            ]
        forms.append(
            FormInstance(
                form=form,
                year=year,
                pages=tuple(page.number for page in own),
                values=tuple(value for page in own for value in page.values),
            )
        )
    return TaxReturn(
        return_id=return_id(sha256, pages[0].number),
        department=department.name,
        file=file,
        sha256=sha256,
        tax_year=year,
        forms=tuple(forms),
        missing_pages=tuple(missing),
    )

"""Returns as stored, streamed by document: for validation, reports and export."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.pages import load_values
from loaders.rows import ReturnRecord
from loaders.store import DOCUMENTS, FORMS, PAGES, RECEIPTS, RETURNS, RULES, Store
from loaders.values import rule_result
from schemas.returns import FormInstance, TaxReturn
from schemas.rules import RuleResult

_DOCUMENTS_AT_ONCE = 20


class Records(Store):
    """The repository's part that loads whole returns."""

    def returns(self, batch_id: str, *, with_duplicates: bool = False) -> Iterator[ReturnRecord]:
        """The returns of a batch, in order of receipt, a few documents in memory at a time.

        `with_duplicates` adds the returns of documents that were delivered in this batch but
        read in an earlier one.
        """
        delivered = sa.select(RECEIPTS.c.document_id).where(
            RECEIPTS.c.batch_id == batch_id, RECEIPTS.c.document_id.is_not(None)
        )
        mine = (
            DOCUMENTS.c.id.in_(delivered) if with_duplicates else DOCUMENTS.c.batch_id == batch_id
        )
        with self.reading() as connection:
            documents = list(
                connection.scalars(sa.select(DOCUMENTS.c.id).where(mine).order_by(DOCUMENTS.c.id))
            )
        for start in range(0, len(documents), _DOCUMENTS_AT_ONCE):
            yield from self.returns_of(documents[start : start + _DOCUMENTS_AT_ONCE])

    def returns_of(
        self, documents: Sequence[int], *, with_readings: bool = True
    ) -> list[ReturnRecord]:
        """The returns of these documents, by document and first page.

        Without readings it takes half the time; the values' `readings` are then empty.
        """
        with self.reading() as connection:
            return _load(connection, documents, with_readings)


def _load(
    connection: Connection, documents: Sequence[int], with_readings: bool
) -> list[ReturnRecord]:
    heads = (
        connection.execute(
            sa.select(RETURNS, DOCUMENTS.c.file, DOCUMENTS.c.sha256)
            .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
            .where(RETURNS.c.document_id.in_(documents))
        )
        .mappings()
        .all()
    )
    ids = [head["id"] for head in heads]
    forms: dict[str, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(
        sa.select(FORMS).where(FORMS.c.return_id.in_(ids)).order_by(FORMS.c.position)
    ).mappings():
        forms[row["return_id"]].append(row)
    pages: dict[int, list[RowMapping]] = defaultdict(list)
    rows = (
        connection.execute(
            sa.select(PAGES)
            .where(PAGES.c.document_id.in_(documents), PAGES.c.return_form_id.is_not(None))
            .order_by(PAGES.c.document_id, PAGES.c.number)
        )
        .mappings()
        .all()
    )
    for row in rows:
        pages[row["return_form_id"]].append(row)
    values = load_values(connection, rows, tied_only=True, with_readings=with_readings)
    rules: dict[str, list[RuleResult]] = defaultdict(list)
    for row in connection.execute(
        sa.select(RULES).where(RULES.c.return_id.in_(ids)).order_by(RULES.c.position)
    ).mappings():
        rules[row["return_id"]].append(rule_result(row))

    records = []
    for head in heads:
        mine = forms[head["id"]]
        instances = []
        for form in mine:
            order = {number: place for place, number in enumerate(form["pages"])}
            own = sorted(pages[form["id"]], key=lambda page: order.get(page["number"], 0))
            instances.append(
                FormInstance(
                    form=form["form"],
                    year=form["year"],
                    pages=tuple(form["pages"]),
                    values=tuple(value for page in own for value in values.get(page["id"], ())),
                )
            )
        records.append(
            ReturnRecord(
                document_id=head["document_id"],
                tax_return=TaxReturn(
                    return_id=head["id"],
                    department=head["department"],
                    file=head["file"],
                    sha256=head["sha256"],
                    tax_year=head["tax_year"],
                    forms=tuple(instances),
                    missing_pages=tuple(head["missing_pages"]),
                ),
                status=head["status"],
                reasons=tuple(head["reasons"]),
                rules=tuple(rules[head["id"]]),
                form_pages=tuple(_form_pages(pages[form["id"]]) for form in mine),
            )
        )
    return sorted(records, key=lambda record: (record.document_id, _first_page(record)))


def _form_pages(pages: Sequence[RowMapping]) -> dict[int, int]:
    found: dict[int, int] = {}
    for page in sorted(pages, key=lambda page: page["number"]):
        if page["form_page"] is not None:
            found.setdefault(page["form_page"], page["number"])
    return found


def _first_page(record: ReturnRecord) -> int:
    return min((page for form in record.tax_return.forms for page in form.pages), default=0)

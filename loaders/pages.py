"""Pages and their values: stored a document at a time, loaded back as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.store import DOCUMENTS, PAGES, REVIEWS, SAMPLES, VALUES, Store, insert_numbered, now
from loaders.values import PERSON, digest_of, field_value, page_result, page_row, value_row
from schemas.readings import FieldValue, PageResult
from schemas.tables import DocumentStatus


class Pages(Store):
    """The repository's part for what was read."""

    def store_pages(self, document_id: int, results: Sequence[PageResult]) -> bool:
        """Store all pages of a document in one transaction; whether anything changed.

        Pages that are stored with the same result are left alone; others are replaced, but
        for values that a person decided.
        """
        at = now()
        with self.writing() as connection:
            stored = {
                row["number"]: row
                for row in connection.execute(
                    sa.select(PAGES).where(PAGES.c.document_id == document_id)
                ).mappings()
            }
            fresh: list[tuple[PageResult, dict[str, Any]]] = []
            written = False
            for result in results:
                digest = digest_of(result)
                row = page_row(document_id, result, digest, at)
                old = stored.pop(result.number, None)
                if old is None:
                    fresh.append((result, row))
                elif old["digest"] != digest:
                    _replace(connection, old, result, row, at)
                    written = True
            for page_id in [row["id"] for row in stored.values()]:
                _remove(connection, page_id)
                written = True
            ids = insert_numbered(connection, PAGES, [row for _, row in fresh])
            _insert_values(
                connection,
                [
                    value_row(page_id, position, value, at)
                    for page_id, (result, _) in zip(ids, fresh, strict=True)
                    for position, value in enumerate(result.values)
                ],
            )
            if not fresh and not written:
                return False
            connection.execute(
                sa.update(DOCUMENTS)
                .where(DOCUMENTS.c.id == document_id)
                .values(status=DocumentStatus.READ, page_count=len(results), settled_at=None)
            )
            self.audit.append(
                "pages.stored",
                f"document:{document_id}",
                detail={"pages": len(results), "new": len(fresh)},
                connection=connection,
            )
            return True

    def load_pages(self, document_id: int) -> tuple[PageResult, ...]:
        """All pages of a document, in order, with the values as they are held now."""
        with self.reading() as connection:
            return load_pages(connection, [document_id]).get(document_id, ())


def load_pages(
    connection: Connection, documents: Sequence[int]
) -> dict[int, tuple[PageResult, ...]]:
    """Pages by document."""
    pages = connection.execute(
        sa.select(PAGES)
        .where(PAGES.c.document_id.in_(documents))
        .order_by(PAGES.c.document_id, PAGES.c.number)
    ).mappings()
    rows = list(pages)
    values = load_values(connection, rows)
    results: dict[int, list[PageResult]] = defaultdict(list)
    for row in rows:
        results[row["document_id"]].append(page_result(row, values.get(row["id"], ())))
    return {document: tuple(found) for document, found in results.items()}


def load_values(
    connection: Connection,
    pages: Iterable[RowMapping],
    *,
    tied_only: bool = False,
    with_readings: bool = True,
) -> dict[int, tuple[FieldValue, ...]]:
    """Values by page id, in reading order, of pages that hold a form.

    `tied_only` leaves out those that no return has: of a page that came twice.
    """
    places = {
        row["id"]: (row["form"], row["year"], row["form_page"]) for row in pages if row["form"]
    }
    found: dict[int, list[FieldValue]] = defaultdict(list)
    columns = [column for column in VALUES.c if with_readings or column.name != "readings"]
    query = (
        sa.select(*columns)
        .where(VALUES.c.page_id.in_(list(places)))
        .order_by(VALUES.c.page_id, VALUES.c.position, VALUES.c.name)
    )
    if tied_only:
        query = query.where(VALUES.c.return_form_id.is_not(None))
    for row in connection.execute(query).mappings():
        value = field_value(row, *places[row["page_id"]], with_readings=with_readings)
        found[row["page_id"]].append(value)
    return {page: tuple(values) for page, values in found.items()}


def _insert_values(connection: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(sa.insert(VALUES), rows)


def _replace(
    connection: Connection, old: RowMapping, result: PageResult, row: dict[str, Any], at: datetime
) -> None:
    page_id = old["id"]
    same_form = all(old[key] == row[key] for key in ("form", "year", "form_page"))
    connection.execute(sa.update(PAGES).where(PAGES.c.id == page_id).values(**row))
    outdated = sa.delete(VALUES).where(VALUES.c.page_id == page_id)
    if same_form:  # a person's answer is about a field of the form as it was known then
        outdated = outdated.where(VALUES.c.decided_by.not_like(f"{PERSON}%"))
    connection.execute(outdated)
    kept = set(connection.scalars(sa.select(VALUES.c.name).where(VALUES.c.page_id == page_id)))
    _insert_values(
        connection,
        [
            value_row(page_id, position, value, at)
            for position, value in enumerate(result.values)
            if value.name not in kept
        ],
    )
    # The page must be put into a return again, and its new values with it.
    connection.execute(
        sa.update(VALUES).where(VALUES.c.page_id == page_id).values(return_form_id=None)
    )
    connection.execute(sa.update(PAGES).where(PAGES.c.id == page_id).values(return_form_id=None))


def _remove(connection: Connection, page_id: int) -> None:
    connection.execute(sa.delete(REVIEWS).where(REVIEWS.c.page_id == page_id))
    connection.execute(sa.delete(SAMPLES).where(SAMPLES.c.page_id == page_id))
    connection.execute(sa.delete(VALUES).where(VALUES.c.page_id == page_id))
    connection.execute(sa.delete(PAGES).where(PAGES.c.id == page_id))

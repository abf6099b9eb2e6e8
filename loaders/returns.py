"""Returns: stored by document, with the pages and values that they are made of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.rows import DecidedReturn
from loaders.samples import store_sample
from loaders.store import (
    DOCUMENTS,
    FORMS,
    PAGES,
    RETURNS,
    REVIEWS,
    RULES,
    VALUES,
    Store,
    changed,
    insert_numbered,
    needs_a_person,
    now,
)
from loaders.values import PERSON, value_row
from schemas.errors import DatabaseError
from schemas.masking import mask_text
from schemas.returns import FormInstance, ReturnStatus
from schemas.rules import Outcome, RuleResult
from schemas.tables import DocumentStatus


class Returns(Store):
    """The repository's part for returns and what the rules said of them."""

    def store_returns(
        self,
        batch_id: str,
        decided: Sequence[DecidedReturn],
        results: Sequence[RuleResult] = (),
        *,
        rules_version: str = "",
    ) -> None:
        """Store returns, with what the rules said of them, and settle their documents.

        All returns of a document come in one call, which is one transaction a document;
        returns that it no longer has are removed. Values that reconciliation changed are
        written over those of the pages, but never over what a person decided. Repeating it
        changes nothing. The audit log keeps `rules_version` (`schemas.versions`).
        """

        def document_of(each: DecidedReturn) -> tuple[str, str]:
            return each.tax_return.department, each.tax_return.sha256

        said: dict[str, list[RuleResult]] = defaultdict(list)
        for result in results:
            said[result.return_id].append(result)
        for (department, sha256), group in groupby(sorted(decided, key=document_of), document_of):
            with self.writing() as connection:
                document = connection.execute(
                    sa.select(DOCUMENTS.c.id, DOCUMENTS.c.status).where(
                        DOCUMENTS.c.department == department, DOCUMENTS.c.sha256 == sha256
                    )
                ).first()
                if document is None:
                    raise DatabaseError(f"no document {sha256[:12]}… was received")
                returns = list(group)
                self._store_document(connection, batch_id, document.id, document.status, returns)
                for each in returns:
                    return_id = each.tax_return.return_id
                    self._store_rules(connection, return_id, said[return_id], rules_version)
                    self._store_sample(connection, each)

    def _store_document(
        self,
        connection: Connection,
        batch_id: str,
        document_id: int,
        status: DocumentStatus,
        decided: Sequence[DecidedReturn],
    ) -> None:
        pages = {
            row["number"]: row
            for row in connection.execute(
                sa.select(PAGES).where(PAGES.c.document_id == document_id)
            ).mappings()
        }
        stale = set(
            connection.scalars(sa.select(RETURNS.c.id).where(RETURNS.c.document_id == document_id))
        )
        for each in decided:
            known = each.tax_return.return_id in stale
            stale.discard(each.tax_return.return_id)
            new = _store_head(connection, document_id, each, known)
            new |= _store_forms(connection, each, pages)
            if new:
                self.audit.append(
                    "return.stored",
                    f"return:{each.tax_return.return_id}",
                    each.status.value,
                    detail={"batch": batch_id, "document": document_id},
                    connection=connection,
                )
        for return_id in sorted(stale):
            _remove_return(connection, return_id)
            self.audit.append(
                "return.removed",
                f"return:{return_id}",
                detail={"document": document_id},
                connection=connection,
            )
        settled = _document_status(connection, document_id, decided)
        if status is not settled:
            connection.execute(
                sa.update(DOCUMENTS)
                .where(DOCUMENTS.c.id == document_id)
                .values(status=settled, reason=None, message="", settled_at=now())
            )

    def _store_sample(self, connection: Connection, decided: DecidedReturn) -> None:
        if decided.sample is None:
            return
        return_id = decided.tax_return.return_id
        if drawn := store_sample(connection, return_id, decided.sample):
            subject, detail = f"return:{return_id}", {"fields": drawn}
            self.audit.append("sample.drawn", subject, detail=detail, connection=connection)

    def store_rule_results(self, results: Sequence[RuleResult]) -> None:
        """Replace what the rules said of these returns; the same again changes nothing."""

        def return_of(result: RuleResult) -> str:
            return result.return_id

        with self.writing() as connection:
            for return_id, group in groupby(sorted(results, key=return_of), return_of):
                self._store_rules(connection, return_id, list(group))

    def _store_rules(
        self,
        connection: Connection,
        return_id: str,
        results: Sequence[RuleResult],
        rules_version: str = "",
    ) -> None:
        rows = _rule_rows(results)
        stored = connection.execute(
            sa.select(RULES).where(RULES.c.return_id == return_id).order_by(RULES.c.position)
        ).mappings()
        if not rows or [dict(row) for row in stored] == rows:
            return
        connection.execute(sa.delete(RULES).where(RULES.c.return_id == return_id))
        connection.execute(sa.insert(RULES), rows)
        failed = sum(row["outcome"] is Outcome.FAIL for row in rows)
        self.audit.append(
            "rules.stored",
            f"return:{return_id}",
            detail={"results": len(rows), "failed": failed}
            | ({"rules": rules_version} if rules_version else {}),
            connection=connection,
        )


def _store_head(
    connection: Connection, document_id: int, decided: DecidedReturn, known: bool
) -> bool:
    row = {
        "id": decided.tax_return.return_id,
        "document_id": document_id,
        "department": decided.tax_return.department,
        "tax_year": decided.tax_return.tax_year,
        "status": decided.status,
        "reasons": [mask_text(reason) for reason in decided.reasons],
        "missing_pages": list(decided.tax_return.missing_pages),
    }
    mine = RETURNS.c.id == row["id"]
    if not known:
        connection.execute(sa.insert(RETURNS), row | {"decided_at": now()})
    elif changed(connection.execute(sa.select(RETURNS).where(mine)).mappings().one(), row):
        connection.execute(sa.update(RETURNS).where(mine).values(**row, decided_at=now()))
    else:
        return False
    return True


def _store_forms(
    connection: Connection, decided: DecidedReturn, pages: dict[int, RowMapping]
) -> bool:
    """Store a return's forms, tie their pages and values to them; whether anything changed."""
    return_id = decided.tax_return.return_id
    copies: Counter[tuple[str, int]] = Counter()
    wanted: list[dict[str, Any]] = []
    for position, form in enumerate(decided.tax_return.forms):
        copies[form.form, form.year] += 1
        wanted.append(
            {
                "return_id": return_id,
                "form": form.form,
                "year": form.year,
                "copy": copies[form.form, form.year],
                "position": position,
                "pages": list(form.pages),
            }
        )
    stored = (
        connection.execute(
            sa.select(FORMS).where(FORMS.c.return_id == return_id).order_by(FORMS.c.position)
        )
        .mappings()
        .all()
    )
    same = len(stored) == len(wanted) and not any(
        changed(old, new) for old, new in zip(stored, wanted, strict=True)
    )
    if same:
        ids = [row["id"] for row in stored]
    else:
        _remove_forms(connection, return_id)
        ids = insert_numbered(connection, FORMS, wanted)
    new = not same
    for form_id, form in zip(ids, decided.tax_return.forms, strict=True):
        new |= _tie_pages(connection, form_id, form, pages)
        new |= _store_values(connection, form_id, form, pages)
    return new


def _tie_pages(
    connection: Connection, form_id: int, form: FormInstance, pages: dict[int, RowMapping]
) -> bool:
    missing = [number for number in form.pages if number not in pages]
    if missing:
        raise DatabaseError(f"{form.form} {form.year}: page {missing[0]} was never stored")
    tied = set(
        connection.scalars(sa.select(PAGES.c.number).where(PAGES.c.return_form_id == form_id))
    )
    if tied == set(form.pages):
        return False
    mine = [pages[number]["id"] for number in form.pages]
    connection.execute(sa.update(PAGES).where(PAGES.c.id.in_(mine)).values(return_form_id=form_id))
    connection.execute(
        sa.update(VALUES)
        .where(VALUES.c.page_id.in_(_value_pages(form, pages).values()))
        .values(return_form_id=form_id)
    )
    return True


def _value_pages(form: FormInstance, pages: dict[int, RowMapping]) -> dict[int, int]:
    """Page of the form → id of the page that its values come from: the first, if it came twice."""
    found: dict[int, int] = {}
    for number in form.pages:
        form_page = pages[number]["form_page"]
        if form_page is not None:
            found.setdefault(form_page, pages[number]["id"])
    return found


def _store_values(
    connection: Connection, form_id: int, form: FormInstance, pages: dict[int, RowMapping]
) -> bool:
    places = _value_pages(form, pages)
    stored = {
        row["name"]: row
        for row in connection.execute(
            sa.select(VALUES).where(VALUES.c.return_form_id == form_id)
        ).mappings()
    }
    at = now()
    changes: list[dict[str, Any]] = []
    additions: list[dict[str, Any]] = []
    for position, value in enumerate(form.values):
        if value.page not in places:
            raise DatabaseError(f"{form.form} {form.year}: a value is on a page that it lacks")
        row = value_row(places[value.page], position, value, at)
        old = stored.get(value.name)
        if old is None:
            additions.append(row | {"return_form_id": form_id})
        elif changed(old, row, ignore=("decided_at", "position")) and not (
            old["decided_by"].startswith(PERSON) and not value.decided_by.startswith(PERSON)
        ):
            kept = {key: row[key] for key in row if key not in ("page_id", "name", "position")}
            changes.append(kept | {"of_page": old["page_id"], "of_name": value.name})
    if additions:
        connection.execute(sa.insert(VALUES), additions)
    if changes:
        connection.execute(
            sa.update(VALUES).where(
                VALUES.c.page_id == sa.bindparam("of_page"),
                VALUES.c.name == sa.bindparam("of_name"),
            ),
            changes,
        )
    return bool(additions or changes)


def _remove_forms(connection: Connection, return_id: str) -> None:
    mine = sa.select(FORMS.c.id).where(FORMS.c.return_id == return_id)
    for table in (VALUES, PAGES):
        connection.execute(
            sa.update(table).where(table.c.return_form_id.in_(mine)).values(return_form_id=None)
        )
    connection.execute(sa.delete(FORMS).where(FORMS.c.return_id == return_id))


def _remove_return(connection: Connection, return_id: str) -> None:
    _remove_forms(connection, return_id)
    connection.execute(sa.delete(RULES).where(RULES.c.return_id == return_id))
    connection.execute(sa.delete(REVIEWS).where(REVIEWS.c.return_id == return_id))
    store_sample(connection, return_id, ())
    connection.execute(sa.delete(RETURNS).where(RETURNS.c.id == return_id))


def _document_status(
    connection: Connection, document_id: int, decided: Sequence[DecidedReturn]
) -> DocumentStatus:
    """In review while a return is, or a page belongs to none."""
    stray = connection.scalar(
        sa.select(sa.func.count())
        .select_from(PAGES)
        .where(
            PAGES.c.document_id == document_id,
            needs_a_person(PAGES),
        )
    )
    waiting = stray or any(each.status is ReturnStatus.REVIEW for each in decided)
    return DocumentStatus.REVIEW if waiting else DocumentStatus.LOADED


def _rule_rows(results: Sequence[RuleResult]) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    rows = []
    for position, result in enumerate(results):
        seen[result.rule_id] += 1
        row = result.model_dump()
        row |= {
            "occurrence": seen[result.rule_id],
            "position": position,
            "message": mask_text(result.message),
        }
        rows.append(row)
    return rows

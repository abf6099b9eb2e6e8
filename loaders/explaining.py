"""Gathers why a return and its fields are held as they are, from all that is stored of it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.repository import Repository
from loaders.rows import ReturnRecord
from loaders.store import DOCUMENTS, PAGES, RETURNS, REVIEWS, VALUES, table_of
from schemas.department import Department
from schemas.errors import DatabaseError
from schemas.explanation import (
    EventTold,
    Explanation,
    FieldTold,
    FormTold,
    PageTold,
    ReviewTold,
    RuleInput,
    RuleTold,
)
from schemas.forms import FieldDefinition
from schemas.masked import holds_identifier, masked
from schemas.masking import mask_text
from schemas.readings import FieldValue
from schemas.rules import RuleDefinition, RuleResult
from schemas.tables import AuditEvent
from schemas.versions import definition_version, rules_version

_EVENTS = table_of(AuditEvent)


def explain_return(
    repository: Repository,
    return_id: str,
    department: Department | None,
    *,
    show_personal: bool = False,
) -> Explanation:
    """Everything that is stored of a return; `Explanation.of_field` narrows it.

    Args:
        department: whose return it is, for the texts of rules and the forms' own words; None
            where its files are not at hand.
        show_personal: identifiers in clear. The audit log records it before they are read.

    Raises:
        DatabaseError: there is no such return.
    """
    if show_personal:
        repository.audit.append("explain.unmasked", f"return:{return_id}")
    with repository.reading() as connection:
        head = (
            connection.execute(
                sa.select(RETURNS.c.decided_at, DOCUMENTS)
                .join(DOCUMENTS, DOCUMENTS.c.id == RETURNS.c.document_id)
                .where(RETURNS.c.id == return_id)
            )
            .mappings()
            .first()
        )
        if head is None:
            raise DatabaseError(f"there is no return {return_id}")
        stored = _load_stored(connection, return_id, head["id"])
    record = next(
        record
        for record in repository.returns_of([head["id"]])
        if record.tax_return.return_id == return_id
    )
    fields = tuple(_fields(record, stored, department, show_personal))
    used = {page for form in record.tax_return.forms for page in form.pages}
    events = tuple(_event(row) for row in stored.events)
    return Explanation(
        return_id=return_id,
        department=record.tax_return.department,
        department_title=department.settings.title if department else None,
        tax_year=record.tax_return.tax_year,
        status=record.status,
        reasons=tuple(mask_text(reason) for reason in record.reasons),
        missing_pages=record.tax_return.missing_pages,
        decided_at=head["decided_at"],
        file=mask_text(head["file"]),
        sha256=head["sha256"],
        size=head["size"],
        run=head["batch_id"],
        received_at=head["received_at"],
        forms=tuple(_forms(record, department)),
        pages=tuple(_page(row) for row in stored.pages if row["number"] in used),
        fields=fields,
        rules=tuple(_rules(record, fields, department)),
        reviews=tuple(
            _review(row)
            for row in stored.reviews
            if row["name"] is None and row["return_id"] in (return_id, None)
        ),
        events=events,
        rules_version=_rules_version(events),
        rules_version_now=rules_version(department) if department else None,
        shows_personal=show_personal,
    )


class _Stored(NamedTuple):
    """What the models of a return leave out."""

    pages: Sequence[RowMapping]
    decided_at: Mapping[tuple[int, str], datetime]
    """By page of the document and name of the field."""
    reviews: Sequence[RowMapping]
    events: Sequence[RowMapping]


def _load_stored(connection: Connection, return_id: str, document_id: int) -> _Stored:
    pages = sa.select(PAGES).where(PAGES.c.document_id == document_id).order_by(PAGES.c.number)
    decided = (
        sa.select(PAGES.c.number, VALUES.c.name, VALUES.c.decided_at)
        .join(PAGES, PAGES.c.id == VALUES.c.page_id)
        .where(PAGES.c.document_id == document_id)
    )
    reviews = (
        sa.select(REVIEWS, PAGES.c.number)
        .outerjoin(PAGES, PAGES.c.id == REVIEWS.c.page_id)
        .where(REVIEWS.c.document_id == document_id)
        .order_by(REVIEWS.c.opened_at, REVIEWS.c.key)
    )
    about = (f"return:{return_id}", f"document:{document_id}")
    events = sa.select(_EVENTS).where(_EVENTS.c.subject.in_(about)).order_by(_EVENTS.c.sequence)
    return _Stored(
        connection.execute(pages).mappings().all(),
        {(row.number, row.name): row.decided_at for row in connection.execute(decided)},
        connection.execute(reviews).mappings().all(),
        connection.execute(events).mappings().all(),
    )


def _forms(record: ReturnRecord, department: Department | None) -> Iterator[FormTold]:
    for copy, form in _copies(record):
        definition = department.form(form.form, form.year) if department else None
        yield FormTold(
            form=form.form,
            year=form.year,
            copy_number=copy,
            pages=form.pages,
            definition=definition_version(definition) if definition else None,
        )


def _copies(record: ReturnRecord) -> Iterator[tuple[int, Any]]:
    """Each form of the return with which copy it is, from 1."""
    seen: Counter[str] = Counter()
    for form in record.tax_return.forms:
        seen[form.form] += 1
        yield seen[form.form], form


def _page(row: RowMapping) -> PageTold:
    return PageTold(**{name: row[name] for name in PageTold.model_fields})


def _fields(
    record: ReturnRecord, stored: _Stored, department: Department | None, show_personal: bool
) -> Iterator[FieldTold]:
    reviews: dict[tuple[int, str], list[ReviewTold]] = defaultdict(list)
    for row in stored.reviews:
        if row["name"] is not None and row["number"] is not None:
            reviews[row["number"], row["name"]].append(_review(row))
    for (copy, form), pages in zip(_copies(record), record.form_pages, strict=True):
        definition = department.form(form.form, form.year) if department else None
        defined = {field.name: field for field in definition.fields()} if definition else {}
        for value in form.values:
            page = pages[value.page]
            yield _field(
                value if show_personal else masked(value),
                copy,
                page,
                defined.get(value.name),
                target_error=department.target_error(value.kind, value.form, value.name)
                if department
                else None,
                decided_at=stored.decided_at[page, value.name],
                reviews=tuple(reviews.get((page, value.name), ())),
                is_hidden=not show_personal and holds_identifier(value),
            )


def _field(
    value: FieldValue, copy: int, page: int, defined: FieldDefinition | None, **known: Any
) -> FieldTold:
    same = set(FieldTold.model_fields) & set(FieldValue.model_fields) - {"page"}
    return FieldTold(
        **{name: getattr(value, name) for name in same},
        **known,
        copy_number=copy,
        page=page,
        form_page=value.page,
        label=defined.label if defined else "",
        group=defined.group if defined else None,
    )


def _review(row: RowMapping) -> ReviewTold:
    told = {name: row[name] for name in ReviewTold.model_fields}
    return ReviewTold(**told | {"reason": mask_text(row["reason"])})


def _event(row: RowMapping) -> EventTold:
    told = {name: row[name] for name in EventTold.model_fields}
    return EventTold(**told | {"detail": json.loads(row["detail"])})


def _rules_version(events: Sequence[EventTold]) -> str | None:
    """Of the last time that what the rules said was stored."""
    stored = [event for event in events if event.action == "rules.stored"]
    version = stored[-1].detail.get("rules") if stored else None
    return str(version) if version else None


def _rules(
    record: ReturnRecord, fields: Sequence[FieldTold], department: Department | None
) -> Iterator[RuleTold]:
    year = record.tax_return.tax_year
    known = {
        rule.id: rule for rule in (department.rules if department else ()) if year in rule.years
    }
    lines = {(field.form, field.name): field.line for field in fields}
    for result in record.rules:
        yield _rule(result, known.get(result.rule_id), lines)


def _rule(
    result: RuleResult,
    rule: RuleDefinition | None,
    lines: Mapping[tuple[str, str], str | None],
) -> RuleTold:
    told = RuleTold(
        rule_id=result.rule_id,
        severity=result.severity,
        category=result.category,
        outcome=result.outcome,
        message=result.message,
        inputs=tuple(_inputs(result, rule, lines)),
    )
    if rule is None:
        return told
    shown = ("title", "form", "when", "check", "tolerance", "source")
    update = {name: getattr(rule, name) for name in shown}
    return told.model_copy(update=update | {"text": rule.plain_text})


def _inputs(
    result: RuleResult,
    rule: RuleDefinition | None,
    lines: Mapping[tuple[str, str], str | None],
) -> Iterator[RuleInput]:
    for key, value in result.inputs.items():
        form, _, name = key.rpartition(".")
        if not form:
            # A bare name is of the rule's own form; without the rule, of whichever form has it.
            form = rule.form if rule else next((f for f, n in lines if n == name), "")
        yield RuleInput(form=form, name=name, line=lines.get((form, name)), value=value)

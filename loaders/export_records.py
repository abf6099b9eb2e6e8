"""What an export says: one record a return, or a rejected file (see docs/export-format.md).

The format is a contract: others measure us by it. Keys may be added, never changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypedDict

from loaders.repository import Repository
from loaders.rows import DocumentRow, ReturnRecord
from schemas.masked import masked
from schemas.masking import mask_text
from schemas.readings import FieldValue, Reconciliation
from schemas.returns import ReturnStatus
from schemas.tables import DocumentStatus

FORMAT_VERSION: Final = "1.1"
"""The second number rises when keys are added (docs/export-format.md)."""


class FormRecord(TypedDict):
    """One form of a return."""

    form: str
    year: int
    pages: list[int]


class FirstRecord(TypedDict):
    """What was held of a field before the return was looked at as a whole."""

    value: str | bool | None
    as_read: str
    confidence: float
    status: str
    decided_by: str


class ReconciliationRecord(TypedDict):
    """What the arithmetic of the whole return said of one field."""

    outcome: str
    rules: list[str]
    probability: float
    first: FirstRecord
    alternative: str | None
    log_odds: float | None
    correction: str | None


class FieldRecord(TypedDict):
    """One field of a return."""

    form: str
    year: int
    page: int
    form_page: int
    name: str
    line: str | None
    source_field: str | None
    kind: str
    value: str | bool | None
    as_read: str
    confidence: float
    status: str
    decided_by: str
    bbox: list[int]
    reconciliation: ReconciliationRecord | None


class RuleRecord(TypedDict):
    """What one rule said."""

    id: str
    severity: str
    outcome: str
    message: str


class ExportRecord(TypedDict):
    """One line of the JSONL."""

    return_id: str | None
    file: str
    sha256: str | None
    department: str
    status: str
    reasons: list[str]
    forms: list[FormRecord]
    fields: list[FieldRecord]
    rules: list[RuleRecord]
    format_version: str


def export_records(
    repository: Repository, run: str, *, unmask: bool = False
) -> Iterator[ExportRecord]:
    """The records of a run, in order of delivery; few documents are in memory at a time.

    A document that came more than once in the run is told of once, under its first name;
    one that an earlier run had read is told of with what is held of it now.
    """
    found = repository.run(run)
    department, run = found.department, found.run
    seen: set[int] = set()
    waiting: list[DocumentRow] = []
    for row in repository.documents(run):
        if row.document_id is not None and row.state != DocumentStatus.REJECTED:
            if row.document_id in seen:
                continue
            seen.add(row.document_id)
        waiting.append(row)
        if len(waiting) == 20:
            yield from _records(repository, department, waiting, unmask)
            waiting = []
    yield from _records(repository, department, waiting, unmask)


def _records(
    repository: Repository, department: str, rows: list[DocumentRow], unmask: bool
) -> Iterator[ExportRecord]:
    found: dict[int, list[ReturnRecord]] = {}
    wanted = [row.document_id for row in rows if row.document_id is not None and row.returns]
    for record in repository.returns_of(wanted, with_readings=False):
        found.setdefault(record.document_id, []).append(record)
    for row in rows:
        returns = found.get(row.document_id, []) if row.document_id is not None else []
        if not returns or row.state == DocumentStatus.REJECTED:
            yield _without_return(department, row)
        else:
            for record in returns:
                yield _of_return(record, row.file, unmask)


def _without_return(department: str, row: DocumentRow) -> ExportRecord:
    rejected = row.state == DocumentStatus.REJECTED
    if row.reason is not None:
        reasons = [f"{row.reason.value}: {row.message}" if row.message else row.reason.value]
    elif row.state == "duplicate":
        reasons = ["duplicate: an earlier run received it, and no return was found in it"]
    else:
        reasons = ["no_return: no return was found in it"]
    return {
        "return_id": None,
        "file": row.file,
        "sha256": row.sha256,
        "department": department,
        "status": (ReturnStatus.REJECTED if rejected else ReturnStatus.REVIEW).value,
        "reasons": [mask_text(reason) for reason in reasons],
        "forms": [],
        "fields": [],
        "rules": [],
        "format_version": FORMAT_VERSION,
    }


def _of_return(record: ReturnRecord, file: str, unmask: bool) -> ExportRecord:
    held = record.tax_return
    return {
        "return_id": held.return_id,
        "file": file,
        "sha256": held.sha256,
        "department": held.department,
        "status": record.status.value,
        "reasons": [mask_text(reason) for reason in record.reasons],
        "forms": [
            {"form": form.form, "year": form.year, "pages": list(form.pages)} for form in held.forms
        ],
        "fields": [
            _field(value, pages, unmask)
            for form, pages in zip(held.forms, record.form_pages, strict=True)
            for value in form.values
        ],
        "rules": [
            {
                "id": rule.rule_id,
                "severity": rule.severity.value,
                "outcome": rule.outcome.value,
                "message": mask_text(rule.message),
            }
            for rule in record.rules
        ],
        "format_version": FORMAT_VERSION,
    }


def _field(value: FieldValue, pages: Mapping[int, int], unmask: bool) -> FieldRecord:
    shown = value if unmask else masked(value)
    return {
        "form": value.form,
        "year": value.year,
        "page": pages[value.page],
        "form_page": value.page,
        "name": value.name,
        "line": value.line,
        "source_field": value.source_field,
        "kind": value.kind.value,
        "value": shown.value,
        "as_read": shown.as_read,
        "confidence": value.confidence,
        "status": value.status.value,
        "decided_by": value.decided_by,
        "bbox": list(value.bbox),
        "reconciliation": _reconciliation(shown.reconciliation),
    }


def _reconciliation(said: Reconciliation | None) -> ReconciliationRecord | None:
    if said is None:
        return None
    first = said.first
    return {
        "outcome": said.outcome.value,
        "rules": list(said.rules),
        "probability": said.probability,
        "first": {
            "value": first.value,
            "as_read": first.as_read,
            "confidence": first.confidence,
            "status": first.status.value,
            "decided_by": first.decided_by,
        },
        "alternative": said.alternative,
        "log_odds": said.log_odds,
        "correction": None if said.correction is None else f"{said.correction:f}",
    }

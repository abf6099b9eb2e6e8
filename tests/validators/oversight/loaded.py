"""Batches loaded into a real database, in few lines: a document a batch, a page a return."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from small_department import department, filed
from sqlalchemy.engine import Engine

from loaders.findings import FindingStore
from loaders.repository import Repository
from loaders.rows import DecidedReturn
from loaders.store import BATCHES
from schemas.department import Department
from schemas.expectations import DepartmentExpectations
from schemas.findings import Finding
from schemas.readings import PageResult, PageStatus, ValueStatus
from schemas.returns import ReturnStatus, return_id
from validators.oversight.inquiry import BatchInView
from validators.oversight.watch import look_at_batch

SSN = "9003{:05d}"
"""In a range that is never issued."""


def expecting(**changes: Any) -> Department:
    """The small department, with expectations that few returns can meet or miss."""
    pack = department()
    said = DepartmentExpectations.model_validate({"least_history": 2, **changes})
    return pack.model_copy(
        update={"settings": pack.settings.model_copy(update={"expectations": said})}
    )


def only(name: str, **changes: Any) -> Department:
    """Only this expectation is asked, so that a test is quick."""
    parts = {"repeated_filer", "repeated_content", "changed_since_last_year", "unlike_peers"}
    parts |= {"acceptance", "blank_fields", "blank_scans", "confidence_drift", "amount_drift"}
    parts |= {"page_mix"}
    off = {part: {"enabled": False} for part in parts - {name}}
    above = {key: changes.pop(key) for key in ("history", "least_history") if key in changes}
    return expecting(**off, **{name: changes}, **above)


@dataclass
class Loaded:
    """A database being filled."""

    engine: Engine
    pack: Department
    names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.repository = Repository(self.engine, actor="person:tester")
        self.store = FindingStore(self.engine, actor="person:tester")

    def batch(
        self,
        returns: Sequence[dict[str, Any]],
        *,
        year: int = 2022,
        blank_pages: int = 0,
        confidence: float | Sequence[float] = 1.0,
        pack: Department | None = None,
    ) -> str:
        """Load a batch; each return is its main form's first page. The batch's id."""
        name = f"batch {len(self.names)}"
        self.names.append(name)
        batch_id = self.repository.start_or_resume_batch((pack or self.pack).name, name)
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        document = self.repository.receive(batch_id, f"{name}.tif", sha256, 1).document_id
        pages, decided = [], []
        for number, given in enumerate(returns, start=1):
            given = dict(given)
            status = given.pop("status", ReturnStatus.ACCEPTED)
            made = filed(given, year=given.pop("year", year), pages=(1,))
            sure = confidence if isinstance(confidence, float) else confidence[number - 1]
            form = made.forms[0]
            values = tuple(one.model_copy(update={"confidence": sure}) for one in form.values)
            form = form.model_copy(update={"pages": (number,), "values": values})
            update = {
                "forms": (form,),
                "sha256": sha256,
                "return_id": return_id(sha256, number),
                "department": (pack or self.pack).name,
            }
            waits = any(one.status is ValueStatus.REVIEW for one in values)
            status = ReturnStatus.REVIEW if waits else status
            decided.append(DecidedReturn(made.model_copy(update=update), status))
            pages.append(
                PageResult(
                    number=number, width=10, height=10, status=PageStatus.READ, form=form.form,
                    year=form.year, form_page=1, values=values,
                )
            )  # fmt: skip
        for number in range(len(pages) + 1, len(pages) + 1 + blank_pages):
            pages.append(PageResult(number=number, width=10, height=10, status=PageStatus.BLANK))
        self.repository.store_pages(document, pages)
        self.repository.store_returns(batch_id, decided)
        self.repository.finish_batch(batch_id)
        self._age(batch_id)
        return batch_id

    def _age(self, batch_id: str) -> None:
        """One batch a minute: on a quick machine several begin in the same moment."""
        begun = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=len(self.names))
        with self.engine.begin() as connection:
            connection.execute(
                sa.update(BATCHES).where(BATCHES.c.id == batch_id).values(started_at=begun)
            )

    def view(self, batch_id: str, pack: Department | None = None) -> BatchInView:
        pack = pack or self.pack
        history = pack.settings.expectations.history
        self.store.measure(batch_id, history)
        return BatchInView(
            department=pack,
            batch_id=batch_id,
            earlier=self.store.earlier_batches(batch_id, history),
            sqlite=self.engine.dialect.name == "sqlite",
        )

    def look(
        self, batch_id: str, pack: Department | None = None, docs: Any = None
    ) -> list[Finding]:
        """What is found of a batch, as it is stored."""

        def record(found: Sequence[Finding]) -> None:
            self.store.store_findings(batch_id, found)

        look_at_batch(self.engine, self.view(batch_id, pack), record, docs)
        return self.store.findings(batch_id)

    def returns(self, batch_id: str) -> list[str]:
        """Surrogate keys, in the order in which the returns were given."""
        return [one.tax_return.return_id for one in self.repository.returns(batch_id)]

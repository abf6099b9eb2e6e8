"""Looking at a batch as a whole, at size: `python -m benchmarks.overseeing --returns 1000 10000`.

Two hundred invented returns are loaded as a run loads them; in SQL they become three batches of as
many returns as wanted, each with an identifier and amounts of its own. The third is then looked at:
counted, and asked every expectation, on SQLite.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from benchmarks.invented_readings import invented_case
from loaders.database import open_database, writing
from loaders.findings import FindingStore
from loaders.repository import Repository
from loaders.rows import DecidedReturn
from schemas.department import Department
from schemas.packs import load_department
from schemas.readings import PageResult, PageStatus
from schemas.returns import ReturnStatus
from schemas.rules import Outcome
from schemas.tables import Base
from validators.oversight.inquiries import of_batches, of_returns
from validators.oversight.inquiry import BatchInView, ask

_DISTINCT = 200
_BATCHES = 3
_SEED = 5
_ID_STEP = 10_000_000
"""Between the row numbers of one copy and the next."""


def load_originals(engine: Engine, department: Department) -> str:
    """The invented returns, a document each; the id of their batch."""
    repository = Repository(engine, actor="person:benchmark")
    batch_id = repository.start_or_resume_batch(department.name, "originals")
    for number in range(_DISTINCT):
        read = invented_case(number, _SEED, department, 0.05).read
        sha256 = hashlib.sha256(str(number).encode()).hexdigest()
        document = repository.receive(batch_id, f"{number}.tif", sha256, 1).document_id
        pages: list[PageResult] = []
        forms = []
        for form in read.forms:
            numbers = []
            for page in form.pages:
                numbers.append(len(pages) + 1)
                pages.append(
                    PageResult(
                        number=len(pages) + 1, width=1, height=1, status=PageStatus.READ,
                        form=form.form, year=form.year, form_page=page,
                        values=tuple(one for one in form.values if one.page == page),
                    )
                )  # fmt: skip
            forms.append(form.model_copy(update={"pages": tuple(numbers)}))
        repository.store_pages(document, pages)
        update = {"sha256": sha256, "forms": tuple(forms), "return_id": f"{number:05d}"}
        made = read.model_copy(update=update)
        repository.store_returns(batch_id, [DecidedReturn(made, ReturnStatus.REVIEW)])
    return batch_id


def make_batches(connection: Connection, original: str, returns: int, field: str) -> list[str]:
    """Copies of the originals, as three batches."""
    copies = max(1, returns // _DISTINCT)
    batches = [f"2026010{number + 1}-1" for number in range(_BATCHES)]
    for at, batch in enumerate(batches):
        _copy(
            connection, "batches", f"id = '{original}'", {
                "id": f"'{batch}'", "inbox": f"'{batch}'",
                "started_at": f"'2026-01-0{at + 1} 00:00:00.000000'",
            },
        )  # fmt: skip
        for copy in range(copies):
            step = (1 + at * copies + copy) * _ID_STEP
            key = f"'{at}-{copy}-'"
            mine = "document_id < " + str(_ID_STEP)
            moved = f"document_id + {step}"
            _copy(
                connection, "documents", f"batch_id = '{original}'", {
                    "id": f"id + {step}", "batch_id": f"'{batch}'", "sha256": f"{key} || sha256",
                },
            )  # fmt: skip
            _copy(connection, "returns", mine, {"id": f"{key} || id", "document_id": moved})
            _copy(
                connection, "return_forms", f"id < {_ID_STEP}",
                {"id": f"id + {step}", "return_id": f"{key} || return_id"},
            )  # fmt: skip
            _copy(
                connection, "pages", mine, {
                    "id": f"id + {step}", "document_id": moved,
                    "return_form_id": f"return_form_id + {step}",
                },
            )  # fmt: skip
            number = at * copies + copy
            _copy(
                connection, "field_values", f"page_id < {_ID_STEP}", {
                    "page_id": f"page_id + {step}", "return_form_id": f"return_form_id + {step}",
                    "readings": "'[]'",
                    "value": f"CASE WHEN name = '{field}' AND value IS NOT NULL THEN "
                    f"value || '-{number}' ELSE value END",
                    "amount": f"CASE WHEN amount > 0 THEN amount + {number * 10_000} "
                    "ELSE amount END",
                },
            )  # fmt: skip
    return batches


def _copy(connection: Connection, table: str, where: str, changes: dict[str, str]) -> None:
    names = [column.name for column in Base.metadata.tables[table].columns]
    chosen = ", ".join(changes.get(name, name) for name in names)
    listed = ", ".join(names)
    # Nothing of this comes from outside.
    statement = f"INSERT INTO {table} ({listed}) SELECT {chosen} FROM {table} WHERE {where}"  # noqa: S608
    connection.execute(sa.text(statement))


def measure(returns: int, department: Department, folder: Path) -> None:
    """Make a database, look at its last batch, and print what it took."""
    engine = open_database(f"sqlite:///{folder / f'{returns}.db'}")
    original = load_originals(engine, department)
    probe = BatchInView(department, original, (), sqlite=True)
    with writing(engine) as connection:
        batches = make_batches(connection, original, returns, probe.identifiers()[0])
        values = connection.execute(sa.text("SELECT count(*) FROM field_values")).scalar_one()
    store = FindingStore(engine)
    print(f"{returns:,} returns a batch, {_BATCHES} batches, {values:,} values", flush=True)
    for batch in batches:
        begun = time.process_time()
        store.measure(batch, history=1)
    print(f"  counting the last batch {time.process_time() - begun:.1f} s", flush=True)
    expected = department.settings.expectations.model_copy(update={"least_history": 2})
    settings = department.settings.model_copy(update={"expectations": expected})
    pack = department.model_copy(update={"settings": settings})
    view = BatchInView(pack, batches[-1], tuple(reversed(batches[:-1])), sqlite=True)
    for inquiry in (*of_returns(view), *of_batches(view)):
        begun = time.process_time()
        with engine.connect() as connection:
            answer = ask(inquiry, connection.execute)
        outcome = Outcome.FAIL if answer.subjects else Outcome.PASS
        print(
            f"  {inquiry.id:24} {time.process_time() - begun:6.1f} s  "
            f"{answer.basis:,} compared, {len(answer.subjects)} subjects "
            f"{answer.failure or outcome.value}",
            flush=True,
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak of memory {peak:,.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--returns", type=int, nargs="+", default=[1_000])
    parser.add_argument("--department", default="us_irs")
    said = parser.parse_args()
    department = load_department(said.department)
    for returns in said.returns:
        with tempfile.TemporaryDirectory() as folder:
            measure(returns, department, Path(folder))


if __name__ == "__main__":
    main()

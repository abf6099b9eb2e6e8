from __future__ import annotations

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import made
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.database import open_database
from loaders.repository import Repository
from loaders.rows import AccountingError, ReceivedAs
from loaders.store import DOCUMENTS, PAGES, VALUES
from schemas.errors import DatabaseError, RejectReason
from schemas.readings import PageStatus, ValueStatus
from schemas.tables import Base, BatchStatus, DocumentStatus

UNSURE = made.first_page(wages_status=ValueStatus.REVIEW)


def everything(engine: Engine, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple]]:
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in without
        }


def run(repository: Repository, files: dict[str, list], inbox: str = "/in") -> str:
    batch = repository.start_or_resume_batch("us_irs", inbox)
    for file, pages in files.items():
        received = repository.receive(batch, file, made.sha(file), 1000)
        if received.to_read:
            repository.store_pages(received.document_id, pages)
            if any(page.status is PageStatus.READ for page in pages):
                read = [page for page in pages if page.status is PageStatus.READ]
                decided = made.decided(file, *read)
                repository.store_returns(batch, [decided], made.rule_results(decided))
    return batch


def test_what_is_stored_comes_back_as_it_was(repository: Repository) -> None:
    pages = [made.first_page(), made.second_page(), made.odd_page(3, PageStatus.BLANK)]
    batch = run(repository, {"a b 'ü'.pdf": pages})
    [row] = repository.documents(batch)
    assert repository.load_pages(row.document_id) == tuple(pages)
    [record] = repository.returns(batch)
    assert record.tax_return == made.tax_return("a b 'ü'.pdf", *pages[:2])
    assert list(record.rules) == made.rule_results(made.decided("a b 'ü'.pdf", *pages[:2]))
    assert record.form_pages == ({1: 1, 2: 2},)


def test_every_step_done_again_changes_nothing(repository: Repository, engine: Engine) -> None:
    files = {
        "a.pdf": [UNSURE, made.second_page()],
        "cat.jpg": [made.odd_page(1, PageStatus.UNKNOWN)],
    }
    batch = run(repository, files)
    repository.reject_file(batch, "empty.pdf", RejectReason.EMPTY_FILE, "the file is empty")
    repository.refresh_review_items(batch)
    before = everything(engine, without=("audit_events",))
    steps = repository.audit.head().sequence
    run(repository, files)
    for document in repository.documents(batch):
        if document.document_id:
            repository.store_pages(document.document_id, files[document.file])
    repository.store_returns(batch, [made.decided("a.pdf", *files["a.pdf"])])
    repository.store_rule_results(made.rule_results(made.decided("a.pdf", *files["a.pdf"])))
    repository.reject_file(batch, "empty.pdf", RejectReason.EMPTY_FILE, "the file is empty")
    repository.refresh_review_items(batch)
    assert everything(engine, without=("audit_events",)) == before
    assert repository.audit.head().sequence == steps + 1, "only that the batch was resumed"


def test_counts_add_up(repository: Repository) -> None:
    unfinished = repository.receive(
        repository.start_or_resume_batch("us_irs", "/in"), "late.pdf", made.sha("late"), 5
    )
    batch = run(
        repository,
        {
            "good.pdf": [made.first_page(), made.second_page()],
            "unsure.pdf": [UNSURE, made.odd_page(2, PageStatus.REFUSED)],
            "cat.jpg": [made.odd_page(1, PageStatus.UNKNOWN)],
            "white.pdf": [made.odd_page(1, PageStatus.BLANK)],
        },
    )
    repository.receive(batch, "good again.pdf", made.sha("good.pdf"), 1000)
    repository.reject_file(batch, "link.pdf", RejectReason.OUTSIDE_INBOX, "a link")
    summary = repository.finish_batch(batch)
    assert summary.status is BatchStatus.OPEN, "a document is in flight"
    assert summary.documents.model_dump() == {
        "received": 7,
        "loaded": 1,
        "in_review": 1,
        "rejected": 3,
        "duplicate": 1,
        "in_flight": 1,
    }
    assert summary.pages.model_dump() == {
        "total": 6,
        "read": 3,
        "blank": 1,
        "unknown": 1,
        "refused": 1,
    }
    assert summary.reject_reasons == {
        RejectReason.OUTSIDE_INBOX: 1,
        RejectReason.UNKNOWN_FORM: 1,
        RejectReason.BLANK: 1,
    }
    assert summary.review_items == 3, "a field, a refused page, an unknown page"
    [field] = [row for row in repository.review_items(batch) if row.name]
    assert (field.name, field.page, field.bbox) == ("wages", 1, (100, 200, 300, 240))
    assert len(repository.review_items()) == 3
    repository.reject(unfinished.document_id, RejectReason.TRUNCATED, "cut short")
    done = repository.finish_batch(batch)
    assert done.status is BatchStatus.FINISHED
    assert done.documents.rejected == 4
    states = {row.file: row.state for row in repository.documents(batch)}
    assert states["unsure.pdf"] == "review" and states["good again.pdf"] == "duplicate"


def test_lost_pages_are_noticed(repository: Repository, engine: Engine) -> None:
    batch = run(repository, {"a.pdf": [made.first_page(), made.second_page()]})
    with engine.begin() as connection:
        connection.execute(sa.update(DOCUMENTS).values(page_count=3))
    with pytest.raises(AccountingError, match="3 pages received"):
        repository.finish_batch(batch)


def test_the_same_bytes_again_are_a_duplicate(repository: Repository) -> None:
    first = run(repository, {"a.pdf": [made.first_page()]})
    same = repository.receive(first, "a.pdf", made.sha("a.pdf"), 1000)
    assert same.state is ReceivedAs.DONE
    repository.finish_batch(first)
    second = repository.start_or_resume_batch("us_irs", "/in")
    assert second != first
    assert repository.receive(second, "b.pdf", made.sha("a.pdf"), 1000).state is (
        ReceivedAs.DUPLICATE
    )
    other = repository.start_or_resume_batch("elsewhere", "/in")
    assert repository.receive(other, "a.pdf", made.sha("a.pdf"), 1000).state is ReceivedAs.NEW


def test_a_broken_off_run_is_resumed(repository: Repository) -> None:
    first = repository.start_or_resume_batch("us_irs", "/in")
    received = repository.receive(first, "a.pdf", made.sha("a.pdf"), 1000)
    assert repository.start_or_resume_batch("us_irs", "/in") == first
    again = repository.receive(first, "a.pdf", made.sha("a.pdf"), 1000)
    assert again == (received.document_id, ReceivedAs.UNFINISHED)
    assert [each.document_id for each in repository.pending_documents(first)] == [
        received.document_id
    ]
    # The same file in another inbox goes on from there; both batches' counts add up.
    second = repository.start_or_resume_batch("us_irs", "/other")
    assert repository.receive(second, "x.pdf", made.sha("a.pdf"), 1000).to_read
    assert repository.batch_summary(first).documents.duplicate == 1
    assert repository.batch_summary(second).documents.in_flight == 1


def test_a_file_rejected_while_it_was_written_is_taken_later(repository: Repository) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    repository.reject_file(batch, "a.pdf", RejectReason.STILL_BEING_WRITTEN, "growing")
    repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000)
    assert repository.batch_summary(batch).documents.received == 1


def test_what_our_engine_failed_on_is_read_when_it_comes_again(repository: Repository) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000).document_id
    repository.reject(document, RejectReason.ENGINE_FAILED, "no engine answered")
    repository.finish_batch(batch)
    later = repository.start_or_resume_batch("us_irs", "/in")
    assert repository.receive(later, "a.pdf", made.sha("a.pdf"), 1000).state is (
        ReceivedAs.UNFINISHED
    )
    assert repository.batch_summary(batch).documents.rejected == 1


def test_a_failure_in_the_middle_keeps_nothing(repository: Repository, engine: Engine) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000).document_id
    twice = made.first_page()
    twice = twice.model_copy(update={"values": (*twice.values, twice.values[0])})
    with pytest.raises(DatabaseError):
        repository.store_pages(document, [made.second_page(number=1), twice])
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(PAGES)) == 0
        assert connection.scalar(sa.select(DOCUMENTS.c.status)) is DocumentStatus.RECEIVED


def test_errors_and_logs_never_quote_values(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    repository = Repository(open_database(url))
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000).document_id
    page = made.first_page()
    twice = page.model_copy(update={"values": (page.values[3], page.values[3])})
    with pytest.raises(DatabaseError) as caught:
        repository.store_pages(document, [twice])
    repository.store_pages(document, [page])
    repository.load_pages(document)
    repository.engine.dispose()
    told = repr(caught.value) + str(caught.value.__cause__) + caplog.text
    assert made.SSN not in told and "Ada" not in told


def test_a_killed_run_goes_on_where_it_was(url: str) -> None:
    code = """
import sys
import made
from loaders.database import open_database
from loaders.repository import Repository
repository = Repository(open_database(sys.argv[1]))
pages = [made.first_page(), made.second_page()]
batch = repository.start_or_resume_batch("us_irs", "/in")
for number in range(int(sys.argv[2])):
    file = f"{number}.pdf"
    received = repository.receive(batch, file, made.sha(file), 1000)
    print(number, flush=True)
    if received.to_read:
        repository.store_pages(received.document_id, pages)
        repository.store_returns(batch, [made.decided(file, *pages)])
"""
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parents[1])])
    command = [sys.executable, "-c", code, url]
    environment = os.environ | {"PYTHONPATH": paths}
    process = subprocess.Popen([*command, "1000"], stdout=subprocess.PIPE, env=environment)
    assert process.stdout is not None
    for _ in range(7):
        process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    subprocess.run([*command, "60"], check=True, stdout=subprocess.DEVNULL, env=environment)
    repository = Repository(open_database(url))
    [run_row] = repository.runs()
    summary = repository.finish_batch(run_row.run)
    repository.engine.dispose()
    assert summary.documents.received == summary.documents.loaded >= 60
    assert summary.pages.total == 2 * summary.documents.loaded
    assert repository.audit.verify().sound


def test_reconciled_values_replace_those_read_but_never_a_person(
    repository: Repository, engine: Engine
) -> None:
    batch = run(repository, {"a.pdf": [UNSURE]})
    assert repository.finish_batch(batch).review_items == 1

    def with_wages(amount: str, by: str):
        held = {"value": amount, "status": ValueStatus.ACCEPTED, "decided_by": by, "reason": None}
        values = tuple(
            value.model_copy(update=held) if value.name == "wages" else value
            for value in UNSURE.values
        )
        return made.decided("a.pdf", UNSURE.model_copy(update={"values": values}))

    def wages():
        [record] = repository.returns(batch)
        return record.tax_return.forms[0].by_name()["wages"].value

    repository.store_returns(batch, [with_wages("52341", "engines:a+b")])
    assert wages() == "52341"
    assert repository.refresh_review_items(batch) == 0
    repository.store_returns(batch, [with_wages("52342", "person:clerk")])
    repository.store_returns(batch, [with_wages("52343", "engines:a+b")])
    assert wages() == "52342"
    [row] = repository.documents(batch)
    changed = UNSURE.model_copy(update={"registration_score": 0.99})
    assert repository.store_pages(row.document_id, [changed]), "read again, differently"
    assert {value.name: value.value for value in repository.load_pages(row.document_id)[0].values}[
        "wages"
    ] == "52342"


def test_returns_that_a_document_no_longer_has_are_removed(repository: Repository) -> None:
    pages = [made.first_page(), made.second_page(), made.first_page(number=3)]
    batch = repository.start_or_resume_batch("us_irs", "/in")
    document = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000).document_id
    repository.store_pages(document, pages)
    both = [made.decided("a.pdf", *pages[:2]), made.decided("a.pdf", pages[2])]
    repository.store_returns(batch, both)
    assert len(list(repository.returns(batch))) == 2
    repository.store_returns(batch, both[:1])
    [record] = repository.returns(batch)
    assert record.tax_return == both[0].tax_return
    assert repository.finish_batch(batch).review_items == 1, "the third page belongs to no return"


def test_threads_share_a_repository(repository: Repository) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")

    def work(number: int) -> ReceivedAs:
        file = f"{number % 8}.pdf"
        received = repository.receive(batch, f"{number}.pdf", made.sha(file), 1000)
        if received.state is ReceivedAs.NEW:
            pages = [made.first_page(), made.second_page()]
            repository.store_pages(received.document_id, pages)
            repository.store_returns(batch, [made.decided(file, *pages)])
        return received.state

    with ThreadPoolExecutor(6) as pool:
        states = list(pool.map(work, range(24)))
    assert states.count(ReceivedAs.NEW) == 8
    summary = repository.finish_batch(batch)
    assert summary.documents.received == 24
    assert summary.documents.loaded == 8 and summary.documents.duplicate == 16
    assert repository.audit.verify().sound


def test_a_typed_column_is_empty_rather_than_wrong(repository: Repository, engine: Engine) -> None:
    page = made.first_page("99999999999999999999")
    run(repository, {"a.pdf": [page]})
    with engine.connect() as connection:
        row = connection.execute(sa.select(VALUES).where(VALUES.c.name == "wages")).one()
    assert row.value == "99999999999999999999" and row.amount is None


def test_an_unknown_run_is_named_with_those_that_are_known(repository: Repository) -> None:
    batch = repository.start_or_resume_batch("us_irs", "/in")
    assert repository.run("latest").run == batch
    with pytest.raises(DatabaseError, match=batch):
        repository.run("19990101-1")

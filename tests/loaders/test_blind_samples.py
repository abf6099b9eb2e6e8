"""The blind sample in the database: drawn, keyed, compared, settled, measured."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import made
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sqlalchemy.engine import Engine

from loaders.accuracy import accuracy, interval
from loaders.repository import Repository
from loaders.samples import KeyingError
from schemas.forms import FieldKind
from schemas.readings import ValueStatus
from schemas.returns import ReturnStatus, SampledPlace
from schemas.sampled import SampledField, SampleOutcome
from schemas.tables import DocumentStatus, ReviewKind

NAMES = ("filing_status_single", "taxpayer_first_name", "taxpayer_ssn", "wages", "signed_on")
BLANK = "filing_status_married_filing_jointly"
DRAWN = tuple(SampledPlace(0, name) for name in (*NAMES, BLANK))


@pytest.fixture
def batch(repository: Repository) -> str:
    """An accepted return of two pages with six fields in the sample."""
    pages = [made.first_page(), made.second_page()]
    batch = repository.start_or_resume_batch("us_irs", "/in")
    received = repository.receive(batch, "a.pdf", made.sha("a.pdf"), 1000)
    repository.store_pages(received.document_id, pages)
    repository.store_returns(batch, [made.decided("a.pdf", *pages)._replace(sample=DRAWN)])
    repository.finish_batch(batch)
    return batch


def keys(repository: Repository) -> dict[str, str]:
    return {str(row.name): row.key for row in repository.review_items(sample=True)}


def the_return(repository: Repository, batch: str):
    [record] = repository.returns(batch)
    return record


def held(repository: Repository, batch: str, name: str):
    return the_return(repository, batch).tax_return.forms[0].by_name()[name]


def test_a_sampled_return_stays_accepted_and_loaded(repository: Repository, batch: str) -> None:
    assert the_return(repository, batch).status is ReturnStatus.ACCEPTED
    [document] = repository.documents(batch)
    assert document.state == DocumentStatus.LOADED
    summary = repository.batch_summary(batch)
    assert (summary.review_items, summary.sample_items, summary.sampled_returns) == (0, 6, 1)
    assert repository.review_items() == [], "it is no doubt"
    items = repository.review_items(batch, sample=True)
    assert {item.name for item in items} == {*NAMES, BLANK}
    assert all(item.kind is ReviewKind.SAMPLE and item.bbox and item.page for item in items)


def test_the_items_never_show_what_we_hold(repository: Repository, batch: str) -> None:
    said = "".join(item.model_dump_json() for item in repository.review_items(sample=True))
    for value in ("52340", "Ada", made.SSN, made.SSN[-4:], "2023-04-15"):
        assert value not in said


def test_drawing_again_changes_nothing_and_drops_what_is_drawn_no_more(
    repository: Repository, engine: Engine, batch: str
) -> None:
    made_so = made.decided("a.pdf", made.first_page(), made.second_page())
    before, events = rows(engine), repository.audit.head().sequence
    repository.store_returns(batch, [made_so._replace(sample=DRAWN)])
    repository.store_returns(batch, [made_so])
    assert (rows(engine), repository.audit.head().sequence) == (before, events)

    repository.key_sampled(keys(repository)["wages"], "52340.50", "person:ada")
    repository.store_returns(batch, [made_so._replace(sample=())])
    repository.refresh_review_items(batch)
    assert [row["outcome"] for row in rows(engine)] == [SampleOutcome.AGREED]
    assert keys(repository) == {}


@pytest.mark.parametrize(
    ("name", "keyed"),
    [
        ("wages", "52340.50"),
        ("taxpayer_first_name", "ADA."),  # of words, case and stops say nothing
        ("filing_status_single", "true"),
        (BLANK, "false"),
    ],
)
def test_what_is_keyed_as_we_hold_it_agrees(
    repository: Repository, engine: Engine, batch: str, name: str, keyed: str
) -> None:
    before = held(repository, batch, name)
    assert repository.key_sampled(keys(repository)[name], keyed, "person:ada") == "agreed"
    assert held(repository, batch, name) == before
    assert name not in keys(repository)
    [row] = [row for row in rows(engine) if row["name"] == name]
    assert (row["keyed_by"], row["keyed"], row["held"]) == ("person:ada", None, None)
    assert the_return(repository, batch).status is ReturnStatus.ACCEPTED


@pytest.mark.parametrize(("name", "keyed"), [("wages", "52340"), ("wages", None), (BLANK, "true")])
def test_what_is_keyed_otherwise_goes_to_a_person_and_overwrites_nothing(
    repository: Repository, batch: str, name: str, keyed: str | None
) -> None:
    before = held(repository, batch, name)
    assert repository.key_sampled(keys(repository)[name], keyed, "person:ada") == "differs"
    now = held(repository, batch, name)
    assert (now.value, now.readings, now.decided_by) == (
        before.value, before.readings, before.decided_by,
    )  # fmt: skip
    assert now.status is ValueStatus.REVIEW
    record = the_return(repository, batch)
    assert record.status is ReturnStatus.REVIEW
    assert record.reasons == (
        f"1 field of form_1040 2022 keyed otherwise in the blind sample: {name}",
    )
    [document] = repository.documents(batch)
    assert document.state == DocumentStatus.REVIEW
    [item] = repository.review_items(batch)
    assert (item.kind, item.name) == (ReviewKind.FIELD, name)
    assert repository.unaccounted(batch) == []
    assert repository.batch_summary(batch).sample_items == 5


def test_a_second_person_who_finds_what_we_hold_upholds_it(
    repository: Repository, batch: str
) -> None:
    key = keys(repository)["wages"]
    repository.key_sampled(key, "52349.50", "person:ada")
    with pytest.raises(KeyingError, match="another person"):
        repository.settle_sampled(key, "52340.50", "person:ada")
    assert repository.settle_sampled(key, "52340.50", "person:bo") is SampleOutcome.UPHELD
    now = held(repository, batch, "wages")
    assert (now.value, now.status, now.decided_by) == (
        "52340.50", ValueStatus.ACCEPTED, "person:bo",
    )  # fmt: skip
    [item] = repository.review_items(batch)
    assert item.kind is ReviewKind.RETURN, "to be decided again"
    with pytest.raises(KeyingError, match="no difference"):
        repository.settle_sampled(key, "1", "person:cy")


def test_a_second_person_who_finds_otherwise_proves_us_wrong(
    repository: Repository, engine: Engine, batch: str
) -> None:
    key = keys(repository)["wages"]
    readings = held(repository, batch, "wages").readings
    repository.key_sampled(key, "52349.50", "person:ada")
    assert repository.settle_sampled(key, "52349.50", "person:bo") is SampleOutcome.WRONG
    now = held(repository, batch, "wages")
    assert (now.value, str(now.amount), now.readings) == ("52349.50", "52349.50", readings)
    [row] = [row for row in rows(engine) if row["name"] == "wages"]
    assert (row["held"], row["keyed"], row["settled_by"]) == ("52340.50", "52349.50", "person:bo")


def test_a_field_that_is_blank_after_all_is_held_so(repository: Repository, batch: str) -> None:
    key = keys(repository)["wages"]
    repository.key_sampled(key, None, "person:ada")
    assert repository.settle_sampled(key, None, "person:bo") is SampleOutcome.WRONG
    now = held(repository, batch, "wages")
    assert (now.value, now.status) == (None, ValueStatus.BLANK)


def test_what_nobody_can_read_is_told_apart(repository: Repository, batch: str) -> None:
    key = keys(repository)["wages"]
    assert repository.key_sampled(key, None, "person:ada", illegible=True) == "illegible"
    found = accuracy(repository.engine)
    assert (found.filled.illegible, found.filled.keyed, found.filled.error) == (1, 0, None)
    assert the_return(repository, batch).status is ReturnStatus.ACCEPTED


def test_what_does_not_wait_cannot_be_keyed(repository: Repository, batch: str) -> None:
    key = keys(repository)["wages"]
    with pytest.raises(ValueError, match="no person"):
        repository.key_sampled(key, "1", "engine:x")
    for wrong in ("", "sample:1", "sample:x:wages", "sample:99999:wages", "field:1:wages"):
        with pytest.raises(KeyingError, match="no sampled field"):
            repository.key_sampled(wrong, "1", "person:ada")
    repository.key_sampled(key, "52340.50", "person:ada")
    with pytest.raises(KeyingError, match="does not wait"):
        repository.key_sampled(key, "52340.50", "person:bo")


def test_of_two_who_key_at_once_one_is_heard(repository: Repository, batch: str) -> None:
    key = keys(repository)["wages"]

    def try_it(number: int) -> str:
        try:
            return repository.key_sampled(key, str(number), f"person:p{number}").value
        except KeyingError:
            return "refused"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(try_it, range(4))) == ["differs", *["refused"] * 3]


def test_the_log_says_who_keyed_what_field_and_never_what_is_in_it(
    repository: Repository, engine: Engine, batch: str
) -> None:
    key = keys(repository)["taxpayer_ssn"]
    repository.key_sampled(key, "912345670", "person:ada")
    repository.settle_sampled(key, "912345670", "person:bo")
    with engine.connect() as connection:
        events = connection.execute(
            sa.text("select actor, action, subject, outcome, detail from audit_events")
        ).all()
    told = [tuple(event[:4]) for event in events if event.action.startswith("sample.")]
    assert told[1:] == [
        ("person:ada", "sample.keyed", key, "differs"),
        ("person:bo", "sample.settled", key, "wrong"),
    ]
    assert told[0][1] == "sample.drawn"
    assert "91234567" not in str(events)
    assert repository.audit.verify().sound


def test_accuracy_counts_by_kind_and_open_differences_as_ours(
    repository: Repository, batch: str
) -> None:
    known = keys(repository)
    repository.key_sampled(known["filing_status_single"], "true", "person:ada")
    repository.key_sampled(known["taxpayer_first_name"], "Ida", "person:ada")
    repository.key_sampled(known["taxpayer_ssn"], made.SSN, "person:ada")
    repository.key_sampled(known["wages"], "1", "person:ada")
    repository.key_sampled(known[BLANK], "true", "person:ada")
    repository.settle_sampled(known["wages"], "52340.50", "person:bo")
    found = accuracy(repository.engine, "us_irs")
    filled = found.filled
    assert (found.returns, found.returns_done) == (1, 0)
    assert (filled.keyed, filled.differing, filled.upheld, filled.wrong) == (4, 2, 1, 0)
    assert (filled.open, filled.waiting, filled.error) == (1, 1, 0.25)
    assert (filled.low, filled.high) == interval(1, 4)
    assert (found.blank.keyed, found.blank.error) == (1, 1.0)
    kinds = {row.kind: (row.keyed, row.error) for row in found.by_kind}
    assert kinds == {
        FieldKind.CHOICE: (1, 0.0),
        FieldKind.NAME: (1, 1.0),
        FieldKind.TAXPAYER_ID: (1, 0.0),
        FieldKind.AMOUNT: (1, 0.0),
        FieldKind.DATE: (0, None),
    }
    assert accuracy(repository.engine, "another").returns == 0
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert accuracy(repository.engine, since=tomorrow).returns == 0


@settings(deadline=None)
@given(st.integers(1, 3000), st.data())
def test_the_interval_holds_what_it_promises(of: int, data: st.DataObject) -> None:
    wrong = data.draw(st.integers(0, of))
    low, high = interval(wrong, of)
    assert 0 <= low <= wrong / of <= high <= 1
    # Were the true share at an end, so many or so few would be seen once in 40 times.
    if wrong:
        assert binom.sf(wrong - 1, of, low) == pytest.approx(0.025, rel=1e-3)
    if wrong < of:
        assert binom.cdf(wrong, of, high) == pytest.approx(0.025, rel=1e-3)


def test_nothing_keyed_says_nothing() -> None:
    assert interval(0, 0) == (0.0, 1.0)


def rows(engine: Engine):
    with engine.connect() as connection:
        table = SampledField.__table__
        return connection.execute(sa.select(table).order_by(table.c.name)).mappings().all()

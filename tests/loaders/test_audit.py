from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from loaders.audit import GENESIS, Audit, AuditHead
from loaders.database import writing
from schemas.errors import DatabaseError
from schemas.tables import AuditEvent


@pytest.fixture
def audit(engine: Engine) -> Audit:
    audit = Audit(engine, actor="person:clerk")
    for number in range(5):
        audit.append("batch.started", f"batch:{number}", detail={"files": number})
    return audit


def unguarded(engine: Engine, statement: str) -> None:
    """As somebody who may do anything to the database, triggers included."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            names = connection.scalars(
                sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            )
            for name in list(names):
                connection.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(sa.text("ALTER TABLE audit_events DISABLE TRIGGER USER"))
        connection.execute(sa.text(statement))


def test_an_untouched_log_is_sound(audit: Audit) -> None:
    report = audit.verify()
    assert report.sound and report.events == 5
    assert report.head == audit.head() and len(report.head.hash) == 64


def test_an_empty_log_is_sound(engine: Engine) -> None:
    assert Audit(engine).verify().head == AuditHead(0, GENESIS)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'nobody' WHERE sequence = 2",
        "DELETE FROM audit_events WHERE sequence = 5",
        "DELETE FROM audit_events",
        "INSERT INTO audit_events SELECT 9, at, actor, origin, action, subject, outcome, detail,"
        " prev_hash, hash FROM audit_events WHERE sequence = 1",
    ],
)
def test_the_database_refuses_changes(audit: Audit, engine: Engine, statement: str) -> None:
    with pytest.raises(DatabaseError), writing(engine) as connection:
        connection.execute(sa.text(statement))
    assert audit.verify().events == 5


def test_replacing_and_truncating_are_refused_too(audit: Audit, engine: Engine) -> None:
    statement = (
        "REPLACE INTO audit_events SELECT * FROM audit_events WHERE sequence = 1"
        if engine.dialect.name == "sqlite"
        else "TRUNCATE audit_events"
    )
    with pytest.raises(DatabaseError), writing(engine) as connection:
        connection.execute(sa.text(statement))
    assert audit.verify().events == 5


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit_events SET actor = 'nobody' WHERE sequence = 2", "event 2 was changed"),
        ("UPDATE audit_events SET at = '2020-01-01' WHERE sequence = 5", "event 5 was changed"),
        ("DELETE FROM audit_events WHERE sequence = 3", "event 3 is missing"),
        ("DELETE FROM audit_events WHERE sequence = 1", "event 1 is missing"),
    ],
)
def test_tampering_is_found(audit: Audit, engine: Engine, statement: str, problem: str) -> None:
    unguarded(engine, statement)
    report = audit.verify()
    assert not report.sound and report.problem == problem


def test_a_noted_head_shows_what_was_cut_off(audit: Audit, engine: Engine) -> None:
    noted = audit.head()
    audit.append("export", "run:1")
    assert audit.verify(noted).sound, "the log may grow"
    unguarded(engine, "DELETE FROM audit_events WHERE sequence >= 5")
    assert audit.verify().sound, "a shortened chain is whole in itself"
    assert "event 5" in audit.verify(noted).problem


def test_concurrent_events_make_one_chain(audit: Audit) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: audit.append("x", f"document:{number}"), range(40)))
    assert audit.verify().events == 45


def test_an_event_goes_with_its_transaction(audit: Audit, engine: Engine) -> None:
    with pytest.raises(RuntimeError), writing(engine) as connection:
        audit.append("x", "document:1", connection=connection)
        raise RuntimeError
    assert audit.verify().events == 5


def test_what_looks_like_an_identifier_is_masked(audit: Audit, engine: Engine) -> None:
    audit.append("x", "document:1", detail={"note": "for 912-34-5678"})
    with engine.connect() as connection:
        details = connection.scalars(sa.select(AuditEvent.detail)).all()
    assert "912-34-5678" not in "".join(details)

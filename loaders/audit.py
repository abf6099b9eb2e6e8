"""The audit log: what was done, when, where, by whom and with what outcome.

Append-only and chained: each event carries the hash of the one before, so that a change
anywhere breaks every link after it, and a head that was noted elsewhere shows a log that
was cut short or made anew. It never holds personal data (NIST 800-53 AU-3(3), AU-9(3)).
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from loaders.database import reading, writing
from schemas.masking import mask_text
from schemas.tables import AuditEvent

GENESIS: Final = "0" * 64
"""What stands where the first event's predecessor would."""

_APPEND_LOCK: Final = 0x61756469746C6F67  # "auditlog"
_events = AuditEvent.__table__

Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The newest event: note it elsewhere, and `verify` against it later."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What `verify` found."""

    sound: bool
    events: int
    head: AuditHead
    problem: str = ""


class Audit:
    """Appends to and checks the log in one database."""

    def __init__(self, engine: Engine, actor: str | None = None) -> None:
        self._engine = engine
        self.actor = actor or f"system:{_user()}"

    def append(
        self,
        action: str,
        subject: str,
        outcome: str = "success",
        *,
        actor: str | None = None,
        detail: Detail | None = None,
        connection: Connection | None = None,
    ) -> AuditHead:
        """Add an event; within the caller's transaction where its connection is given.

        `subject` and `detail` name things by number or hash, never by what a taxpayer wrote;
        whatever looks like an identifier is masked all the same. Events of concurrent
        transactions wait for each other, so append last.
        """
        if connection is None:
            with writing(self._engine) as own:
                return self.append(
                    action, subject, outcome, actor=actor, detail=detail, connection=own
                )
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_APPEND_LOCK)))
        before = self.head(connection)
        event: dict[str, str | int] = {
            "sequence": before.sequence + 1,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "actor": actor or self.actor,
            "origin": _origin(),
            "action": action,
            "subject": subject,
            "outcome": outcome,
            "detail": _canonical(
                {
                    key: mask_text(value) if isinstance(value, str) else value
                    for key, value in (detail or {}).items()
                }
            ),
            "prev_hash": before.hash,
        }
        event["hash"] = _hash(event)
        connection.execute(sa.insert(AuditEvent), event)
        return AuditHead(before.sequence + 1, str(event["hash"]))

    def head(self, connection: Connection | None = None) -> AuditHead:
        """The newest event's number and hash; 0 and zeros for an empty log."""
        if connection is None:
            with reading(self._engine) as own:
                return self.head(own)
        newest = sa.select(_events.c.sequence, _events.c.hash).order_by(_events.c.sequence.desc())
        row = connection.execute(newest.limit(1)).first()
        return AuditHead(row.sequence, row.hash) if row else AuditHead(0, GENESIS)

    def verify(self, known: AuditHead | None = None) -> AuditReport:
        """Walk the whole chain; `known` is a head noted earlier, which must still be in it."""
        seen = AuditHead(0, GENESIS)
        found = known is None or known == seen
        with reading(self._engine) as connection:
            events = connection.execution_options(yield_per=1000).execute(
                sa.select(_events).order_by(_events.c.sequence)
            )
            for row in events:
                problem = _broken(row, seen)
                if problem:
                    return AuditReport(False, seen.sequence, seen, problem)
                seen = AuditHead(row.sequence, row.hash)
                found = found or seen == known
        if not found and known is not None:
            problem = f"event {known.sequence} with the noted hash is not in the log"
            return AuditReport(False, seen.sequence, seen, problem)
        return AuditReport(True, seen.sequence, seen)


def _broken(row: Row[tuple[object, ...]], before: AuditHead) -> str:
    fields = dict(row._mapping)
    if fields["sequence"] != before.sequence + 1:
        return f"event {before.sequence + 1} is missing"
    if fields["prev_hash"] != before.hash:
        return f"event {fields['sequence']} does not follow the event before it"
    if fields.pop("hash") != _hash(fields):
        return f"event {fields['sequence']} was changed"
    return ""


def _hash(event: Mapping[str, object]) -> str:
    return hashlib.sha256(_canonical(event).encode()).hexdigest()


def _canonical(value: Mapping[str, object]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


@cache
def _host() -> str:
    return socket.gethostname()


def _origin() -> str:
    return f"{_host()}:{os.getpid()}"

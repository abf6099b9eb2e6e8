"""Deliveries: starting and resuming a batch, receiving its files once, rejecting, finishing."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from loaders.rows import PendingDocument, Received, ReceivedAs, RunRow
from loaders.store import BATCHES, DOCUMENTS, RECEIPTS, Store, insert, now, storable
from schemas.errors import DatabaseError, RejectReason
from schemas.masking import mask_text
from schemas.tables import BatchStatus, DocumentStatus, ReceiptOutcome

_IN_FLIGHT = [status for status in DocumentStatus if status.in_flight]


class Batches(Store):
    """The repository's part for deliveries and their files."""

    def start_or_resume_batch(self, department: str, inbox: str | Path) -> str:
        """The id of this inbox's unfinished batch, or of a new one: `20261123-1`."""
        inbox = storable(str(inbox))
        with self.writing() as connection:
            if connection.dialect.name == "postgresql":
                # Two runs must not pick the same number; SQLite's write lock sees to it alone.
                connection.execute(sa.text("LOCK TABLE batches IN SHARE ROW EXCLUSIVE MODE"))
            open_batch = connection.scalar(
                sa.select(BATCHES.c.id).where(
                    BATCHES.c.department == department,
                    BATCHES.c.inbox == inbox,
                    BATCHES.c.status == BatchStatus.OPEN,
                )
            )
            batch_id = open_batch or _next_id(connection)
            if open_batch is None:
                connection.execute(
                    sa.insert(BATCHES),
                    {
                        "id": batch_id,
                        "department": department,
                        "inbox": inbox,
                        "status": BatchStatus.OPEN,
                        "started_at": now(),
                    },
                )
            self.audit.append(
                "batch.resumed" if open_batch else "batch.started",
                f"batch:{batch_id}",
                detail={"department": department},
                connection=connection,
            )
        return batch_id

    def receive(self, batch_id: str, file: str, sha256: str, size: int) -> Received:
        """Record a file that is in the archive; says whether it is to be read.

        Repeating it changes nothing. A document whose batch was broken off, or whose reading
        failed for a reason of ours, moves to the batch that receives it again.
        """
        file = storable(file)
        with self.writing() as connection:
            department = _open_batch(connection, batch_id)["department"]
            connection.execute(  # an earlier attempt may have found it half written
                sa.delete(RECEIPTS).where(
                    RECEIPTS.c.batch_id == batch_id,
                    RECEIPTS.c.path == file,
                    RECEIPTS.c.sha256 == "",
                )
            )
            document = _find_document(connection, department, sha256)
            if document is None:
                made = connection.execute(
                    insert(connection, DOCUMENTS)
                    .on_conflict_do_nothing()
                    .returning(DOCUMENTS.c.id),
                    {
                        "batch_id": batch_id,
                        "department": department,
                        "sha256": sha256,
                        "file": file,
                        "size": size,
                        "status": DocumentStatus.RECEIVED,
                        "received_at": now(),
                        "message": "",
                    },
                ).scalar()
                if made is not None:
                    self._give_receipt(
                        connection, batch_id, file, sha256, size, ReceiptOutcome.TAKEN, made
                    )
                    return Received(made, ReceivedAs.NEW)
                document = _find_document(connection, department, sha256)
                if document is None:
                    raise DatabaseError("a document vanished while it was being received")
            return self._receive_again(connection, batch_id, file, size, document)

    def _receive_again(
        self, connection: Connection, batch_id: str, file: str, size: int, document: RowMapping
    ) -> Received:
        number, sha256 = document["id"], document["sha256"]
        receipt = connection.execute(
            sa.select(RECEIPTS.c.outcome).where(
                RECEIPTS.c.batch_id == batch_id,
                RECEIPTS.c.path == file,
                RECEIPTS.c.sha256 == sha256,
            )
        ).scalar()
        if receipt is ReceiptOutcome.TAKEN:
            unfinished = document["status"].in_flight
            return Received(number, ReceivedAs.UNFINISHED if unfinished else ReceivedAs.DONE)
        if receipt is not None:
            return Received(number, ReceivedAs.DUPLICATE)
        if document["batch_id"] != batch_id and _may_move(document):
            _move(connection, document, batch_id)
            self._give_receipt(
                connection, batch_id, file, sha256, size, ReceiptOutcome.TAKEN, number
            )
            return Received(number, ReceivedAs.UNFINISHED)
        self._give_receipt(
            connection, batch_id, file, sha256, size, ReceiptOutcome.DUPLICATE, number
        )
        return Received(number, ReceivedAs.DUPLICATE)

    def _give_receipt(
        self,
        connection: Connection,
        batch_id: str,
        file: str,
        sha256: str,
        size: int,
        outcome: ReceiptOutcome,
        document_id: int,
    ) -> None:
        connection.execute(
            insert(connection, RECEIPTS).on_conflict_do_nothing(),
            {
                "batch_id": batch_id,
                "path": file,
                "sha256": sha256,
                "size": size,
                "outcome": outcome,
                "document_id": document_id,
                "message": "",
                "received_at": now(),
            },
        )
        self.audit.append(
            "document.received",
            f"document:{document_id}",
            outcome.value,
            detail={"batch": batch_id, "sha256": sha256},
            connection=connection,
        )

    def reject_file(
        self, batch_id: str, file: str, reason: RejectReason, message: str, size: int = 0
    ) -> None:
        """Record a file that cannot even be archived: empty, a link out of the inbox, …

        Keyed by batch and name, so that repeating it changes nothing.
        """
        row = {
            "batch_id": batch_id,
            "path": storable(file),
            "sha256": "",
            "size": size,
            "outcome": ReceiptOutcome.REJECTED,
            "reason": reason,
            "message": mask_text(storable(message)),
            "received_at": now(),
        }
        with self.writing() as connection:
            _open_batch(connection, batch_id)
            statement = insert(connection, RECEIPTS)
            again = RECEIPTS.c.reason != statement.excluded.reason
            written = connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["batch_id", "path", "sha256"],
                    set_={key: statement.excluded[key] for key in ("reason", "message", "size")},
                    where=again,
                ).returning(RECEIPTS.c.id),
                row,
            ).scalar()
            if written is not None:
                self.audit.append(
                    "file.rejected",
                    f"receipt:{written}",
                    reason.value,
                    detail={"batch": batch_id},
                    connection=connection,
                )

    def reject(self, document_id: int, reason: RejectReason, message: str) -> None:
        """Reject a document that is in flight; repeating it changes nothing.

        Raises:
            ValueError: the document is loaded or in review already.
        """
        with self.writing() as connection:
            self._reject(connection, document_id, reason, message)

    def _reject(
        self, connection: Connection, document_id: int, reason: RejectReason, message: str
    ) -> None:
        current = connection.execute(
            sa.select(DOCUMENTS.c.status, DOCUMENTS.c.reason).where(DOCUMENTS.c.id == document_id)
        ).one()
        if current.status is DocumentStatus.REJECTED and current.reason is reason:
            return
        if current.status in (DocumentStatus.LOADED, DocumentStatus.REVIEW):
            raise ValueError(f"document {document_id} is settled; it cannot be rejected any more")
        connection.execute(
            sa.update(DOCUMENTS)
            .where(DOCUMENTS.c.id == document_id)
            .values(
                status=DocumentStatus.REJECTED,
                reason=reason,
                message=mask_text(storable(message)),
                settled_at=now(),
            )
        )
        self.audit.append(
            "document.rejected", f"document:{document_id}", reason.value, connection=connection
        )

    def pending_documents(self, batch_id: str) -> list[PendingDocument]:
        """Documents of this batch that are not settled, in order of receipt."""
        query = (
            sa.select(DOCUMENTS.c.id, DOCUMENTS.c.file, DOCUMENTS.c.sha256, DOCUMENTS.c.status)
            .where(DOCUMENTS.c.batch_id == batch_id, DOCUMENTS.c.status.in_(_IN_FLIGHT))
            .order_by(DOCUMENTS.c.id)
        )
        with self.reading() as connection:
            return [PendingDocument(*row) for row in connection.execute(query)]

    def runs(self, limit: int = 100) -> list[RunRow]:
        """The newest runs first."""
        query = sa.select(BATCHES).order_by(BATCHES.c.started_at.desc(), BATCHES.c.id.desc())
        with self.reading() as connection:
            rows = connection.execute(query.limit(limit)).mappings()
            return [run_row(row) for row in rows]

    def run(self, run: str = "latest") -> RunRow:
        """A run by its id, or the latest.

        Raises:
            DatabaseError: there is none of that id; the message names the latest ones.
        """
        known = self.runs(5)
        if run == "latest" and known:
            return known[0]
        with self.reading() as connection:
            row = (
                connection.execute(sa.select(BATCHES).where(BATCHES.c.id == run)).mappings().first()
            )
        if row is None:
            names = ", ".join(each.run for each in known)
            raise DatabaseError(
                f"there is no run {run!r}; the latest: {names}"
                if known
                else "there are no runs yet; start one: taxlift run INBOX"
            )
        return run_row(row)


def run_row(row: RowMapping) -> RunRow:
    """A row of `batches` as a record."""
    return RunRow(
        run=row["id"],
        department=row["department"],
        inbox=row["inbox"],
        status=row["status"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
    )


def _next_id(connection: Connection) -> str:
    day = now().strftime("%Y%m%d")
    taken = connection.scalars(sa.select(BATCHES.c.id).where(BATCHES.c.id.startswith(f"{day}-")))
    return f"{day}-{max((int(name.partition('-')[2]) for name in taken), default=0) + 1}"


def _open_batch(connection: Connection, batch_id: str) -> RowMapping:
    batch = (
        connection.execute(sa.select(BATCHES).where(BATCHES.c.id == batch_id)).mappings().first()
    )
    if batch is None or batch["status"] is not BatchStatus.OPEN:
        raise DatabaseError(f"batch {batch_id} is not open")
    return batch


def _find_document(connection: Connection, department: str, sha256: str) -> RowMapping | None:
    query = sa.select(DOCUMENTS).where(
        DOCUMENTS.c.department == department, DOCUMENTS.c.sha256 == sha256
    )
    return connection.execute(query).mappings().first()


def _may_move(document: RowMapping) -> bool:
    """Never read to the end, or failed by our own fault: worth another reading."""
    status: DocumentStatus = document["status"]
    return status.in_flight or document["reason"] is RejectReason.ENGINE_FAILED


def _move(connection: Connection, document: RowMapping, batch_id: str) -> None:
    """Give a document to another batch; the old one's counts still add up."""
    failed = document["status"] is DocumentStatus.REJECTED
    connection.execute(
        sa.update(RECEIPTS)
        .where(
            RECEIPTS.c.document_id == document["id"],
            RECEIPTS.c.outcome == ReceiptOutcome.TAKEN,
        )
        .values(
            outcome=ReceiptOutcome.REJECTED if failed else ReceiptOutcome.DUPLICATE,
            reason=document["reason"],
            message=document["message"],
        )
    )
    connection.execute(
        sa.update(DOCUMENTS)
        .where(DOCUMENTS.c.id == document["id"])
        .values(
            batch_id=batch_id,
            status=DocumentStatus.RECEIVED if failed else document["status"],
            reason=None,
            message="",
            settled_at=None,
        )
    )

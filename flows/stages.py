"""The stages of a run as plain functions: testable without Prefect.

Each stage may be done again at any time and changes nothing then; each leaves every document
it touches in a state from which the next run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from extractors.assembly import assemble_returns
from extractors.decode import decode_pages
from extractors.intake import scan_inbox
from flows.context import RunContext
from flows.deciding import decide_returns
from flows.progress import watcher
from flows.reconciling import make_reconciler
from loaders.rows import BatchSummary, PendingDocument
from schemas.errors import DiskFullError, DocumentError, RejectReason
from schemas.returns import TaxReturn
from schemas.tables import DocumentStatus
from schemas.versions import rules_version
from validators.frames import FrameBuilder
from validators.reconciliation.reconciler import Reconciler
from validators.validation import validate_frame

_NO_ROOM = "no room left in the archive; the file stays in the inbox: free some space, run again"
RETURNS_AT_ONCE = 2_000
"""Documents whose returns memory holds whole. Rules see the cells of all returns of the batch."""


def receive_inbox(context: RunContext, inbox: Path) -> str:
    """Archive and record every file of the inbox; the batch's id.

    Files that cannot be taken are recorded as rejected with their reason and stay where they
    are. A file whose bytes are known already is recorded as a duplicate and not read again.
    """
    repository, settings = context.repository, context.settings
    batch_id = repository.start_or_resume_batch(context.department.name, inbox.resolve())
    watcher().stage("Receiving", None)
    for item in scan_inbox(inbox, settings):
        try:
            if item.error is not None:
                raise item.error
            sha256 = context.archive.put(item.path)
        except DocumentError as error:
            repository.reject_file(batch_id, item.name, error.reason, error.message, item.size)
        except DiskFullError:
            repository.reject_file(batch_id, item.name, RejectReason.DISK_FULL, _NO_ROOM, item.size)
        else:
            repository.receive(batch_id, item.name, sha256, item.size)
        watcher().advance()
    return batch_id


def documents_to_read(context: RunContext, batch_id: str) -> list[PendingDocument]:
    """Documents of the batch whose pages are not stored yet."""
    return [
        document
        for document in context.repository.pending_documents(batch_id)
        if document.status is DocumentStatus.RECEIVED
    ]


def read_document(context: RunContext, document_id: int, sha256: str) -> int:
    """Decode, identify, register and read every page of a document, and store what was read.

    A document that cannot be decoded to its end is rejected as a whole: half a return is worse
    than none. The number of pages stored.
    """
    try:
        results = tuple(
            context.reader.read(page)
            for page in decode_pages(context.archive.path_of(sha256), context.settings)
        )
    except DocumentError as error:
        where = f"page {error.page}: " if error.page is not None else ""
        context.repository.reject(document_id, error.reason, where + error.message)
        return 0
    context.repository.store_pages(document_id, results)
    return len(results)


def give_up(context: RunContext, document_id: int, failure: str) -> None:
    """Reject a document that taxlift itself failed on, after its retries.

    Args:
        failure: where and how, without the words of the error (`flows.failures`).
    """
    message = (
        f"taxlift itself failed ({failure}); the file is in the archive: "
        "deliver it again after an update, or key it by hand"
    )
    context.repository.reject(document_id, RejectReason.ENGINE_FAILED, message)


def settle_returns(context: RunContext, batch_id: str, docs_folder: Path | None) -> int:
    """Assemble, reconcile, validate, decide and load the returns of all documents that are read.

    The number of returns.
    """
    repository = context.repository
    read = [
        document
        for document in repository.pending_documents(batch_id)
        if document.status is DocumentStatus.READ
    ]
    chunks = list(_chunks(read, RETURNS_AT_ONCE))
    reconciler = make_reconciler(context.book, context.department)
    batch = FrameBuilder(context.book, context.department)
    if len(chunks) > 1:
        watcher().stage("Reading returns as a whole", len(read))
    returns: tuple[TaxReturn, ...] = ()
    for documents in chunks:
        returns = _reconciled(context, reconciler, documents)
        batch.add(returns)
        watcher().advance(len(documents) if len(chunks) > 1 else 0)
    if not len(batch):
        return 0
    watcher().stage("Checking rules", len(read))
    validation = validate_frame(batch.frame(), context.book, docs_folder)
    version = rules_version(context.department)
    for documents in chunks:
        # Whole returns are too large to be kept: they are made again, and come out the same.
        if len(chunks) > 1:
            returns = _reconciled(context, reconciler, documents)
        results = validation.results_of([each.return_id for each in returns])
        decided = decide_returns(returns, results, context.department, context.settings)
        repository.store_returns(batch_id, decided, results, rules_version=version)
        watcher().advance(len(documents))
    return len(batch)


def finish(context: RunContext, batch_id: str) -> BatchSummary:
    """Refresh the review queue, check that the counts add up, and close the batch."""
    return context.repository.finish_batch(batch_id)


def _reconciled(
    context: RunContext, reconciler: Reconciler, documents: Sequence[PendingDocument]
) -> tuple[TaxReturn, ...]:
    assembled = [found for document in documents for found in _assemble(context, document)]
    return tuple(reconciler.reconcile(assembled).returns)


def _assemble(context: RunContext, document: PendingDocument) -> tuple[TaxReturn, ...]:
    pages = context.repository.load_pages(document.document_id)
    return assemble_returns(pages, context.department, file=document.file, sha256=document.sha256)


def _chunks(items: Sequence[PendingDocument], size: int) -> Iterator[list[PendingDocument]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk

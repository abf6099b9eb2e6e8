"""The flow `digitise`: one batch, from an inbox to loaded returns and a report.

The flow says what runs, when, and how often it is tried; the work is in `flows.stages`. Tasks
receive and answer surrogate keys and counts only, never values: see docs/decisions/0003.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from flows.environment import prepare_environment, server_is_ephemeral
from schemas.settings import Settings

prepare_environment(Settings())
Path(os.environ["PREFECT_HOME"]).mkdir(parents=True, exist_ok=True)

from prefect import flow, get_run_logger, task  # noqa: E402
from prefect.artifacts import create_markdown_artifact  # noqa: E402
from prefect.futures import PrefectFuture, as_completed  # noqa: E402
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner  # noqa: E402

from flows import stages  # noqa: E402
from flows.context import RunContext, run_context  # noqa: E402
from flows.failures import without_words  # noqa: E402
from flows.oversight import make_up_oversight, oversee  # noqa: E402
from flows.progress import watcher  # noqa: E402
from flows.reporting import (  # noqa: E402
    make_batch_folder,
    make_up_report,
    summary_markdown,
    write_report,
)
from flows.scratch import keep_temporary_files_private  # noqa: E402
from loaders.rows import PendingDocument  # noqa: E402
from schemas.errors import TaxliftError  # noqa: E402
from schemas.rules import Outcome  # noqa: E402

# Prefect's futures are invariant in its types, though every runner's are accepted.
_RUNNER = cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=Settings().workers))
_TRIES = 3
_SERVER_FLUSH_SECONDS = 2.0
"""Prefect's server writes task states once a second; an ephemeral one dies with us."""


@flow(
    name="digitise",
    description="Reads a folder of scanned returns into the database.",
    flow_run_name="digitise-{department}",
    persist_result=False,
    task_runner=_RUNNER,
)
def digitise(inbox: str, department: str = "us_irs") -> dict[str, str | int]:
    """Receive, read, validate, load and report one batch.

    Args:
        inbox: folder that holds the scans; it is only read.
        department: name of a department, or a path to its folder.

    Returns:
        The run's id and the counts of its documents, which add up.
    """
    context = run_context(department, Settings())
    keep_temporary_files_private(context.settings.home)
    batch_id = receive(inbox, department)
    documents = stages.documents_to_read(context, batch_id)
    if documents:
        watcher().stage("Reading", len(documents))
    _read_all(context, department, documents)
    settle(department, batch_id)
    summary = stages.finish(context, batch_id)
    look(department, batch_id)
    publish(department, batch_id)
    create_markdown_artifact(
        key=f"batch-{batch_id}", markdown=summary_markdown(summary), description="The batch"
    )
    if server_is_ephemeral():
        time.sleep(_SERVER_FLUSH_SECONDS)
    return {"run": batch_id, **summary.documents.model_dump()}


@task(retries=1, retry_delay_seconds=5, persist_result=False)
def receive(inbox: str, department: str) -> str:
    """Archive and record every file; the batch's id."""
    with without_words("receiving"):
        return stages.receive_inbox(run_context(department, Settings()), Path(inbox))


@task(
    retries=_TRIES - 1,
    retry_delay_seconds=[1, 5],
    persist_result=False,
    task_run_name="read-document-{document_id}",
)
def read(department: str, document_id: int, sha256: str) -> int:
    """Read one document; the number of its pages."""
    with without_words(f"document {document_id}"):
        return stages.read_document(run_context(department, Settings()), document_id, sha256)


@task(retries=1, persist_result=False)
def settle(department: str, batch_id: str) -> int:
    """Assemble, reconcile, validate, decide and load; the number of returns."""
    context = run_context(department, Settings())
    docs = make_batch_folder(context.settings, batch_id) / "data-docs"
    with without_words("settling"):
        return stages.settle_returns(context, batch_id, docs)


@task(persist_result=False)
def look(department: str, batch_id: str) -> int:
    """Look at the batch as a whole, and at the one before if its run never did; the alerts."""
    context = run_context(department, Settings())
    make_up_oversight(context, batch_id)
    docs = make_batch_folder(context.settings, batch_id) / "data-docs"
    findings = oversee(context, batch_id, docs)
    return sum(each.outcome is Outcome.FAIL for each in findings)


@task(retries=1, persist_result=False)
def publish(department: str, batch_id: str) -> None:
    """Write the batch's report, and that of the run before if it was broken off before it."""
    context = run_context(department, Settings())
    with without_words("reporting"):
        write_report(context, batch_id)
        make_up_report(context, batch_id)


def _read_all(context: RunContext, department: str, documents: Sequence[PendingDocument]) -> None:
    """Read documents with a bounded number under way; a failure costs its document only."""
    window = 4 * context.settings.workers
    under_way: dict[PrefectFuture[int], int] = {}
    waiting = iter(documents)
    exhausted = False
    while True:
        while not exhausted and len(under_way) < window:
            document = next(waiting, None)
            if document is None:
                exhausted = True
                break
            future = read.submit(department, document.document_id, document.sha256)
            under_way[future] = document.document_id
        if not under_way:
            return
        done = next(as_completed(list(under_way)))
        _collect(context, done, under_way.pop(done))
        watcher().advance()


def _collect(context: RunContext, future: PrefectFuture[int], document_id: int) -> None:
    try:
        future.result()
    except TaxliftError:
        # A missing model or a lost database concerns every document: stop, stay resumable.
        raise
    except Exception as error:
        get_run_logger().warning("given up after %s tries: %s", _TRIES, error)
        stages.give_up(context, document_id, str(error))

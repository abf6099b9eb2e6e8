"""Looking at a batch as a whole after it is loaded: figures, expectations, findings.

Nothing here can take a batch down: what fails is itself a finding. All of it can be done again,
and then changes nothing unless the batch or its history did.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from pathlib import Path

from flows.context import RunContext
from flows.progress import watcher
from loaders.findings import FindingStore
from schemas.findings import Finding
from validators.oversight.inquiry import BatchInView
from validators.oversight.watch import could_not, look_at_batch

_LOG = logging.getLogger("taxlift.findings")

WHOLE = "oversight"
"""What a finding speaks of where nothing at all could be evaluated."""


def oversee(context: RunContext, batch_id: str, docs_folder: Path | None) -> Sequence[Finding]:
    """Count a batch, ask what its department expects, and keep what is found.

    A batch of which no page was read has nothing to be looked at: nothing is found of it.
    """
    store = FindingStore(context.repository.engine)
    expected = context.department.settings.expectations
    try:
        if not store.measure(batch_id, expected.history):
            return ()
        watcher().stage("Looking at the batch as a whole", None)
        view = BatchInView(
            department=context.department,
            batch_id=batch_id,
            earlier=store.earlier_batches(batch_id, expected.history),
            sqlite=store.engine.dialect.name == "sqlite",
        )

        def record(found: Sequence[Finding]) -> None:
            store.store_findings(batch_id, found)

        return look_at_batch(store.engine, view, record, docs_folder)
    except Exception as error:
        return _record_failure(store, batch_id, error)


def make_up_oversight(context: RunContext, batch_id: str) -> None:
    """Look at the batch before this one, if its run was broken off before it came to that."""
    try:
        before = FindingStore(context.repository.engine).without_findings(batch_id)
    except Exception as error:
        _LOG.warning("the batch before %s was not looked at: %s", batch_id, _place(error))
        return
    if before is not None:
        oversee(context, before, None)


def _record_failure(store: FindingStore, batch_id: str, error: Exception) -> Sequence[Finding]:
    failed = (could_not(batch_id, WHOLE, f"taxlift itself failed ({_place(error)})"),)
    try:
        store.store_findings(batch_id, failed)
    except Exception as again:
        # Then the log is all that is left to say it.
        _LOG.warning("findings of batch %s could not be kept: %s", batch_id, _place(again))
    return failed


def _place(error: Exception) -> str:
    """Type and place, never the words: a library's can quote what a taxpayer wrote."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"

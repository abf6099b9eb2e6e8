"""All that a department expects of a batch as a whole, as questions to its database."""

from __future__ import annotations

from validators.oversight.filers import (
    changed_since_last_year,
    repeated_content,
    repeated_filer,
)
from validators.oversight.inquiry import BatchInView, Inquiry
from validators.oversight.peers import unlike_peers
from validators.oversight.shifts import (
    ACCEPTANCE,
    BLANK_FIELDS,
    BLANK_SCANS,
    steady_distribution,
    steady_share,
)


def of_returns(view: BatchInView) -> list[Inquiry]:
    """Returns against other returns."""
    said = view.expected
    return [
        make(view)
        for asked, make in (
            (said.repeated_filer, repeated_filer),
            (said.repeated_content, repeated_content),
            (said.changed_since_last_year, changed_since_last_year),
            (said.unlike_peers, unlike_peers),
        )
        if asked.enabled
    ]


def of_batches(view: BatchInView) -> list[Inquiry]:
    """This batch against the batches before it."""
    said = view.expected
    found = [
        steady_share(view, share, asked)
        for share, asked in (
            (ACCEPTANCE, said.acceptance),
            (BLANK_FIELDS, said.blank_fields),
            (BLANK_SCANS, said.blank_scans),
        )
        if asked.enabled
    ]
    if said.confidence_drift.enabled:
        found.append(
            steady_distribution(
                view,
                "confidence_drift",
                "Confidence has shifted",
                "Readings are as sure as in the batches before.",
                "confidence",
                said.confidence_drift,
            )
        )
    if said.amount_drift.enabled:
        found.append(
            steady_distribution(
                view,
                "amount_drift",
                "Amounts have shifted",
                "On every line amounts are about as large as in the batches before.",
                "amount",
                said.amount_drift,
            )
        )
    return found

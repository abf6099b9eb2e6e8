"""What a checkpoint does when it has looked: Great Expectations' actions, ours and a department's.

An action of a department's own is a function of findings, registered under the entry point group
`taxlift.finding_actions` and named under `expectations.actions` in department.yaml. One that fails
is itself told of; the batch goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import entry_points

from schemas.errors import MissingProgramError
from schemas.findings import Finding
from schemas.rules import Outcome

Act = Callable[[Sequence[Finding]], None]
"""Takes all findings of a batch, those that hold too."""

_LOG = logging.getLogger("taxlift.findings")


def log_alerts(findings: Sequence[Finding]) -> None:
    """A warning to the log `taxlift.findings` for each alert: words and counts, no values."""
    for each in findings:
        if each.outcome is Outcome.FAIL:
            _LOG.warning(
                "batch %s: %s%s: %s",
                each.batch_id,
                each.expectation,
                f" ({each.subject})" if each.subject else "",
                each.title,
            )


_BUILT_IN: dict[str, Act] = {"log": log_alerts}


def find_actions(names: Iterable[str]) -> dict[str, Act]:
    """The actions of these names.

    Raises:
        MissingProgramError: one is not installed, or is damaged.
    """
    known = {point.name: point for point in entry_points(group="taxlift.finding_actions")}
    found: dict[str, Act] = {}
    for name in names:
        if name in _BUILT_IN:
            found[name] = _BUILT_IN[name]
            continue
        if name not in known:
            listed = ", ".join(sorted({*known, *_BUILT_IN}))
            raise MissingProgramError(
                f"no action is called {name!r}; known actions: {listed} (department.yaml, "
                "expectations.actions)"
            )
        try:
            found[name] = known[name].load()
        except Exception as error:
            raise MissingProgramError(
                f"action {name!r} cannot be loaded from {known[name].value} "
                f"({type(error).__name__}): reinstall its package, or take it out of "
                "department.yaml"
            ) from error
    return found

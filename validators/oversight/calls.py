"""A function of ours as an action of a checkpoint. Importing this imports Great Expectations."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from great_expectations.checkpoint.actions import ValidationAction

if TYPE_CHECKING:
    from great_expectations.checkpoint.actions import ActionContext
    from great_expectations.checkpoint.checkpoint import CheckpointResult

CALLS: dict[str, dict[str, Callable[[Any], None]]] = {}
"""Functions of checkpoints in progress, by token and name: an action's own keys are plain text."""


class CallFunction(ValidationAction):
    """Calls the function of its name with the checkpoint's result."""

    type: Literal["taxlift_call"] = "taxlift_call"
    call: str

    def run(
        self, checkpoint_result: CheckpointResult, action_context: ActionContext | None = None
    ) -> dict[str, Any]:
        CALLS[self.call][self.name](checkpoint_result)
        return {"called": self.name}

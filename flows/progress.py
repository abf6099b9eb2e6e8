"""How a run tells whoever watches it, in the same process, how far it is.

The flow only reports; the command line shows a bar, tests count, a worker has nobody watching.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Watcher(Protocol):
    """Told of each step; called from the thread that coordinates the run."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins; `total` counts what it will take, None where unknown."""

    def advance(self, count: int = 1) -> None:
        """So many more are done."""


class _Nobody:
    def stage(self, name: str, total: int | None) -> None:
        pass

    def advance(self, count: int = 1) -> None:
        pass


_watcher: Watcher = _Nobody()


def watcher() -> Watcher:
    """Whoever watches the run of this process."""
    return _watcher


@contextmanager
def watched_by(new: Watcher) -> Iterator[None]:
    """Let `new` watch the runs inside the block."""
    global _watcher
    before, _watcher = _watcher, new
    try:
        yield
    finally:
        _watcher = before

"""The contract of an engine, and the door through which engines come in.

An engine is a class without required constructor arguments, registered under the entry
point group `taxlift.engines`. It never starts parallelism of its own: the flow decides
how many pages are read at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

from extractors.page_image import FieldImage
from schemas.errors import MissingProgramError
from schemas.readings import Reading


@runtime_checkable
class ReadingEngine(Protocol):
    """Reads a batch of field images."""

    name: str
    version: str

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        """One reading for each image, in order.

        A field that the engine cannot read gets a reading with empty text and `problem` set.

        Raises:
            EngineError: nothing of the batch could be read.
            MissingProgramError: a program or model that the engine needs is not there.
        """
        ...


@cache
def load_engine(name: str) -> ReadingEngine:
    """The engine of that name, made once a process."""
    known = {point.name: point for point in entry_points(group="taxlift.engines")}
    if name not in known:
        raise MissingProgramError(
            f"no engine is called {name!r}; known engines: {', '.join(sorted(known)) or 'none'}"
        )
    engine = known[name].load()()
    if not isinstance(engine, ReadingEngine):
        raise MissingProgramError(f"engine {name!r} lacks `name`, `version` or `read`")
    return engine

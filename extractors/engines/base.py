"""The contract of an engine, and the door through which engines come in.

An engine is a class without required constructor arguments, registered under the entry
point group `taxlift.engines` (docs/engines.md). It never starts parallelism of its own: the
flow decides how many pages are read at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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


@runtime_checkable
class PreparedEngine(ReadingEngine, Protocol):
    """An engine with something to load: it is asked to at the start of a run."""

    def prepare(self) -> None:
        """Load models and look for programs, so that what is missing is told before page 1.

        Raises:
            MissingProgramError: a program or model is not there, or is damaged.
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
    try:
        engine = known[name].load()()
    except MissingProgramError:
        raise
    except Exception as error:
        raise MissingProgramError(
            f"engine {name!r} cannot be loaded from {known[name].value} ({_short(error)}): "
            "reinstall its package, or take it out of department.yaml"
        ) from error
    if not isinstance(engine, ReadingEngine):
        raise MissingProgramError(f"engine {name!r} lacks `name`, `version` or `read`")
    return engine


def prepare_engines(names: Iterable[str]) -> None:
    """Load these engines and all that they need.

    Raises:
        MissingProgramError: an engine, or a program or model of its, is not there or is damaged.
    """
    for name in dict.fromkeys(names):
        engine = load_engine(name)
        if not isinstance(engine, PreparedEngine):
            continue
        try:
            engine.prepare()
        except MissingProgramError:
            raise
        except Exception as error:
            raise MissingProgramError(
                f"engine {name!r} cannot start ({_short(error)}): reinstall its package, "
                "or take it out of department.yaml"
            ) from error


def _short(error: Exception) -> str:
    """Kind and first line of an error in loading; there is no taxpayer's data yet to give away."""
    words = str(error).strip().splitlines()
    return f"{type(error).__name__}: {words[0][:120]}" if words else type(error).__name__

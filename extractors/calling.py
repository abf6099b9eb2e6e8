"""Calling an engine so that whatever it does, its fields get an answer or a reason.

An engine may crash, hang, eat memory or answer nonsense; the page's other fields must not suffer.
It works in a thread that is watched. What can be done to one that must stop is limited: Python
raises an exception in it, which ends Python code, but not a call into a library that does not
return. Such a thread is left alone and its engine asked no more. What takes the machine's whole
memory within one call is ended by the system together with the run; see docs/engines.md.
"""

from __future__ import annotations

import ctypes
import logging
import math
import resource
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from extractors.engines.base import ReadingEngine
from extractors.page_image import FieldImage
from schemas.errors import EngineError, MissingProgramError
from schemas.readings import Reading

SECONDS_TO_START = 60.0
SECONDS_A_FIELD = 2.0
MOST_GROWTH = 3 * 1024**3
"""Bytes by which the process may grow while an engine works; ours need 0.5 GB."""
_LOOK_EVERY = 0.2
"""Seconds between two looks at a working engine's memory."""
_SECONDS_TO_STOP = 2.0
_LONGEST_TEXT = 500

_log = logging.getLogger(__name__)
_abandoned: dict[str, threading.Thread] = {}
"""Engines that did not come back, by name. Python cannot stop a thread: it is left alone, and
its engine is not asked again while it runs."""


def call_engine(engine: ReadingEngine, batch: Sequence[FieldImage]) -> list[Reading]:
    """One usable reading for each field: the engine's own, or one with `problem` set.

    Raises:
        MissingProgramError: a program or model that the engine needs is not there.
    """
    if not batch:
        return []
    stuck = _abandoned.get(engine.name)
    if stuck is not None and stuck.is_alive():
        return _refused(engine, batch, "still hangs on an earlier page")
    answer: list[object] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            answer.append(engine.read(batch))
        except BaseException as error:  # whatever a plugin raises is handled below
            # Its traceback would keep alive all that the engine held.
            failure.append(error.with_traceback(None))

    thread = threading.Thread(target=work, name=f"engine-{engine.name}", daemon=True)
    thread.start()
    why = _watch(thread, SECONDS_TO_START + SECONDS_A_FIELD * len(batch))
    if why is not None:
        if not _stop(thread):
            _abandoned[engine.name] = thread
        _log.error("engine %s %s: %d fields go without it", engine.name, why, len(batch))
        return _refused(engine, batch, why)
    if failure:
        return _after_failure(engine, batch, failure[0])
    return _usable(engine, batch, answer[0])


def _watch(thread: threading.Thread, seconds: float) -> str | None:
    """Why the engine must stop, or None when it has ended by itself."""
    until = time.monotonic() + seconds
    most = _memory_in_use() + MOST_GROWTH
    while True:
        thread.join(min(_LOOK_EVERY, max(until - time.monotonic(), 0.0)))
        if not thread.is_alive():
            return None
        if _memory_in_use() > most:
            return "took too much memory"
        if time.monotonic() >= until:
            return "did not answer in time"


def _stop(thread: threading.Thread) -> bool:
    """Whether the thread has ended by an exception raised in it."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident), ctypes.py_object(_Stopped)
        )
    thread.join(_SECONDS_TO_STOP)
    return not thread.is_alive()


class _Stopped(BaseException):
    """Raised in an engine's thread from outside; not an Exception, which engines may swallow."""


def _memory_in_use() -> int:
    """Bytes of this process that are in memory now; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, ValueError, IndexError):
        return 0


def _after_failure(
    engine: ReadingEngine, batch: Sequence[FieldImage], error: BaseException
) -> list[Reading]:
    if isinstance(error, MissingProgramError | KeyboardInterrupt | SystemExit):
        raise error
    # Only our own messages are known to be free of what a taxpayer wrote.
    words = str(error) if isinstance(error, EngineError) else type(error).__name__
    _log.error("engine %s failed on %d fields: %s", engine.name, len(batch), words)
    return _refused(engine, batch, f"failed ({words})")


def _usable(engine: ReadingEngine, batch: Sequence[FieldImage], answer: object) -> list[Reading]:
    if not isinstance(answer, list) or len(answer) != len(batch):
        _log.error("engine %s did not answer with one reading a field", engine.name)
        return _refused(engine, batch, "did not answer with one reading a field")
    return [
        reading
        if _is_sound(reading, engine.name)
        else _refused(engine, batch[:1], "answered nonsense")[0]
        for reading in answer
    ]


def _is_sound(reading: object, engine: str) -> bool:
    """Whether it is what an engine may answer, under its own name: confidence hangs on that."""
    if not isinstance(reading, Reading) or not isinstance(reading.text, str):
        return False
    if reading.engine != engine:
        return False
    texts = [reading.text, *(a.text for a in reading.alternatives)]
    return (
        isinstance(reading.confidence, int | float)
        and 0.0 <= reading.confidence <= 1.0
        and all(len(t) <= _LONGEST_TEXT and t.isprintable() for t in texts)
        and not any(math.isnan(a.log_odds) for a in reading.alternatives)
    )


def _refused(engine: ReadingEngine, batch: Sequence[FieldImage], why: str) -> list[Reading]:
    reading = Reading(
        engine=engine.name,
        version=_version(engine),
        text="",
        confidence=0.0,
        problem=f"engine {engine.name} {why}",
    )
    return [reading] * len(batch)


def _version(engine: ReadingEngine) -> str:
    """As it says; an engine that failed may fail to say even that."""
    try:
        return str(engine.version)
    except Exception as error:
        _log.error("engine %s does not tell its version: %s", engine.name, type(error).__name__)
        return "unknown"

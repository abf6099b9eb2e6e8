"""Calling an engine so that whatever it does, its fields get an answer or a reason.

An engine may crash, hang or answer nonsense; the page's other fields must not suffer.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Sequence

from extractors.engines.base import ReadingEngine
from extractors.page_image import FieldImage
from schemas.errors import EngineError, MissingProgramError
from schemas.readings import Reading

SECONDS_TO_START = 60.0
SECONDS_A_FIELD = 2.0
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
            failure.append(error)

    thread = threading.Thread(target=work, name=f"engine-{engine.name}", daemon=True)
    thread.start()
    thread.join(SECONDS_TO_START + SECONDS_A_FIELD * len(batch))
    if thread.is_alive():
        _abandoned[engine.name] = thread
        _log.error("engine %s hangs on %d fields and is left alone", engine.name, len(batch))
        return _refused(engine, batch, "did not answer in time")
    if failure:
        return _after_failure(engine, batch, failure[0])
    return _usable(engine, batch, answer[0])


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
        reading if _is_sound(reading) else _refused(engine, batch[:1], "answered nonsense")[0]
        for reading in answer
    ]


def _is_sound(reading: object) -> bool:
    if not isinstance(reading, Reading) or not isinstance(reading.text, str):
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
        version=str(engine.version),
        text="",
        confidence=0.0,
        problem=f"engine {engine.name} {why}",
    )
    return [reading] * len(batch)

"""Whatever an engine does, its fields get an answer or a reason."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from reading_fixtures import definition, printed

from extractors import calling
from extractors.calling import call_engine
from extractors.engines.base import ReadingEngine, load_engine
from extractors.page_image import FieldImage
from schemas.errors import EngineError, MissingProgramError
from schemas.forms import FieldKind
from schemas.readings import Reading

BATCH = [printed("12"), printed("34")]
GOOD = Reading(engine="fake", version="1", text="12", confidence=0.9)


class Fake:
    name = "fake"
    version = "1"

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer

    def read(self, batch: Sequence[FieldImage]) -> list[Reading]:
        return self.answer()


def raising(error: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


def test_good_readings_pass_through() -> None:
    assert call_engine(Fake(lambda: [GOOD, GOOD]), BATCH) == [GOOD, GOOD]


@pytest.mark.parametrize(
    "error",
    [EngineError("the model is gone"), RuntimeError("secret 52,340"), MemoryError(), OSError()],
)
def test_a_crash_becomes_a_reason_without_what_was_read(error: Exception) -> None:
    readings = call_engine(Fake(raising(error)), BATCH)
    assert [r.text for r in readings] == ["", ""]
    assert all(r.problem and "fake failed" in r.problem for r in readings)
    assert "52,340" not in (readings[0].problem or "")


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        [GOOD],
        [GOOD, GOOD, GOOD],
        "12",
        ["12", "34"],
        [GOOD, GOOD.model_copy(update={"confidence": float("nan")})],
        [GOOD, GOOD.model_copy(update={"confidence": 7})],
        [GOOD, GOOD.model_copy(update={"text": "\x00\x1b[2J"})],
        [GOOD, GOOD.model_copy(update={"text": "9" * 5000})],
        [GOOD, GOOD.model_copy(update={"text": None})],
        [GOOD, GOOD.model_copy(update={"engine": "another"})],
    ],
)
def test_nonsense_becomes_a_reason(answer: Any) -> None:
    readings = call_engine(Fake(lambda: answer), BATCH)
    assert len(readings) == 2
    assert readings[1].text == ""
    assert readings[1].problem


def test_a_hanging_engine_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "SECONDS_TO_START", 0.05)
    monkeypatch.setattr(calling, "SECONDS_A_FIELD", 0.0)
    monkeypatch.setattr(calling, "_SECONDS_TO_STOP", 0.05)
    asked: list[int] = []
    release = threading.Event()

    def hang() -> list[Reading]:
        asked.append(1)
        release.wait(20)
        return [GOOD, GOOD]

    engine = Fake(hang)
    first = call_engine(engine, BATCH)
    second = call_engine(engine, BATCH)
    assert "did not answer in time" in (first[0].problem or "")
    assert "still hangs" in (second[0].problem or "")
    assert len(asked) == 1
    release.set()
    calling._abandoned["fake"].join(5)
    assert call_engine(engine, BATCH) == [GOOD, GOOD]


def test_an_engine_that_turns_in_circles_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "SECONDS_TO_START", 0.05)
    monkeypatch.setattr(calling, "SECONDS_A_FIELD", 0.0)
    before = threading.active_count()

    def turn() -> list[Reading]:
        while True:
            try:
                time.sleep(0.001)
            except Exception:  # noqa: S112 - swallows all that an engine may swallow
                continue

    for _ in range(2):
        readings = call_engine(Fake(turn), BATCH)
        assert all("did not answer in time" in (r.problem or "") for r in readings)
    assert threading.active_count() == before


def test_an_engine_that_eats_memory_is_stopped_and_gives_it_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calling, "MOST_GROWTH", 64 * 1024**2)
    monkeypatch.setattr(calling, "_LOOK_EVERY", 0.01)
    before = calling._memory_in_use()

    def eat() -> list[Reading]:
        eaten = []
        for _ in range(400):
            eaten.append(b"x" * 2**22)
            time.sleep(0.005)
        return [GOOD, GOOD]

    readings = call_engine(Fake(eat), BATCH)
    assert all("took too much memory" in (r.problem or "") for r in readings)
    assert calling._memory_in_use() < before + 48 * 1024**2
    assert call_engine(Fake(lambda: [GOOD, GOOD]), BATCH) == [GOOD, GOOD]


def test_an_engine_that_asks_for_more_memory_than_there_is() -> None:
    readings = call_engine(Fake(lambda: bytearray(2**62)), BATCH)
    assert all("failed (MemoryError)" in (r.problem or "") for r in readings)


def test_an_engine_that_cannot_even_tell_its_version() -> None:
    class Wordless(Fake):
        @property
        def version(self) -> str:  # type: ignore[override]
            raise RuntimeError

    readings = call_engine(Wordless(raising(RuntimeError())), BATCH)
    assert [r.version for r in readings] == ["unknown", "unknown"]


def test_a_missing_program_is_not_swallowed() -> None:
    with pytest.raises(MissingProgramError, match="apt-get"):
        call_engine(Fake(raising(MissingProgramError("apt-get install it"))), BATCH)


def test_no_fields_no_call() -> None:
    assert call_engine(Fake(raising(AssertionError())), []) == []


@pytest.mark.parametrize("name", ["textlayer", "marks", "tesseract", "rapidocr"])
def test_built_in_engines_come_through_the_door(name: str) -> None:
    engine = load_engine(name)
    assert isinstance(engine, ReadingEngine)
    assert engine.name == name
    assert engine.version


def test_an_unknown_engine_names_the_known() -> None:
    with pytest.raises(MissingProgramError, match="rapidocr"):
        load_engine("clairvoyance")


def test_every_kind_that_is_written_has_characters() -> None:
    from extractors.charsets import allowed_characters

    for kind in FieldKind:
        assert bool(allowed_characters(kind)) is not kind.is_mark
    assert " " in allowed_characters(FieldKind.POSTAL_CODE, "foreign_postal_code")
    assert definition().kind is FieldKind.AMOUNT

"""Tesseract inside the process: read where it is installed, one sentence where it is not."""

from __future__ import annotations

import importlib.util
import sys

import pytest
from reading_fixtures import definition, field_image, printed

from extractors.engines import tesserocr
from extractors.engines.base import PreparedEngine, ReadingEngine
from extractors.engines.tesserocr import TesserOcrEngine
from schemas.errors import MissingProgramError
from schemas.forms import FieldKind

installed = pytest.mark.skipif(
    importlib.util.find_spec("tesserocr") is None,
    reason="the optional package tesserocr is not installed",
)


@installed
def test_it_reads_numbers_words_and_empty_fields() -> None:
    engine = TesserOcrEngine()
    assert isinstance(engine, ReadingEngine)
    assert isinstance(engine, PreparedEngine)
    engine.prepare()
    name = definition(FieldKind.NAME, "taxpayer_name")
    readings = engine.read(
        [printed("52,340"), printed("MAJOR", name), field_image(definition()), printed("782")]
    )
    assert [reading.text for reading in readings] == ["52,340", "MAJOR", "", "782"]
    assert all(reading.engine == "tesserocr" for reading in readings)
    assert all(0 <= reading.confidence <= 1 for reading in readings)
    assert readings[0].version[0].isdigit()


@installed
def test_missing_trained_data_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesserocr, "_FOLDERS", ("/nowhere",))
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with pytest.raises(MissingProgramError, match="tesseract-ocr-eng"):
        TesserOcrEngine().prepare()


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    tesserocr._package.cache_clear()
    try:
        with pytest.raises(MissingProgramError, match=r"pip install taxlift\[tesserocr\]"):
            TesserOcrEngine().prepare()
        with pytest.raises(MissingProgramError, match="tesserocr"):
            TesserOcrEngine().read([printed("12")])
    finally:
        tesserocr._package.cache_clear()

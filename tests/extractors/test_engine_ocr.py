"""Tesseract and PP-OCRv6 on fields drawn in a plain font: many fields, one call."""

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from reading_fixtures import MARGIN, WIDTH, definition, field_image, paper, printed

import extractors.engines.tesseract as tesseract_module
from extractors.engines.ctc import Alphabet, beam_search, likelihoods, normalise
from extractors.engines.lines import Geometry, close_gaps, lay_out
from extractors.engines.onnx_model import batches
from extractors.engines.rapidocr import RapidOcrEngine
from extractors.engines.recogniser import Recogniser, find_model
from extractors.engines.tesseract import TesseractEngine, montage
from extractors.ink import find_ink
from schemas.errors import EngineError, MissingProgramError
from schemas.forms import FieldKind

AMOUNTS = ["1,234", "58,102", "907", "66,500", "31"]
NAME = definition(FieldKind.NAME, "taxpayer_last_name")


@pytest.fixture(scope="module")
def rapidocr() -> RapidOcrEngine:
    return RapidOcrEngine()


def test_rapidocr_reads_a_batch_in_order(rapidocr: RapidOcrEngine) -> None:
    batch = [printed(text) for text in AMOUNTS]
    batch.insert(2, field_image(definition()))
    batch.append(printed("HERNANDEZ", NAME))
    readings = rapidocr.read(batch)
    texts = [reading.text.replace(".", ",") for reading in readings]
    assert texts[2] == ""
    assert [*texts[:2], *texts[3:]] == [*AMOUNTS, "HERNANDEZ"]
    assert all(r.confidence > 0.5 for r in readings)


def test_rapidocr_keeps_to_the_fields_characters(rapidocr: RapidOcrEngine) -> None:
    (as_amount,) = rapidocr.read([printed("SOLO")])
    assert set(as_amount.text) <= set("0123456789,.-()$")
    assert as_amount.confidence < 0.9
    assert all(a.log_odds <= 0 for a in as_amount.alternatives)


def test_rapidocr_reads_a_comb(rapidocr: RapidOcrEngine) -> None:
    field = definition(FieldKind.TAXPAYER_ID, "taxpayer_ssn", comb=9)
    ink = paper(field)
    for cell, digit in enumerate("901968273"):
        part = printed(digit).ink[:, MARGIN + 8 : MARGIN + 28]
        left = MARGIN + round((cell + 0.2) * WIDTH / 9)
        ink[:, left : left + 20] = np.minimum(ink[:, left : left + 20], part)
    (reading,) = rapidocr.read([field_image(field, ink)])
    assert reading.text.replace("-", "") == "901968273"


def test_a_damaged_model_says_what_to_do(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(find_model().read_bytes()[:100_000])
    with pytest.raises(MissingProgramError, match="damaged: reinstall"):
        RapidOcrEngine(Recogniser(model)).read([printed("12")])
    with pytest.raises(MissingProgramError, match="damaged"):
        RapidOcrEngine(Recogniser(tmp_path / "absent.onnx")).read([printed("12")])


def test_a_missing_wheel_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractors.engines.recogniser.find_spec", lambda name: None)
    with pytest.raises(MissingProgramError, match="pip install rapidocr"):
        RapidOcrEngine().read([printed("12")])


def test_tesseract_reads_all_fields_in_two_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = tesseract_module.pytesseract.image_to_data

    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return real(*args, **kwargs)

    monkeypatch.setattr(tesseract_module.pytesseract, "image_to_data", counted)
    batch = [printed(text) for text in AMOUNTS] + [printed("HERNANDEZ", NAME)]
    batch.insert(1, field_image(definition()))
    readings = TesseractEngine().read(batch)
    assert len(calls) == 2
    assert readings[1].text == ""
    texts = [r.text for i, r in enumerate(readings) if i != 1]
    right = sum(a == b for a, b in zip(texts, [*AMOUNTS, "HERNANDEZ"], strict=True))
    assert right >= 5


@pytest.mark.parametrize(
    "error",
    [RuntimeError("Tesseract process timeout"), OSError(), UnicodeDecodeError("u", b"", 0, 1, "")],
)
def test_tesseracts_failures_are_engine_errors(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    monkeypatch.setattr(tesseract_module.pytesseract, "image_to_data", fail)
    with pytest.raises(EngineError, match="tesseract"):
        TesseractEngine().read([printed("12")])


def test_without_tesseract_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    tesseract_module._program_version.cache_clear()
    monkeypatch.setattr(tesseract_module.shutil, "which", lambda name: None)
    with pytest.raises(MissingProgramError, match="apt-get install tesseract-ocr"):
        TesseractEngine().read([printed("12")])


def test_a_montage_keeps_lines_apart() -> None:
    lines = [np.zeros((20, 50), np.uint8), np.zeros((4, 80), np.uint8)]
    picture, spans = montage(lines)
    assert all((picture[top - 10 : top] == 255).all() for top, _ in spans)
    assert spans[0][1] < spans[1][0]


def test_lines_are_laid_out_alike_whatever_the_size() -> None:
    line = find_ink(printed("1,234")).line
    placed = lay_out(line, Geometry(48, 30, 16))
    assert placed.shape[0] == 48
    assert (placed[:, :14] == 255).all()
    assert placed.min() == 0


def test_gaps_of_a_comb_are_closed() -> None:
    ink = find_ink(printed("1   2   3"))
    assert close_gaps(ink, 8).shape[1] < 0.7 * ink.line.shape[1]


@pytest.mark.parametrize("widths", [[], [100], [40, 300, 44, 42, 290, 900, 3000]])
def test_batches_hold_every_line_once(widths: Sequence[int]) -> None:
    assert sorted(i for batch in batches(widths, 2560, 8) for i in batch) == list(
        range(len(widths))
    )


def test_beam_search_and_likelihood_agree() -> None:
    rng = np.random.default_rng(4)
    posterior = rng.dirichlet(np.full(4, 0.3), size=9).astype(np.float32)
    found = beam_search(posterior, 60)[:5]
    scores = likelihoods(posterior, [labels for labels, _ in found])
    assert scores == pytest.approx([score for _, score in found], abs=0.02)


def test_all_strings_together_are_certain() -> None:
    rng = np.random.default_rng(6)
    posterior = rng.dirichlet(np.full(3, 0.6), size=4).astype(np.float32)
    strings = [labels for n in range(5) for labels in itertools.product((1, 2), repeat=n)]
    assert np.exp(likelihoods(posterior, strings)).sum() == pytest.approx(1.0, abs=1e-3)


def test_look_alikes_count_for_the_character_they_resemble() -> None:
    alphabet = Alphabet("01", {"0": 1, "1": 2, "O": 3, "x": 4}, {"0": "O", "1": ""})
    output = np.array([[0.1, 0.2, 0.0, 0.6, 0.1]], np.float32)
    folded = alphabet.fold(output[:, alphabet.columns])
    assert folded[0] == pytest.approx([0.1, 0.8, 0.0])
    posterior, allowed = normalise(folded)
    assert posterior.sum() == pytest.approx(1.0, abs=1e-3)
    assert allowed == pytest.approx(0.9)

"""Our own recogniser: reads strips in batches, knows its characters, says what is wrong with it."""

from pathlib import Path

import pytest
from reading_fixtures import definition, field_image, printed

from extractors.engines.base import load_engine
from extractors.engines.onnx_model import batches
from extractors.engines.strip import MODEL, StripEngine, StripNetwork
from extractors.engines.strip_image import strip_of
from extractors.ink import find_ink
from schemas.errors import MissingProgramError
from schemas.forms import FieldKind

NUMBERS = ["1,234", "58,102", "907", "66,500", "2,380"]


@pytest.fixture(scope="module")
def engine() -> StripEngine:
    return StripEngine()


def test_it_comes_in_through_the_door() -> None:
    assert isinstance(load_engine("strip"), StripEngine)


def test_the_model_is_small_enough_to_ship() -> None:
    assert MODEL.stat().st_size < 5_000_000
    assert MODEL.with_suffix(".md").is_file()


def test_it_reads_a_batch_in_order(engine: StripEngine) -> None:
    batch = [printed(text) for text in NUMBERS]
    batch.insert(2, field_image(definition()))
    texts = [reading.text for reading in engine.read(batch)]
    assert texts[2] == ""
    assert [*texts[:2], *texts[3:]] == NUMBERS


def test_readings_do_not_depend_on_the_batch(engine: StripEngine) -> None:
    batch = [printed(text) for text in NUMBERS]
    together = engine.read(batch)
    alone = [engine.read([image])[0] for image in batch]
    assert [one.text for one in together] == [one.text for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert one.confidence == pytest.approx(other.confidence, abs=0.02)


def test_every_frame_is_a_distribution(engine: StripEngine) -> None:
    image = printed("4,719")
    strip = strip_of(image, find_ink(image))
    (posterior,) = StripNetwork().posteriors([strip])
    assert posterior.sum(axis=1) == pytest.approx(1.0, abs=1e-4)
    assert abs(len(posterior) - strip.shape[2] / 2) <= 6


def test_alternatives_are_no_likelier_and_differ(engine: StripEngine) -> None:
    (reading,) = engine.read([printed("1,234")])
    texts = [reading.text, *(one.text for one in reading.alternatives)]
    assert len(set(texts)) == len(texts) > 1
    assert all(one.log_odds <= 0 for one in reading.alternatives)


def test_it_keeps_to_the_fields_characters(engine: StripEngine) -> None:
    (as_amount,) = engine.read([printed("SOLO")])
    assert set(as_amount.text) <= set("0123456789,.-()$")
    (as_count,) = engine.read([printed("1,2", definition(FieldKind.COUNT, "count"))])
    assert set(as_count.text) <= set("0123456789")


def test_a_missing_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(MissingProgramError, match=r"none\.onnx is missing"):
        StripEngine(StripNetwork(tmp_path / "none.onnx")).prepare()


def test_a_damaged_model_is_one_sentence(tmp_path: Path) -> None:
    damaged = tmp_path / "strip.onnx"
    damaged.write_bytes(MODEL.read_bytes()[:50_000])
    with pytest.raises(MissingProgramError, match="damaged"):
        StripEngine(StripNetwork(damaged)).prepare()


def test_strips_of_like_width_go_together() -> None:
    widths = [40, 300, 42, 310, 41, 600]
    groups = batches(widths, 2048, 8)
    assert sorted(i for group in groups for i in group) == list(range(6))
    for group in groups:
        assert max(widths[i] for i in group) <= 1.25 * min(widths[i] for i in group) + 8

"""The training loop itself; PyTorch is not among taxlift's dependencies."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is only needed to train")

from benchmarks.training.network import STRIDE, StripNetwork  # noqa: E402
from benchmarks.training.strips import Labelled, save  # noqa: E402
from benchmarks.training.train import ALPHABET, Pool, fits, greedy, rate, train  # noqa: E402
from extractors.engines.strip_image import HEIGHT  # noqa: E402


def a_strip(text: str) -> Labelled:
    rng = np.random.default_rng(len(text))
    return Labelled(
        rng.integers(0, 255, (2, HEIGHT, 96), dtype=np.uint8), text, "amount", "hand", "fair"
    )


def test_a_frame_is_two_pixels() -> None:
    logits = StripNetwork(5)(torch.zeros(3, 2, HEIGHT, 64))
    assert logits.shape == (3, 64 // STRIDE, 5)


def test_greedy_folds_repeats_and_blanks() -> None:
    classes = [1, 1, 0, 1, 2, 0]
    logits = torch.nn.functional.one_hot(torch.tensor([classes]), 5).float()
    assert greedy(logits) == [ALPHABET[0] * 2 + ALPHABET[1]]


def test_a_text_needs_frames() -> None:
    assert fits(a_strip("1,234"))
    assert not fits(a_strip("1" * 60))


def test_the_rate_rises_stays_and_falls() -> None:
    assert rate(0, 1000, 1.0) < rate(20, 1000, 1.0) < rate(30, 1000, 1.0) == 1.0
    assert rate(999, 1000, 1.0) < rate(800, 1000, 1.0) < 1.0


def test_it_learns_and_writes_what_it_learnt(tmp_path: Path) -> None:
    shards = tmp_path / "shards"
    shards.mkdir()
    save([a_strip("12"), a_strip("345")] * 8, shards / "7-0000.npz")
    out = tmp_path / "strip.pt"
    train(Pool(shards, 10), [a_strip("12")], out, 4, 1, seed=1, highest=1e-3, pixels=512)
    kept = torch.load(out, weights_only=True)
    assert kept["step"] == 4
    StripNetwork(len(ALPHABET) + 1).load_state_dict(kept["model"])

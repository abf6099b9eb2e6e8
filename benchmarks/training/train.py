"""Trains the strip recogniser on the shards that `benchmarks.training.strips` makes.

    python -m benchmarks.training.train SHARDS --out strip.pt --steps 9000

The shards enter in the order of their names, a few at first and then one every so many steps,
so that making and learning can go on side by side; a step waits for a shard that is not there
yet. With the same shards, steps and seed the result is the same but for the order in which
two threads add. Needs PyTorch: `pip install torch onnx onnxscript`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from benchmarks.training.augment import batches, stack
from benchmarks.training.network import STRIDE, StripNetwork
from benchmarks.training.strips import Labelled, load
from schemas.forms import FieldKind

ALPHABET = "0123456789.,-$()/ ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'&#+@_%"
"""Class n + 1 is its n-th character; class 0 is CTC's blank."""
_CLASS = {character: n for n, character in enumerate(ALPHABET, start=1)}
_FIRST_SHARDS = 6
_AVERAGED = 0.999
"""Of the running mean of the weights, which is what is kept."""


class Pool:
    """The strips that may be learnt from so far; grows by shards in the order of their names."""

    def __init__(self, folder: Path, every: int) -> None:
        self.folder, self.every = folder, every
        self.strips: list[Labelled] = []
        self.shards = 0

    def grow(self, step: int, most: int) -> None:
        """Take in the shards that are due at this step; wait for those that are being made."""
        while self.shards < min(_FIRST_SHARDS + step // self.every, most):
            names = sorted(self.folder.glob("*.npz"), key=lambda path: path.stem.split("-")[::-1])
            if len(names) <= self.shards:
                time.sleep(5)
                continue
            self.strips += [
                one
                for one in load(names[self.shards])
                if set(one.text) <= _CLASS.keys() and fits(one)
            ]
            self.shards += 1


def fits(one: Labelled) -> bool:
    """Whether the strip has frames enough for its text."""
    repeats = sum(a == b for a, b in zip(one.text, one.text[1:], strict=False))
    return one.strip.shape[2] // STRIDE * 0.75 >= len(one.text) + repeats


def loss_of(network: nn.Module, pixels: Tensor, texts: Sequence[str]) -> Tensor:
    """CTC's loss of a batch, a mean over strips."""
    logits = network(pixels)
    frames = torch.full((len(texts),), logits.shape[1])
    labels = torch.tensor([_CLASS[character] for text in texts for character in text])
    lengths = torch.tensor([len(text) for text in texts])
    scores = logits.log_softmax(2).transpose(0, 1)
    each = nn.functional.ctc_loss(
        scores, labels, frames, lengths, reduction="none", zero_infinity=True
    )
    return each.mean()


def to_pixels(batch: np.ndarray) -> Tensor:
    tensor = torch.from_numpy(batch).float().div_(255.0)
    return tensor.contiguous(memory_format=torch.channels_last)


def greedy(logits: Tensor) -> list[str]:
    """The best class of each frame, repeats and blanks folded."""
    texts = []
    for row in logits.argmax(2).tolist():
        kept = [c for c, before in zip(row, [0, *row], strict=False) if c not in (0, before)]
        texts.append("".join(ALPHABET[c - 1] for c in kept))
    return texts


@torch.no_grad()
def check(network: nn.Module, strips: Sequence[Labelled]) -> str:
    """Share of strips read exactly, by ink and kind."""
    network.eval()
    right: dict[str, list[bool]] = {}
    for start in range(0, len(strips), 32):
        part = strips[start : start + 32]
        read = greedy(network(to_pixels(stack([one.strip for one in part]))))
        for one, text in zip(part, read, strict=True):
            kind = FieldKind(one.kind)
            words = kind.is_words or kind is FieldKind.DATE
            key = f"{one.ink} {'words' if words else 'numbers'} {one.quality}"
            right.setdefault(key, []).append(text.replace(" ", "") == one.text.replace(" ", ""))
    network.train()
    return ", ".join(f"{key} {np.mean(hits):.3f}" for key, hits in sorted(right.items()))


def rate(step: int, steps: int, highest: float) -> float:
    """Rises over the first 3 %, stays, and falls to nothing over the last 45 %."""
    done = step / steps
    if done < 0.03:
        return highest * max(done / 0.03, 0.02)
    return highest * min(1.0, max((1.0 - done) / 0.45, 0.01))


def train(
    pool: Pool,
    validation: Sequence[Labelled],
    out: Path,
    steps: int,
    most_shards: int,
    seed: int,
    highest: float,
    pixels: int,
    start: Path | None = None,
) -> None:
    torch.manual_seed(seed)
    network = StripNetwork(len(ALPHABET) + 1).to(memory_format=torch.channels_last)
    if start is not None:
        network.load_state_dict(torch.load(start, weights_only=True)["model"])
    averaged = torch.optim.swa_utils.AveragedModel(
        network,
        multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(_AVERAGED),
        use_buffers=True,
    )
    optimizer = torch.optim.AdamW(network.parameters(), lr=highest, weight_decay=0.02)
    rng = np.random.default_rng(seed)
    pool.grow(0, most_shards)
    source: Iterator[tuple[np.ndarray, list[str]]] = batches(pool.strips, rng, pixels)
    losses: list[float] = []
    began = time.monotonic()
    for step in range(steps):
        pool.grow(step, most_shards)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, highest)
        batch, texts = next(source)
        loss = loss_of(network, to_pixels(batch), texts)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        averaged.update_parameters(network)
        losses.append(float(loss.detach()))
        if (step + 1) % 250 == 0 or step + 1 == steps:
            minutes = (time.monotonic() - began) / 60
            told = f"{step + 1}: loss {np.mean(losses[-250:]):.3f}, {minutes:.1f} min, "
            told += f"{len(pool.strips)} strips"
            if (step + 1) % 1000 == 0 or step + 1 == steps:
                told += f"; {check(averaged, validation)}"
            print(told, flush=True)
            torch.save({"model": averaged.module.state_dict(), "step": step + 1}, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shards", type=Path)
    parser.add_argument("--validation", type=Path, required=True, help="Shards of other writers.")
    parser.add_argument("--out", type=Path, default=Path("strip.pt"))
    parser.add_argument("--start", type=Path, help="Weights to go on from, of an earlier run.")
    parser.add_argument("--steps", type=int, default=9000)
    parser.add_argument("--every", type=int, default=120, help="Steps from shard to shard.")
    parser.add_argument("--most-shards", type=int, default=10_000)
    parser.add_argument("--pixels", type=int, default=7200, help="Widths of a batch, together.")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1040)
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    cv2.setNumThreads(1)
    validation = [one for path in sorted(chosen.validation.glob("*.npz")) for one in load(path)]
    train(
        Pool(chosen.shards, chosen.every),
        validation,
        chosen.out,
        chosen.steps,
        chosen.most_shards,
        chosen.seed,
        chosen.rate,
        chosen.pixels,
        chosen.start,
    )


if __name__ == "__main__":
    main()

"""Writes the trained network as ONNX: `python -m benchmarks.training.export strip.pt`."""

from __future__ import annotations

import argparse
from pathlib import Path

import onnx
import torch

from benchmarks.training.network import StripNetwork
from benchmarks.training.train import ALPHABET
from extractors.engines.strip import MODEL
from extractors.engines.strip_image import HEIGHT


def export(weights: Path, out: Path) -> None:
    """The network with its alphabet in the file's metadata; any number of strips of any width."""
    network = StripNetwork(len(ALPHABET) + 1)
    network.load_state_dict(torch.load(weights, weights_only=True)["model"])
    network.eval()
    example = torch.zeros(2, 2, HEIGHT, 160)
    torch.onnx.export(
        network,
        (example,),
        str(out),
        input_names=["strips"],
        output_names=["logits"],
        dynamic_shapes={"strips": {0: torch.export.Dim.DYNAMIC, 3: torch.export.Dim.DYNAMIC}},
        external_data=False,
        dynamo=True,
    )
    model = onnx.load(out)
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = "characters", ALPHABET
    model.doc_string = ""
    for node in model.graph.node:  # traces of the machine that it was made on
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    onnx.save(model, out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, default=MODEL)
    chosen = parser.parse_args()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    export(chosen.weights, chosen.out)


if __name__ == "__main__":
    main()

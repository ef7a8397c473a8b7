"""What do published emotion networks cost beside the shipped encoder, in one run on one machine?

    python -m experiments.peers.measure

Needs the extra ``train``, for torch builds the networks; no data and no download. Writes results.json beside itself.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import nn

from experiments.commands import no_options
from experiments.cost.measure import work
from experiments.machine import processor
from experiments.peers.networks import efficientnet, mini_xception, parameters, randomize_norms, resnet34
from fewshot.encoder import SHIPPED_ENCODER, Encoder
from fewshot.types import CROP_SIZE

HERE = Path(__file__).parent
THREADS, ROUNDS = 2, 7
BATCHES = {1: 20, 49: 1}
"""Runs in each round, by faces in a batch."""

OURS = "shipped encoder"

PEERS: dict[str, tuple[Callable[[int], nn.Module], int, int, int, int]] = {
    "HSEmotion, EfficientNet-B0": (lambda n: efficientnet(1.0, 1.0, n), 8, 3, 224, 5_288_548),
    "HSEmotion, EfficientNet-B2": (lambda n: efficientnet(1.1, 1.2, n), 8, 3, 260, 9_109_994),
    "RMN, at least its ResNet-34": (resnet34, 7, 3, 224, 21_797_672),
    "fer, mini-Xception": (mini_xception, 7, 1, 64, 56_951),
}
"""How to make it for so many classes, its classes, channels and side in pixels, and the published count of parameters:
for the 1,000 classes of ImageNet, of mini-Xception for its seven."""


def counted(name: str) -> int:
    """Return the parameters as they are published: those of an ImageNet network with 1,000 classes."""
    make, classes, channels, _, _ = PEERS[name]
    return parameters(make(1000 if channels == 3 else classes))


def load_peer(name: str, folder: Path) -> Callable[[int], object]:
    """Return what runs a batch of so many faces through the exported network, by the settings of the shipped encoder."""
    make, classes, channels, side, published = PEERS[name]
    if counted(name) != published:
        raise ValueError(f"{name} must have {published:,} parameters as published, has {counted(name):,}.")
    path = folder / "network.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # as in fewshot.learn.export
        torch.onnx.export(
            randomize_norms(make(classes)),
            (torch.zeros(2, channels, side, side),),
            path,
            input_names=["faces"],
            output_names=["logits"],
            dynamic_axes={"faces": {0: "n"}, "logits": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    images = np.random.default_rng(0).normal(size=(max(BATCHES), channels, side, side)).astype(np.float32)
    return lambda faces: session.run(None, {"faces": images[:faces]})


def load_ours() -> Callable[[int], object]:
    """Return what runs a batch through the shipped encoder, from bytes as a frame has them."""
    encoder = Encoder(SHIPPED_ENCODER, threads=THREADS)
    crops = np.random.default_rng(0).integers(0, 256, (max(BATCHES), CROP_SIZE, CROP_SIZE), np.uint8)
    return lambda faces: encoder.embed(crops[:faces])


def measure(runs: dict[str, Callable[[int], object]]) -> dict[str, dict[int, float]]:
    """Return the median ms a face by network and batch; the networks take turns, so that a busy moment hits all."""
    times: dict[str, dict[int, list[float]]] = {name: {faces: [] for faces in BATCHES} for name in runs}
    for turn in range(ROUNDS + 1):
        for name, run in runs.items():
            for faces, repeats in BATCHES.items():
                for _ in range(repeats):
                    started = time.perf_counter()
                    run(faces)
                    if turn:  # the first round warms up
                        times[name][faces].append(1000 * (time.perf_counter() - started) / faces)
    return {name: {faces: statistics.median(ms) for faces, ms in row.items()} for name, row in times.items()}


def main() -> None:
    """Measure all side by side, print and keep."""
    no_options(__doc__)
    torch.manual_seed(0)
    runs = {OURS: load_ours()}
    with tempfile.TemporaryDirectory() as folder:
        for name in PEERS:
            runs[name] = load_peer(name, Path(folder))
        load_before = os.getloadavg()[0]
        times = measure(runs)
    ours = times[OURS]
    inputs = {OURS: f"gray {CROP_SIZE}x{CROP_SIZE}"}
    inputs |= {name: f"{'gray' if p[2] == 1 else 'color'} {p[3]}x{p[3]}" for name, p in PEERS.items()}
    sizes = {OURS: work(SHIPPED_ENCODER)[0]} | {name: parameters(p[0](p[1])) for name, p in PEERS.items()}
    rows: list[dict[str, Any]] = [
        {
            "network": name,
            "input": inputs[name],
            "parameters": sizes[name],
            "ms a face": {str(faces): ms for faces, ms in row.items()},
            "times ours": {str(faces): ms / ours[faces] for faces, ms in row.items()},
        }
        for name, row in times.items()
    ]
    result = {"processor": processor(), "threads": THREADS, "load average before": load_before, "rows": rows}
    print(json.dumps(result, indent=1))
    (HERE / "results.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()

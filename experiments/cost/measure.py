"""What an encoder costs and what it is worth: one row of the table.

    python -m experiments.cost.measure NAME encoder.onnx --data fer2013.zip [--votes fer2013new.csv] [--quantize]

Time is the median over batches of 49 crops, a class of seven by seven, on two threads of this machine. Accuracy is that of
PublicTest, by nearest prototype of Training, made with the votes where given. The row is kept in results.json beside this file, under NAME.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime

from experiments.machine import processor
from fewshot.encoder import Encoder
from fewshot.learn.embed import EmbeddedSplits, load_embedder
from fewshot.learn.fer2013 import Fer2013, load_fer2013
from fewshot.learn.ferplus import with_votes
from fewshot.learn.generic import make_generic
from fewshot.learn.quantize import quantize
from fewshot.prototypes import nearest
from fewshot.types import EMOTIONS, UInt8

HERE = Path(__file__).parent
CLASS_SIZE, THREADS, BATCHES = 49, 2, 60


def work(path: Path) -> tuple[int, int]:
    """Count (parameters, multiply-adds a crop) of the convolutions and matrix products of an ONNX file."""
    graph = onnx.shape_inference.infer_shapes(onnx.load(str(path))).graph
    shapes = {
        info.name: [d.dim_value for d in info.type.tensor_type.shape.dim] for info in (*graph.value_info, *graph.output)
    }
    weights = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    # a quantized file reads its weights through a node that turns them back into floats
    weights |= {
        n.output[0]: weights[n.input[0]]
        for n in graph.node
        if n.op_type == "DequantizeLinear" and n.input[0] in weights
    }
    parameters = products = 0
    for node in graph.node:
        if node.op_type not in ("Conv", "Gemm", "MatMul"):
            continue
        sizes = [int(np.prod(weights[name])) for name in node.input if name in weights]
        parameters += sum(sizes)
        spots = int(np.prod(shapes[node.output[0]][2:])) if node.op_type == "Conv" else 1
        products += max(sizes) * spots
    return parameters, products


def milliseconds(encoder: Encoder, crops_gray: UInt8) -> float:
    """Return the median time of a face in a batch of ``CLASS_SIZE`` crops."""
    batch = crops_gray[:CLASS_SIZE]
    times = []
    for _ in range(BATCHES):
        started = time.perf_counter()
        encoder.embed(batch)
        times.append(time.perf_counter() - started)
    return 1000 * statistics.median(times[5:]) / CLASS_SIZE


def row(path: Path, fer2013: Fer2013, quantized: bool) -> dict[str, Any]:
    """Measure the file, or what quantizing it gives."""
    parameters, products = work(path)
    with tempfile.TemporaryDirectory() as folder:
        measured = path
        if quantized:
            measured = Path(folder) / "integers.onnx"
            quantize(path, measured, fer2013.split("Training").images_gray)
        timed, embedded = Encoder(measured, threads=THREADS), EmbeddedSplits(load_embedder(str(measured)), fer2013)
        public = fer2013.split("PublicTest")
        found = nearest(embedded.split("PublicTest"), make_generic(embedded)).labels
        return {
            "fingerprint": timed.fingerprint,
            "numbers": "int8"
            if any(t.data_type == onnx.TensorProto.INT8 for t in onnx.load(str(measured)).graph.initializer)
            else "float32",
            "parameters": parameters,
            "multiply-adds": products,
            "megabytes": measured.stat().st_size / 1e6,
            "ms a face": milliseconds(timed, public.images_gray),
            "PublicTest": float(
                np.mean([EMOTIONS[label] == name for label, name in zip(public.labels, found, strict=True)])
            ),
            "processor": processor(),
            "onnxruntime": onnxruntime.__version__,
        }


def main() -> None:
    """Measure one row, print it, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("encoder", type=Path)
    parser.add_argument("--data", required=True)
    parser.add_argument("--votes")
    parser.add_argument("--cache")
    parser.add_argument("--quantize", action="store_true")
    options = parser.parse_args()
    fer2013 = load_fer2013(options.data, options.cache)
    if options.votes:
        fer2013 = with_votes(fer2013, options.votes)
    measured = row(options.encoder, fer2013, options.quantize)
    print(json.dumps(measured, indent=1))
    target = HERE / "results.json"
    kept = json.loads(target.read_text()) if target.is_file() else {}
    target.write_text(json.dumps({**kept, options.name: measured}, indent=1) + "\n")


if __name__ == "__main__":
    main()

"""What ONNX files need before the runtime can run them here."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import numpy_helper

from fewshot.cores import usable_cores

THREADS = min(4, usable_cores())
"""Of each session of a face model: a few, for the encoder runs in the same process."""


def fold_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """Replace the block-quantized weights of ``model`` by the float32 numbers they stand for, and leave its image size open.

    The ONNX runtime refuses ``DequantizeLinear`` on this file's blocks. The formula is the operator's own:
    ``(quantized - zero_point) * scale``, with one scale and zero point for ``block_size`` numbers along ``axis``.
    """
    graph = model.graph
    constants = {constant.name: constant for constant in graph.initializer}
    for node in [node for node in graph.node if node.op_type == "DequantizeLinear"]:
        quantized, scale, zero_point = (numpy_helper.to_array(constants[name]) for name in node.input)
        attributes = {attribute.name: attribute.i for attribute in node.attribute}
        axis, block = attributes.get("axis", 1), attributes.get("block_size", 0)
        if block:
            length = np.arange(quantized.shape[axis])
            scale, zero_point = (np.take(part, length // block, axis) for part in (scale, zero_point))
        weights = (quantized.astype(np.float32) - zero_point.astype(np.float32)) * scale
        graph.initializer.append(numpy_helper.from_array(weights.astype(np.float32), node.output[0]))
        graph.node.remove(node)
    for side, dimension in zip(("height", "width"), graph.input[0].type.tensor_type.shape.dim[2:], strict=True):
        dimension.dim_param = side
    for output in graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_{output.name}"
    return model

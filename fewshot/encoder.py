"""Crops -> embeddings through the ONNX runtime. The file holds the preprocessing too, so nobody can do it differently."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime

from fewshot.cores import usable_cores
from fewshot.errors import WeightsError
from fewshot.types import CROP_SIZE, Float32, UInt8

SHIPPED_ENCODER = Path(__file__).parent / "weights" / "encoder.onnx"


def file_fingerprint(path: Path) -> str:
    """Return the first 16 hex digits of the SHA-256 of a model file; what is stored with everything it made."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def session_options(threads: int | None = None) -> onnxruntime.SessionOptions:
    """Return the options of every session of this package: only errors are logged, and threads sleep while they wait.

    By default they spin, and take the cores from whatever comes between two batches.

    Args:
        threads: For one batch; None for the runtime's own choice, within what this process may use.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if threads is None and usable_cores() < (os.cpu_count() or 1):
        threads = usable_cores()  # the runtime would take those of the whole machine, and bind a thread to each
    if threads is not None:
        options.intra_op_num_threads = threads
    return options


class EmotionEncoder(Protocol):
    """What enrolling and live use ask of an :class:`Encoder`."""

    fingerprint: str

    def embed(self, crops_gray: UInt8) -> Float32:
        """Embed (n, 48, 48) uint8 crops as (n, d) float32; n may be 0."""


class Encoder:
    """A trained encoder, read-only: threads may share it.

    Attributes:
        fingerprint: Of its file; embeddings of encoders with different fingerprints must not be compared.
        dimension: Length of an embedding.
        final_dimension: How many of its first numbers are the encoder's last layer, which generic prototypes compare; the
            others are an earlier layer, which tells more of one person.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        """Read an ONNX file written by ``fewshot.learn.export``.

        Args:
            path: Of the file.
            threads: For one batch; None for the runtime's own choice.

        Raises:
            WeightsError: missing, damaged, or not such a file.
        """
        if not path.is_file():
            raise WeightsError(f"the encoder must be at {path}, and there is nothing. Reinstall, or run the export.")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), session_options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's exceptions share no base class
            said = str(error).splitlines()[0].rstrip(".")
            raise WeightsError(f"{path} must be an ONNX encoder: {said}. Reinstall, or run the export.") from error
        inputs, outputs = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) != 1 or inputs[0].shape[1:] != [CROP_SIZE, CROP_SIZE] or inputs[0].type != "tensor(uint8)":
            found = ", ".join(f"{i.type} {i.shape}" for i in inputs)
            raise WeightsError(
                f"{path} must take uint8 (n, {CROP_SIZE}, {CROP_SIZE}), takes {found}. Use the file of the export."
            )
        self._input = inputs[0].name
        self.final_dimension = int(outputs[0].shape[1])
        self.dimension = sum(int(output.shape[1]) for output in outputs)
        self.fingerprint = file_fingerprint(path)

    def embed(self, crops_gray: UInt8) -> Float32:
        """Embed a batch of crops.

        Args:
            crops_gray: (n, 48, 48) uint8; n may be 0.

        Returns:
            (n, dimension) float32.

        Raises:
            ValueError: another shape or dtype.
        """
        if crops_gray.ndim != 3 or crops_gray.shape[1:] != (CROP_SIZE, CROP_SIZE) or crops_gray.dtype != np.uint8:
            raise ValueError(
                f"crops_gray must be uint8 (n, {CROP_SIZE}, {CROP_SIZE}), got {crops_gray.dtype} {crops_gray.shape}"
            )
        if len(crops_gray) == 0:
            return np.zeros((0, self.dimension), np.float32)
        return np.concatenate(self._session.run(None, {self._input: np.ascontiguousarray(crops_gray)}), axis=1)


def load_encoder(path: Path | None = None, threads: int | None = None) -> Encoder:
    """Load an encoder; the shipped one where ``path`` is None. Raises WeightsError as :class:`Encoder`."""
    return Encoder(path or SHIPPED_ENCODER, threads)

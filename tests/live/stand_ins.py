"""Deterministic models for tests of what is built around them. They raise when asked for the unexpected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from fewshot.face.backend import FaceBackend
from fewshot.face.scales import Rows, lies_in
from fewshot.gallery import Gallery
from fewshot.models import Models
from fewshot.person import Person
from fewshot.prior import Prior
from fewshot.types import Face, Float32, Prototypes, UInt8
from tests.builders import trust_by
from tests.live.builders import ENCODER, IDENTITY, make_generic

GRAY_STEP = 30
"""A face painted in gray level ``GRAY_STEP * (i + 1)`` shows emotion i to the stand-in encoder."""


class GrayEncoder:
    """Embeds a crop by its mean gray level: a unit vector along the axis of one emotion."""

    fingerprint = ENCODER
    dimension = 8

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, crops_gray: UInt8) -> Float32:
        assert crops_gray.dtype == np.uint8
        assert crops_gray.shape[1:] == (48, 48)
        self.batches.append(len(crops_gray))
        axes = np.clip(np.round(crops_gray.mean(axis=(1, 2)) / GRAY_STEP).astype(int) - 1, 0, 6)
        return np.eye(self.dimension, dtype=np.float32)[axes]


class ScriptedBackend:
    """Finds the faces that the test has put there, and recognizes them by the key the test gave to each place."""

    name = "scripted"
    licence = "None needed."
    identity_fingerprint = IDENTITY
    match_threshold = 0.35
    match_margin = 0.05

    def __init__(self) -> None:
        self.faces: tuple[Face, ...] = ()
        self.looks_like: dict[int, Sequence[float]] = {}
        """Identity vector by left edge of the face; none given means that no identity may be asked for."""
        self.tiny: tuple[Face, ...] = ()
        """Faces that only a close pass finds."""
        self.close_passes: list[Rows] = []
        self.detections = 0
        self.identified: list[int] = []

    def detect(self, frame_bgr: UInt8) -> tuple[Face, ...]:
        self.detections += 1
        return self.faces

    def detect_small(self, frame_bgr: UInt8, rows: Rows) -> tuple[Face, ...]:
        self.close_passes.append(rows)
        return tuple(face for face in (*self.faces, *self.tiny) if lies_in(face, rows))

    def embed_identity(self, frame_bgr: UInt8, faces: Sequence[Face]) -> Float32:
        self.identified.append(len(faces))
        rows = np.array([self.looks_like[round(float(face.box_xyxy[0]))] for face in faces], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@cache
def _noise(width: int, height: int) -> UInt8:
    return np.random.default_rng(0).integers(60, 120, (height, width, 3), np.uint8)


def paint(faces: Sequence[Face], emotions: Sequence[int], width: int = 320, height: int = 180) -> UInt8:
    """A frame on which each face is a noisy square whose gray level shows an emotion to :class:`GrayEncoder`."""
    frame_bgr = _noise(width, height).copy()
    rng = np.random.default_rng(0)
    for face, emotion in zip(faces, emotions, strict=True):
        left, top, right, bottom = (round(float(v)) for v in face.box_xyxy)
        level = GRAY_STEP * (emotion + 1)
        frame_bgr[max(0, top - 10) : bottom + 10, max(0, left - 10) : right + 10] = level
        texture = rng.integers(-3, 4, (bottom - top, right - left, 1))
        frame_bgr[top:bottom, left:right] = level + texture
    return frame_bgr


def make_models(backend: FaceBackend | ScriptedBackend, encoder: GrayEncoder | None = None) -> Models:
    """These models with the prior of :func:`make_gallery`."""
    return Models(backend, encoder or GrayEncoder(), Prior(make_generic(), trust_by(1.0)))  # type: ignore[arg-type]


def make_gallery(*people: Person, generic: Prototypes | None = None, identity: str = IDENTITY) -> Gallery:
    """A gallery of these people with the thresholds of the built-in backend."""
    return Gallery(
        people,
        Prior(generic or make_generic(), trust_by(1.0)),
        match_threshold=0.35,
        match_margin=0.05,
        identity_fingerprint=identity,
    )

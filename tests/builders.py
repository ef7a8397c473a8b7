"""Small valid objects for tests; every argument has a default that does not matter."""

import math
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np

from fewshot.config import PersonalConfig
from fewshot.person import Person, Receipt
from fewshot.types import EMOTIONS, Float32, PrototypeKind, Prototypes, UInt8

DIMENSION = 8


def generic(temperature: float = 1.0, fingerprint: str = "encoder-a") -> Prototypes:
    """Seven prototypes on the axes of an 8-D space, 3 away from its center."""
    vectors = 3 * np.eye(7, DIMENSION, dtype=np.float32)
    return Prototypes(vectors, EMOTIONS, np.ones(7, np.int64), np.ones_like(vectors), temperature, fingerprint)


def on_circle(*degrees: float, radius: float = 1.0) -> Float32:
    """2-D embeddings at these angles."""
    return np.array(
        [[radius * math.cos(math.radians(a)), radius * math.sin(math.radians(a))] for a in degrees], np.float32
    )


def prototypes_at(**degrees: float) -> Prototypes:
    """One prototype a label on the unit circle, temperature 1."""
    return Prototypes(
        on_circle(*degrees.values()),
        tuple(degrees),
        np.ones(len(degrees), np.int64),
        np.ones((len(degrees), 2), np.float32),
        1.0,
        "test",
    )


def trust_by(kappa: float, shot_correlation: float = 0.0) -> PersonalConfig:
    """Trust every part of a student's own photos alike, and no classmates."""
    return PersonalConfig(
        kappa,
        kappa,
        kappa,
        early_shift_kappa=kappa,
        early_weight=1.0,
        shot_correlation=shot_correlation,
        classmates=0,
        classmates_kappa=1.0,
    )


def unit(*components: float) -> Float32:
    """A unit row from its first components."""
    row = np.zeros(4, np.float32)
    row[: len(components)] = components
    return row / np.linalg.norm(row)


def person(
    name: str,
    template: Float32,
    embeddings: Float32 | None = None,
    labels: tuple[str, ...] = (),
    uses: PrototypeKind = "personal",
    encoder: str = "encoder-a",
    identity: str = "identity-a",
) -> Person:
    """A person with one identity template whose key is their name in lower case."""
    return Person(
        person_id=name.lower(),
        name=name,
        templates=template[None],
        embeddings=np.zeros((0, DIMENSION), np.float32) if embeddings is None else embeddings,
        embedding_labels=labels,
        receipt=Receipt({}, 0, 0, 0, uses),
        encoder_fingerprint=encoder,
        identity_fingerprint=identity,
        enrolled_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def write_webm(path: Path, frames_bgr: Iterable[UInt8], fps: float) -> Path:
    """A recording in VP8, which browsers play and which can be read where it is cut short; return ``path``."""
    frames = list(frames_bgr)
    video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"VP80"), fps, frames[0].shape[1::-1])
    for frame_bgr in frames:
        video.write(frame_bgr)
    video.release()
    return path

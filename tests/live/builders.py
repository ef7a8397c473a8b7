"""Small makers of the nouns that live tests need: everything by default, what matters by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from fewshot.compose import load
from fewshot.config import LiveConfig, SmoothingConfig, StreamConfig, WeightConfig
from fewshot.person import Person, Receipt
from fewshot.types import (
    EMOTIONS,
    NOBODY,
    UNSURE,
    Emotion,
    Emotions,
    Face,
    Float32,
    FrameResult,
    Match,
    PrototypeKind,
    Prototypes,
    Reading,
)
from tests.builders import trust_by

ENCODER = "stand-in-encoder"
IDENTITY = "stand-in-identity"

PATIENCE = StreamConfig(silence_s=10, first_pause_s=1, longest_pause_s=4, give_up_s=0)
"""Long enough for a busy machine, and a live source that is lost once is given up."""


def make_face(x: float = 100, y: float = 80, size: float = 80, score: float = 0.9) -> Face:
    """A frontal face whose box begins at (x, y)."""
    box = np.array([x, y, x + size, y + size], np.float32)
    shares = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.78], [0.65, 0.78]], np.float32)
    return Face(box, (np.array([x, y]) + shares * size).astype(np.float32), score)


def make_emotion(
    label: str | None = "happy", p: float = 0.8, prototypes: PrototypeKind = "generic", distance: float = 1.0
) -> Emotion:
    """``p`` for the label ("neutral" where None), the rest shared evenly."""
    rest = (1 - p) / (len(EMOTIONS) - 1)
    return Emotion(
        label, {name: p if name == (label or "neutral") else rest for name in EMOTIONS}, distance, prototypes
    )


def make_emotions(*emotions: Emotion) -> Emotions:
    """The rows of emotions that all know the seven labels."""
    named = [UNSURE if emotion.label is None else EMOTIONS.index(emotion.label) for emotion in emotions]
    return Emotions(
        EMOTIONS,
        np.array([[emotion.probabilities[label] for label in EMOTIONS] for emotion in emotions]),
        np.ones((len(emotions), len(EMOTIONS)), np.bool_),
        np.array(named),
        np.array([emotion.squared_distance for emotion in emotions]),
        np.array([emotion.prototypes == "personal" for emotion in emotions]),
    )


def make_match(name: str | None = "Ada", similarity: float = 0.7) -> Match:
    """A match whose key is the name in small letters; NOBODY for None."""
    return NOBODY if name is None else Match(name.lower(), name, similarity)


def make_reading(
    track_id: int = 1, face: Face | None = None, match: Match | None = None, emotion: Emotion | None = None
) -> Reading:
    """Ada, happy, unless told otherwise."""
    return Reading(track_id, face or make_face(), match or make_match(), emotion or make_emotion())


def make_result(
    *readings: Reading, frame: int = 0, time_s: float = 0.0, width: int = 640, height: int = 360
) -> FrameResult:
    """A frame with these readings."""
    return FrameResult(frame, time_s, width, height, readings, {"detect": 10.0, "embed": 2.0})


def make_smoothing(**values: float) -> SmoothingConfig:
    """One time constant, which no change interrupts, and thresholds that tests can reckon with."""
    plain = SmoothingConfig(
        slow_s=0.8,
        quick_s=0.8,
        change=1e9,
        drift=0.0,
        reading_s=1e9,
        min_confidence=0.35,
        keep_confidence=0.35,
        hysteresis=0.05,
    )
    return replace(plain, **values)


def make_weight(**values: float) -> WeightConfig:
    """Ramps that tests can reckon with, and a poor reading that counts a quarter."""
    plain = WeightConfig(
        least=0.25, poor_px=20, full_px=50, full_yaw_deg=15, poor_yaw_deg=75, poor_sharpness=0.01, full_sharpness=0.1
    )
    return replace(plain, **values)


def make_config(**values: float | str | SmoothingConfig | None) -> LiveConfig:
    """The live config as it ships, with quick rhythms and no store; whatever is named replaces its value."""
    quick: dict[str, object] = {
        "store": None,
        "personal": trust_by(1.0),
        "analyze_fps": 15,
        "detect_every_s": 0.2,
        "identify_every_s": 3.0,
        "track_gap_s": 1.0,
        "budget_ms": 70,
        "refresh_s": 0.2,
        "stream": PATIENCE,
        "smoothing": make_smoothing(),
        "weight": make_weight(least=1.0),
    }
    return replace(load(LiveConfig), **(quick | values))  # type: ignore[arg-type]


def make_generic(dimension: int = 8, fingerprint: str = ENCODER) -> Prototypes:
    """One prototype an emotion, the unit vectors of the first seven axes."""
    vectors = np.eye(len(EMOTIONS), dimension, dtype=np.float32)
    return Prototypes(vectors, EMOTIONS, np.ones(len(EMOTIONS), np.int64), np.ones_like(vectors), 0.5, fingerprint)


def make_person(
    name: str, template: Sequence[float] | Float32, uses: PrototypeKind = "generic", identity: str = IDENTITY
) -> Person:
    """Somebody with one identity template and one photo, "neutral", that lies at the seventh axis."""
    unit = np.asarray(template, np.float32)[None] / np.linalg.norm(template)
    receipt = Receipt({"neutral": 1}, 0, 0, 0, uses)
    embeddings = np.eye(len(EMOTIONS), 8, dtype=np.float32)[-1:]
    return Person(
        name.lower(),
        name,
        unit.astype(np.float32),
        embeddings,
        ("neutral",),
        receipt,
        ENCODER,
        identity,
        datetime(2026, 1, 1, tzinfo=UTC),
    )

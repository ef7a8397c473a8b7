"""Schemas of conf/: a typo or an impossible value fails at start, with a sentence.

The values live in conf/*.yaml alone; schemas hold their types, units and bounds: of faces, enrolling and live use here,
of training in :mod:`fewshot.learn.config`. :mod:`fewshot.compose` reads the files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fewshot.errors import CORRECT_CONFIG, ConfigError


def at_least(group: str, config: Any, **bounds: float) -> None:
    """Raise ConfigError unless every named field of ``config`` is finite and at least its bound.

    Args:
        group: Where ``config`` stands in its file, such as ``trainer``; empty for the file itself.
        config: The schema's object.
        bounds: By field.
    """
    for name, bound in bounds.items():
        value = getattr(config, name)
        if not bound <= value < math.inf:
            finite = " and finite" if value == math.inf else ""
            raise ConfigError(f"{_full(group, name)} must be at least {bound:g}{finite}, got {value}. {CORRECT_CONFIG}")


def one_of(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise ConfigError unless ``value``, of the full name ``name``, is one of the choices."""
    if value not in choices:
        raise ConfigError(f"{name} must be one of {', '.join(choices)}; got '{value}'. {CORRECT_CONFIG}")


def share(group: str, config: Any, *names: str) -> None:
    """Raise ConfigError unless every named field lies in [0, 1]; ``group`` as :func:`at_least` takes it."""
    for name in names:
        value = getattr(config, name)
        if not 0.0 <= value <= 1.0:
            raise ConfigError(f"{_full(group, name)} must lie between 0 and 1, got {value}. {CORRECT_CONFIG}")


def _full(group: str, name: str) -> str:
    return f"{group}.{name}" if group else name


@dataclass
class FacesConfig:
    """Which face backend runs. ``backend``: auto takes InsightFace if its pack is in ``pack_root``, else builtin."""

    backend: str
    pack: str
    pack_root: str
    download: bool
    min_score: float
    min_face_px: float

    def __post_init__(self) -> None:
        one_of("faces.backend", self.backend, ("auto", "builtin", "insightface"))
        share("faces", self, "min_score")
        at_least("faces", self, min_face_px=8, min_score=0.05)  # below, every texture is a face


@dataclass
class PersonalConfig:
    """How far a student's own photos are trusted: what :func:`fewshot.prototypes.personal_prototypes` is told.

    Attributes:
        kappa: Weight of a generic prototype against the photos of its class, in photos.
        early_kappa: The same in the encoder's earlier layer.
        shift_kappa: Weight of no shift at all against the shift that the shown classes have in common, in classes.
        early_weight: How much the encoder's earlier layer counts beside the final embedding once all classes are shown.
    """

    kappa: float
    early_kappa: float
    shift_kappa: float
    early_weight: float

    def __post_init__(self) -> None:
        at_least("personal", self, kappa=0.001, early_kappa=0.001, shift_kappa=0, early_weight=0)


@dataclass
class EnrollConfig:
    """``store``: SQLAlchemy URL, null for the user's data folder."""

    faces: FacesConfig
    personal: PersonalConfig
    store: str | None


MOST_NATS = 3.0
"""What one reading may say for an emotion against the one shown: a ratio of twenty. More is noise of a sure classifier."""


@dataclass
class SmoothingConfig:
    """How emotions are smoothed over time: what :func:`fewshot.live.smooth.smooth` is told. Times in seconds.

    Attributes:
        slow_s: Time constant of the probabilities while a face goes on showing the same.
        quick_s: Time constant of the probabilities from which the slow ones begin anew after a change.
        change: How much evidence for another emotion is a change, in nats x seconds.
        drift: What a reading must say for another emotion, in nats, before that is evidence.
        reading_s: A reading counts for the time since the last one, at most for this.
        min_confidence: Smoothed probability from which an emotion is named.
        keep_confidence: Smoothed probability down to which a named one is kept.
        hysteresis: By how much probability another emotion must lead the shown one without a change.
    """

    slow_s: float
    quick_s: float
    change: float
    drift: float
    reading_s: float
    min_confidence: float
    keep_confidence: float
    hysteresis: float

    def __post_init__(self) -> None:
        at_least("smoothing", self, slow_s=0, quick_s=0, change=0, drift=0, reading_s=0.001, hysteresis=0)
        share("smoothing", self, "min_confidence", "keep_confidence")
        if self.drift > MOST_NATS:
            raise ConfigError(f"smoothing.drift must be at most {MOST_NATS:g}, got {self.drift}. {CORRECT_CONFIG}")
        if self.keep_confidence > self.min_confidence:
            raise ConfigError(
                f"smoothing.keep_confidence must be at most smoothing.min_confidence, got {self.keep_confidence} and "
                f"{self.min_confidence}. {CORRECT_CONFIG}"
            )


@dataclass
class WeightConfig:
    """How much a poor reading counts: what :func:`fewshot.live.weight.reading_weights` is told.

    Attributes:
        least: Weight of the poorest reading; 1 to count all alike.
        poor_px, full_px: Heights of a face up to which it is as poor as can be, and from which it counts in full.
        full_yaw_deg, poor_yaw_deg: Angles by which a head is turned sideways, likewise.
        poor_sharpness, full_sharpness: Of the crop, likewise; no unit.
    """

    least: float
    poor_px: float
    full_px: float
    full_yaw_deg: float
    poor_yaw_deg: float
    poor_sharpness: float
    full_sharpness: float

    def __post_init__(self) -> None:
        share("weight", self, "least")
        at_least("weight", self, poor_px=0, full_yaw_deg=0, poor_sharpness=1e-6)
        for low, high in (
            ("poor_px", "full_px"),
            ("full_yaw_deg", "poor_yaw_deg"),
            ("poor_sharpness", "full_sharpness"),
        ):
            if not getattr(self, low) < getattr(self, high) < math.inf:
                raise ConfigError(
                    f"weight.{high} must be larger than weight.{low}, got {getattr(self, high)} and {getattr(self, low)}. "
                    f"{CORRECT_CONFIG}"
                )


LONGEST_RETENTION_DAYS = 3650
"""Ten years."""


@dataclass
class ClassroomConfig:
    """What is noticed in a lesson, and how long lessons are kept. In seconds, where nothing else is said.

    Attributes:
        looks_s: A student may need a look: so long an unpleasant look lasts that is not the student's usual one.
        turned_s: So long a face is turned away.
        turned_deg: It is where it is turned by more, from the camera and from where the student's usually points.
        usual_s: Known once the student was seen for so long: a camera may stand at the side.
        absent_s: So long nobody has seen the student.
        gap_s: So long a look or a pose may be interrupted.
        turn_window_s: The mood turned: so long before a moment is compared with each half of so long after it.
        turn_share: By at least this share of the looks both halves differ.
        turns_most: So many such moments a report shows at most.
        retention_days: A lesson is deleted that began so many days ago.
    """

    looks_s: int
    turned_s: int
    turned_deg: float
    usual_s: int
    absent_s: int
    gap_s: int
    turn_window_s: int
    turn_share: float
    turns_most: int
    retention_days: int

    def __post_init__(self) -> None:
        at_least("classroom", self, looks_s=1, turned_s=1, turned_deg=0, usual_s=1, absent_s=1, gap_s=0)
        at_least("classroom", self, turn_window_s=2, turns_most=0, retention_days=1)
        share("classroom", self, "turn_share")
        if self.retention_days > LONGEST_RETENTION_DAYS:
            raise ConfigError(
                f"classroom.retention_days must be at most {LONGEST_RETENTION_DAYS}, got {self.retention_days}. {CORRECT_CONFIG}"
            )


MODES = ("full", "anonymous", "aggregate")
"""How much of a lesson is told, from everything to the class as a whole."""


@dataclass
class DisplayConfig:
    """What the web app shows of a lesson.

    Attributes:
        mode: ``full``; ``anonymous``, students are numbered; or ``aggregate``, the class as a whole and no individuals.
        language: Of the labels; the name of one of the app's message files.
    """

    mode: str
    language: str

    def __post_init__(self) -> None:
        one_of("display.mode", self.mode, MODES)


@dataclass
class StreamConfig:
    """How a live source that is lost is found again: what :class:`fewshot.live.camera.Camera` is told. In seconds.

    Attributes:
        silence_s: A source that gives no picture for so long is connected anew.
        first_pause_s: Before the first attempt; each further pause is twice as long.
        longest_pause_s: But no longer than this.
        give_up_s: So long after the last picture the source is given up.
    """

    silence_s: float
    first_pause_s: float
    longest_pause_s: float
    give_up_s: float

    def __post_init__(self) -> None:
        at_least("stream", self, silence_s=0.1, first_pause_s=0.01, give_up_s=0)
        at_least("stream", self, longest_pause_s=self.first_pause_s)


@dataclass
class LiveConfig:
    """The live loop; times in seconds of the source's own clock."""

    faces: FacesConfig
    personal: PersonalConfig
    store: str | None
    course: str
    source: str
    output: str | None
    resume: bool
    analyze_fps: float
    detect_every_s: float
    identify_every_s: float
    track_gap_s: float
    budget_ms: float
    refresh_s: float
    stream: StreamConfig
    smoothing: SmoothingConfig
    weight: WeightConfig
    classroom: ClassroomConfig
    display: DisplayConfig

    def __post_init__(self) -> None:
        at_least(
            "", self, detect_every_s=0, identify_every_s=0, track_gap_s=0, analyze_fps=0.1, budget_ms=1, refresh_s=0.01
        )

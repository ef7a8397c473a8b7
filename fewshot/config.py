"""Schemas of conf/: a typo or an impossible value fails at start, with a sentence.

The values live in conf/*.yaml alone; schemas hold their types, units and bounds: of faces, enrolling and live use here,
of training in :mod:`fewshot.learn.config`, of measuring what was trained in :mod:`fewshot.learn.evaluate_config`.
:mod:`fewshot.compose` reads the files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from fewshot.bounds import at_least, in_unit_interval, named, one_of
from fewshot.errors import CORRECT_CONFIG, ConfigError
from fewshot.sentence import Sentence


def expand_home(path: str | Path) -> Path:
    """Expand ``~``, which not every shell does after a ``=``; where nobody knows that home, ``~`` is part of a name."""
    try:
        return Path(path).expanduser()
    except RuntimeError:  # no user is called so, or this account has no home
        return Path(path)


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
        in_unit_interval("faces", self, "min_score")
        named("faces", self, "pack", "pack_root")
        at_least("faces", self, min_face_px=8, min_score=0.05)  # below, every texture is a face


@dataclass
class PersonalConfig:
    """How far a student's own photos, and classmates who look alike, are trusted: the weights of a :class:`fewshot.prior.Prior`.

    Attributes:
        kappa: Prior weight of a generic prototype, counted in photos, against the student's photos of its class.
        early_kappa: The same for the encoder's earlier layer.
        shift_kappa: Prior weight of 'no shift', counted in classes, against the shift the shown classes share.
        early_shift_kappa: The same for the encoder's earlier layer.
        early_weight: Weight of the encoder's earlier layer beside the final embedding, once all classes are shown.
        shot_correlation: Correlation of the shots of one class, 0 to 1; at 1 many say no more than one.
        classmates: How many of those who look most like the student refine the generic prototypes first; 0 for none.
        classmates_kappa: Prior weight of a generic prototype against theirs, counted in classmates.
    """

    kappa: float
    early_kappa: float
    shift_kappa: float
    early_shift_kappa: float
    early_weight: float
    shot_correlation: float
    classmates: int
    classmates_kappa: float

    def __post_init__(self) -> None:
        at_least("personal", self, kappa=0.001, early_kappa=0.001, shift_kappa=0, early_shift_kappa=0, early_weight=0)
        at_least("personal", self, classmates=0, classmates_kappa=0.001)
        in_unit_interval("personal", self, "shot_correlation")


@dataclass
class EnrollConfig:
    """``store``: SQLAlchemy URL, null for the user's data folder."""

    faces: FacesConfig
    personal: PersonalConfig
    store: str | None

    def __post_init__(self) -> None:
        named("", self, "store")


MOST_NATS = 3.0
"""Cap, in nats, on how strongly one reading may argue for another emotion (a likelihood ratio of 20). More is noise."""


@dataclass
class SmoothingConfig:
    """How emotions are smoothed over time: what :func:`fewshot.live.smooth.smooth` is told. Times in seconds.

    Attributes:
        slow_s: Time constant of the average that is shown while a face keeps its emotion.
        quick_s: Time constant of a quicker average, from which the slow one restarts after a change.
        change: Evidence for another emotion, in nats x seconds, that makes a change.
        drift: How strongly, in nats, a reading must argue for another emotion before it is evidence.
        reading_s: Longest time that one reading stands for; otherwise it is the time since the previous reading.
        min_confidence: Smoothed probability from which an emotion is named.
        keep_confidence: Smoothed probability down to which a named emotion is kept.
        hysteresis: Lead in probability that another emotion needs to replace the shown one without a change.
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
        in_unit_interval("smoothing", self, "min_confidence", "keep_confidence")
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
        least: Weight of the poorest reading; at 1 all readings count alike.
        poor_px, full_px: Face height up to which a reading is poorest, and from which it counts in full.
        full_yaw_deg, poor_yaw_deg: Sideways turn of the head up to which it counts in full, and from which it is poorest.
        poor_sharpness, full_sharpness: Sharpness of the crop, like the height; no unit.
    """

    least: float
    poor_px: float
    full_px: float
    full_yaw_deg: float
    poor_yaw_deg: float
    poor_sharpness: float
    full_sharpness: float

    def __post_init__(self) -> None:
        in_unit_interval("weight", self, "least")
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
    """What is noticed in a lesson, and how long lessons are kept.

    Attributes:
        looks_s: Seconds that an unpleasant look, unusual for this student, must last before it is noticed.
        turned_s: Seconds that a face must stay turned away before it is noticed.
        turned_deg: A face is turned away if it points farther than this from the camera and from its usual direction.
        usual_s: Seconds a student must have been seen before that direction is known: a camera may stand at the side.
        absent_s: Seconds out of view after which a student is noticed as absent.
        gap_s: Longest interruption, in seconds, that does not end a look or a pose.
        turn_window_s: Seconds before a moment that are compared with each half of as many after it: has the mood turned?
        turn_share: It has if both halves differ from before by at least this share of the looks.
        turns_most: Largest number of such moments in a report.
        retention_days: Age, counted from its beginning, at which a lesson is deleted.
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
        in_unit_interval("classroom", self, "turn_share")
        if self.retention_days > LONGEST_RETENTION_DAYS:
            raise ConfigError(
                Sentence(
                    "{name} must be at most {most}, got {found}. {todo}",
                    "too_large",
                    name="classroom.retention_days",
                    most=LONGEST_RETENTION_DAYS,
                    found=self.retention_days,
                    todo=CORRECT_CONFIG,
                )
            )


MODES = ("full", "anonymous", "aggregate")
"""How much of a lesson is told, from everything to the class as a whole."""


@dataclass
class DisplayConfig:
    """What the web app shows of a lesson.

    Attributes:
        mode: ``full``; ``anonymous``, students are numbered; or ``aggregate``, the class as a whole and no individuals.
        language: Language of the labels, by the name of its message file.
    """

    mode: str
    language: str

    def __post_init__(self) -> None:
        one_of("display.mode", self.mode, MODES)


@dataclass
class StreamConfig:
    """How a lost live source is reconnected: what :class:`fewshot.live.camera.Camera` is told. Times in seconds.

    Attributes:
        silence_s: Time without a picture after which a source is reconnected.
        first_pause_s: Pause before the first attempt; each further pause is twice as long.
        longest_pause_s: Longest pause.
        give_up_s: Time since the last picture after which the source is given up.
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
        named("", self, "store", "output")
        at_least(
            "", self, detect_every_s=0, identify_every_s=0, track_gap_s=0, analyze_fps=0.1, budget_ms=1, refresh_s=0.01
        )

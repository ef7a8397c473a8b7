"""The nouns of a frame, from pixels to readings: frozen, validated when made, free of any vendor's types.

Those of somebody enrolled and of a lesson are in :mod:`fewshot.person` and :mod:`fewshot.lesson`.

Array names carry what they hold: ``_bgr`` and ``_gray`` are uint8 images of shape (h, w, 3) and (h, w), ``_xy`` and
``_xyxy`` are pixels of the source frame, ``_s`` and ``_ms`` are times. All objects here are read-only and may be
shared by threads; whoever makes one must not change its arrays afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Literal, overload

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]

EMOTIONS: tuple[str, ...] = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""The labels of FER2013 in the order of its codes 0 to 6."""

CROP_SIZE = 48
"""Side of an emotion crop in pixels, that of FER2013's images."""


def expect_shape(name: str, array: np.ndarray, shape: tuple[int | None, ...]) -> None:
    """Raise ValueError unless ``array`` has ``shape``, None standing for any length, and no NaN or infinity."""
    fits = array.shape == shape or (
        array.ndim == len(shape)
        and all(want is None or got == want for got, want in zip(array.shape, shape, strict=True))
    )
    if not fits:
        wanted = "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
        raise ValueError(f"{name} must have shape {wanted}, got {array.shape}")
    # counted, which takes half as long as all() for the few numbers of a face
    if array.dtype.kind == "f" and np.count_nonzero(np.isfinite(array)) < array.size:
        raise ValueError(f"{name} must be finite, got NaN or infinity")


@dataclass(frozen=True, eq=False)
class Face:
    """One face found in one frame.

    Attributes:
        box_xyxy: (4,) float32. Left, top, right, bottom; may reach outside the frame.
        landmarks_xy: (5, 2) float32. Eye, eye, nose, mouth corner, mouth corner; the one on the left of the image first.
        score: Detector's confidence in [0, 1].
    """

    box_xyxy: Float32
    landmarks_xy: Float32
    score: float

    def __post_init__(self) -> None:
        expect_shape("Face.box_xyxy", self.box_xyxy, (4,))
        expect_shape("Face.landmarks_xy", self.landmarks_xy, (5, 2))
        left, top, right, bottom = self.box_xyxy.tolist()
        if not (left < right and top < bottom):
            raise ValueError(f"Face.box_xyxy must have left < right and top < bottom, got {self.box_xyxy.tolist()}")

    @property
    def width(self) -> float:
        """Width of the box in pixels."""
        return float(self.box_xyxy[2] - self.box_xyxy[0])

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return float(self.box_xyxy[3] - self.box_xyxy[1])


@dataclass(frozen=True, eq=False)
class Crop:
    """A face brought onto FER2013's geometry, ready for the encoder.

    Attributes:
        image_gray: (48, 48) uint8.
        face: The face it was cut from.
    """

    image_gray: UInt8
    face: Face

    def __post_init__(self) -> None:
        expect_shape("Crop.image_gray", self.image_gray, (CROP_SIZE, CROP_SIZE))


@dataclass(frozen=True, eq=False)
class Prototypes:
    """Labelled points of the embedding space; a class may own several.

    Attributes:
        vectors: (n, d) float32, n >= 1.
        labels: n labels; a label may repeat.
        counts: (n,) int64. Embeddings averaged into each vector; 0 for one taken over from the generic prototypes.
        weights: (n, d) float32, >= 0. How much the squared difference in each dimension counts in the squared distance to
            each prototype.
        temperature: Squared distances are divided by it to make logits; > 0, in units of squared distance.
        fingerprint: Of the encoder whose space the vectors live in.
    """

    vectors: Float32
    labels: tuple[str, ...]
    counts: Int64
    weights: Float32
    temperature: float
    fingerprint: str

    def __post_init__(self) -> None:
        n = len(self.labels)
        if n == 0:
            raise ValueError("Prototypes need at least one vector, got none")
        expect_shape("Prototypes.vectors", self.vectors, (n, None))
        expect_shape("Prototypes.counts", self.counts, (n,))
        expect_shape("Prototypes.weights", self.weights, self.vectors.shape)
        if not self.temperature > 0:
            raise ValueError(f"Prototypes.temperature must be > 0, got {self.temperature}")

    @property
    def classes(self) -> tuple[str, ...]:
        """The distinct labels, in order of first appearance."""
        return tuple(dict.fromkeys(self.labels))


PrototypeKind = Literal["personal", "generic"]
"""Whether prototypes are a student's own or those of everybody."""


@dataclass(frozen=True, eq=False)
class Emotion:
    """What the nearest prototype says about one face.

    Attributes:
        label: The emotion, or None where the evidence is too weak to name one ("unsure").
        probabilities: By label, summing to 1; given even when ``label`` is None.
        squared_distance: To the nearest prototype.
        prototypes: Whether the student's own prototypes decided or the generic ones.
    """

    label: str | None
    probabilities: Mapping[str, float]
    squared_distance: float
    prototypes: PrototypeKind

    @property
    def confidence(self) -> float:
        """The largest probability, whether or not it was enough to name the emotion."""
        return max(self.probabilities.values())


UNSURE = -1
"""The column of no label."""


@dataclass(frozen=True, eq=False)
class Emotions(Sequence[Emotion]):
    """What the nearest prototypes say about n faces, a row each; as a sequence, one :class:`Emotion` a face.

    Attributes:
        labels: c labels, of all prototypes that might have been asked.
        probabilities: (n, c) float, rows summing to 1; 0 for a label that the face's own prototypes do not know.
        known: (n, c) bool. Which labels these know.
        named: (n,) int64. The column of the label named, ``UNSURE`` where the evidence is too weak.
        squared_distances: (n,) float, to the nearest prototype.
        personal: (n,) bool. Whether the student's own prototypes decided or the generic ones.
    """

    labels: tuple[str, ...]
    probabilities: Float32 | Float64
    known: npt.NDArray[np.bool_]
    named: Int64
    squared_distances: Float32 | Float64
    personal: npt.NDArray[np.bool_]

    def take(self, rows: Int64) -> Emotions:
        """Return some rows, in the order given."""
        return Emotions(
            self.labels,
            self.probabilities[rows],
            self.known[rows],
            self.named[rows],
            self.squared_distances[rows],
            self.personal[rows],
        )

    def __len__(self) -> int:
        return len(self.named)

    @overload
    def __getitem__(self, row: int) -> Emotion: ...

    @overload
    def __getitem__(self, row: slice) -> Sequence[Emotion]: ...

    def __getitem__(self, row: int | slice) -> Emotion | Sequence[Emotion]:
        rows = np.arange(len(self))[row]
        return next(iter(self.take(rows[None]))) if rows.ndim == 0 else list(self.take(rows))

    def __iter__(self) -> Iterator[Emotion]:
        # by way of plain lists, all at once: picking numbers out of arrays takes twice as long
        columns = (self.named, self.probabilities, self.known, self.squared_distances, self.personal)
        for named, row, known, squared_distance, is_personal in zip(*(c.tolist() for c in columns), strict=True):
            yield Emotion(
                label=None if named == UNSURE else self.labels[named],
                probabilities=dict(compress(zip(self.labels, row, strict=True), known)),
                squared_distance=squared_distance,
                prototypes="personal" if is_personal else "generic",
            )


@dataclass(frozen=True, eq=False)
class Match:
    """Who a face was found to be.

    Attributes:
        person_id: Key of the person in the gallery, or None where nobody is similar enough.
        name: Their name, or None.
        similarity: Cosine to the most similar template, -1 to 1, also where it was not enough; None in an empty gallery.
    """

    person_id: str | None
    name: str | None
    similarity: float | None


NOBODY = Match(person_id=None, name=None, similarity=None)


@dataclass(frozen=True, eq=False)
class Track:
    """One face followed over time, as it stands at one frame.

    Attributes:
        track_id: Of one face; who is recognized has the same one for the whole session, wherever the face shows up. A face that
            takes another's place without a gap is not told from it, nor is any while nobody is enrolled.
        face: Where it is now.
        found_s: Since when it has been in view without a gap: another face may have come in between.
    """

    track_id: int
    face: Face
    found_s: float


@dataclass(frozen=True, eq=False)
class Reading:
    """One face in one frame: where, who, and which emotion.

    Attributes:
        track_id: Of the face over time.
        face: Where it is.
        match: Who it is.
        emotion: As smoothed until now.
        fresh: Whether the face was read in this very frame; with many faces before a live source, each has its turn.
    """

    track_id: int
    face: Face
    match: Match
    emotion: Emotion
    fresh: bool = True


@dataclass(frozen=True, eq=False)
class FrameResult:
    """The only thing a screen receives.

    Attributes:
        frame: Number of the frame in its source, from 0.
        time_s: Its own timestamp, in seconds since the source began.
        width, height: Of the frame in pixels.
        readings: One a face; empty where there are none.
        timing_ms: Duration of each stage, in order of execution.
    """

    frame: int
    time_s: float
    width: int
    height: int
    readings: tuple[Reading, ...]
    timing_ms: Mapping[str, float] = field(default_factory=dict)

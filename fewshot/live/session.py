"""One stream of frames, read: the owner of everything that is remembered from frame to frame."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from fewshot.config import LiveConfig
from fewshot.errors import GalleryMismatch
from fewshot.face.images import expect_bgr
from fewshot.face.track import Tracker
from fewshot.gallery import Gallery
from fewshot.live.identity import TrackIdentities
from fewshot.live.pipeline import Pipeline
from fewshot.live.smooth import Smoothed, smooth
from fewshot.prototypes import expect_encoder
from fewshot.types import Emotion, Float32, FrameResult, Match, Reading, Track, UInt8


@dataclass(frozen=True, eq=False)
class _Mood:
    """A track's smoothed emotion and whose prototypes it came from."""

    person_id: str | None
    smoothed: Smoothed


@dataclass(frozen=True, eq=False)
class Evidence:
    """What one face of the last frame was read from, and a correction is made of; never pixels.

    Attributes:
        embedding: (d,) float32 of its emotion.
        template: (e,) float32 of unit length, of its identity; None where nobody has looked yet.
    """

    embedding: Float32
    template: Float32 | None


class _Stopwatch:
    """Durations of the stages of one frame, in milliseconds."""

    def __init__(self) -> None:
        self.timing_ms: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        """Book the time since the last lap on ``stage``."""
        now = time.perf_counter()
        self.timing_ms[stage] = (now - self._last) * 1000.0
        self._last = now


class LiveSession:
    """Turns the frames of one stream into results. ``process`` belongs to one thread; ``gallery`` may be set by any.

    Args:
        pipeline: Shared by all sessions of the process.
        gallery: Who is enrolled.
        config: Rhythm, smoothing and thresholds.

    Raises:
        GalleryMismatch: the gallery was made by another identity model than the pipeline's.
        PrototypeError: its generic prototypes were made by another encoder.
    """

    def __init__(self, pipeline: Pipeline, gallery: Gallery, config: LiveConfig) -> None:
        self._pipeline, self._config = pipeline, config
        self.gallery = gallery
        self._tracker = Tracker(config.track_gap_s)
        self._identities = TrackIdentities(config.identify_every_s, pipeline.backend.match_threshold)
        self._moods: dict[int, _Mood] = {}
        self._detected_s: float | None = None
        self._shape: tuple[int, ...] | None = None
        self._frame = 0
        self._evidence: dict[int, Evidence] = {}

    @property
    def evidence(self) -> Mapping[int, Evidence]:
        """What each face of the last frame was read from, by track."""
        return self._evidence

    @property
    def gallery(self) -> Gallery:
        """Who is enrolled. Setting another one (somebody joined or left) renames all tracks from the next frame on."""
        return self._gallery

    @gallery.setter
    def gallery(self, gallery: Gallery) -> None:
        expect_encoder(gallery.generic, self._pipeline.encoder.fingerprint)
        mine, theirs = self._pipeline.backend.identity_fingerprint, gallery.identity_fingerprint
        if mine != theirs:
            raise GalleryMismatch(
                f"The gallery must be made by the identity model that runs here, {mine}; it was made by {theirs}. "
                "Choose that face backend, or enroll the students again."
            )
        self._gallery = gallery

    def process(self, frame_bgr: UInt8, time_s: float, frame: int | None = None) -> FrameResult:
        """Read one frame.

        Args:
            frame_bgr: (h, w, 3) uint8; its size may change from frame to frame.
            time_s: Its own timestamp in the source. It may jump back, as when a recording is rewound.
            frame: Its number in the source; by default one more than the last.

        Returns:
            One reading a face in view, by track; who and which emotion as smoothed until now.

        Raises:
            ValueError: ``frame_bgr`` is no such picture; the session goes on with the next.
        """
        expect_bgr("frame_bgr", frame_bgr)
        gallery = self._gallery  # one gallery for the whole frame, whatever another thread sets meanwhile
        self._frame = self._frame if frame is None else frame
        watch = _Stopwatch()

        tracks = self._locate(frame_bgr, time_s, watch)
        faces = [track.face for track in tracks]
        crops = self._pipeline.align(frame_bgr, faces)
        watch.lap("align")
        embeddings = self._pipeline.embed(crops)
        watch.lap("embed")
        matches = self._identify(frame_bgr, tracks, time_s, gallery)
        self._evidence = {
            track.track_id: Evidence(row, self._identities.template(track.track_id))
            for track, row in zip(tracks, embeddings, strict=True)
        }
        watch.lap("identify")
        unsmoothed = gallery.classify(embeddings, [match.person_id for match in matches])
        watch.lap("classify")
        emotions = self._smooth(tracks, matches, unsmoothed, time_s)
        watch.lap("smooth")

        readings = tuple(
            Reading(track.track_id, track.face, match, emotion)
            for track, match, emotion in zip(tracks, matches, emotions, strict=True)
        )
        height, width = frame_bgr.shape[:2]
        result = FrameResult(self._frame, time_s, width, height, readings, watch.timing_ms)
        self._frame += 1
        return result

    def _locate(self, frame_bgr: UInt8, time_s: float, watch: _Stopwatch) -> tuple[Track, ...]:
        """Detect where it is time to, follow in between."""
        if frame_bgr.shape != self._shape:
            # Another picture: where a face lay in the old one says nothing about who is there now.
            self._tracker.forget_all()
            self._remember_only(set())
            self._shape, self._detected_s = frame_bgr.shape, None
        slack_s = 1e-3  # timestamps come rounded to milliseconds
        elapsed_s = None if self._detected_s is None else time_s - self._detected_s
        if elapsed_s is None or elapsed_s < 0 or elapsed_s >= self._config.detect_every_s - slack_s:
            self._detected_s = time_s
            tracks = self._tracker.update(self._pipeline.detect(frame_bgr), time_s, frame_bgr)
            watch.lap("detect")
        else:
            tracks = self._tracker.follow(frame_bgr, time_s)
            watch.lap("follow")
        return tracks

    def _remember_only(self, track_ids: set[int]) -> None:
        self._moods = {track_id: mood for track_id, mood in self._moods.items() if track_id in track_ids}
        self._identities.forget_except(track_ids)

    def _identify(
        self, frame_bgr: UInt8, tracks: tuple[Track, ...], time_s: float, gallery: Gallery
    ) -> tuple[Match, ...]:
        """Look at new and aging tracks, then name all. With nobody enrolled no identity is ever computed."""
        due = self._identities.choose_due(tracks, time_s) if gallery.people else ()
        if due:
            probes = self._pipeline.identify(frame_bgr, [tracks[i].face for i in due])
            for i, probe in zip(due, probes, strict=True):
                self._identities.remember(tracks[i], probe, time_s)
        return self._identities.match(tracks, gallery)

    def _smooth(
        self, tracks: tuple[Track, ...], matches: tuple[Match, ...], unsmoothed: tuple[Emotion, ...], time_s: float
    ) -> list[Emotion]:
        """Let this frame's emotions enter the tracks' moods; a track that changed its name starts anew."""
        emotions = []
        for track, match, emotion in zip(tracks, matches, unsmoothed, strict=True):
            mood = self._moods.get(track.track_id)
            before = mood.smoothed if mood is not None and mood.person_id == match.person_id else None
            smoothed = smooth(before, emotion, time_s, self._config.smoothing)
            self._moods[track.track_id] = _Mood(match.person_id, smoothed)
            emotions.append(smoothed.as_emotion())
        # Tracks that are gone for good must not fill the memory of a long lesson; abs, for clocks that jumped back.
        alive_s = self._config.track_gap_s + 1.0
        self._remember_only({i for i, mood in self._moods.items() if abs(time_s - mood.smoothed.time_s) <= alive_s})
        return emotions

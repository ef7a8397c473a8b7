"""One stream of frames, read: the owner of everything that is remembered from frame to frame."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fewshot.config import LiveConfig
from fewshot.errors import GalleryMismatch
from fewshot.face.align import align_all
from fewshot.face.images import expect_bgr, to_gray
from fewshot.gallery import Gallery
from fewshot.live.identity import StudentTracks, TrackIdentities
from fewshot.live.locate import Locator
from fewshot.live.moods import Moods
from fewshot.live.pace import Clock, Pace, Stopwatch, Streams
from fewshot.live.weight import reading_weights
from fewshot.models import Models
from fewshot.prototypes import expect_encoder
from fewshot.types import Float32, FrameResult, Match, Reading, Track, UInt8


@dataclass(frozen=True, eq=False)
class FaceEmbeddings:
    """What one face of the last frame was read from, and a correction is made from; never pixels.

    Attributes:
        embedding: (d,) float32 of its emotion.
        template: (e,) float32 of unit length, of its identity; None before the first look.
    """

    embedding: Float32
    template: Float32 | None


class LiveSession:
    """Turns the frames of one stream into results. ``process`` belongs to one thread; ``gallery`` may be set by any.

    Args:
        models: Shared by all sessions of the process.
        gallery: Who is enrolled.
        config: Rhythm, smoothing and thresholds.
        budget_ms: Work on one frame of a live source, kept by detecting and reading less often; None does everything in
            every frame, as a recording allows.
        streams: The live streams of this process, among which the time is shared; None if this one runs alone.
        clock: Measures the work.

    Raises:
        GalleryMismatch: the gallery was made by another identity model than that of ``models``.
        PrototypeError: its generic prototypes were made by another encoder.
    """

    def __init__(
        self,
        models: Models,
        gallery: Gallery,
        config: LiveConfig,
        *,
        budget_ms: float | None = None,
        streams: Streams | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self._models, self._config = models, config
        self.gallery = gallery
        self._pace, self._clock = Pace(budget_ms, config.refresh_s), clock
        self._streams = streams or Streams()
        self._locator = Locator(models.backend, config, self._pace)
        self._identities = TrackIdentities(models.backend.match_threshold)
        self._students = StudentTracks()
        self._moods = Moods(config.smoothing)
        self._frame = 0
        self._embeddings: dict[int, FaceEmbeddings] = {}

    @property
    def embeddings(self) -> Mapping[int, FaceEmbeddings]:
        """What each face of the last frame was read from, by track."""
        return self._embeddings

    @property
    def gallery(self) -> Gallery:
        """Who is enrolled. Setting another one (somebody joined or left) renames all tracks from the next frame on."""
        return self._gallery

    @gallery.setter
    def gallery(self, gallery: Gallery) -> None:
        expect_encoder(gallery.prior.generic, self._models.encoder.fingerprint)
        mine, theirs = self._models.backend.identity_fingerprint, gallery.identity_fingerprint
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
        watch = Stopwatch(self._clock)
        self._pace.begin(time_s, self._streams.share(self._pace, self._clock()))
        self._forget_gone(time_s)
        self._moods.take_labels(gallery.labels)

        frame_gray = to_gray(frame_bgr)  # once, for following and all crops
        watch.lap("gray")
        tracks = self._locator.locate(frame_bgr, frame_gray, time_s, watch)
        tracks, matches = self._identify(frame_bgr, tracks, time_s, gallery, watch)
        tracks, matches = self._keep_ids(tracks, matches)
        before_ms = watch.spent_ms
        chosen = self._choose_to_read(tracks, matches, before_ms)
        self._read(frame_gray, [tracks[i] for i in chosen], [matches[i] for i in chosen], time_s, gallery, watch)
        readings = tuple(
            Reading(track.track_id, track.face, match, emotion, i in chosen)
            for i, (track, match, emotion) in enumerate(zip(tracks, matches, self._moods.emotions(tracks), strict=True))
        )
        self._embeddings = {
            track.track_id: FaceEmbeddings(embedding, self._identities.template(track.track_id))
            for track, embedding in zip(tracks, self._moods.embeddings(tracks), strict=True)
        }
        watch.lap("smooth")
        self._pace.note("read", len(chosen), watch.spent_ms - before_ms)

        height, width = frame_bgr.shape[:2]
        result = FrameResult(self._frame, time_s, width, height, readings, watch.timing_ms)
        self._frame += 1
        return result

    def _identify(
        self, frame_bgr: UInt8, tracks: tuple[Track, ...], time_s: float, gallery: Gallery, watch: Stopwatch
    ) -> tuple[tuple[Track, ...], tuple[Match, ...]]:
        """Look at new and aging tracks, then name all. With nobody enrolled no identity is ever computed.

        A track that now shows another face than before it was lost is another track.
        """
        at_most = self._pace.affordable("identify", watch.spent_ms, at_least=1)
        every_s = self._pace.identify_every_s(self._config.identify_every_s, len(tracks))
        due = self._identities.choose_due(tracks, time_s, every_s, at_most) if gallery.people else ()
        if due:
            probes = self._models.backend.embed_identity(frame_bgr, [tracks[i].face for i in due])
            looks = zip((tracks[i] for i in due), probes, strict=True)
            others = [track.track_id for track, probe in looks if self._identities.remember(track, probe, time_s)]
            if others:
                tracks = self._rename({track_id: self._locator.new_id() for track_id in others})
        matches = self._identities.match(tracks, gallery)
        self._pace.note("identify", len(due), watch.lap("identify"))
        return tracks, matches

    def _keep_ids(
        self, tracks: tuple[Track, ...], matches: tuple[Match, ...]
    ) -> tuple[tuple[Track, ...], tuple[Match, ...]]:
        """Give every recognized student their own track again; two may have changed places."""
        ids = self._students.claim(tracks, matches, self._locator.new_id)
        if not ids:
            return tracks, matches
        by_id = {ids.get(track.track_id, track.track_id): match for track, match in zip(tracks, matches, strict=True)}
        tracks = self._rename(ids)
        return tracks, tuple(by_id[track.track_id] for track in tracks)

    def _rename(self, ids: Mapping[int, int]) -> tuple[Track, ...]:
        """Give the tracks named in ``ids`` the ids there, all at once, and return those in view, by id."""
        self._identities.rename(ids)
        return self._locator.rename(ids)

    def _choose_to_read(self, tracks: tuple[Track, ...], matches: tuple[Match, ...], spent_ms: float) -> list[int]:
        """Return the positions of the tracks to read in this frame, in order: all, or those whose turn it is.

        Tracks that have no mood yet, or one made by other prototypes, are read at once; then those not read for longest.
        """
        read_s = self._moods.read_s(tracks, matches)
        must = read_s.count(-math.inf)
        at_least = max(must, self._pace.fewest_to_read(len(tracks)))
        at_most = self._pace.affordable("read", spent_ms, at_least)
        return sorted(sorted(range(len(tracks)), key=lambda i: read_s[i])[:at_most])

    def _read(
        self,
        frame_gray: UInt8,
        tracks: Sequence[Track],
        matches: Sequence[Match],
        time_s: float,
        gallery: Gallery,
        watch: Stopwatch,
    ) -> None:
        """Add what these faces look like in this frame to their moods."""
        crops = align_all(frame_gray, [track.face for track in tracks])
        weights = reading_weights(crops, self._config.weight)
        watch.lap("align")
        embeddings = self._models.embed(crops)
        watch.lap("embed")
        seen = gallery.classify(embeddings, [match.person_id for match in matches])
        watch.lap("classify")
        self._moods.add(tracks, matches, embeddings, seen, time_s, weights)

    def _forget_gone(self, time_s: float) -> None:
        """Drop tracks that are gone for good; in a long lesson they would fill the memory."""
        self._moods.forget_older(time_s, self._config.track_gap_s + 1.0)
        self._identities.forget_except(set(self._moods.track_ids))

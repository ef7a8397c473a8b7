"""Where the faces of one stream are: detected now and then, followed in between."""

from __future__ import annotations

from collections.abc import Mapping

from fewshot.config import LiveConfig
from fewshot.face.backend import FaceBackend
from fewshot.face.scales import close_rows, lies_in, small_face_px
from fewshot.face.track import Tracker
from fewshot.live.pace import Pace, Stopwatch
from fewshot.types import Face, Track, UInt8


class Locator:
    """Decides in which frames to detect, where, and how closely; state of one stream, for one thread.

    While there are small faces, a pass over the whole frame and close passes over its parts take turns, so that no frame pays
    for all of them; a small face counts as missed only if a close pass does not find it.

    Args:
        backend: Finds faces.
        config: How often to detect, and how long a lost face is remembered.
        pace: Makes a slow detection happen less often.
    """

    def __init__(self, backend: FaceBackend, config: LiveConfig, pace: Pace) -> None:
        self._backend, self._pace = backend, pace
        self._every_s = config.detect_every_s
        self._tracker = Tracker(config.track_gap_s)
        self._detected_s: float | None = None
        self._turn = 0
        self._shape: tuple[int, ...] | None = None
        self._in_view = 0

    def locate(self, frame_bgr: UInt8, frame_gray: UInt8, time_s: float, watch: Stopwatch) -> tuple[Track, ...]:
        """Return the tracks in view in the next frame, by id, and book the time on ``watch``.

        Args:
            frame_bgr: (h, w, 3) uint8, in which faces are found.
            frame_gray: (h, w) uint8, the same frame, in which they are followed.
            time_s: Of the frame.
            watch: Of the frame.
        """
        if frame_bgr.shape != self._shape:
            # Another picture: where a face lay in the old one says nothing about who is there now.
            self._tracker.forget_all()
            self._shape, self._detected_s = frame_bgr.shape, None
        tracks = self._tracker.follow(frame_gray, time_s)
        watch.lap("follow")
        changed = 2 * len(tracks) < self._in_view  # a cut, another page of the gallery, another image, a long gap
        if changed:
            self._turn = 0
        if changed or self._is_due(time_s):
            self._detected_s = time_s
            tracks = self._detect(frame_bgr, time_s)
            while changed and self._turn and not self._pace.is_bounded:
                # the next picture may be another one again, and no close pass would ever have its turn
                tracks = self._detect(frame_bgr, time_s)
            self._pace.note("detect", 1, watch.lap("detect"))
        self._in_view = len(tracks)
        return tracks

    def rename(self, ids: Mapping[int, int]) -> tuple[Track, ...]:
        """Give the tracks named in ``ids`` the ids there, all at once, and return those in view, by id."""
        return self._tracker.rename(ids)

    def new_id(self) -> int:
        """Return an id that no track of this stream has had."""
        return self._tracker.new_id()

    def _is_due(self, time_s: float) -> bool:
        slack_s = 1e-3  # timestamps come rounded to milliseconds
        every_s = self._pace.detect_every_s(self._every_s)
        return self._detected_s is None or not 0 <= time_s - self._detected_s < every_s - slack_s

    def _detect(self, frame_bgr: UInt8, time_s: float) -> tuple[Track, ...]:
        """Detect in the whole frame, or closely in a part of it whose turn it is."""
        height, width = frame_bgr.shape[:2]
        small_px = small_face_px(height, width)
        parts = close_rows(height, width)
        turn, self._turn = self._turn, (self._turn + 1) % (1 + len(parts))
        if turn == 0:
            faces = self._backend.detect(frame_bgr)
            tracks = self._tracker.update(faces, time_s, lambda face: face.height >= small_px)
            if not any(track.face.height < small_px for track in tracks):
                self._turn = 0
            return tracks
        rows = parts[turn - 1]

        def sees(face: Face) -> bool:
            return face.height < small_px and lies_in(face, rows)

        return self._tracker.update(self._backend.detect_small(frame_bgr, rows), time_s, sees)

"""What the faces of one stream look like, as smoothed until now."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fewshot.config import SmoothingConfig
from fewshot.live.smooth import joined, nothing, smooth
from fewshot.types import Emotions, Float32, Float64, Match, Track

_NEVER_READ = -1


class Moods:
    """Smoothed emotions by track, and the embeddings that entered last; state of one stream, for one thread."""

    def __init__(self, config: SmoothingConfig) -> None:
        self._config = config
        # a row a track; after the last comes one of which nothing is known, that is row -1
        self._smoothed = nothing(1, ())
        self._track_ids: list[int] = []
        self._person_ids: list[str | None] = []
        self._embeddings: list[Float32] = []

    @property
    def track_ids(self) -> tuple[int, ...]:
        """Whose mood is remembered."""
        return tuple(self._track_ids)

    def read_s(self, tracks: Sequence[Track], matches: Sequence[Match]) -> list[float]:
        """Return when each track was read last; minus infinity if never, or as somebody else."""
        times_s = self._smoothed.time_s.tolist()
        return [-math.inf if row == _NEVER_READ else times_s[row] for row in self._find(tracks, matches)]

    def take_labels(self, labels: tuple[str, ...]) -> None:
        """Go on with the labels of another gallery; a track whose prototypes knew one that is gone is as if never read."""
        old = self._smoothed.emotions
        gone = [label not in labels for label in old.labels]
        self._keep(np.flatnonzero(~old.known[:-1, gone].any(axis=1)).tolist())
        self._smoothed = self._smoothed.over(labels)

    def add(
        self,
        tracks: Sequence[Track],
        matches: Sequence[Match],
        embeddings: Float32,
        seen: Emotions,
        time_s: float,
        weights: Float64,
    ) -> None:
        """Add what was read of n tracks in one frame, in the labels of :meth:`take_labels`; one that changed its name starts again.

        Args:
            tracks: n that were read.
            matches: Who they are.
            embeddings: (n, d).
            seen: Their emotions, not smoothed.
            time_s: Of the frame.
            weights: (n,) of the readings.
        """
        read = smooth(self._smoothed.take(self._find(tracks, matches)), seen, time_s, self._config, weights)
        read_ids = {track.track_id for track in tracks}
        self._keep([row for row, track_id in enumerate(self._track_ids) if track_id not in read_ids])
        others = self._smoothed.take(range(len(self._track_ids)))
        self._smoothed = joined(others, read, nothing(1, seen.labels))
        self._track_ids += [track.track_id for track in tracks]
        self._person_ids += [match.person_id for match in matches]
        self._embeddings += list(embeddings)

    def emotions(self, tracks: Sequence[Track]) -> Emotions:
        """Return what each track, all of them read before, looks like."""
        return self._smoothed.emotions.take(np.array(self._rows(tracks), np.int64))

    def embeddings(self, tracks: Sequence[Track]) -> list[Float32]:
        """Return the (d,) embedding of each track that entered last."""
        return [self._embeddings[row] for row in self._rows(tracks)]

    def forget_older(self, time_s: float, than_s: float) -> None:
        """Drop tracks that were last read longer than ``than_s`` before ``time_s``, or after it by a clock that jumped back."""
        self._keep(np.flatnonzero(np.abs(time_s - self._smoothed.time_s[:-1]) <= than_s).tolist())

    def _keep(self, rows: Sequence[int]) -> None:
        """Forget all tracks but those in ``rows``."""
        if len(rows) < len(self._track_ids):
            self._smoothed = self._smoothed.take([*rows, _NEVER_READ])
            self._track_ids = [self._track_ids[row] for row in rows]
            self._person_ids = [self._person_ids[row] for row in rows]
            self._embeddings = [self._embeddings[row] for row in rows]

    def _rows(self, tracks: Sequence[Track]) -> list[int]:
        row_of = {track_id: row for row, track_id in enumerate(self._track_ids)}
        return [row_of.get(track.track_id, _NEVER_READ) for track in tracks]

    def _find(self, tracks: Sequence[Track], matches: Sequence[Match]) -> list[int]:
        """Return the row of each track, ``_NEVER_READ`` where it was read as somebody else."""
        return [
            row if row != _NEVER_READ and self._person_ids[row] == match.person_id else _NEVER_READ
            for row, match in zip(self._rows(tracks), matches, strict=True)
        ]

"""Who the tracks of one stream are: remembers their identity templates and decides when to look again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fewshot.gallery import Gallery
from fewshot.types import NOBODY, Float32, Match, Track

NEW_AT_ONCE = 16
"""The most new tracks that are identified in a live frame: 49 faces that appear together must not freeze the picture for a second."""

OLD_AT_ONCE = 2
"""The most re-checks in one frame, because tracks that began together also age together."""

FIRST_RETRY_S = 0.5
"""Wait after the first look that recognized nobody; doubles with each further look."""

MEMORY = 8
"""Looks that a template averages; older ones fade."""


@dataclass
class _Look:
    """What is remembered of one track; ``found`` is whom its template resembles, None until the gallery was asked."""

    template: Float32
    looks: int
    looked_s: float
    recognized: bool = False
    found: Match | None = None


class TrackIdentities:
    """Identity templates by track; state of one stream, for one thread.

    Args:
        same_face: Cosine below which a new look contradicts the template: the track has jumped to another face.
    """

    def __init__(self, same_face: float) -> None:
        self._same_face = same_face
        self._looks: dict[int, _Look] = {}
        self._asked: Gallery | None = None

    def choose_due(
        self, tracks: Sequence[Track], time_s: float, every_s: float, at_most: int | None = None
    ) -> tuple[int, ...]:
        """Return the positions in ``tracks`` to identify now: new ones, those found again, then the most overdue.

        Args:
            tracks: In view.
            time_s: Of this frame.
            every_s: Age at which a recognized track is looked at again.
            at_most: Upper bound, to keep pace. New ones and those found again are looked at all the same, up to
                ``NEW_AT_ONCE``, because a face without a name is worse than a late frame. None for a recording, whose next
                frame may show somebody else: all of these.
        """
        new, again, overdue = [], [], []
        for i, track in enumerate(tracks):
            look = self._looks.get(track.track_id)
            if look is None:
                new.append(i)
            elif look.looked_s < track.found_s:  # another face may have taken its place meanwhile
                again.append(i)
            elif (late_s := self._late_s(look, time_s, every_s)) >= 0:
                overdue.append((-late_s, i))
        nameless = [*new, *again][: None if at_most is None else NEW_AT_ONCE]
        room = OLD_AT_ONCE if at_most is None else min(OLD_AT_ONCE, max(0, at_most - len(nameless)))
        return (*nameless, *(i for _, i in sorted(overdue)[:room]))

    def _late_s(self, look: _Look, time_s: float, every_s: float) -> float:
        """Return for how long a track should have been looked at again; strangers soon, then ever more rarely."""
        wait_s = every_s
        if not look.recognized:
            wait_s = min(wait_s, FIRST_RETRY_S * 2.0 ** min(look.looks - 1, 16))
        # abs: after a clock that jumped back, waiting for the old time to come again could take hours.
        return abs(time_s - look.looked_s) - wait_s

    def remember(self, track: Track, probe: Float32, time_s: float) -> bool:
        """Add a new (e,) unit-length identity embedding to the running mean of its track.

        Returns:
            Whether another face was found where the one before was lost; a track that was never out of view may just have turned
            the head.
        """
        time_s = max(
            time_s, track.found_s
        )  # the tracker's clock stands still where the frames' takes a small step back
        look = self._looks.get(track.track_id)
        if look is None or float(look.template @ probe) < self._same_face:
            self._looks[track.track_id] = _Look(probe, 1, time_s)
            return look is not None and look.looked_s < track.found_s
        look.looks += 1
        mean = look.template + (probe - look.template) / min(look.looks, MEMORY)
        look.template = np.asarray(mean / np.linalg.norm(mean), np.float32)
        look.looked_s, look.found = time_s, None
        return False

    def match(self, tracks: Sequence[Track], gallery: Gallery) -> tuple[Match, ...]:
        """Who each track is by its template; nobody is found twice in one frame.

        :data:`NOBODY` until a face has been looked at, and again once it was lost and found: it may be another one. If two
        tracks resemble one person, the more similar one is that person and the other is unknown.
        """
        known = [i for i, track in enumerate(tracks) if self._is_up_to_date(track)]
        looks = [self._looks[tracks[i].track_id] for i in known]
        found = self._ask(gallery, looks)
        matches, taken = [NOBODY] * len(tracks), set[str]()
        for k in sorted(range(len(known)), key=lambda k: -(found[k].similarity or 0.0)):
            match = found[k]
            if match.person_id in taken:
                match = Match(None, None, match.similarity)
            elif match.person_id is not None:
                taken.add(match.person_id)
            looks[k].recognized = match.person_id is not None
            matches[known[k]] = match
        return tuple(matches)

    def _ask(self, gallery: Gallery, looks: Sequence[_Look]) -> list[Match]:
        """Return whom the gallery finds by each template, which is asked again only after one of both has changed."""
        if gallery is not self._asked:
            self._asked = gallery
            for look in self._looks.values():
                look.found = None
        changed = [look for look in looks if look.found is None]
        if changed:
            templates = np.stack([look.template for look in changed]).astype(np.float32)
            for look, match in zip(changed, gallery.match(templates), strict=True):
                look.found = match
        return [look.found or NOBODY for look in looks]

    def _is_up_to_date(self, track: Track) -> bool:
        look = self._looks.get(track.track_id)
        return look is not None and look.looked_s >= track.found_s

    def rename(self, ids: Mapping[int, int]) -> None:
        """Give the tracks named in ``ids`` the ids there, all at once."""
        self._looks = {ids.get(track_id, track_id): look for track_id, look in self._looks.items()}

    def template(self, track_id: int) -> Float32 | None:
        """The (e,) unit-length template of a track; None before the first look."""
        look = self._looks.get(track_id)
        return None if look is None else look.template

    def forget_except(self, track_ids: set[int]) -> None:
        """Drop all tracks but these."""
        self._looks = {track_id: look for track_id, look in self._looks.items() if track_id in track_ids}


class StudentTracks:
    """Which track is which student's: the same one as long as the stream runs, in whatever tile; for one thread."""

    def __init__(self) -> None:
        self._track_of: dict[str, int] = {}

    def claim(self, tracks: Sequence[Track], matches: Sequence[Match], new_id: Callable[[], int]) -> dict[int, int]:
        """Return which ids to replace by which, all at once, so that each recognized student has their own one again.

        A student recognized for the first time keeps the id of the track, or gets a new one if that is another student's.
        Any other track whose id a student takes back gets a new one.
        """
        students = set(self._track_of.values())
        ids: dict[int, int] = {}
        for track, match in zip(tracks, matches, strict=True):
            if match.person_id is None:
                continue
            if match.person_id not in self._track_of:
                self._track_of[match.person_id] = new_id() if track.track_id in students else track.track_id
            if self._track_of[match.person_id] != track.track_id:
                ids[track.track_id] = self._track_of[match.person_id]
        return ids | {taken: new_id() for taken in sorted(students & set(ids.values()) - ids.keys())}

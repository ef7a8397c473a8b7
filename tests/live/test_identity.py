from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fewshot.gallery import Gallery
from fewshot.live.identity import NEW_AT_ONCE, OLD_AT_ONCE, TrackIdentities
from fewshot.types import Track
from tests.live.builders import make_face, make_person
from tests.live.stand_ins import make_gallery

ADA, BEN = make_person("Ada", [1, 0, 0]), make_person("Ben", [0, 1, 0])


def track(track_id: int, found_s: float = 0.0) -> Track:
    return Track(track_id, make_face(100 * track_id), found_s)


def unit(*values: float) -> np.ndarray:
    row = np.array(values, np.float32)
    return row / np.linalg.norm(row)


def memory(**looks: Sequence[float]) -> tuple[TrackIdentities, list[Track]]:
    """Tracks 1, 2, ... that looked at time 0 like the vectors given."""
    identities, tracks = TrackIdentities(same_face=0.35), []
    for k, vector in enumerate(looks.values(), start=1):
        tracks.append(track(k))
        identities.remember(tracks[-1], unit(*vector), 0.0)
    return identities, tracks


def test_new_tracks_are_looked_at_at_once_recognized_ones_when_they_age():
    identities, tracks = memory(ada=[1, 0, 0])
    identities.match(tracks, make_gallery(ADA))
    assert identities.choose_due([*tracks, track(9)], 0.1, 3.0) == (1,)
    assert identities.choose_due(tracks, 2.9, 3.0) == ()
    assert identities.choose_due(tracks, 3.1, 3.0) == (0,)


def test_strangers_are_looked_at_again_soon_then_ever_more_rarely():
    identities, tracks = memory(stranger=[0, 0, 1])
    gallery, waits, last_s = make_gallery(ADA), [], 0.0
    for k in range(1, 150):
        identities.match(tracks, gallery)
        if identities.choose_due(tracks, k / 10, 3.0):
            identities.remember(tracks[0], unit(0, 0, 1), k / 10)
            waits.append(round(k / 10 - last_s, 1))
            last_s = k / 10
    assert waits[:4] == [0.5, 1.0, 2.0, 3.0]
    assert set(waits[4:]) == {3.0}


def test_a_full_room_is_looked_at_in_portions():
    identities = TrackIdentities(same_face=0.35)
    tracks = [track(k) for k in range(49)]
    looked = 0
    for k in range(4):
        due = identities.choose_due(tracks, k / 5, 3.0, at_most=1)
        looked += len(due)
        for i in due:
            identities.remember(tracks[i], unit(1, 0, 0), k / 5)
        assert len(due) <= NEW_AT_ONCE + OLD_AT_ONCE
    assert looked >= 49
    assert len(identities.choose_due(tracks, 60.0, 3.0)) == OLD_AT_ONCE


def test_a_recording_leaves_nobody_for_a_frame_that_may_not_come():
    identities = TrackIdentities(same_face=0.35)
    assert identities.choose_due([track(k) for k in range(49)], 0.0, 3.0) == tuple(range(49))


def test_no_budget_keeps_a_face_without_its_name():
    identities, tracks = memory(ada=[1, 0, 0], ben=[0, 1, 0], cleo=[0, 0, 1])
    identities.match(tracks, make_gallery(ADA, BEN))
    found_again = [replace(known, found_s=1.0) for known in tracks[:2]]
    assert identities.choose_due([*found_again, tracks[2], track(9)], 9.0, 3.0, at_most=1) == (3, 0, 1)
    assert identities.choose_due([*found_again, tracks[2], track(9)], 9.0, 3.0, at_most=4) == (3, 0, 1, 2)


def test_a_clock_that_jumped_back_does_not_postpone_the_next_look():
    identities, tracks = memory(ada=[1, 0, 0])
    identities.remember(tracks[0], unit(1, 0, 0), 5000.0)
    identities.match(tracks, make_gallery(ADA))
    assert identities.choose_due(tracks, 10.0, 3.0) == (0,)


def test_one_bad_look_does_not_change_the_name():
    identities, tracks = memory(ada=[1, 0, 0])
    gallery = make_gallery(ADA, BEN)
    for _ in range(3):
        identities.remember(tracks[0], unit(1, 0.1, 0), 1.0)
    identities.remember(tracks[0], unit(0.6, 0.8, 0), 2.0)  # more like Ben
    assert identities.match(tracks, gallery)[0].name == "Ada"


def test_a_track_that_jumped_to_another_face_starts_anew():
    identities, tracks = memory(ada=[1, 0, 0])
    for _ in range(20):
        identities.remember(tracks[0], unit(1, 0, 0), 1.0)
    identities.remember(tracks[0], unit(0, 1, 0), 2.0)
    assert identities.match(tracks, make_gallery(ADA, BEN))[0].name == "Ben"


def test_nobody_is_found_twice_in_one_frame():
    identities, tracks = memory(poor=[0.7, 0.1, 0.7], good=[1, 0.1, 0], other=[0, 1, 0])
    matches = identities.match(tracks, make_gallery(ADA, BEN))
    assert [match.name for match in matches] == [None, "Ada", "Ben"]
    assert matches[0].similarity is not None
    assert matches[0].similarity > 0.35


def test_the_order_of_tracks_does_not_matter():
    identities, tracks = memory(poor=[0.7, 0.1, 0.7], good=[1, 0.1, 0], other=[0, 1, 0])
    gallery = make_gallery(ADA, BEN)
    forward = [match.name for match in identities.match(tracks, gallery)]
    assert [match.name for match in identities.match(tracks[::-1], gallery)] == forward[::-1]


def test_the_gallery_is_asked_again_only_after_a_look_or_for_another_gallery(monkeypatch: pytest.MonkeyPatch) -> None:
    identities, tracks = memory(ada=[1, 0, 0], ben=[0, 1, 0])
    asked: list[int] = []
    match = Gallery.match
    monkeypatch.setattr(Gallery, "match", lambda self, probes: asked.append(len(probes)) or match(self, probes))
    gallery = make_gallery(ADA, BEN)
    for _ in range(3):
        assert [found.name for found in identities.match(tracks, gallery)] == ["Ada", "Ben"]
    identities.remember(tracks[1], unit(1, 0, 0), 0.5)  # that face was replaced by another
    assert [found.name for found in identities.match(tracks[1:], gallery)] == ["Ada"]
    assert [found.name for found in identities.match(tracks[1:], gallery.without("ada"))] == [None]
    assert asked == [2, 1, 1]


def test_tracks_never_looked_at_and_an_empty_gallery_are_nobody():
    identities, tracks = memory(ada=[1, 0, 0])
    assert [match.name for match in identities.match([track(7), *tracks], make_gallery(ADA))] == [None, "Ada"]
    assert identities.match(tracks, make_gallery())[0].person_id is None
    assert identities.match([], make_gallery(ADA)) == ()


def test_forgotten_tracks_are_new_again():
    identities, tracks = memory(ada=[1, 0, 0], ben=[0, 1, 0])
    identities.forget_except({2})
    assert identities.choose_due(tracks, 0.1, 3.0) == (0,)

"""What the table beside the video is told, with a clock moved by hand."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from app.state.lesson import OVER_S, Lesson
from fewshot.classroom.wording import notice_in_words
from fewshot.compose import load
from fewshot.config import LiveConfig
from fewshot.live.session import FaceEmbeddings
from fewshot.messages import messages
from fewshot.types import NOBODY, Emotion, Face, FrameResult, Match, Reading
from tests.lessons import BEGAN

RULES = load(LiveConfig, []).classroom


class HandClock:
    """Seconds that stand still until told."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def frame(*seen: tuple[Match, str]) -> FrameResult:
    face = Face(np.array([0, 0, 9, 9], np.float32), np.zeros((5, 2), np.float32), 0.9)
    readings = [
        Reading(i, face, match, Emotion(label, {label: 1.0}, 0.0, "generic")) for i, (match, label) in enumerate(seen)
    ]
    return FrameResult(0, 0.0, 640, 480, tuple(readings))


EMBEDDINGS = {i: FaceEmbeddings(np.full(4, i, np.float32), np.full(3, i, np.float32) if i else None) for i in range(3)}
ADA, BEN = Match("1", "Ada", 0.8), Match("2", "Ben", 0.7)


def test_nothing_seen_yet() -> None:
    view = Lesson(RULES).view()
    assert (view.sightings, view.faces, view.strangers, view.frame_ago_s) == ({}, 0, 0, None)


def test_the_last_sighting_stays_with_its_age() -> None:
    clock = HandClock()
    lesson = Lesson(RULES, clock)
    lesson.record(frame((ADA, "happy"), (BEN, "sad"), (NOBODY, "fear")), EMBEDDINGS)
    clock.now_s += 5
    lesson.record(frame((BEN, "neutral")), EMBEDDINGS)
    clock.now_s += 1
    view = lesson.view()
    assert {key: (s.name, s.emotion.label, s.seen_ago_s) for key, s in view.sightings.items()} == {
        "1": ("Ada", "happy", 6.0),
        "2": ("Ben", "neutral", 1.0),
    }
    assert (view.faces, view.strangers, view.frame_ago_s) == (1, 0, 1.0)


def test_strangers_are_counted_in_the_newest_frame_only() -> None:
    lesson = Lesson(RULES, HandClock())
    lesson.record(frame((NOBODY, "fear"), (NOBODY, "fear"), (ADA, "happy")), EMBEDDINGS)
    assert (lesson.view().faces, lesson.view().strangers) == (3, 2)
    lesson.record(frame(), EMBEDDINGS)
    assert (lesson.view().faces, lesson.view().strangers) == (0, 0)


def test_faces_in_view_stand_from_left_to_right_once_somebody_has_looked() -> None:
    lesson, drawn = Lesson(RULES), frame((ADA, "happy"), (BEN, "sad"), (NOBODY, "fear"))
    readings = tuple(
        replace(reading, face=replace(reading.face, box_xyxy=np.array([left, 0, left + 9, 9], np.float32)))
        for reading, left in zip(drawn.readings, (5, 40, 20), strict=True)
    )
    result = replace(drawn, readings=readings)
    lesson.record(result, EMBEDDINGS)
    assert [(face.name, face.template.tolist()) for face in lesson.view().in_view] == [
        (None, [2] * 3),
        ("Ben", [1] * 3),
    ]


def test_the_class_is_remembered_as_a_whole() -> None:
    clock = HandClock()
    lesson = Lesson(replace(RULES, looks_s=5), clock)
    for second in range(30):
        clock.now_s = 100.0 + second
        lesson.record(frame((ADA, "neutral" if second < 20 else "sad"), (BEN, "happy")), EMBEDDINGS)
    assert [(notice.name, notice_in_words(notice, messages())) for notice in lesson.view().attention] == [
        ("Ada", "looks sad for 9 s, usually neutral")
    ]
    mood = lesson.mood(steps=10)
    assert len(mood.seconds) == 10
    assert mood.shares[:, mood.labels.index("happy")].tolist() == [0.5] * 10


def test_a_notice_put_aside_stays_so_and_the_next_one_counts() -> None:
    clock = HandClock()
    lesson = Lesson(replace(RULES, absent_s=5), clock)

    def sees(*seen: tuple[Match, str], seconds: int) -> None:
        for _ in range(seconds):
            clock.now_s += 1
            lesson.record(frame(*seen), EMBEDDINGS)

    sees((ADA, "happy"), (BEN, "happy"), seconds=1)
    sees((BEN, "happy"), seconds=10)
    (before,) = lesson.view().attention
    lesson.put_aside(before)
    sees((BEN, "happy"), seconds=10)
    (longer,) = lesson.view().attention
    assert longer.for_s > before.for_s
    assert lesson.view().aside == {longer.key}
    lesson.put_aside(longer, aside=False)
    assert not lesson.view().aside
    lesson.put_aside(longer)
    sees((ADA, "happy"), (BEN, "happy"), seconds=1)
    sees((BEN, "happy"), seconds=10)
    (later,) = lesson.view().attention
    assert later.key not in lesson.view().aside, "she went a second time"
    lesson.forget("1")
    assert not lesson.view().aside


def test_a_lesson_is_over_when_it_ended_was_deleted_or_is_long_ago() -> None:
    clock = HandClock()
    lesson, ended, deleted = (
        Lesson(RULES, clock, time_of_day=lambda: BEGAN + timedelta(seconds=clock.now_s)) for _ in range(3)
    )
    clock.now_s += 10 * OVER_S
    assert not lesson.is_over, "it has not begun"
    for one in (lesson, ended, deleted):
        one.record(frame((ADA, "happy")), EMBEDDINGS)
    clock.now_s += OVER_S - 1
    lesson.bookmark("after a long break")
    ended.end()
    deleted.delete()
    clock.now_s += 2
    assert (lesson.is_over, ended.is_over, deleted.is_over) == (False, True, True)
    clock.now_s += OVER_S
    assert lesson.is_over


def test_a_night_through_which_the_computer_slept_ends_a_lesson() -> None:
    clock, time_of_day = HandClock(), BEGAN
    lesson = Lesson(RULES, clock, time_of_day=lambda: time_of_day)
    lesson.record(frame((ADA, "happy")), EMBEDDINGS)
    clock.now_s += 60
    time_of_day += timedelta(seconds=60)
    lesson.bookmark("the end")
    assert not lesson.is_over
    time_of_day += timedelta(hours=17)  # and the clock stands still, as that of a computer asleep does
    assert lesson.is_over


def test_who_is_forgotten_is_in_no_frame_either() -> None:
    lesson = Lesson(RULES, HandClock())
    lesson.record(frame((NOBODY, "sad"), (ADA, "happy"), (BEN, "sad")), EMBEDDINGS)
    lesson.forget("1")
    view = lesson.view()
    assert set(view.sightings) == {"2"}
    assert [face.name for face in view.in_view] == ["Ben"]
    assert lesson._newest is not None
    assert set(lesson._newest.embeddings) == {0, 2}, "their template is gone too"

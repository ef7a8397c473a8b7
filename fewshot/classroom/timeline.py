"""Second by second, what each student looked like: what the mood and the attention list are made of."""

from __future__ import annotations

from collections import Counter

import numpy as np

from fewshot.face.pose import estimate_pose
from fewshot.lesson import NO_SECONDS, UNSURE, ClassSeconds, StudentSeconds
from fewshot.types import Face, FrameResult

YAW_STEP_DEG = 5
"""Resolution at which a student's usual yaw is remembered; a yaw is measured to about twice that."""


class _Student:
    """What is remembered of one student: two bytes a second, how often each yaw was seen, and the second not over yet."""

    def __init__(self, name: str, first: int) -> None:
        self.name, self.first = name, first
        self.codes, self.turned = bytearray(first), bytearray(first)
        self.yaws: Counter[int] = Counter()
        self.now: Counter[int] = Counter()
        self.face: Face | None = None

    @classmethod
    def of(cls, seen: StudentSeconds) -> _Student:
        student = cls(seen.name, seen.first)
        student.codes, student.turned = bytearray(seen.codes.tobytes()), bytearray(seen.turned.tobytes())
        return student

    def note_pose(self, turned_deg: float, usual_s: int) -> bool:
        """Remember where the face of this second points; return whether it is turned away, as :class:`Timeline` says."""
        if self.face is None:
            return False
        yaw_deg = estimate_pose(self.face).yaw_deg
        aside_deg = abs(yaw_deg)
        if self.yaws.total() >= usual_s:
            aside_deg = min(aside_deg, abs(yaw_deg - self._usual_yaw_deg()))
        self.yaws[round(yaw_deg / YAW_STEP_DEG)] += 1
        return aside_deg > turned_deg

    def _usual_yaw_deg(self) -> int:
        """Return the median of those seen."""
        before, half = 0, self.yaws.total() / 2
        for step in sorted(self.yaws):
            before += self.yaws[step]
            if before >= half:
                return step * YAW_STEP_DEG
        raise AssertionError("no yaw was seen")


class Timeline:
    """What each recognized student looked like in each second in which frames came. Not to be shared by threads.

    Seconds without a frame, as while the capture pauses, leave no trace: nobody was absent then.

    Args:
        turned_deg: A face that is turned by more, from the camera and from where the student's usually points, is turned away.
        usual_s: Seconds a student must have been seen before the usual yaw, their median, is known; until then it is the camera's.
        before: What was seen of the same lesson before; it goes on from there, with heads whose usual pose is unknown again.
    """

    def __init__(self, turned_deg: float, usual_s: int, before: ClassSeconds = NO_SECONDS) -> None:
        self._turned_deg, self._usual_s = turned_deg, usual_s
        self._legend = list(before.legend)
        self._seconds: list[int] = before.seconds.tolist()
        self._strangers: list[int] = before.strangers.tolist()
        self._students = {key: _Student.of(seen) for key, seen in before.students.items()}
        self._current: int | None = None
        self._strangers_now = 0

    def add(self, result: FrameResult, time_s: float) -> None:
        """Take note of one frame, analyzed at ``time_s`` of a clock that only runs forward."""
        self.close_before(time_s)
        self._current = int(time_s)
        strangers = sum(reading.match.person_id is None for reading in result.readings)
        self._strangers_now = max(self._strangers_now, strangers)
        for reading in result.readings:
            key, name = reading.match.person_id, reading.match.name
            if key is None or name is None:
                continue
            student = self._students.setdefault(key, _Student(name, len(self._seconds)))
            student.name, student.face = name, reading.face
            student.now[self._code(reading.emotion.label or UNSURE)] += 1

    def close_before(self, time_s: float) -> None:
        """End the second of the last frame if it is over at ``time_s``."""
        if self._current is not None and int(time_s) > self._current:
            self._close()

    def forget(self, key: str) -> None:
        """Drop everything seen of a student."""
        self._students.pop(key, None)

    def so_far(self, begin: int = 0) -> ClassSeconds:
        """Return the seconds that are over, from position ``begin`` on."""
        return ClassSeconds(
            seconds=np.array(self._seconds[begin:], np.int64),
            strangers=np.array(self._strangers[begin:], np.int64),
            legend=tuple(self._legend),
            students={
                key: StudentSeconds(
                    student.name,
                    np.frombuffer(bytes(student.codes[begin:]), np.uint8),
                    np.frombuffer(bytes(student.turned[begin:]), np.uint8) > 0,
                    max(0, student.first - begin),
                )
                for key, student in self._students.items()
            },
        )

    def _code(self, label: str) -> int:
        if label not in self._legend:
            self._legend.append(label)
        return self._legend.index(label)

    def _close(self) -> None:
        """End the current second: what was seen most often in it stands for it."""
        assert self._current is not None
        self._seconds.append(self._current)
        self._strangers.append(self._strangers_now)
        self._current, self._strangers_now = None, 0
        for student in self._students.values():
            code = max(student.now, key=student.now.__getitem__) if student.now else 0
            student.codes.append(code)
            student.turned.append(student.note_pose(self._turned_deg, self._usual_s))
            student.now, student.face = Counter(), None

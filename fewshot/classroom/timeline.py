"""Second by second, what each student looked like: what the mood and the attention list are made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fewshot.face.pose import estimate_pose
from fewshot.types import EMOTIONS, Face, FrameResult, UInt8

ABSENT, UNSURE = "absent", "unsure"
"""What a second says of a student who was not in view, and of one whose face named no emotion."""


@dataclass(frozen=True, eq=False)
class StudentSeconds:
    """One student's lesson.

    Attributes:
        name: Of the student.
        codes: (n,) uint8, one a second: positions in the timeline's ``legend``.
        turned: (n,) bool. Whether the face was turned far from the camera.
        first: Position of the first second in view.
    """

    name: str
    codes: UInt8
    turned: NDArray[np.bool_]
    first: int


class _Student:
    """What is remembered of one student: two bytes a second, and the second that is not over yet."""

    def __init__(self, name: str, first: int) -> None:
        self.name, self.first = name, first
        self.codes, self.turned = bytearray(first), bytearray(first)
        self.now: Counter[int] = Counter()
        self.face: Face | None = None


class Timeline:
    """What each recognized student looked like in each second in which frames came. Not to be shared by threads.

    Seconds without a frame, as while the capture pauses, leave no trace: nobody was absent then.

    Args:
        turned_deg: Yaw from which a face counts as turned away.
    """

    def __init__(self, turned_deg: float) -> None:
        self._turned_deg = turned_deg
        self._legend = [ABSENT, UNSURE, *EMOTIONS]
        self._students: dict[str, _Student] = {}
        self._seconds: list[int] = []
        self._current: int | None = None

    @property
    def legend(self) -> tuple[str, ...]:
        """What the codes stand for: absent, unsure, the emotions, then states of the teacher's own as they appear."""
        return tuple(self._legend)

    @property
    def seconds(self) -> tuple[int, ...]:
        """The seconds that are over, since the clock's zero, ascending."""
        return tuple(self._seconds)

    def add(self, result: FrameResult, time_s: float) -> None:
        """Take note of one frame, analyzed at ``time_s`` of a clock that only runs forward."""
        second = int(time_s)
        if self._current is not None and second > self._current:
            self._close()
        self._current = second
        for reading in result.readings:
            key, name = reading.match.person_id, reading.match.name
            if key is None or name is None:
                continue
            student = self._students.setdefault(key, _Student(name, len(self._seconds)))
            student.name, student.face = name, reading.face
            student.now[self._code(reading.emotion.label or UNSURE)] += 1

    def students(self) -> dict[str, StudentSeconds]:
        """Return everybody seen so far, by person_id, in the seconds that are over."""
        return {
            key: StudentSeconds(
                student.name,
                np.frombuffer(bytes(student.codes), np.uint8),
                np.frombuffer(bytes(student.turned), np.uint8) > 0,
                student.first,
            )
            for key, student in self._students.items()
        }

    def _code(self, label: str) -> int:
        if label not in self._legend:
            self._legend.append(label)
        return self._legend.index(label)

    def _close(self) -> None:
        """End the current second: what was seen most often in it stands for it."""
        assert self._current is not None
        self._seconds.append(self._current)
        for student in self._students.values():
            code = max(student.now, key=student.now.__getitem__) if student.now else 0
            student.codes.append(code)
            is_turned = student.face is not None and abs(estimate_pose(student.face).yaw_deg) > self._turned_deg
            student.turned.append(is_turned)
            student.now, student.face = Counter(), None

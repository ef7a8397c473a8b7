"""How much work is done in a frame, so that a live source is kept up with, whatever the number of faces."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from fewshot.cores import usable_cores

Clock = Callable[[], float]
"""Returns the seconds of a clock that never runs back."""

FORGET = 0.2
"""Weight of the newest measurement in the average cost of a unit of work."""

DETECT_SHARE = 0.25
"""Share of the time that detection may take; if it is slower, it happens less often."""

IDENTIFY_SHARE = 0.1
"""Share of the time that further looks at recognized faces may take."""

RARELY_S = 0.5
"""Upper bound on the refresh interval of a face while other streams run."""

STILL_HERE_S = 2.0
"""A stream counts as running until this long after its last frame."""


class Streams:
    """Owns which live streams run in this process, so that each leaves time for the others.

    Threads may share it; all streams of a process should.

    Args:
        cores: How many frames are worked on at once; None for the cores that this process may use.
    """

    def __init__(self, cores: int | None = None) -> None:
        self._cores = cores or usable_cores()
        self._lock = threading.Lock()
        self._seen_s: dict[object, float] = {}

    def share(self, stream: object, now_s: float) -> float:
        """Note that ``stream`` works on a frame, and return its share of the time, in (0, 1]."""
        with self._lock:
            self._seen_s[stream] = now_s
            self._seen_s = {one: seen_s for one, seen_s in self._seen_s.items() if now_s - seen_s <= STILL_HERE_S}
            return min(1.0, self._cores / len(self._seen_s))


class Stopwatch:
    """Durations of the stages of one frame, in milliseconds."""

    def __init__(self, clock: Clock) -> None:
        self.timing_ms: dict[str, float] = {}
        self._clock, self._last = clock, clock()

    def lap(self, stage: str) -> float:
        """Book the time since the last lap on ``stage``, and return it."""
        now = self._clock()
        took_ms = self.timing_ms[stage] = (now - self._last) * 1000.0
        self._last = now
        return took_ms

    @property
    def spent_ms(self) -> float:
        """Milliseconds of all laps."""
        return sum(self.timing_ms.values())


class Pace:
    """Keeps the work on a frame near a budget, from what each stage has cost so far. State of one stream, for one thread.

    Without a budget, as for a recording, everything is done in every frame and no answer depends on the machine.

    Args:
        budget_ms: Work on one frame while no other stream runs, or None.
        refresh_s: Every face is read at least this often, whatever the budget; less often while other streams run.
    """

    def __init__(self, budget_ms: float | None, refresh_s: float) -> None:
        self._budget_ms, self._refresh_s = budget_ms, refresh_s
        self._share = 1.0
        self._unit_ms: dict[str, float] = {}
        self._interval_s: float | None = None
        self._last_s: float | None = None

    @property
    def is_bounded(self) -> bool:
        """Whether there is a budget to keep."""
        return self._budget_ms is not None

    def begin(self, time_s: float, share: float = 1.0) -> None:
        """Note that a frame of that time has come, and the ``share`` of the budget, in (0, 1], that it may use."""
        self._share = share
        if self._last_s is not None and time_s > self._last_s:
            interval_s = min(time_s - self._last_s, self._refreshed_within_s())
            self._interval_s = _average(self._interval_s, interval_s)
        self._last_s = time_s

    def note(self, stage: str, units: int, took_ms: float) -> None:
        """Remember what ``units`` of a stage have cost."""
        if units:
            self._unit_ms[stage] = _average(self._unit_ms.get(stage), took_ms / units)

    def detect_every_s(self, wanted_s: float) -> float:
        """Return the time between detections: as wanted, or longer if their cost demands it."""
        if self._budget_ms is None:
            return wanted_s
        return max(wanted_s, self._unit_ms.get("detect", 0.0) / 1000 / (DETECT_SHARE * self._share))

    def identify_every_s(self, wanted_s: float, faces: int) -> float:
        """Return the time between looks at a recognized one of ``faces``: as wanted, or longer if their cost demands it."""
        if self._budget_ms is None:
            return wanted_s
        cost_s = faces * self._unit_ms.get("identify", 0.0) / 1000
        return max(wanted_s, cost_s / (IDENTIFY_SHARE * self._share))

    def affordable(self, stage: str, spent_ms: float, at_least: int) -> int | None:
        """Return how many units of ``stage`` the rest of the frame's budget pays for, or ``at_least``; None for any number."""
        if self._budget_ms is None:
            return None
        unit_ms = self._unit_ms.get(stage, 0.0)
        if unit_ms == 0.0:
            return None
        return max(at_least, math.floor((self._budget_ms * self._share - spent_ms) / unit_ms))

    def fewest_to_read(self, faces: int) -> int:
        """Return how many of the faces must be read in this frame so that each has its turn within the refresh time."""
        due = 1.0 if self._interval_s is None else self._interval_s / self._refreshed_within_s()
        return math.ceil(faces * min(1.0, due))

    def _refreshed_within_s(self) -> float:
        return max(self._refresh_s, min(self._refresh_s / self._share, RARELY_S))


def _average(before: float | None, newest: float) -> float:
    return newest if before is None else before + FORGET * (newest - before)

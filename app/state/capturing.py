"""What the capture of a teacher is doing: noticed where its frames come in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

from starlette.websockets import WebSocketDisconnect

State = Literal["off", "starting", "running", "paused", "lost"]

PAUSED_S = 5.0
"""A capture without a frame for so long is paused."""

LOST_S = 60.0
"""So long a connection that broke is told; the page tries again within seconds, as long as it is there."""

FAREWELLS = (1000, 1001, 1005)
"""Close codes of a capture that was stopped or a page that was left (RFC 6455, section 7.4.1)."""


@dataclass(frozen=True)
class CaptureView:
    """What is captured, at one moment.

    Attributes:
        state: What it does.
        skipped: Frames that could not be read since it was started.
    """

    state: State
    skipped: int = 0


class Capture:
    """Owns when one teacher's open sockets last answered a frame. Threads may share it.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._answered: dict[object, float | None] = {}
        self._skipped: dict[object, int] = {}
        self._lost_s: float | None = None

    @contextmanager
    def watch(self) -> Iterator[Callable[[bool], None]]:
        """Watch one socket for as long as the block lasts.

        Yields what is to be called after each answered frame, with whether it had to be skipped.
        """
        socket = object()
        with self._lock:
            self._answered[socket], self._skipped[socket], self._lost_s = None, 0, None
        try:
            yield partial(self._note, socket)
        except WebSocketDisconnect as end:
            if end.code not in FAREWELLS:
                with self._lock:
                    self._lost_s = self._clock()
            raise
        finally:
            with self._lock:
                del self._answered[socket], self._skipped[socket]

    def view(self) -> CaptureView:
        """Return what is being captured now, over all sockets."""
        with self._lock:
            now = self._clock()
            if not self._answered:
                lost = self._lost_s is not None and now - self._lost_s < LOST_S
                return CaptureView("lost" if lost else "off")
            answered = [at for at in self._answered.values() if at is not None]
            state: State = "starting"
            if answered:
                state = "running" if now - max(answered) < PAUSED_S else "paused"
            return CaptureView(state, sum(self._skipped.values()))

    def _note(self, socket: object, skipped: bool) -> None:
        with self._lock:
            self._skipped[socket] += skipped
            self._answered[socket] = self._clock()

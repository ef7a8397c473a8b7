"""The line between a browser and a server, which can be cut or fall silent as a network does."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Line:
    """Carries every connection to ``port`` of this machine, from its own port.

    Silent, it holds back all bytes in both directions and closes nothing, as where packets are lost; slow to answer, only those from
    the port; :meth:`speak` lets them pass.
    Cut, it ends what is open and lets nobody in, as where the network is gone and the system knows; :meth:`mend` lets them in.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._speaks, self._answers, self._whole = threading.Event(), threading.Event(), threading.Event()
        for event in (self._speaks, self._answers, self._whole):
            event.set()
        self._open: set[socket.socket] = set()
        self._ear = socket.create_server(("localhost", 0))
        self.url = f"http://localhost:{self._ear.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def silence(self) -> None:
        """Hold everything back from now on."""
        self._speaks.clear()

    def hold_answers(self) -> None:
        """Hold back what comes from the port from now on."""
        self._answers.clear()

    def speak(self) -> None:
        """Let pass what was held back, and all that follows."""
        self._speaks.set()
        self._answers.set()

    def cut(self) -> None:
        """End every connection, and each new one at once."""
        self._whole.clear()
        for end in list(self._open):
            _close(end)

    def mend(self) -> None:
        """Let connections through again."""
        self._whole.set()

    def close(self) -> None:
        """End it for good."""
        self.speak()
        self._ear.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._ear.accept()
                if not self._whole.is_set():
                    near.close()
                    continue
                far = socket.create_connection(("localhost", self._port))
                self._open |= {near, far}
                for source, target, gates in ((near, far, ()), (far, near, (self._answers,))):
                    threading.Thread(target=self._carry, args=(source, target, gates), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, gates: tuple[threading.Event, ...]) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                for gate in (*gates, self._speaks):
                    gate.wait()
                target.sendall(data)
        for end in (source, target):
            _close(end)
            self._open.discard(end)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads it, which close alone does not
    end.close()


@contextmanager
def line_to(port: int) -> Iterator[Line]:
    """A line inside the block."""
    line = Line(port)
    try:
        yield line
    finally:
        line.close()

"""What every command line owes its user: errors as sentences, exit codes, a clean stop, and names that no terminal refuses to print."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from fewshot.errors import FewshotError

LAW = "law:      not for education or work in the European Union (AI Act, Art. 5(1)(f)); elsewhere with consent. README: The law"
"""What every command says that reads faces."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it."""

TERMINATED = 143
"""Exit code after SIGTERM, as shells count it."""


def run_command(name: str, command: Callable[[], int], on_interrupt: str = "stopped.") -> int:
    """Run a command to its end and return its exit code.

    Args:
        name: Before each sentence on stderr.
        command: Returns an exit code. A FewshotError becomes its sentence and 1; Ctrl-C, and Ctrl-D at a question,
            ``on_interrupt`` and 130; a reader that closed the pipe (``| head``) becomes 1 in silence; no room for what it
            prints (``> list.txt``) a sentence and 1.
        on_interrupt: What holds after Ctrl-C.
    """
    _open_missing_streams()
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # what fewshot/__init__.py took away for the imports
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a name that this terminal cannot show must not end the work
            stream.reconfigure(errors="backslashreplace")
    try:
        code = command()
        sys.stdout.flush()
        return code
    except FewshotError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):  # Ctrl-C, or Ctrl-D where something is asked
        print(f"{name}: {on_interrupt}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return 1
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        with suppress(OSError):  # where stderr goes there may be none either
            print(
                f"{name}: output cannot be written: {error.strerror}. Make room where it goes, and try again.",
                file=sys.stderr,
            )
        _discard_output()
        return 1


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What a full disk, a quota and a limit on the size of files say to a print."""


def _open_missing_streams() -> None:
    """Let what is closed (``>&-``, some schedulers) be empty and swallow all: Python has None there, and nobody expects that."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8"))


def _discard_output() -> None:
    """Throw away what could not be written: Python flushes once more at its end."""
    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and a container's SIGTERM wait until the block has ended; a second one, and an error of the block, do not.

    Without effect outside the main thread.

    What must be whole or not at all goes in here, and so does what calls OpenCV with arguments for which it has several
    overloads: while it looks for the one that fits, version 5.0 crashes on a signal handler that raises.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def give_back() -> None:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def wait(number: int, _: object) -> None:
        if came:  # whoever presses again does not want to wait
            give_back()
            signal.raise_signal(number)
        came.append(number)

    for number in handlers:
        signal.signal(number, wait)
    try:
        yield
    finally:
        give_back()
    if came:
        signal.raise_signal(came[0])

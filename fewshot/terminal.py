"""What every command line owes its user: errors as sentences, exit codes, and names that no terminal refuses to print."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable

from fewshot.errors import FewshotError

LAW = "law:      not for education or work in the European Union (AI Act, Art. 5(1)(f)); elsewhere with consent. README: The law"
"""What every command says that reads faces."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells count it."""


def run_command(name: str, command: Callable[[], int], on_interrupt: str = "stopped.") -> int:
    """Run a command to its end and return its exit code.

    Args:
        name: Before each sentence on stderr.
        command: Returns an exit code. A FewshotError becomes its sentence and 1; Ctrl-C ``on_interrupt`` and 130; a reader
            that closed the pipe (``| head``) becomes 1 in silence.
        on_interrupt: What holds after Ctrl-C.
    """
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
    except KeyboardInterrupt:
        print(f"{name}: {on_interrupt}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        return 1

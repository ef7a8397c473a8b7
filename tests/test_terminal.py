"""Whatever happens in a command, its user reads a sentence and its shell an exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fewshot.errors import FewshotError
from fewshot.terminal import run_command, uninterrupted


def fail(error: BaseException) -> int:
    raise error


def test_a_code_is_passed_on() -> None:
    assert run_command("enroll", lambda: 3) == 3


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (FewshotError("no face"), 1, "enroll: no face\n"),
        (KeyboardInterrupt(), 130, "enroll: all is saved.\n"),
        (EOFError(), 130, "enroll: all is saved.\n"),
    ],
)
def test_what_is_told(error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("enroll", lambda: fail(error), "all is saved.") == code
    assert capsys.readouterr().err == sentence


def test_a_defect_stays_a_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run_command("enroll", lambda: fail(ZeroDivisionError()))


def run_script(body: str, reader: str = "| cat") -> tuple[bytes, bytes]:
    script = f"import sys; from fewshot.terminal import run_command; sys.exit(run_command('enroll', lambda: {body}))"
    command = f'PYTHONIOENCODING=latin-1 {sys.executable} -c "{script}" {reader}; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    return done.stdout, done.stderr


def test_a_name_that_the_terminal_cannot_show() -> None:
    assert run_script("print('Zo\\xeb \\U0001f600 \\udcff')") == (b"Zo\xeb \\U0001f600 \\udcff\n0\n", b"")


def test_a_reader_that_leaves() -> None:
    assert run_script("print('line\\n' * 100000)", reader="| true") == (b"1\n", b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_no_room_for_what_is_printed() -> None:
    said = b"enroll: output cannot be written: No space left on device. Make room where it goes, and try again.\n"
    assert run_script("print('Ada')", reader="> /dev/full") == (b"1\n", said)
    assert run_script("print('Ada')", reader="> /dev/full 2>&1") == (b"1\n", b"")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_empty(closed: str) -> None:
    out, err = run_script(
        "sys.stdout.write('') or sys.stderr.write('') or len(sys.stdin.read())", reader=f"< /dev/null {closed}"
    )
    assert (out, err) == (b"0\n", b"")


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    before, done = signal.getsignal(signal.SIGTERM), []

    def work() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("whole")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert done == ["whole"]
    assert signal.getsignal(signal.SIGTERM) == before
    with pytest.raises(KeyboardInterrupt):  # and none outside
        signal.raise_signal(signal.SIGINT)


@pytest.mark.usefixtures("ctrl_c")
def test_who_presses_again_does_not_wait() -> None:
    done = []

    def hang() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            done.append("once")
            signal.raise_signal(signal.SIGINT)
            done.append("twice")

    with pytest.raises(KeyboardInterrupt):
        hang()
    assert done == ["once"]


@pytest.mark.usefixtures("ctrl_c")
def test_an_error_of_the_block_is_not_hidden_by_an_interrupt() -> None:
    def work() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            raise FewshotError("no room")

    with pytest.raises(FewshotError, match="no room"):
        work()


def test_a_defect_in_the_block_gives_the_handlers_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ZeroDivisionError), uninterrupted():
        fail(ZeroDivisionError())
    assert signal.getsignal(signal.SIGINT) == before


def test_a_block_in_another_thread() -> None:
    done = []

    def work() -> None:
        with uninterrupted():
            done.append("whole")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == ["whole"]


@pytest.mark.parametrize(
    "command",
    ["enroll", "app.demo", "fewshot.live", *(f"fewshot.learn.{name}" for name in ("train", "evaluate", "export"))],
)
def test_an_interrupt_of_the_imports_ends_them_in_silence(command: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("""
import signal, sys

class Interrupted:
    def find_spec(self, name, *_):
        if name == "numpy":
            signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupted())
""")
    paths = f"{tmp_path}:{Path(__file__).parents[1]}"
    said = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m {command}; echo $?"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert (said.stdout, said.stderr.strip()) == ("130\n", "")

"""Whatever happens in a command, its user reads a sentence and its shell an exit code."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fewshot.errors import FewshotError
from fewshot.terminal import run_command


def fail(error: BaseException) -> int:
    raise error


def test_a_code_is_passed_on() -> None:
    assert run_command("enroll", lambda: 3) == 3


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [(FewshotError("no face"), 1, "enroll: no face\n"), (KeyboardInterrupt(), 130, "enroll: all is saved.\n")],
)
def test_what_is_told(error: BaseException, code: int, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command("enroll", lambda: fail(error), "all is saved.") == code
    assert capsys.readouterr().err == sentence


def test_a_defect_stays_a_traceback() -> None:
    with pytest.raises(ZeroDivisionError):
        run_command("enroll", lambda: fail(ZeroDivisionError()))


def run_script(body: str, reader: str = "cat") -> tuple[bytes, bytes]:
    script = f"import sys; from fewshot.terminal import run_command; sys.exit(run_command('enroll', lambda: {body}))"
    command = f'PYTHONIOENCODING=latin-1 {sys.executable} -c "{script}" | {reader}; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True)
    return done.stdout, done.stderr


def test_a_name_that_the_terminal_cannot_show() -> None:
    assert run_script("print('Zo\\xeb \\U0001f600 \\udcff')") == (b"Zo\xeb \\U0001f600 \\udcff\n0\n", b"")


def test_a_reader_that_leaves() -> None:
    assert run_script("print('line\\n' * 100000)", reader="true") == (b"1\n", b"")

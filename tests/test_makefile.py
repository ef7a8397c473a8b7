"""A machine whose Python cannot make an environment is told so, and nothing half made is left behind."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MAKEFILE = Path(__file__).parents[1] / "Makefile"

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copy(MAKEFILE, tmp_path)
    for name in ("setup.cfg", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).touch()
    return tmp_path


def make(project: Path, python: str) -> subprocess.CompletedProcess[str]:
    """Run ``make .venv/runtime`` with a Python whose ``-m venv .venv`` is the shell script ``python``."""
    stand_in = project / "python"
    stand_in.write_text(f"#!/bin/sh\n{python}\n")
    stand_in.chmod(0o755)
    return subprocess.run(
        ["make", ".venv/runtime", f"PYTHON={stand_in}"], cwd=project, capture_output=True, text=True, check=False
    )


def test_debian_without_python3_venv(project: Path) -> None:
    """There, venv makes the folder with a Python in it, fails to find pip, and leaves both."""
    done = make(project, "mkdir -p .venv/bin; echo 'exit 1' > .venv/bin/python; chmod +x .venv/bin/python; exit 1")
    assert done.returncode != 0
    assert "must be Python 3.11 or newer with venv, see above. On Debian and Ubuntu: sudo apt install" in done.stderr
    assert not (project / ".venv").exists()


def test_an_environment_of_the_user_is_not_removed(project: Path) -> None:
    (project / ".venv").mkdir()
    (project / ".venv" / "mine").touch()
    assert make(project, "exit 1").returncode != 0
    assert (project / ".venv" / "mine").exists()


def test_a_half_made_environment_is_completed(project: Path) -> None:
    """Such as an earlier attempt left: it has a Python, but no pip."""
    (project / ".venv" / "bin").mkdir(parents=True)
    python = project / ".venv" / "bin" / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    done = make(project, f"printf '#!/bin/sh\\n' > {python}")
    assert done.returncode == 0, done.stderr
    assert (project / ".venv" / "runtime").exists()

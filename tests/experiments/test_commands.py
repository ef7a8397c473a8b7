"""Commands of experiments tell what they do without doing it."""

import re
import runpy
import sys
from pathlib import Path

import pytest

from experiments.commands import shared_dir

ROOT = Path(__file__).parents[2]
COMMANDS = sorted(
    path
    for path in (ROOT / "experiments").rglob("*.py")
    if re.search(r"^    main\(\)$", path.read_text(), re.MULTILINE)
)


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: str(path.relative_to(ROOT)))
@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_help_measures_nothing(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    monkeypatch.setenv("SHARED_DIR", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert not ended.value.code
    assert capsys.readouterr().out.startswith("usage: ")


def test_missing_research_data_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SHARED_DIR", str(tmp_path))
    with pytest.raises(SystemExit, match=rf"must lie in {tmp_path}/data, and there is no such folder\. Set SHARED_DIR"):
        shared_dir()

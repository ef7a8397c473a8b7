"""The demo without a browser: where it writes, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import demo
from app.state.choices import OVERRIDES_VARIABLE
from fewshot.config import LiveConfig
from fewshot.errors import OutputError


def test_nowhere_to_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file cannot be written: File exists"):
        demo.run_headless(tmp_path / "file")


def test_an_empty_name_is_not_the_current_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["app.demo", ""])
    with pytest.raises(OutputError, match="must have a folder for what it writes, got nothing"):
        demo.main()


def test_help_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for arguments, code in ((["--help"], 0), (["one", "two"], 2)):
        monkeypatch.setattr("sys.argv", ["app.demo", *arguments])
        with pytest.raises(SystemExit) as ended:
            demo.main()
        assert ended.value.code == code
    assert "outputs/demo if left out" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("clip", "left"), [(True, []), (False, ["annotated.mp4", "readings.csv"])])
def test_a_second_demo_replaces_the_first_and_nothing_else(
    clip: bool, left: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("annotated.mp4", "readings.csv", *(["class.mp4"] if clip else [])):
        (tmp_path / name).write_text("of an earlier run")
    found: list[str] = []

    def look(config: LiveConfig) -> None:
        found.extend(sorted(path.name for path in tmp_path.iterdir()))
        assert config.display.mode == "full"

    monkeypatch.setattr(demo, "write_clip", lambda path, seconds: path)
    monkeypatch.setattr(demo, "enroll", lambda resources: None)
    monkeypatch.setattr(demo, "watch", look)
    monkeypatch.setenv(OVERRIDES_VARIABLE, "display.mode=aggregate")
    demo.run_headless(tmp_path)
    assert [name for name in found if name != "class.mp4"] == left

"""What pip installs is whole, and stays silent."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_weights_configs_and_pages(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for package in ("fewshot", "enroll", "app", "conf"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, source)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(source)]
    subprocess.run([*command, "--wheel-dir", str(tmp_path)], check=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = set(wheel.namelist())
    kept = {".py", ".onnx", ".npz", ".json", ".md", ".yaml", ".js", ".css", ".html"}
    expected = {
        path.relative_to(source).as_posix()
        for package in ("fewshot", "enroll", "app", "conf")
        for path in (source / package).rglob("*")
        if path.suffix in kept
    }
    assert expected <= packed
    assert "fewshot/weights/encoder.onnx" in packed


def test_the_runtime_reports_nothing_home(tmp_path: Path) -> None:
    code = "from fewshot.encoder import load_encoder; load_encoder()"
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment | {"HOME": str(tmp_path)}, cwd=ROOT)
    assert not list(tmp_path.rglob("*onnxruntime*"))

"""A teacher's install has no torch: nothing of enrolling, live use or the web app may ask for it."""

import subprocess
import sys

import pytest

BLOCK = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "pytorch_lightning", "pytorch_metric_learning"):
            raise ImportError(f"{name} was imported")
sys.meta_path.insert(0, Absent())
"""


@pytest.mark.parametrize(
    "imports",
    [
        "import fewshot, enroll, fewshot.models",
        "import fewshot.live.run, fewshot.live.session, fewshot.face.builtin, fewshot.store, enroll.__main__",
        "import app.socket.server, app.demo",
        "import fewshot.face.insightface_backend",
    ],
)
def test_runtime_never_imports_torch(imports: str) -> None:
    code = f"{BLOCK}\n{imports}\nassert 'torch' not in sys.modules"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_training_without_its_packages_says_what_to_install() -> None:
    code = """
import importlib.util, runpy, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == "torch" else found(name, package)
runpy.run_module("fewshot.learn.train", run_name="__main__", alter_sys=True)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 1
    assert "training needs torch, which watching a class does not" in result.stderr.splitlines()[-1]
    assert "pip install --constraint constraints.txt '.[train]'" in result.stderr.splitlines()[-1]

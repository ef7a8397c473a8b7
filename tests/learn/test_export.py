"""What is shipped: measured on the very file, whole or as before."""

import errno
from pathlib import Path

import numpy as np
import pytest
import torch

from fewshot.compose import load
from fewshot.encoder import load_encoder
from fewshot.errors import DatasetError, OutputError, SupportError
from fewshot.learn.checkpoint import load_averaged
from fewshot.learn.evaluate_config import ExportConfig
from fewshot.learn.export import export, write_onnx
from fewshot.learn.fer2013 import load_fer2013
from fewshot.learn.quantize import quantize
from fewshot.learn.whiten import whitened
from fewshot.prototypes import load_generic, nearest
from fewshot.types import EMOTIONS
from tests.learn.conftest import FEW_SHOT


def test_export_ships_what_was_measured(patterns: Path, trained: Path, tmp_path: Path) -> None:
    overrides = [
        f"checkpoint={trained}",
        f"output={tmp_path}",
        f"data.path={patterns}",
        f"data.cache={tmp_path / 'cache'}",
    ]
    config = load(
        ExportConfig,
        [*overrides, "data.check_counts=false", *FEW_SHOT, "read_private_test=true"],
    )
    (tmp_path / ".unfinished-killed").mkdir()
    reports = export(config)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {"cache", "encoder.onnx", "prototypes.npz", "metrics.json", "MODEL_CARD.md"}
    assert [r.split for r in reports] == ["PublicTest", "PrivateTest"]
    encoder, generic = load_encoder(tmp_path / "encoder.onnx"), load_generic(tmp_path / "prototypes.npz")
    assert generic.fingerprint == encoder.fingerprint
    assert generic.labels == EMOTIONS
    test = load_fer2013(patterns, tmp_path / "cache", check_counts=False).split("PrivateTest")
    found = nearest(encoder.embed(test.images_gray), generic).labels
    accuracy = np.mean([EMOTIONS[truth] == label for truth, label in zip(test.labels, found, strict=True)])
    assert accuracy == pytest.approx(reports[1].accuracy.value)
    averaged, fer2013 = load_averaged(trained)[0], load_fer2013(patterns, tmp_path / "cache", check_counts=False)
    shipped = whitened(averaged, fer2013.split("Training"), fer2013.split("PublicTest"))
    expected = torch.cat(shipped(torch.from_numpy(test.images_gray)), dim=1).detach()
    np.testing.assert_allclose(encoder.embed(test.images_gray), expected, rtol=1e-3, atol=1e-2)
    assert generic.weights.tolist() == [[1.0] * 8 + [0.0] * 8] * 7
    assert generic.temperature == pytest.approx(1, rel=0.05)
    card = (tmp_path / "MODEL_CARD.md").read_text()
    assert "FER2013 Training (140 images), 24 episodes of 7-way 2-shot with 21 balanced queries, seed 1 |" in card
    assert "PrivateTest was read once" in card
    assert str(reports[1].accuracy) in card
    assert encoder.fingerprint in card


def test_an_export_that_cannot_be_written_leaves_the_last_one(
    patterns: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    where = [f"checkpoint={trained}", f"output={tmp_path / 'out'}", f"data.cache={tmp_path / 'cache'}"]
    config = load(ExportConfig, [*where, f"data.path={patterns}", "data.check_counts=false", *FEW_SHOT])
    monkeypatch.setattr(Path, "write_text", full)  # the last that is written
    with pytest.raises(OutputError, match="out cannot be written: No space left on device"):
        export(config)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_cannot_be_measured_is_said_before_anything_is_embedded(
    patterns: Path, trained: Path, tmp_path: Path
) -> None:
    for path in patterns.rglob("*.png"):  # names that tell no split
        untold = tmp_path / "untold" / path.relative_to(patterns).with_name(path.name.replace("Test_", ""))
        untold.parent.mkdir(parents=True, exist_ok=True)
        untold.write_bytes(path.read_bytes())
    where = [f"checkpoint={trained}", f"output={tmp_path / 'out'}", f"data.cache={tmp_path / 'cache'}"]
    with pytest.raises(DatasetError, match="split 'PublicTest' is wanted"):
        export(load(ExportConfig, [*where, f"data.path={tmp_path / 'untold'}", "data.check_counts=false", *FEW_SHOT]))
    with pytest.raises(SupportError, match="class 'angry' has 6 images but k_shot"):
        export(load(ExportConfig, [*where, f"data.path={patterns}", "data.check_counts=false"]))
    assert not (tmp_path / "out").exists()


def test_a_quantized_encoder_embeds_almost_alike(patterns: Path, trained: Path, tmp_path: Path) -> None:
    fer2013 = load_fer2013(patterns, tmp_path / "cache", check_counts=False)
    floats, integers = tmp_path / "floats.onnx", tmp_path / "integers.onnx"
    shown, public = fer2013.split("Training"), fer2013.split("PublicTest")
    write_onnx(whitened(load_averaged(trained)[0], shown, public), floats)
    quantize(floats, integers, shown.images_gray)
    crops = public.images_gray
    exact, rounded = (load_encoder(file).embed(crops) for file in (floats, integers))
    assert 0 < np.abs(exact - rounded).max() < 0.1 * np.abs(exact).max()

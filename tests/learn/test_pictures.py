"""The pictures are drawn from what was logged and measured, resumed runs and lone classes included."""

from pathlib import Path

import numpy as np
from PIL import Image

from fewshot.learn.pictures import draw_confusion, draw_curves, draw_map
from fewshot.types import EMOTIONS, Prototypes


def _is_drawn(path: Path) -> bool:
    with Image.open(path) as picture:
        return len(np.unique(np.asarray(picture.convert("L")))) > 10


def test_curves_of_a_resumed_run(tmp_path: Path) -> None:
    for version, first in enumerate((0, 2)):
        log = tmp_path / "log" / f"version_{version}" / "metrics.csv"
        log.parent.mkdir(parents=True)
        rows = [f"{step},{2 - step / 10},\n{step},,{step / 10}\n" for step in range(first, first + 3)]
        log.write_text("step,train/episodic_loss,val/accuracy\n" + "".join(rows))
    assert _is_drawn(draw_curves(tmp_path))


def test_curves_of_a_log_that_was_cut_off(tmp_path: Path) -> None:
    log = tmp_path / "log" / "version_0" / "metrics.csv"
    log.parent.mkdir(parents=True)
    for cut in ("3,1.2", "3", "", "1.", "1.4,0.5,3,4"):
        log.write_text("train/episodic_loss,val/accuracy,step\n2.0,0.1,0\n1.8,0.2,1\n" + cut)
        assert _is_drawn(draw_curves(tmp_path))


def test_curves_of_a_run_without_logs(tmp_path: Path) -> None:
    assert draw_curves(tmp_path).is_file()


def test_confusion_of_a_split_that_lacks_a_class(tmp_path: Path) -> None:
    confusion = np.diag([3, 0, 4, 5, 6, 7, 8])
    assert _is_drawn(draw_confusion(confusion, tmp_path / "new" / "confusion.png"))


def test_map_of_embeddings(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(7, 5)).astype(np.float32)
    generic = Prototypes(vectors, EMOTIONS, np.ones(7, np.int64), np.ones_like(vectors), 1.0, "x")
    labels = np.repeat(np.arange(6), 9)
    embeddings = generic.vectors[labels] + rng.normal(size=(54, 5)).astype(np.float32) / 5
    assert _is_drawn(draw_map(embeddings, labels, generic, tmp_path / "map.png"))

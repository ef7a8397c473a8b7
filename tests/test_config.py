"""conf/ composes, and whatever is wrong in it is said at once."""

from pathlib import Path

import pytest

import conf
from fewshot.config import SCHEMAS, LiveConfig, TrainConfig, load
from fewshot.errors import ConfigError

NEEDED = {"train": ["data.path=x"], "evaluate": ["data.path=x"], "export": ["data.path=x"]}
FOLDER = Path(conf.__file__).parent


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_shipped_configs_compose(name: str) -> None:
    assert isinstance(load(name, NEEDED.get(name, [])), SCHEMAS[name])


def test_any_model_can_be_evaluated() -> None:
    assert load("evaluate", ["data.path=x", "model=runs/mine/last.ckpt"]).model == "runs/mine/last.ckpt"


@pytest.mark.parametrize("group", ["encoder", "loss", "trainer"])
def test_every_choice_of_training_composes(group: str) -> None:
    for choice in sorted((FOLDER / group).glob("*.yaml")):
        assert isinstance(load("train", ["data.path=x", f"{group}={choice.stem}"]), TrainConfig)


@pytest.mark.parametrize("backend", ["auto", "builtin", "insightface"])
def test_every_face_backend_composes(backend: str) -> None:
    live = load("live", [f"faces={backend}"])
    assert isinstance(live, LiveConfig)
    assert live.faces.backend == backend


@pytest.mark.parametrize(
    ("name", "override", "message"),
    [
        ("train", "trainer.epoch=3", "Could not override 'trainer.epoch'"),
        ("train", "trainer.epochs=0", "epochs must be at least 1, got 0"),
        ("train", "trainer.epochs=many", "could not be converted to Integer"),
        ("train", "episode.n_way=1", "n_way must be at least 2, got 1"),
        ("train", "loss.metric=arcface", "metric must be one of none, proxy_nca, supcon, triplet; got 'arcface'"),
        ("train", "loss=nothing", "Could not find 'loss/nothing'"),
        ("train", "encoder.blocks=[1,1]", "must name the same stages, got 4 and 2"),
        ("train", "optimizer.learning_rate=0", "learning_rate must be above 0"),
        ("evaluate", "split=Test", "split must be one of Training, PublicTest, PrivateTest, test; got 'Test'"),
        ("live", "faces.backend=dlib", "backend must be one of auto, builtin, insightface; got 'dlib'"),
        ("live", "min_confidence=1.5", "min_confidence must lie between 0 and 1, got 1.5"),
    ],
)
def test_bad_values_are_sentences(name: str, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(name, [*NEEDED.get(name, []), override])


def test_missing_data_path_is_named() -> None:
    with pytest.raises(ConfigError, match="missing mandatory value: path"):
        load("train")

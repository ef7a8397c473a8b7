"""conf/ composes, and whatever is wrong in it is said at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import conf
from fewshot.compose import load, quote_texts
from fewshot.config import EnrollConfig, LiveConfig
from fewshot.errors import ConfigError
from fewshot.learn.config import TrainConfig
from fewshot.learn.evaluate_config import EvaluateConfig, ExportConfig

PATH = ["data.path=x"]
NEEDED = {TrainConfig: PATH, EvaluateConfig: PATH, ExportConfig: PATH, EnrollConfig: [], LiveConfig: []}
FOLDER = Path(conf.__file__).parent


@pytest.mark.parametrize("schema", NEEDED)
def test_shipped_configs_compose(schema: type) -> None:
    assert isinstance(load(schema, NEEDED[schema]), schema)


def test_every_file_has_a_schema() -> None:
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {
        schema.__name__.removesuffix("Config").lower() for schema in NEEDED
    }


def test_any_model_can_be_evaluated() -> None:
    assert load(EvaluateConfig, ["data.path=x", "model=runs/mine/last.ckpt"]).model == "runs/mine/last.ckpt"


def test_a_tilde_is_the_users_folder() -> None:
    home = str(Path.home())
    assert load(TrainConfig, ["data.path=x", "output='~/mine'"]).output == f"{home}/mine"
    evaluated = load(EvaluateConfig, ["data.path=x", "model='~/x.onnx'", "output='~/found'"])
    assert (evaluated.model, evaluated.output) == (f"{home}/x.onnx", f"{home}/found")
    exported = load(ExportConfig, ["data.path=x", "checkpoint='~/a.ckpt'", "soup=['~/b.ckpt']"])
    assert (exported.checkpoint, exported.soup) == (f"{home}/a.ckpt", [f"{home}/b.ckpt"])


def test_a_tilde_that_is_nobodys_is_part_of_a_name() -> None:
    assert load(TrainConfig, ["data.path=x", "output='~nobody-here/mine'"]).output == "~nobody-here/mine"


@pytest.mark.parametrize("group", ["data", "encoder", "experiment", "loss", "trainer"])
def test_every_choice_of_training_composes(group: str) -> None:
    for choice in sorted((FOLDER / group).glob("*.yaml")):
        if choice.stem == "sweep":
            continue  # exists only within Hydra's own run, as which test_train.py starts it
        assert isinstance(load(TrainConfig, ["data.path=x", f"{group}={choice.stem}", "data.votes=x"]), TrainConfig)


@pytest.mark.parametrize("backend", ["auto", "builtin", "insightface"])
def test_every_face_backend_composes(backend: str) -> None:
    live = load(LiveConfig, [f"faces={backend}"])
    assert isinstance(live, LiveConfig)
    assert live.faces.backend == backend


@pytest.mark.parametrize(
    ("schema", "names"),
    [
        (LiveConfig, ["output", "store", "faces.pack", "faces.pack_root"]),
        (EnrollConfig, ["store", "faces.pack_root"]),
        (TrainConfig, ["output", "data.path", "data.cache", "data.votes"]),
        (EvaluateConfig, ["output", "model", "data.path"]),
        (ExportConfig, ["output", "checkpoint", "data.path"]),
    ],
)
def test_an_empty_path_is_not_the_current_folder(schema: type, names: list[str]) -> None:
    for name in names:
        for empty in ("", " "):
            with pytest.raises(ConfigError, match=rf"^{name} must name a file or folder, got nothing\. Correct it"):
                load(schema, [*NEEDED[schema], f"{name}={empty}"])
    with pytest.raises(ConfigError, match="^soup must name a file or folder, got nothing"):
        load(ExportConfig, [*PATH, "soup=['']"])


@pytest.mark.parametrize(
    ("schema", "override", "message"),
    [
        (TrainConfig, "trainer.epoch=3", "Could not override 'trainer.epoch'"),
        (
            TrainConfig,
            "trainer.epochs=0",
            r"^trainer\.epochs must be at least 1, got 0\. Correct it in conf/ or on the command line\.$",
        ),
        (TrainConfig, "trainer.epochs=many", "could not be converted to Integer"),
        (TrainConfig, "episode.n_way=1", r"^episode\.n_way must be at least 2, got 1"),
        (
            TrainConfig,
            "loss.metric=arcface",
            r"^loss\.metric must be one of none, proxy_nca, supcon, triplet; got 'arcface'",
        ),
        (TrainConfig, "loss=nothing", "Could not find 'loss/nothing'"),
        (TrainConfig, "encoder.blocks=[1,1]", r"must name the same stages, got 4 and 2\. Correct it"),
        (TrainConfig, "optimizer.learning_rate=0", r"^optimizer\.learning_rate must be above 0 .* Correct it"),
        (
            TrainConfig,
            "encoder.widths=[8,0,8,8]",
            r"^encoder\.widths and encoder\.blocks must be at least 1 each, got \[8, 0",
        ),
        (TrainConfig, "encoder.drop_path=1", r"^encoder\.drop_path must be below 1, or no block is left, got 1"),
        (TrainConfig, "trainer.threads=0", r"^trainer\.threads must be at least 1, got 0"),
        (TrainConfig, "seed=-1", r"^seed must lie between 0 and 4294967295, got -1"),
        (TrainConfig, "seed=4294967296", r"^seed must lie between 0 and 4294967295, got 4294967296"),
        (
            TrainConfig,
            "data.emotions=[]",
            r"^data\.emotions must be null for all, or name at least one emotion, got \[\]",
        ),
        (
            EvaluateConfig,
            "mirror=true",
            r"^mirror=true must have a checkpoint \(\.ckpt\) as model, got the shipped ONNX file",
        ),
        (TrainConfig, "augment.crop_px=64", "augment.crop_px must be at most the images' 48, got 64"),
        (EvaluateConfig, "split=Test", "split must be one of Training, PublicTest, PrivateTest, test; got 'Test'"),
        (LiveConfig, "faces.backend=dlib", r"^faces\.backend must be one of auto, builtin, insightface; got 'dlib'"),
        (LiveConfig, "smoothing.min_confidence=1.5", r"^smoothing\.min_confidence must lie between 0 and 1, got 1\.5"),
        (LiveConfig, "smoothing.min_confidence=nan", r"^smoothing\.min_confidence must lie between 0 and 1, got nan"),
        (LiveConfig, "personal.kappa=nan", r"^personal\.kappa must be at least 0.001, got nan"),
        (LiveConfig, "analyze_fps=inf", r"^analyze_fps must be at least 0.1 and finite, got inf"),
        (LiveConfig, "stream.silence_s=0", r"^stream\.silence_s must be at least 0.1, got 0"),
        (LiveConfig, "stream.longest_pause_s=0.1", r"^stream\.longest_pause_s must be at least 0.5, got 0.1"),
        (LiveConfig, "stream.give_up_s=inf", r"^stream\.give_up_s must be at least 0 and finite, got inf"),
        (LiveConfig, "faces.min_score=abc", "LiveConfig at faces.min_score: Value 'abc' of type 'str' could not be"),
        (LiveConfig, "faces.min_score=0", r"^faces\.min_score must be at least 0.05, got 0"),
        (LiveConfig, "smoothing.drift=710", r"^smoothing\.drift must be at most 3, got 710"),
        (
            LiveConfig,
            "smoothing.keep_confidence=0.9",
            r"^smoothing\.keep_confidence must be at most smoothing\.min_confidence, got 0\.9 and 0\.29",
        ),
        (LiveConfig, "weight.poor_px=60", r"^weight\.full_px must be larger than weight\.poor_px, got 50.* and 60"),
        (EvaluateConfig, "few_shot.n_query=0", r"^few_shot\.n_query must be at least 1, got 0"),
        (LiveConfig, "fps=5", r"with fps=5: Could not override 'fps'\. Give each value as name=value, with a name of"),
        (LiveConfig, "lesson.mp4", "missing EQUAL at '<EOF>'. Give each value as name=value"),
        (
            LiveConfig,
            "faces=xyz",
            r"Could not find 'faces/xyz' Available options in 'faces': auto builtin insightface\.",
        ),
        (LiveConfig, "classroom.retention_days=0", r"^classroom\.retention_days must be at least 1, got 0"),
        (LiveConfig, "classroom.retention_days=4000", r"^classroom\.retention_days must be at most 3650, got 4000"),
        (LiveConfig, "classroom.turn_share=2", r"^classroom\.turn_share must lie between 0 and 1"),
        (LiveConfig, "faces=null", "Config group override must be a string or a list"),
    ],
)
def test_bad_values_are_sentences(schema: type, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(schema, [*NEEDED[schema], override])


@pytest.mark.parametrize("schema", [EvaluateConfig, ExportConfig])
def test_what_is_measured_is_measured_on_all_emotions(schema: type) -> None:
    with pytest.raises(ConfigError, match=r"data\.emotions must be null where .* got happy, sad\. Leave it out"):
        load(schema, [*PATH, "data.emotions=[happy,sad]"])


def test_missing_data_path_is_named() -> None:
    with pytest.raises(ConfigError, match="missing mandatory value: path"):
        load(TrainConfig)


@pytest.mark.parametrize(
    "text",
    [
        "my lesson (1).mp4",
        "a, b.mp4",
        "Zoë's=x.mp4",
        "back\\slash\\",
        "a\\'b",
        "rtsp://a:b@c/d?e=f&g=[h]",
        "7",
        "true",
    ],
)
def test_a_file_may_have_any_name(text: str) -> None:
    live = load(LiveConfig, [f"source={text}", f"faces.pack_root={text}", "output=null"])
    assert (live.source, live.faces.pack_root, live.output) == (text, text, None)


def test_a_password_is_not_repeated() -> None:
    with pytest.raises(ConfigError, match="with fps=5: Could not") as raised:
        load(LiveConfig, ["source=rtsp://ada:secret@camera/live", "fps=5"])
    assert "secret" not in str(raised.value)


def test_a_text_that_is_quoted_already_stays_so() -> None:
    assert load(LiveConfig, ["source='my lesson (1).mp4'"]).source == "my lesson (1).mp4"


def test_threads_may_load_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(load, [LiveConfig, EnrollConfig] * 8))
    assert loaded == [load(LiveConfig), load(EnrollConfig)] * 8


@pytest.mark.parametrize("flag", ["-m", "--multirun"])
def test_a_text_may_be_swept(flag: str) -> None:
    several = ["episode.queries=balanced,natural", "loss.metric=choice(supcon,triplet)"]
    one = "data.path='a, b.zip'"
    assert quote_texts(TrainConfig, [flag, *several, one, "output=runs/x"]) == [flag, *several, one, "output='runs/x'"]
    assert quote_texts(TrainConfig, several[:1]) == ["episode.queries='balanced,natural'"]

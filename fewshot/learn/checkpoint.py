"""A training checkpoint back into the encoder that is evaluated and shipped."""

from __future__ import annotations

import pickle
from pathlib import Path

import torch
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]  # what OmegaConf reads with

from fewshot.compose import typed
from fewshot.errors import ConfigError, WeightsError
from fewshot.learn.backbones import Backbone, CropEncoder
from fewshot.learn.config import TrainConfig

_AVERAGED = "averaged.module."


def load_averaged(path: Path, mirror: bool = False) -> tuple[CropEncoder, TrainConfig]:
    """Load the averaged encoder of a run, in evaluation mode, and the config.yaml beside the checkpoint.

    Args:
        path: Of the checkpoint.
        mirror: Average the embeddings of each crop and its mirror image.

    Raises:
        WeightsError: a file is missing, damaged or of another encoder.
    """
    beside = path.parent / "config.yaml"
    for file in (path, beside):
        if not file.is_file():
            raise WeightsError(
                f"a training run must leave {file}, and there is nothing. Train first, or correct the path."
            )
    try:
        config = typed(OmegaConf.load(beside), TrainConfig)  # type: ignore[arg-type]  # the file is a mapping
        state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
        encoder = Backbone(config.encoder)
        encoder.load_state_dict({k.removeprefix(_AVERAGED): v for k, v in state.items() if k.startswith(_AVERAGED)})
    except (
        RuntimeError,
        KeyError,
        EOFError,
        pickle.UnpicklingError,
        OmegaConfBaseException,
        ConfigError,
        YAMLError,
    ) as error:
        raise WeightsError(
            f"{path} must be a checkpoint of the run in {beside}, in the version of this program: "
            f"{str(error).splitlines()[0]} Train again, or correct the path."
        ) from error
    return CropEncoder(encoder, config.augment.crop_px, mirror).eval(), config

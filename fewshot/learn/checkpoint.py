"""A training checkpoint back into the encoder that is evaluated and shipped."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from lightning_fabric.plugins import TorchCheckpointIO
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError  # type: ignore[import-untyped]  # what OmegaConf reads with

from fewshot.compose import typed
from fewshot.errors import ConfigError, WeightsError
from fewshot.learn.backbones import Backbone, CropEncoder
from fewshot.learn.config import TrainConfig
from fewshot.outputs import unwritable


class RenamingIO(TorchCheckpointIO):
    """Writes a checkpoint beside its place and renames it, so that a kill leaves a whole one.

    Lightning writes it into the system's folder for temporary files, from where no rename reaches another disk.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path: str | Path, storage_options: object = None) -> None:
        """Write; raises OutputError where that is not possible, and what was there before stays."""
        part = Path(f"{path}.part")
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:  # of a name alone torch makes a RuntimeError where the disk is full
                torch.save(checkpoint, file)
            part.replace(path)
        except OSError as error:
            raise unwritable(Path(path), error) from error
        except RuntimeError as error:  # torch cannot end the file either, and says that instead
            if not isinstance(error.__context__, OSError):
                raise
            raise unwritable(Path(path), error.__context__) from error


_AVERAGED = "averaged.module."

_UNREADABLE = (
    OSError,
    RuntimeError,
    LookupError,  # of an empty file torch knows no first byte
    TypeError,
    ValueError,
    AttributeError,
    EOFError,
    pickle.UnpicklingError,
)
"""What torch raises of files that are no checkpoints, or may not be read."""


def load_soup(paths: Sequence[Path], mirror: bool) -> tuple[CropEncoder, list[TrainConfig]]:
    """Load the averaged encoders of several runs as one encoder with their mean weights, and the configs of the runs.

    The uniform soup of Wortsman et al. 2022, "Model soups": it works for runs that share their beginning and part late.

    Args:
        paths: The checkpoints, at least one.
        mirror: As in :func:`load_averaged`.

    Raises:
        WeightsError: as :func:`load_averaged`, or the encoders are built differently.
    """
    loaded = [load_averaged(path, mirror) for path in paths]
    (encoder, first), states = loaded[0], [encoder.state_dict() for encoder, _ in loaded]
    for path, (_, config) in zip(paths, loaded, strict=True):
        if (config.encoder, config.augment.crop_px) != (first.encoder, first.augment.crop_px):
            raise WeightsError(
                f"{path} must hold an encoder built like that of {paths[0]}, and the config.yaml beside it names another."
            )
    mean = {name: sum(state[name] for state in states) / len(states) for name in states[0]}
    encoder.load_state_dict(mean)
    return encoder, [config for _, config in loaded]


def load_averaged(path: Path, mirror: bool = False) -> tuple[CropEncoder, TrainConfig]:
    """Load the averaged encoder of a run, in evaluation mode, and the config.yaml beside the checkpoint.

    Args:
        path: The checkpoint.
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
    except (*_UNREADABLE, OmegaConfBaseException, ConfigError, YAMLError) as error:
        raise WeightsError(
            f"{path} must be a checkpoint of the run in {beside}, in the version of this program: {_reason(error)} "
            "Train again, or correct the path."
        ) from error
    return CropEncoder(encoder, config.augment.crop_px, mirror).eval(), config


def load_temperature(path: Path) -> float:
    """Return the temperature that a run learned for its episodes; ``path`` must be what :func:`load_averaged` loads."""
    return float(
        torch.load(path, map_location="cpu", weights_only=True)["state_dict"]["episodic.log_temperature"].exp()
    )


def load_episodes(path: Path, config: TrainConfig) -> int:
    """Return how many episodes a run of ``config`` has seen; ``path`` must be what :func:`load_averaged` loads."""
    return int(torch.load(path, map_location="cpu", weights_only=True)["global_step"]) * config.trainer.devices


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return what a run left to go on from.

    Raises:
        WeightsError: it is damaged, no checkpoint, or may not be read.
    """
    try:
        left = torch.load(path, map_location="cpu", weights_only=True)
        if {"epoch", "global_step", "state_dict"} <= left.keys():
            return dict(left)
        reason = "it says nothing of a run."
    except _UNREADABLE as error:
        reason = _reason(error)
    raise WeightsError(
        f"{path} must be a whole checkpoint for its run to go on, and cannot be read: {reason} Bring a copy back, correct its "
        "permissions, or delete it to start anew."
    )


def _reason(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)

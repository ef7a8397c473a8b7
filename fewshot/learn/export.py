"""Turn a checkpoint into what is shipped: ``python -m fewshot.learn.export checkpoint=... data.path=fer2013.zip``.

Writes encoder.onnx, prototypes.npz, metrics.json and MODEL_CARD.md. Prototypes come from Training, the temperature from
PublicTest; PrivateTest is read only with ``read_private_test=true``, once for the encoder that is released.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from dataclasses import asdict
from pathlib import Path

import hydra
import torch
from omegaconf import DictConfig

from fewshot.compose import CONF_MODULE, quote_texts, typed
from fewshot.errors import FewshotError
from fewshot.learn.checkpoint import load_episodes, load_soup
from fewshot.learn.data import load_data
from fewshot.learn.embed import EmbeddedSplits, load_embedder
from fewshot.learn.evaluate import check_episodes, evaluate
from fewshot.learn.evaluate_config import ExportConfig
from fewshot.learn.generic import make_generic
from fewshot.learn.model_card import model_card
from fewshot.learn.quantize import quantize
from fewshot.learn.report import Report
from fewshot.learn.whiten import ShippedEncoder, whitened
from fewshot.outputs import make_folder, scratch_folder, written_to
from fewshot.prototypes import save_prototypes
from fewshot.terminal import run_command
from fewshot.types import CROP_SIZE

log = logging.getLogger(__name__)


def write_onnx(encoder: ShippedEncoder, path: Path) -> None:
    """Write the encoder as ONNX with a free batch size; torch's exporter folds the norms into the convolutions."""
    example = torch.zeros(2, CROP_SIZE, CROP_SIZE, dtype=torch.uint8)
    with warnings.catch_warnings():
        # the exporter that traces is deprecated, the one that follows needs onnxscript and writes a larger file
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            encoder.eval(),
            (example,),
            path,
            input_names=["crops_gray"],
            output_names=["final", "early"],
            dynamic_axes={"crops_gray": {0: "n"}, "final": {0: "n"}, "early": {0: "n"}},
            opset_version=17,
            dynamo=False,
        )


def export(config: ExportConfig) -> list[Report]:
    """Write the four files and return the reports on PublicTest and, if it was read, PrivateTest.

    All figures are measured on the ONNX file that is shipped, not on the checkpoint.

    Raises:
        WeightsError, DatasetError, OutputError: nothing is written then.
    """
    checkpoints = [Path(path) for path in (config.checkpoint, *config.soup)]
    encoder, runs = load_soup(checkpoints, config.mirror)
    episodes = [load_episodes(path, run) for path, run in zip(checkpoints, runs, strict=True)]
    fer2013 = load_data(config.data)
    splits = ["PublicTest", "PrivateTest"] if config.read_private_test else ["PublicTest"]
    for split in splits:
        check_episodes(fer2013, split, config.few_shot)
    output = Path(config.output)
    make_folder(output)
    with written_to(output), scratch_folder(output) as folder:
        onnx, table = folder / "encoder.onnx", folder / "prototypes.npz"
        train = fer2013.split("Training")
        write_onnx(whitened(encoder, train, fer2013.split("PublicTest")), onnx)
        if config.quantize:
            quantize(onnx, onnx, train.images_gray)
        embedded = EmbeddedSplits(load_embedder(str(onnx)), fer2013)
        generic = make_generic(embedded)
        save_prototypes(generic, table)
        reports = [evaluate(embedded, generic, s, config.few_shot) for s in splits]
        parameters = sum(p.numel() for p in encoder.parameters())
        card = model_card(reports, runs, episodes, config, parameters, onnx.stat().st_size, generic)
        metrics, page = folder / "metrics.json", folder / "MODEL_CARD.md"
        metrics.write_text(json.dumps([asdict(report) for report in reports], indent=1) + "\n", encoding="utf-8")
        page.write_text(card, encoding="utf-8")
        for file in (onnx, table, metrics, page):  # all are written before the first takes the place of another
            file.replace(output / file.name)
    return reports


@hydra.main(version_base="1.3", config_path=f"pkg://{CONF_MODULE}", config_name="export")
def main(config: DictConfig) -> None:
    """Entry point of Hydra."""
    try:
        checked = typed(config, ExportConfig)
        for report in export(checked):
            print(report, end="\n\n")
    except FewshotError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(f"written to {checked.output}")


if __name__ == "__main__":
    sys.argv[1:] = quote_texts(ExportConfig, sys.argv[1:])
    sys.exit(run_command("export", lambda: main() or 0, "stopped. What was there before is as it was."))

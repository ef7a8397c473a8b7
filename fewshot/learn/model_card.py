"""The model card, filled in by the command that measured its numbers."""

from __future__ import annotations

from fewshot.learn.config import TrainConfig
from fewshot.learn.evaluate import Report

_CARD = """\
# Model card: emotion encoder {fingerprint}

A prototypical network (Snell et al. 2017) that turns a 48x48 gray face into {dimension} numbers, and one generic
prototype for each of seven emotions. The nearest prototype by squared Euclidean distance names the emotion.

| | |
|---|---|
| architecture | residual network, stem {stem}, widths {widths}, blocks {blocks} |
| input | the central {crop_px} x {crop_px} pixels{mirrored} |
| parameters | {parameters:,} |
| file | encoder.onnx, {megabytes:.1f} MB, preprocessing included |
| training | FER2013 Training (28,709 images), {episodes:,} episodes of {n_way}-way {k_shot}-shot with {n_query} queries, seed {seed} |
| loss | {episodic:g} x episodic + {metric_weight:g} x {metric} |
| temperature | {temperature:.4g}, fitted on PublicTest |

## Measured

On the ONNX file, one forward pass, nearest generic prototype of Training; 95 % intervals. PublicTest chose, PrivateTest
was read once.

{table}

## Data and labels

FER2013 (Goodfellow et al. 2013): web images found by emotion words, labelled once each; people agree with its labels in
about 65 % of the cases. Its faces are mostly adult, often posed, of unbalanced origin, and it holds mislabelled and
duplicate images. An expression is not a feeling: read every answer as "looks like".

## Where it fails

The weakest classes are {weakest}. Neutral and sad are confused, fear is taken for surprise, sad or angry. It has not
been measured by age, gender or skin colour, and must not be used to judge people.

## Not for

Inferring emotions of people in education or at work is prohibited in the European Union (AI Act, Art. 5(1)(f)) except for
medical or safety reasons. The weights are ours, under the project's licence; FER2013 itself is for research.
"""


def model_card(
    reports: list[Report],
    training: TrainConfig,
    mirror: bool,
    parameters: int,
    file_bytes: int,
    temperature: float,
    fingerprint: str,
) -> str:
    """Return the card as Markdown."""
    last = reports[-1]
    weakest = sorted(last.recalls, key=lambda name: last.recalls[name])[:3]
    head = ["", *(f"{r.split} (n = {r.n})" for r in reports)]
    rows = [
        ["accuracy", *(str(r.accuracy) for r in reports)],
        ["macro-F1", *(f"{r.macro_f1:.3f}" for r in reports)],
        ["ECE", *("-" if r.calibration_error is None else f"{r.calibration_error:.3f}" for r in reports)],
        [f"few-shot: {last.episode}", *(str(r.episode_accuracy) for r in reports)],
        *([f"recall {name}", *(f"{r.recalls[name]:.3f}" for r in reports)] for name in last.recalls),
    ]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return _CARD.format(
        fingerprint=fingerprint,
        dimension=training.encoder.dimension,
        crop_px=training.augment.crop_px,
        mirrored=", averaged with their mirror image" if mirror else "",
        stem=training.encoder.stem,
        widths=training.encoder.widths,
        blocks=training.encoder.blocks,
        parameters=parameters,
        megabytes=file_bytes / 1e6,
        episodes=training.trainer.epochs * training.trainer.steps,
        n_way=training.episode.n_way,
        k_shot=training.episode.k_shot,
        n_query=training.episode.n_query,
        seed=training.seed,
        episodic=training.loss.episodic,
        metric=training.loss.metric,
        metric_weight=training.loss.metric_weight,
        temperature=temperature,
        table="\n".join(lines),
        weakest=", ".join(f"{name} (recall {last.recalls[name]:.2f})" for name in weakest),
    )

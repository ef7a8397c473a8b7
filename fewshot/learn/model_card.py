"""The model card, filled in by the command that measured its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from fewshot.learn.config import LossConfig, TrainConfig
from fewshot.learn.evaluate_config import ExportConfig
from fewshot.learn.generic import RATERS_SHARE
from fewshot.learn.report import Report
from fewshot.types import Prototypes

# what experiments.figures fills in is measured on more than the archive that the export reads
_CARD = """\
# Model card: emotion encoder {fingerprint}

A prototypical network (Snell et al. 2017) that turns a 48x48 gray face into {dimension} numbers, and one generic
prototype for each of seven emotions. The nearest prototype by squared Euclidean distance names the emotion.

| | |
|---|---|
| architecture | residual network of {architecture} |
| input | the central {crop_px} x {crop_px} pixels{mirrored} |
| parameters | {parameters:,} |
| file | encoder.onnx, {megabytes:.1f} MB of {numbers}, preprocessing included |
| training | {images}, {episodes} episodes of {episode}, {seeds} |
| loss | {loss} |
| what an image should be named | {named} |
| prototypes | the mean of Training by emotion{raters} |
| temperature | {temperature:.4g}, fitted on PublicTest |

## Measured

On the ONNX file, one forward pass, nearest generic prototype of Training; 95 % intervals. {private_test}

{table}

{protocols}

## Cost

<!-- figures: shipped cost -->
<!-- end -->

## On people it never saw

Faces found, aligned and classified as in live use, and what one photo of each emotion gains
([how](../../experiments/other_faces/README.md)); in brackets the share of people whom their own photos made worse.

<!-- figures: shipped faces -->
<!-- end -->

![Accuracy on JAFFE against the height of the face](../../experiments/other_faces/face_size.png)

## Data and labels

FER2013 (Goodfellow et al. 2013): web images found by emotion words, labelled once each; people agree with its labels in
about 65 % of the cases. Its faces are mostly adult, often posed, of unbalanced origin, and it holds mislabelled and
duplicate images, also across its splits. An expression is not a feeling: read every answer as "looks like".

## Where it fails

The weakest classes are {weakest}. Neutral and sad are confused, fear is taken for surprise, sad or angry. It has not
been measured by age, gender or skin colour, and must not be used to judge people.

## Not for

Inferring emotions of people in education or at work is prohibited in the European Union (AI Act, Art. 5(1)(f)) except for
medical or safety reasons. The weights are ours, under the project's licence; FER2013 itself is for research.
"""


_READ = """\
PrivateTest was read once; what
chose is told in [shipped](../../experiments/shipped/README.md)."""


def model_card(
    reports: list[Report],
    runs: Sequence[TrainConfig],
    episodes: Sequence[int],
    export: ExportConfig,
    parameters: int,
    file_bytes: int,
    generic: Prototypes,
) -> str:
    """Return the card as Markdown; where the weights of several runs were averaged, it describes the first run.

    Args:
        reports: On the splits that were read.
        runs: Configs of the runs.
        episodes: How many each of them has seen.
        export: How the file was made.
        parameters: Of the encoder.
        file_bytes: Size of the file.
        generic: Prototypes of the file.
    """
    last = reports[-1]
    weakest = sorted(last.recalls, key=lambda name: last.recalls[name])[:3]
    columns = [report.rows() for report in reports]
    names = list(dict.fromkeys(name for column in columns for name in column))
    rows = [
        ["", *(f"{r.split} (n = {r.n})" for r in reports)],
        ["---"] * (1 + len(reports)),
        *([name, *(column.get(name, "") for column in columns)] for name in names),
    ]
    training = runs[0]
    encoder = training.encoder
    lengths = [f"{seen:,}" for seen in episodes]
    seeds = sorted({run.seed for run in runs})
    return _CARD.format(
        fingerprint=generic.fingerprint,
        dimension=encoder.dimension,
        crop_px=training.augment.crop_px,
        mirrored=", averaged with their mirror image" if export.mirror else "",
        architecture=f"{encoder.block} blocks, stem {encoder.stem}, widths {encoder.widths}, blocks {encoder.blocks}",
        parameters=parameters,
        megabytes=file_bytes / 1e6,
        numbers="8-bit integers" if export.quantize else "32-bit floats",
        episodes=lengths[0] if len(runs) == 1 else f"the mean weights of runs of {' and '.join(lengths)}",
        episode=_episode(training),
        seeds=f"{'seed' if len(seeds) == 1 else 'seeds'} {' and '.join(map(str, seeds))}",
        images=_images(training, export, int(generic.counts.sum())),
        private_test=_READ if any(r.split == "PrivateTest" for r in reports) else "PrivateTest was not read.",
        loss=_loss(training.loss),
        named=_named(training),
        raters=f", an image {RATERS_SHARE:.0%} as the raters of FER+ name it" if export.data.votes else "",
        temperature=generic.temperature,
        table="\n".join("| " + " | ".join(row) + " |" for row in rows),
        protocols="  \n".join(report.few_shot_protocol for report in reports),
        weakest=", ".join(f"{name} (recall {last.recalls[name]:.2f})" for name in weakest),
    )


def _images(training: TrainConfig, export: ExportConfig, found: int) -> str:
    """Return what was trained on; how many images, where the export found the very ones."""
    data = training.data
    words = "FER2013 Training" + ("" if data.emotions is None else f", {' and '.join(data.emotions)} alone")
    if data.labels == "ferplus":
        words += ", where most raters of FER+ agree"
    same = data.emotions is None and data.labels == export.data.labels
    return f"{words} ({found:,} images)" if same else words


def _episode(training: TrainConfig) -> str:
    episode = training.episode
    words = (
        f"{episode.n_way}-way {episode.k_shot}-shot with {episode.n_way * episode.n_query} {episode.queries} queries"
    )
    return words + (f", {episode.aligned_share:.0%} of the images aligned" if episode.aligned_share else "")


def _loss(loss: LossConfig) -> str:
    terms = {
        "episodic": loss.episodic,
        loss.metric: loss.metric_weight,
        "reading": loss.reading_weight,
        "FER+ votes": loss.votes_weight,
    }
    return " + ".join(f"{weight:g} x {name}" for name, weight in terms.items() if weight)


def _named(training: TrainConfig) -> str:
    by_labels = _by_labels(training, training.loss)
    distill = training.distill
    if distill.encoder is None or distill.loss is None or not distill.teachers or distill.share == 0:
        return by_labels
    said = "what" if distill.share == 1 else f"{distill.share:.0%} what"
    rest = "" if distill.share == 1 else f"; {by_labels}"
    return (
        f"{said} {distill.teachers} teachers name it on average: runs of {distill.epochs} epochs with an encoder of "
        f"{distill.encoder.block} blocks, widths {distill.encoder.widths}, on {_by_labels(training, distill.loss)}{rest}"
    )


def _by_labels(training: TrainConfig, loss: LossConfig) -> str:
    label = "its label" if training.data.labels == "fer2013" else "what most raters of FER+ name it"
    # the metric losses know labels alone
    if loss.raters_share == 0 or loss.episodic == loss.reading_weight == 0:
        return label
    return f"{1 - loss.raters_share:.0%} {label} and {loss.raters_share:.0%} the raters of FER+"

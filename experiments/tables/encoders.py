"""What encoders reach and cost."""

from __future__ import annotations

from collections.abc import Callable

from experiments.tables.markdown import percent, read, seeds, table
from fewshot.encoder import load_encoder


def encoder_table(metrics: str = "fewshot/weights/metrics.json") -> str:
    """Return an encoder's scores, as its export measured them; the shipped one's if left out."""
    rows = [
        [
            f"FER2013 {report['split']}, n = {report['n']}",
            percent(report["accuracy"]),
            f"{report['macro_f1']:.3f}",
            f"{report['calibration_error']:.3f}",
        ]
        for report in read(metrics)
    ]
    return table(["nearest generic prototype", "accuracy (95 % interval)", "macro-F1", "ECE"], *rows)


def candidates_table() -> str:
    """Return every encoder that was measured on people it never saw, beside its accuracy on FER2013."""
    sets = ("jaffe", "kdef", "ntu_tw")
    rows = [
        [
            name,
            *(f"{100 * row[split]:.1f}" if split in row else "not read" for split in ("PublicTest", "PrivateTest")),
            *(f"{100 * row['generic'][s]:.1f}" for s in sets),
            *(f"{100 * row['one photo of each'][s]:.1f} ({100 * row['worse'][s]:.0f})" for s in sets),
        ]
        for name, row in read("experiments/other_faces/candidates.json").items()
    ]
    head = [
        "%",
        "PublicTest",
        "PrivateTest",
        *(f"generic {s}" for s in sets),
        *(f"own photos {s} (worse)" for s in sets),
    ]
    return table(head, *rows)


def cost_table() -> str:
    """Return what the encoders cost and what they are worth, a row each."""
    rows = [
        [
            name,
            f"{100 * r['PublicTest']:.1f} %",
            f"{r['ms a face']:.2f}",
            f"{r['megabytes']:.1f}",
            f"{r['parameters'] / 1e6:.1f} M",
            f"{r['multiply-adds'] / 1e6:.0f} M",
            r["processor"],
        ]
        for name, r in read("experiments/cost/results.json").items()
    ]
    return table(["encoder", "PublicTest", "ms a face", "MB", "parameters", "multiply-adds", "processor"], *rows)


def training_speed_table() -> str:
    """Return how fast each encoder of conf/encoder learns."""
    results = read("experiments/cost/training.json")
    allocator = "jemalloc" if results["jemalloc"] else "the system's allocator"
    head = f"{results['processor']}, {results['threads']} threads, {allocator}"
    speeds = results["images a second"]
    precisions = list(next(iter(speeds.values())))
    rows = [[name, *(f"{speed[precision]:.0f} images/s" for precision in precisions)] for name, speed in speeds.items()]
    return table([head, *precisions], *rows)


def shipped_cost_table() -> str:
    """Return the row of costs of the shipped file, in the words of the model card."""
    shipped = load_encoder().fingerprint
    row = next((r for r in read("experiments/cost/results.json").values() if r.get("fingerprint") == shipped), None)
    if row is None:
        return "Not measured for this encoder yet: `python -m experiments.cost.measure`."
    return table(
        ["ms a face, 49 in a batch, 2 threads", "MB", "parameters", "multiply-adds", "processor"],
        [
            f"{row['ms a face']:.2f}",
            f"{row['megabytes']:.1f}",
            f"{row['parameters']:,}",
            f"{row['multiply-adds'] / 1e6:.0f} M",
            row["processor"],
        ],
    )


def small_runs_table(results_path: str) -> str:
    """Return every score of each variant of a small run, as mean and interval over the seeds."""
    results = read(results_path)
    scores = next(iter(next(iter(results.values())).values()))
    rows = [[score, *(seeds([row[score] for row in runs.values()]) for runs in results.values())] for score in scores]
    return table(["mean and 95 % interval of 3 seeds", *results], *rows)


def novel_emotions_table() -> str:
    """Return the accuracy on the emotions that the encoder was not shown, by way of training."""
    results = read("experiments/novel_emotions/results.json")
    ways = next(iter(results.values()))
    rows = [
        [f"{novel}, {shots}", *(percent(row[way][shots]) for way in ways)]
        for novel, row in results.items()
        for shots in row["pixels"]
    ]
    return table(["novel", *ways], *rows)


def prototype_ideas_table() -> str:
    """Return the accuracy of each way to classify by prototypes, by what was asked about."""
    ways = read("experiments/prototype_ideas/results.json")["right"]
    asked = list(next(iter(ways.values())))
    rows = [[name, *(f"{100 * right[one]:.1f} %" for one in asked)] for name, right in ways.items()]
    return table(["prototypes", *asked], *rows)


def distillation_table() -> str:
    """Return what each encoder reads by how much raters say in its prototypes; people by either backend's landmarks."""
    results = read("experiments/distillation/results.json")
    asked = list(next(iter(next(iter(results.values()))["right"].values())))
    rows = [
        [name, share, *(f"{100 * right[one]:.1f}" for one in asked)]
        for name, encoder in results.items()
        for share, right in encoder["right"].items()
    ]
    return table(["% right", "raters' share", *asked], *rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "encoder": encoder_table,
    "first encoder": lambda: encoder_table("experiments/first_encoder/metrics.json"),
    "candidates": candidates_table,
    "shipped cost": shipped_cost_table,
    "losses": lambda: small_runs_table("experiments/losses/results.json"),
    "novel emotions": novel_emotions_table,
    "cost": cost_table,
    "training speed": training_speed_table,
    "prototype ideas": prototype_ideas_table,
    "distillation": distillation_table,
}

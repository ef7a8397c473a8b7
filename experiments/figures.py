"""Write measured figures into the README: ``python -m experiments.figures``.

The README marks each block with ``<!-- figures: NAME -->`` and ``<!-- end -->``; what stands between comes from the
files that the measuring commands wrote, so nobody types a number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from experiments.other_faces.curve import draw_size_curve
from fewshot.encoder import load_encoder

ROOT = Path(__file__).parent.parent


def _read(path: str) -> Any:
    return json.loads((ROOT / path).read_text())


def _table(*rows: list[str]) -> str:
    """Return rows of cells, the first being the head, as Markdown."""
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _percent(share: dict[str, float]) -> str:
    return f"{100 * share['value']:.1f} % ({100 * share['low']:.1f} to {100 * share['high']:.1f})"


def encoder_table(metrics: str = "fewshot/weights/metrics.json") -> str:
    """Return an encoder's scores, as its export measured them; the shipped one's if left out."""
    rows = [
        [
            f"FER2013 {report['split']}, n = {report['n']}",
            _percent(report["accuracy"]),
            f"{report['macro_f1']:.3f}",
            f"{report['calibration_error']:.3f}",
        ]
        for report in _read(metrics)
    ]
    return _table(["nearest generic prototype", "accuracy (95 % interval)", "macro-F1", "ECE"], *rows)


def class_table() -> str:
    """Return what enrollment gains on the made class of ten."""
    results = _read("experiments/jaffe_class/results.json")
    columns = {f"{faces}, {run}": results[faces][run] for faces in results for run in results[faces]}
    rows = [
        [key, *(f"{c[key]:,}" if isinstance(c[key], int) else f"{100 * c[key]:.1f} %" for c in columns.values())]
        for key in next(iter(columns.values()))
    ]
    return _table(["", *columns], *rows)


def other_faces_table() -> str:
    """Return generic accuracy on other sets and on changed pictures, by face backend."""
    results = _read("experiments/other_faces/results.json")
    rows = []
    for group in ("generic", "changed"):
        for title in next(iter(results.values()))[group]:
            answers = [results[faces][group][title] for faces in results]
            cells = [
                _percent(a["accuracy"]) + (f", {a['missed']} faces not found" if a["missed"] else "") for a in answers
            ]
            rows.append([title if group == "generic" else f"jaffe, {title}", *cells])
    return _table(["pictures", *results], *rows)


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
        for name, row in _read("experiments/other_faces/candidates.json").items()
    ]
    head = [
        "%",
        "PublicTest",
        "PrivateTest",
        *(f"generic {s}" for s in sets),
        *(f"own photos {s} (worse)" for s in sets),
    ]
    return _table(head, *rows)


def own_photos_table() -> str:
    """Return what enrolling gains by set, through the built-in faces."""
    sets = _read("experiments/other_faces/results.json")["builtin"]["enrollment"]
    rows = []
    for kind in next(iter(sets.values())):
        gains = [sets[name][kind] for name in sets]
        rows.append([kind, *(f"{100 * g['accuracy']['value']:.1f} % ({100 * g['worse']:.0f} %)" for g in gains)])
    return _table(["prototypes", *sets], *rows)


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
        for name, r in _read("experiments/cost/results.json").items()
    ]
    return _table(["encoder", "PublicTest", "ms a face", "MB", "parameters", "multiply-adds", "processor"], *rows)


def enrollment_table(way: str) -> str:
    """Return accuracy, gain and harm by kind of enrollment and set."""
    sets = _read("experiments/enrollment/results.json")[way]
    rows = []
    for kind in next(iter(sets.values())):
        cells = [sets[name][kind] for name in sets]
        rows.append(
            [
                kind,
                *(
                    f"{_percent(c['accuracy'])}, {100 * c['gain']['value']:+.1f}, {100 * c['worse']:.0f} % worse"
                    for c in cells
                ),
            ]
        )
    return _table(["enrolled by", *sets], *rows)


def methods_table() -> str:
    """Return what each further method adds to the score without it."""
    methods = _read("experiments/enrollment/results.json")["methods"]
    sets = list(next(iter(methods.values())))

    def cell(row: dict[str, Any], scale: float) -> str:
        gain = "{value:+.2f} ({low:+.2f} to {high:+.2f})".format(**{k: scale * v for k, v in row["gain"].items()})
        return f"{scale * row['without']:.2f}, {gain}, at {row['strength']:.2g}"

    rows = [[name, *(cell(by_set[s], 1 if "nats" in name else 100) for s in sets)] for name, by_set in methods.items()]
    return _table(["method: what is scored", *sets], *rows)


def receipts_table() -> str:
    """Return the gain and the share of people made worse after each kind of receipt has decided."""
    rules = _read("experiments/enrollment/results.json")["receipts"]
    rows = [
        [
            kind,
            *(
                ", ".join(f"{100 * c['gain']:+.1f} ({100 * c['worse']:.0f})" for c in rules[r][kind].values())
                for r in rules
            ),
        ]
        for kind in next(iter(rules.values()))
    ]
    return _table(["enrolled by", *rules], *rows)


def asked_table() -> str:
    """Return how often a teacher is asked about a photo's emotion."""
    sets = _read("experiments/enrollment/results.json")["asked about"]
    rows = [
        [f"given for {which} emotion", *(f"{100 * asked[key]:.0f} %" for asked in sets.values())]
        for which, key in (("its own", "right"), ("another", "wrong"))
    ]
    return _table(["asked about", *sets], *rows)


def shipped_cost_table() -> str:
    """Return the row of costs of the shipped file, in the words of the model card."""
    shipped = load_encoder().fingerprint
    row = next((r for r in _read("experiments/cost/results.json").values() if r.get("fingerprint") == shipped), None)
    if row is None:
        return "Not measured for this encoder yet: `python -m experiments.cost.measure`."
    return _table(
        ["ms a face, 49 in a batch, 2 threads", "MB", "parameters", "multiply-adds", "processor"],
        [
            f"{row['ms a face']:.2f}",
            f"{row['megabytes']:.1f}",
            f"{row['parameters']:,}",
            f"{row['multiply-adds'] / 1e6:.0f} M",
            row["processor"],
        ],
    )


def shipped_faces_table() -> str:
    """Return the shipped encoder's scores on people it never saw, unless those at hand are of another encoder."""
    results, shipped = _read("experiments/other_faces/results.json"), load_encoder().fingerprint
    if any(answers["fingerprint"] != shipped for answers in results.values()):
        return "Not measured for this encoder yet: `python -m experiments.other_faces.measure`."
    return f"{other_faces_table()}\n\n{own_photos_table()}"


def _seeds(shares: list[float]) -> str:
    """Return the mean over seeds with its 95 % interval by Student's t."""
    values = 100 * np.array(shares)
    half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
    return f"{values.mean():.1f} ± {half:.1f} %"


def smoothing_table() -> str:
    """Return how a few settings of the smoothing do."""
    results = _read("experiments/smoothing/results.json")["settings"]
    rows = [
        [
            f"{name}, {source}",
            f"{100 * row[source]['right']:.1f} %",
            f"{row[source]['median delay, s']:.2f} s",
            f"{100 * row[source]['shown within 1 s']:.0f} %",
            f"{row[source]['flips a minute']:.1f}",
        ]
        for name, row in results.items()
        if not name.startswith("slow")
        for source in row
    ]
    return _table(["smoothing, prototypes", "right", "delay", "within 1 s", "flips a minute"], *rows)


def identity_table() -> str:
    """Return how surely a face is recognized, by backend."""
    results = _read("experiments/identity/results.json")
    pairs, walks = ({name: row[part] for name, row in results.items()} for part in ("pairs", "open set"))
    rows = [["AUC of the pairs", *(f"{row['AUC']:.4f}" for row in pairs.values())]]
    rows += [
        [key, *(_percent(row[key]) for row in pairs.values())] for key in next(iter(pairs.values())) if "TAR" in key
    ]
    rows += [["threshold, margin", *(f"{row['threshold']:g}, {row['margin']:g}" for row in walks.values())]]
    key = "most similar is right"
    rows += [[f"{key} of 200", *(f"{100 * row[key]:.1f} %" for row in walks.values())]]
    rows += [
        [f"{share}, {way}", *(f"{100 * row[way][share]:.1f} %" for row in walks.values())]
        for way in ("shipped threshold", "threshold that others chose")
        for share in next(iter(walks.values()))[way]
    ]
    return _table(["", *results], *rows)


def identity_scale_table() -> str:
    """Return what a search and a change cost."""
    results = _read("experiments/identity/scale.json")
    rows = [
        [
            f"one face among {size} templates",
            f"{row['a probe, ms']:.2f} ms, own found {100 * row['own template found']:.1f} %",
        ]
        for size, row in results["search"].items()
    ]
    rows += [
        [f"1,000 students: {change}", f"{ms:.0f} ms"]
        for change, ms in results["a change of 1,000 students, ms"].items()
    ]
    return _table(["", results["machine"]], *rows)


def _layout(row: dict[str, Any]) -> str:
    faces = "1 face" if row["count"] == "1" else f"{row['count']} faces"
    return f"{faces}, {row['size']}, {row['faces']}, {row['cores']} core{'s' * (row['cores'] != '1')}"


def live_speed_table() -> str:
    """Return how the live loop keeps up."""
    results = _read("experiments/live_speed/results.json")
    rows = [
        [
            _layout(row),
            f"{row['analyzed frames/s']:.1f}",
            f"{row['slowest face, emotions/s']:.1f}",
            f"{row['emotions/s']:.0f}",
            f"{row['newcomer named within, s']:.1f} s" if row["newcomer named within, s"] is not None else "",
            f"{row['ms a frame, 95 % below']:.0f} ms",
            f"{1000 * row['CPU s a frame']:.0f} ms",
            f"{row['RSS without the frames, MB']:.0f} MB",
        ]
        for row in results["rows"]
    ]
    head = [
        results["machine"],
        "analyzed frames/s",
        "emotions/s of the slowest face",
        "of all faces",
        "newcomer named within",
        "95 % of frames below",
        "CPU a frame",
        "memory",
    ]
    return _table(head, *rows)


def live_speed_headline() -> str:
    """Return the full gallery and the single face, for the README."""
    results = _read("experiments/live_speed/results.json")
    rows = [
        [
            _layout(row),
            f"{row['analyzed frames/s']:.0f}",
            f"{row['slowest face, emotions/s']:.0f}",
            f"{row['newcomer named within, s']:.1f} s" if row["newcomer named within, s"] is not None else "",
        ]
        for row in results["rows"]
        if row["cores"] == "2"
        and (row["count"], row["size"]) in (("49", "1920x1080"), ("25", "1920x1080"), ("1", "640x480"))
    ]
    head = [results["machine"], "analyzed frames/s", "emotions/s of the slowest face", "newcomer named within"]
    return _table(head, *rows)


def live_speed_stages_table() -> str:
    """Return the cost of each stage."""
    rows = _read("experiments/live_speed/results.json")["rows"]
    stages = ("detect", "follow", "identify", "align", "embed", "classify", "smooth")
    body = [
        [
            _layout(row),
            *(f"{row['ms by stage'].get(stage, 0.0):.1f}" for stage in stages),
            f"{100 * row['outside the models']:.0f} %",
        ]
        for row in rows
    ]
    return _table(["", *stages, "outside detect, identify, embed"], *body)


def small_faces_table() -> str:
    """Return how many faces of each size are found in a gallery of 49, whole pictures first, then faces cut out."""
    ways = ("a look", "a closer look", "live after 1 s")
    rows = [
        [
            f"{row['faces']}, {row['height_px']} px, {'gray' if row['gray'] else 'color'}{', cut out' * row['cut']}",
            *(f"{100 * row[way]['recall']:.1f} %" for way in ways),
            *(f"{row[way]['false a frame']:.1f}" for way in ways),
        ]
        for row in _read("experiments/small_faces/results.json")["rows"]
    ]
    return _table(["faces", *ways, *(f"false, {way}" for way in ways)], *rows)


def small_faces_cost_table() -> str:
    """Return what each kind of look costs."""
    costs = _read("experiments/small_faces/results.json")["ms, 2 threads"]
    looks = list(next(iter(costs.values())))
    rows = [[name, *(f"{row[look]:.0f} ms" for look in looks)] for name, row in costs.items()]
    return _table(["2 threads", *looks], *rows)


def reading_weight_pictures_table() -> str:
    """Return how often a face is read right, by set and by what befell the picture."""
    sets = _read("experiments/reading_weight/results.json")["pictures"]
    rows = [
        [kind, *(f"{100 * sets[name][kind]['right']:.1f} % ({sets[name][kind]['sharpness']:.3f})" for name in sets)]
        for kind in next(iter(sets.values()))
    ]
    return _table(["read right (median sharpness)", *sets], *rows)


def reading_weight_turned_table() -> str:
    """Return how often a face is read right, by how far the head is turned."""
    rows = _read("experiments/reading_weight/results.json")["turned"]
    return _table(
        ["turned sideways", "read right", "faces"],
        *([name, f"{100 * row['right']:.1f} %", str(row["faces"])] for name, row in rows.items()),
    )


def reading_weight_films_table() -> str:
    """Return how often the shown label is right and how often it changes, by the weight of the poorest reading."""
    kinds = _read("experiments/reading_weight/results.json")["films"]
    good, poor = kinds.values()
    rows = [
        [
            least,
            f"{100 * good[least]['right']:.1f} %",
            f"{good[least]['changes a minute']:.1f}",
            f"{100 * poor[least]['right']:.1f} %",
            f"{100 * poor[least]['right while poor']:.1f} %",
            f"{poor[least]['changes a minute']:.1f}",
        ]
        for least in good
    ]
    head = ["right", "changes a minute"]
    return _table(
        ["least weight", *(f"good: {h}" for h in head), "poor: right", "right while poor", "changes a minute"], *rows
    )


def losses_table() -> str:
    """Return every score of each loss, as mean and interval over the seeds."""
    results = _read("experiments/losses/results.json")
    scores = next(iter(next(iter(results.values())).values()))
    rows = [
        [score, *(_seeds([row[score] for row in seeds.values()]) for seeds in results.values())] for score in scores
    ]
    return _table(["mean and 95 % interval of 3 seeds", *results], *rows)


def novel_emotions_table() -> str:
    """Return the accuracy on the emotions that the encoder was not shown, by way of training."""
    results = _read("experiments/novel_emotions/results.json")
    ways = next(iter(results.values()))
    rows = [
        [f"{novel}, {shots}", *(_percent(row[way][shots]) for way in ways)]
        for novel, row in results.items()
        for shots in row["pixels"]
    ]
    return _table(["novel", *ways], *rows)


def states_table() -> str:
    """Return how a state of the teacher's own is found, and what it costs the emotions, by how it was taught."""
    sets = _read("experiments/states/results.json")["sets"]
    rows = []
    for how in next(iter(sets.values())):
        cells = []
        for row in (sets[name][how] for name in sets):
            if not row:
                cells.append("too few photos")
                continue
            six = [f"{100 * row[f'the other six {when}']['value']:.0f}" for when in ("before", "after")]
            cells.append(
                f"found {_percent(row['state found'])}, rightly {100 * row['state said rightly']:.0f} %, "
                f"the six {' to '.join(six)} %"
            )
        rows.append([how, *cells])
    return _table(["taught by", *sets], *rows)


def prototype_ideas_table() -> str:
    """Return the accuracy of each way to classify by prototypes, by what was asked about."""
    ways = _read("experiments/prototype_ideas/results.json")["right"]
    asked = list(next(iter(ways.values())))
    rows = [[name, *(f"{100 * right[one]:.1f} %" for one in asked)] for name, right in ways.items()]
    return _table(["prototypes", *asked], *rows)


def report_speed_table() -> str:
    """Return what each step of a report takes."""
    results = _read("experiments/report_speed/results.json")
    opened = (
        "list the lessons",
        "read the lesson",
        "read the totals of six lessons",
        "compute the report",
        "draw its charts",
    )
    rows = [[step, f"{ms:.0f} ms" if ms >= 1 else f"{ms:.1f} ms"] for step, ms in results["ms"].items()]
    return _table(
        [f"{results['students']} students, {results['minutes']} minutes, {results['processor']}", "median"],
        *rows,
        ["together, until the page is drawn", f"{sum(results['ms'][step] for step in opened):.0f} ms"],
        ["kept on disk", f"{results['megabytes a lesson']:.1f} MB"],
    )


def covered_eyes_table() -> str:
    """Return how often a teacher is asked about eyes that are seen and about eyes that are covered."""
    results = _read("experiments/covered_eyes/results.json")
    rows = [
        [name, str(row["photos"]), f"{100 * row['asked']:.1f} %", f"{100 * row['refused']:.1f} %"]
        for name, row in {**{f"as it is, {k}": v for k, v in results["seen"].items()}, **results["covered"]}.items()
    ]
    return _table(["the eyes", "photos", "asked", "refused"], *rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "encoder": encoder_table,
    "first encoder": lambda: encoder_table("experiments/first_encoder/metrics.json"),
    "candidates": candidates_table,
    "class": class_table,
    "shipped cost": shipped_cost_table,
    "shipped faces": shipped_faces_table,
    "enrollment": lambda: enrollment_table("by shipped weights"),
    "enrollment held out": lambda: enrollment_table("by weights that others chose"),
    "asked about": asked_table,
    "methods": methods_table,
    "receipts": receipts_table,
    "covered eyes": covered_eyes_table,
    "smoothing": smoothing_table,
    "live speed": live_speed_table,
    "live speed headline": live_speed_headline,
    "live speed stages": live_speed_stages_table,
    "identity": identity_table,
    "identity scale": identity_scale_table,
    "small faces": small_faces_table,
    "small faces cost": small_faces_cost_table,
    "reading weight pictures": reading_weight_pictures_table,
    "reading weight turned": reading_weight_turned_table,
    "reading weight films": reading_weight_films_table,
    "losses": losses_table,
    "novel emotions": novel_emotions_table,
    "cost": cost_table,
    "states": states_table,
    "prototype ideas": prototype_ideas_table,
    "other faces": other_faces_table,
    "own photos": own_photos_table,
    "report speed": report_speed_table,
}


def fill(text: str) -> str:
    """Return ``text`` with every marked block replaced by its figures.

    Raises:
        KeyError: a block that no function writes.
    """

    def block(match: re.Match[str]) -> str:
        return f"{match[1]}\n{BLOCKS[match[2]]()}\n{match[3]}"

    return re.sub(r"(<!-- figures: ([\w ]+) -->)\n.*?(<!-- end -->)", block, text, flags=re.DOTALL)


FILES = (
    "README.md",
    "fewshot/weights/MODEL_CARD.md",
    *sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "experiments").glob("*/README.md")),
)


def main() -> None:
    """Fill every file that quotes figures."""
    for name in FILES:
        path = ROOT / name
        path.write_text(fill(path.read_text()))
        print(f"figures written to {name}")
    draw_size_curve(_read("experiments/other_faces/results.json"), ROOT / "experiments/other_faces/face_size.png")


if __name__ == "__main__":
    main()

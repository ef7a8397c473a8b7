"""What faces of people nobody trained on say: emotions, own photos, names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.tables.markdown import percent, read, table
from fewshot.encoder import load_encoder


def other_faces_table() -> str:
    """Return generic accuracy on other sets and on changed pictures, by face backend."""
    results = read("experiments/other_faces/results.json")
    rows = []
    for group in ("generic", "changed"):
        for title in next(iter(results.values()))[group]:
            answers = [results[faces][group][title] for faces in results]
            cells = [
                (percent(a["accuracy"]) + f", {a['missed']} faces not found" * (a["missed"] > 0))
                if a["accuracy"]
                else "no face found"
                for a in answers
            ]
            rows.append([title if group == "generic" else f"jaffe, {title}", *cells])
    return table(["pictures", *results], *rows)


def own_photos_table() -> str:
    """Return what enrolling gains by set, through the built-in faces."""
    sets = read("experiments/other_faces/results.json")["builtin"]["enrollment"]
    rows = []
    for kind in next(iter(sets.values())):
        gains = [sets[name][kind] for name in sets]
        rows.append([kind, *(f"{100 * g['accuracy']['value']:.1f} % ({100 * g['worse']:.0f} %)" for g in gains)])
    return table(["prototypes", *sets], *rows)


def shipped_faces_table() -> str:
    """Return the shipped encoder's scores on people it never saw, unless those at hand are of another encoder."""
    results, shipped = read("experiments/other_faces/results.json"), load_encoder().fingerprint
    if any(answers["fingerprint"] != shipped for answers in results.values()):
        return "Not measured for this encoder yet: `python -m experiments.other_faces.measure`."
    return f"{other_faces_table()}\n\n{own_photos_table()}"


def _gained(cell: dict[str, Any]) -> str:
    return f"{percent(cell['accuracy'])}, {100 * cell['gain']['value']:+.1f}, {100 * cell['worse']:.0f} % worse"


def enrollment_table(way: str) -> str:
    """Return accuracy, gain and harm by kind of enrollment and set."""
    sets = read("experiments/enrollment/results.json")[way]
    rows = [[kind, *(_gained(sets[name][kind]) for name in sets)] for kind in next(iter(sets.values()))]
    return table(["enrolled by", *sets], *rows)


def enrollment_headline() -> str:
    """Return what a few photos gain alone and among classmates, for the README."""
    alone = read("experiments/enrollment/results.json")["by shipped weights"]
    among = read("experiments/enrollment/classmates.json")["by shipped weights"]["classmates of the same set"]
    rows = []
    for kind in ("no photo", "one neutral photo", "neutral, happy, sad", "one of each", "two of each"):
        rows.append([kind, *(_gained(people[kind]) for people in alone.values())])
        if kind in ("one neutral photo", "one of each"):
            rows.append([f"{kind}, among classmates", *map(_gained, among[kind].values())])
    other = "one of each, of another person"
    rows.append([other, *(_gained(people[other]) for people in alone.values())])
    return table(["enrolled by", *alone], *rows)


def classmates_table(way: str) -> str:
    """Return the same as :func:`enrollment_table` for students among classmates, by class."""
    results = read("experiments/enrollment/classmates.json")[way]
    rows = [
        [f"{kind}; {where}", *map(_gained, cells.values())]
        for kind in next(iter(results.values()))
        for where in results
        for cells in [results[where][kind]]
        if kind != "no photo"
    ]
    return table(["enrolled by; the class", *next(iter(next(iter(results.values())).values()))], *rows)


def methods_table() -> str:
    """Return what each further method adds to the score without it."""
    methods = read("experiments/enrollment/results.json")["methods"]
    sets = list(next(iter(methods.values())))

    def cell(row: dict[str, Any], scale: float) -> str:
        gain = "{value:+.2f} ({low:+.2f} to {high:+.2f})".format(**{k: scale * v for k, v in row["gain"].items()})
        return f"{scale * row['without']:.2f}, {gain}, at {row['strength']:.2g}"

    rows = [[name, *(cell(by_set[s], 1 if "nats" in name else 100) for s in sets)] for name, by_set in methods.items()]
    return table(["method: what is scored", *sets], *rows)


def receipts_table() -> str:
    """Return the gain and the share of people made worse after each kind of receipt has decided."""
    rules = read("experiments/enrollment/results.json")["receipts"]
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
    return table(["enrolled by", *rules], *rows)


def asked_table() -> str:
    """Return how often a teacher is asked about a photo's emotion."""
    sets = read("experiments/enrollment/results.json")["asked about"]
    rows = [
        [f"given for {which} emotion", *(f"{100 * asked[key]:.0f} %" for asked in sets.values())]
        for which, key in (("its own", "right"), ("another", "wrong"))
    ]
    return table(["asked about", *sets], *rows)


def states_table() -> str:
    """Return how a state of the teacher's own is found, and what it costs the emotions, by how it was taught."""
    sets = read("experiments/states/results.json")["sets"]
    rows = []
    for how in next(iter(sets.values())):
        cells = []
        for row in (sets[name][how] for name in sets):
            if not row:
                cells.append("too few photos")
                continue
            six = [f"{100 * row[f'the other six {when}']['value']:.0f}" for when in ("before", "after")]
            cells.append(
                f"found {percent(row['state found'])}, rightly {100 * row['state said rightly']:.0f} %, "
                f"the six {' to '.join(six)} %"
            )
        rows.append([how, *cells])
    return table(["taught by", *sets], *rows)


def class_table() -> str:
    """Return what enrollment gains on the made class of ten."""
    results = read("experiments/jaffe_class/results.json")
    columns = {f"{faces}, {run}": results[faces][run] for faces in results for run in results[faces]}
    rows = [
        [key, *(f"{c[key]:,}" if isinstance(c[key], int) else f"{100 * c[key]:.1f} %" for c in columns.values())]
        for key in next(iter(columns.values()))
    ]
    return table(["", *columns], *rows)


def class_headline() -> str:
    """Return who and what was read right there, for the README."""
    results = read("experiments/jaffe_class/results.json")
    columns = {f"{faces}, {run}": results[faces][run] for faces in results for run in results[faces]}
    keys = ("identity right", "emotion right, unsure counts as wrong", "changes shown within 1 s")
    return table(["", *columns], *([key, *(f"{100 * c[key]:.1f} %" for c in columns.values())] for key in keys))


def covered_eyes_table() -> str:
    """Return how often a teacher is asked about eyes that are seen and about eyes that are covered."""
    results = read("experiments/covered_eyes/results.json")
    rows = [
        [name, str(row["photos"]), f"{100 * row['asked']:.1f} %", f"{100 * row['refused']:.1f} %"]
        for name, row in {**{f"as it is, {k}": v for k, v in results["seen"].items()}, **results["covered"]}.items()
    ]
    return table(["the eyes", "photos", "asked", "refused"], *rows)


def landmarks_table() -> str:
    """Return how far the landmarks of a face move when its picture is moved."""
    results = read("experiments/landmarks/results.json")
    sizes = next(iter(results.values()))["trembling"]
    rows = [[way, *(f"{100 * row['trembling'][px]:.1f} %" for px in sizes)] for way, row in results.items()]
    return table(["moved, in distances of the eyes", *(f"face {px} px" for px in sizes)], *rows)


def landmarks_worth_table() -> str:
    """Return what still landmarks are worth."""
    results = read("experiments/landmarks/results.json")
    rows = [
        [
            f"{name}, {way}",
            f"{100 * row[name]['generic']:.1f} %",
            f"{100 * row[name]['one of each']:.1f} %",
            f"{100 * row[name]['worse']:.0f} %",
        ]
        for name in ("jaffe", "kdef", "ntu_tw")
        for way, row in results.items()
    ]
    return table(["right", "no photo", "one of each", "people made worse"], *rows)


def identity_table() -> str:
    """Return how surely a face is recognized, by backend."""
    results = read("experiments/identity/results.json")
    pairs, walks = ({name: row[part] for name, row in results.items()} for part in ("pairs", "open set"))
    rows = [["AUC of the pairs", *(f"{row['AUC']:.4f}" for row in pairs.values())]]
    rows += [
        [key, *(percent(row[key]) for row in pairs.values())] for key in next(iter(pairs.values())) if "TAR" in key
    ]
    rows += [["threshold, margin", *(f"{row['threshold']:g}, {row['margin']:g}" for row in walks.values())]]
    key = "most similar is right"
    rows += [[f"{key} of 200", *(f"{100 * row[key]:.1f} %" for row in walks.values())]]
    rows += [
        [f"{share}, {way}", *(f"{100 * row[way][share]:.1f} %" for row in walks.values())]
        for way in ("shipped threshold", "threshold that others chose")
        for share in next(iter(walks.values()))[way]
    ]
    return table(["", *results], *rows)


def identity_scale_table() -> str:
    """Return what a search and a change cost."""
    results = read("experiments/identity/scale.json")
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
    return table(["", results["machine"]], *rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "class": class_table,
    "class headline": class_headline,
    "shipped faces": shipped_faces_table,
    "enrollment headline": enrollment_headline,
    "enrollment": lambda: enrollment_table("by shipped weights"),
    "enrollment held out": lambda: enrollment_table("by weights that others chose"),
    "classmates": lambda: classmates_table("by shipped weights"),
    "asked about": asked_table,
    "methods": methods_table,
    "receipts": receipts_table,
    "covered eyes": covered_eyes_table,
    "landmarks": landmarks_table,
    "landmarks worth": landmarks_worth_table,
    "identity": identity_table,
    "identity scale": identity_scale_table,
    "states": states_table,
    "other faces": other_faces_table,
    "own photos": own_photos_table,
}

"""How the live loop keeps pace and what it shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from experiments.tables.markdown import read, table


def _layout(row: dict[str, Any]) -> str:
    faces = "1 face" if row["count"] == "1" else f"{row['count']} faces"
    return f"{faces}, {row['size']}, {row['faces']}, {row['cores']} core{'s' * (row['cores'] != '1')}"


def live_speed_table() -> str:
    """Return how the live loop keeps up."""
    results = read("experiments/live_speed/results.json")
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
    return f"{table(head, *rows)}\n\n{_how_measured(results)}"


def _how_measured(results: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in results["versions"].items())
    return f"Commit {results['commit']}, Python {results['python']}, {versions}."


def live_speed_headline() -> str:
    """Return the full gallery and the single face, for the README."""
    results = read("experiments/live_speed/results.json")
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
    return f"{table(head, *rows)}\n\n{_how_measured(results)}"


def live_speed_stages_table() -> str:
    """Return the cost of each stage."""
    rows = read("experiments/live_speed/results.json")["rows"]
    stages = ("gray", "detect", "follow", "identify", "align", "embed", "classify", "smooth")
    body = [
        [
            _layout(row),
            *(f"{row['ms by stage'].get(stage, 0.0):.1f}" for stage in stages),
            f"{100 * row['outside the models']:.0f} %",
        ]
        for row in rows
    ]
    return table(["", *stages, "outside detect, identify, embed"], *body)


def small_faces_table() -> str:
    """Return how many faces of each size are found in a gallery of 49, whole pictures first, then faces cut out."""
    ways = ("a look", "a closer look", "live after 1 s")
    rows = [
        [
            f"{row['faces']}, {row['height_px']} px, {'gray' if row['gray'] else 'color'}{', cut out' * row['cut']}",
            *(f"{100 * row[way]['recall']:.1f} %" for way in ways),
            *(f"{row[way]['false a frame']:.1f}" for way in ways),
        ]
        for row in read("experiments/small_faces/results.json")["rows"]
    ]
    return table(["faces", *ways, *(f"false, {way}" for way in ways)], *rows)


def small_faces_cost_table() -> str:
    """Return what each kind of look costs."""
    costs = read("experiments/small_faces/results.json")["ms, 2 threads"]
    looks = list(next(iter(costs.values())))
    rows = [[name, *(f"{row[look]:.0f} ms" for look in looks)] for name, row in costs.items()]
    return table(["2 threads", *looks], *rows)


def smoothing_table() -> str:
    """Return how a few settings of the smoothing do, the shipped one last."""
    results = read("experiments/smoothing/results.json")["settings"]
    rates = list(results["shipped"])
    fastest, kinds = rates[0], list(results["shipped"][rates[0]])
    rows = [
        [
            f"{name}, {kind}",
            f"{100 * row[fastest][kind]['right']:.1f} %",
            f"{row[fastest][kind]['median delay, s']:.2f} s",
            f"{100 * row[fastest][kind]['shown within 1 s']:.0f} %",
            *(
                f"{row[rate][kind]['flips a minute, still']:.1f}, {row[rate][kind]['flips a minute']:.1f}"
                for rate in rates
            ),
        ]
        for name, row in results.items()
        if not name.startswith("slow")
        for kind in kinds
    ]
    flips = [f"flips a minute at {rate} readings/s, held a minute, held 4 s" for rate in rates]
    return table(["smoothing, prototypes", "right", "delay", "within 1 s", *flips], *rows)


def reading_weight_pictures_table() -> str:
    """Return how often a face is read right, by set and by what befell the picture."""
    sets = read("experiments/reading_weight/results.json")["pictures"]
    rows = [
        [kind, *(f"{100 * sets[name][kind]['right']:.1f} % ({sets[name][kind]['sharpness']:.3f})" for name in sets)]
        for kind in next(iter(sets.values()))
    ]
    return table(["read right (median sharpness)", *sets], *rows)


def reading_weight_turned_table() -> str:
    """Return how often a face is read right, by how far the head is turned."""
    rows = read("experiments/reading_weight/results.json")["turned"]
    return table(
        ["turned sideways", "read right", "faces"],
        *([name, f"{100 * row['right']:.1f} %", str(row["faces"])] for name, row in rows.items()),
    )


def reading_weight_films_table() -> str:
    """Return how often the shown label is right and how often it changes, by the weight of the poorest reading."""
    kinds = read("experiments/reading_weight/results.json")["films"]
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
    return table(
        ["least weight", *(f"good: {h}" for h in head), "poor: right", "right while poor", "changes a minute"], *rows
    )


def report_speed_table() -> str:
    """Return what each step of a report takes."""
    results = read("experiments/report_speed/results.json")
    opened = (
        "list the lessons",
        "read the lesson",
        "read the totals of six lessons",
        "compute the report",
        "draw its charts",
    )
    rows = [[step, f"{ms:.0f} ms" if ms >= 1 else f"{ms:.1f} ms"] for step, ms in results["ms"].items()]
    return table(
        [f"{results['students']} students, {results['minutes']} minutes, {results['processor']}", "median"],
        *rows,
        ["together, until the page is drawn", f"{sum(results['ms'][step] for step in opened):.0f} ms"],
        *(
            [f"in the browser, by the wall clock, {when}", f"{ms:.0f} ms"]
            for when, ms in read("experiments/report_speed/page.json")["ms"].items()
        ),
        ["kept on disk", f"{results['megabytes a lesson']:.1f} MB"],
    )


def sessions_table() -> str:
    """Return how long frames take where several lessons share a process, a column each face backend."""
    results = read("experiments/sessions/results.json")
    columns = {row["faces"]: row for row in results["rows"]}
    rows = [
        [label, *(f"{row[key]:,.{digits}f}" for row in columns.values())]
        for label, key, digits in (
            ("half of all frames answered within, ms", "ms, half of all frames below", 0),
            ("95 % within, ms", "ms, 95 % of all frames below", 0),
            ("the same, of the worst session, ms", "ms, 95 % below, worst session", 0),
            ("the same, of the best session, ms", "ms, 95 % below, best session", 0),
            ("frames/s of the worst session", "frames/s, worst session", 1),
            ("faces found a frame", "faces found", 1),
            ("load average before", "load average before", 1),
        )
    ]
    for label, key in (("MB", "MB after each round of lessons"), ("threads", "threads after each round of lessons")):
        told = [", ".join(f"{value:.0f}" for value in row[key]) for row in columns.values()]
        rows.append([f"{label} after each further round of lessons", *told])
    return table([f"{results['sessions']} sessions, {results['machine']}", *columns], *rows)


def soak_table() -> str:
    """Return how memory grows over a long lesson."""
    soak = read("experiments/sessions/soak.json")
    return table(
        [f"{soak['faces']} faces for {soak['minutes']:g} minutes", "MB after warming up", "MB at the end", "growth"],
        [
            f"{soak['analyzed frames']:,} frames",
            f"{soak['MB after warming up']:.0f}",
            f"{soak['MB at the end']:.0f}",
            f"{100 * soak['growth']:.1f} %",
        ],
    )


def peers_table() -> str:
    """Return what emotion networks cost beside the shipped encoder."""
    results = read("experiments/peers/results.json")
    batches = list(results["rows"][0]["ms a face"])
    rows = [
        [
            row["network"],
            row["input"],
            f"{row['parameters'] / 1e6:.2f} M",
            *(f"{row['ms a face'][n]:.2f} ({row['times ours'][n]:.1f} x)" for n in batches),
        ]
        for row in results["rows"]
    ]
    head = [f"ms a face in a batch of {n}" for n in batches]
    return table([results["processor"], "input", "parameters", *head], *rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "sessions": sessions_table,
    "soak": soak_table,
    "peers": peers_table,
    "smoothing": smoothing_table,
    "live speed": live_speed_table,
    "live speed headline": live_speed_headline,
    "live speed stages": live_speed_stages_table,
    "small faces": small_faces_table,
    "small faces cost": small_faces_cost_table,
    "reading weight pictures": reading_weight_pictures_table,
    "reading weight turned": reading_weight_turned_table,
    "reading weight films": reading_weight_films_table,
    "report speed": report_speed_table,
}

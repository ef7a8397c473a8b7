"""What the README says first: how well all of it works, in one table."""

from __future__ import annotations

from collections.abc import Callable

from experiments.tables.markdown import read, table


def summary_table() -> str:
    """Return the few figures that a reader looks for, rounded; the tables further down have their intervals."""
    private = next(r for r in read("fewshot/weights/metrics.json") if r["split"] == "PrivateTest")
    enrolled = read("experiments/enrollment/results.json")["by shipped weights"].values()
    film = read("experiments/jaffe_class/results.json")["builtin"]["enrolled"]
    gallery = next(
        row
        for row in read("experiments/live_speed/results.json")["rows"]
        if (row["faces"], row["count"], row["size"], row["cores"]) == ("builtin", "49", "1920x1080", "2")
    )

    def right(kind: str) -> str:
        shares = [100 * people[kind]["accuracy"]["value"] for people in enrolled]
        return f"{min(shares):.0f} to {max(shares):.0f} %"

    strangers = (
        f"{100 * private['accuracy']['value']:.0f} % right on FER2013, {right('no photo')} "
        "on three sets of people it was not trained on"
    )
    return table(
        ["how well it works", "measured"],
        ["one of seven emotions, of somebody who is not enrolled", strangers],
        ["the same of these people, enrolled by one photo of each emotion", f"{right('one of each')} right"],
        [
            "a made class of ten, all enrolled, watched live",
            f"name right {100 * film['identity right']:.0f} %, "
            f"emotion {100 * film['emotion right, unsure counts as wrong']:.0f} % of the time",
        ],
        [
            "a gallery of 49 faces in 1920x1080, on two cores",
            f"{gallery['analyzed frames/s']:.0f} frames and {gallery['slowest face, emotions/s']:.0f} readings of every face "
            f"a second, a newcomer named within {gallery['newcomer named within, s']:.1f} s",
        ],
    )


BLOCKS: dict[str, Callable[[], str]] = {"summary": summary_table}

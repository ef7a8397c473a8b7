"""The browser lays labels where the recorded video has them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from fewshot.live.overlay import place_labels
from tests.browser.conftest import ROOT, OpenPage


@pytest.mark.parametrize("side", [1, 3, 7])
def test_browser_and_video_place_labels_alike(side: int, open_page: OpenPage) -> None:
    page = open_page()
    page.add_script_tag(path=ROOT / "app" / "capture" / "overlay.js")
    rng = np.random.default_rng(side)
    tile = 640 // side
    corners = np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) * tile
    starts = corners + rng.integers(0, tile // 2, corners.shape)
    boxes_xyxy = np.hstack([starts, starts + tile // 6 * 2]).astype(np.float32)
    sizes = np.stack([2 * rng.integers(20, 50, len(boxes_xyxy)), np.full(len(boxes_xyxy), 20)], axis=1)
    expected = place_labels(boxes_xyxy, sizes, (640, 640))
    places = [
        {"left": left, "top": top, "width": right - left, "height": bottom - top}
        for left, top, right, bottom in boxes_xyxy.tolist()
    ]
    spots = page.evaluate(
        "([places, sizes]) => placeLabels(places, sizes, { width: 640, height: 640 })",
        [places, [{"width": width, "height": height} for width, height in sizes.tolist()]],
    )
    assert [[spot["left"], spot["top"]] for spot in spots] == expected.tolist()


@pytest.mark.parametrize(
    ("name", "room", "label"),
    [("Alexandra", 400, r"Alexandra · neutral"), ("Alexandra", 95, r"Ale\w*… · neutral"), ("Bo", 75, r"Bo · ne\w*…?")],
)
def test_a_crowded_label_keeps_what_tells_a_student(name: str, room: int, label: str, open_page: OpenPage) -> None:
    page = open_page()
    page.add_script_tag(path=ROOT / "app" / "capture" / "overlay.js")
    said = page.evaluate(
        "([name, room]) => measureLabel(document.createElement('canvas').getContext('2d'), false, room,"
        " { name, emotion: 'neutral' }, {}).lines[0].text",
        [name, room],
    )
    assert re.fullmatch(label, said)


def test_a_browser_without_screens_to_share_is_told_in_a_sentence(open_page: OpenPage) -> None:
    page = open_page()
    page.add_script_tag(path=ROOT / "app" / "capture" / "sources.js")
    told = page.evaluate(
        """() => {
            Object.defineProperty(navigator, "mediaDevices", { value: {} });
            return openStream("screen", { words: { failed_no_screen: "on a computer" } }).catch((error) => error.message);
        }"""
    )
    assert told == "on a computer"

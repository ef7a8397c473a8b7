"""The browser lays labels where the recorded video has them."""

from __future__ import annotations

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

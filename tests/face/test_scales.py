import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fewshot.face.scales import (
    close_rows,
    detect_at_scales,
    detect_small,
    keep_distinct,
    merge_detections,
    overlaps,
    small_face_px,
)
from fewshot.types import Face, UInt8
from tests.face.builders import face_at


def test_overlap_by_hand() -> None:
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [2, 2, 4, 4], [50, 50, 60, 60]], np.float32)
    union, own = overlaps(boxes[0], boxes)
    assert union == pytest.approx([1, 50 / 150, 0.04, 0])
    assert own == pytest.approx([1, 0.5, 1, 0])


def test_the_better_of_two_detections_of_one_face_stays() -> None:
    good, worse, part, neighbor = (
        face_at(0, 0, 100, 0.9),
        face_at(5, 5, 100, 0.8),
        face_at(30, 30, 30, 0.7),
        face_at(90, 0, 100, 0.6),
    )
    assert keep_distinct([neighbor, worse, part, good]) == [good, neighbor]
    assert keep_distinct([]) == []


def test_the_detections_of_one_face_are_averaged_by_their_scores() -> None:
    best, other, part, neighbor = (
        face_at(0, 0, 100, 0.9),
        face_at(8, 4, 100, 0.3),
        face_at(30, 30, 30, 0.7),
        face_at(120, 0, 100, 0.6),
    )
    mean, alone = merge_detections([neighbor, other, part, best])
    assert mean.score == 0.9
    assert mean.box_xyxy == pytest.approx([2, 1, 102, 1 + best.height])
    assert mean.landmarks_xy == pytest.approx((3 * best.landmarks_xy + other.landmarks_xy) / 4)
    assert alone.box_xyxy == pytest.approx(neighbor.box_xyxy)
    assert merge_detections([]) == []


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(10, 120)), max_size=12), st.randoms())
def test_what_is_kept_depends_on_no_order_and_overlaps_nowhere(places: list[tuple[int, int, int]], random) -> None:
    faces = [face_at(x, y, width) for x, y, width in dict.fromkeys(places)]
    kept = keep_distinct(faces)
    random.shuffle(faces)
    assert [id(face) for face in keep_distinct(faces)] == [id(face) for face in kept]
    for i, face in enumerate(kept):
        others = np.array([other.box_xyxy for j, other in enumerate(kept) if j != i]).reshape(-1, 4)
        assert (overlaps(face.box_xyxy, others)[0] <= 0.4 + 1e-6).all()


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [
        ((480, 640), [(640, 480), (320, 240)]),
        ((720, 1280), [(1280, 720), (320, 180)]),
        ((3000, 4000), [(1920, 1440), (320, 240)]),
        ((48, 48), [(640, 640), (320, 320)]),
        ((400, 300), [(480, 640), (240, 320)]),
    ],
)
def test_the_frame_is_seen_in_full_and_small(shape: tuple[int, int], sizes: list[tuple[int, int]]) -> None:
    asked: list[tuple[int, int]] = []

    def detect(image: UInt8, width: int, height: int) -> list[Face]:
        asked.append((width, height))
        return []

    assert detect_at_scales(np.zeros((*shape, 3), np.uint8), detect, 20) == ()
    assert asked == sizes


def test_the_coarse_pass_adds_large_faces_only_and_narrow_ones_are_dropped() -> None:
    def detect(image: UInt8, width: int, height: int) -> list[Face]:
        if width == 1280:
            return [face_at(900, 0, 19), face_at(1000, 0, 21)]
        return [face_at(0, 0, 400), face_at(500, 0, 150)]  # 100 and 37 px wide in the coarse pass

    found = detect_at_scales(np.zeros((720, 1280, 3), np.uint8), detect, min_face_px=20)
    assert sorted(round(face.width) for face in found) == [21, 400]


@pytest.mark.parametrize(
    ("height", "width", "parts", "small_px"),
    [(1080, 1920, 2, 56), (720, 1280, 1, 56), (2160, 3840, 2, 112), (120, 160, 1, 14)],
)
def test_a_frame_is_passed_over_closely_in_parts_that_cover_it(
    height: int, width: int, parts: int, small_px: float
) -> None:
    rows = close_rows(height, width)
    assert len(rows) == parts
    assert [row for part in rows for row in range(*part)] == list(range(height))
    assert small_face_px(height, width) == small_px


def test_a_close_pass_finds_each_small_face_whole_and_in_one_part_only() -> None:
    image = np.zeros((1080, 1920, 3), np.uint8)
    everybody = [face_at(100, y, 40) for y in range(0, 1000, 45)] + [face_at(900, 450, 200), face_at(1400, 100, 200)]
    seen: list[tuple[int, int]] = []

    def detect(part: UInt8, width: int, height: int) -> list[Face]:
        """Find whoever is seen in the rows that ``part`` holds."""
        seen.append((width, height))
        assert height == pytest.approx(1.5 * len(part), abs=1)
        top = 0 if len(seen) == 1 else 1080 - len(part)
        down = np.array([0, top], np.float32)
        shown = [Face(f.box_xyxy - np.tile(down, 2), f.landmarks_xy - down, f.score) for f in everybody]
        low, high = np.float32([-np.inf, 0, -np.inf, 0]), np.float32([np.inf, len(part), np.inf, len(part)])
        inside = [f for f in shown if f.box_xyxy[1] < len(part) - 20 and f.box_xyxy[3] > 20]
        return [
            Face(np.clip(f.box_xyxy, low, high), f.landmarks_xy, f.score) for f in inside
        ]  # or the piece that is seen

    found = [face for rows in close_rows(1080, 1920) for face in detect_small(image, detect, 20, rows)]
    assert [width for width, _ in seen] == [2880, 2880]
    assert sorted(float(face.box_xyxy[1]) for face in found if face.width == 40) == [
        float(y) for y in range(0, 1000, 45)
    ]
    assert [face.box_xyxy.tolist() for face in found if face.width != 40] == [[1400, 100, 1600, 340]], "one is cut"

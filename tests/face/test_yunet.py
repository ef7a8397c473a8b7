"""OpenCV's own reader of the same file is the oracle."""

import cv2
import numpy as np
import pytest

from fewshot.errors import WeightsError
from fewshot.face import builtin
from fewshot.face.scales import OVERLAP
from fewshot.face.yunet import YuNet
from tests.face.builders import six_people_bgr


@pytest.mark.parametrize(("width", "height"), [(1280, 886), (640, 443), (333, 230)])
def test_it_finds_what_opencv_finds(width: int, height: int) -> None:
    path = builtin._carrier_folder() / builtin.YUNET[0]
    image = cv2.resize(six_people_bgr(), (width, height), interpolation=cv2.INTER_AREA)
    best = cv2.FaceDetectorYN.create(str(path), "", (width, height), 0.7).detect(image)[1]
    best = best[np.argsort(-best[:, 14])]
    every_look = cv2.FaceDetectorYN.create(str(path), "", (width, height), 0.7, nms_threshold=1.0).detect(image)[1]

    found = YuNet(path, 0.7).detect(image, width, height)

    assert len(found) == len(best) == 6 < len(every_look) / 3
    for face, row in zip(found, best, strict=True):
        looks = np.stack([look for look in every_look if same_face(look, row)])
        x, y, w, h, *landmarks = np.average(looks[:, :14], axis=0, weights=looks[:, 14])
        assert face.score == pytest.approx(row[14], abs=1e-4)
        assert face.landmarks_xy.ravel() == pytest.approx(landmarks, abs=0.02)
        assert face.box_xyxy == pytest.approx([x, y, x + w, y + h], abs=0.02)


def same_face(look: np.ndarray, best: np.ndarray) -> bool:
    """Whether a box x, y, w, h covers another by more than the intersection over union that makes them one face."""
    (x, y, w, h), (x2, y2, w2, h2) = look[:4], best[:4]
    common = max(0, min(x + w, x2 + w2) - max(x, x2)) * max(0, min(y + h, y2 + h2) - max(y, y2))
    return bool(common / (w * h + w2 * h2 - common) > OVERLAP)


def test_a_damaged_file_is_a_weights_error(tmp_path) -> None:
    (tmp_path / "yunet.onnx").write_bytes(b"\x00 not a model")
    with pytest.raises(WeightsError, match=r"yunet.onnx must be YuNet's ONNX file"):
        YuNet(tmp_path / "yunet.onnx", 0.6)

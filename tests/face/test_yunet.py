"""OpenCV's own reader of the same file is the oracle."""

import cv2
import numpy as np
import pytest

from fewshot.errors import WeightsError
from fewshot.face import builtin
from fewshot.face.scales import keep_distinct
from fewshot.face.yunet import YuNet
from tests.face.builders import six_people_bgr


@pytest.mark.parametrize(("width", "height"), [(1280, 886), (640, 443), (333, 230)])
def test_it_finds_what_opencv_finds(width: int, height: int) -> None:
    path = builtin._carrier_folder() / builtin.YUNET[0]
    image = cv2.resize(six_people_bgr(), (width, height), interpolation=cv2.INTER_AREA)
    expected = cv2.FaceDetectorYN.create(str(path), "", (width, height), 0.7).detect(image)[1]
    expected = expected[np.argsort(-expected[:, 14])]

    found = keep_distinct(YuNet(path, 0.7).detect(image, width, height))

    assert len(found) == len(expected) == 6
    for face, row in zip(found, expected, strict=True):
        assert face.score == pytest.approx(row[14], abs=1e-4)
        assert face.landmarks_xy.ravel() == pytest.approx(row[4:14], abs=0.02)
        assert face.box_xyxy == pytest.approx([row[0], row[1], row[0] + row[2], row[1] + row[3]], abs=0.02)


def test_a_damaged_file_is_a_weights_error(tmp_path) -> None:
    (tmp_path / "yunet.onnx").write_bytes(b"\x00 not a model")
    with pytest.raises(WeightsError, match=r"yunet.onnx must be YuNet's ONNX file"):
        YuNet(tmp_path / "yunet.onnx", 0.6)

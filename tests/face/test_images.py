import errno
import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fewshot.errors import ImageError
from fewshot.face.images import decode_image, read_image
from tests.face.builders import encode, six_people_bgr


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_pixels_come_back_in_bgr() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
    assert (decode_image(encode(pixels)) == pixels).all()


@pytest.mark.parametrize(("orientation", "quarter_turns"), [(1, 0), (8, 1), (3, 2), (6, 3)])
def test_a_photo_is_turned_upright_as_its_camera_noted(orientation: int, quarter_turns: int) -> None:
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(pixels), "PNG", exif=exif)
    assert (decode_image(data)[..., ::-1] == np.rot90(pixels, quarter_turns)).all()


def test_gray_becomes_color() -> None:
    gray = np.array([[0, 100], [200, 255]], np.uint8)
    assert (decode_image(saved(Image.fromarray(gray), "PNG")) == gray[..., None]).all()


def test_sixteen_bits_become_eight() -> None:
    deep = np.array([[0, 25_700], [51_400, 65_535]], np.uint16)
    assert decode_image(encode(deep))[..., 0].tolist() == [[0, 100], [200, 255]]


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_numbers_that_do_not_say_what_is_white_are_refused(kind: type) -> None:
    data = saved(Image.fromarray(np.array([[0, 1], [0, 1]], kind)), "TIFF")
    with pytest.raises(ImageError, match="p must have 8 or 16 bits a channel, found floats, 32 bits or signs") as found:
        decode_image(data, "p")
    assert found.value.reason == "deep"


def test_a_tiff_of_sixteen_bits_is_read() -> None:
    deep = np.array([[0, 25_700], [51_400, 65_535]], np.uint16)
    assert decode_image(saved(Image.fromarray(deep), "TIFF"))[..., 0].tolist() == [[0, 100], [200, 255]]


def test_what_is_transparent_becomes_white() -> None:
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0]]], np.uint8)
    assert decode_image(saved(Image.fromarray(pixels, "RGBA"), "PNG")).tolist() == [[[30, 20, 10], [255, 255, 255]]]


def test_what_a_printer_was_meant_for_has_its_colors() -> None:
    red = Image.new("RGB", (16, 16), (200, 30, 30))
    data = saved(red.convert("CMYK"), "JPEG", quality=95)
    np.testing.assert_allclose(decode_image(data)[8, 8], (30, 30, 200), atol=6)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_picture_counts(kind: str) -> None:
    pictures = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    data = saved(pictures[0], kind, save_all=True, append_images=pictures[1:], lossless=True)
    np.testing.assert_allclose(decode_image(data)[4, 4], (0, 0, 255), atol=3)


def test_a_truncated_photo_is_refused_and_not_half_gray() -> None:
    data = encode(six_people_bgr(), ".jpg")
    with pytest.raises(ImageError, match="damaged, cut off or of another kind"):
        decode_image(data[: len(data) // 2])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"no image at all", "damaged"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n", "of another kind"),
        (b"P6 1 1 255 rgb", "of another kind"),
    ],
)
def test_what_is_no_image_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        decode_image(data)


def test_a_small_file_that_unfolds_into_gigabytes_is_refused() -> None:
    data = saved(Image.new("1", (12_000, 12_000)), "PNG")
    assert len(data) < 100_000
    with pytest.raises(ImageError, match="must have at most 64,000,000 pixels"):
        decode_image(data)


def test_the_largest_size_is_still_read() -> None:
    assert decode_image(encode(np.zeros((3, 4, 3), np.uint8)), max_pixels=12).shape == (3, 4, 3)
    with pytest.raises(ImageError, match="{frame} must have at most 12 pixels, found 5 x 3"):
        decode_image(encode(np.zeros((3, 5, 3), np.uint8)), "{frame}", max_pixels=12)


def test_files_are_read_and_named_in_errors(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encode(np.zeros((3, 4, 3), np.uint8)))
    (tmp_path / "b.png").write_bytes(b"?")
    assert read_image(tmp_path / "a.png").shape == (3, 4, 3)
    with pytest.raises(ImageError, match="b.png must be a JPEG"):
        read_image(tmp_path / "b.png")
    with pytest.raises(ImageError, match="c.png must be a file, and there is none"):
        read_image(tmp_path / "c.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(ImageError, match="a.jpg must be a file"):
        read_image(tmp_path / "a.jpg")


def test_a_file_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_file: Path) -> None:  # as everybody but root is refused
        raise PermissionError(errno.EACCES, "Permission denied")

    (tmp_path / "a.jpg").touch()
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ImageError, match="a.jpg cannot be read: Permission denied. Let this account read it"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize(
    ("tag", "kind", "value"),
    [(0x128, 2, b"2\0"), (0x11A, 2, b"72\0"), (0x103, 7, b"\1\2"), (0x8825, 4, b"\xff\xff\xff\5")],
    ids=["unit as text", "resolution as text", "compression as bytes", "position beyond the end"],
)
def test_a_photo_is_turned_whatever_else_its_camera_wrote(tag: int, kind: int, value: bytes) -> None:
    orientation = struct.pack("<HHIHH", 0x112, 3, 1, 6, 0)
    odd = struct.pack("<HHI4s", tag, kind, len(value) if kind != 4 else 1, value)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, 2) + b"".join(sorted([orientation, odd])) + bytes(4)
    data = saved(Image.new("RGB", (20, 10)), "JPEG", exif=exif)
    assert decode_image(data).shape == (20, 10, 3)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_tags_that_are_nonsense_spoil_no_picture(form: str) -> None:
    data = saved(Image.new("RGB", (20, 10)), form, exif=b"Exif\0\0nothing that a camera writes")
    assert decode_image(data).shape == (10, 20, 3)

"""Files and uploads -> upright color images.

Pillow reads the header first, so that a small file that unfolds into gigabytes is refused before it does, and reports
a truncated file, which OpenCV would silently fill with gray.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from PIL import ExifTags, Image

from fewshot.errors import ImageError
from fewshot.types import UInt8

MAX_PIXELS = 64_000_000
"""Larger images are refused; a phone's camera makes 12 to 50 million."""

_FORMATS = "JPEG, PNG, WebP, BMP, GIF or TIFF"

_DECODERS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "GIF", "TIFF")
"""Pillow's names of them. It knows many more, of which one starts Ghostscript, whatever the file is called."""

Image.init()  # else it knows only some of them until it has met another

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns an image upright, by its EXIF orientation."""

_DAMAGED = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    AttributeError,
    LookupError,
    RuntimeError,
    struct.error,
)
"""What Pillow's decoders raise on damaged data, and on odd tags."""


class ImageFile(Protocol):
    """A file that can be read whole, such as a path."""

    def is_file(self) -> bool:
        """Whether there is one."""

    def read_bytes(self) -> bytes:
        """Return all of it."""


def read_image(file: ImageFile | str, name: str | None = None) -> UInt8:
    """Return the image in ``file`` as (h, w, 3) uint8 BGR, turned upright as its EXIF tag says.

    Args:
        file: A path, or what can be read like one.
        name: What to call it in an error; the path if left out.

    Raises:
        ImageError: the file is missing, truncated, no image, or larger than ``MAX_PIXELS``.
    """
    file, name = Path(file) if isinstance(file, str) else file, name or str(file)
    try:
        if not file.is_file():  # a pipe or device, which would be waited for, is none either
            raise ImageError(f"{name} must be a file, and there is none. Correct the name.", "missing")
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise ImageError(
            f"{name} cannot be read: {reason}. Let this account read it.", "unreadable", error=reason
        ) from error
    return decode_image(data, name=name)


def decode_image(data: bytes, name: str = "the image", max_pixels: int = MAX_PIXELS) -> UInt8:
    """Return the image encoded in ``data`` as (h, w, 3) uint8 BGR, turned upright as its EXIF tag says.

    Gray becomes three equal channels, transparency white, 16 bits 8, and of an animation the first frame is taken.

    Args:
        data: A whole JPEG, PNG, WebP, BMP, GIF or TIFF file.
        name: What to call it in an error.
        max_pixels: The largest image to unfold; a live frame needs less room than a photo.

    Raises:
        ImageError: truncated, no image, larger than ``max_pixels``, or of numbers that do not say what is white.
    """

    def too_large(found: str) -> ImageError:
        sentence = f"{name} must have at most {max_pixels:,} pixels, found {found}. Make it smaller."
        return ImageError(sentence, "too_large", most=max_pixels)

    try:
        with Image.open(io.BytesIO(data), formats=_DECODERS) as image:
            if image.width * image.height > max_pixels:
                raise too_large(f"{image.width} x {image.height}")
            if image.mode == "F" or (image.mode == "I" and image.format == "TIFF"):
                raise ImageError(
                    f"{name} must have 8 or 16 bits a channel, found floats, 32 bits or signs, of which nobody can tell "
                    "how light they are. Save it again as JPEG or PNG.",
                    "deep",
                )
            return _to_bgr(_upright(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large("far more") from error
    except _DAMAGED as error:
        reason, found = ("damaged", "damaged, cut off or of another kind") if data else ("empty", "empty")
        raise ImageError(
            f"{name} must be a {_FORMATS} file, but it is {found}. Save it again as JPEG or PNG.", reason
        ) from error


def _upright(image: Image.Image) -> Image.Image:
    """Turn ``image`` as its EXIF orientation says. Pillow's own function rewrites all other tags, and fails on odd ones."""
    image.load()  # some formats have their tags at the end
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except _DAMAGED:  # in the tags alone: the picture is whole
        return image
    return image if turn is None else image.transpose(turn)


def expect_bgr(name: str, image: object) -> None:
    """Raise ValueError unless ``image`` is a (h, w, 3) uint8 array with at least one pixel."""
    if not isinstance(image, np.ndarray):
        found = type(image).__name__
    elif image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3 and image.size > 0:
        return
    else:
        found = f"{image.dtype} of shape {image.shape}"
    raise ValueError(f"{name} must be a uint8 array of shape (h, w, 3) in BGR order, got {found}")


def expect_gray(name: str, image: object) -> None:
    """Raise ValueError unless ``image`` is a (h, w) uint8 array with at least one pixel."""
    if not (isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 2 and image.size > 0):
        found = f"{image.dtype} of shape {image.shape}" if isinstance(image, np.ndarray) else type(image).__name__
        raise ValueError(f"{name} must be a uint8 array of shape (h, w), got {found}")


def to_gray(image_bgr: UInt8) -> UInt8:
    """Return the luma of ``image_bgr`` (h, w, 3) as (h, w) uint8 (ITU-R BT.601, as OpenCV)."""
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2GRAY), np.uint8)


def as_bgr(image: object) -> UInt8:
    """Return a picture of any integer layout as (h, w, 3) uint8 BGR; itself if it is that already.

    Args:
        image: (h, w), (h, w, 1), (h, w, 3) BGR or (h, w, 4) BGRA, whose transparency is dropped; uint8, or uint16,
            whose upper 8 bits are taken.

    Raises:
        ValueError: it is something else, such as floats, for which nobody can tell whether white is 1 or 255.
    """
    if isinstance(image, np.ndarray) and image.size:
        if image.dtype == np.uint16:
            image = (image >> 8).astype(np.uint8)
        if image.dtype == np.uint8 and (image.ndim == 2 or image.shape[2:] == (1,)):
            image = np.repeat(image.reshape(*image.shape[:2], 1), 3, axis=2)
        elif image.dtype == np.uint8 and image.shape[2:] == (4,):
            image = np.ascontiguousarray(image[..., :3])
    expect_bgr("a picture", image)
    assert isinstance(image, np.ndarray)
    return image


def _to_bgr(image: Image.Image) -> UInt8:
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion clips instead of scaling
        gray = np.clip(np.asarray(image).astype(np.int64) >> 8, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.repeat(gray[..., None], 3, axis=2))
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[..., ::-1])

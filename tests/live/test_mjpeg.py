"""A web camera's JPEGs, of which one may be cut off, too large, another's, or none at all."""

from __future__ import annotations

import base64
import http.client
import http.server
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from fewshot.errors import SourceError
from fewshot.live.mjpeg import LARGEST_BYTES, START_OF_JPEG, MjpegCapture, open_mjpeg


def jpeg(value: int, width: int = 64, height: int = 48) -> bytes:
    noise = np.random.default_rng(value).integers(0, 9, (height, width, 3))
    return cv2.imencode(".jpg", (noise + value).astype(np.uint8))[1].tobytes()


def part(body: bytes, length: int | None = None) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (
        len(body) if length is None else length,
        body,
    )


def part_without_length(body: bytes) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + body + b"\r\n"


def with_thumbnail(body: bytes) -> bytes:
    hidden = b"Exif\0\0" + jpeg(0, 8, 8)
    return body[:2] + b"\xff\xe1" + (len(hidden) + 2).to_bytes(2) + hidden + body[2:]


def progressive(value: int) -> bytes:
    image = np.full((48, 64, 3), value, np.uint8)
    flags = [cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 1]
    return cv2.imencode(".jpg", image, flags)[1].tobytes()


class InPieces:
    """An answer whose bytes come a few at a time."""

    def __init__(self, answer: http.client.HTTPResponse, size: int) -> None:
        self._answer, self._size = answer, size

    def read1(self, _: int) -> bytes:
        return self._answer.read(self._size)

    def close(self) -> None:
        self._answer.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Answer every request with these bytes; returns the address."""
    said: dict[str, object] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            secret = base64.b64encode(said["user"]).decode() if said["user"] else None
            if secret and self.headers["Authorization"] != f"Basic {secret}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="camera"')
            else:
                self.send_response(200)
                self.send_header("Content-Type", said["type"])
            self.end_headers()
            self.wfile.write(said["body"])
            for _ in range(said["drops"]):
                self.wfile.write(b"x")
                time.sleep(0.1)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def answer(
        *parts: bytes,
        content: str = "multipart/x-mixed-replace; boundary=frame",
        user: bytes | None = None,
        drops: int = 0,
    ) -> str:
        said.update(body=b"".join(parts), type=content, user=user, drops=drops)
        return f"http://127.0.0.1:{server.server_port}/live"

    yield answer
    server.shutdown()
    server.server_close()
    thread.join()


def levels(capture: MjpegCapture | None) -> list[int | None]:
    """The gray level of each picture to the nearest ten, None for one that is damaged."""
    assert capture is not None
    seen: list[int | None] = []
    while True:
        goes_on, image_bgr = capture.read()
        if not goes_on:
            capture.release()
            return seen
        seen.append(None if image_bgr is None else round(image_bgr.mean() / 10) * 10)


def run_together(body: bytes) -> bytes:
    return b"--frame\r\nContent-Type: image/jpeg\r\n\r\n" + body


@pytest.mark.parametrize("wrap", [part, part_without_length, run_together])
@pytest.mark.parametrize("boundary", ["frame", "--frame", '"frame"'])
def test_pictures_come_one_by_one_and_what_is_cut_off_is_known(serve, wrap, boundary):
    url = serve(
        *(wrap(jpeg(50)), wrap(jpeg(100)[:-300]), wrap(jpeg(150, 32, 24)), wrap(b"no\r\npicture"), wrap(jpeg(200))),
        content=f"multipart/x-mixed-replace; boundary={boundary}",
    )
    assert levels(open_mjpeg(url, "camera", 10)) == [50, None, 150, None, 200]


def test_a_wrong_length_costs_no_more_than_the_pictures_it_covers(serve):
    url = serve(part(jpeg(50), length=len(jpeg(50)) + 40), part(jpeg(100)), part(jpeg(150)))
    assert levels(open_mjpeg(url, "camera", 10)) == [50, 100, 150]
    url = serve(part(jpeg(50), length=len(jpeg(50)) + 800), part(jpeg(100)), part(jpeg(150)))
    assert levels(open_mjpeg(url, "camera", 10)) == [50, 150]


@pytest.mark.parametrize(
    "before", [b"", b"--frame", b"--frameContent-Type: image/jpeg\r\n\r\n", b"--frame\n\n", b"\0\0"]
)
def test_pictures_are_found_by_their_own_marks(serve, before):
    pictures = [jpeg(50), jpeg(100)[:-300], with_thumbnail(jpeg(150)), progressive(200)]
    url = serve(*(before + picture for picture in pictures))
    assert levels(open_mjpeg(url, "camera", 10)) == [50, None, 150, 200]
    url = serve(before + jpeg(50), before + jpeg(100)[:-300])
    assert levels(open_mjpeg(url, "camera", 10)) == [50, None]


def test_whatever_pieces_pictures_come_in(serve):
    """Every marker is cut once."""
    body = b"".join(run_together(picture) for picture in (jpeg(50, 16, 16), with_thumbnail(jpeg(150, 16, 16))))
    for size in (1, 2, 3, 5, 7):
        capture = open_mjpeg(serve(body), "camera", 10)
        capture._answer = InPieces(capture._answer, size)
        assert levels(capture) == [50, 150]


def test_pictures_of_another_kind_need_no_length(serve):
    png = cv2.imencode(".png", np.full((9, 9, 3), 70, np.uint8))[1].tobytes()
    assert levels(open_mjpeg(serve(part_without_length(png), part(png), part(jpeg(50))), "camera", 10)) == [70, 70, 50]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        (START_OF_JPEG + b"\xe0\0\2" + b"x" * (LARGEST_BYTES + 99), []),
        (b"--frame\r\n\r\n" + b"x" * (LARGEST_BYTES + 99), []),
        (b"x" * (LARGEST_BYTES + 99), [50]),
    ],
)
def test_what_never_ends_is_not_kept(serve, body, seen):
    capture = open_mjpeg(serve(body, jpeg(50)), "camera", 10)
    tracemalloc.start()
    try:
        assert levels(capture) == seen
        assert tracemalloc.get_traced_memory()[1] < 3 * LARGEST_BYTES
    finally:
        tracemalloc.stop()


def test_a_stream_that_ends_within_a_picture(serve):
    url = serve(part(jpeg(50)), part(jpeg(100))[:-400])
    assert levels(open_mjpeg(url, "camera", 10)) == [50, None]


def test_a_picture_without_end_is_none(serve):
    url = serve(part(jpeg(50)), part(jpeg(100), length=LARGEST_BYTES + 1), part(jpeg(150)))
    assert levels(open_mjpeg(url, "camera", 10)) == [50]


def test_a_stream_that_trickles_is_as_good_as_silent(serve):
    url = serve(part(jpeg(50)), part(jpeg(100))[:200], drops=20)
    assert levels(open_mjpeg(url, "camera", 0.5)) == [50]


def test_a_recording_is_left_to_others(serve):
    assert open_mjpeg(serve(b"ftyp", content="video/mp4"), "camera", 10) is None


def test_user_and_password(serve):
    url = serve(part(jpeg(50)), user=b"ada:p@ss")
    assert levels(open_mjpeg(url.replace("//", "//ada:p%40ss@"), "camera", 10)) == [50]
    for wrong in ("//", "//ada:guess@"):
        with pytest.raises(
            SourceError, match=r"^camera cannot be opened \(401 Unauthorized\)\. Check the address, the"
        ):
            open_mjpeg(url.replace("//", wrong), "camera", 10)

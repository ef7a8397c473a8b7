"""A web camera's JPEGs, of which one may be cut off, too large, another's, or none at all."""

from __future__ import annotations

import base64
import http.server
import threading
import time
from collections.abc import Callable, Iterator

import cv2
import numpy as np
import pytest

from fewshot.errors import SourceError
from fewshot.live.mjpeg import LARGEST_BYTES, MjpegCapture, open_mjpeg


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


@pytest.mark.parametrize("wrap", [part, part_without_length])
@pytest.mark.parametrize("boundary", ["frame", "--frame", '"frame"'])
def test_pictures_come_one_by_one_and_what_is_cut_off_is_known(serve, wrap, boundary):
    url = serve(
        *(wrap(jpeg(50)), wrap(jpeg(100)[:-300]), wrap(jpeg(150, 32, 24)), wrap(b"no\r\npicture"), wrap(jpeg(200))),
        content=f"multipart/x-mixed-replace; boundary={boundary}",
    )
    assert levels(open_mjpeg(url, "camera", 10)) == [50, None, 150, None, 200]


def test_a_wrong_length_costs_no_more_than_the_pictures_it_covers(serve):
    url = serve(part(jpeg(50), length=len(jpeg(50)) + 40), part(jpeg(100)), part(jpeg(150)))
    assert levels(open_mjpeg(url, "camera", 10)) == [50, 150]


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

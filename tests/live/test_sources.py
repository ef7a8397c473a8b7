from __future__ import annotations

import http.server
import socket
import threading
import time
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest

from fewshot.config import StreamConfig
from fewshot.errors import SourceError
from fewshot.live.camera import open_capture
from fewshot.live.frames import Frame, checked
from fewshot.live.mishaps import Mishaps
from fewshot.live.sources import open_source
from fewshot.live.video import VideoFileWriter
from tests.live.builders import PATIENCE


def gray(value: int, width: int = 64, height: int = 48) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_missing_file():
    with pytest.raises(SourceError, match=r"nowhere\.mp4 does not exist\. Give a video file"):
        open_source("nowhere.mp4", patience=PATIENCE)


def test_folder_without_images(tmp_path):
    with pytest.raises(SourceError, match="holds no images"):
        open_source(str(tmp_path), patience=PATIENCE)


def test_hidden_files_are_no_images(tmp_path):
    (tmp_path / "._1.png").write_bytes(b"\0\5\x16\7")
    with pytest.raises(SourceError, match="holds no images"):
        open_source(str(tmp_path), patience=PATIENCE)
    cv2.imwrite(str(tmp_path / "1.png"), np.zeros((4, 4, 3), np.uint8))
    mishaps = Mishaps()
    with open_source(str(tmp_path), patience=PATIENCE, mishaps=mishaps) as source:
        assert (len(list(source)), source.frame_count, mishaps) == (1, 1, Mishaps())


def test_file_that_is_no_video(tmp_path):
    path = tmp_path / "letter.mp4"
    path.write_text("Dear Sir")
    with pytest.raises(SourceError, match=r"letter\.mp4 cannot be opened\. It is no video"):
        open_source(str(path), patience=PATIENCE)


@pytest.mark.parametrize("name", ["x" * 300, "clip.mp4", "."])
def test_what_this_account_may_not_read(name, tmp_path, monkeypatch):
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    (tmp_path / "clip.mp4").write_bytes(b"")
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(SourceError, match=r"cannot be read: .*\. Let this account read it, or name another source\."):
        open_source(str(tmp_path / name), patience=PATIENCE)


def test_a_file_is_called_like_a_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with VideoFileWriter(tmp_path / "~lesson.mp4", 5) as video:
        video.write(gray(9), 0.0)
    with open_source("~lesson.mp4", patience=PATIENCE) as source:
        assert source.frame_count == 1
    with pytest.raises(SourceError, match=r"~nobody-here/lesson\.mp4 does not exist"):
        open_source("~nobody-here/lesson.mp4", patience=PATIENCE)


def test_a_name_on_which_opencv_would_crash():
    with pytest.raises(SourceError, match="lesson.* must have a name and folders in UTF-8"):
        open_capture("lesson\udcff.mp4", "lesson\udcff.mp4")


def test_missing_camera():
    with pytest.raises(SourceError, match=r"camera 97 cannot be opened\. Check that it is plugged in"):
        open_source("97", patience=PATIENCE)


def test_unreachable_stream_is_named_without_its_password():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(SourceError, match=r"cannot be opened\. Check the address") as caught:
        open_source(f"http://ada:secret@127.0.0.1:{port}/live?token=secret", patience=PATIENCE)
    assert f"http://127.0.0.1:{port}/live cannot" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_an_address_that_is_none():
    with pytest.raises(SourceError, match="must be a URL, and this is none: Invalid IPv6 URL"):
        open_source("rtsp://[camera/live", patience=PATIENCE)


def test_no_source():
    with pytest.raises(SourceError, match="must be named, got nothing"):
        open_source(" ", patience=PATIENCE)


@pytest.fixture
def serve(tmp_path):
    """Serve tmp_path, and /mjpeg as an endless stream, over HTTP."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            if not self.path.startswith("/mjpeg"):
                return super().do_GET()
            self.send_response(200)
            self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
            self.end_headers()
            jpeg = cv2.imencode(".jpg", gray(77))[1].tobytes()
            try:
                while True:
                    self.wfile.write(
                        b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg)
                    )
                    time.sleep(0.005)
            except OSError:  # the reader has left
                self.close_connection = True

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_http_stream_is_live(serve):
    with open_source(f"{serve}/mjpeg", patience=PATIENCE) as source:
        assert source.frame_count is None
        frames = [frame for _, frame in zip(range(5), source, strict=False)]
    assert abs(int(frames[0].image_bgr[5, 5, 0]) - 77) < 4
    indices = [frame.index for frame in frames]
    assert indices == sorted(set(indices))


def test_recording_on_a_web_server_loses_no_frame(serve, tmp_path):
    with VideoFileWriter(tmp_path / "clip.mp4", 10) as video:
        for k in range(20):
            video.write(gray(10 * k), k / 10)
    with open_source(f"{serve}/clip.mp4", patience=PATIENCE) as source:
        assert source.frame_count == 20
        assert [frame.index for frame in source] == list(range(20))


class Moody(http.server.BaseHTTPRequestHandler):
    """A web camera that treats each connection as the test's list says; its pictures tell the mood by their gray."""

    moods: list[str]
    says: str
    quiet: threading.Event

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        mood = self.moods.pop(0) if self.moods else "stay"
        self.close_connection = True
        if mood == "refuse":
            self.send_error(503)
            return
        self.send_response(200)
        self.send_header("Content-Type", self.says)
        self.end_headers()
        try:
            if mood == "garbage":
                self.wfile.write(bytes(range(256)) * 4000)
                return
            jpeg = cv2.imencode(".jpg", gray({"drop": 200, "hang": 150, "stay": 100}[mood]))[1].tobytes()
            for _ in range(10_000 if mood == "stay" else 8):
                self.wfile.write(
                    b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(jpeg), jpeg)
                )
                self.wfile.flush()
                time.sleep(0.01)
            if mood == "hang":
                self.quiet.wait(30)
        except OSError:  # the reader has left
            pass


@pytest.mark.parametrize(
    ("says", "asked_for"),
    [
        pytest.param("multipart/x-mixed-replace; boundary=frame", 1, id="own reader"),
        pytest.param("application/octet-stream", 2, id="OpenCV's reader"),  # it asks again where ours has declined
    ],
)
def test_a_stream_that_drops_hangs_refuses_and_talks_nonsense_comes_back(says, asked_for):
    moods = [mood for mood in ("drop", "hang", "refuse", "garbage", "stay") for _ in range(asked_for)]
    Moody.moods, Moody.says, Moody.quiet = moods, says, threading.Event()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Moody)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    told: list[str] = []
    mishaps = Mishaps(tell=told.append)
    patience = StreamConfig(silence_s=3, first_pause_s=0.01, longest_pause_s=0.02, give_up_s=60)
    seen: list[Frame] = []
    try:
        with open_source(f"http://127.0.0.1:{server.server_port}/live", patience=patience, mishaps=mishaps) as source:
            for frame in checked(source, mishaps):
                seen.append(frame)
                if round(frame.image_bgr.mean() / 50) == 2:
                    break
    finally:
        Moody.quiet.set()
        server.shutdown()
        server.server_close()
        thread.join()
    assert {round(frame.image_bgr.mean() / 50) for frame in seen} == {4, 3, 2}
    assert (np.diff([frame.index for frame in seen]) > 0).all()
    assert (np.diff([frame.time_s for frame in seen]) > 0).all()
    assert mishaps.reconnections == 2
    assert 2.9 < mishaps.without_picture_s < seen[-1].time_s
    assert sum("is back" in said for said in told) == 2

"""A web camera that sends JPEG after JPEG over HTTP, read picture by picture.

OpenCV reads such streams too, but silently fills what was cut off with the picture before.
"""

from __future__ import annotations

import http.client
import re
import time
import urllib.error
import urllib.request
from urllib.parse import unquote, urlsplit, urlunsplit

from fewshot.errors import ImageError, SourceError
from fewshot.face.images import decode_image
from fewshot.types import UInt8

LARGEST_BYTES = 32_000_000
"""Upper bound on one picture; data that goes on for longer is none."""

LONGEST_HEADERS = 1 << 16
"""Bytes kept of what is neither headers nor a picture."""

START_OF_JPEG = b"\xff\xd8\xff"

_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""What ends compressed pixels (ITU-T T.81, B.1.1.5): no stuffed byte, and no marker that only lets a decoder start again."""

_START, _END, _TEMPORARY = 0xD8, 0xD9, 0x01
"""Markers without a length."""


class MjpegCapture:
    """Reads a ``multipart/x-mixed-replace`` answer; what :class:`fewshot.live.camera.Camera` reads like any device.

    Args:
        answer: At its first byte; closed by ``release``.
        silence_s: A picture that takes longer ends the stream. The socket's own timeout is no bound on that: it begins anew
            with every byte.
    """

    def __init__(self, answer: http.client.HTTPResponse, silence_s: float) -> None:
        self._answer, self._silence_s = answer, silence_s
        self._deadline_s = 0.0
        self._buffer = bytearray()
        # Some cameras count the two dashes before it as part of it, and some do not.
        self._boundary = b"--" + str(answer.headers.get_param("boundary", "")).lstrip("-").encode("latin-1", "replace")
        self._headers = re.compile(re.escape(self._boundary) + rb"[^\n]*\n((?:[^\r\n]+\r?\n)*)\r?\n")

    def read(self) -> tuple[bool, UInt8 | None]:
        """Return whether the stream goes on, and its next picture as (h, w, 3) uint8, None where that one is damaged."""
        try:
            data = self._next_part()
        except (OSError, ValueError, http.client.HTTPException):  # silent for too long, broken off, or nonsense
            return False, None
        try:
            return True, decode_image(data, "a picture of the stream")
        except ImageError:
            return True, None

    def get(self, propId: int, /) -> float:  # noqa: N803 - OpenCV's name
        """Return 0 for every property: such a stream says nothing about itself."""
        return 0.0

    def release(self) -> None:
        """Hang up."""
        self._answer.close()

    def _next_part(self) -> bytes:
        """Return the bytes of the next part. Raises OSError or ValueError where there is none."""
        self._deadline_s = time.monotonic() + self._silence_s
        headers = self._skip_to_part()
        length = re.search(rb"^content-length:\s*(\d+)\s*$", headers, re.IGNORECASE | re.MULTILINE)
        if length:
            return self._as_long_as(int(length[1]))
        while len(self._buffer) < len(START_OF_JPEG) and self._receive():
            pass
        return self._jpeg() if self._buffer.startswith(START_OF_JPEG) else self._up_to_boundary()

    def _skip_to_part(self) -> bytes:
        """Skip to where a part's data begins, and return its headers; none where a picture comes without them."""
        while True:
            start, found = self._buffer.find(START_OF_JPEG), self._headers.search(self._buffer)
            if found and (start < 0 or found.end() <= start):
                headers = found[1]
                self._take(found.end())
                return headers
            if start >= 0:
                self._take(start)
                return b""
            self._take(max(0, len(self._buffer) - LONGEST_HEADERS))
            if not self._receive():
                raise ConnectionError("the stream has ended")

    def _as_long_as(self, length: int) -> bytes:
        if length > LARGEST_BYTES:
            raise ValueError("no picture is so large")
        while len(self._buffer) < length and self._receive():
            pass
        return self._take(length)  # the last one may be cut off

    def _jpeg(self) -> bytes:
        """Return the JPEG that begins here, as old cameras send it, with no length: to its end, or to the start of another.

        Its segments are gone through one by one, for the picture that a camera hides in one of them ends, too.
        """
        at = len(START_OF_JPEG) - 1
        while len(self._buffer) <= LARGEST_BYTES:
            marker = _MARKER.search(self._buffer, at)
            kind = marker[0][1] if marker else None
            if marker and kind == _START:  # this one was cut off
                return self._take(marker.start())
            if marker and kind == _END:
                return self._take(marker.end())
            if marker and kind == _TEMPORARY:
                at = marker.end()
            elif marker and len(self._buffer) >= marker.end() + 2:
                at = marker.end() + int.from_bytes(self._buffer[marker.end() : marker.end() + 2])
            else:
                at = marker.start() if marker else max(at, len(self._buffer) - 1)
                if not self._receive():
                    return self._take(len(self._buffer))
        raise ValueError("no picture is so large")

    def _up_to_boundary(self) -> bytes:
        """Return a part that has no length and is no JPEG."""
        searched = 0
        while (end := self._buffer.find(self._boundary, searched)) < 0:
            searched = max(0, len(self._buffer) - len(self._boundary))
            if searched > LARGEST_BYTES:
                raise ValueError("no picture is so large")
            if not self._receive():
                raise ConnectionError("the stream has ended")
        return self._take(end)

    def _receive(self) -> bool:
        """Wait for some more bytes, and return whether there are any. Raises OSError where they come too slowly."""
        received = self._answer.read1(1 << 16)
        if time.monotonic() > self._deadline_s:
            raise TimeoutError("the stream is too slow")
        self._buffer += received
        return bool(received)

    def _take(self, length: int) -> bytes:
        taken = bytes(self._buffer[:length])
        del self._buffer[:length]
        return taken


def open_mjpeg(url: str, shown: str, silence_s: float) -> MjpegCapture | None:
    """Ask ``url`` for a stream of JPEGs; None if it answers with something else, such as a recording.

    Args:
        url: http or https; with ``user:password@`` if it asks for them, by the basic or the digest scheme.
        shown: What to call it in an error.
        silence_s: After this, opening or a read is given up.

    Raises:
        SourceError: nobody answers, or this user is refused.
    """
    parts = urlsplit(url)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        passwords.add_password(None, bare, unquote(parts.username), unquote(parts.password or ""))
    opener = urllib.request.build_opener(
        urllib.request.HTTPBasicAuthHandler(passwords), urllib.request.HTTPDigestAuthHandler(passwords)
    )
    try:
        answer = opener.open(bare, timeout=silence_s)
    except (OSError, ValueError, http.client.HTTPException) as error:
        answered = ""
        if isinstance(error, urllib.error.HTTPError):
            answered = f" ({error.code} {error.reason})"
            error.close()
        raise SourceError(
            f"{shown} cannot be opened{answered}. Check the address, the user and password in it, and that the network "
            "lets it through."
        ) from error
    if answer.headers.get_content_type() == "multipart/x-mixed-replace":
        return MjpegCapture(answer, silence_s)
    answer.close()
    return None

"""The websocket of the pages with a video: a token, then frame in, result out, until the page leaves.

Nothing here knows faces. A socket is given a function that opens what the token is a ticket for, such as a lesson, and returns its
``process(frame_bgr, time_s)``, and another that writes what that returns; decoding and analyzing run in worker threads, so
the event loop that serves every other page never waits for a model.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from app.socket.protocol import Next, error_message, ready_message, unpack_frame
from app.state.tokens import Ticket, TokenRefused, TokenSigner
from fewshot.cores import usable_cores
from fewshot.errors import FewshotError, ImageError
from fewshot.face.images import decode_image
from fewshot.messages import Messages, languages, messages
from fewshot.sentence import Sentence
from fewshot.types import UInt8

log = logging.getLogger(__name__)

T = TypeVar("T")
Result = TypeVar("Result")

ORIGINS_VARIABLE = "FEWSHOT_ORIGINS"
POLICY_VIOLATION, TOO_BIG, SERVER_ERROR = 1008, 1009, 1011


@dataclass(frozen=True)
class Limits:
    """What one page may ask for. ``max_bytes`` a frame, ``max_pixels`` of it decoded, ``hello_s`` to send the token."""

    max_bytes: int = 4_000_000
    max_pixels: int = 3840 * 2160
    hello_s: float = 10.0


class Refusal(Exception):
    """Ends a socket with a close code, after the page was told why and what to do next."""

    def __init__(self, sentence: Sentence | str, then: Next, code: int) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.then: Next = then
        self.code = code


class FrameSocket(Generic[Result]):
    """Serves every page of one kind in the process; keeps nothing about a page once it has left.

    Args:
        open_session: Called in a worker thread with the ticket in a page's token when it connects; returns the
            function that analyzes its frames, one at a time. A FewshotError of either ends the session with its sentence.
        write: Turns what that function returns into the answer to the page.
        signer: Of the tokens.
        watch: Given the ticket, returns what is open as long as the socket and yields what is called after each answer, with
            whether the frame was skipped; None for nobody who watches.
        limits: See :class:`Limits`.
        workers: Threads for decoding and analyzing, shared by all pages; None for what suits this machine.
    """

    def __init__(
        self,
        open_session: Callable[[Ticket], Callable[[UInt8, float], Result]],
        write: Callable[[Result], str],
        signer: TokenSigner,
        watch: Callable[[Ticket], AbstractContextManager[Callable[[bool], None]]] | None = None,
        limits: Limits | None = None,
        workers: int | None = None,
    ) -> None:
        self._open_session = open_session
        self._write = write
        self._signer = signer
        self._watch = watch or (lambda _: nullcontext(lambda _skipped: None))
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(workers or worker_count(), thread_name_prefix="frames")

    async def serve(self, websocket: WebSocket) -> None:
        """Talk to one page; an endpoint for Starlette's WebSocketRoute."""
        if not is_own_origin(websocket.headers.get("origin"), websocket.headers.get("host")):
            await websocket.close(POLICY_VIOLATION)
            return
        await websocket.accept()
        say = messages()
        try:
            hello = await self._greet(websocket)
            say = _words_for(hello)
            await self._converse(websocket, hello, say)
        except WebSocketDisconnect:
            log.debug("a page left")
        except Refusal as refusal:
            await _part(websocket, say.told(refusal.sentence), refusal.then, refusal.code)
        except FewshotError as error:
            await _part(websocket, say.told(error.sentence), "stop", SERVER_ERROR)
        except Exception as error:
            log.exception("a frame socket failed")
            sentence = Sentence(
                "The server failed on a frame ({kind}). Its log says more; the page tries again.",
                "frame_failed",
                kind=type(error).__name__,
            )
            await _part(websocket, say.told(sentence), "reconnect", SERVER_ERROR)

    async def _converse(self, websocket: WebSocket, hello: Mapping[str, object], say: Messages) -> None:
        try:
            ticket = self._signer.ticket_of(hello.get("token"))
        except TokenRefused as error:
            raise Refusal(error.sentence, "reconnect", POLICY_VIOLATION) from error
        with self._watch(ticket) as answered:
            process = await self._run(self._open_session, ticket)
            await websocket.send_text(ready_message())
            while True:
                message = await websocket.receive()
                if message["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(message.get("code", 1000))
                skipped = False
                try:
                    frame = unpack_frame(self._checked(message.get("bytes")))
                    answer = await self._run(self._analyze, process, frame.jpeg, frame.time_s)
                except (ImageError, ValueError) as error:
                    answer, skipped = error_message(say.told(_skipped(error, say)), "continue"), True
                await _answer(websocket, answer)
                answered(skipped)

    async def _greet(self, websocket: WebSocket) -> Mapping[str, object]:
        """Return what a page says first: its token and its language."""
        try:
            message = await asyncio.wait_for(websocket.receive(), self._limits.hello_s)
        except TimeoutError as error:
            raise Refusal("The page did not say who it is.", "reconnect", POLICY_VIOLATION) from error
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        try:
            hello = json.loads(message.get("text") or "null")
        except json.JSONDecodeError as error:
            raise Refusal(str(error), "reconnect", POLICY_VIOLATION) from error
        return hello if isinstance(hello, dict) else {}

    def _checked(self, message: bytes | None) -> bytes:
        if message is None:
            raise ValueError("frames are binary messages, got text")
        if len(message) > self._limits.max_bytes:
            sentence = Sentence(
                "A frame may have {most:,} bytes, got {found:,}. Share a smaller window.",
                "frame_too_large",
                most=self._limits.max_bytes,
                found=len(message),
            )
            raise Refusal(sentence, "stop", TOO_BIG)
        return message

    def _analyze(self, process: Callable[[UInt8, float], Result], jpeg: bytes, time_s: float) -> str:
        return self._write(process(decode_image(jpeg, "a frame", max_pixels=self._limits.max_pixels), time_s))

    async def _run(self, function: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)


def _words_for(hello: Mapping[str, object]) -> Messages:
    """Return the messages of the language that a page says it is in; English where it says none that there is."""
    language = hello.get("language")
    return messages(language) if isinstance(language, str) and language in languages() else messages()


def _skipped(error: ImageError | ValueError, say: Messages) -> Sentence:
    why = say(f"photo.{error.reason}", **error.values) if isinstance(error, ImageError) else str(error)
    return Sentence("The server skipped a frame: {why}", "frame_skipped", why=why)


def worker_count(cores: int | None = None) -> int:
    """Return how many frames to work on at once on so many processor cores, by default those that this process may use.

    Two a core: while one waits for a model or for Python's lock, the other works (experiments/sessions). Eight at most.
    """
    return min(8, 2 * (cores or usable_cores()))


def is_own_origin(origin: str | None, host: str | None) -> bool:
    """Whether a handshake comes from a page of this server.

    Args:
        origin: The Origin header; None (no browser) is refused.
        host: The Host header.
    """
    if not origin:
        return False
    return urlsplit(origin).netloc == host or origin in own_origins()


def own_origins() -> list[str]:
    """Return the environment's FEWSHOT_ORIGINS, separated by commas: where else pages come from, for a proxy that rewrites Host."""
    return [entry.strip() for entry in os.environ.get(ORIGINS_VARIABLE, "").split(",") if entry.strip()]


async def _answer(websocket: WebSocket, text: str) -> None:
    """Send; raises WebSocketDisconnect with the code of a page that left while its frame was analyzed."""
    try:
        await websocket.send_text(text)
    except WebSocketDisconnect as error:
        message = await websocket.receive()  # the code of the failed sending says nothing
        raise WebSocketDisconnect(message.get("code", error.code)) from error


async def _part(websocket: WebSocket, text: str, then: Next, code: int) -> None:
    if websocket.application_state is WebSocketState.CONNECTED and websocket.client_state is WebSocketState.CONNECTED:
        try:
            await websocket.send_text(error_message(text, then))
            await websocket.close(code)
        except (WebSocketDisconnect, RuntimeError):
            log.debug("the page left before it could be told: %s", text)

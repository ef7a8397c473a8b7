"""What the server answers besides the pages: two websockets for frames, the demo class's photo, and whether it is well."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from streamlit import config

from app import demo
from app.capture.component import DEMO_PATH, PREVIEW_PATH, SOCKET_PATH, address
from app.socket.protocol import preview_message, result_message
from app.socket.transport import FrameSocket, own_origins
from app.state.process import shared
from fewshot.errors import FewshotError

log = logging.getLogger(__name__)

SAVE_EVERY_S = 5.0
"""What a power cut may cost of a lesson."""

DELETE_EVERY_S = 24 * 3600.0
"""A server that is never restarted must not keep lessons for longer than is said; that day more at most."""

HEALTH_PATHS = ("/healthz", "/health")
"""The usual one, and one for Cloud Run, which keeps some paths that end in z to itself."""

_live = FrameSocket(shared.open_lesson, result_message, shared.signer, shared.watch_capture)
_preview = FrameSocket(shared.open_preview, preview_message, shared.preview_signer)


async def report_health(_request: Request) -> JSONResponse:
    """Answer 200 where models and store are usable, 503 with the reason where they are not."""
    try:
        await asyncio.to_thread(shared.check)
    except FewshotError as error:
        return JSONResponse({"status": "failing", "reason": str(error)}, status_code=503)
    return JSONResponse({"status": "ok"})


async def send_demo_photo(_request: Request) -> Response:
    """Send the photo that the demo class consists of."""
    return Response(await asyncio.to_thread(demo.photo_jpeg), media_type="image/jpeg")


@asynccontextmanager
async def run_beside(_app: Any) -> AsyncIterator[None]:
    """Load the models and delete old lessons while the first page is still on its way; save lessons, and delete old ones daily.

    What fails is told by the pages. At the end every store is closed, so that its file can be moved and copied by itself.
    """
    _open_streamlit_to(own_origins())
    works = (
        _prepare(),
        _again_and_again(SAVE_EVERY_S, shared.save_lessons, "lessons could not be saved; they are tried again"),
        _again_and_again(DELETE_EVERY_S, shared.delete_old_lessons, "old lessons could not be deleted"),
    )
    tasks = [asyncio.create_task(work) for work in works]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)  # whatever ended one, the stores are closed
    await asyncio.to_thread(shared.close)


def _open_streamlit_to(origins: Sequence[str]) -> None:
    """Let Streamlit's own socket open to pages from ``origins`` too, as those for frames do.

    The first is its address as well: for an origin that is none of its addresses, Streamlit asks the internet for its own first.
    """
    if not origins:
        return
    config.set_option("server.corsAllowedOrigins", [*config.get_option("server.corsAllowedOrigins"), *origins])
    if config.get_option("browser.serverAddress") == "localhost":
        config.set_option("browser.serverAddress", urlsplit(origins[0]).hostname or origins[0])


async def _prepare() -> None:
    try:
        await asyncio.to_thread(shared.check)
        await asyncio.to_thread(shared.delete_old_lessons)
    except FewshotError as error:
        log.warning("the app is up but not ready: %s", error)
    await asyncio.to_thread(_warm_report)


def _warm_report() -> None:
    """Import what the page Report needs and nothing before it: seconds, which its first visitor would wait for."""
    from fewshot.classroom.document import missing_for_pdf

    missing_for_pdf()
    import_module("pandas")  # by Streamlit, for its tables


async def _again_and_again(every_s: float, work: Callable[[], None], failed: str) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await asyncio.to_thread(work)
        except Exception:
            log.exception(failed)


def routes() -> list[BaseRoute]:
    """Return what is answered where; whether it is well also beside the base path, where those who watch look for it."""
    return [
        WebSocketRoute(address(SOCKET_PATH), _live.serve),
        WebSocketRoute(address(PREVIEW_PATH), _preview.serve),
        Route(address(DEMO_PATH), send_demo_photo),
        *(Route(path, report_health) for path in dict.fromkeys((*map(address, HEALTH_PATHS), *HEALTH_PATHS))),
    ]

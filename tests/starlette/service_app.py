"""A service for tests that run it as a process: `uvicorn tests.starlette.service_app:app`"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from twelvelabs_async.starlette import EventStreamResponse, exception_handlers, get_client, lifespan, webhook_route

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from starlette.requests import Request
    from starlette.responses import Response

SECRET = "whsec_1"


async def describe(request: Request) -> Response:
    """Hand an analysis on."""
    stream = get_client(request).analyze_stream(video={"type": "asset_id", "asset_id": "a1"}, prompt="What happens?")
    return EventStreamResponse(stream)


async def on_event(event: Any) -> None:
    """Wait for a file named `go`, and leave a file behind."""
    import asyncio
    from pathlib import Path as FilePath

    folder: Path = FilePath(os.environ["HANDLED"])
    while not (folder / "go").exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.01)
    (folder / event.id).touch()


app = Starlette(
    routes=[Route("/describe", describe), webhook_route("/hook", SECRET, on_event)],
    lifespan=lifespan(grace=float(os.environ.get("GRACE", "30"))),
    exception_handlers=exception_handlers,
)

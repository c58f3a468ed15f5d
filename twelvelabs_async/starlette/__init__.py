"""Backends with Starlette and FastAPI. Needs the extra `starlette`.

    from fastapi import Depends, FastAPI
    from twelvelabs_async import AsyncTwelveLabs
    from twelvelabs_async.starlette import EventStreamResponse, exception_handlers, get_client, lifespan

    app = FastAPI(lifespan=lifespan(), exception_handlers=exception_handlers)

    @app.get("/describe/{asset_id}")
    async def describe(asset_id: str, client: AsyncTwelveLabs = Depends(get_client)) -> EventStreamResponse:
        stream = client.analyze_stream(video={"type": "asset_id", "asset_id": asset_id}, prompt="What happens?")
        return EventStreamResponse(stream)

The application runs on asyncio (uvicorn, hypercorn with its default worker, Starlette's TestClient by default).
"""

from __future__ import annotations

from .._extras import needs

with needs("starlette"):
    from .browser_uploads import BrowserUploads, FinishedUpload, NewUpload
    from .event_stream import BrowserEvent, EventStreamResponse
    from .problems import Problem, add_exception_handlers, exception_handlers, problem_of
    from .service import get_client, lifespan

__all__ = [
    "BrowserEvent",
    "BrowserUploads",
    "EventStreamResponse",
    "FinishedUpload",
    "NewUpload",
    "Problem",
    "add_exception_handlers",
    "exception_handlers",
    "get_client",
    "lifespan",
    "problem_of",
]

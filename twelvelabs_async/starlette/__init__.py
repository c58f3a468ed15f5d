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
    from .pass_through import IncomingFile, upload_body, upload_form
    from .problems import Problem, RefusedError, add_exception_handlers, exception_handlers, problem_of
    from .service import get_client, lifespan
    from .webhook import EventStore, MemoryEventStore, webhook_route

__all__ = [
    "BrowserEvent",
    "BrowserUploads",
    "EventStore",
    "EventStreamResponse",
    "FinishedUpload",
    "IncomingFile",
    "MemoryEventStore",
    "NewUpload",
    "Problem",
    "RefusedError",
    "add_exception_handlers",
    "exception_handlers",
    "get_client",
    "lifespan",
    "problem_of",
    "upload_body",
    "upload_form",
    "webhook_route",
]

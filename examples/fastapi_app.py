"""A web service that searches, streams analyses to the browser, accepts videos and receives webhooks.

    pip install 'twelvelabs-async[starlette]' fastapi uvicorn
    uvicorn examples.fastapi_app:app
    curl 'http://127.0.0.1:8000/search?index_id=INDEX_ID&text=a+goal'
    curl -N 'http://127.0.0.1:8000/describe?asset_id=ASSET_ID&prompt=What+happens'
    curl -T goal.mp4 -H 'Content-Type: video/mp4' http://127.0.0.1:8000/videos/goal.mp4

The key comes from TWELVE_LABS_API_KEY, and the secret of the webhooks from WEBHOOK_SECRET. Without a key, start
`python -m twelvelabs_async.emulator` and set the two variables that it prints.
"""

from __future__ import annotations

import logging
import os
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query, Request

from twelvelabs_async import AsyncTwelveLabs, to_dict
from twelvelabs_async.starlette import (
    EventStreamResponse,
    IncomingFile,
    exception_handlers,
    get_client,
    lifespan,
    upload_body,
    webhook_route,
)

MAX_BYTES = 2_000_000_000


async def on_event(event: Any) -> None:
    """Called once for each event of the platform. Waits for its object are woken without this."""
    logging.getLogger("fastapi_app").info("event %s", event.type)


app = FastAPI(
    title="Videos",
    lifespan=lifespan(lambda: AsyncTwelveLabs(timeout=120)),
    exception_handlers=exception_handlers,
    routes=[webhook_route("/webhook", os.environ.get("WEBHOOK_SECRET", "whsec_emulator"), on_event)],
)
Client = Annotated[AsyncTwelveLabs, Depends(get_client)]


@app.get("/search")
async def search(
    client: Client, index_id: str, text: str, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> list[dict[str, Any]]:
    """The best hits for a text."""
    hits = client.search.query(index_id=index_id, query_text=text, search_options=["visual", "audio"], page_limit=limit)
    return [to_dict(hit) for hit in await hits.collect(limit=limit)]


@app.get("/describe")
async def describe(client: Client, asset_id: str, prompt: str) -> EventStreamResponse:
    """Stream the words of an analysis, as server-sent events."""
    return EventStreamResponse(client.analyze_stream(video={"type": "asset_id", "asset_id": asset_id}, prompt=prompt))


def videos_only(file: IncomingFile) -> None:
    """Refuse other files before a byte of them is read."""
    if not file.content_type.startswith("video/"):
        raise HTTPException(415, "Please send a video.")


@app.put("/videos/{name}")
async def upload(request: Request, name: str) -> dict[str, str]:
    """Pass a video on to the platform while it arrives."""
    result = await upload_body(request, filename=name, max_bytes=MAX_BYTES, check=videos_only)
    return {"asset_id": result.asset_id}

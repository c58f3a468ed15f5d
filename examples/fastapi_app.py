"""A web service that searches, and streams an analysis to the browser.

    pip install fastapi uvicorn
    uvicorn examples.fastapi_app:app
    curl 'http://127.0.0.1:8000/search?index_id=INDEX_ID&text=a+goal'
    curl -N 'http://127.0.0.1:8000/describe?asset_id=ASSET_ID&prompt=What+happens'

The key comes from TWELVE_LABS_API_KEY. Without a key, start `python -m twelvelabs_async.emulator` and set the two
variables that it prints.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.responses import JSONResponse, StreamingResponse

from twelvelabs_async import (
    APIConnectionError,
    APIStatusError,
    AsyncTwelveLabs,
    TooManyRequestsError,
    TwelveLabsError,
    VideoContextAssetIdParams,
    to_dict,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """One client for the lifetime of the service: it pools connections and tracks the rate limits."""
    async with AsyncTwelveLabs(timeout=120) as client:
        app.state.client = client
        yield


app = FastAPI(title="Video search", lifespan=lifespan)


def get_client(request: Request) -> AsyncTwelveLabs:
    """The client of the service."""
    client: AsyncTwelveLabs = request.app.state.client
    return client


Client = Annotated[AsyncTwelveLabs, Depends(get_client)]


@app.exception_handler(TwelveLabsError)
async def on_error(request: Request, error: TwelveLabsError) -> JSONResponse:
    """Response for failed calls. Errors of the caller are explained; errors of the service are not."""
    status, headers = 502, {}
    message = "The request to the video platform failed."
    if isinstance(error, TooManyRequestsError):
        status = 503
        headers["Retry-After"] = str(round(error.retry_after or 10))
    elif isinstance(error, APIStatusError) and error.status in {400, 404, 422}:
        status, message = error.status, error.message
    elif isinstance(error, APIConnectionError):
        status = 504
    return JSONResponse({"error": message}, status, headers)


@app.get("/search")
async def search(
    client: Client, index_id: str, text: str, limit: Annotated[int, Query(ge=1, le=50)] = 10
) -> list[dict[str, Any]]:
    """The best hits for a text."""
    first = await client.search.query(
        index_id=index_id, query_text=text, search_options=["visual", "audio"], page_limit=limit
    )
    return [to_dict(hit) for hit in first.items]


@app.get("/describe")
async def describe(client: Client, asset_id: str, prompt: str) -> StreamingResponse:
    """Stream the words of an analysis. An interrupted stream interrupts the response: it is never just shorter."""
    video: VideoContextAssetIdParams = {"type": "asset_id", "asset_id": asset_id}
    # Opened before the response begins, so that an error sets its status.
    events = await client.analyze_stream(video=video, prompt=prompt).open()
    return StreamingResponse(events.text_stream, media_type="text/plain; charset=utf-8")

"""The service that `bench.backends` measures: `uvicorn bench.backends_app:app`. CONTENDER says what it is built on."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any

import aiohttp
import orjson
from starlette.applications import Starlette
from starlette.responses import StreamingResponse
from starlette.routing import Route

from bench._harness import BARE, KEY, OFFICIAL
from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.starlette import EventStreamResponse, get_client, lifespan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response

CONTENDER = os.environ.get("CONTENDER", "")
BASE_URL = os.environ.get("TWELVELABS_BASE_URL", "")


async def ours(request: Request) -> Response:
    stream = get_client(request).analyze_stream(video_id="v", prompt=request.query_params["prompt"])
    return EventStreamResponse(stream)


async def bare(request: Request) -> Response:
    body = {"video_id": "v", "prompt": request.query_params["prompt"]}

    async def events() -> AsyncIterator[bytes]:
        async with request.state.session.post(f"{BASE_URL}/analyze", json=body) as response:
            async for line in response.content:
                yield b"data: %s\n\n" % line.rstrip()

    return StreamingResponse(events(), media_type="text/event-stream")


async def official(request: Request) -> Response:
    async def events() -> AsyncIterator[bytes]:
        async for event in request.state.client.analyze_stream(prompt=request.query_params["prompt"]):
            yield b"data: %s\n\n" % orjson.dumps(event.dict())

    return StreamingResponse(events(), media_type="text/event-stream")


@contextlib.asynccontextmanager
async def bare_lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    connector = aiohttp.TCPConnector(limit=0)  # its default of 100 would leave half of the viewers waiting
    async with aiohttp.ClientSession(headers={"x-api-key": KEY}, connector=connector) as session:
        yield {"session": session}


@contextlib.asynccontextmanager
async def official_lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    import twelvelabs

    yield {"client": twelvelabs.AsyncTwelveLabs(api_key=KEY, base_url=BASE_URL)}


def make() -> Starlette:
    """The service for the contender."""
    if CONTENDER == BARE:
        return Starlette(routes=[Route("/view", bare)], lifespan=bare_lifespan)
    if CONTENDER == OFFICIAL:
        return Starlette(routes=[Route("/view", official)], lifespan=official_lifespan)
    own = lifespan(lambda: AsyncTwelveLabs(api_key=KEY, base_url=BASE_URL))
    return Starlette(routes=[Route("/view", ours)], lifespan=own)


app = make()

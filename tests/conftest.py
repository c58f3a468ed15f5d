"""What the client's own tests share: an empty environment, a scripted server, and aioresponses for aiohttp 3.14."""

from __future__ import annotations

import asyncio.constants
import inspect
import json
import logging
import os
import socket
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import attrs
import pytest
from aiohttp import ClientResponse, web
from aioresponses import aioresponses
from hypothesis import settings

from tests.clock import Clock
from twelvelabs_async import AsyncTwelveLabs

# No example is wrong because the machine was busy: what takes for ever ends with the test's own timeout.
# `make fuzz` asks for more examples.
settings.register_profile("tests", deadline=None, max_examples=int(os.environ.get("FUZZ_EXAMPLES", "100")))
settings.load_profile("tests")

# In debug mode, asyncio keeps where each handle was made, ten frames deep, and the whole stack of each task and future,
# as aiohttp does of each request and response: that takes more time than everything else that they check, and is of use
# to whoever looks for a fault, with ASYNCIO_STACK_DEPTH=10.
_STACK_DEPTH = int(os.environ.get("ASYNCIO_STACK_DEPTH", "0"))
vars(asyncio.constants).update(DEBUG_STACK_DEPTH=_STACK_DEPTH)
traceback.extract_stack.__defaults__ = (None, _STACK_DEPTH)  # asyncio written in C holds the function itself

# It warns of each step of the loop that takes long, too, as any does on a busy machine; tests look at what was logged.
logging.getLogger("asyncio").addFilter(lambda record: record.msg != "Executing %s took %.3f seconds")

KEY = "tlk_TESTKEY0123456789"
BASE_URL = "https://api.example.test/v1.3"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWELVE_LABS_API_KEY", "TWELVELABS_API_KEY", "TWELVELABS_BASE_URL", "TWELVELABS_LOG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def unused_tcp_port() -> Iterator[int]:
    """A port that refuses connections. It is bound, so that no server of another test gets it meanwhile."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the event loop and of the client; a test may set it forward."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


class _Sent:
    output_size = 0


class _Response(ClientResponse):
    """aioresponses 0.7.9 does not know that aiohttp 3.14 wants the writer of the request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, stream_writer=_Sent(), **kwargs)  # type: ignore[arg-type]


class Mocked(aioresponses):
    """aioresponses with a response class that works."""

    def add(self, url: Any, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("response_class", _Response)
        super().add(url, *args, **kwargs)


@pytest.fixture
def mocked() -> Iterator[Mocked]:
    """Answers without a network, below aiohttp's session."""
    mock = Mocked()
    with mock:
        yield mock


@pytest.fixture
async def client(mocked: Mocked) -> AsyncIterator[AsyncTwelveLabs]:
    """A client whose answers come from `mocked`."""
    async with AsyncTwelveLabs(api_key=KEY, base_url=BASE_URL, max_retries=0) as made:
        yield made


@attrs.frozen
class Seen:
    """A request that the scripted server got."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Scripted = tuple[int, Any] | Callable[[web.Request], Any]


@attrs.define
class Server:
    """A real server on a real port that responds from a list, in order; the last response is repeated."""

    url: str
    responses: list[Scripted] = attrs.Factory(list)
    seen: list[Seen] = attrs.Factory(list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(
            Seen(
                method=request.method,
                path=request.raw_path.partition("?")[0],
                query=request.raw_path.partition("?")[2],
                headers={name.lower(): value for name, value in request.headers.items()},
                body=await request.read(),
            )
        )
        response = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
        if callable(response):
            made = response(request)
            result: web.StreamResponse = await made if inspect.isawaitable(made) else made
            return result
        status, content = response
        if content is None:
            return web.Response(status=status)
        if isinstance(content, bytes):
            return web.Response(status=status, body=content)
        return web.json_response(content, status=status)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """The scripted server."""
    made = Server("")
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", made.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1.3"
    yield made
    await runner.cleanup()


@pytest.fixture
async def real(server: Server) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of the scripted server."""
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, max_retries=0) as made:
        yield made

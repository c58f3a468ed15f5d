"""A proxy in front of an emulator that changes what passes: the differences that a verification has to find."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Self

import aiohttp
import attrs
from aiohttp import web
from multidict import CIMultiDict

from twelvelabs_async.emulator.openapi import document

Change = Callable[["Passing"], Awaitable[None] | None]

_OF_THE_CONNECTION: Final = {"content-length", "transfer-encoding", "connection", "date", "server", "host"}


@attrs.define
class Passing:
    """A response that passes, with its request."""

    operation: str
    query: Mapping[str, str]
    status: int
    headers: CIMultiDict[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @json.setter
    def json(self, value: Any) -> None:
        self.body = json.dumps(value).encode()


class Proxy:
    """Passes requests on to an emulator: `async with Proxy(emulator.base_url, change) as proxy`.

    Attributes:
        requests: Operations that were requested.
        removed_query: Query parameters that the server behind never sees.
    """

    def __init__(self, base_url: str, change: Change | None = None) -> None:
        self._target = base_url
        self._change = change
        self._document = document.load()
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None
        self.requests: list[str] = []
        self.removed_query: dict[str, set[str]] = {}
        self.base_url = ""

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(auto_decompress=False)
        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", r"/{path:[\s\S]*}", self._pass)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.base_url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self._document.prefix}"
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        assert self._session is not None
        await self._runner.cleanup()
        await self._session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        assert self._session is not None
        path = request.rel_url.raw_path.removeprefix(self._document.prefix)
        found, _ = self._document.find(request.method, path.strip("/").split("/"))
        self.requests.append(found.id)
        query = [(k, v) for k, v in request.query.items() if k not in self.removed_query.get(found.id, ())]
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _OF_THE_CONNECTION}
        url = f"{self._target}{path}"
        async with self._session.request(
            request.method, url, params=query, headers=headers, data=await request.read(), allow_redirects=False
        ) as response:
            kept = [(k, v) for k, v in response.headers.items() if k.lower() not in _OF_THE_CONNECTION]
            passing = Passing(found.id, request.query, response.status, CIMultiDict(kept), await response.read())
        if self._change is not None:
            done = self._change(passing)
            if done is not None:
                await done
        return web.Response(status=passing.status, headers=passing.headers, body=passing.body)


def secret() -> str:
    """A canary: text that must not appear anywhere."""
    return f"canary-{os.urandom(8).hex()}"

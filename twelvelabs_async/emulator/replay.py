"""Plays back what `twelvelabs-async verify --record` has saved: `python -m twelvelabs_async.emulator --replay DIR`.

A response is found by method, path and query. Several for the same request are returned in the order in which they
were recorded, and the last one again for every further request. Keys are not checked.
"""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from .openapi import document
from .settings import DEFAULT_KEY

__all__ = ["Replay"]

Key = tuple[str, str, str]


class Replay:
    """A server that responds as was recorded: `async with Replay(folder) as replay: replay.base_url ...`.

    Args:
        folder: The recording.
        host: Address to listen on.
        port: Port; 0 takes a free one.

    Raises:
        ValueError: The folder holds no recording.
        OSError: A file cannot be read.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        self._responses = _read(folder)
        self._host = host
        self._port = port
        self._prefix = document.load().prefix
        self._runner: web.AppRunner | None = None
        self.base_url: str = ""
        self.api_key: str = DEFAULT_KEY

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables with which a client finds it."""
        return {"TWELVE_LABS_API_KEY": self.api_key, "TWELVELABS_BASE_URL": self.base_url}

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**40)
        app.router.add_route("*", r"/{path:[\s\S]*}", self._respond)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        try:
            await site.start()
        except BaseException:
            await self._runner.cleanup()
            raise
        port = self._runner.addresses[0][1]
        self.base_url = f"http://{self._host}:{port}{self._prefix}"
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _respond(self, request: web.Request) -> web.Response:
        await request.read()
        path = request.path.removeprefix(self._prefix)
        responses = self._responses.get(_key(request.method, path, list(request.query.items())))
        if responses is None:
            text = json.dumps({"code": "resource_not_exist", "message": "Nothing was recorded for this request."})
            return web.Response(status=404, text=text, content_type="application/json")
        recorded = responses.popleft() if len(responses) > 1 else responses[0]
        return web.Response(status=recorded["status"], body=_body(recorded), headers=recorded["headers"])


def _read(folder: Path) -> dict[Key, deque[dict[str, Any]]]:
    found: dict[Key, deque[dict[str, Any]]] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            call = json.loads(path.read_text(encoding="utf-8"))
            request, response = call["request"], call["response"]
            response = {**response, "status": int(response["status"]), "headers": dict(response["headers"])}
            pairs = [(name, item) for name, value in request["query"].items() for item in _list(value)]
            found.setdefault(_key(request["method"], request["path"], pairs), deque()).append(response)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ValueError(f"{path} is not a recorded call") from None
    if not found:
        raise ValueError(f"{folder} holds no recorded calls")
    return found


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _key(method: str, path: str, query: list[tuple[str, Any]]) -> Key:
    return method, path, json.dumps(sorted((name, str(value)) for name, value in query))


def _body(recorded: dict[str, Any]) -> bytes:
    if "json" in recorded:
        return json.dumps(recorded["json"]).encode()
    if "lines" in recorded:
        lines = [line if isinstance(line, str) else json.dumps(line) for line in recorded["lines"]]
        if recorded["headers"].get("content-type", "").startswith("text/event-stream"):
            lines += ["[DONE]"] if recorded.get("done", True) else []
            return "".join(f"data: {line}\n\n" for line in lines).encode()
        return "".join(f"{line}\n" for line in lines).encode()
    return str(recorded.get("text", "")).encode()

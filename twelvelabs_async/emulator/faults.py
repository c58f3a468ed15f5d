"""Faults on purpose: a plan says which requests go wrong, and how.

A plan is JSON (a file, or the same as Python values):

    {"seed": 7, "rules": [
        {"fault": "status", "status": 503, "rate": 0.05},
        {"fault": "reset", "carried_out": true, "operation": "createTask", "times": 1},
        {"fault": "stalled_body", "route": "GET /indexes*", "seconds": 30, "skip": 2}]}

A request is met by the first rule that fits it and fires: `operation` (an operationId), `route` (method and path below
the version, with `*`), `port` (`api` or `objects`), `rate` (0 to 1, drawn from `seed`), `skip` (so many fitting
requests pass first), `times` (it fires so often at most). With `carried_out` the operation is done before the fault
hides its answer.

Faults: see `KINDS`.
"""

from __future__ import annotations

import asyncio
import dataclasses
import fnmatch
import json
import random
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web

KINDS: Mapping[str, str] = {
    "status": "An error status: `status`, with a JSON body as the platform writes it, or HTML with `html`.",
    "rate_limited": "429 with all headers; `seconds` is the Retry-After.",
    "rate_limited_bare": "429 without a body and without headers.",
    "slow": "Nothing happens for `seconds`, then the request is answered as usual.",
    "reset": "The connection is reset instead of an answer.",
    "reset_mid_body": "The connection is reset in the middle of the answer's body.",
    "stalled_body": "The answer's body stops in the middle; after `seconds` the connection is reset.",
    "truncated_json": "The answer ends too early although the HTTP message is whole.",
    "malformed_json": "The answer is not JSON.",
    "wrong_content_type": "The answer is a web page with status 200.",
    "duplicated": "The answer is sent twice on the same connection.",
    "redirect": "307 to another origin: `location`, by default the object store, which takes note of keys that arrive.",
}
"""What each fault does."""

_STREAM_BYTES = 400
"""Bytes of a streamed body that pass before it is cut."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclasses.dataclass(kw_only=True)
class Rule:
    """One line of a fault plan."""

    fault: str
    operation: str | None = None
    route: str | None = None
    port: str = "api"
    rate: float = 1.0
    skip: int = 0
    times: int | None = None
    carried_out: bool = False
    status: int = 500
    html: bool = False
    seconds: float = 1.0
    location: str | None = None
    seen: int = dataclasses.field(default=0, init=False)
    fired: int = dataclasses.field(default=0, init=False)
    draw: random.Random = dataclasses.field(default_factory=random.Random, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"faults: unknown fault {self.fault!r}; known are {', '.join(KINDS)}")
        if not 0 <= self.rate <= 1:
            raise ValueError("faults: rate must be between 0 and 1")

    def fires(self, port: str, operation: str | None, route: str) -> bool:
        """Whether a request is met by this rule; counts it."""
        if port != self.port or (self.operation is not None and operation != self.operation):
            return False
        if self.route is not None and not fnmatch.fnmatchcase(route, self.route):
            return False
        self.seen += 1
        # Drawn for each fitting request, so that one rule's luck does not depend on the others.
        lucky = self.draw.random() < self.rate
        if self.seen <= self.skip or not lucky or (self.times is not None and self.fired >= self.times):
            return False
        self.fired += 1
        return True


class FaultPlan:
    """The rules in order, and a record of what they did.

    Attributes:
        rules: The rules.
        record: Fault and route of each request that was met.
    """

    def __init__(self, plan: Mapping[str, Any] | None = None) -> None:
        self.rules: list[Rule] = []
        self.record: list[tuple[str, str]] = []
        self.other_origin = ""
        self.use(plan or {})

    @classmethod
    def load(cls, plan: Mapping[str, Any] | str | Path | None) -> FaultPlan:
        """Makes a plan of Python values or of a JSON file.

        Raises:
            ValueError: The plan is not valid.
        """
        if plan is None or isinstance(plan, Mapping):
            return cls(plan)
        return cls(json.loads(Path(plan).read_text(encoding="utf-8")))

    def use(self, plan: Mapping[str, Any]) -> None:
        """Replaces the rules, also while the emulator runs; the record begins anew.

        Raises:
            ValueError: The plan is not valid.
        """
        unknown = set(plan) - {"seed", "rules"}
        if unknown:
            raise ValueError(f"faults: unknown member {unknown.pop()!r}")
        try:
            rules = [rule if isinstance(rule, Rule) else Rule(**rule) for rule in plan.get("rules", [])]
        except TypeError as error:
            raise ValueError(f"faults: {error}") from None
        for number, rule in enumerate(rules):
            rule.draw = random.Random(f"{plan.get('seed', 0)}/{number}")  # noqa: S311 - it has to be repeatable
        self.rules = rules
        self.record = []

    async def run(
        self, request: web.Request, handler: Handler, *, port: str, operation: str | None, route: str
    ) -> web.StreamResponse:
        """Answers a request, well or badly."""
        rule = next((rule for rule in self.rules if rule.fires(port, operation, route)), None)
        if rule is None:
            return await handler(request)
        self.record.append((rule.fault, route))
        if rule.fault == "slow":
            await asyncio.sleep(rule.seconds)
            return await handler(request)
        if rule.fault in _AFTER:
            return await _spoil(request, handler, rule)
        if rule.carried_out:
            await handler(request)
        else:
            await _drain(request)
        if rule.fault == "reset":
            return _reset(request)
        return self._instead(rule)

    def _instead(self, rule: Rule) -> web.Response:
        """An answer in place of the real one."""
        if rule.fault == "rate_limited_bare":
            return web.Response(status=429)
        if rule.fault == "redirect":
            return web.Response(status=307, headers={hdrs.LOCATION: rule.location or f"{self.other_origin}/elsewhere"})
        if rule.fault == "wrong_content_type":
            return web.Response(text="<html><body>Please log in</body></html>", content_type="text/html")
        if rule.fault == "rate_limited":
            wait = str(max(0, round(rule.seconds)))
            headers = {"Retry-After": wait, "X-Ratelimit-Limit": "1", "X-Ratelimit-Remaining": "0"}
            headers |= {"X-Ratelimit-Used": "1", "X-RateLimit-Request-Remaining": "0"}
            body = {"code": "too_many_requests", "message": f"Too many requests. Try again in {wait} seconds."}
            return web.json_response(body, status=429, headers=headers)
        if rule.html:
            return web.Response(status=rule.status, text="<html>Bad gateway</html>", content_type="text/html")
        return web.json_response({"code": "generic_error", "message": "A fault on purpose."}, status=rule.status)


_AFTER = frozenset({"reset_mid_body", "stalled_body", "truncated_json", "malformed_json", "duplicated"})


async def _drain(request: web.Request) -> None:
    """Reads what the client sends, so that it is not the sending that fails."""
    async for _ in request.content.iter_any():
        pass


def _reset(request: web.Request) -> web.StreamResponse:
    """Closes the connection with a reset; what is returned goes nowhere."""
    _abort(request.transport)
    return web.Response()


def _abort(transport: asyncio.BaseTransport | None) -> None:
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        # Without lingering the kernel sends a reset instead of an orderly end.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


async def _spoil(request: web.Request, handler: Handler, rule: Rule) -> web.StreamResponse:
    """Lets the request be answered, then spoils the answer on its way out."""
    wire = _Wire(request.transport, rule)
    protocol: Any = request.protocol
    protocol.transport = wire
    try:
        response = await handler(request)
        if response.prepared:
            # A stream: the wire has done it already.
            await _after_stream(wire, rule)
            return response
        wire.rule = None
        body = getattr(response, "body", None) or b""
        if rule.fault in {"truncated_json", "malformed_json"}:
            spoiled = body[: len(body) // 2] if rule.fault == "truncated_json" else b"<" + body[1:]
            return web.Response(status=response.status, body=spoiled, headers=_headers(response))
        if rule.fault == "duplicated":
            wire.rule = rule
            await response.prepare(request)
            await response.write_eof()
            await _after_stream(wire, rule)
            return response
        return await _cut(request, response, body, rule, wire.real)
    finally:
        if protocol.transport is wire:
            protocol.transport = wire.real


def _headers(response: web.StreamResponse) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name != hdrs.CONTENT_LENGTH}


async def _cut(
    request: web.Request, response: web.StreamResponse, body: bytes, rule: Rule, wire: asyncio.BaseTransport | None
) -> web.StreamResponse:
    """Announces the whole body and sends half of it."""
    half = web.StreamResponse(status=response.status, headers=_headers(response))
    half.content_length = max(len(body), 2)
    await half.prepare(request)
    await half.write((body or b"{}")[: max(1, len(body) // 2)])
    if rule.fault == "stalled_body":
        await asyncio.sleep(rule.seconds)
    _abort(wire)
    return half


async def _after_stream(wire: _Wire, rule: Rule) -> None:
    if rule.fault == "duplicated" and not wire.real.is_closing():
        wire.real.write(bytes(wire.sent))
    if rule.fault == "stalled_body" and wire.cut:
        await asyncio.sleep(rule.seconds)
    if rule.fault in {"stalled_body", "reset_mid_body"}:
        _abort(wire.real)


class _Wire:
    """Stands between aiohttp and the socket while a streamed answer is spoiled."""

    def __init__(self, real: Any, rule: Rule) -> None:
        self.real = real
        self.rule: Rule | None = rule
        self.sent = bytearray()
        self.body = -1
        self.cut = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)

    def writelines(self, pieces: Any) -> None:
        """Writes several pieces as one."""
        self.write(b"".join(pieces))

    def write(self, data: Any) -> None:
        """Passes data on, spoiled when its turn has come."""
        data = bytes(data)
        rule = self.rule
        if rule is None:
            self.real.write(data)
            return
        if rule.fault == "duplicated":
            self.sent += data
        elif self._over(data):
            if rule.fault == "malformed_json" and not self.cut:
                data = _scramble(data)
            elif rule.fault == "truncated_json":
                # The end of the message stays, its last events do not.
                data = b"0\r\n\r\n" if data.endswith(b"0\r\n\r\n") else b""
            elif rule.fault in {"reset_mid_body", "stalled_body"}:
                data = b""
                if rule.fault == "reset_mid_body":
                    _abort(self.real)
            self.cut = True
        if data and not self.real.is_closing():
            self.real.write(data)

    def _over(self, data: bytes) -> bool:
        """Counts the bytes of the body; whether enough of them have passed."""
        if self.body < 0:
            _, end, rest = data.partition(b"\r\n\r\n")
            if end:
                self.body = len(rest)
            return False
        self.body += len(data)
        return self.body > _STREAM_BYTES


def _scramble(data: bytes) -> bytes:
    """Spoils the JSON of a piece without touching the frame around it."""
    return data.replace(b"{", b"<", 1)

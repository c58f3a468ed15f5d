"""Tracebacks with captured locals: no frame of the package shows a secret, whatever ends a call."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.leaks import holds, local_leaks
from twelvelabs_async import AsyncTwelveLabs, ConfigurationError, Outcome, TwelveLabsError
from twelvelabs_async._resource import Resource
from twelvelabs_async.errors import APIConnectionError

from .conftest import Connect, Peer, RawServer, Serve, eventually, get

if TYPE_CHECKING:
    from twelvelabs_async._request.message import Request
    from twelvelabs_async._request.options import RequestOptions

CLIENT_KEY = "tlk_0ClientKey77aQz9mN"
CALL_KEY = "tok_1OtherSecret5kWx2"
PASSWORD = "pa55wordOfTheProxy"
SIGNATURE = "5f3759dfSignature0123456789abcdef"
SECRETS = (CLIENT_KEY, CALL_KEY, PASSWORD, SIGNATURE)

OPTIONS: RequestOptions = {"additional_headers": {"x-api-key": CALL_KEY, "Authorization": f"Bearer {CALL_KEY}"}}


def check(error: BaseException) -> None:
    leaks = [leak for secret in SECRETS for leak in local_leaks(error, secret)]
    assert not leaks, "\n".join(leaks)


async def silent(peer: Peer) -> None:
    """Responds to the creation of an upload and to nothing else; begins a stream."""
    while True:
        head = (await peer.request()).replace(f" http://localhost:{peer.server.port}".encode(), b" ", 1)
        await peer.body(head)
        if head.startswith(b"POST /v1.3/assets/multipart-uploads "):
            url = f"{peer.server.url.removesuffix('/v1.3')}/bucket/1?X-Amz-Signature={SIGNATURE}"
            urls = [{"chunk_index": at, "url": f"{url}&chunk={at}"} for at in (1, 2)]
            await peer.respond(
                json.dumps(
                    {
                        "upload_id": "u1",
                        "asset_id": "a1",
                        "chunk_size": 10,
                        "total_chunks": 2,
                        "upload_urls": urls,
                        "expires_at": "2099-01-01T00:00:00Z",
                    }
                ).encode()
            )
            continue
        if b"/redirected" in head:
            await peer.respond(b"", "302 Found", f"Location: /v1.3/{CLIENT_KEY}?x={CALL_KEY}")
            continue
        if head.startswith(b"POST /v1.3/analyze "):
            peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            peer.writer.write(b'2e\r\n{"event_type":"text_generation","text":"abc"}\n\r\n')
        await peer.reader.read()
        return


Act = Callable[[AsyncTwelveLabs], Awaitable[object]]


async def read(client: AsyncTwelveLabs) -> object:
    return [event async for event in client.analyze_stream(prompt="?", request_options=OPTIONS)]


async def pages(client: AsyncTwelveLabs) -> object:
    return [index async for index in client.indexes.list(request_options=OPTIONS)]


async def busy(client: AsyncTwelveLabs) -> object:
    """Another call holds the only connection."""
    other = asyncio.create_task(client.indexes.retrieve("i0"))
    try:
        await eventually(lambda: client.limits.in_flight)
        return await client.indexes.retrieve("i1", request_options=OPTIONS)
    finally:
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)


ACTS: dict[str, Act] = {
    "call": lambda client: client.indexes.retrieve("i1", request_options=OPTIONS),
    "call with a body": lambda client: client.indexes.create(index_name="n", models=[], request_options=OPTIONS),
    "call with a form": lambda client: client.tasks.create(index_id="i", video_file=b"1", request_options=OPTIONS),
    "raw": lambda client: client.with_raw_response.indexes.retrieve("i1", request_options=OPTIONS),
    "untyped": lambda client: client.get("/x", headers=OPTIONS["additional_headers"]),
    "untyped, options": lambda client: client.post("/x", json=[1], request_options=OPTIONS),
    "redirected": lambda client: client.get("/redirected", request_options=OPTIONS),
    "pager": pages,
    "stream": read,
    "stream, collected": lambda client: client.analyze_stream(prompt="?", request_options=OPTIONS).collect(),
    "wait": lambda client: client.assets.wait_for_done("a1", request_options=OPTIONS),
    "upload": lambda client: client.multipart_upload.upload_file(b"thirteen byte", request_options=OPTIONS),
    "bulk": lambda client: client.tasks.create_bulk("i1", video_urls=["https://x/1"], request_options=OPTIONS),
    "get_or_create": lambda client: client.indexes.get_or_create(index_name="n", models=[], request_options=OPTIONS),
    "waiting for the limiter": busy,
}


@pytest.mark.parametrize("how", ["own session", "session=", "connector="])
@pytest.mark.parametrize("act", ACTS)
async def test_no_local_shows_a_secret_when_a_call_is_cancelled(serve: Serve, act: str, how: str) -> None:
    server = await serve(silent)
    session = aiohttp.ClientSession() if how == "session=" else None
    connector = aiohttp.TCPConnector() if how == "connector=" else None
    client = AsyncTwelveLabs(
        api_key=CLIENT_KEY,
        base_url=server.url.replace("127.0.0.1", "localhost"),
        session=session,
        connector=connector,
        proxy=f"http://me:{PASSWORD}@127.0.0.1:{server.port}",
        max_connections=1 if act.startswith("waiting") else None,
    )
    async with client:
        with pytest.raises(TimeoutError) as caught:
            await run_until(client, ACTS[act], lambda: reached(act, server, client))
        check(caught.value)
        assert isinstance(caught.value.__cause__, asyncio.CancelledError)
    if session is not None:
        await session.close()
    if connector is not None:
        await connector.close()


def reached(act: str, server: RawServer, client: AsyncTwelveLabs) -> bool:
    """Whether a call is in its middle: the server has its last request, or it waits."""
    if act.startswith("waiting"):
        return client.limits.waiting > 0
    return len(server.heads) >= {"upload": 2, "redirected": 2}.get(act, 1)


async def run_until(client: AsyncTwelveLabs, act: Act, condition: Callable[[], bool]) -> None:
    """Carry out a call within `asyncio.timeout`, which ends it when a condition holds."""

    async def expire(limit: asyncio.Timeout) -> None:
        await eventually(condition)
        for _ in range(20):
            await asyncio.sleep(0)  # what has arrived is read
        limit.reschedule(0)

    async with asyncio.timeout(None) as limit:
        expiring = asyncio.create_task(expire(limit))
        try:
            await act(client)
        finally:
            await expiring


async def first(result: Any) -> object:
    if isinstance(result, AbstractAsyncContextManager) and not isinstance(result, AsyncIterator):
        return await result.__aenter__()
    if inspect.isawaitable(result):
        return await result
    item = await anext(aiter(result))
    if isinstance(item, Outcome) and item.error is not None:
        await result.aclose()
        raise item.error
    return item


@pytest.mark.filterwarnings("ignore:.* is deprecated. use:DeprecationWarning")
async def test_no_method_shows_the_headers_of_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every asynchronous method of every resource, by its signature: new ones are tested without being listed."""
    client = AsyncTwelveLabs(api_key=CLIENT_KEY, base_url="https://api.test/v1.3")

    async def fail(request: Request) -> object:
        raise APIConnectionError("no connection")

    monkeypatch.setattr(client._core.transport, "send", fail)
    monkeypatch.setattr(client._core.transport, "open", fail)
    tested = 0
    for name, method in methods(client):
        parameters = inspect.signature(method).parameters.values()
        arguments: dict[str, Any] = {
            parameter.name: b"x" if parameter.name.endswith(("file", "_path", "source")) else "x"
            for parameter in parameters
            if parameter.default is parameter.empty
            and parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
        }
        if "ids" in arguments:
            arguments["ids"] = ["x"]
        if name == "client.ingest":
            arguments |= {"sources": [b"x"], "index_id": "x"}
        timing = {name: 0.001 for name in ("sleep_interval",) if name in inspect.signature(method).parameters}
        with pytest.raises((TwelveLabsError, ValueError, TypeError, AttributeError)) as caught:
            await first(method(**arguments, **timing, request_options=OPTIONS))
        leaks = [leak for secret in SECRETS for leak in local_leaks(caught.value, secret)]
        assert not leaks, "\n".join([name, *leaks])
        tested += 1
    assert tested > 150


def methods(client: AsyncTwelveLabs) -> list[tuple[str, Callable[..., Any]]]:
    found: list[tuple[str, Callable[..., Any]]] = []
    waiting: list[tuple[str, object]] = [("client", client), ("raw", client.with_raw_response)]
    seen: set[type] = set()
    while waiting:
        path, owner = waiting.pop()
        if type(owner) in seen:
            continue
        seen.add(type(owner))
        for name in dir(owner):
            if name.startswith("_") or name == "with_raw_response":
                continue
            value = getattr(owner, name)
            if isinstance(value, Resource):
                waiting.append((f"{path}.{name}", value))
            elif inspect.ismethod(value) and "request_options" in inspect.signature(value).parameters:
                found.append((f"{path}.{name}", value))
    return found


@pytest.mark.parametrize(
    "settings",
    [
        {"max_retries": -1},
        {"base_url": "nonsense"},
        {"timeout": -1},
        {"headers": {"X-Token": f"{CALL_KEY}\r\n"}},
        {"headers": {"x-api-key": CALL_KEY}},
        {"headers": {"X-Token": CALL_KEY, "A B": CALL_KEY}},
        {"api_key": f"{CLIENT_KEY} {CALL_KEY}"},
        {"max_connections": 0},
    ],
    ids=str,
)
def test_no_local_shows_a_secret_of_a_configuration_that_is_refused(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = f"http://me:{PASSWORD}@127.0.0.1:1"
    with pytest.raises(ConfigurationError) as caught:
        AsyncTwelveLabs(**{"api_key": CLIENT_KEY, "proxy": proxy, **settings})
    check(caught.value)
    client = AsyncTwelveLabs(api_key=CLIENT_KEY, proxy=proxy, headers={"X-Token": CALL_KEY})
    if "max_connections" not in settings:
        with pytest.raises(ConfigurationError) as caught:
            client.with_options(**{"api_key": CALL_KEY, **settings})
        check(caught.value)
    monkeypatch.setenv("TWELVE_LABS_API_KEY", f"{CLIENT_KEY} {CLIENT_KEY}")
    with pytest.raises(ConfigurationError) as caught:
        AsyncTwelveLabs()
    check(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"x-api-key": f"{CALL_KEY}\r\nX: 1"}},
        {"headers": {"x-api-key": CALL_KEY}, "timeout": -1},
        {"headers": {"x-api-key": CALL_KEY}, "additional_headers": {"x-api-key": CALL_KEY}},
        {"headers": {"x-api-key": CALL_KEY, "n": 5}},
        {"headers": {"x-api-key": CALL_KEY}, "unknown": 1},
    ],
    ids=ascii,
)
async def test_no_error_of_an_argument_shows_a_secret(serve: Serve, options: Any) -> None:
    server = await serve(silent)
    async with AsyncTwelveLabs(api_key=CLIENT_KEY, base_url=server.url) as client:
        for call in (
            lambda: client.indexes.retrieve("i1", request_options=options),
            lambda: client.get("/x", request_options=options),
            lambda: client.analyze_stream(prompt="?", request_options=options).collect(),
        ):
            with pytest.raises((ValueError, TypeError)) as caught:
                await call()
            check(caught.value)
            assert not holds(f"{caught.value} {caught.value!r} {vars(caught.value)}", CALL_KEY)


@pytest.mark.parametrize("value", [f"Bearer {CALL_KEY}\r\n", f"Bearer {CALL_KEY}\0"], ids=ascii)
async def test_request_that_cannot_be_made(connect: Connect, value: str) -> None:
    transport = connect("http://127.0.0.1:9/v1.3")
    with pytest.raises(ValueError, match="line break") as caught:
        await transport.send(get(headers={"Authorization": value}))
    check(caught.value)
    assert transport.limits.in_flight == 0


async def test_fault_of_a_trace_hook(serve: Serve) -> None:
    async def broken(*arguments: object) -> None:
        raise RuntimeError(f"the key is {CLIENT_KEY}")

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(broken)
    server = await serve(silent)
    async with AsyncTwelveLabs(api_key=CLIENT_KEY, base_url=server.url, trace_configs=[trace]) as client:
        with pytest.raises(RuntimeError, match=r"the key is \*\*\*") as caught:
            await client.indexes.retrieve("i1", request_options=OPTIONS)
    check(caught.value)

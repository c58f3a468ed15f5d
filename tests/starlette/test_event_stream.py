"""EventStreamResponse behind a real server, with a platform that does what a test says"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.starlette import BrowserEvent, EventStreamResponse, exception_handlers, get_client, lifespan

from ..eventually import eventually
from .conftest import END, KEY, START, Platform, line, parse, serving, silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

VIDEO = {"type": "asset_id", "asset_id": "a1"}


def application(platform: Platform, **options: Any) -> Starlette:
    """A service with one route, which hands an analysis on."""

    async def describe(request: Request) -> Response:
        stream = get_client(request).analyze_stream(video=VIDEO, prompt="What happens?")  # type: ignore[arg-type]
        return EventStreamResponse(stream, **options)

    return Starlette(
        routes=[Route("/describe", describe, methods=["GET", "POST"])],
        lifespan=lifespan(platform.client, grace=0.2),
        exception_handlers=exception_handlers,
    )


def of(events: Callable[[], AsyncIterator[Any]], **options: Any) -> Starlette:
    """A service that sends any events."""

    async def endpoint(_: Request) -> Response:
        return EventStreamResponse(events(), **options)

    return Starlette(routes=[Route("/", endpoint)])


async def test_frames(platform: Platform) -> None:
    async def script(_: Any, response: Any) -> None:
        await response.write(START + line("two\nlines \u2028 \r\n\n data: x") + END)

    platform.script = script
    async with serving(application(platform)) as session, session.get("/describe") as response:
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert response.headers["X-Accel-Buffering"] == "no"
        assert "no-cache" in response.headers["Cache-Control"]
        assert "Content-Length" not in response.headers
        events = parse(await response.text())
    assert [event.get("id") for event in events] == ["1", "2", "3", None]
    assert [event.get("event") for event in events] == [None, None, None, "end"]
    assert json.loads(events[1]["data"]) == {
        "event_type": "text_generation",
        "text": "two\nlines \u2028 \r\n\n data: x",
    }
    assert platform.open == 0


async def test_events_of_the_applications_own() -> None:
    async def events() -> AsyncIterator[Any]:
        yield {"a": 1}
        yield BrowserEvent([1, "x"], event="ready", id="one")
        yield "text\nand text"
        yield None
        yield 5

    def encode(event: Any) -> Any:
        return None if event == 5 else event

    async with serving(of(events)) as session, session.get("/", headers={"Last-Event-ID": "1"}) as response:
        assert parse(await response.text()) == [
            {"id": "1", "data": '{"a":1}'},
            {"id": "one", "event": "ready", "data": '[1,"x"]'},
            {"id": "3", "data": '"text\\nand text"'},
            {"id": "4", "data": "null"},
            {"id": "5", "data": "5"},
            {"event": "end", "data": "{}"},
        ]
    async with serving(of(events, encode=encode)) as session, session.get("/") as response:
        assert [event["data"] for event in parse(await response.text())] == [
            '{"a":1}', '[1,"x"]', '"text\\nand text"', "{}",
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("refusal", "status", "headers"),
    [
        ((404, {"code": "resource_not_exist", "message": "No such asset."}, {}), 404, {}),
        ((400, {"code": "parameter_invalid", "message": "prompt is too long"}, {}), 400, {}),
        ((429, {}, {"Retry-After": "7"}), 503, {"Retry-After": "7"}),
        ((503, {}, {"Retry-After": "9"}), 503, {"Retry-After": "9"}),
        ((500, {"code": "x", "message": "a secret place"}, {}), 502, {}),
        ((401, {"code": "api_key_invalid", "message": f"{KEY} is wrong"}, {}), 502, {}),
        ((403, {"code": "api_not_allowed", "message": "your plan"}, {}), 502, {}),
        ((400, {"code": "insufficient_funds", "message": "your card"}, {}), 502, {}),
        ((504, {}, {}), 504, {}),
    ],
)
async def test_a_refusal_is_a_status(platform: Platform, refusal: Any, status: int, headers: dict[str, str]) -> None:
    platform.refusal = refusal
    async with serving(application(platform)) as session, session.get("/describe") as response:
        assert response.status == status
        assert response.headers["Content-Type"] == "application/problem+json"
        assert {name: response.headers[name] for name in headers} == headers
        body = await response.json()
    told = status in {400, 404}
    assert (body["code"] == refusal[1].get("code")) is told
    assert (body["message"] == refusal[1].get("message")) is told
    assert KEY not in json.dumps(body)
    assert body["status"] == status


async def test_a_stream_that_breaks_ends_with_an_error_event(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    async def script(request: Any, response: Any) -> None:
        await response.write(START + line("one"))
        request.transport.abort()

    platform.script = script
    async with serving(application(platform)) as session, session.get("/describe") as response:
        events = parse(await response.text())
    assert [event.get("event") for event in events] == [None, None, "error"]
    assert json.loads(events[-1]["data"])["code"] == "upstream_failed"
    assert json.loads(events[-1]["data"])["status"] == 502
    assert "a stream of events broke: StreamError" in caplog.text


async def test_an_error_of_the_application_is_an_error_event_and_goes_on() -> None:
    async def events() -> AsyncIterator[Any]:
        yield 1
        raise RuntimeError("a secret")

    caught = []
    app = of(events)

    async def outer(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except RuntimeError as error:
            caught.append(str(error))

    async with serving(outer, lifespan="off") as session, session.get("/") as response:
        text = await response.text()
    assert json.loads(parse(text)[-1]["data"])["code"] == "internal_error"
    assert "a secret" not in text
    assert caught == ["a secret"]


async def test_what_cannot_be_encoded_is_an_error_event() -> None:
    async def events() -> AsyncIterator[Any]:
        yield object()

    async with serving(of(events)) as session, session.get("/") as response:
        assert [event["event"] for event in parse(await response.text())] == ["error"]


async def test_a_browser_that_leaves_ends_the_stream_while_nothing_comes(platform: Platform) -> None:
    platform.script = silent
    app = application(platform)
    async with serving(app) as session:
        response = await session.get("/describe")
        await response.content.readuntil(b"data")
        assert platform.open == 1
        response.close()
        await eventually(lambda: platform.open == 0)
        client = app.state.twelvelabs_service.client
        await eventually(lambda: client.limits.in_flight == 0)
        await eventually(lambda: len(app.state.twelvelabs_service.work) == 0)


async def test_a_browser_that_leaves_before_the_stream_is_open(platform: Platform) -> None:
    async def wait(_: Any) -> None:
        await asyncio.sleep(3600)

    platform.before = wait
    app = application(platform)
    async with serving(app) as session:
        asking = asyncio.create_task(session.get("/describe"))
        await eventually(lambda: platform.open == 1)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await eventually(lambda: platform.open == 0)
        client = app.state.twelvelabs_service.client
        await eventually(lambda: client.limits.in_flight == 0)


async def test_heartbeats_while_nothing_comes(platform: Platform) -> None:
    platform.script = silent
    async with serving(application(platform, heartbeat=0.05)) as session, session.get("/describe") as response:
        for _ in range(4):  # the first one comes with the head
            await response.content.readuntil(b":\n\n")


async def test_no_heartbeat_before_the_status(platform: Platform) -> None:
    released = asyncio.Event()

    async def wait(_: Any) -> None:
        await released.wait()

    platform.before = wait
    platform.refusal = (404, {"code": "resource_not_exist", "message": "No."}, {})
    async with serving(application(platform, heartbeat=0.02)) as session:
        asking = asyncio.create_task(session.get("/describe"))
        await eventually(lambda: platform.open == 1)
        await asyncio.sleep(0.1)
        released.set()
        async with await asking as response:
            assert response.status == 404


async def test_a_browser_that_connects_again_pays_for_no_second_analysis(platform: Platform) -> None:
    headers = {"Last-Event-ID": "3"}
    async with serving(application(platform)) as session, session.get("/describe", headers=headers) as response:
        assert response.status == 204
    assert platform.opened == 0
    app = application(platform, reconnect=True)
    async with serving(app) as session, session.get("/describe", headers=headers) as response:
        assert response.status == 200
        await response.read()
    assert platform.opened == 1


async def test_head_and_options_open_nothing(platform: Platform) -> None:
    async with serving(application(platform)) as session:
        async with session.head("/describe") as response:
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/event-stream")
        async with session.options("/describe") as response:
            assert response.status == 405
    assert platform.opened == 0


async def test_a_stream_that_was_opened_before_is_closed_after_head(platform: Platform) -> None:
    platform.script = silent
    streams = []

    async def describe(request: Request) -> Response:
        stream = await get_client(request).analyze_stream(video=VIDEO, prompt="?").open()  # type: ignore[arg-type]
        streams.append(stream)
        return EventStreamResponse(stream)

    app = Starlette(routes=[Route("/describe", describe)], lifespan=lifespan(platform.client))
    async with serving(app) as session:
        async with session.head("/describe") as response:
            assert response.status == 200
        await eventually(lambda: platform.open == 0)
    assert "closed" in repr(streams[0])


async def test_a_reader_that_reads_nothing_is_let_go() -> None:
    closed = asyncio.Event()

    async def events() -> AsyncIterator[Any]:
        try:
            while True:
                yield "x" * 100_000
        finally:
            closed.set()

    async with serving(of(events, send_timeout=0.2)) as session:
        _, port = session._base_url.host, session._base_url.port  # type: ignore[union-attr]
        _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.wait_for(closed.wait(), 30)
        writer.transport.abort()


async def test_a_slow_reader_holds_the_stream_back() -> None:
    produced = 0
    ended = asyncio.Event()

    async def events() -> AsyncIterator[Any]:
        nonlocal produced
        try:
            while True:
                produced += 1
                yield "x" * 100_000
        finally:
            ended.set()

    async with serving(of(events)) as session:
        response = await session.get("/")
        await response.content.readany()
        before = -1
        while produced != before:  # until nothing more is accepted
            before = produced
            await asyncio.sleep(0.2)
        assert produced < 200  # what sockets and buffers hold; without this, it would not stop
        response.close()
        await asyncio.wait_for(ended.wait(), 30)


async def test_heartbeats_do_not_cut_events_in_two() -> None:
    async def events() -> AsyncIterator[Any]:
        for number in range(200):
            await asyncio.sleep(0.001)
            yield {"n": number, "text": "x" * 5000}

    async with serving(of(events, heartbeat=0.001)) as session, session.get("/") as response:
        found = parse(await response.text())
    assert [json.loads(event["data"])["n"] for event in found[:-1]] == list(range(200))


async def test_in_a_mounted_application(platform: Platform) -> None:
    inner = application(platform)
    app = Starlette(routes=[Mount("/api", app=inner)], lifespan=lifespan(platform.client))
    async with serving(app) as session, session.get("/api/describe") as response:
        assert parse(await response.text())[-1]["event"] == "end"


async def test_middleware_that_wraps_the_response(platform: Platform) -> None:
    from starlette.middleware.base import BaseHTTPMiddleware

    async def add(request: Request, call_next: Any) -> Response:
        response: Response = await call_next(request)
        response.headers["X-Added"] = "1"
        return response

    platform.script = silent
    app = application(platform)
    app.add_middleware(BaseHTTPMiddleware, dispatch=add)
    async with serving(app) as session:
        response = await session.get("/describe")
        assert response.headers["X-Added"] == "1"
        await response.content.readuntil(b"data")
        response.close()
        await eventually(lambda: platform.open == 0)
        platform.refusal = (404, {"code": "resource_not_exist", "message": "No."}, {})
        async with session.get("/describe") as refused:
            assert refused.status == 404


async def test_a_background_task_runs_also_when_the_browser_left(platform: Platform) -> None:
    platform.script = silent
    done = asyncio.Event()

    async def finish() -> None:
        done.set()

    async with serving(application(platform, background=BackgroundTask(finish))) as session:
        response = await session.get("/describe")
        await response.content.readuntil(b"data")
        response.close()
        await asyncio.wait_for(done.wait(), 30)


async def test_a_request_whose_body_nobody_read(platform: Platform) -> None:
    async with (
        serving(application(platform)) as session,
        session.post("/describe", data=b"x" * 300_000) as response,
    ):
        assert parse(await response.text())[-1]["event"] == "end"


@pytest.mark.parametrize("options", [{"heartbeat": 0}, {"send_timeout": -1}, {"heartbeat": float("nan")}])
def test_wrong_numbers(options: dict[str, float]) -> None:
    async def events() -> AsyncIterator[Any]:
        yield 1

    with pytest.raises(ValueError, match="above 0"):
        EventStreamResponse(events(), **options)  # type: ignore[arg-type]


def test_what_is_no_stream() -> None:
    with pytest.raises(TypeError, match="not list"):
        EventStreamResponse([1])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["event", "id"])
@pytest.mark.parametrize("value", ["a\nb", "a\rdata: x", "\0"])
def test_names_and_ids_are_one_line(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must be one line"):
        BrowserEvent(1, **{name: value})


async def test_two_hundred_viewers_at_once(platform: Platform) -> None:
    platform.script = silent
    app = application(platform)

    async def view(session: aiohttp.ClientSession) -> aiohttp.ClientResponse:
        response = await session.get("/describe")
        await response.content.readuntil(b"data")
        return response

    async with serving(app) as session:
        address = str(session._base_url)
        async with aiohttp.ClientSession(address, connector=aiohttp.TCPConnector(limit=0)) as many:
            viewers = await asyncio.gather(*(view(many) for _ in range(200)))
            assert platform.open == 200
            client: AsyncTwelveLabs = app.state.twelvelabs_service.client
            assert client.limits.in_flight == 200
            for viewer in viewers:
                viewer.close()
            await eventually(lambda: platform.open == 0 and client.limits.in_flight == 0)


class _Server:
    """A server whose `send` fails, or never returns, from the message at a position on."""

    def __init__(self, position: int, *, error: OSError | None) -> None:
        self.sent: list[str] = []
        self._position = position
        self._error = error

    async def receive(self) -> Any:
        await asyncio.Event().wait()

    async def send(self, message: Any) -> None:
        if len(self.sent) >= self._position:
            if self._error is not None:
                raise self._error
            await asyncio.Event().wait()
        self.sent.append(message["type"])


GONE = OSError("the browser has gone")


@pytest.mark.parametrize(
    ("method", "position", "error"),
    [("GET", 0, GONE), ("GET", 1, GONE), ("GET", 2, GONE), ("HEAD", 0, GONE), ("HEAD", 1, GONE)]
    + [("GET", position, None) for position in range(3)],
)
async def test_a_server_that_cannot_send(method: str, position: int, error: OSError | None) -> None:
    closed = asyncio.Event()

    async def events() -> AsyncIterator[Any]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.set()

    iterator = events()
    server = _Server(position, error=error)
    response = EventStreamResponse(iterator, send_timeout=0.05)
    scope: Any = {"type": "http", "method": method, "path": "/", "headers": []}
    await response(scope, server.receive, server.send)
    assert len(server.sent) == position
    assert [event async for event in iterator] == []  # it is closed
    assert closed.is_set() == (position == 2)  # a generator that did not begin has nothing to close

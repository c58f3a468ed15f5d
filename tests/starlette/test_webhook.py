"""webhook_route: what it accepts, what it refuses, and how often it handles an event"""

from __future__ import annotations

import asyncio
import functools
import io
import json
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.testclient import TestClient

from twelvelabs_async import AsyncTwelveLabs, ConfigurationError, IndexTaskReadyWebhookEvent, UnknownVariant, webhooks
from twelvelabs_async.starlette import MemoryEventStore, lifespan, webhook_route

from ..eventually import eventually
from .conftest import KEY, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from twelvelabs_async.starlette.webhook import Handler

SECRET = "whsec_1"


def event(number: int = 1, kind: str = "library.grown", **data: Any) -> bytes:
    return json.dumps(
        {"id": f"whe_{number}", "created_at": "2026-11-20T12:00:00Z", "type": kind, "data": data}
    ).encode()


def signed(body: bytes, secret: str = SECRET, timestamp: int | None = None) -> dict[str, str]:
    return {"TL-Signature": webhooks.sign(body, secret, timestamp)}


class Handled:
    """A handler that notes what it was given, and waits or fails if it is told to."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.released = asyncio.Event()
        self.released.set()
        self.fails = 0
        self.running = 0
        self.most = 0

    async def __call__(self, received: Any) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            await self.released.wait()
            if self.fails:
                self.fails -= 1
                raise RuntimeError("no database")
            self.events.append(received)
        finally:
            self.running -= 1


def application(handler: Handler | None, **options: Any) -> Starlette:
    return Starlette(
        routes=[webhook_route("/hook", SECRET, handler, **options)],
        lifespan=lifespan(lambda: AsyncTwelveLabs(api_key=KEY), grace=0.2),
    )


async def post(session: aiohttp.ClientSession, body: bytes, **options: Any) -> int:
    options.setdefault("headers", signed(body))
    async with session.post("/hook", data=io.BytesIO(body), **options) as response:
        await response.read()
        return response.status


async def test_each_event_is_handled_once() -> None:
    handled = Handled()
    async with serving(application(handled)) as session:
        assert await post(session, event(1)) == 204
        assert await post(session, event(1)) == 204
        assert await post(session, event(2, "index.task.ready", id="t", status="ready", models=[], metadata={})) == 204
        await eventually(lambda: len(handled.events) == 2)
    assert isinstance(handled.events[0], UnknownVariant)
    assert isinstance(handled.events[1], IndexTaskReadyWebhookEvent | UnknownVariant)


async def test_duplicates_at_the_same_time_are_handled_once() -> None:
    handled = Handled()
    async with serving(application(handled)) as session:
        assert set(await asyncio.gather(*(post(session, event()) for _ in range(50)))) == {204}
        await eventually(lambda: handled.events)
    assert len(handled.events) == 1


async def test_an_event_whose_handler_failed_is_handled_when_it_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    handled = Handled()
    handled.fails = 1
    async with serving(application(handled)) as session:
        assert await post(session, event()) == 204
        await eventually(lambda: "the handler of the webhook event whe_1 failed" in caplog.text)
        assert "no database" in caplog.text
        assert await post(session, event()) == 204
        await eventually(lambda: handled.events)


async def test_the_response_may_wait_for_the_handler() -> None:
    handled = Handled()
    handled.fails = 1
    async with serving(application(handled, background=False)) as session:
        assert await post(session, event()) == 500
        assert await post(session, event()) == 204
        assert len(handled.events) == 1
        assert await post(session, event()) == 204
        assert len(handled.events) == 1
        handled.released.clear()
        both = [asyncio.create_task(post(session, event(2))) for _ in range(2)]
        await eventually(lambda: handled.running)
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in both)
        handled.released.set()
        assert await asyncio.gather(*both) == [204, 204]


async def test_the_response_does_not_wait_and_handlers_are_bounded() -> None:
    handled = Handled()
    handled.released.clear()
    async with serving(application(handled, max_concurrency=3, max_pending=10)) as session:
        assert {await post(session, event(number)) for number in range(10)} == {204}
        await eventually(lambda: handled.running == 3)
        async with session.post("/hook", data=event(11), headers=signed(event(11))) as response:
            assert response.status == 503
            assert response.headers["Retry-After"] == "10"
        handled.released.set()
        await eventually(lambda: len(handled.events) == 10)
        assert await post(session, event(11)) == 204
    assert handled.most == 3
    assert len(handled.events) == 11


async def test_a_shutdown_waits_for_handlers() -> None:
    handled = Handled()
    handled.released.clear()
    async with serving(application(handled)) as session:
        assert await post(session, event()) == 204
        await eventually(lambda: handled.running)
        asyncio.get_running_loop().call_later(0.05, handled.released.set)
    assert len(handled.events) == 1


async def test_a_handler_that_does_not_end_is_cancelled_and_its_event_forgotten(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handled = Handled()
    handled.released.clear()
    store = MemoryEventStore()
    async with serving(application(handled, store=store)) as session:
        assert await post(session, event()) == 204
        await eventually(lambda: handled.running)
        assert repr(store) == "<MemoryEventStore: 1 of 10000 events>"
    assert not handled.running
    assert repr(store) == "<MemoryEventStore: 0 of 10000 events>"
    assert "whe_1 was not handled before the service ended" in caplog.text


UTF_16 = event().decode().encode("utf-16")


@pytest.mark.parametrize(
    ("body", "sign", "status"),
    [
        (event(), dict, 400),
        (event(), lambda: {"TL-Signature": "t=1,v1=00"}, 400),
        (event(), lambda: {"TL-Signature": "t=" + "9" * 5000 + ",v1=00"}, 400),
        (event(), lambda: {"TL-Signature": "\xff\xfe"}, 400),
        (event(), lambda: signed(event(), "whsec_2"), 400),
        (event(), lambda: signed(event() + b" "), 400),
        (event(), lambda: signed(event(), timestamp=int(time.time()) - 1000), 400),  # an old delivery that is replayed
        (b"", lambda: signed(b""), 422),
        (b"[1]", lambda: signed(b"[1]"), 422),
        (b"{}", lambda: signed(b"{}"), 422),
        (b"{" * 1000, lambda: signed(b"{" * 1000), 422),
        (b"\xff\xfe{}", lambda: signed(b"\xff\xfe{}"), 422),
        (UTF_16, lambda: signed(UTF_16), 422),
        (b'{"id": 5}', lambda: signed(b'{"id": 5}'), 422),
        (b'{"type": "new", "id": 5}', lambda: signed(b'{"type": "new", "id": 5}'), 204),
        (b"x" * 2_000_000, dict, 413),
    ],
    ids=lambda value: str(value) if isinstance(value, int) else "",
)
async def test_hostile_bodies(body: bytes, sign: Callable[[], dict[str, str]], status: int) -> None:
    handled = Handled()
    async with serving(application(handled)) as session:
        headers = {"Content-Type": "application/json; charset=utf-16", **sign()}
        assert await post(session, body, headers=headers) == status
        await asyncio.sleep(0)
    assert len(handled.events) == (status == 204)


async def test_a_large_body_without_a_length() -> None:
    async def pieces() -> Any:
        for _ in range(100):
            yield b"x" * 100_000

    async with serving(application(None)) as session, session.post("/hook", data=pieces()) as response:
        assert response.status == 413
        assert (await response.json())["code"] == "too_large"


async def test_a_large_length_is_refused_before_the_body() -> None:
    async with serving(application(None)) as session:
        assert session._base_url is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", session._base_url.port)
        writer.write(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
        assert b" 413 " in await reader.readline()
        writer.close()


async def test_a_body_that_does_not_come() -> None:
    async with serving(application(None, read_timeout=0.05)) as session:
        assert session._base_url is not None
        reader, writer = await asyncio.open_connection("127.0.0.1", session._base_url.port)
        writer.write(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        assert b" 408 " in await reader.readline()
        writer.close()


async def test_a_sender_that_leaves(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(application(None)) as session:
        assert session._base_url is not None
        _, writer = await asyncio.open_connection("127.0.0.1", session._base_url.port)
        writer.write(b"POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        await asyncio.sleep(0.05)
        writer.transport.abort()
        assert await post(session, event()) == 204
    assert "Exception in ASGI" not in caplog.text


async def test_waits_are_woken() -> None:
    notified: list[Any] = []

    class Client(AsyncTwelveLabs):
        def notify(self, event: Any) -> bool:
            notified.append(event)
            return super().notify(event)

    app = Starlette(routes=[webhook_route("/hook", SECRET)], lifespan=lifespan(lambda: Client(api_key=KEY)))
    async with serving(app) as session:
        assert await post(session, event()) == 204
        assert await post(session, b'{"type": "new"}') == 204  # nobody can wait for this
    assert len(notified) == 2


def test_secrets_are_rotated() -> None:
    app = Starlette(routes=[webhook_route("/hook", ["new", b"old"], notify=False)])
    browser = TestClient(app)
    for secret, status in (("new", 204), ("old", 204), ("other", 400)):
        assert browser.post("/hook", content=event(), headers=signed(event(), secret)).status_code == status


def test_without_the_lifespan() -> None:
    seen: list[Any] = []
    browser = TestClient(Starlette(routes=[webhook_route("/hook", SECRET, seen.append)]))
    with pytest.raises(ConfigurationError, match="lifespan"):
        browser.post("/hook", content=event(), headers=signed(event()))
    route = webhook_route("/hook", SECRET, seen.append, notify=False, background=False)
    browser = TestClient(FastAPI(routes=[route]))
    assert browser.post("/hook", content=event(), headers=signed(event())).status_code == 204
    assert browser.post("/hook", content=event(2), headers=signed(event(2))).status_code == 204  # another event loop
    assert len(seen) == 2
    assert browser.get("/hook").status_code == 405


@pytest.mark.parametrize("form", ["function", "partial", "lambda", "object"])
async def test_handlers_of_any_form(form: str) -> None:
    handled = Handled()

    async def function(_: int, received: Any) -> None:
        await handled(received)

    forms: dict[str, Any] = {
        "function": handled.events.append,
        "partial": functools.partial(function, 1),
        "lambda": lambda received: function(1, received),
        "object": handled,
    }
    async with serving(application(forms[form], background=False)) as session:
        assert await post(session, event()) == 204
    assert len(handled.events) == 1


class BrokenStore:
    """A store whose database is gone."""

    def __init__(self, breaks_on: str) -> None:
        self.breaks_on = breaks_on

    async def add(self, event_id: str, /) -> bool:
        if self.breaks_on == "add":
            raise ConnectionError("no store")
        return True

    async def remove(self, event_id: str, /) -> None:
        raise ConnectionError("no store")


async def test_an_event_is_not_accepted_without_the_store() -> None:
    handled = Handled()
    async with serving(application(handled, store=BrokenStore("add"))) as session:
        assert await post(session, event()) == 500
    assert not handled.events


async def test_an_event_that_cannot_be_forgotten_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    handled = Handled()
    handled.fails = 1
    async with serving(application(handled, store=BrokenStore("remove"), background=False)) as session:
        assert await post(session, event()) == 500
    assert "could not be forgotten" in caplog.text


async def test_the_store_is_bounded() -> None:
    store = MemoryEventStore(2)
    assert [await store.add(name) for name in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]
    await store.remove("a")
    await store.remove("unknown")
    assert await store.add("a")
    with pytest.raises(ValueError, match="max_events"):
        MemoryEventStore(0)


@pytest.mark.parametrize(
    ("secret", "options"),
    [
        ("", {}),
        ([], {}),
        (["a", " "], {}),
        ("a", {"max_bytes": 0}),
        ("a", {"max_concurrency": 0}),
        ("a", {"max_pending": -1}),
        ("a", {"read_timeout": 0}),
        ("a", {"tolerance": -1}),
    ],
)
def test_wrong_arguments(secret: Any, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"secret|above 0|tolerance"):
        webhook_route("/hook", secret, **options)

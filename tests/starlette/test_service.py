"""The lifespan, get_client, and what a shutdown waits for"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from twelvelabs_async import AsyncTwelveLabs, ConfigurationError
from twelvelabs_async.starlette import EventStreamResponse, exception_handlers, get_client, lifespan
from twelvelabs_async.starlette.signals import on_shutdown_signal
from twelvelabs_async.starlette.work import Work

from ..eventually import eventually
from .conftest import KEY, Platform, parse, serving, silent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Client = Annotated[AsyncTwelveLabs, Depends(get_client)]


def make() -> AsyncTwelveLabs:
    return AsyncTwelveLabs(api_key=KEY)


async def who(request: Request) -> Response:
    return JSONResponse({"closed": get_client(request).closed, "id": id(get_client(request))})


def test_the_client_is_made_at_each_start_and_closed_at_each_end() -> None:
    made: list[AsyncTwelveLabs] = []

    def count() -> AsyncTwelveLabs:
        made.append(make())
        return made[-1]

    app = Starlette(routes=[Route("/", who)], lifespan=lifespan(count))
    assert not made
    for number in (1, 2):
        with TestClient(app) as browser:
            assert browser.get("/").json() == {"closed": False, "id": id(made[-1])}
        assert len(made) == number
        assert made[-1].closed
    assert not hasattr(app.state, "twelvelabs_service")


def test_a_client_that_was_passed_in_stays_open() -> None:
    client = make()
    app = Starlette(routes=[Route("/", who)], lifespan=lifespan(client))
    for _ in range(2):
        with TestClient(app) as browser:
            assert browser.get("/").json() == {"closed": False, "id": id(client)}
    assert not client.closed


def test_without_a_key_the_application_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TWELVE_LABS_API_KEY", "TWELVELABS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="TWELVE_LABS_API_KEY"), TestClient(Starlette(lifespan=lifespan())):
        pass


def test_without_the_lifespan_the_error_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    app = Starlette(routes=[Route("/", who)], lifespan=lifespan(make))
    with pytest.raises(ConfigurationError, match=r"with TestClient\(app\)"):
        TestClient(app).get("/")
    app = Starlette(routes=[Route("/", who)], exception_handlers=exception_handlers)
    response = TestClient(app).get("/")
    assert response.status_code == 500
    assert response.json()["code"] == "internal_error"
    assert "lifespan" not in response.text
    assert "its lifespan is missing" in caplog.text


def test_as_a_dependency_of_fastapi() -> None:
    app = FastAPI(lifespan=lifespan(make))

    @app.get("/closed")
    async def closed(client: Client) -> bool:
        return client.closed

    @app.websocket("/ws")
    async def socket(websocket: WebSocket, client: Client) -> None:
        await websocket.accept()
        await websocket.send_json(client.closed)
        await websocket.close()

    with TestClient(app) as browser:
        assert browser.get("/closed").json() is False
        with browser.websocket_connect("/ws") as connection:
            assert connection.receive_json() is False


def test_the_lifespan_of_the_application_itself_inside() -> None:
    seen: list[str] = []

    @contextlib.asynccontextmanager
    async def own(app: Any) -> AsyncIterator[dict[str, int]]:
        seen.append(f"client closed: {app.state.twelvelabs_service.client.closed}")
        yield {"answer": 42}
        seen.append(f"client closed: {app.state.twelvelabs_service.client.closed}")

    async def both(request: Request) -> Response:
        return JSONResponse([request.state.answer, get_client(request).closed])

    app = Starlette(routes=[Route("/", both)], lifespan=lifespan(make, inner=own))
    with TestClient(app) as browser:
        assert browser.get("/").json() == [42, False]
    assert seen == ["client closed: False"] * 2


@pytest.mark.parametrize("passes_state", [True, False])
def test_inside_a_lifespan_of_the_application_itself(passes_state: bool) -> None:
    @contextlib.asynccontextmanager
    async def own(app: Any) -> AsyncIterator[dict[str, Any]]:
        async with lifespan(make)(app) as state:
            yield {"answer": 42, **(state if passes_state else {})}

    app = Starlette(routes=[Route("/", who)], lifespan=own)
    with TestClient(app) as browser:
        assert browser.get("/").json()["closed"] is False


def test_lifespans_in_each_other() -> None:
    outer, inner = make(), make()
    app = Starlette(routes=[Route("/", who)], lifespan=lifespan(lambda: outer, inner=lifespan(lambda: inner)))
    with TestClient(app) as browser:
        assert browser.get("/").json()["id"] == id(inner)
    assert outer.closed
    assert inner.closed


def test_a_mounted_application_uses_the_client_of_the_outer_one() -> None:
    inner = Starlette(routes=[Route("/", who)])
    app = FastAPI(lifespan=lifespan(make))
    app.router.routes.append(Mount("/inner", app=inner))
    with TestClient(app) as browser:
        assert browser.get("/inner/").json()["closed"] is False


def test_an_application_that_is_no_starlette() -> None:
    async def run() -> None:
        async with lifespan(make)(object()) as state:
            scope = {"type": "http", "state": state}
            assert get_client(Request(scope)).closed is False

    asyncio.run(run())


def test_an_error_of_the_inner_lifespan_closes_the_client() -> None:
    client = make()

    async def connect() -> None:
        raise RuntimeError("no database")

    @contextlib.asynccontextmanager
    async def own(_: Any) -> AsyncIterator[None]:
        await connect()
        yield

    with (
        pytest.raises(RuntimeError, match="no database"),
        TestClient(Starlette(lifespan=lifespan(lambda: client, inner=own))),
    ):
        pass
    assert client.closed


@pytest.mark.parametrize("grace", [-1, float("nan")])
def test_wrong_grace(grace: float) -> None:
    with pytest.raises(ValueError, match="grace must be"):
        lifespan(grace=grace)


async def test_streams_that_do_not_end_are_told_and_ended(platform: Platform) -> None:
    """Without the signal, too: the end of the lifespan is enough."""
    platform.script = silent
    service: Any = None

    async def describe(request: Request) -> Response:
        stream = get_client(request).analyze_stream(video={"type": "asset_id", "asset_id": "a"}, prompt="?")
        return EventStreamResponse(stream)

    app = Starlette(routes=[Route("/", describe)], lifespan=lifespan(platform.client, grace=0.05))
    async with serving(app) as session:
        response = await session.get("/")
        await response.content.readuntil(b"data")
        service = app.state.twelvelabs_service
        assert len(service.work) == 1
        await service.work.drain()
        events = parse("data" + await response.text())
        assert events[-1]["event"] == "error"
        assert "shutting_down" in events[-1]["data"]
        await eventually(lambda: platform.open == 0)
        # What begins after the end of the grace period is refused.
        async with session.get("/") as late:
            assert late.status in {200, 503}
            if late.status == 200:
                assert "shutting_down" in await late.text()


class TestWork:
    async def test_it_waits_for_what_ends_in_time(self) -> None:
        work = Work(30)
        done = []

        async def task() -> None:
            await asyncio.sleep(0.02)
            done.append(1)

        work.start(task())
        await work.drain()
        assert done == [1]
        assert len(work) == 0

    async def test_it_cancels_what_does_not(self) -> None:
        work = Work(0.02)
        task = work.start(asyncio.sleep(3600))
        await work.drain()
        assert task.cancelled()
        assert work.stopped

    async def test_what_begins_after_the_grace_period_is_stopped_at_once(self) -> None:
        work = Work(0)
        await work.drain()
        stopped = []
        with work.running(lambda: stopped.append(1)):
            assert stopped == [1]

    async def test_the_grace_period_begins_once(self) -> None:
        work = Work(0.01)
        stopped = asyncio.Event()
        with work.running(stopped.set):
            work.begin_shutdown()
            work.begin_shutdown()
            await stopped.wait()
        assert work.draining
        assert repr(work) == "<Work: 0 in progress, draining>"

    async def test_what_does_not_stop_does_not_keep_the_shutdown(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("twelvelabs_async.starlette.work.STOP_SECONDS", 0.01)
        work = Work(0)
        with work.running(lambda: None):
            await work.drain()
        assert len(work) == 0


@pytest.mark.usefixtures("no_signals")
class TestSignals:
    async def test_the_handler_of_the_server_is_called_as_well(self) -> None:
        server: list[int] = []
        ours: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: server.append(number))
        before = signal.getsignal(signal.SIGTERM)
        with on_shutdown_signal(lambda: ours.append(1)):
            signal.raise_signal(signal.SIGTERM)
            await eventually(lambda: ours)
        assert server == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is before

    async def test_a_signal_that_nobody_handles_keeps_its_meaning(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with on_shutdown_signal(lambda: None):
            assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

    async def test_a_handler_that_was_put_in_front_stays(self) -> None:
        server: list[int] = []
        ours: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: server.append(number))
        with on_shutdown_signal(lambda: ours.append(1)):
            between: Any = signal.getsignal(signal.SIGTERM)
            signal.signal(signal.SIGTERM, in_front := functools.partial(between))
        assert signal.getsignal(signal.SIGTERM) is in_front
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        assert (server, ours) == ([signal.SIGTERM], [])

    def test_outside_of_the_main_thread_it_does_nothing(self) -> None:
        before = signal.getsignal(signal.SIGTERM)

        async def look() -> bool:
            with on_shutdown_signal(lambda: None):
                return signal.getsignal(signal.SIGTERM) is before

        async def outer() -> bool:
            return await asyncio.to_thread(lambda: asyncio.run(look()))

        assert asyncio.run(outer())

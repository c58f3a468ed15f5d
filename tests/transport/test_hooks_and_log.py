"""Hooks, logging and the state of the limits."""

from __future__ import annotations

import asyncio
import io
import logging
import subprocess
import sys
from typing import Any

import pytest

from twelvelabs_async._config.events import LimitEvent, RequestEvent, ResponseEvent, RetryEvent
from twelvelabs_async._config.hooks import Hooks
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._transport import log
from twelvelabs_async.errors import APIConnectionError, InternalServerError

from .conftest import KEY, Connect, Peer, Serve, eventually, get, post


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond(b"{}", "200 OK", "X-Request-Id: req_7")


async def test_hooks_see_every_attempt(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        if peer.number == 1:
            peer.reset()
            return
        await peer.respond(b"{}", "503 Later")
        await peer.request()
        await peer.respond(b"{}", "200 OK", "X-Request-Id: req_7")

    seen: list[Any] = []
    hooks = Hooks(on_request=seen.append, on_response=seen.append, on_retry=seen.append, on_limit=seen.append)
    server = await serve(handler)
    await connect(server.url, hooks=hooks).send(get("/things", query=[("page", "2")]))
    assert [type(event) for event in seen] == [
        RequestEvent,
        ResponseEvent,
        RetryEvent,
        RequestEvent,
        LimitEvent,
        ResponseEvent,
        RetryEvent,
        RequestEvent,
        ResponseEvent,
    ]
    first, lost, retry, _, slowed, late, _, third, done = seen
    assert (first.operation, first.method, first.url, first.attempt) == ("listThings", "GET", "/things?page=2", 1)
    assert (lost.status, type(lost.error), lost.cancelled) == (None, APIConnectionError, False)
    assert (retry.attempt, type(retry.error)) == (1, APIConnectionError)
    assert retry.pause > 0
    assert (slowed.name, slowed.kind, slowed.in_flight_limit) == ("things", "slowed", 50)
    assert (late.status, type(late.error)) == (503, InternalServerError)
    assert (third.attempt, done.status, done.request_id, done.error) == (3, 200, "req_7", None)
    assert done.duration > 0


async def test_hook_is_told_of_pauses_and_recoveries(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"{}", "429 Slow", "Retry-After: 0.01")
        while True:
            await peer.request()
            await peer.respond()

    seen: list[LimitEvent] = []
    server = await serve(handler)
    transport = connect(server.url, hooks=Hooks(on_limit=seen.append))
    await transport.send(get(rate_limit_group="search"))
    assert [(event.kind, event.seconds, event.in_flight_limit) for event in seen] == [
        ("paused", 0.01, None),
        ("slowed", None, 50),
    ]
    await eventually(lambda: len(seen) == 3)  # time alone brings the limit back
    assert (seen[2].kind, seen[2].in_flight_limit) == ("recovered", 100)
    assert {event.name for event in seen} == {"search"}
    state = transport.limits.concurrency["search"]
    assert (state.limit, state.in_flight, state.waiting) == (100, 0, 0)


async def test_hook_that_fails_changes_nothing(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(event: object) -> None:
        raise RuntimeError("hook")

    server = await serve(responding)
    transport = connect(server.url, hooks=Hooks(on_request=broken, on_response=broken))
    assert (await transport.send(get())).status == 200
    assert caplog.text.count("a hook raised an exception") == 2


def test_hooks_are_plain_functions() -> None:
    async def hook(event: object) -> None: ...

    with pytest.raises(TypeError, match="on_request must be a plain function"):
        Hooks(on_request=hook)
    with pytest.raises(TypeError, match="on_retry must be a function"):
        Hooks(on_retry=5)  # type: ignore[arg-type]


async def test_cancelled_attempt_is_reported(serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(30)

    seen: list[ResponseEvent] = []
    caplog.set_level(logging.DEBUG, "twelvelabs_async")
    server = await serve(handler)
    transport = connect(server.url, hooks=Hooks(on_response=seen.append))
    call = asyncio.create_task(transport.send(get()))
    await eventually(lambda: server.heads)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
    assert [(event.status, event.cancelled) for event in seen] == [(None, True)]
    assert "error=cancelled" in caplog.text


async def test_debug_log_has_one_structured_line_per_attempt(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "twelvelabs_async")
    server = await serve(responding)
    transport = connect(server.url)
    await transport.send(post("/things", body=JsonBody(b"{}"), query=[("api_key", KEY), ("q", "x y")]))
    (record,) = [record for record in caplog.records if record.name == "twelvelabs_async"]
    assert record.getMessage().startswith("POST /things?api_key=***&q=x%20y createThing attempt=1 status=200 duration=")
    assert record.getMessage().endswith("request_id=req_7")
    fields = record.__dict__["twelvelabs"]
    assert fields["operation"] == "createThing"
    assert fields["status"] == 200
    assert KEY not in str(record.__dict__)


async def test_nothing_is_formatted_while_logging_is_off(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*args: object, **kwargs: object) -> None:
        raise AssertionError("logging is off")

    monkeypatch.setattr(log, "log_attempt", forbidden)
    monkeypatch.setattr(log, "show_url", forbidden)
    server = await serve(responding)
    assert (await connect(server.url).send(get())).status == 200


@pytest.mark.parametrize(
    ("value", "lines", "expected"),
    [("debug", 2, "DEBUG"), ("INFO", 0, ""), ("", 0, ""), ("nonsense", 1, "it knows debug")],
)
def test_environment_variable_turns_logging_on(value: str, lines: int, expected: str) -> None:
    script = (
        "import logging\n"
        "from twelvelabs_async import AsyncTwelveLabs\n"
        "AsyncTwelveLabs(api_key='k'); AsyncTwelveLabs(api_key='k')\n"
        "logging.getLogger('twelvelabs_async').debug('one')\n"
        "logging.getLogger('twelvelabs_async.x').debug('two')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"TWELVELABS_LOG": value, "PATH": "", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    got = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(set(got)) == lines, done.stderr
    assert expected in done.stderr


def test_handlers_of_the_application_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    logger = logging.getLogger("twelvelabs_async")
    handler = logging.StreamHandler(io.StringIO())
    logger.addHandler(handler)
    level = logger.level
    monkeypatch.setenv("TWELVELABS_LOG", "debug")
    try:
        log.set_up()
        assert logger.handlers == [handler]
        assert logger.level == logging.DEBUG
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


async def test_hooks_and_log_do_not_show_the_key_in_a_path(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "twelvelabs_async")
    seen: list[Any] = []
    server = await serve(responding)
    transport = connect(server.url, hooks=Hooks(on_request=seen.append, on_response=seen.append))
    await transport.send(get(f"/things/{KEY}", query=[("q", KEY)]))
    assert [event.url for event in seen] == ["/things/***?q=***"] * 2
    assert KEY not in caplog.text

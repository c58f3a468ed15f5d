"""Deadlines, concurrency, rate limits and retries against servers that do odd things: one table, one row a behaviour.

A row is a server (how it responds to the request of a number), the settings of the client, and what is done and must
hold. To add one, write a function and put it into `ROWS`. Nothing here measures how fast something is: rows count
requests and requests in flight at the server, or check that a call ended long before the server would have let it.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from twelvelabs_async import (
    APIStatusError,
    APITimeoutError,
    AsyncTwelveLabs,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    NotFoundError,
    RetryPolicy,
    Timeout,
    TooManyRequestsError,
)

from .conftest import KEY, Peer, Serve, eventually

if TYPE_CHECKING:
    from twelvelabs_async.streaming import AsyncStream

FOREVER = 30.0
"""Seconds that no test waits: what ends earlier was ended by the client."""

INDEX = b'{"_id":"i1","index_name":"films","models":[],"created_at":"2026-01-01T00:00:00Z"}'


@attrs.frozen
class Says:
    """One response of the server."""

    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    body: bytes = INDEX
    delay: float = 0.0
    stream: bool = False
    stalls: bool = False


@attrs.define(eq=False)
class Platform:
    """A server that responds to the request of a number, and counts."""

    respond: Callable[[int], Says]
    requests: int = 0
    in_flight: int = 0
    most: int = 0
    release: asyncio.Event = attrs.field(factory=asyncio.Event)

    async def serve(self, peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            number = self.requests
            self.requests += 1
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
            says = self.respond(number)
            try:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(says.delay):
                        await self.release.wait()
            finally:
                self.in_flight -= 1
            if says.stream:
                peer.writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                await peer.reader.read()  # until the client leaves
                return
            if says.stalls:  # a part of the body, then silence
                await peer.respond(says.body, says.status, *says.headers, length=len(says.body) + 10)
                await peer.reader.read()
                return
            await peer.respond(says.body, says.status, *says.headers)


Act = Callable[[AsyncTwelveLabs, Platform], Awaitable[None]]


@attrs.frozen
class Row:
    """One behaviour."""

    id: str
    respond: Callable[[int], Says]
    act: Act
    client: dict[str, Any] = attrs.field(factory=dict)


def always(says: Says | None = None) -> Callable[[int], Says]:
    return lambda _: says or Says()


def first(says: Says, then: Says | None = None) -> Callable[[int], Says]:
    return lambda number: says if number == 0 else then or Says()


def window(remaining: str | int, reset: str | int | None, limit: str | int = 100, date: float | None = None) -> Says:
    headers = [f"X-Ratelimit-Limit: {limit}", f"X-Ratelimit-Remaining: {remaining}"]
    headers += [] if reset is None else [f"X-Ratelimit-Reset: {reset}"]
    headers += [] if date is None else [f"Date: {email.utils.formatdate(date, usegmt=True)}"]
    return Says(headers=tuple(headers))


def open_stream(client: AsyncTwelveLabs) -> AsyncStream[Any]:
    return client.analyze_stream(video={"type": "asset_id", "asset_id": "a1"}, prompt="What?")


async def call(client: AsyncTwelveLabs) -> object:
    return await client.indexes.retrieve("i1")


async def times_out(call: Awaitable[object], match: str) -> APITimeoutError:
    """The call ends by itself, long before FOREVER."""
    async with asyncio.timeout(FOREVER / 3):
        with pytest.raises(APITimeoutError, match=match) as caught:
            await call
    return caught.value


# A caller's timeout is the caller's clock


async def spent_window(client: AsyncTwelveLabs, platform: Platform) -> None:
    await call(client)
    error = await times_out(call(client), r"the rate limit of '\w+' pauses for \d+\.\d s, until 20\d\d-.* UTC")
    assert platform.requests == 1
    assert error.attempts == 0


async def pause_of_another_call(client: AsyncTwelveLabs, platform: Platform) -> None:
    patient = asyncio.create_task(call(client.with_options(timeout=Timeout())))
    await eventually(lambda: any(group.paused_for for group in client.limits.groups.values()))
    await times_out(call(client), r"the rate limit of '\w+' pauses for")
    assert platform.requests == 1
    patient.cancel()
    await asyncio.gather(patient, return_exceptions=True)


async def pause_of_its_own(client: AsyncTwelveLabs, platform: Platform) -> None:
    with pytest.raises(TooManyRequestsError) as caught:
        await call(client)
    assert "would end after the call's timeout of 2 s" in "".join(caught.value.__notes__)
    assert platform.requests == 1


async def queueing(client: AsyncTwelveLabs, platform: Platform) -> None:
    slow = asyncio.create_task(call(client.with_options(timeout=Timeout())))
    await eventually(lambda: platform.in_flight)
    await times_out(call(client), r"timeout of 0\.3 s was reached: all 1 connections are in use \(1 x retrieveIndex")
    await times_out(client.indexes.retrieve("i1", request_options={"timeout_in_seconds": 0.1}), r"timeout of 0\.1 s")
    assert platform.requests == 1
    platform.release.set()
    await slow


async def retries(client: AsyncTwelveLabs, platform: Platform) -> None:
    with pytest.raises((APITimeoutError, InternalServerError)):
        async with asyncio.timeout(FOREVER / 3):
            await call(client)
    assert 2 <= platform.requests <= 5


async def opening_a_stream(client: AsyncTwelveLabs, platform: Platform) -> None:
    async with open_stream(client.with_options(timeout=Timeout())):
        await times_out(open_stream(client).__aenter__(), r"timeout of 0\.3 s was reached: streams hold all")
    assert platform.requests == 1


async def queue_limit(client: AsyncTwelveLabs, platform: Platform) -> None:
    slow = asyncio.create_task(call(client))
    await eventually(lambda: platform.in_flight)
    await times_out(call(client), r"its timeout of 0\.2 s was reached: all 1 connections")
    platform.release.set()
    await slow  # its own wait for the server is not bounded by `queue`


async def total_from_admission(client: AsyncTwelveLabs, platform: Platform) -> None:
    await asyncio.gather(*(call(client) for _ in range(12)))  # one after the other, 1.2 s in all
    assert platform.requests == 12


async def total_counts_retries(client: AsyncTwelveLabs, platform: Platform) -> None:
    with pytest.raises((APITimeoutError, InternalServerError)):
        async with asyncio.timeout(FOREVER / 3):
            await call(client)
    assert 2 <= platform.requests <= 5


async def waits_outlive_the_timeout(client: AsyncTwelveLabs, platform: Platform) -> None:
    held = [asyncio.create_task(call(client.with_options(timeout=Timeout()))) for _ in range(1)]
    await eventually(lambda: platform.in_flight)
    waiting = asyncio.create_task(client.assets.wait_for_done("a1", sleep_interval=0.1, timeout=FOREVER))
    await eventually(lambda: client.limits.waiting == 1)
    await asyncio.sleep(0.5)  # longer than the timeout of the client, which begins when the check is admitted
    assert not waiting.done()
    platform.release.set()
    await asyncio.gather(*held, waiting)


async def bulk_outlives_the_timeout(client: AsyncTwelveLabs, platform: Platform) -> None:
    async with asyncio.timeout(FOREVER):
        created = await client.tasks.create_bulk(index_id="i1", video_urls=[f"https://x/{n}.mp4" for n in range(8)])
    assert len(created) == platform.requests == 8


# Nothing hangs


async def stream_in_stream(client: AsyncTwelveLabs, platform: Platform) -> None:
    async with open_stream(client):
        names = r"nothing was admitted for 0\.5 s: streams hold all 1 .*\(1 x \w+ \(stream or upload\)\)"
        await times_out(open_stream(client).__aenter__(), names)
    assert client.limits.in_flight == client.limits.waiting == 0


async def streams_in_many_tasks(client: AsyncTwelveLabs, platform: Platform) -> None:
    ready = asyncio.Barrier(75)

    async def nested() -> str:
        async with open_stream(client):
            await ready.wait()
            try:
                async with open_stream(client):
                    return "opened"
            except APITimeoutError:
                return "failed"

    async with asyncio.timeout(FOREVER):
        outcomes = await asyncio.gather(*(nested() for _ in range(75)))
    assert set(outcomes) <= {"opened", "failed"}
    assert outcomes.count("opened") >= 24
    assert client.limits.in_flight == client.limits.waiting == 0


async def nested_streams_after_a_503(client: AsyncTwelveLabs, platform: Platform) -> None:
    ready = asyncio.Barrier(4)

    async def nested() -> None:
        async with open_stream(client):
            await ready.wait()
            async with open_stream(client):
                pass

    async with asyncio.timeout(FOREVER):
        await asyncio.gather(*(nested() for _ in range(4)))
    assert platform.requests == 9


# Long calls never starve short ones


async def streams_leave_one_connection(client: AsyncTwelveLabs, platform: Platform) -> None:
    streams = [open_stream(client) for _ in range(3)]
    for stream in streams:
        await stream.__aenter__()
    waiting = asyncio.create_task(open_stream(client).__aenter__())
    await eventually(lambda: client.limits.waiting == 1)
    async with asyncio.timeout(FOREVER / 3):
        await client.tasks.retrieve("t1")
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    for stream in streams:
        await stream.close()


async def one_connection_of_their_own(client: AsyncTwelveLabs, platform: Platform) -> None:
    async with open_stream(client), asyncio.timeout(FOREVER / 3):
        await asyncio.gather(*(call(client) for _ in range(5)))
    assert platform.most == 1


async def after_adaptation(client: AsyncTwelveLabs, platform: Platform) -> None:
    streams = []
    for _ in range(3):
        stream = open_stream(client)
        await stream.__aenter__()
        streams.append(stream)
    async with asyncio.timeout(FOREVER / 3):
        await client.tasks.retrieve("t1")
    for stream in streams:
        await stream.close()


# Adaptation


async def one_503_takes_half(client: AsyncTwelveLabs, platform: Platform) -> None:
    await call(client)
    calls = [asyncio.create_task(call(client)) for _ in range(100)]
    await eventually(lambda: platform.in_flight >= 50)
    platform.release.set()
    await asyncio.gather(*calls)


async def a_404_is_no_overload(client: AsyncTwelveLabs, platform: Platform) -> None:
    await asyncio.gather(*(call(client) for _ in range(4)), return_exceptions=True)
    name = next(name for name in client.limits.concurrency)
    await eventually(lambda: client.limits.concurrency[name].limit == 100)


# Rate headers


async def no_reading(client: AsyncTwelveLabs, platform: Platform) -> None:
    await call(client)
    calls = [asyncio.create_task(call(client)) for _ in range(64)]
    await eventually(lambda: platform.in_flight == 64)
    platform.release.set()
    await asyncio.gather(*calls)
    assert platform.requests == 65


async def eight_before_the_first(client: AsyncTwelveLabs, platform: Platform) -> None:
    calls = [asyncio.create_task(call(client)) for _ in range(64)]
    await eventually(lambda: platform.in_flight == 8)
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert platform.requests == 8
    platform.release.set()
    await asyncio.gather(*calls)
    assert platform.requests == 64


async def clocks_that_differ(client: AsyncTwelveLabs, platform: Platform) -> None:
    """A reset in a second or two, by the server's clock: the next call waits for it, and for no more."""
    await call(client)
    (group,) = [group for group in client.limits.groups.values() if group.remaining == 0]
    assert group.reset_in is not None
    assert 0 < group.reset_in <= 2.4
    async with asyncio.timeout(FOREVER / 3):
        await call(client)
    assert platform.requests == 2


# The body of an error


def refused(error: type[APIStatusError], requests: int) -> Act:
    """The status counts, and decides about retries, although the body never ends."""

    async def act(client: AsyncTwelveLabs, platform: Platform) -> None:
        async with asyncio.timeout(FOREVER):
            with pytest.raises(error) as caught:
                await call(client)
        assert "code" in str(caught.value.body)
        assert platform.requests == requests

    return act


def stalling(status: str, *headers: str) -> Says:
    return Says(status, headers, b'{"code":"some_code"', stalls=True)


# The retry quota


async def outage(client: AsyncTwelveLabs, platform: Platform) -> None:
    outcomes = await asyncio.gather(*(call(client) for _ in range(200)), return_exceptions=True)
    assert all(isinstance(outcome, InternalServerError) for outcome in outcomes)
    assert platform.requests == 200 + 10
    assert client.limits.retry_quota.available == 0
    assert any("retry quota" in note for error in outcomes for note in getattr(error, "__notes__", ()))


async def quota_comes_back(client: AsyncTwelveLabs, platform: Platform) -> None:
    await asyncio.gather(*(call(client) for _ in range(40)), return_exceptions=True)
    assert client.limits.retry_quota.available < 5
    for _ in range(60):
        await call(client)
    assert client.limits.retry_quota.available == 50


async def refusals_with_a_time_are_free(client: AsyncTwelveLabs, platform: Platform) -> None:
    await call(client)
    assert platform.requests == 3
    assert client.limits.retry_quota.available == 50


QUICK = {"retry": RetryPolicy(initial=0.0)}
QUOTA = {"retry": RetryPolicy(initial=0.0, quota=50)}

UNUSABLE = {
    "no Reset": window(5, None),
    "Reset in the past": window(5, 1_500_000_000),
    "Reset zero": window(5, 0),
    "Reset NaN": window(5, "NaN"),
    "Reset as a date": window(0, "Sat, 21 Nov 2026 14:00:00 GMT"),
    "Reset as an ISO date": window(0, "2026-11-21T14:00:00Z"),
    "negative Remaining": window(-1, 60),
    "Limit zero": window(0, 60, limit=0),
}


def server_time(offset: float) -> Callable[[int], Says]:
    def respond(number: int) -> Says:
        now = time.time() + offset
        return window(0 if number == 0 else 50, int(now) + 2, date=now)

    return respond


SLOW = Says(delay=FOREVER)
BRIEF = Says(delay=0.1)
STREAM = Says(stream=True)
TASK = Says(body=b'{"_id":"t1","status":"ready","index_id":"i1"}')
ASSET = Says(body=b'{"_id":"a1","status":"ready"}')
BUSY = Says("503 Busy", body=b"{}")
BUSY_BRIEFLY = Says("503 Busy", ("Retry-After: 0",), b"{}")
WAIT_20 = Says("429 Slow", ("Retry-After: 20",), b"{}")

ROWS = [
    Row("timeout: after Remaining: 0", first(window(0, 25)), spent_window, {"timeout": 2}),
    Row("timeout: while another call's 429 pauses", always(WAIT_20), pause_of_another_call, {"timeout": 3}),
    Row("timeout: a pause of its own", always(WAIT_20), pause_of_its_own, {"timeout": 2}),
    Row("timeout: queueing", always(SLOW), queueing, {"timeout": 0.3, "max_connections": 1}),
    Row("timeout: retries", always(BUSY), retries, {"timeout": 1, "retry": RetryPolicy(max_retries=99, initial=0.4)}),
    Row("timeout: opening a stream", always(STREAM), opening_a_stream, {"timeout": 0.3, "max_streams": 1}),
    Row("Timeout(queue=)", always(SLOW), queue_limit, {"timeout": Timeout(queue=0.2), "max_connections": 1}),
    Row(
        "Timeout(total=): from admission",
        always(BRIEF),
        total_from_admission,
        {"timeout": Timeout(total=0.9), "max_connections": 1},
    ),
    Row(
        "Timeout(total=): with retries",
        always(BUSY),
        total_counts_retries,
        {"timeout": Timeout(total=1), "retry": RetryPolicy(max_retries=99, initial=0.4)},
    ),
    Row(
        "timeout: a wait outlives it",
        lambda number: SLOW if number == 0 else ASSET,
        waits_outlive_the_timeout,
        {"timeout": 0.3, "max_connections": 1},
    ),
    Row(
        "timeout: a bulk call outlives it",
        always(Says(body=b'{"_id":"t1","video_id":"v1"}', delay=0.2)),
        bulk_outlives_the_timeout,
        {"timeout": 1.2, "max_connections": 1},
    ),
    Row("hang: a stream in a stream", always(STREAM), stream_in_stream, {"max_streams": 1, "stall_timeout": 0.5}),
    Row("hang: streams in 75 tasks", always(STREAM), streams_in_many_tasks, {"stall_timeout": 0.5}),
    Row("hang: nested streams after a 503", first(BUSY_BRIEFLY, STREAM), nested_streams_after_a_503, QUICK),
    Row(
        "starve: streams leave one connection",
        lambda number: STREAM if number < 3 else TASK,
        streams_leave_one_connection,
        {"max_streams": 3, "max_connections": 1},
    ),
    Row(
        "starve: one connection",
        lambda number: STREAM if number == 0 else Says(),
        one_connection_of_their_own,
        {"max_connections": 1},
    ),
    Row(
        "starve: after adaptation",
        lambda number: BUSY_BRIEFLY if number == 0 else STREAM if number < 4 else TASK,
        after_adaptation,
        {"max_connections": 4, **QUICK},
    ),
    Row(
        "adapt: one 503 takes half",
        lambda number: BUSY if number == 0 else Says() if number == 1 else SLOW,
        one_503_takes_half,
        QUICK,
    ),
    Row(
        "adapt: 404 is no overload",
        first(BUSY, Says("404 Not Found", body=b'{"code":"resource_not_exist","message":"no"}')),
        a_404_is_no_overload,
        QUICK,
    ),
    *(Row(f"headers: {name}", first(says, SLOW), no_reading) for name, says in UNUSABLE.items()),
    Row("headers: none", first(Says(), SLOW), no_reading),
    Row("headers: eight before the first response", always(SLOW), eight_before_the_first),
    *(Row(f"headers: server's clock {offset:+} s", server_time(offset), clocks_that_differ) for offset in (-20, 0, 20)),
    Row("stalled body: 400", always(stalling("400 Bad Request")), refused(BadRequestError, 1), QUICK),
    Row("stalled body: 401", always(stalling("401 Unauthorized")), refused(AuthenticationError, 1), QUICK),
    Row("stalled body: 429", always(stalling("429 Slow", "Retry-After: 0")), refused(TooManyRequestsError, 3), QUICK),
    Row("stalled body: 503", always(stalling("503 Busy")), refused(InternalServerError, 3), QUICK),
    Row(
        "stalled body: within the timeout",
        always(stalling("404 Not Found")),
        refused(NotFoundError, 1),
        {"timeout": 0.5, **QUICK},
    ),
    Row("quota: an outage", always(BUSY), outage, QUOTA),
    Row("quota: it comes back", lambda n: BUSY if n < 50 else Says(), quota_comes_back, QUOTA),
    Row(
        "quota: 429 with Retry-After",
        lambda n: Says("429 Slow", ("Retry-After: 0",), b"{}") if n < 2 else Says(),
        refusals_with_a_time_are_free,
        QUOTA,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_odd_servers(serve: Serve, row: Row) -> None:
    platform = Platform(row.respond)
    server = await serve(platform.serve)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, **row.client) as client:
        await row.act(client, platform)

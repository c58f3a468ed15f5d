"""`RetryPolicy.when`: a function of the user decides about retries, within the limits."""

from __future__ import annotations

import asyncio
import io
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from twelvelabs_async import RetryContext, RetryPolicy, Timeout
from twelvelabs_async._request.form import FormBody, FormField
from twelvelabs_async._request.sources import FileSource
from twelvelabs_async.errors import (
    APIConnectionError,
    APITimeoutError,
    BadRequestError,
    ConflictError,
    InternalServerError,
    NotFoundError,
    TooManyRequestsError,
)

from .conftest import QUICK, Connect, Handler, Peer, Serve, get, post

When = Callable[[RetryContext], Any]


def always(_: RetryContext) -> bool:
    return True


def never(_: RetryContext) -> bool:
    return False


def policy(when: When, **settings: Any) -> RetryPolicy:
    return attrs.evolve(QUICK, when=when, **settings)


def answers(*statuses: str) -> Handler:
    """A server that answers with these statuses, in order; the last one is repeated."""
    left = list(statuses)

    async def handle(peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            await peer.respond(b"{}", left.pop(0) if len(left) > 1 else left[0])

    return handle


async def test_it_may_retry_what_the_client_would_not(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("409 Conflict", "500 Oops", "200 OK"))
    asked: list[RetryContext] = []

    def when(context: RetryContext) -> bool:
        asked.append(context)
        return True

    transport = connect(server.url, retry=policy(when))
    assert (await transport.send(post())).status == 200
    first, second = asked
    assert isinstance(first.error, ConflictError)
    assert (first.operation, first.method, first.attempt) == ("createThing", "POST", 1)
    assert (first.maybe_executed, first.default) == (False, False)
    assert isinstance(second.error, InternalServerError)
    assert (second.attempt, second.maybe_executed, second.default) == (2, True, False)
    assert transport.limits.in_flight == 0


async def test_it_may_refuse_what_the_client_would_retry(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("429 Slow down", "200 OK"))
    with pytest.raises(TooManyRequestsError):
        await connect(server.url, retry=policy(never)).send(get())
    assert len(server.heads) == 1


async def test_none_is_the_default(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("503 Busy", "404 Missing"))
    asked = []

    def when(context: RetryContext) -> None:
        asked.append((context.default, context.maybe_executed))

    with pytest.raises(NotFoundError):
        await connect(server.url, retry=policy(when)).send(get())
    assert asked == [(True, True), (False, True)]
    assert len(server.heads) == 2


async def test_a_request_that_was_not_sent(connect: Connect, unused_tcp_port: int) -> None:
    asked = []

    def when(context: RetryContext) -> bool:
        asked.append((context.default, context.maybe_executed, context.attempt))
        return False

    with pytest.raises(APIConnectionError):
        await connect(f"http://127.0.0.1:{unused_tcp_port}", retry=policy(when)).send(post())
    assert asked == [(True, False, 1)]


async def test_it_never_exceeds_the_number_of_retries(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("400 Bad"))
    transport = connect(server.url, retry=policy(always, max_retries=3))
    with pytest.raises(BadRequestError):
        await transport.send(post())
    assert len(server.heads) == 4
    with pytest.raises(BadRequestError):
        await transport.send(post(max_retries=0))
    assert len(server.heads) == 5


async def test_it_never_exceeds_the_quota(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("400 Bad"))
    with pytest.raises(BadRequestError) as caught:
        await connect(server.url, retry=policy(always, max_retries=9, quota=10)).send(post())
    assert len(server.heads) == 3
    assert "retry quota" in caught.value.__notes__[0]


async def test_it_never_exceeds_the_timeout(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("400 Bad"))
    transport = connect(server.url, retry=policy(always, initial=60, maximum=60), timeout=20)
    with pytest.raises(BadRequestError) as caught:
        await transport.send(post())
    assert len(server.heads) == 1
    assert "timeout" in caught.value.__notes__[0]


async def test_it_never_waits_longer_than_allowed(serve: Serve, connect: Connect) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"{}", "409 Conflict", "Retry-After: 61")

    server = await serve(handle)
    with pytest.raises(ConflictError):
        await connect(server.url, retry=policy(always, budget=0)).send(post())
    assert len(server.heads) == 1


async def test_a_body_that_cannot_be_read_again_is_not_sent_again(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("503 Busy"))
    source = FileSource(io.BytesIO(b"abc"), 0, 3, replayable=False)
    body = FormBody([FormField("file", source, filename="a", content_type="video/mp4")])
    assert not body.replayable
    with pytest.raises(InternalServerError):
        await connect(server.url, retry=policy(always)).send(post(body=body))
    assert len(server.heads) == 1


async def test_a_delete_that_was_retried_and_finds_nothing_has_succeeded(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("500 Oops", "404 Missing"))
    request = get()
    request.method = "DELETE"
    assert (await connect(server.url, retry=policy(always)).send(request)).status == 204


async def test_a_closed_client_asks_nobody(serve: Serve, connect: Connect) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await transport.close()
        await asyncio.sleep(0.01)

    def when(_: RetryContext) -> bool:
        raise AssertionError("asked")

    server = await serve(handle)
    transport = connect(server.url, retry=policy(when))
    with pytest.raises(APIConnectionError, match="closed") as caught:
        await transport.send(get())
    assert not caught.value.retryable


async def test_an_exception_of_the_function_is_raised(serve: Serve, connect: Connect) -> None:
    def when(_: RetryContext) -> bool:
        raise LookupError("a fault in the program")

    server = await serve(answers("409 Conflict"))
    transport = connect(server.url, retry=policy(when))
    with pytest.raises(LookupError, match="a fault") as caught:
        await transport.send(post())
    assert "409" in caught.value.__notes__[0]
    assert transport.limits.in_flight == 0
    with pytest.raises(LookupError):
        await transport.send(post())


async def test_something_else_than_a_bool_is_refused(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("409 Conflict"))
    with pytest.raises(TypeError, match="must return a bool or None, not int"):
        await connect(server.url, retry=policy(lambda _: 1)).send(post())


async def test_it_decides_about_streams_being_opened(serve: Serve, connect: Connect) -> None:
    server = await serve(answers("409 Conflict", "200 OK"))
    async with connect(server.url, retry=policy(always)).stream(post()) as response:
        assert response.status == 200


async def test_a_silent_server(serve: Serve, connect: Connect) -> None:
    async def handle(peer: Peer) -> None:
        await peer.request()
        await asyncio.sleep(10)

    asked = []

    def when(context: RetryContext) -> bool:
        asked.append((type(context.error), context.maybe_executed, context.default))
        return False

    server = await serve(handle)
    with pytest.raises(APITimeoutError):
        await connect(server.url, retry=policy(when), timeout=Timeout(read=0.05)).send(post())
    assert asked == [(APITimeoutError, True, False)]


def test_only_plain_functions() -> None:
    async def when(_: RetryContext) -> bool:
        return True

    class Asynchronous:
        async def __call__(self, context: RetryContext) -> bool:
            return True

    for wrong in (when, Asynchronous()):
        with pytest.raises(TypeError, match="plain function"):
            RetryPolicy(when=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="when must be a function, not bool"):
        RetryPolicy(when=True)  # type: ignore[arg-type]


def test_policies_can_be_compared_and_pickled() -> None:
    assert RetryPolicy(when=always) == RetryPolicy(when=always)
    assert RetryPolicy(when=always) != RetryPolicy(when=never)
    assert pickle.loads(pickle.dumps(RetryPolicy(when=always))) == RetryPolicy(when=always)
    assert pickle.loads(pickle.dumps(RetryPolicy())) == RetryPolicy()
    assert len({RetryPolicy(when=always), RetryPolicy(when=always), RetryPolicy()}) == 2

"""One pipeline for every request of this package.

send, stream ── run ─┬─ admit: may this group send now (rate), and is a slot free (gate)? Neither is a timeout
                     ├─ attempt: session, headers, the body made anew, the deadline running
                     ├─ answer: read with a cap, or the error that it stands for
                     └─ again? by RetryPolicy, only where that is safe, after a pause
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

import aiohttp

from . import _answer, _failures
from ._answer import StreamResponse
from ._deadline import CLOSED, Interrupt
from ._gate import Gate
from ._http import Response
from ._retry import Failure, harmless, parse_retry_after, status_effect
from ._sender import REDIRECTS, Sender, client_timeout, redirect_target
from ._session import SessionHolder, connections_made, must_be_live
from ._status import status_error
from .errors import APIStatusError, DecodeError

if TYPE_CHECKING:
    from types import TracebackType

    from ._config import Config
    from ._deadline import Timeout
    from ._gate import Lane
    from ._http import Request
    from ._operation import Tier

MAX_STALE: Final = 3
"""Used connections that may turn out to be closed, one after the other, before it counts as an attempt."""

_TIERS: Final[tuple[Tier, ...]] = ("call", "upload", "stream")


class Shared:
    """What a client and its `with_options` copies have in common."""

    def __init__(self, config: Config) -> None:
        self.holder = SessionHolder(config)
        self.gate = Gate(config.max_connections, config.adaptive)
        self.calls: set[Interrupt] = set()
        self.streams: set[StreamResponse] = set()


class _Call(Interrupt):
    """One call on its way through the pipeline: the request, and what its attempts have used up."""

    __slots__ = ("attempts", "doubtful", "epoch", "lane", "limits", "paused", "request", "stale", "total")

    def __init__(self, loop: asyncio.AbstractEventLoop, request: Request, limits: Timeout, lane: Lane) -> None:
        total = request.timeout if request.timeout is not None else limits.total
        super().__init__(loop, total)
        self.total = total
        self.request = request
        self.limits = limits
        self.lane = lane
        self.epoch = 0
        self.attempts = 0
        self.stale = 0
        self.paused = 0.0
        self.doubtful = False


class Transport:
    """Sends requests. Making one does no I/O and needs no event loop."""

    def __init__(self, config: Config, shared: Shared | None = None) -> None:
        self.config = config
        self._shared = shared or Shared(config)
        self._sender = Sender(config)
        own_pool = config.session is None and config.connector is None
        self._tiers = {
            tier: (limits := config.timeouts.tier(tier), client_timeout(limits, own_pool)) for tier in _TIERS
        }

    def with_config(self, config: Config) -> Transport:
        """A transport with other settings that shares the session, the gates and the limits."""
        return Transport(config, self._shared)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._shared.holder.closed

    async def send(self, request: Request) -> Response:
        """Send a request and read its answer. What is not 2xx, and no answer at all, is raised as an error."""
        call = self._begin(request)
        try:
            answer = await self._run(call, stream=False)
        finally:
            self._shared.calls.discard(call)
        assert isinstance(answer, Response)  # noqa: S101 - told to the type checker
        return answer

    def stream(self, request: Request) -> StreamContext:
        """Send a request and hand out its answer piece by piece, within `async with`."""
        return StreamContext(self, request)

    async def open(self, request: Request) -> StreamResponse:
        """Like `stream`, for callers that close the answer themselves."""
        call = self._begin(request)
        try:
            answer = await self._run(call, stream=True)
        finally:
            self._shared.calls.discard(call)
        assert isinstance(answer, StreamResponse)  # noqa: S101 - told to the type checker
        return answer

    async def close(self) -> None:
        """End what is going on with an APIConnectionError in each call, and close what was made here."""
        shared = self._shared
        shared.holder.closed = True
        for call in tuple(shared.calls):
            call.cancel(CLOSED)
        for stream in tuple(shared.streams):
            stream.end()
        await shared.holder.close()

    def _begin(self, request: Request) -> _Call:
        loop = asyncio.get_running_loop()
        self._shared.holder.get(loop)
        limits, _ = self._tiers[request.tier]
        call = _Call(loop, request, limits, self._shared.gate.lane(_lane_name(request), request.tier != "call"))
        self._shared.calls.add(call)
        return call

    async def _run(self, call: _Call, stream: bool) -> Response | StreamResponse:
        error: Exception
        try:
            while True:
                if not self._shared.gate.take(call.lane):
                    await self._shared.gate.wait(call.lane)
                outcome = await self._attempt(call, stream)
                if not isinstance(outcome, Failure):
                    if call.reason is not None:
                        call.caught()
                    return outcome
                pause = self._pause(call, outcome)
                if pause is None:
                    error = outcome.error
                    break
                if pause:
                    await asyncio.sleep(pause)
        except asyncio.CancelledError:
            reason = call.caught()
            if reason is None:
                raise
            error = _interrupted(call, reason)
        else:
            if call.reason is not None:
                call.caught()
        # Raised here and not where it was caught: aiohttp's exception would hang on it, and shows headers and URLs.
        raise error

    def _pause(self, call: _Call, failure: Failure) -> float | None:
        """Seconds until the next attempt; None if there is none."""
        request, policy = call.request, self.config.retry
        replayable = request.body is None or request.body.replayable
        repeat_is_harmless = harmless(request.method, request.repeatable)
        if failure.effect == "unknown":
            call.doubtful = True
            if not repeat_is_harmless:
                return None
        if failure.effect == "final" or not (replayable or failure.effect == "unsent"):
            return None
        if failure.disconnected and call.stale < MAX_STALE:
            call.stale += 1
            call.attempts -= 1
            return 0.0
        retries = policy.max_retries if request.max_retries is None else request.max_retries
        if call.attempts > retries:
            return None
        pause = policy.backoff(call.attempts - 1)
        if failure.retry_after is not None:
            if failure.retry_after > policy.max_retry_after:
                return None
            pause = max(pause, policy.spread(failure.retry_after))
        call.paused += pause
        if policy.budget is not None and call.paused > policy.budget:
            return None
        if call.remaining is not None:
            if pause >= call.remaining:
                return None
            call.remaining -= pause
        return pause

    async def _attempt(self, call: _Call, stream: bool) -> Response | StreamResponse | Failure:
        """One attempt under a slot that is held; the slot goes back here, or with the stream."""
        shared, request, lane = self._shared, call.request, call.lane
        call.attempts += 1
        call.epoch = lane.epoch
        session = shared.holder.get(call.loop)
        response: aiohttp.ClientResponse | None = None
        kept = False
        made = connections_made.get()
        # A request that cannot be repeated must not be lost on a connection that the server has closed already.
        token = None if harmless(request.method, request.repeatable) else must_be_live.set(True)
        try:
            call.start()
            response = await self._sender.send(session, request, self._client_timeout(call))
            if not 200 <= response.status < 300:
                return await self._refused(call, response)
            shared.gate.good(lane)
            if stream:
                kept = True
                return self._keep(call, response)
            body = await _answer.read(response, self.config.max_response_bytes)
            headers = response.headers
            return Response(
                status=response.status, headers=headers, body=body, request_id=_answer.request_id_of(headers)
            )
        except DecodeError as error:
            return Failure(error, "final")
        except (aiohttp.ClientError, OSError, RuntimeError) as exc:
            if shared.holder.closed or session.closed:
                return Failure(_failures.closed(request, call.attempts), "final")
            if isinstance(exc, RuntimeError):
                raise
            failure = _failures.describe(exc, request, self._sender.target(request), call.limits, call.attempts)
            if response is None and failure.disconnected and connections_made.get() == made and shared.holder.counts:
                return failure
            return Failure(failure.error, failure.effect)
        finally:
            call.stop()
            if token is not None:
                must_be_live.reset(token)
            if not kept:
                if response is not None and not response.closed:
                    response.close()
                shared.gate.release(lane)

    def _client_timeout(self, call: _Call) -> aiohttp.ClientTimeout:
        return self._tiers[call.request.tier][1]

    def _keep(self, call: _Call, response: aiohttp.ClientResponse) -> StreamResponse:
        """Hand an answer out; its slot comes back when it is closed."""
        shared, lane = self._shared, call.lane

        def on_close(stream: StreamResponse) -> None:
            shared.streams.discard(stream)
            shared.gate.release(lane)

        call.stop()
        stream = StreamResponse(
            call.request,
            response,
            attempts=call.attempts,
            origin=self._sender.target(call.request),
            remaining=call.remaining,
            limits=call.limits,
            calls=shared.calls,
            on_close=on_close,
        )
        shared.streams.add(stream)
        return stream

    async def _refused(self, call: _Call, response: aiohttp.ClientResponse) -> Failure | Response:
        """Make the error for an answer that is not 2xx."""
        request, status, headers = call.request, response.status, response.headers
        request_id = _answer.request_id_of(headers)
        if status == 404 and request.method == "DELETE" and call.doubtful:
            # An earlier attempt brought no answer, but did its work.
            return Response(status=204, headers=headers, body=b"", request_id=request_id)
        retry_after = parse_retry_after(headers, time.time())
        if status in REDIRECTS:
            return Failure(_redirect_error(request, response, request_id), "final")
        body = await _answer.read_start(response, _answer.MAX_ERROR_BYTES)
        error = status_error(status, headers, body, request_id=request_id, secret=self.config.api_key)
        if status in {429, 503}:
            self._shared.gate.overloaded(call.lane, call.epoch)
        return Failure(
            error, status_effect(status, request.method, request.repeatable, retry_after), retry_after=retry_after
        )


class StreamContext:
    """`async with transport.stream(request) as response`: opens the answer, and closes it in any case."""

    def __init__(self, transport: Transport, request: Request) -> None:
        self._transport = transport
        self._request = request
        self._response: StreamResponse | None = None

    async def __aenter__(self) -> StreamResponse:
        self._response = await self._transport.open(self._request)
        return self._response

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.close()


def _lane_name(request: Request) -> str:
    """Requests of one rate-limit group, or of one resource, share a lane."""
    if request.url is not None:
        return "(presigned)"
    return request.rate_limit_group or request.path.split("/", 2)[1]


def _interrupted(call: _Call, reason: str) -> Exception:
    if reason == CLOSED:
        return _failures.closed(call.request, call.attempts)
    return _failures.expired(call.request, call.total, call.attempts)


def _redirect_error(request: Request, response: aiohttp.ClientResponse, request_id: str | None) -> APIStatusError:
    target = redirect_target(response)
    where = "nowhere" if target is None else f"{target.scheme}://{target.raw_authority}{target.raw_path}"
    return APIStatusError(
        f"{request.method} {request.operation} was redirected to {where}, which was not followed: requests that change "
        "something are not sent twice, and the API key stays with its origin. Check base_url.",
        status=response.status,
        request_id=request_id,
    )

"""One pipeline for every request of this package.

send, stream ── run ─┬─ admit: may this group send now (rate), is a slot free (gate)? Neither wait is a timeout
                     ├─ attempt: session, headers, the body made anew, the deadline running
                     ├─ answer: read with a cap, or the error that it stands for
                     └─ again? by RetryPolicy, only where that is safe, after a pause
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp
import attrs

from .._request.message import Response
from ..errors import DecodeError
from . import failures, incoming, log
from .connector import ConnectionContext, current_call
from .deadline import CLOSED, SILENT
from .incoming import StreamContext, StreamResponse, request_id_of
from .limits.headers import read_windows
from .observers import Watcher
from .outgoing import REDIRECTS, RequestEncoder, client_timeout
from .retry import Failure, is_idempotent, parse_retry_after, status_effect
from .state import ClientState
from .status_errors import status_error

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .._config.config import Config
    from .._config.hooks import CallRecord, LimitsState
    from .._config.timeouts import Timeout
    from .._request.message import Request
    from .._request.operation import TimeoutProfile
    from .deadline import Watchdog
    from .limits.concurrency import Lane
    from .limits.rate_limit import Group

__all__ = ["StreamContext", "StreamResponse", "Transport"]

MAX_STALE: Final = 3
"""Used connections that may turn out to be closed, one after the other, before it counts as an attempt."""

_TIERS: Final[tuple[TimeoutProfile, ...]] = ("call", "upload", "stream")


class _Tier(NamedTuple):
    """Limits of one kind of call.

    Attributes:
        limits: As the user set them.
        timeout: The part of them that aiohttp watches.
        read: Longest silence, where we watch it.
        long: Whether the slot is held for long.
    """

    limits: Timeout
    timeout: aiohttp.ClientTimeout
    read: float | None
    long: bool


class _Call(ConnectionContext):
    """One call on its way through the pipeline: the request, and what its attempts have used up."""

    __slots__ = (
        "attempts",
        "group",
        "lane",
        "maybe_executed",
        "paused",
        "session",
        "stale",
        "timeout_profile",
        "total",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        watchdog: Watchdog,
        session: aiohttp.ClientSession,
        request: Request,
        timeout_profile: _Tier,
        lane: Lane,
        group: Group | None,
    ) -> None:
        total = request.timeout if request.timeout is not None else timeout_profile.limits.total
        super().__init__(loop, watchdog, total, timeout_profile.read)
        self.session = session
        self.total = total
        self.request = request
        self.timeout_profile = timeout_profile
        self.lane = lane
        self.group = group
        self.attempts = 0
        self.stale = 0
        self.paused = 0.0
        self.maybe_executed = False  # whether an attempt may have been carried out although it failed


class Transport:
    """Sends requests. Making one does no I/O and needs no event loop."""

    def __init__(self, config: Config, state: ClientState | None = None) -> None:
        self.config = config
        if state is None:
            log.set_up()
            state = ClientState(config)
        self._state = state
        self._encoder = RequestEncoder(config)
        own_pool = config.session is None and config.connector is None
        self._tiers = {name: _make_tier(name, config.timeouts.profile(name), own_pool) for name in _TIERS}
        self._watcher = Watcher(config.hooks)

    def with_config(self, config: Config) -> Transport:
        """A transport with other settings that shares the session, the gates and the limits."""
        return Transport(config, self._state)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._state.holder.closed

    @property
    def limits(self) -> LimitsState:
        """The state of slots and rate limits now."""
        return self._state.snapshot(self.config.api_key)

    def send(self, request: Request) -> Coroutine[Any, Any, Response]:
        """Send a request and read its answer. What is not 2xx, and no answer at all, is raised as an error."""
        call = self._call if self.config.telemetry is None else self._call_recorded
        return call(request, False)  # type: ignore[return-value]

    def stream(self, request: Request) -> StreamContext:
        """Send a request and hand out its answer piece by piece, within `async with`."""
        return StreamContext(self.open, request)

    def open(self, request: Request) -> Coroutine[Any, Any, StreamResponse]:
        """Like `stream`, for callers that close the answer themselves."""
        call = self._call if self.config.telemetry is None else self._call_recorded
        return call(request, True)  # type: ignore[return-value]

    async def close(self) -> None:
        """End what is going on with an APIConnectionError in each call, and close what was made here."""
        state = self._state
        state.holder.closed = True
        for call in tuple(state.calls):
            call.cancel(CLOSED)
        for stream in tuple(state.streams):
            stream.end()
        for _ in range(10):
            if not state.calls:
                break
            await asyncio.sleep(0)  # lets them give back their connections
        state.watchdog.stop()
        await state.holder.close()

    async def _call(
        self, request: Request, stream: bool, record: CallRecord | None = None
    ) -> Response | StreamResponse:
        """Carry out a call. One coroutine for all of it: each layer more costs every call."""
        state = self._state
        loop = asyncio.get_running_loop()
        session = state.enter(loop)
        group = state.group(self.config.api_key, request.rate_limit_group) if request.url is None else None
        tier = self._tiers[request.timeout_profile]
        lane = state.gate.lane(_lane_name(request), tier.long)
        call = _Call(loop, state.watchdog, session, request, tier, lane, group)
        state.calls.add(call)
        answer: Response | StreamResponse | None = None
        error: Exception | None = None
        try:
            while True:
                if group is not None and not group.take(loop.time()):
                    await group.wait(again=call.attempts > 0)
                if not state.gate.take(lane):
                    await self._wait_for_slot(call)
                outcome = await self._attempt(call, stream)
                if not isinstance(outcome, Failure):
                    answer = outcome
                    break
                pause = self._pause(call, outcome)
                if pause is None:
                    error = outcome.error
                    break
                if pause:
                    await asyncio.sleep(pause)
            if call.reason is not None:
                call.consume_cancellation()  # it came too late
        except asyncio.CancelledError:
            reason = call.consume_cancellation()
            if reason is None:
                raise
            error = _interrupted(call, reason)
        finally:
            state.calls.discard(call)
            call.end()
        if record is not None:
            record.finished(call.attempts, answer, error)
        if answer is not None:
            return answer
        # Raised here and not where it was caught: aiohttp's exception would hang on it, and shows headers and URLs.
        assert error is not None  # noqa: S101 - told to the type checker
        raise error

    async def _call_recorded(self, request: Request, stream: bool) -> Response | StreamResponse:
        telemetry = self.config.telemetry
        assert telemetry is not None  # noqa: S101 - told to the type checker
        with telemetry.call(request, self._encoder.target(request)) as record:
            return await self._call(request, stream, record)

    async def _wait_for_slot(self, call: _Call) -> None:
        """Wait at the gate; if the group is told to pause meanwhile, wait for that first."""
        gate, group, lane = self._state.gate, call.group, call.lane
        while True:
            try:
                await gate.wait(lane)
            except BaseException:
                if group is not None:
                    group.undo(call.loop)
                raise
            if group is None or not group.must_wait(call.loop.time()):
                return
            gate.release(lane)
            group.undo(call.loop)
            await group.wait(again=True)
            if gate.take(lane):
                return

    def _pause(self, call: _Call, failure: Failure) -> float | None:
        """Seconds until the next attempt; None if there is none."""
        request, policy = call.request, self.config.retry
        if failure.effect == "unknown":
            call.maybe_executed = True
            if not is_idempotent(request.method, request.idempotent):
                return None
        replayable = request.body is None or request.body.replayable
        if failure.effect == "final" or not (replayable or failure.effect == "unsent"):
            return None
        if failure.stale and call.stale < MAX_STALE:
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
            pause = max(pause, policy.with_jitter(failure.retry_after))
        call.paused += pause
        if policy.budget is not None and call.paused > policy.budget:
            return None
        if call.remaining is not None:
            if pause >= call.remaining:
                return None
            call.remaining -= pause
        if self._watcher.active:
            self._watcher.retry(request, call.attempts, pause, failure.error)
        # The whole group waits out a 429, in order and at the rate gate.
        return 0.0 if failure.group_pauses else pause

    async def _attempt(self, call: _Call, stream: bool) -> Response | StreamResponse | Failure:
        """One attempt. Slot and place in the window are held, and go back here, or with the stream."""
        state, request, lane, group = self._state, call.request, call.lane, call.group
        epoch = lane.epoch
        response: aiohttp.ClientResponse | None = None
        outcome: Response | StreamResponse | Failure | None = None
        call.attempts += 1
        call.fresh = False
        token = current_call.set(call)
        watched = self._watcher.active
        try:
            if watched:
                self._watcher.request(request, call.attempts)
            arguments = self._encoder.arguments(request, call.timeout_profile.timeout)
            call.start()
            response = await call.session.request(request.method, self._encoder.url(request), **arguments)
            if response.status in REDIRECTS:
                response = await self._encoder.follow(call.session, request, response, arguments)
            headers = response.headers
            if 200 <= response.status < 300:
                state.gate.good(lane)
                if group is not None:
                    group.answered(call.loop, call.since, read_windows(headers))
                    group = None
                if stream:
                    outcome = self._keep(call, response)
                else:
                    call.seen = call.loop.time()
                    body = await incoming.read(response, self.config.max_response_bytes, call)
                    outcome = Response(response.status, headers, body, request_id_of(headers))
            else:
                body, broken = await incoming.read_start(response, incoming.MAX_ERROR_BYTES)
                outcome = self._refused(call, response, body, group, epoch)
                group = None
                if broken and isinstance(outcome, Failure) and outcome.effect == "final":
                    # Without the rest nobody knows what is wrong: as good as no answer.
                    outcome = attrs.evolve(outcome, effect="unknown")
        except DecodeError as error:
            outcome = Failure(error, "final")
        except asyncio.CancelledError:
            if call.reason != SILENT or call.consume_cancellation() is None:
                raise
            silence = failures.silent(
                request, self._encoder.target(request), call.timeout_profile.limits, call.attempts
            )
            outcome = Failure(silence, "unknown")
        except (aiohttp.ClientError, OSError, RuntimeError) as exc:
            outcome = self._failed(call, exc, unused=response is None and not call.fresh)
        finally:
            call.stop()
            current_call.reset(token)
            if group is not None:
                group.lost(call.loop)
            if not isinstance(outcome, StreamResponse):
                if response is not None and not response.closed:
                    response.close()
                state.gate.release(lane)
            if watched:
                self._watcher.response(request, call.attempts, call.loop.time() - call.since, outcome)
        assert outcome is not None  # noqa: S101 - told to the type checker
        return outcome

    def _failed(self, call: _Call, exc: Exception, unused: bool) -> Failure:
        """What an exception of aiohttp means."""
        holder = self._state.holder
        if holder.closed or call.session.closed:
            return Failure(failures.closed(call.request, call.attempts), "final")
        if isinstance(exc, RuntimeError):
            raise exc  # not about the connection: a fault of a trace hook, or of this package
        target = self._encoder.target(call.request)
        return failures.describe(
            exc,
            call.request,
            target,
            call.timeout_profile.limits,
            call.attempts,
            used_connection=unused and holder.counts,
        )

    def _keep(self, call: _Call, response: aiohttp.ClientResponse) -> StreamResponse:
        """Hand an answer out; its slot comes back when it is closed."""
        state, lane = self._state, call.lane
        gate = state.gate

        def on_close(stream: StreamResponse) -> None:
            state.streams.discard(stream)
            gate.release(lane)

        call.stop()
        stream = StreamResponse(
            call.request,
            response,
            attempts=call.attempts,
            origin=self._encoder.target(call.request),
            total=call.total,
            remaining=call.remaining,
            limits=call.timeout_profile.limits,
            read=call.timeout_profile.read,
            watchdog=state.watchdog,
            calls=state.calls,
            on_close=on_close,
        )
        state.streams.add(stream)
        return stream

    def _refused(
        self, call: _Call, response: aiohttp.ClientResponse, body: bytes, group: Group | None, epoch: int
    ) -> Failure | Response:
        """What an answer that is not 2xx means."""
        request, status, headers = call.request, response.status, response.headers
        request_id = request_id_of(headers)
        retry_after = parse_retry_after(headers)
        pauses = False
        if status in {429, 503}:
            self._state.gate.overloaded(call.lane, epoch)
        if group is not None:
            readings = read_windows(headers, refused=status == 429)
            if status == 429:
                retry_after = group.refused(call.loop, retry_after, readings, self.config.retry.initial)
                pauses = True
            else:
                group.answered(call.loop, call.since, readings)
        if status in REDIRECTS:
            return Failure(failures.redirected(request, response, request_id), "final")
        error = status_error(status, headers, body, request_id=request_id, secret=self.config.api_key)
        if request.method == "DELETE" and call.maybe_executed and (status == 404 or error.code == "resource_not_exist"):
            # An earlier attempt brought no answer, but did its work.
            return Response(204, headers, b"", request_id)
        effect = status_effect(status, request.method, request.idempotent, retry_after)
        return Failure(error, effect, retry_after=retry_after, group_pauses=pauses)


def _make_tier(name: TimeoutProfile, limits: Timeout, own_pool: bool) -> _Tier:
    # Sending a file takes time during which the server is silent: there, aiohttp starts its clock after the last byte.
    own_clock = own_pool and name == "call"
    timeout = client_timeout(limits, own_pool, own_clock)
    return _Tier(limits, timeout, limits.read if own_clock else None, name != "call")


def _lane_name(request: Request) -> str:
    """Requests of one rate-limit group, or of one resource, share a lane."""
    if request.url is not None:
        return "(presigned)"
    return request.rate_limit_group or request.path.split("/", 2)[1]


def _interrupted(call: _Call, reason: str) -> Exception:
    if reason == CLOSED:
        return failures.closed(call.request, call.attempts)
    return failures.expired(call.request, call.total, call.attempts)

"""One pipeline for every request of this package.

send, stream ── _call ─┬─ admission: the limiter gives a permit, at once or after a wait
                       ├─ attempt: session, headers, the body made anew, the timer running
                       ├─ response: read with a cap, or the error that it stands for
                       └─ retry? by RetryPolicy and retry quota, only where that is safe, after a pause

Two clocks bound a call. A number of seconds that the caller set runs from the beginning: it counts the wait for
admission, all attempts and the pauses between them. The limits of a `Timeout` run from where they say: `queue` until
the first admission, `total` from there.
"""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import aiohttp
import attrs

from .._config.retry_policy import RetryContext
from .._config.timeouts import Timeouts, shorter
from .._request.body import SLICE_BYTES
from .._request.message import Request, Response
from ..errors import APIStatusError, DecodeError
from . import failures, incoming, log
from .connector import ConnectionContext, current_call
from .deadline import CLOSED, SILENT, CallTimer
from .incoming import StreamContext, StreamResponse, request_id_of
from .limits.headers import read_limits
from .limits.limiter import NotAdmittedError
from .observers import Watcher
from .outgoing import REDIRECTS, RequestEncoder, client_timeout
from .retry import Failure, is_idempotent, is_maybe_executed, status_effect
from .state import ClientState

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from .._config.config import Config
    from .._config.hooks import CallRecord
    from .._config.limits_state import LimitsState
    from .._config.timeouts import Timeout
    from .._request.operation import TimeoutProfile
    from .._request.options import RequestOptions
    from .limits.headers import LimitHeaders
    from .limits.limiter import Limiter, LimitGroup, Permit
    from .secrets import ClientSecrets, Secrets

__all__ = ["StreamContext", "StreamResponse", "Transport"]

MAX_STALE: Final = 3
"""Used connections that may turn out to be closed, one after the other, before it counts as an attempt."""

_PARTIAL: Final = 206

_PROFILES: Final[tuple[TimeoutProfile, ...]] = ("call", "upload", "stream")


class _Profile(NamedTuple):
    """Limits of one kind of call.

    Attributes:
        limits: As the user set them.
        timeout: The part of them that aiohttp watches.
        read: Longest silence, where our timer watches it.
    """

    limits: Timeout
    timeout: aiohttp.ClientTimeout
    read: float | None


class _Call:
    """One call on its way through the pipeline: the request, its timer, and what its attempts have used up.

    Attributes:
        request: The request.
        profile: Limits of its kind.
        limiter: Gives the permits.
        group: Its limit group.
        session: The session that sends it.
        limit: Seconds that the caller set; None where the limits of the profile hold.
        timer: Ends it at its deadline, and when the server is silent.
        connection: What the connector says about its connection.
        permit: The permit of the present attempt.
        attempts: Attempts that were begun.
        stale: Attempts that met a connection which the server had closed.
        paused: Seconds of all pauses.
        drew_quota: Whether the latest retry took tokens of the retry quota.
        maybe_executed: Whether an attempt may have been carried out although it failed.
    """

    __slots__ = (
        "attempts",
        "connection",
        "drew_quota",
        "group",
        "limit",
        "limiter",
        "maybe_executed",
        "paused",
        "permit",
        "profile",
        "request",
        "session",
        "stale",
        "timer",
    )

    def __init__(
        self,
        request: Request,
        profile: _Profile,
        limiter: Limiter,
        group: LimitGroup,
        session: aiohttp.ClientSession,
        timer: CallTimer,
        limit: float | None,
    ) -> None:
        self.request = request
        self.profile = profile
        self.limiter = limiter
        self.group = group
        self.session = session
        self.limit = limit
        self.timer = timer
        self.connection = ConnectionContext(timer)
        self.permit: Permit | None = None
        self.attempts = 0
        self.stale = 0
        self.paused = 0.0
        self.drew_quota = False
        self.maybe_executed = False

    @property
    def allowed(self) -> float | None:
        """Seconds that the call may take, for messages."""
        if self.limit is not None:
            return self.limit
        limits = self.profile.limits
        return limits.total if self.attempts else limits.queue


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
        self._profiles = {
            name: _make_profile(config.timeouts.profile(name), own_pool, own_pool and name != "upload")
            for name in _PROFILES
        }
        self._large_stream = _make_profile(config.timeouts.stream, own_pool, False)
        self._watcher = Watcher(config.hooks)

    def with_config(self, config: Config) -> Transport:
        """A transport with other settings that shares the session and all limits."""
        return Transport(config, self._state)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._state.holder.closed

    @property
    def limits(self) -> LimitsState:
        """The state of all limits now."""
        return self._state.snapshot(self.config.api_key)

    def send(self, request: Request) -> Coroutine[Any, Any, Response]:
        """Send a request and read its response. What is not 2xx, and no response at all, is raised as an error."""
        call = self._call if self.config.telemetry is None else self._call_recorded
        return call(request, False)  # type: ignore[return-value]

    def stream(self, request: Request) -> StreamContext:
        """Send a request and hand out its response piece by piece, within `async with`."""
        return StreamContext(self.open, request)

    def open(self, request: Request) -> Coroutine[Any, Any, StreamResponse]:
        """Like `stream`, for callers that close the response themselves."""
        call = self._call if self.config.telemetry is None else self._call_recorded
        return call(request, True)  # type: ignore[return-value]

    async def close(self) -> None:
        """End what is going on with an APIConnectionError in each call, and close what was made here."""
        state = self._state
        state.holder.closed = True
        for timer in tuple(state.calls):
            timer.cancel(CLOSED)
        for stream in tuple(state.streams):
            stream.end()
        for _ in range(10):
            if not state.calls:
                break
            await asyncio.sleep(0)  # lets them give back their connections
        state.stop()
        await state.holder.close()

    async def _call(
        self, request: Request, stream: bool, record: CallRecord | None = None
    ) -> Response | StreamResponse:
        """Carry out a call. One coroutine for all of it: each layer more costs every call."""
        state = self._state
        loop = asyncio.get_running_loop()
        session, limiter = state.enter(loop)
        profile = self._profiles[request.timeout_profile]
        if stream and request.body is not None and request.body.content_length > SLICE_BYTES:
            profile = self._large_stream
        limit = self.config.timeout if request.timeout is None else request.timeout
        timer = CallTimer(loop, state.watchdog)
        if limit is not None and not request.inside_helper:
            timer.deadline = loop.time() + limit
        group = limiter.group(self.config.api_key, request)
        call = _Call(request, profile, limiter, group, session, timer, limit)
        state.calls.add(timer)
        response: Response | StreamResponse | None = None
        error: Exception | None = None
        try:
            while True:
                permit = limiter.admit_now(group, request) or await self._admit(call)
                if not call.attempts:
                    _start_total(call, permit)
                call.permit = permit
                outcome = await self._attempt(call, permit, stream)
                if not isinstance(outcome, Failure):
                    response = outcome
                    state.retry_quota.succeeded(call.drew_quota)
                    break
                call.permit = None
                pause = self._pause(call, outcome)
                if pause is None:
                    error = outcome.error
                    break
                if pause:
                    await asyncio.sleep(pause)
            if timer.reason is not None:
                timer.consume_cancellation()  # it came too late
        except NotAdmittedError as why:
            error = failures.not_sent(request, call.attempts, str(why), call.limiter.pause_of(call.group))
        except asyncio.CancelledError as cancelled:
            reason = timer.consume_cancellation()
            if reason is None:
                self.clean(cancelled, request)
                raise
            error = self._interrupted(call, reason)
        except BaseException as exc:
            self.clean(exc, request)
            raise
        finally:
            state.calls.discard(timer)
            timer.end()
        if record is not None:
            record.finished(call.attempts, None if response is None else self._shown(response, request), error)
        if response is not None:
            return response
        # Raised here and not where it was caught: aiohttp's exception would hang on it, and shows headers and URLs.
        assert error is not None  # noqa: S101 - told to the type checker
        raise error

    def secrets(self, request: Request) -> Secrets:
        """The secrets of a call; they are collected when they are needed."""
        from .secrets import Secrets  # here and below: errors and hooks need it, most calls do not

        return Secrets(self.config, request.headers, request.url, client=self._client_secrets)

    def secrets_of(self, options: RequestOptions | None) -> Secrets:
        """The secrets of all calls that are made with these options."""
        from .secrets import Secrets

        return Secrets.of_options(self.config, options, client=self._client_secrets)

    @cached_property
    def _client_secrets(self) -> ClientSecrets:
        from .secrets import ClientSecrets

        return ClientSecrets(self.config)

    def clean(self, error: BaseException, request: Request) -> None:
        """Take the secrets of a call out of an error that ends it: what leaves this package went through here."""
        self.secrets(request).clean(error)

    def _shown(self, response: Response | StreamResponse, request: Request) -> Response | StreamResponse:
        """A response for those who watch."""
        request_id = response.request_id
        if request_id is None or (shown := self.secrets(request).text(request_id)) == request_id:
            return response
        return Response(response.status, response.headers, b"", shown)

    async def _call_recorded(self, request: Request, stream: bool) -> Response | StreamResponse:
        telemetry = self.config.telemetry
        assert telemetry is not None  # noqa: S101 - told to the type checker
        with telemetry.call(request, self._encoder.target(request)) as record:
            return await self._call(request, stream, record)

    async def _admit(self, call: _Call) -> Permit:
        """Wait until the request may go."""
        timer = call.timer
        queue = call.profile.limits.queue
        if queue is not None and call.limit is None and not call.attempts:
            timer.deadline = timer.loop.time() + queue
        sent_before = call.attempts > 0 or call.stale > 0
        timer.start()
        try:
            return await call.limiter.admit(call.group, call.request, timer.deadline, retry=sent_before)
        finally:
            timer.stop()

    def _interrupted(self, call: _Call, reason: str) -> Exception:
        """The error of a call that was ended by its timer."""
        if reason == CLOSED:
            return failures.closed(call.request, call.attempts)
        if call.permit is None:  # it was waiting to be admitted
            why = f"its timeout of {call.allowed:g} s was reached: {call.limiter.explain(call.group)}"
            return failures.not_sent(call.request, call.attempts, why, call.limiter.pause_of(call.group))
        return failures.expired(call.request, call.allowed, call.attempts)

    def _pause(self, call: _Call, failure: Failure) -> float | None:
        """Seconds until the next attempt; None if there is none."""
        request, policy = call.request, self.config.retry
        call.maybe_executed = call.maybe_executed or is_maybe_executed(failure)
        replayable = request.body is None or request.body.replayable
        if not (replayable or failure.effect == "unsent"):
            return None
        safe = failure.effect != "unknown" or is_idempotent(request.method, request.idempotent)
        default = safe and failure.effect != "final"
        if default and failure.stale and call.stale < MAX_STALE:
            call.stale += 1
            call.attempts -= 1
            return 0.0
        retries = policy.max_retries if request.max_retries is None else request.max_retries
        if call.attempts > retries or not (default if policy.when is None else self._decide(call, failure, default)):
            return None
        pause = policy.backoff(call.attempts - 1)
        if failure.retry_after is not None:
            if failure.retry_after > policy.max_retry_after:
                return None
            pause = max(pause, policy.with_jitter(failure.retry_after))
        call.paused += pause
        if policy.budget is not None and call.paused > policy.budget:
            return None
        timer = call.timer
        if timer.deadline is not None and timer.loop.time() + pause >= timer.deadline:
            failure.error.add_note(
                f"Not retried: the pause of {pause:.1f} s before the next attempt would end after the call's timeout "
                f"of {call.allowed:g} s."
            )
            return None
        if not failure.free_retry and not self._state.retry_quota.take():
            failure.error.add_note(
                "Not retried: the retry quota that all calls of this client share is used up (RetryPolicy.quota)."
            )
            return None
        call.drew_quota = not failure.free_retry
        if self._watcher.active:
            self._watcher.retry(request, call.attempts, pause, failure.error, self.secrets(request))
        # The limiter makes the whole group wait out a 429, in order.
        return 0.0 if failure.group_pauses else pause

    def _decide(self, call: _Call, failure: Failure, default: bool) -> bool:
        """What the user's function says about a retry; nothing can be sent through a closed session."""
        if self._state.holder.closed or call.session.closed:
            return False
        return self.config.retry.decide(
            RetryContext(
                error=failure.error,
                operation=call.request.operation,
                method=call.request.method,
                attempt=call.attempts,
                maybe_executed=call.maybe_executed,
                default=default,
            )
        )

    async def _attempt(self, call: _Call, permit: Permit, stream: bool) -> Response | StreamResponse | Failure:
        """One attempt. The permit goes back here, or with the stream."""
        request, timer, connection = call.request, call.timer, call.connection
        response: aiohttp.ClientResponse | None = None
        outcome: Response | StreamResponse | Failure | None = None
        call.attempts += 1
        connection.fresh = False
        token = current_call.set(connection)
        watched = self._watcher.active
        try:
            if watched:
                self._watcher.request(request, call.attempts, self.secrets(request))
            arguments = self._encoder.arguments(request, call.profile.timeout)
            timer.start(call.profile.read)
            response = await call.session.request(request.method, self._encoder.url(request), **arguments)
            if response.status in REDIRECTS:
                response = await self._encoder.follow(call.session, request, response, arguments)
            headers = response.headers
            if 200 <= response.status < 300:
                permit.succeeded(read_limits(headers, clock=call.limiter.server_clock))
                if response.status == _PARTIAL and "Range" not in arguments["headers"]:
                    raise failures.partial(request, response.status, request_id_of(headers))
                if stream:
                    outcome = self._keep(call, permit, response)
                else:
                    timer.active = timer.loop.time()
                    body = await incoming.read(response, self.config.max_response_bytes, timer)
                    outcome = Response(response.status, headers, body, request_id_of(headers))
            else:
                limits = read_limits(headers, response.status, call.limiter.server_clock)
                pause = self._report(permit, response.status, limits)
                body, broken = await incoming.read_start(response, incoming.MAX_ERROR_BYTES, timer)
                outcome = self._refused(call, response, body, limits, pause)
                if broken and isinstance(outcome, Failure) and outcome.effect == "final":
                    # Without the rest nobody knows what is wrong: as good as no response.
                    outcome = attrs.evolve(outcome, effect="unknown")
        except DecodeError as error:
            outcome = Failure(error, "final")
        except asyncio.CancelledError:
            if timer.reason != SILENT or timer.consume_cancellation() is None:
                raise
            silence = failures.silent(request, self._encoder.target(request), call.profile.limits, call.attempts)
            outcome = Failure(silence, "unknown")
        except (aiohttp.ClientError, OSError, RuntimeError) as exc:
            outcome = self._failed(call, exc, unused=response is None and not connection.fresh)
        finally:
            timer.stop()
            current_call.reset(token)
            if not isinstance(outcome, StreamResponse):
                if response is not None and not response.closed:
                    response.close()
                permit.release()
            if isinstance(outcome, Failure):
                # Before anybody sees it: hooks, the log, the retry policy.
                self.clean(outcome.error, request)
                outcome.error.__traceback__ = None  # it would keep the response; the error is raised by `_call`
            if watched:
                duration = timer.loop.time() - timer.started
                self._watcher.response(request, call.attempts, duration, outcome, self.secrets(request))
        assert outcome is not None  # noqa: S101 - told to the type checker
        return outcome

    def _report(self, permit: Permit, status: int, limits: LimitHeaders) -> float | None:
        """Tell the limiter about a response that is not 2xx; seconds that the group pauses, if it does."""
        if status in {429, 503}:
            return permit.throttled(status, limits, self.config.retry.initial)
        permit.succeeded(limits)
        return None

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
            call.profile.limits,
            call.attempts,
            used_connection=unused and holder.own_connector,
        )

    def _keep(self, call: _Call, permit: Permit, response: aiohttp.ClientResponse) -> StreamResponse:
        """Hand a response out; its permit goes back when it is closed.

        The seconds that the caller set bound the opening of a stream. While it is read, they bound the silence of the
        server; the total is that of streams.
        """
        state = self._state
        limits, read = call.profile.limits, call.profile.read
        if call.limit is not None:
            read = shorter(limits.read, call.limit)
            limits = attrs.evolve(limits, read=read, total=Timeouts().stream.total)

        def on_close(stream: StreamResponse) -> None:
            state.streams.discard(stream)
            permit.release()

        call.timer.stop()
        stream = StreamResponse(
            call.request,
            response,
            attempts=call.attempts,
            origin=self._encoder.target(call.request),
            limits=limits,
            read=read,
            watchdog=state.watchdog,
            calls=state.calls,
            on_close=on_close,
        )
        state.streams.add(stream)
        return stream

    def _refused(
        self,
        call: _Call,
        response: aiohttp.ClientResponse,
        body: bytes,
        limits: LimitHeaders,
        pause: float | None,
    ) -> Failure | Response:
        """What a response that is not 2xx means."""
        request, status, headers = call.request, response.status, response.headers
        request_id = request_id_of(headers)
        if status in REDIRECTS:
            return Failure(failures.redirected(request, response, call.attempts), "final")
        from .status_errors import status_error

        error = status_error(status, headers, body, request_id=request_id, limits=limits)
        if request.method == "DELETE" and call.maybe_executed and _is_missing(error):
            # An earlier attempt brought no response, but did its work.
            return Response(204, headers, b"", request_id)
        retry_after = limits.retry_after if pause is None else pause
        return Failure(
            error,
            status_effect(status, request.method, request.idempotent, retry_after),
            retry_after=retry_after,
            group_pauses=pause is not None,
            free_retry=status == 429 and limits.retry_after is not None,
        )


def _make_profile(limits: Timeout, own_pool: bool, own_clock: bool) -> _Profile:
    # Sending a file, or a stream's base64 text, takes time during which the server is silent: there, aiohttp starts its
    # clock after the last byte.
    timeout = client_timeout(limits, own_pool, own_clock)
    return _Profile(limits, timeout, limits.read if own_clock else None)


def _start_total(call: _Call, permit: Permit) -> None:
    """The call was admitted: from now on its total runs, unless the caller's seconds have run from the beginning."""
    if call.limit is None:
        total = call.profile.limits.total
    elif call.request.inside_helper:
        total = call.limit
    else:
        return
    call.timer.deadline = None if total is None else permit.sent_at + total


def _is_missing(error: APIStatusError) -> bool:
    return error.status == 404 or error.code == "resource_not_exist"

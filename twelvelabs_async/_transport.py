"""One pipeline for every request of this package.

    send, stream ── run ─┬─ admit: may this group send now (rate), and is a slot free (gate)? Neither is a timeout
                         ├─ attempt: session, headers, the body made anew, the deadline running
                         ├─ answer: read with a cap, or the error that it stands for
                         └─ again? by RetryPolicy, only where that is safe, after a pause
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import aiohttp
from multidict import CIMultiDict, istr
from yarl import URL

from . import _answer, _failures
from ._answer import StreamResponse
from ._deadline import CLOSED, Interrupt
from ._gate import Gate
from ._http import Response, check_header
from ._retry import Failure, harmless, parse_retry_after, status_effect
from ._session import SessionHolder, connections_made, must_be_live
from ._status import status_error
from ._version import __version__
from .errors import APIConnectionError, ConfigurationError, DecodeError

if TYPE_CHECKING:
    from types import TracebackType

    from ._config import Config
    from ._deadline import Timeout
    from ._gate import Lane
    from ._http import Request
    from ._operation import Tier

MAX_STALE: Final = 3
"""Used connections that may turn out to be closed, one after the other, before it counts as an attempt."""

MAX_REDIRECTS: Final = 5
"""Redirects within one origin that are followed for one attempt."""

_TIERS: Final[tuple[Tier, ...]] = ("call", "upload", "stream")
_ACCEPT: Final = istr("Accept")
_CONTENT_LENGTH: Final = istr("Content-Length")
_CONTENT_TYPE: Final = istr("Content-Type")
_KEY: Final = istr("x-api-key")
_USER_AGENT: Final = istr("User-Agent")
_NO_CONTENT_TYPE: Final = frozenset({_CONTENT_TYPE})


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
        base = URL(config.base_url)
        self._base = str(base).rstrip("/")
        self._origin = str(base.origin())
        agent = f"twelvelabs-async/{__version__}"
        self._foreign: CIMultiDict[str] = CIMultiDict({_USER_AGENT: agent})
        self._common: CIMultiDict[str] = CIMultiDict(
            {_USER_AGENT: f"{agent} {config.user_agent}" if config.user_agent else agent}
        )
        for name, value in config.headers.items():
            self._common[istr(name)] = value
        self._common[_KEY] = config.api_key
        self._tiers = {tier: (limits := config.timeouts.tier(tier), _client_timeout(limits)) for tier in _TIERS}
        # What a session of our own has as a setting is said with each request to a session of the user.
        given = {} if config.session is None else {"proxy": config.proxy, "ssl": config.ssl}
        self._fixed = {name: value for name, value in given.items() if value is not None}

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
        for name, value in request.headers.items():
            check_header(name, value)
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
        if failure.disconnected and call.stale <= MAX_STALE and failure.effect == "unknown":
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
        response: aiohttp.ClientResponse | None = None
        kept = False
        made = connections_made.get()
        live = not harmless(request.method, request.repeatable)
        token = must_be_live.set(True) if live else None
        try:
            call.start()
            response = await self._request(call)
            status = response.status
            if 200 <= status < 300:
                shared.gate.good(lane)
                if stream:
                    kept = True
                    return self._keep(call, response)
                body = await _answer.read(response, self.config.max_response_bytes)
                headers = response.headers
                return Response(status=status, headers=headers, body=body, request_id=_answer.request_id_of(headers))
            return await self._refused(call, response)
        except DecodeError as error:
            return Failure(error, "final")
        except (aiohttp.ClientError, OSError, RuntimeError) as exc:
            if isinstance(exc, RuntimeError) and not shared.holder.closed and not shared.holder.gone:
                raise
            if shared.holder.closed:
                return Failure(_failures.closed(request, call.attempts), "final")
            failure = _failures.describe(exc, request, self._target(request), call.limits, call.attempts)
            if failure.disconnected and shared.holder.counts and connections_made.get() == made:
                call.stale += 1
                call.attempts -= 1 if call.stale <= MAX_STALE else 0
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

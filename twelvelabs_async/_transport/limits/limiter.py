"""Decides when a request may go: the one place that knows concurrency, rate limits, pauses and adaptation.

    permit = limiter.admit_now(group, request) or await limiter.admit(group, request, ...)
    permit.succeeded(headers) | permit.throttled(status, headers, backoff) | permit.lost()   # what became of it
    permit.release()                                                                         # its connection is free

The limiter stands in front of aiohttp's pool, which has no limit of its own. Requests are sorted into limit groups: one
per account and rate-limit group (or resource), and apart for uploads and for streams. Within a group, first
come is first served, and retries come before first attempts; between groups, connections go round in turn, so that ten
thousand waiting searches do not hold up the one status query. Background requests (the polling of waits) have groups
of their own, which come last: they go when no other request waits for a connection or for the same rate limit.

A request goes when all of these allow it:

- `max_connections` for calls and uploads. Uploads leave one connection to calls; where there is one connection in all,
  calls have one of their own beside it.
- `max_streams` for streams, which are counted apart: an open stream mostly waits, and a backend holds one for each of
  its viewers. In a pool of the user's, which has a limit of its own, they are counted with the uploads.
- The concurrency limit of its group, which is lower for some seconds after 429 and 503.
- The rate limit of its group: what the platform's headers say, the pause after a 429, and the user's requests per
  minute.

No wait is without an end. A request that has a deadline leaves when a pause ends behind it, and when it is reached.
Where nothing of its kind (call, upload or stream) has been admitted for `stall_timeout` seconds although requests
wait, all requests of that kind leave with an error that names what holds the connections; a group that only waits for a
known moment is not stalled.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import time
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Final

import attrs

from ..._safe_repr import SafeRepr
from .concurrency import ConcurrencyLimit
from .headers import NO_LIMITS
from .rate_limit import RateLimiter
from .server_clock import ServerClock
from .timers import EARLY, NO_CONTEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..._request.message import Request
    from ..._request.operation import TimeoutProfile
    from .headers import LimitHeaders

MAX_GROUPS: Final = 1000
"""Limit groups, of all accounts together, above which those that hold nothing are forgotten."""

_KINDS: Final[tuple[TimeoutProfile, ...]] = ("call", "upload", "stream")

UNGROUPED: Final = "other"
"""Name of the rate-limit group of operations for which the OpenAPI document names none."""

PRESIGNED: Final = "presigned"
"""Name of the limit group of requests to presigned URLs, which no rate limit counts."""


class NotAdmittedError(Exception):
    """A request cannot be sent: `str()` says why, as the end of a sentence."""


class LimitGroup:
    """The requests that share a queue.

    Attributes:
        name: Rate-limit group or resource.
        account: Key of the account; empty for presigned URLs.
        kind: Whether its requests are calls, uploads or streams.
        background: Whether all other requests come before its own.
        rate: The rate limit, shared by all groups of the same rate-limit group; None for presigned URLs.
        concurrency: The concurrency limit.
        in_use: Requests that hold a connection.
        waiters: Those who wait, in order.
        first_deadline: No waiter has a deadline before this time.
    """

    __slots__ = ("account", "background", "concurrency", "first_deadline", "in_use", "kind", "name", "rate", "waiters")

    def __init__(
        self,
        name: str,
        account: str,
        kind: TimeoutProfile,
        rate: RateLimiter | None,
        maximum: int,
        *,
        background: bool = False,
    ) -> None:
        self.name = name
        self.account = account
        self.kind: TimeoutProfile = kind
        self.background = background
        self.rate = rate
        self.concurrency = ConcurrencyLimit(maximum)
        self.in_use = 0
        self.waiters: OrderedDict[_Waiter, None] = OrderedDict()
        self.first_deadline = math.inf

    @property
    def long(self) -> bool:
        """Whether its requests hold their connections for long."""
        return self.kind != "call"


@attrs.define(eq=False)
class _Waiter(SafeRepr):
    """A request that waits. The result is its permit, or why there is none."""

    request: Request
    future: asyncio.Future[Permit | NotAdmittedError]
    deadline: float | None


class Permit:
    """The right of one attempt to be under way. Exactly one of the outcomes is reported, then it is released."""

    __slots__ = ("_counted", "_limiter", "epoch", "group", "request", "sent_at")

    def __init__(self, limiter: Limiter, group: LimitGroup, request: Request, now: float) -> None:
        self._limiter = limiter
        self._counted = group.rate  # until an outcome is reported
        self.group = group
        self.request = request
        self.epoch = group.concurrency.epoch
        self.sent_at = now

    def succeeded(self, headers: LimitHeaders = NO_LIMITS) -> None:
        """A response came that is no sign of overload, whatever else it says."""
        rate = self._counted
        if rate is not None:
            self._counted = None
            if headers is NO_LIMITS and rate.unlimited:
                rate.in_flight -= 1
            else:
                self._limiter._responded(rate, self.sent_at, headers)

    def throttled(self, status: int, headers: LimitHeaders, backoff: float) -> float | None:
        """The platform refused the request for now.

        Args:
            status: 429 or 503.
            headers: What the response says about limits.
            backoff: Seconds to pause after a 429 that names no time.

        Returns:
            Seconds that the whole rate-limit group pauses after a 429; None where it does not pause.
        """
        rate = self._counted
        pause = None
        if rate is None or status != 429:
            self.succeeded(headers)
        else:
            self._counted = None
            pause = self._limiter._paused(rate, headers, backoff)
        self._limiter._overloaded(self)
        return pause

    def lost(self) -> None:
        """No response came. Does nothing where an outcome was reported."""
        rate = self._counted
        if rate is not None:
            self._counted = None
            self._limiter._lost(rate)

    def release(self) -> None:
        """The connection is free again. Does nothing the second time."""
        if self._counted is not None:
            self.lost()
        self._limiter._release(self)


class Limiter:
    """One per client and event loop.

    Args:
        maximum: Calls and uploads in flight.
        max_streams: Streams in flight beside them; None to count them with the uploads.
        own_pool: Whether a connection beyond `maximum` may be used where that is 1; a pool of the user's forbids it.
        adaptive: Whether concurrency limits are lowered.
        per_minute: Fixed rate limits by rate-limit group.
        stall_timeout: Seconds without any admission after which waiting requests fail; None for never.
        paused: Called with a rate limiter and seconds when its group pauses.
        adapted: Called with a group, and its limit, when it was lowered or is back at the maximum.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        maximum: int,
        *,
        max_streams: int | None = None,
        own_pool: bool = True,
        adaptive: bool = True,
        per_minute: Mapping[str, float] | None = None,
        stall_timeout: float | None = None,
        paused: Callable[[RateLimiter, float], None] | None = None,
        adapted: Callable[[LimitGroup, int], None] | None = None,
    ) -> None:
        self.maximum = maximum
        self.max_streams = max_streams
        self.server_clock = ServerClock(loop.time, time.time)
        self.groups: dict[tuple[str, str, TimeoutProfile], LimitGroup] = {}
        self._loop = loop
        self._capacity = max(maximum, 2) if own_pool else maximum
        self._long_capacity = max(1, maximum - 1)
        self._adaptive = adaptive
        self._per_minute = per_minute or {}
        self._stall_timeout = stall_timeout
        self._paused_hook = paused
        self._adapted_hook = adapted
        self._rates: dict[tuple[str, str], RateLimiter] = {}
        self._permits: set[Permit] = set()
        self._in_use: dict[TimeoutProfile, int] = dict.fromkeys(_KINDS, 0)
        self._waiting: dict[TimeoutProfile, int] = dict.fromkeys(_KINDS, 0)
        # Groups with waiters are in exactly one of these: those that the next free connection may go to, in turn, and
        # those that wait for a moment, or for a response of their own.
        self._ready: OrderedDict[LimitGroup, None] = OrderedDict()
        self._parked: dict[LimitGroup, float] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._stalled_from: dict[TimeoutProfile, float] = dict.fromkeys(
            _KINDS, 0.0
        )  # since when nothing was admitted although some wait
        self._stall_timer: asyncio.TimerHandle | None = None

    @property
    def in_flight(self) -> int:
        """Requests that hold a connection."""
        return len(self._permits)

    @property
    def waiting(self) -> int:
        """Requests that wait."""
        return sum(self._waiting.values())

    def rates(self, account: str) -> Mapping[str, RateLimiter]:
        """The rate limits of one account that were used, by name of the group."""
        return {name: rate for (owner, name), rate in self._rates.items() if owner == account}

    def waiting_for(self, rate: RateLimiter) -> int:
        """Requests that wait in the groups of a rate limit."""
        return sum(len(group.waiters) for group in self._waiting_groups() if group.rate is rate)

    def group(self, account: str, request: Request) -> LimitGroup:
        """The limit group of a request, made when it is first asked for."""
        kind = request.timeout_profile
        if request.url is not None:
            account, name = "", PRESIGNED
        else:
            name = request.rate_limit_group or request.path.split("/", 2)[1]
            if request.background:
                name += " (background)"
        key = (account, name, kind)
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= MAX_GROUPS:
                self._forget_idle()
            rate = None if request.url is not None else self._rate(account, request.rate_limit_group or UNGROUPED)
            maximum = self.max_streams if kind == "stream" and self.max_streams is not None else self.maximum
            group = self.groups[key] = LimitGroup(name, account, kind, rate, maximum, background=request.background)
        return group

    def admit_now(self, group: LimitGroup, request: Request) -> Permit | None:
        """A permit, if the request may go at once. Nobody who waits in the group is overtaken."""
        if group.waiters or not self._has_room(group.kind):
            return None
        if group.background and self._others_until(group) is not None:
            return None
        now = self._loop.time()
        return None if self._blocked_until(group, now) > now else self._grant(group, request, now)

    async def admit(
        self, group: LimitGroup, request: Request, deadline: float | None = None, *, retry: bool = False
    ) -> Permit:
        """Wait until a request may go.

        Args:
            group: Its group.
            request: The request.
            deadline: Time by which it must have been admitted; a pause that ends later is not waited for. Reaching it
                is noticed by the caller, who cancels the wait.
            retry: Whether it was sent before: then it is first in its group.

        Raises:
            NotAdmittedError: The wait would be in vain.
        """
        waiter = _Waiter(request, self._loop.create_future(), deadline)
        self._join(group, waiter, retry)
        try:
            outcome = await waiter.future
        except BaseException:  # cancelled, or dropped by a loop that ends
            self._leave(group, waiter)
            raise
        if isinstance(outcome, NotAdmittedError):
            raise outcome
        return outcome

    def pause_of(self, group: LimitGroup) -> float | None:
        """Seconds until the pause of a group's rate limit ends; None if there is none."""
        left = 0.0 if group.rate is None else group.rate.pause_ends_at() - self._loop.time()
        return left if left > 0 else None

    def explain(self, group: LimitGroup) -> str:
        """What a request of a group waits for, as the end of a sentence."""
        now = self._loop.time()
        rate = group.rate
        if rate is not None and rate.pause_ends_at() > now:
            return self._explain_pause(rate, now)
        if not self._has_room(group.kind):
            return self._explain_holders(group.kind)
        if rate is not None and rate.ready_at(now) > now:
            return f"the rate limit of {rate.name!r} lets no further request go before a response comes"
        return (
            f"{group.in_use} requests of {group.name!r} are in flight, which the platform's overload has limited to "
            f"{group.concurrency.at(now)} for some seconds"
        )

    def close(self) -> None:
        """Stop the timers, and tell nobody about recoveries any more. Those who wait are ended by their own calls."""
        self._adapted_hook = None
        for timer in (self._timer, self._stall_timer):
            if timer is not None:
                timer.cancel()
        self._timer = self._stall_timer = None

    # Admission

    def _has_room(self, kind: TimeoutProfile) -> bool:
        """Whether a connection is free for a call, an upload or a stream."""
        streams = self._in_use["stream"]
        if self.max_streams is not None:
            if kind == "stream":
                return streams < self.max_streams
            in_use, long = len(self._permits) - streams, self._in_use["upload"]
        else:
            in_use, long = len(self._permits), self._in_use["upload"] + streams
        if in_use >= self._capacity:
            return False
        return in_use - long < self.maximum if kind == "call" else long < self._long_capacity

    def _may_serve(self) -> bool:
        """Whether any of those who wait may find a connection: without a look at every group."""
        in_use = len(self._permits)
        if self.max_streams is None:
            return in_use < self._capacity
        streams = self._in_use["stream"]
        if streams < self.max_streams and self._waiting["stream"]:
            return True
        return in_use - streams < self._capacity and self._waiting["call"] + self._waiting["upload"] > 0

    def _blocked_until(self, group: LimitGroup, now: float) -> float:
        """When the group's own limits let the next request go; infinity where only a response can tell."""
        rate = group.rate
        at = 0.0 if rate is None or rate.unlimited else rate.ready_at(now)
        concurrency = group.concurrency
        if concurrency.lowered and group.in_use >= concurrency.at(now):
            at = max(at, concurrency.reached_at(group.in_use + 1))
        return at

    def _grant(self, group: LimitGroup, request: Request, now: float) -> Permit:
        permit = Permit(self, group, request, now)
        self._permits.add(permit)
        group.in_use += 1
        kind = group.kind
        self._in_use[kind] += 1
        rate = group.rate
        if rate is not None:
            rate.send(now)
        if self._waiting[kind]:
            self._stalled_from[kind] = now
        return permit

    def _release(self, permit: Permit) -> None:
        if permit not in self._permits:
            return
        self._permits.discard(permit)
        group = permit.group
        group.in_use -= 1
        self._in_use[group.kind] -= 1
        if self._parked:
            self._wake(group)
        if self._ready:
            self._serve()

    def _leave(self, group: LimitGroup, waiter: _Waiter) -> None:
        """A waiter was cancelled; a permit that came together with the cancellation is passed on."""
        if waiter in group.waiters:
            self._remove(group, waiter)
            if not group.waiters and group.rate is not None and self._parked:
                self._wake_all(group.rate)  # background requests may have waited for it
                self._serve()
            return
        outcome = waiter.future.result() if waiter.future.done() and not waiter.future.cancelled() else None
        if isinstance(outcome, Permit):
            if outcome._counted is not None:
                outcome._counted.unsend()
                self._wake_all(outcome._counted)
                outcome._counted = None
            self._release(outcome)

    # Serving those who wait

    def _waiting_groups(self) -> list[LimitGroup]:
        return [*self._ready, *self._parked]

    def _join(self, group: LimitGroup, waiter: _Waiter, retry: bool) -> None:
        """Put a request into the queue of its group."""
        self._watch_for_stall(group.kind)
        self._waiting[group.kind] += 1
        group.waiters[waiter] = None
        if retry:
            group.waiters.move_to_end(waiter, last=False)
        if waiter.deadline is not None:
            group.first_deadline = min(group.first_deadline, waiter.deadline)
        if group in self._parked:
            self._drop_hopeless(group, self._loop.time())
        else:
            self._ready[group] = None
            self._serve()

    def _wake(self, group: LimitGroup) -> None:
        """Have a look at a group again, in its turn."""
        if group.waiters:
            self._parked.pop(group, None)
            self._ready[group] = None

    def _wake_all(self, rate: RateLimiter) -> None:
        """Have a look at all groups of a rate limit again."""
        for group in [group for group in self._parked if group.rate is rate]:
            self._wake(group)

    def _serve(self) -> None:
        """Give free connections to waiters, one per group and turn, until nobody may have one."""
        now = self._loop.time()
        ready = self._ready
        without_room = []
        while ready and self._may_serve():
            group = self._next_ready()
            if not self._has_room(group.kind):
                without_room.append(group)
                continue
            others = self._others_until(group) if group.background else None
            until = self._blocked_until(group, now) if others is None else others
            if until > now:
                self._park(group, until, now)
                continue
            waiters = group.waiters
            waiter, _ = waiters.popitem(last=False)
            self._waiting[group.kind] -= 1
            if waiters:
                ready[group] = None
            if not waiter.future.done():  # one that is being cancelled finds itself gone from the queue
                waiter.future.set_result(self._grant(group, waiter.request, now))
        for group in reversed(without_room):
            ready[group] = None
            ready.move_to_end(group, last=False)

    def _next_ready(self) -> LimitGroup:
        """The group whose turn it is."""
        group = next((group for group in self._ready if not group.background), None) or next(iter(self._ready))
        del self._ready[group]
        return group

    def _others_until(self, group: LimitGroup) -> float | None:
        """Until when requests wait that come before those of a background group; None where none do.

        Those that wait for a connection are no reason: uploads can do that for hours.
        """
        ends = [until for other, until in self._parked.items() if other.rate is group.rate and not other.background]
        return min(ends) if ends else None

    def _park(self, group: LimitGroup, until: float, now: float) -> None:
        """Put a group aside until a moment, or until a response of its own comes."""
        self._parked[group] = until
        self._drop_hopeless(group, now)
        if group in self._parked and until != math.inf and (self._timer is None or until < self._timer.when()):
            self._set_timer(until)

    def _drop_hopeless(self, group: LimitGroup, now: float) -> None:
        """End the waits in a group that aims at a deadline before the end of the group's pause."""
        rate = group.rate
        if rate is None or (ends := rate.pause_ends_at()) <= max(now, group.first_deadline):
            return
        why = f"{self._explain_pause(rate, now)}, after the deadline of this call"
        deadlines = [(waiter, waiter.deadline) for waiter in group.waiters if waiter.deadline is not None]
        for waiter, deadline in deadlines:
            if deadline < ends:
                self._remove(group, waiter)
                self._refuse(waiter, why)
        group.first_deadline = min((deadline for _, deadline in deadlines if deadline >= ends), default=math.inf)

    def _remove(self, group: LimitGroup, waiter: _Waiter) -> None:
        """Take a request out of the queue of its group."""
        del group.waiters[waiter]
        self._waiting[group.kind] -= 1
        if not group.waiters:
            group.first_deadline = math.inf
            self._ready.pop(group, None)
            self._parked.pop(group, None)

    def _set_timer(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._on_time, context=NO_CONTEXT)

    def _on_time(self) -> None:
        self._timer = None
        now = self._loop.time() + EARLY
        for group in [group for group, until in self._parked.items() if until <= now]:
            self._wake(group)
        self._serve()
        left = min(self._parked.values(), default=math.inf)
        if left != math.inf and self._timer is None:
            self._set_timer(left)

    # What responses say

    def _responded(self, rate: RateLimiter, sent_at: float, headers: LimitHeaders) -> None:
        pause = rate.responded(self._loop.time(), sent_at, headers)
        if pause is not None and self._paused_hook is not None:
            self._paused_hook(rate, pause)
        if self._parked:
            self._wake_all(rate)
            self._serve()

    def _paused(self, rate: RateLimiter, headers: LimitHeaders, backoff: float) -> float:
        pause, begins = rate.refused(self._loop.time(), headers, backoff)
        if begins and self._paused_hook is not None:
            self._paused_hook(rate, pause)
        # Those who wait with a deadline may have to leave now, also where they wait for a connection only.
        for group in [group for group in self._waiting_groups() if group.rate is rate]:
            self._ready.pop(group, None)
            self._parked.pop(group, None)
            self._park(group, rate.paused_until, self._loop.time())
        return pause

    def _lost(self, rate: RateLimiter) -> None:
        rate.lost()
        if self._parked:
            self._wake_all(rate)
            self._serve()

    def _overloaded(self, permit: Permit) -> None:
        group = permit.group
        now = self._loop.time()
        if self._adaptive and group.concurrency.refused(now, permit.epoch) and self._adapted_hook is not None:
            self._adapted_hook(group, group.concurrency.at(now))
            recovered = group.concurrency.reached_at(self.maximum)
            self._loop.call_at(recovered, self._on_recovered, group, group.concurrency.epoch, context=NO_CONTEXT)

    def _on_recovered(self, group: LimitGroup, epoch: int) -> None:
        """Tell that a group is back at the maximum, unless it was lowered again meanwhile."""
        if epoch == group.concurrency.epoch and self._adapted_hook is not None:
            self._adapted_hook(group, self.maximum)

    # The end of waits

    def _refuse(self, waiter: _Waiter, why: str) -> None:
        if not waiter.future.done():
            waiter.future.set_result(NotAdmittedError(why))

    def _watch_for_stall(self, kind: TimeoutProfile) -> None:
        if self._stall_timeout is None:
            return
        if not self._waiting[kind]:
            self._stalled_from[kind] = self._loop.time()
        if self._stall_timer is None:
            self._stall_timer = self._loop.call_later(self._stall_timeout, self._on_stall_check, context=NO_CONTEXT)

    def _on_stall_check(self) -> None:
        """End the waits of a kind of which nothing was admitted for too long; look again later where some wait."""
        self._stall_timer = None
        assert self._stall_timeout is not None  # noqa: S101 - the timer is only set where there is one
        now = self._loop.time()
        next_check = math.inf
        for kind in _KINDS:
            if now + EARLY >= self._stalled_from[kind] + self._stall_timeout:
                for group in [group for group in self._waiting_groups() if group.kind == kind]:
                    if self._parked.get(group, math.inf) == math.inf:
                        self._end_stalled(group)
                self._stalled_from[kind] = now
            if self._waiting[kind]:
                next_check = min(next_check, self._stalled_from[kind] + self._stall_timeout)
        if next_check != math.inf:
            self._stall_timer = self._loop.call_at(next_check, self._on_stall_check, context=NO_CONTEXT)

    def _end_stalled(self, group: LimitGroup) -> None:
        why = f"nothing was admitted for {self._stall_timeout:g} s: {self.explain(group)}"
        for waiter in tuple(group.waiters):
            self._remove(group, waiter)
            self._refuse(waiter, why)

    # Words for errors

    def _explain_pause(self, rate: RateLimiter, now: float) -> str:
        seconds = rate.pause_ends_at() - now
        moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
        return f"the rate limit of {rate.name!r} pauses for {seconds:.1f} s, until {moment:%Y-%m-%d %H:%M:%S} UTC"

    def _explain_holders(self, kind: TimeoutProfile) -> str:
        apart = self.max_streams is not None
        held = Counter(
            (permit.request.operation, permit.group.long)
            for permit in self._permits
            if not apart or (permit.group.kind == "stream") == (kind == "stream")
        )
        names = ", ".join(
            f"{count} x {operation}{' (stream or upload)' if is_long else ''}"
            for (operation, is_long), count in held.most_common(5)
        )
        if apart and kind == "stream":
            return (
                f"streams hold all {self.max_streams} connections that they may use ({names}); close streams that are "
                "no longer read, or raise max_streams"
            )
        if kind != "call" and self._in_use["upload"] + (0 if apart else self._in_use["stream"]) >= self._long_capacity:
            who, advice = "uploads", ""
            if not apart:
                who, advice = "streams and uploads", "close streams that are no longer read, or "
            return (
                f"{who} hold all {self._long_capacity} connections that they may use ({names}); {advice}raise "
                "max_connections"
            )
        return f"all {self.maximum} connections are in use ({names}); raise max_connections if that is too few"

    def _rate(self, account: str, name: str) -> RateLimiter:
        rate = self._rates.get((account, name))
        if rate is None:
            rate = self._rates[account, name] = RateLimiter(name, self._per_minute.get(name))
        return rate

    def _forget_idle(self) -> None:
        """A backend that serves many accounts through one client must not keep something for each of them for ever."""
        now = self._loop.time()
        for key, group in tuple(self.groups.items()):
            if not (group.in_use or group.waiters or (group.rate is not None and not group.rate.idle(now))):
                del self.groups[key]
        kept = {id(group.rate) for group in self.groups.values()}
        for name, rate in tuple(self._rates.items()):
            if id(rate) not in kept:
                del self._rates[name]

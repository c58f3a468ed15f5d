"""What a client and its `with_options` copies have in common: session, limits, retry quota, calls in flight."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

from .._config.hooks import call_hook, logger
from .deadline import Watchdog
from .limits.limiter import Limiter
from .limits.retry_quota import RetryQuota
from .session import SessionHolder

if TYPE_CHECKING:
    import aiohttp

    from .._config.config import Config
    from .._config.limits_state import GroupState, LimitsState
    from .deadline import CallTimer
    from .incoming import StreamResponse
    from .limits.limiter import LimitGroup
    from .limits.rate_limit import RateLimiter


class ClientState:
    """One per client."""

    def __init__(self, config: Config) -> None:
        self.holder: SessionHolder = SessionHolder(config)
        self.calls: set[CallTimer] = set()
        self.streams: set[StreamResponse] = set()
        self.watchdog: Watchdog = Watchdog()
        self.retry_quota: RetryQuota = RetryQuota(config.retry.quota)
        self._config = config
        self._limiter: Limiter | None = None
        self._moves = 0

    def enter(self, loop: asyncio.AbstractEventLoop) -> tuple[aiohttp.ClientSession, Limiter]:
        """The session and the limiter for the running loop."""
        holder = self.holder
        session = holder.get(loop)
        limiter = self._limiter
        if limiter is None or holder.moves != self._moves:
            # Whoever held a connection in the old loop will never give it back.
            self._moves = holder.moves
            self.watchdog = Watchdog()
            self.calls.clear()
            self.streams.clear()
            limiter = self._limiter = self._new_limiter(loop)
        return session, limiter

    def stop(self) -> None:
        """Stop all timers."""
        self.watchdog.stop()
        if self._limiter is not None:
            self._limiter.close()

    def snapshot(self, account: str) -> LimitsState:
        """The state of all limits now."""
        from .._config.limits_state import ConcurrencyState, LimitsState, RetryQuotaState

        quota = RetryQuotaState(capacity=self.retry_quota.capacity, available=self.retry_quota.available)
        limiter = self._limiter
        if limiter is None:
            return LimitsState(
                max_connections=self._max_connections(),
                max_streams=self._max_streams(),
                in_flight=0,
                waiting=0,
                groups={},
                concurrency={},
                retry_quota=quota,
            )
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            now = math.inf  # outside of the loop nothing is pending
        return LimitsState(
            max_connections=limiter.maximum,
            max_streams=limiter.max_streams,
            in_flight=limiter.in_flight,
            waiting=limiter.waiting,
            groups={
                name: _group_state(rate, limiter.waiting_for(rate), now)
                for name, rate in limiter.rates(account).items()
            },
            concurrency={
                f"{group.name} (long)" if group.long else group.name: ConcurrencyState(
                    limit=group.concurrency.at(now), in_flight=group.in_use, waiting=len(group.waiters)
                )
                for group in limiter.groups.values()
                if group.account in {account, ""}
            },
            retry_quota=quota,
        )

    def _max_connections(self) -> int:
        # A pool of the user's has a limit of its own, and a wait in there would count as time of the call.
        return min([self._config.max_connections, *self._limits_of_pool()])

    def _max_streams(self) -> int | None:
        """Streams beside `max_connections`; None where all requests share a pool of the user's that has a limit."""
        return None if self._limits_of_pool() else self._config.max_streams

    def _limits_of_pool(self) -> list[int]:
        config = self._config
        connector = config.connector if config.session is None else config.session.connector
        limits = [getattr(connector, "limit", 0), getattr(connector, "limit_per_host", 0)]
        return [limit for limit in limits if limit > 0]

    def _new_limiter(self, loop: asyncio.AbstractEventLoop) -> Limiter:
        config = self._config
        return Limiter(
            loop,
            self._max_connections(),
            max_streams=self._max_streams(),
            own_pool=config.session is None and config.connector is None,
            adaptive=config.adaptive,
            per_minute=config.requests_per_minute,
            stall_timeout=config.stall_timeout if math.isfinite(config.stall_timeout) else None,
            paused=self._on_pause,
            adapted=self._on_adaptation,
        )

    def _on_pause(self, rate: RateLimiter, seconds: float) -> None:
        logger.info("rate limit: group %s pauses for %.1f s", rate.name, seconds)
        if self._config.hooks.on_limit is not None:
            from .._config.events import LimitEvent

            call_hook(self._config.hooks.on_limit, LimitEvent(name=rate.name, kind="paused", seconds=seconds))

    def _on_adaptation(self, group: LimitGroup, limit: int) -> None:
        lowered = limit < group.concurrency.maximum
        if lowered:
            logger.info("the platform is overloaded: %s is limited to %d requests in flight", group.name, limit)
        if self._config.hooks.on_limit is not None:
            from .._config.events import LimitEvent

            event = LimitEvent(name=group.name, kind="slowed" if lowered else "recovered", in_flight_limit=limit)
            call_hook(self._config.hooks.on_limit, event)


def _group_state(rate: RateLimiter, waiting: int, now: float) -> GroupState:
    from .._config.limits_state import GroupState

    known = rate.remaining is not None and now < rate.reset_at
    return GroupState(
        limit=None if rate.limit is None else int(rate.limit),
        remaining=max(0, int(rate.remaining)) if known and rate.remaining is not None else None,
        reset_in=rate.reset_at - now if known else None,
        paused_for=max(0.0, rate.paused_until - now),
        in_flight=rate.in_flight,
        waiting=waiting,
        requests_per_minute=rate.per_minute,
    )

"""A rate that may change at any time: the share that one of several processes has of the limits of an account."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import attrs

from .._transport.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from typing import Any

    from .._config.config import Config
    from .._request.message import Request, Response

ALL: Final = "*"
"""In the place of a rate-limit group: all that have no rate of their own."""

SLACK: Final = 0.1
"""Seconds that a request may come early, so that a late timer does not lower the rate."""


class Pace:
    """Spaces the requests of each rate-limit group evenly. Requests without a group are not limited."""

    def __init__(self) -> None:
        self._per_minute: Mapping[str, float] = {}
        self._latest: dict[str, float] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._changed = asyncio.Event()

    def set(self, per_minute: Mapping[str, float]) -> None:
        """Change the rates, also for requests that wait.

        Args:
            per_minute: Requests per minute by group; `*` stands for all others.
        """
        if per_minute != self._per_minute:
            self._per_minute = dict(per_minute)
            self._changed.set()

    def limits(self, group: str | None) -> bool:
        """Whether a group has a rate."""
        return group is not None and (group in self._per_minute or ALL in self._per_minute)

    async def admit(self, group: str) -> None:
        """Wait for the turn of a request."""
        loop = asyncio.get_running_loop()
        async with self._turns[group]:
            while self.limits(group):
                per_minute = self._per_minute.get(group) or self._per_minute[ALL]
                turn = self._latest.get(group, -math.inf) + 60.0 / per_minute
                now = loop.time()
                if turn - SLACK <= now:
                    self._latest[group] = max(turn, now - SLACK)
                    return
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), turn - now)


class PacedTransport(Transport):
    """A transport whose requests keep a pace.

    A call of a group that has a rate is not retried here, because its retries would exceed the rate: a batch ingestion
    tries again itself.
    """

    def __init__(self, config: Config, pace: Pace) -> None:
        super().__init__(config)
        self._pace = pace

    def send(self, request: Request) -> Coroutine[Any, Any, Response]:
        """Send a request when it is its turn."""
        if request.rate_limit_group is not None and self._pace.limits(request.rate_limit_group):
            return self._send_paced(attrs.evolve(request, max_retries=0), request.rate_limit_group)
        return super().send(request)

    async def _send_paced(self, request: Request, group: str) -> Response:
        await self._pace.admit(group)
        return await super().send(request)

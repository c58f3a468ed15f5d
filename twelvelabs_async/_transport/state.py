"""What a client and its `with_options` copies have in common: session, slots, rate limits, calls in flight."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from .._config.hooks import GroupState, LaneState, LimitEvent, LimitsState, call_hook, logger
from .deadline import Watchdog
from .limits.concurrency import Gate, Lane
from .limits.rate_limit import Group
from .session import SessionHolder

if TYPE_CHECKING:
    import aiohttp

    from .._config.config import Config
    from .deadline import CallTimer
    from .incoming import StreamResponse

MAX_GROUPS: Final = 1000
"""Rate-limit groups, of all accounts together, above which those that hold nothing are forgotten."""

UNGROUPED: Final = "other"
"""Name of the group of operations for which the OpenAPI document names none."""


class ClientState:
    """One per client."""

    def __init__(self, config: Config) -> None:
        self.holder = SessionHolder(config)
        self.calls: set[CallTimer] = set()
        self.streams: set[StreamResponse] = set()
        self.groups: dict[tuple[str, str], Group] = {}
        self._config = config
        self._moves = 0
        self.watchdog = Watchdog()
        self.gate = self._new_gate()

    def enter(self, loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
        """The session for the running loop."""
        holder = self.holder
        session = holder.get(loop)
        if holder.moves != self._moves:
            # Whoever held slots in the old loop will never give them back.
            self._moves = holder.moves
            self.watchdog = Watchdog()
            self.gate = self._new_gate()
            self.groups.clear()
            self.calls.clear()
            self.streams.clear()
        return session

    def group(self, key: str, name: str | None) -> Group:
        """The rate-limit group of that name of the account with that key."""
        name = name or UNGROUPED
        group = self.groups.get((key, name))
        if group is None:
            if len(self.groups) >= MAX_GROUPS:
                self._forget_idle_groups()
            per_minute = self._config.requests_per_minute.get(name)
            group = self.groups[key, name] = Group(name, self._group_changed, per_minute)
        return group

    def _forget_idle_groups(self) -> None:
        """A backend that serves many accounts through one client must not keep something for each of them for ever."""
        now = asyncio.get_running_loop().time()
        for key, group in tuple(self.groups.items()):
            if group.idle(now):
                del self.groups[key]

    def snapshot(self, key: str) -> LimitsState:
        """The state of all limits now."""
        gate = self.gate
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:
            now = math.inf  # outside of the loop nothing is pending
        return LimitsState(
            max_connections=gate.maximum,
            in_flight=gate.maximum - gate.free,
            waiting=sum(len(lane.waiters) for lane in gate.lanes.values()),
            groups={name: _group_state(group, now) for (owner, name), group in self.groups.items() if owner == key},
            lanes={
                f"{lane.name} (long)" if lane.long else lane.name: LaneState(
                    limit=int(lane.limit), in_flight=lane.in_use, waiting=len(lane.waiters)
                )
                for lane in gate.lanes.values()
            },
        )

    def _new_gate(self) -> Gate:
        config = self._config
        connector = config.connector if config.session is None else config.session.connector
        # A pool of the user's has a limit of its own, and a wait in there would count as time of the call.
        limits = [config.max_connections, getattr(connector, "limit", 0), getattr(connector, "limit_per_host", 0)]
        return Gate(min(limit for limit in limits if limit > 0), config.adaptive, self._lane_changed)

    def _group_changed(self, group: Group, seconds: float) -> None:
        logger.info("rate limit: group %s pauses for %.1f s", group.name, seconds)
        call_hook(self._config.hooks.on_limit, LimitEvent(name=group.name, kind="paused", seconds=seconds))

    def _lane_changed(self, lane: Lane) -> None:
        slowed = lane.limit < self.gate.maximum
        limit = int(lane.limit)
        if slowed:
            logger.info("the platform is overloaded: %s is limited to %d requests in flight", lane.name, limit)
        event = LimitEvent(name=lane.name, kind="slowed" if slowed else "recovered", in_flight_limit=limit)
        call_hook(self._config.hooks.on_limit, event)


def _group_state(group: Group, now: float) -> GroupState:
    known = group.remaining is not None and now < group.reset_at
    return GroupState(
        limit=None if group.limit is None else int(group.limit),
        remaining=max(0, int(group.remaining)) if known and group.remaining is not None else None,
        reset_in=group.reset_at - now if known else None,
        paused_for=max(0.0, group.paused_until - now),
        in_flight=group.in_flight,
        waiting=group.waiting,
        requests_per_minute=group.per_minute,
    )

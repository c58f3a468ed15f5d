"""Who may send now: a bounded number of requests in flight, shared fairly, fewer when the platform is overloaded.

The gate stands in front of aiohttp's pool, which has no limit of its own: whoever waits here waits without a timeout,
and clocks start when the slot is held. Requests are sorted into lanes (a rate-limit group, or a resource). Within a
lane, first come is first served; between lanes, slots go round in turn, so that ten thousand waiting searches do not
hold up the one status query.

Each lane has a limit of its own that adapts: halved when the platform says 429 or 503 there (once for all requests
that were in flight at that moment), and grown by one for each full round of good answers.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

LONG_SHARE: Final = 0.75
"""Share of the slots that uploads and streams may hold, so that small calls always get through."""


class Lane:
    """The requests of one group or resource.

    Attributes:
        name: Name of the group or resource.
        long: Whether its requests hold their slots for long (uploads, streams).
        limit: Most slots that it may hold now.
        in_use: Slots that it holds.
        epoch: Number of times that it was slowed down.
        waiters: Those who wait for a slot, in order.
    """

    __slots__ = ("epoch", "in_use", "limit", "long", "name", "waiters")

    def __init__(self, name: str, long: bool, limit: float) -> None:
        self.name = name
        self.long = long
        self.limit = limit
        self.in_use = 0
        self.epoch = 0
        self.waiters: OrderedDict[asyncio.Future[None], None] = OrderedDict()


class Gate:
    """Gives out slots.

    Args:
        maximum: Slots in all, and the highest limit of a lane.
        adaptive: Whether the limits of lanes change.
        changed: Called with a lane whose limit was halved, or is back at the maximum.
    """

    def __init__(self, maximum: int, adaptive: bool = True, changed: Callable[[Lane], None] | None = None) -> None:
        self.maximum = maximum
        self.free = maximum
        self.free_long = max(1, int(maximum * LONG_SHARE))
        self.lanes: dict[tuple[str, bool], Lane] = {}
        self._adaptive = adaptive
        self._changed = changed
        self._turns: OrderedDict[Lane, None] = OrderedDict()  # lanes with waiters; the first is next

    def lane(self, name: str, long: bool = False) -> Lane:
        """The lane of that name, made when it is first asked for."""
        lane = self.lanes.get((name, long))
        if lane is None:
            lane = self.lanes[name, long] = Lane(name, long, self.maximum)
        return lane

    def take(self, lane: Lane) -> bool:
        """Take a slot if one is free now. Nobody is overtaken: a free slot means that no waiter may have it."""
        if self.free <= 0 or lane.in_use + 1 > lane.limit or (lane.long and self.free_long <= 0):
            return False
        self._grant(lane)
        return True

    async def wait(self, lane: Lane) -> None:
        """Wait for a slot. It is held when this returns."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane.waiters[future] = None
        self._turns[lane] = None
        try:
            await future
        except BaseException:  # cancelled, or dropped by a loop that ends
            if lane.waiters.pop(future, self) is self:
                self.release(lane)  # the slot came together with the cancellation: pass it on
            elif not lane.waiters:
                self._turns.pop(lane, None)
            raise

    def release(self, lane: Lane) -> None:
        """Give a slot back."""
        self.free += 1
        lane.in_use -= 1
        if lane.long:
            self.free_long += 1
        if self._turns:
            self._serve()

    def good(self, lane: Lane) -> None:
        """An answer came that shows no overload: let the lane grow if it was held down."""
        if lane.limit < self.maximum:
            lane.limit = min(self.maximum, lane.limit + 1.0 / lane.limit)
            if lane.limit >= self.maximum and self._changed is not None:
                self._changed(lane)
            if self._turns:
                self._serve()

    def overloaded(self, lane: Lane, epoch: int) -> None:
        """The platform refused a request that was sent in that epoch of the lane: halve, once per epoch."""
        if epoch != lane.epoch or not self._adaptive:
            return
        lane.epoch += 1
        lane.limit = max(1.0, min(lane.limit, max(lane.in_use, 1)) / 2)
        if self._changed is not None:
            self._changed(lane)

    def _grant(self, lane: Lane) -> None:
        self.free -= 1
        lane.in_use += 1
        if lane.long:
            self.free_long -= 1

    def _serve(self) -> None:
        """Give free slots to waiters, one per lane and turn, until nobody may have one."""
        turns = self._turns
        refused = 0
        while self.free > 0 and refused < len(turns):
            lane, _ = turns.popitem(last=False)
            if lane.waiters:
                turns[lane] = None
            if not lane.waiters or lane.in_use + 1 > lane.limit or (lane.long and self.free_long <= 0):
                refused += 1
                continue
            refused = 0
            future, _ = lane.waiters.popitem(last=False)
            if not lane.waiters:
                del turns[lane]
            # A waiter whose task is being cancelled finds itself gone from the queue and passes the slot on.
            self._grant(lane)
            if not future.done():
                future.set_result(None)

"""A platform in memory, which counts what it is asked, and can lie."""

from __future__ import annotations

import asyncio
import math
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from twelvelabs_async._generated.operations.assets import RETRIEVE_ASSET_WAIT
from twelvelabs_async._generated.operations.tasks import RETRIEVE_TASK_WAIT
from twelvelabs_async._waiting import Waiting
from twelvelabs_async.errors import NotFoundError
from twelvelabs_async.waiters.hub import WaitHub

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Sequence

    from twelvelabs_async.waiters.many import Outcomes

FOREVER = math.inf


class State(SimpleNamespace):
    """A state of a task; `row` says whether a list has shown it."""

    id: str
    status: str | None
    row: bool


class Platform:
    """Tasks with a course of states, in order of creation.

    Attributes:
        tasks: By id, the times (from the beginning) and the statuses from then on.
        requests: How many requests of each kind came: `retrieve`, `list`.
        asked: Ids and times of the requests that retrieve, in order.
        latency: Seconds that each request takes.
        retrieve_error: Called with an id: an error to raise, or None.
        list_error: Called with the number of the page: an error to raise, or None.
        rewrite: Called with the rows of a page, and returns others.
        in_flight: Requests under way.
        most_in_flight: The most there ever were.
    """

    def __init__(self) -> None:
        self.tasks: dict[str, list[tuple[float, str | None]]] = {}
        self.index_of: dict[str, str] = {}
        self.requests: Counter[str] = Counter()
        self.asked: list[tuple[str, float]] = []
        self.queries: list[dict[str, Any]] = []
        self.latency = 0.01
        self.retrieve_error: Callable[[str], Exception | None] = lambda _: None
        self.list_error: Callable[[int], Exception | None] = lambda _: None
        self.rewrite: Callable[[list[State]], list[State]] = lambda rows: rows
        self.total: Callable[[int], Any] = lambda pages: pages
        self.in_flight = 0
        self.most_in_flight = 0
        self.hub = WaitHub()
        self.client = object()
        self.loop = asyncio.get_running_loop()
        self.began = self.loop.time()

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self.loop.time() - self.began

    def add(self, identifier: str, *course: tuple[float, str | None], index: str = "index") -> str:
        """Create a task; without a course it is ready after 10 s."""
        self.tasks[identifier] = list(course) or [(0.0, "indexing"), (10.0, "ready")]
        self.index_of[identifier] = index
        return identifier

    def add_many(self, count: int, *course: tuple[float, str | None]) -> list[str]:
        """Create several tasks with the same course."""
        return [self.add(f"task{number:06d}", *course) for number in range(count)]

    def status(self, identifier: str) -> str | None:
        """The status now."""
        return _status_at(self.now, self.tasks[identifier])

    def state(self, identifier: str, *, row: bool = False) -> State:
        """The state now."""
        return State(id=identifier, status=self.status(identifier), row=row, index_id=self.index_of[identifier])

    async def execute(self, operation: Any, *, path: Any = None, query: Any = None, options: Any = None) -> Any:
        """What `Resource._execute` does."""
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            await asyncio.sleep(self.latency)
            if operation.id.startswith("retrieve"):
                return self._retrieve(next(iter(path.values())))
            return self._list(dict(query))
        finally:
            self.in_flight -= 1

    def _retrieve(self, identifier: str) -> State:
        self.requests["retrieve"] += 1
        self.asked.append((identifier, self.now))
        if error := self.retrieve_error(identifier):
            raise error
        if identifier not in self.tasks:
            raise NotFoundError("there is no such task", status=404)
        return self.state(identifier)

    def _list(self, query: dict[str, Any]) -> Any:
        self.requests["list"] += 1
        self.queries.append(query)
        page, limit = query["page"], query["page_limit"]
        if error := self.list_error(page):
            raise error
        found: Sequence[str] = list(reversed(self.tasks))
        if "asset_ids" in query:
            found = [identifier for identifier in found if identifier in query["asset_ids"]]
        if "index_id" in query:
            found = [identifier for identifier in found if self.index_of[identifier] == query["index_id"]]
        if "status" in query:
            now = self.now  # once: there are thousands of tasks
            found = [identifier for identifier in found if _status_at(now, self.tasks[identifier]) in query["status"]]
        rows = [self.state(identifier, row=True) for identifier in found[(page - 1) * limit : page * limit]]
        info = SimpleNamespace(total_page=self.total(-(-len(found) // limit)))
        return SimpleNamespace(data=self.rewrite(rows), page_info=info)

    # Waits

    def waiting(
        self,
        *,
        interval: float = 1.0,
        timeout: float = 3600.0,
        options: Any = None,
        assets: bool = False,
        client: object = None,
    ) -> Waiting[Any, Any]:
        """A wait for tasks, or for assets, whose list takes ids and whose rows hold everything."""
        return Waiting(
            RETRIEVE_ASSET_WAIT if assets else RETRIEVE_TASK_WAIT,
            self.hub,
            self.client if client is None else client,
            self.execute,
            (),
            sleep_interval=interval,
            timeout=timeout,
            options=options,
            clean=lambda error: None,
        )

    async def wait(self, identifier: str, callback: Any = None, **settings: Any) -> Any:
        """`wait_for_done`."""
        return await self.waiting(**settings).until_final(identifier, callback)

    def outcomes(self, ids: Iterable[str] | AsyncIterable[str], **settings: Any) -> Outcomes[Any]:
        """`as_completed`."""
        return self.waiting(**settings).outcomes(ids)

    async def states(
        self, ids: Iterable[str] | AsyncIterable[str], *, return_failures: bool = False, **settings: Any
    ) -> list[Any]:
        """`wait_all`."""
        return await self.waiting(**settings).states(ids, return_failures=return_failures)

    def changes(self, identifier: str, **settings: Any) -> Outcomes[Any]:
        """`watch`."""
        return self.waiting(**settings).changes(identifier)

    async def is_idle(self) -> bool:
        """Whether nothing is left of any wait: no task, no poller, no request."""
        for _ in range(10):
            await asyncio.sleep(0)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        return not others and not self.hub._pollers and not self.in_flight


def _status_at(time: float, course: list[tuple[float, str | None]]) -> str | None:
    found: str | None = None
    for at, status in course:
        if at <= time + 1e-9:
            found = status
    return found

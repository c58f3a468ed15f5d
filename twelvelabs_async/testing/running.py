"""An emulator in a thread of its own, and what a test can do with it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final, TypeVar

from .._safe_repr import SafeRepr
from ..client import AsyncTwelveLabs
from ..emulator import Emulator, Settings
from .instant import instant as make_instant

if TYPE_CHECKING:
    from ..emulator import FaultPlan
    from ..emulator.recorder import RequestMade

T = TypeVar("T")

RECORDED: Final = 10_000
"""Requests that are recorded where the settings name no number."""

PATIENCE: Final = 60.0
"""Seconds that a call from the test's thread waits for the emulator's."""


class RunningEmulator(SafeRepr):
    """A running emulator, as a test sees it. Its methods may be called from any thread; none of them is a coroutine.

    Attributes:
        base_url: Address of the API.
        api_key: A key that it accepts.
        environment: Environment variables that configure a client for it.
        webhook_secret: The secret that signs webhook events.
    """

    def __init__(self, emulator: Emulator, loop: asyncio.AbstractEventLoop) -> None:
        self._emulator = emulator
        self._loop = loop
        self._faults = emulator.faults
        self.base_url: str = emulator.base_url
        self.api_key: str = emulator.api_key
        self.environment: Mapping[str, str] = emulator.environment
        self.webhook_secret: str = emulator.settings.webhook_secret

    def client(self, **arguments: Any) -> AsyncTwelveLabs:
        """A client of this emulator. Close it as usual.

        Args:
            arguments: Further arguments of `AsyncTwelveLabs`.
        """
        return AsyncTwelveLabs(api_key=self.api_key, base_url=self.base_url, **arguments)

    @property
    def faults(self) -> FaultPlan:
        """The fault plan: `faults.add(kind="status", code="insufficient_funds", operation="createTask", count=1)`."""
        return self._faults

    def set_rate_limit(self, limit: int | None, group: str = "*", *, window: float | None = None) -> None:
        """Change a rate limit; the windows of all groups begin anew.

        Args:
            limit: Requests per window; None for no limit.
            group: Rate-limit group: `index`, `upload`, `search`, `analyze`, `embed`, `responses`, or `other` for the
                operations without one; `*` for all groups that have no limit of their own.
            window: Length of a window in seconds; None leaves it as it is.

        Raises:
            ValueError: There is no such group, or a number is out of range.
        """

        async def change() -> None:
            self._emulator.set_rate_limit(limit, group, window=window)

        self._run(change)

    def advance(self, seconds: float) -> None:
        """Let time pass at once: tasks change their states, and URLs, tokens and sessions expire.

        It returns when everything that is due by then has been done, except deliveries of webhooks. The client's own
        clock is not changed: a wait that pauses goes on pausing (see `instant`).

        Args:
            seconds: How much time passes.

        Raises:
            ValueError: It is negative, or not a number.
        """
        self._run(lambda: self._emulator.advance(seconds))

    def webhook_event(self, type: str, /, *, event_id: str | None = None, **data: Any) -> tuple[bytes, dict[str, str]]:  # noqa: A002
        """A webhook event as the platform would deliver it now: the raw body, and the headers with a valid signature.

        Args:
            type: Type of the event, such as `index.task.ready`. Any type is possible: the platform may have new ones.
            event_id: Identifier of the event, for a second delivery of the same one; a fresh one by default.
            data: Members of the event's data. Of a documented type, the others have plausible values.
        """
        return self._emulator.webhook_event(type, event_id=event_id, **data)

    @property
    def requests(self) -> list[RequestMade]:
        """The requests to the API so far, oldest first, at most the last 10,000 (setting `recorded_requests`)."""

        async def look() -> list[RequestMade]:
            return self._emulator.requests

        return self._run(look)

    @property
    def leaks(self) -> list[str]:
        """Requests that carried an API key to another origin: a client must never make any."""
        return list(self._emulator.leaks)

    @property
    def assets(self) -> list[dict[str, Any]]:
        """The assets as JSON, oldest first."""
        return self._documents("asset")

    @property
    def indexes(self) -> list[dict[str, Any]]:
        """The indexes as JSON, oldest first."""
        return self._documents("index")

    @property
    def indexed_assets(self) -> list[dict[str, Any]]:
        """The indexed assets (videos) of all indexes as JSON, oldest first."""
        return self._documents("video")

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The indexing tasks as JSON, oldest first."""
        return self._documents("task")

    @property
    def analyze_tasks(self) -> list[dict[str, Any]]:
        """The analyze tasks as JSON, oldest first."""
        return self._documents("analyze_task")

    def _documents(self, kind: str) -> list[dict[str, Any]]:
        return self._run(lambda: self._emulator.documents(kind))

    def _run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Runs something in the emulator's event loop, and waits for it."""
        if self._loop.is_closed() or self._emulator.platform is None:
            raise RuntimeError("The emulator has ended: it runs until the end of the `with` block")
        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(PATIENCE)


class EmulatorRunner:
    """Runs an emulator in a thread until the end of the block: `with` in plain code, `async with` in coroutines."""

    def __init__(self, settings: Settings, *, instant: bool) -> None:
        self._settings = settings
        self._instant = instant
        self._open = contextlib.ExitStack()

    def __enter__(self) -> RunningEmulator:
        with contextlib.ExitStack() as stack:
            if self._instant:
                stack.enter_context(make_instant())
            running = stack.enter_context(_thread(self._settings))
            self._open = stack.pop_all()
        return running

    def __exit__(self, *exc_info: object) -> None:
        self._open.close()

    async def __aenter__(self) -> RunningEmulator:
        starting = asyncio.ensure_future(asyncio.to_thread(self.__enter__))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])
            await self.__aexit__()
            raise

    async def __aexit__(self, *exc_info: object) -> None:
        await asyncio.shield(asyncio.ensure_future(asyncio.to_thread(self._open.close)))


def run_emulator(settings: Settings | None = None, *, instant: bool = False, **changes: Any) -> EmulatorRunner:
    """Run an emulator in a thread until the end of the block.

        with run_emulator() as emulator: ...
        async with run_emulator(plan="developer") as emulator: ...

    Args:
        settings: Settings of the emulator. The default is `speed=0`, without simulated delays.
        instant: Retries and waits of all clients of this process take no time within the block: see `instant`.
        changes: Single settings by name.

    Returns:
        A context manager, for `with` and for `async with`; its value is a `RunningEmulator`.
    """
    found = dataclasses.replace(settings or Settings(speed=0), **changes)
    if not found.recorded_requests:
        found = dataclasses.replace(found, recorded_requests=RECORDED)
    return EmulatorRunner(found, instant=instant)


@contextlib.contextmanager
def _thread(settings: Settings) -> Iterator[RunningEmulator]:
    ready: Future[tuple[RunningEmulator, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def serve() -> None:
        async with Emulator(settings) as emulator:
            loop, ending = asyncio.get_running_loop(), asyncio.Event()
            ready.set_result((RunningEmulator(emulator, loop), loop, ending))
            await ending.wait()

    def run() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=run, name="twelvelabs-emulator")
    thread.start()
    try:
        found, loop, ending = ready.result()
        try:
            yield found
        finally:
            loop.call_soon_threadsafe(ending.set)
    finally:
        thread.join()

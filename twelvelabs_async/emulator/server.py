"""The emulator as a server: two ports and a state folder, opened and closed together."""

from __future__ import annotations

import asyncio
import dataclasses
import math
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from aiohttp import web

from . import clock
from .clock import Clock
from .disconnects import Handler, end_quietly
from .openapi import document
from .platform import Platform
from .resources.documents import public
from .services import webhook_events
from .services.rate_limiter import UNGROUPED
from .settings import Settings
from .state.store import Store

if TYPE_CHECKING:
    from aiohttp.typedefs import Middleware

    from .faults.plan import FaultPlan
    from .recorder import RequestMade


class Emulator:
    """A running platform: `async with Emulator(speed=10) as emulator: emulator.base_url ...`.

    Attributes:
        settings: What it was started with.
        platform: Its parts, once it runs.
    """

    def __init__(self, settings: Settings | None = None, **changes: Any) -> None:
        """Takes settings, single settings by name, or both."""
        self.settings: Settings = dataclasses.replace(settings or Settings(), **changes)
        self.platform: Platform | None = None
        self._runners: list[web.AppRunner] = []
        self._servers: list[asyncio.Server] = []
        self._temporary: Path | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.close()

    @property
    def base_url(self) -> str:
        """Address of the API, with the version."""
        return self._running().addresses.base_url

    @property
    def objects_url(self) -> str:
        """Address of the object store."""
        return self._running().addresses.objects_url

    @property
    def api_key(self) -> str:
        """An accepted key."""
        return self.settings.api_keys[0]

    @property
    def faults(self) -> FaultPlan:
        """The fault plan, and how often each fault was injected. It may be changed at any time."""
        return self._running().faults

    @property
    def leaks(self) -> list[str]:
        """Requests that carried an API key to the object store, or to the target of injected redirects."""
        return self._running().object_store.leaks

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables with which a client finds the emulator."""
        return {"TWELVE_LABS_API_KEY": self.api_key, "TWELVELABS_BASE_URL": self.base_url}

    def _running(self) -> Platform:
        if self.platform is None:
            raise RuntimeError("The emulator is not running: use `async with Emulator() as emulator`")
        return self.platform

    async def start(self) -> None:
        """Opens the state and both ports, and resumes unfinished work."""
        if self.platform is not None:
            raise RuntimeError("The emulator is already running")
        folder = self.settings.state
        if folder is None:
            self._temporary = folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="twelvelabs-emulator-"))
        try:
            timer = Clock()
            store = Store(folder, timer)
            platform = Platform(self.settings, await asyncio.to_thread(document.load), store, timer)
        except BaseException:
            await self.close()
            raise
        try:
            await platform.open()
            host = _host_in_url(self.settings.host)
            api = web.Application(client_max_size=2**40)
            api.router.add_route("*", r"/{path:[\s\S]*}", platform.dispatcher.handle)
            port = await self._serve(api, self.settings.port, platform, "api")
            platform.addresses.base_url = f"http://{host}:{port}{platform.dispatcher.prefix}"
            objects = platform.object_store.application()
            objects_port = await self._serve(objects, self.settings.objects_port, platform, "objects")
            platform.addresses.objects_url = f"http://{host}:{objects_port}"
            await platform.start()
        except BaseException:
            self.platform = platform
            await self.close()
            raise
        self.platform = platform

    @property
    def requests(self) -> list[RequestMade]:
        """The last requests to the API, oldest first: as many as the setting `recorded_requests` keeps."""
        return [dataclasses.replace(made) for made in self._running().recorder.requests]

    async def documents(self, kind: str) -> list[dict[str, Any]]:
        """What the emulator holds, as the API shows it, oldest first.

        Args:
            kind: Kind of the documents, such as `asset`, `index`, `video` (an indexed asset), `task`, `analyze_task`.
        """
        return await self._running().store.run(lambda tx: [public(document) for document in tx.all(kind)])

    def webhook_event(self, type: str, /, *, event_id: str | None = None, **data: Any) -> tuple[bytes, dict[str, str]]:  # noqa: A002
        """A webhook event as the platform would deliver it now, signed with `Settings.webhook_secret`.

        Args:
            type: Type of the event, such as `index.task.ready`. Any type is possible: the platform may have new ones.
            event_id: Identifier of the event, for a second delivery of the same one; a fresh one by default.
            data: Members of the event's data. Of a documented type, the others have plausible values.

        Returns:
            The raw body and the headers of the request.
        """
        return webhook_events.make(self.settings.webhook_secret, type, data, event_id)

    async def advance(self, seconds: float) -> None:
        """Lets time pass at once: states change, and things expire, as if these seconds had passed.

        It returns when everything that is due by then has been done, except deliveries of webhooks. Faults, the
        timeouts of clients and their pauses between two requests are not changed by it.

        Args:
            seconds: How much time passes.

        Raises:
            ValueError: It is negative, not a number, or leads beyond the year 9999.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"seconds must be zero or more, not {seconds!r}")
        platform = self._running()
        if platform.clock.time() + seconds > clock.LAST:
            raise ValueError(f"seconds must not lead beyond the year 9999, as {seconds!r} does")
        await platform.advance(seconds)

    def set_rate_limit(self, limit: int | None, group: str = "*", *, window: float | None = None) -> None:
        """Changes a rate limit; the windows of all groups begin anew.

        Args:
            limit: Requests per window; None for no limit.
            group: Rate-limit group of the OpenAPI document: `index`, `upload`, `search`, `analyze`, `embed`,
                `responses`, or `other` for the operations without one; `*` for all groups that have no limit of their
                own.
            window: Length of a window in seconds; None leaves it as it is.

        Raises:
            ValueError: There is no such group, or a number is negative.
        """
        platform = self._running()
        groups = {*platform.dispatcher.rate_limit_groups, UNGROUPED, "*"}
        if group not in groups:
            raise ValueError(f"unknown rate-limit group {group!r}; known are {', '.join(sorted(groups))}")
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 0):
            raise ValueError(f"limit must be a whole number, zero or more, not {limit!r}")
        if window is not None and not 0 < window < math.inf:
            raise ValueError(f"window must be greater than 0, not {window!r}")
        platform.limiter.set_limit(limit, group, window)

    async def close(self) -> None:
        """Closes the ports, ends all work, and removes a temporary state."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        if self.platform is not None:
            self.platform.injector.close()
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        if self.platform is not None:
            await self.platform.close()
            self.platform = None
        if self._temporary is not None:
            await asyncio.to_thread(shutil.rmtree, self._temporary, ignore_errors=True)
            self._temporary = None

    async def _serve(self, application: web.Application, port: int, platform: Platform, name: str) -> int:
        """Opens a port and returns its number."""
        application.middlewares.append(_with_clock(platform.clock))
        application.middlewares.append(end_quietly)
        if name == "api":
            application.middlewares.append(platform.recorder.middleware())
        application.middlewares.append(platform.injector.middleware(name))
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self._runners.append(runner)
        await runner.setup()
        assert runner.server is not None  # noqa: S101 - set by `setup`
        factory = platform.injector.protocol_factory(name, runner.server)
        server = await asyncio.get_running_loop().create_server(factory, self.settings.host, port, backlog=1024)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])


def _with_clock(timer: Clock) -> Middleware:
    """Lets requests use the clock of the emulator."""

    @web.middleware
    async def use_clock(request: web.Request, handler: Handler) -> web.StreamResponse:
        clock.use(timer)
        return await handler(request)

    return use_clock


def _host_in_url(host: str) -> str:
    if host in {"0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host

"""The parts of an emulator, put together."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import aiohttp

from .addresses import Addresses
from .api.dispatcher import Dispatcher
from .faults.injection import OBJECT_OPERATIONS, PREFLIGHT, Injector
from .faults.plan import FaultPlan
from .handlers import REGISTRY
from .object_store import ObjectStore
from .recorder import Recorder
from .services import Services, webhooks
from .services.media_engine import MediaEngine
from .services.media_sources import MediaSources
from .services.presigned_urls import PresignedUrls
from .services.rate_limiter import RateLimiter
from .services.webhooks import Webhooks
from .state.scheduler import Scheduler

if TYPE_CHECKING:
    from .clock import Clock
    from .openapi.document import Document
    from .settings import Settings
    from .state.store import Store


class Platform:
    """Everything that an emulator is made of, without its sockets. It is made while an event loop runs."""

    def __init__(self, settings: Settings, document: Document, store: Store, timer: Clock) -> None:
        self.faults: FaultPlan = FaultPlan.load(settings.faults)
        self.faults.check_operations({"api": document.operations, "objects": [*OBJECT_OPERATIONS.values(), PREFLIGHT]})
        self.addresses: Addresses = Addresses()
        self.clock = timer
        self.store = store
        self.scheduler: Scheduler = Scheduler(store, timer)
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None))
        self.services: Services = Services(
            settings=settings,
            store=store,
            scheduler=self.scheduler,
            engine=MediaEngine(store, settings.media_threads),
            sources=MediaSources(settings, store, self._http),
            urls=PresignedUrls(settings, store, self.addresses),
            webhooks=Webhooks(settings, store, self._http),
            addresses=self.addresses,
            breaks=self.faults.breaks,
        )
        self.limiter: RateLimiter = RateLimiter(settings.all_rate_limits, settings.rate_window, timer)
        self.dispatcher: Dispatcher = Dispatcher(document, REGISTRY, self.services, self.limiter)
        self.object_store: ObjectStore = ObjectStore(self.services)
        self.recorder: Recorder = Recorder(self.dispatcher, settings.recorded_requests)
        self.injector: Injector = Injector(self.faults, self.dispatcher, self.addresses)

    async def open(self) -> None:
        """Opens the state and registers the jobs."""
        await self.store.open()
        for kind, function in REGISTRY.jobs.items():
            self.scheduler.register(kind, functools.partial(function, self.services))
        self.scheduler.register(webhooks.JOB, self.services.webhooks.deliver)

    async def start(self) -> None:
        """Resumes what an earlier process left unfinished; the addresses must be known."""
        await self.scheduler.start()

    async def advance(self, seconds: float) -> None:
        """Lets time pass at once, and waits for everything that is due by then, except deliveries of webhooks."""
        await self.scheduler.advance(seconds, without={webhooks.JOB})

    async def close(self) -> None:
        """Ends all work and closes the state."""
        await self.scheduler.stop()
        await self.services.engine.close()
        await self._http.close()
        await self.store.close()

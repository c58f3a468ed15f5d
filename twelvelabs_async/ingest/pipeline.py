"""A batch ingestion as its caller sees it: iterate, wait, look at the figures."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing
from types import TracebackType
from typing import TYPE_CHECKING, Self

from .._async_only import AsyncIterationOnly
from .._resource import Core
from .._safe_repr import SafeRepr
from ..resources.assets import AssetsResource
from ..resources.multipart_upload import MultipartUploadResource
from .destination import Destination, IndexDestination, KnowledgeStoreDestination
from .engine import Ending, Engine
from .file_threads import file_threads
from .journal import Journal
from .lookup import Lookup
from .stages import Stages
from .sweep import sweep_ingested
from .values import IngestOutcome, IngestStats

if TYPE_CHECKING:
    from .._generated.models.assets import AssetDetail
    from .plan import Plan


class Ingestion(SafeRepr, AsyncIterationOnly):
    """A batch ingestion, which `client.ingest` returns. It begins when it is first iterated or waited for.

        async with client.ingest("videos", index_id=index_id, journal="run.sqlite") as run:
            async for outcome in run:
                print(outcome.key, outcome.status)
        print(run.stats)

    Leaving the loop, the block, or cancelling ends the run within five seconds: calls that make something have a
    moment to return, so that their result is in the journal, and everything else is cancelled. Nothing is left open.
    """

    def __init__(self, core: Core, plan: Plan) -> None:
        core = Core(core.config, core.transport, waits=core.waits, inside_helper=True)
        self._core = core
        self._options = plan.options
        self._stats = IngestStats()
        # The tasks of the run do not refer to this object: when the caller drops it, the run ends.
        self._ending = Ending()
        self._is_read = False
        self._outcomes = _run(core, plan, self._stats, self._ending)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> IngestOutcome:
        """The next outcome, in order of completion.

        Raises:
            IngestError: Too many sources have failed, the destination no longer exists, or the account can do no more.
            IndexFullError: The index takes no more videos.
            JournalError: The journal cannot be used.
            AuthenticationError: The key is not accepted.
            APIConnectionError: The client was closed.
        """
        self._is_read = True
        try:
            return await anext(self._outcomes)
        finally:
            self._is_read = False

    async def wait(self) -> IngestStats:
        """Run to the end, and return the figures. Outcomes that were not iterated over are in the journal.

        Raises:
            IngestError: As in the loop.
        """
        async for _ in self:
            pass
        return self.stats

    @property
    def stats(self) -> IngestStats:
        """The figures so far. The same object is updated as the run goes on."""
        stats, now = self._stats, time.time()
        paused = max((group.paused_for for group in self._core.transport.limits.groups.values()), default=0.0)
        until = max(now + paused if paused else 0.0, stats.paused_until or 0.0)
        stats.paused_until = until if until > now else None
        return stats

    async def sweep(self, *, older_than: float = 3600.0, remove: bool = False) -> AsyncGenerator[AssetDetail]:
        """List the assets that an ingestion has made and nothing uses, and remove them on request.

        What is pending in a journal is among them, if it is old enough: run to the end first.

        Args:
            older_than: Seconds that an asset must be old. A younger one may be about to be used.
            remove: Whether to remove the assets. Only those that were removed are listed then.

        Yields:
            The assets, the newest first.
        """
        found = sweep_ingested(self._core, older_than=older_than, remove=remove, options=self._options)
        async with aclosing(found) as assets:
            async for asset in assets:
                yield asset

    async def aclose(self) -> None:
        """End the run, also while another task iterates over it: that loop ends, too."""
        if self._is_read:
            self._ending.ask()
            await self._ending.finished.wait()
        else:
            await self._outcomes.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        stats = self._stats
        return f"<Ingestion {stats.done} done, {stats.failed} failed, {stats.pending} pending>"


async def _run(core: Core, plan: Plan, stats: IngestStats, ending: Ending) -> AsyncGenerator[IngestOutcome]:
    try:
        async with AsyncExitStack() as stack:
            destination = _destination(core, plan)
            await destination.check()
            files = stack.enter_context(file_threads())
            journal = plan.journal
            if not isinstance(journal, Journal):
                target = {
                    "origin": core.config.base_url,
                    "index_id": plan.index_id,
                    "knowledge_store_id": plan.knowledge_store_id,
                }
                journal = await stack.enter_async_context(await Journal.open(journal, target=target))
            assets, uploads = AssetsResource(core), MultipartUploadResource(core)
            lookup = Lookup(assets, destination, plan.options)
            await lookup.prepare(await journal.made())
            stages = Stages(
                assets=assets,
                uploads=uploads,
                destination=destination,
                lookup=lookup,
                journal=journal,
                files=files,
                stats=stats,
                options=plan.options,
                sleep_interval=plan.sleep_interval,
                timeout=plan.timeout,
                analyze=plan.analyze,
                embeddings=plan.embeddings,
            )
            engine = Engine(
                plan.items,
                stages=stages,
                lookup=lookup,
                destination=destination,
                journal=journal,
                stats=stats,
                settings=plan.settings,
                ending=ending,
            )
            outcomes = await stack.enter_async_context(aclosing(engine.run()))
            async for outcome in outcomes:
                yield outcome
    except Exception as error:
        core.transport.secrets_of(plan.options).clean(error)
        raise
    finally:
        ending.finished.set()


def _destination(core: Core, plan: Plan) -> Destination:
    if plan.index_id is not None:
        return IndexDestination(core, plan.index_id, plan.options)
    assert plan.knowledge_store_id is not None  # noqa: S101 - checked by the client
    return KnowledgeStoreDestination(core, plan.knowledge_store_id, plan.options)

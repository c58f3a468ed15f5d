"""A library of videos: browsers upload to the object store, and search, watch and analyze through this service.

`make web` starts it together with the emulator; `__main__.py` is the command. The page is `index.html`, `app.js` and
`style.css`, as they are: nothing is built.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import attrs
from fastapi import Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from twelvelabs_async import AsyncTwelveLabs, TaskFailedError, TwelveLabsError
from twelvelabs_async.starlette import (
    BrowserEvent,
    BrowserUploads,
    EventStreamResponse,
    FinishedUpload,
    NewUpload,
    exception_handlers,
    get_client,
    lifespan,
    webhook_route,
)
from twelvelabs_async.types import AnalyzeStreamEvent, IndexedAssetDetailed

PAGE = Path(__file__).parent
INDEX_NAME = "twelvelabs-async web example"
MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
MAX_VIDEO_BYTES = 2 * 1024**3
MAX_IMAGE_BYTES = 5 * 1024**2
MAX_VIDEOS = 50
"""Videos that one visitor may upload."""

log = logging.getLogger("examples.web")


@attrs.define
class Video:
    """A video of the library, as the page shows it."""

    asset_id: str
    filename: str
    owner: str = attrs.field(default="", repr=False)
    id: str | None = None  # known once indexing has begun
    status: str = "processing"
    error: str | None = None
    duration: float | None = None

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self, filter=lambda field, _: field.name != "owner")


class Library:
    """The videos, and the pages that watch them."""

    def __init__(self, client: AsyncTwelveLabs, index_id: str) -> None:
        self.index_id = index_id
        self.videos: dict[str, Video] = {}  # by asset
        self._client = client
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._pages: set[asyncio.Queue[Video]] = set()

    async def load(self) -> None:
        """Find what an earlier run of the service has left, and go on with what was not ready."""
        async for found in self._client.indexes.indexed_assets.list(self.index_id):
            facts = found.system_metadata
            if found.asset_id and facts:
                video = Video(found.asset_id, facts.filename or "video", "", found.id, found.status or "pending")
                video.duration = facts.duration
                self.videos[found.asset_id] = video
                if found.status not in {"ready", "failed"}:
                    self.follow(video)

    def follow(self, video: Video) -> None:
        """Index a video, or wait for its index, and tell the pages of each step. Once for each asset."""
        self.videos.setdefault(video.asset_id, video)
        if video.asset_id not in self._tasks:
            self._tasks[video.asset_id] = asyncio.create_task(self._follow(self.videos[video.asset_id]))

    async def _follow(self, video: Video) -> None:
        def show(seen: IndexedAssetDetailed) -> None:
            self._change(video, status=seen.status, duration=seen.system_metadata and seen.system_metadata.duration)

        assets = self._client.indexes.indexed_assets
        try:
            self._change(video)
            if video.id is None:
                await self._client.assets.wait_for_done(video.asset_id, sleep_interval=1)
                created = await assets.create(self.index_id, asset_id=video.asset_id, enable_video_stream=True)
                video.id = created.id
            # A webhook ends the wait at once; it polls in case that one does not arrive.
            await assets.wait_for_done(self.index_id, video.id, sleep_interval=1, callback=show, timeout=4 * 3600)
        except TaskFailedError as error:
            self._change(video, status="failed", error=getattr(error, "reason", None) or "This is not a video.")
        except TwelveLabsError as error:
            log.warning("%s could not be indexed: %s", video.asset_id, error)
            self._change(video, status="failed", error=getattr(error, "message", None) or "It could not be indexed.")

    def _change(self, video: Video, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(video, name, value)
        for page in self._pages:
            page.put_nowait(video)

    async def watch(self) -> AsyncIterator[BrowserEvent]:
        """All videos, and then each change."""
        page: asyncio.Queue[Video] = asyncio.Queue()
        self._pages.add(page)
        try:
            yield BrowserEvent([video.to_json() for video in self.videos.values()], event="videos")
            while True:
                yield BrowserEvent((await page.get()).to_json(), event="video")
        finally:
            self._pages.discard(page)

    async def close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

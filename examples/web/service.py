"""A library of videos: browsers upload to the object store, and search, watch and analyze through this service.

`make web` starts it together with the emulator; `__main__.py` is the command. The page is `index.html`, `app.js` and
`style.css`, as they are: nothing is built.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import attrs
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field

from twelvelabs_async import AsyncTwelveLabs, TaskFailedError, TwelveLabsError, to_dict
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
from twelvelabs_async.types import IndexedAssetDetailed

PAGE = Path(__file__).parent / "page"
INDEX_NAME = "twelvelabs-async web example"
MODELS: Any = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
MAX_VIDEO_BYTES = 2 * 1024**3
MAX_IMAGE_BYTES = 5 * 1024**2
MAX_VIDEOS = 50
"""Videos that one visitor may upload."""

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src * blob:; media-src * blob:; connect-src *; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",  # it sets a cookie
}
"""No script but our own, whatever a file name or a transcript contains. The object store may be anywhere."""

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


def _reason(error: TaskFailedError) -> str:
    message = getattr(getattr(error.task, "error", None), "message", None) or "The platform cannot read this file."
    return re.sub(r"^[a-z_]+: ", "", message)  # a code is for programs


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
            self._change(video, status="failed", error=_reason(error))
        except TwelveLabsError as error:
            log.warning("%s could not be indexed: %s", video.asset_id, error)
            self._change(video, status="failed", error=getattr(error, "message", None) or "It could not be indexed.")

    def _change(self, video: Video, **changes: Any) -> None:
        for name, value in changes.items():
            setattr(video, name, value)
        for page in self._pages:
            page.put_nowait(video)

    def find(self, video_id: str) -> Video:
        """The video that the page names."""
        for video in self.videos.values():
            if video.id == video_id:
                return video
        raise HTTPException(404, "There is no such video.")

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


class Question(BaseModel):
    """What to ask about a video."""

    prompt: Annotated[str, Field(min_length=1, max_length=2000)]


def get_library(request: Request) -> Library:
    """The library of the service."""
    library: Library = request.state.library
    return library


Client = Annotated[AsyncTwelveLabs, Depends(get_client)]
Videos = Annotated[Library, Depends(get_library)]


def visitor(request: Request) -> str:
    """Who uploads. A real service looks at its session; here, the page gets a cookie."""
    return request.cookies.get("visitor", "")


def check_upload(request: Request, upload: NewUpload) -> None:
    """The limits of this service on what a visitor may upload."""
    if sum(video.owner == upload.user for video in get_library(request).videos.values()) >= MAX_VIDEOS:
        raise HTTPException(429, f"You have uploaded {MAX_VIDEOS} videos, which is the limit.")


def index_upload(request: Request, upload: FinishedUpload) -> None:
    """Index an upload as soon as it is complete."""
    get_library(request).follow(Video(upload.asset_id, upload.filename, upload.user))


api = APIRouter(prefix="/api")


@api.get("/events")
async def events(library: Videos) -> EventStreamResponse:
    """The videos, and each change: the page never asks again."""
    return EventStreamResponse(library.watch())


@api.post("/search")
async def search(request: Request, client: Client, library: Videos, text: str = "") -> list[dict[str, Any]]:
    """The best moments for a text, or for the image in the body."""
    image = await read_image(request)
    options: dict[str, Any] = {"query_text": text, "search_options": ["visual", "audio"]}
    if image:
        options = {"query_media_type": "image", "query_media_file": ("query", image), "search_options": ["visual"]}
    hits = await client.search.query(index_id=library.index_id, page_limit=20, **options)
    return [to_dict(hit) for hit in hits.items]


async def read_image(request: Request) -> bytes:
    """The body, up to the limit."""
    image = b""
    async for piece in request.stream():
        image += piece
        if len(image) > MAX_IMAGE_BYTES:
            raise HTTPException(413, f"The image is too large: at most {MAX_IMAGE_BYTES // 1024**2} MB are accepted.")
    return image


@api.post("/videos/{video_id}/analyze")
async def analyze(video_id: str, question: Question, client: Client, library: Videos) -> EventStreamResponse:
    """The words of an analysis, as they come. The stream ends at the platform when the page stops reading."""
    stream = client.analyze_stream(
        video={"type": "asset_id", "asset_id": library.find(video_id).asset_id}, prompt=question.prompt
    )
    return EventStreamResponse(stream, encode=lambda event: getattr(event, "text", None))


@api.get("/videos/{video_id}/thumbnail")
async def thumbnail(video_id: str, client: Client, library: Videos) -> RedirectResponse:
    """A picture of a video. Its URL at the platform expires, that of this route does not."""
    found = await client.indexes.indexed_assets.retrieve(library.index_id, library.find(video_id).id or "")
    if not found.hls or not found.hls.thumbnail_urls:
        raise HTTPException(404, "There is no picture of this video.")
    return RedirectResponse(found.hls.thumbnail_urls[0])


@api.get("/videos/{video_id}/stream")
async def stream(video_id: str, client: Client, library: Videos) -> RedirectResponse:
    """The HLS stream of a video, for pages that do not have the file."""
    found = await client.indexes.indexed_assets.retrieve(library.index_id, library.find(video_id).id or "")
    if not found.hls or not found.hls.video_url:
        raise HTTPException(404, "This video has no stream.")
    return RedirectResponse(found.hls.video_url)


def create_app(make_client: Callable[[], AsyncTwelveLabs], upload_secret: str, webhook_secret: str) -> FastAPI:
    """The service.

    Args:
        make_client: Makes the client.
        upload_secret: Signs the tokens of uploads. With the same one, uploads go on after a restart.
        webhook_secret: Verifies webhooks of the platform.
    """

    @asynccontextmanager
    async def with_library(app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        async with make_client() as client, lifespan(client, grace=2)(app) as state:
            index = await client.indexes.get_or_create(index_name=INDEX_NAME, models=MODELS)
            library = Library(client, index.id)
            await library.load()
            yield {**state, "library": library}
            await library.close()

    app = FastAPI(title="Videos", lifespan=with_library, exception_handlers=exception_handlers)
    uploads = BrowserUploads(
        secret=upload_secret, user=visitor, authorize=check_upload, completed=index_upload, max_bytes=MAX_VIDEO_BYTES
    )
    app.mount("/uploads", uploads)
    app.include_router(api)
    app.routes.append(webhook_route("/webhooks", webhook_secret))  # wakes the waits of the library

    @app.get("/")
    async def page(request: Request) -> FileResponse:
        response = FileResponse(PAGE / "index.html", headers=PAGE_HEADERS)
        if not visitor(request):
            response.set_cookie("visitor", secrets.token_urlsafe(16), httponly=True, samesite="lax", max_age=30 * 86400)
        return response

    app.mount("/", StaticFiles(directory=PAGE))
    return app

"""The object store: presigned uploads of chunks, and the files that responses point to.

It stands for a service of another company: it takes no API key, and rejects a request that carries one, so that a
client that leaks its key is detected.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, BinaryIO

from aiohttp import hdrs, web

from . import clock, media
from .errors import ApiError
from .handlers.connections import consent

if TYPE_CHECKING:
    from pathlib import Path

    from .services import Services
    from .state.store import Transaction

_PIECE = 256 * 1024

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ObjectStore:
    """Serves presigned URLs.

    Attributes:
        leaks: Requests that carried an API key although this is another origin.
    """

    def __init__(self, services: Services) -> None:
        self._store = services.store
        self._engine = services.engine
        self._urls = services.urls
        self._services = services
        self.leaks: list[str] = []

    def application(self) -> web.Application:
        """The web application of the second port."""
        application = web.Application(client_max_size=2**40)
        application.on_response_prepare.append(self._allow_origin)
        application.router.add_route("OPTIONS", "/{kind:uploads|files|hls|thumbnails}/{path:.*}", self._preflight)
        application.router.add_put("/uploads/{upload_id}/{index:[0-9]{1,9}}", self._presigned(self._put_chunk))
        blob = "{blob:[0-9a-f]+(?:[.][a-z0-9]+)?}"
        application.router.add_get(f"/files/{blob}/{{name}}", self._presigned(self._file))
        application.router.add_get(f"/hls/{blob}/index.m3u8", self._presigned(self._playlist))
        application.router.add_get(f"/hls/{blob}/{{part:init.mp4|media.m4s}}", self._presigned(self._segment))
        application.router.add_get(f"/thumbnails/{blob}/{{moment:[0-9]+}}.jpg", self._presigned(self._thumbnail))
        application.router.add_get("/consent", self._consent)
        application.router.add_route("*", "/elsewhere", self._elsewhere)
        return application

    async def _allow_origin(self, request: web.Request, response: web.StreamResponse) -> None:
        """Adds the headers with which a browser hands a response to a page of another origin."""
        if (allowed := self._allowed_origin(request)) is not None:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = allowed
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = "ETag"
            response.headers[hdrs.VARY] = "Origin"

    async def _preflight(self, request: web.Request) -> web.StreamResponse:
        """The question of a browser whether a page of another origin may send a request."""
        if self._allowed_origin(request) is None:
            return _error(403, "AccessForbidden", "CORSResponse: This CORS request is not allowed.")
        headers = {hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD, PUT", hdrs.ACCESS_CONTROL_MAX_AGE: "600"}
        if (wanted := request.headers.get(hdrs.ACCESS_CONTROL_REQUEST_HEADERS)) is not None:
            headers[hdrs.ACCESS_CONTROL_ALLOW_HEADERS] = wanted
        return web.Response(headers=headers)

    def _allowed_origin(self, request: web.Request) -> str | None:
        allowed, origin = self._services.settings.cors_origins, request.headers.get(hdrs.ORIGIN)
        if origin is None or not {"*", origin}.intersection(allowed):
            return None
        return "*" if "*" in allowed else origin

    async def _consent(self, request: web.Request) -> web.StreamResponse:
        """The provider's consent page: to open it is to consent."""
        status = request.query.get("status", "active")
        if status not in {"active", "expired", "revoked"}:
            return _error(400, "InvalidArgument", "status must be active, expired or revoked.")
        try:
            target = await consent(self._services, request.query.get("state", ""), status)
        except ApiError as error:
            return _error(400, "InvalidArgument", error.message)
        return web.Response(status=302, headers={hdrs.LOCATION: target})

    def _presigned(self, handler: _Handler) -> _Handler:
        async def verified(request: web.Request) -> web.StreamResponse:
            problem = self._problem(request)
            return problem if problem is not None else await handler(request)

        return verified

    def _problem(self, request: web.Request) -> web.Response | None:
        if self._record_leak(request):
            return _error(400, "UnexpectedCredentials", "A presigned request must not carry an API key.")
        query = request.query
        method = "GET" if request.method == "HEAD" else request.method
        if not self._urls.is_signed(method, request.path, query):
            return _error(403, "SignatureDoesNotMatch", "The signature of the URL is not valid.")
        if float(query["expires"]) < clock.time():
            return _error(403, "AccessDenied", "Request has expired.")
        return None

    def _record_leak(self, request: web.Request) -> bool:
        """Records a request that carries an API key, which is for the API alone."""
        leaked = "x-api-key" in request.headers or "Authorization" in request.headers
        if leaked:
            self.leaks.append(f"{request.method} {request.path}")
        return leaked

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        """The default target of injected redirects to another origin."""
        self._record_leak(request)
        return web.json_response({"message": "This is another origin."})

    async def _put_chunk(self, request: web.Request) -> web.StreamResponse:
        """Takes the bytes of one chunk."""
        upload_id, index = request.match_info["upload_id"], int(request.match_info["index"])
        token = request.query["token"]
        upload = await self._store.get("upload", upload_id)
        if upload is None or upload["status"] != "active":
            return _error(404, "NoSuchUpload", "The upload does not exist or has ended.")
        if request.content_length is None:
            return _error(411, "MissingContentLength", "A Content-Length is needed.")
        if await self._store.get("used_url", token) is not None:
            return _error(403, "AccessDenied", "The URL was used before.")
        limit = upload["chunk_size"]
        if request.content_length > limit:
            return _error(400, "EntityTooLarge", f"A chunk has at most {limit} bytes.")
        path = self._store.scratch()
        try:
            digest, size = await _receive(request, path)
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        if size != request.content_length:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return _error(400, "IncompleteBody", "The body is shorter than its Content-Length.")
        added = await self._store.run(lambda tx: self._add_chunk(tx, upload_id, index, token, path, digest, size))
        if not added:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return _error(403, "AccessDenied", "The URL was used before, or the chunk is complete.")
        return web.Response(headers={"ETag": f'"{digest}"'})

    def _add_chunk(
        self, tx: Transaction, upload_id: str, index: int, token: str, path: Path, digest: str, size: int
    ) -> bool:
        if tx.get("used_url", token) is not None:
            return False
        chunk_id = f"{upload_id}/{index}"
        chunk = tx.get("chunk", chunk_id) or {"index": index}
        if chunk.get("status") == "completed":
            return False
        folder = self._store.chunks / upload_id
        folder.mkdir(exist_ok=True)
        name = f"{index}.{token}"
        path.replace(folder / name)
        # An earlier file of the chunk stays until the upload ends: it must not be removed before this change is stored.
        stamp = clock.now()
        chunk.update(status="pending", etag=digest, size=size, file=name, uploaded_at=stamp, updated_at=stamp)
        chunk.pop("error", None)
        tx.put("chunk", chunk_id, chunk, parent=upload_id)
        tx.put("used_url", token, {}, parent=upload_id)
        return True

    async def _playlist(self, request: web.Request) -> web.StreamResponse:
        blob = request.match_info["blob"]
        info = await self._probe(blob)
        if info is None:
            return _error(404, "NoSuchKey", "The file does not exist.")
        lines = ["#EXTM3U", "#EXT-X-VERSION:7", f"#EXT-X-TARGETDURATION:{max(1, round(info.duration))}"]
        lines += [
            "#EXT-X-PLAYLIST-TYPE:VOD",
            f'#EXT-X-MAP:URI="{self._urls.segment_url(blob, "init.mp4")}"',
            f"#EXTINF:{info.duration:.3f},",
            self._urls.segment_url(blob, "media.m4s"),
        ]
        text = "\n".join([*lines, "#EXT-X-ENDLIST", ""])
        return web.Response(text=text, content_type="application/vnd.apple.mpegurl")

    async def _segment(self, request: web.Request) -> web.StreamResponse:
        blob, part = request.match_info["blob"], request.match_info["part"]
        if await self._probe(blob) is None:
            return _error(404, "NoSuchKey", "The file does not exist.")
        try:
            head, segment = await self._engine.run(media.fragments, self._store.blob(blob))
        except media.MediaError:
            return _error(404, "NoSuchKey", "The file cannot be streamed.")
        return web.Response(body=head if part == "init.mp4" else segment, content_type="video/mp4")

    async def _thumbnail(self, request: web.Request) -> web.StreamResponse:
        blob = request.match_info["blob"]
        if await self._probe(blob) is None:
            return _error(404, "NoSuchKey", "The file does not exist.")
        seconds = int(request.match_info["moment"]) / 1000
        try:
            picture = await self._engine.run(media.thumbnail, self._store.blob(blob), seconds)
        except media.MediaError:
            return _error(404, "NoSuchKey", "The file has no picture.")
        return web.Response(body=picture, content_type="image/jpeg")

    async def _probe(self, blob: str) -> media.MediaInfo | None:
        if not await asyncio.to_thread(self._store.blob(blob).is_file):
            return None
        try:
            return await self._engine.probe_blob(blob)
        except media.MediaError:
            return None

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = self._store.blob(request.match_info["blob"])
        if not await asyncio.to_thread(path.is_file):
            return _error(404, "NoSuchKey", "The file does not exist.")
        kind = mimetypes.guess_type(request.match_info["name"])[0] or "application/octet-stream"
        return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: kind})


async def _receive(request: web.Request, path: Path) -> tuple[str, int]:
    """Writes a body to a file; returns its MD5 and its size."""
    digest = hashlib.md5(usedforsecurity=False)
    size = 0

    def write(file: BinaryIO, data: bytes) -> None:
        digest.update(data)
        file.write(data)

    file = await asyncio.to_thread(path.open, "wb")
    try:
        pieces = bytearray()
        async for piece in request.content.iter_any():
            pieces += piece
            size += len(piece)
            if len(pieces) >= _PIECE:
                await asyncio.to_thread(write, file, bytes(pieces))
                pieces.clear()
        await asyncio.to_thread(write, file, bytes(pieces))
    finally:
        await asyncio.to_thread(file.close)
    return digest.hexdigest(), size


def _error(status: int, code: str, message: str) -> web.Response:
    """An error in the XML of object stores."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")

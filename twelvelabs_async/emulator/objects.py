"""The object store: presigned uploads of chunks, and the files that answers point to.

It plays a service of another company: it wants no API key, and refuses a request that carries one, so that a client
that leaks its key is found out.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import mimetypes
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlencode

from aiohttp import hdrs, web

from . import clock, media
from .errors import ApiError

if TYPE_CHECKING:
    from pathlib import Path

    from .platform import Platform
    from .store import Transaction

_PIECE = 256 * 1024

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ObjectStore:
    """Signs URLs and serves them."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.leaks: list[str] = []
        """Requests that carried an API key although this is another origin."""

    def upload_url(self, upload_id: str, index: int) -> tuple[str, float]:
        """A URL that takes one chunk once, and the time at which it ends."""
        expires = time.time() + self._platform.settings.lifetime("presigned_url")
        return self._signed("PUT", f"/uploads/{upload_id}/{index}", expires), expires

    def file_url(self, blob: str, name: str) -> str:
        """A URL that gives a file of the state."""
        return self._signed("GET", f"/files/{blob}/{name}", self._file_expiry())

    def playlist_url(self, blob: str) -> str:
        """A URL that gives an HLS playlist of one segment: the file itself."""
        return self._signed("GET", f"/hls/{blob}/index.m3u8", self._file_expiry())

    def thumbnail_url(self, blob: str, seconds: float) -> str:
        """A URL that gives a picture of a moment of a video, or a small copy of a picture."""
        return self._signed("GET", f"/thumbnails/{blob}/{round(seconds * 1000)}.jpg", self._file_expiry())

    def _file_expiry(self) -> float:
        return time.time() + self._platform.settings.lifetime("thumbnail_url")

    def _signed(self, method: str, path: str, expires: float) -> str:
        query = {"expires": f"{expires:.3f}", "token": clock.new_id()}
        query["signature"] = self._signature(method, path, query["expires"], query["token"])
        return f"{self._platform.objects_url}{path}?{urlencode(query)}"

    def _signature(self, method: str, path: str, expires: str, token: str) -> str:
        message = f"{method}\n{path}\n{expires}\n{token}".encode()
        return hmac.new(self._platform.store.secret, message, hashlib.sha256).hexdigest()

    def application(self) -> web.Application:
        """The web application of the second port."""
        application = web.Application(client_max_size=2**40)
        application.router.add_put("/uploads/{upload_id}/{index:[0-9]{1,9}}", self._guarded(self._put))
        blob = "{blob:[0-9a-f]+(?:[.][a-z0-9]+)?}"
        application.router.add_get(f"/files/{blob}/{{name}}", self._guarded(self._get))
        application.router.add_get(f"/hls/{blob}/index.m3u8", self._guarded(self._playlist))
        application.router.add_get(f"/thumbnails/{blob}/{{moment:[0-9]+}}.jpg", self._guarded(self._thumbnail))
        application.router.add_get("/consent", self._consent)
        application.router.add_route("*", "/elsewhere", self._elsewhere)
        return application

    async def _consent(self, request: web.Request) -> web.StreamResponse:
        """The provider's consent page: opening it is consenting."""
        from .handlers.connections import consent

        status = request.query.get("status", "active")
        if status not in {"active", "expired", "revoked"}:
            return _error(400, "InvalidArgument", "status must be active, expired or revoked.")
        try:
            target = await consent(self._platform, request.query.get("state", ""), status)
        except ApiError as error:
            return _error(400, "InvalidArgument", error.message)
        return web.Response(status=302, headers={hdrs.LOCATION: target})

    def _guarded(self, handler: _Handler) -> _Handler:
        async def guarded(request: web.Request) -> web.StreamResponse:
            problem = self._refusal(request)
            return problem if problem is not None else await handler(request)

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self._note_leak(request):
            return _error(400, "UnexpectedCredentials", "A presigned request must not carry an API key.")
        query = request.query
        method = "GET" if request.method == "HEAD" else request.method
        wanted = self._signature(method, request.path, query.get("expires", ""), query.get("token", ""))
        if not hmac.compare_digest(wanted.encode(), query.get("signature", "").encode()):
            return _error(403, "SignatureDoesNotMatch", "The signature of the URL is not valid.")
        if float(query["expires"]) < time.time():
            return _error(403, "AccessDenied", "Request has expired.")
        return None

    def _note_leak(self, request: web.Request) -> bool:
        """Takes note of a request that carries an API key: it was meant for the API alone."""
        leaked = "x-api-key" in request.headers or "Authorization" in request.headers
        if leaked:
            self.leaks.append(f"{request.method} {request.path}")
        return leaked

    async def _elsewhere(self, request: web.Request) -> web.StreamResponse:
        """Where redirects to another origin lead."""
        self._note_leak(request)
        return web.json_response({"message": "This is another origin."})

    async def _put(self, request: web.Request) -> web.StreamResponse:
        """Takes the bytes of one chunk."""
        upload_id, index = request.match_info["upload_id"], int(request.match_info["index"])
        token = request.query["token"]
        upload = await self._platform.store.get("upload", upload_id)
        if upload is None or upload["status"] != "active":
            return _error(404, "NoSuchUpload", "The upload does not exist or has ended.")
        if request.content_length is None:
            return _error(411, "MissingContentLength", "A Content-Length is needed.")
        if await self._platform.store.get("used_url", token) is not None:
            return _error(403, "AccessDenied", "The URL was used before.")
        limit = upload["chunk_size"]
        if request.content_length > limit:
            return _error(400, "EntityTooLarge", f"A chunk has at most {limit} bytes.")
        path = self._platform.store.scratch()
        try:
            digest, size = await _receive(request, path)
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        if size != request.content_length:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return _error(400, "IncompleteBody", "The body is shorter than its Content-Length.")
        taken = await self._platform.store.run(lambda tx: self._keep(tx, upload_id, index, token, path, digest, size))
        if not taken:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            return _error(403, "AccessDenied", "The URL was used before, or the chunk is complete.")
        return web.Response(headers={"ETag": f'"{digest}"'})

    def _keep(
        self, tx: Transaction, upload_id: str, index: int, token: str, path: Path, digest: str, size: int
    ) -> bool:
        if tx.get("used_url", token) is not None:
            return False
        chunk_id = f"{upload_id}/{index}"
        chunk = tx.get("chunk", chunk_id) or {"index": index}
        if chunk.get("status") == "completed":
            return False
        folder = self._platform.store.chunks / upload_id
        folder.mkdir(exist_ok=True)
        name = f"{index}.{token}"
        path.replace(folder / name)
        # An earlier file of the chunk stays until the upload ends: it must not go before this change is certain.
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
            f"#EXTINF:{info.duration:.3f},",
            self.file_url(blob, f"media.{info.container}"),
        ]
        text = "\n".join([*lines, "#EXT-X-ENDLIST", ""])
        return web.Response(text=text, content_type="application/vnd.apple.mpegurl")

    async def _thumbnail(self, request: web.Request) -> web.StreamResponse:
        blob = request.match_info["blob"]
        if await self._probe(blob) is None:
            return _error(404, "NoSuchKey", "The file does not exist.")
        seconds = int(request.match_info["moment"]) / 1000
        try:
            picture = await self._platform.engine.run(media.thumbnail, self._platform.store.blob(blob), seconds)
        except media.MediaError:
            return _error(404, "NoSuchKey", "The file has no picture.")
        return web.Response(body=picture, content_type="image/jpeg")

    async def _probe(self, blob: str) -> media.MediaInfo | None:
        path = self._platform.store.blob(blob)
        if not await asyncio.to_thread(path.is_file):
            return None
        try:
            return await self._platform.engine.probe(path)
        except media.MediaError:
            return None

    async def _get(self, request: web.Request) -> web.StreamResponse:
        path = self._platform.store.blob(request.match_info["blob"])
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
    """An error in the XML that object stores speak."""
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(status=status, text=text, content_type="application/xml")

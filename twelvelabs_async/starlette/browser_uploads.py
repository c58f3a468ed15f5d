"""Uploads from a browser to the object store, without the API key and without the service in between.

    browser ── open, urls, report, status ── service ── (with the key) ── platform
       └────── PUT of each chunk, to presigned URLs ──────────────────── object store

The service opens the session, hands out presigned URLs and reports the chunks; the bytes pass it only where the store
refuses cross-origin requests. `browser_uploads.js` is the other half, for the page.
"""

from __future__ import annotations

import asyncio
import functools
import hashlib
import inspect
import json
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import attrs
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, Router

from .._request.message import Request as StoreRequest
from .._request.sources import SourceError
from .._safe_repr import SafeRepr
from ..errors import APIStatusError, TwelveLabsError
from ..uploads.engine import is_md5
from ..uploads.plan import MAX_REPORTED_CHUNKS, MAX_URLS_PER_CALL, Layout, MediaType, media_type
from ..uploads.session import Session, UrlChecker
from ..uploads.stored import PAGE_LIMIT, find_stored, is_gone
from .limited_body import read_limited
from .problems import Problem, RefusedError
from .service import get_client as client_of_the_service
from .upload_tokens import TokenError, UploadTicket, UploadTokens

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from ..client import AsyncTwelveLabs
    from ..types import GetUploadStatusResponse, PresignedUrlChunk

SCRIPT: Final = "browser_uploads.js"
"""Name of the script, in this package and below the prefix of the routes."""

MAX_FILE_BYTES: Final = 10 * 1024**3
"""The platform's largest file."""

MAX_BODY_BYTES: Final = 64 * 1024
"""Bytes of a JSON body that a browser may send: a report of 50 chunks has about 5 KB."""

BODY_SECONDS: Final = 30.0
"""Time for a JSON body to arrive."""

STALL_SECONDS: Final = 60.0
"""Seconds without a byte after which a chunk that the browser sends through the service fails."""

SESSION_SECONDS: Final = 24 * 3600
"""Lifetime of a session where the platform does not name it."""

KEPT_UPLOADS: Final = 10_000
"""Finished uploads that a process keeps in mind, so that the hook is called once for each."""

TOKEN_HEADER: Final = "X-Upload-Token"  # noqa: S105 - the name of a header

_VIDEO_ONLY: Final[frozenset[MediaType]] = frozenset({"video"})

_CODES: Final = {
    400: "invalid_upload",
    401: "not_authenticated",
    403: "invalid_token",
    409: "chunk_rejected",
    410: "upload_expired",
    413: "too_large",
    415: "unsupported_type",
    502: "upstream_failed",
}
"""Codes of the responses with which an upload is refused, by status."""

_ETAG: Final = re.compile(r"[\w!#$%&*+/=.:~^-]{1,256}", re.ASCII)


@attrs.frozen(kw_only=True)
class NewUpload(SafeRepr):
    """A file that a browser wants to upload, as declared by the browser.

    Attributes:
        user: The user, as `user` has named them.
        filename: Name of the file.
        kind: `video`, `audio` or `image`.
        size: Size in bytes. The service issues URLs for chunks of this total size, and no more.
        content_type: Media type; empty if the browser does not know it.
    """

    user: str
    filename: str
    kind: MediaType
    size: int
    content_type: str


@attrs.frozen(kw_only=True)
class FinishedUpload(SafeRepr):
    """An upload that the platform has completed.

    Attributes:
        user: The user, as `user` has named them.
        upload_id: Identifier of the upload session.
        asset_id: Identifier of the asset. Wait for it with `assets.wait_for_done` before indexing it.
        filename: Name of the file.
        kind: `video`, `audio` or `image`.
        size: Size in bytes.
    """

    user: str
    upload_id: str
    asset_id: str
    filename: str
    kind: str
    size: int


User = Callable[[Request], str | Awaitable[str]]
Authorize = Callable[[Request, NewUpload], Mapping[str, Any] | Awaitable[Mapping[str, Any] | None] | None]
Completed = Callable[[Request, FinishedUpload], object]


class BrowserUploads(SafeRepr):
    """An ASGI application with the routes of uploads from a browser: `app.mount("/uploads", BrowserUploads(...))`.

    Args:
        secret: Secret that signs the tokens, of at least 16 bytes. To rotate secrets, pass several: the first
            one signs, all are accepted. It must stay the same across restarts and processes, and must not be the API
            key.
        user: Called with every request; returns an identifier of the user. It raises an `HTTPException` if nobody is
            logged in. A token is valid only for the user it was issued to.
        authorize: Called before an upload is opened; raises an `HTTPException` if this user must not upload this
            file. It may return user metadata for the asset. Without it, every user may upload.
        completed: Called when an upload is complete, at least once: again only if it failed, or in another process.
        get_client: Returns the client. Default: that of the lifespan, `get_client` of this package.
        kinds: Kinds of files that are accepted: `video`, `audio`, `image`.
        max_bytes: Largest file.
        pass_through: Whether the service forwards chunks if the store rejects cross-origin requests.
        enable_hls: Whether to make a streaming (HLS) version of the assets.
        enable_thumbnail: Whether to make thumbnails of the assets.
    """

    def __init__(
        self,
        *,
        secret: str | bytes | Sequence[str | bytes],
        user: User,
        authorize: Authorize | None = None,
        completed: Completed | None = None,
        get_client: Callable[[Request], AsyncTwelveLabs] | None = None,
        kinds: Collection[MediaType] = _VIDEO_ONLY,
        max_bytes: int = MAX_FILE_BYTES,
        pass_through: bool = True,
        enable_hls: bool | None = None,
        enable_thumbnail: bool | None = None,
    ) -> None:
        self._tokens = UploadTokens([secret] if isinstance(secret, str | bytes) else secret)
        self._user = user
        self._authorize = authorize
        self._completed = completed
        self._get_client = get_client or client_of_the_service
        self._kinds = frozenset(kinds)
        self._max_bytes = max_bytes
        self._pass_through = pass_through
        self._enable_hls = enable_hls
        self._enable_thumbnail = enable_thumbnail
        self._finished: OrderedDict[str, asyncio.Future[None]] = OrderedDict()
        routes = [
            Route(f"/{SCRIPT}", self._script, methods=["GET"]),
            Route("/open", self._open, methods=["POST"]),
            Route("/urls", self._urls, methods=["POST"]),
            Route("/report", self._report, methods=["POST"]),
            Route("/status", self._status, methods=["POST"]),
        ]
        if pass_through:
            routes.append(Route("/chunks/{index:int}", self._chunk, methods=["PUT"]))
        self._router = Router(routes)

    def __repr__(self) -> str:
        return f"BrowserUploads(kinds={sorted(self._kinds)}, max_bytes={self._max_bytes})"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        await self._router(scope, receive, send)

    async def _script(self, request: Request) -> Response:
        body, tag = _read_script()
        headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
        if request.headers.get("If-None-Match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type="text/javascript", headers=headers)

    async def _open(self, request: Request) -> Response:
        """Open a session for a file."""
        user = await self._user_of(request)
        new = self._new_upload(user, await _json(request))
        metadata = None if self._authorize is None else await _call(self._authorize, request, new)
        client = self._get_client(request)
        opened = await client.multipart_upload.create(
            filename=new.filename,
            total_size=new.size,
            type=new.kind,
            user_metadata=metadata,
            enable_hls=self._enable_hls,
            enable_thumbnail=self._enable_thumbnail,
        )
        session = Session.of(opened, new.size)
        ticket = UploadTicket(
            upload_id=session.upload_id,
            asset_id=session.asset_id,
            filename=new.filename,
            kind=new.kind,
            size=new.size,
            chunk_size=session.layout.chunk_size,
            headers=session.headers,
            expires=int(opened.expires_at.timestamp() if opened.expires_at else time.time() + SESSION_SECONDS),
        )
        return _respond(
            {
                "token": self._tokens.sign(ticket, user),
                "chunk_size": ticket.chunk_size,
                "total_chunks": session.layout.total_chunks,
                "headers": dict(session.headers),
                "pass_through": self._pass_through,
                "urls": self._checked(client, ticket, opened.upload_urls),
            },
            201,
        )

    def _new_upload(self, user: str, body: Mapping[str, Any]) -> NewUpload:
        filename, size, content_type = body.get("filename"), body.get("size"), body.get("content_type", "")
        if not isinstance(filename, str) or not isinstance(content_type, str) or len(content_type) > 255:
            raise _refused(400, "The name and the type of the file must be text.")
        filename = re.split(r"[/\\]", filename)[-1].strip()
        if not 0 < len(filename) <= 255 or not filename.isprintable():
            raise _refused(400, "The name of the file must have 1 to 255 characters, and no control characters.")
        if type(size) is not int or size < 1:
            raise _refused(400, "The file is empty." if size == 0 else "The size of the file is missing.")
        if size > self._max_bytes:
            raise _refused(413, f"The file has {size:,} bytes; at most {self._max_bytes:,} are accepted.")
        kind = _kind(filename, content_type)
        if kind not in self._kinds:
            raise _refused(415, f"This is not a file of an accepted kind: {', '.join(sorted(self._kinds))}.")
        return NewUpload(user=user, filename=filename, kind=kind, size=size, content_type=content_type)

    async def _urls(self, request: Request) -> Response:
        """Hand out presigned URLs for consecutive chunks."""
        body = await _json(request)
        ticket = self._verify(body.get("token"), await self._user_of(request))
        total = _layout(ticket).total_chunks
        start, count = body.get("start"), body.get("count")
        if type(start) is not int or not 1 <= start <= total or type(count) is not int or count < 1:
            raise _refused(400, f"start must be a chunk from 1 to {total}, and count a number of chunks.")
        count = min(count, MAX_URLS_PER_CALL, total - start + 1)
        return _respond({"urls": await self._fresh_urls(self._get_client(request), ticket, start, count)})

    async def _report(self, request: Request) -> Response:
        """Report chunks that are in the store."""
        body = await _json(request)
        ticket = self._verify(body.get("token"), user := await self._user_of(request))
        layout = _layout(ticket)
        proofs = _proofs(body.get("chunks"), layout)
        try:
            response = await self._get_client(request).multipart_upload.report_chunk_batch(
                ticket.upload_id,
                completed_chunks=[
                    # The size is that of the layout, whatever the browser has sent: the platform compares it.
                    {"chunk_index": chunk, "proof": proof, "proof_type": "etag", "chunk_size": layout.region(chunk)[1]}
                    for chunk, proof in proofs.items()
                ],
            )
        except APIStatusError as error:
            raise _gone(error) or error from None
        accepted = len(proofs)
        if response.processed_chunks is not None:
            accepted = min(accepted, response.processed_chunks + (response.duplicate_chunks or 0))
        if not response.url:
            return _respond({"complete": False, "accepted": accepted})
        await self._finish(request, user, ticket)
        return _respond({"complete": True, "accepted": accepted, "asset_id": ticket.asset_id})

    async def _status(self, request: Request) -> Response:
        """Say which chunks the platform has."""
        body = await _json(request)
        ticket = self._verify(body.get("token"), user := await self._user_of(request))
        api = self._get_client(request).multipart_upload

        async def fetch(page: int) -> GetUploadStatusResponse:
            return (await api.get_status(ticket.upload_id, page=page, page_limit=PAGE_LIMIT)).page

        try:
            stored = await find_stored(fetch)
        except ValueError as problem:
            raise _refused(502, f"The state of the upload cannot be used: {problem}.") from None
        if stored is None:
            raise _refused(410, "The upload has expired.")
        if not stored.is_complete:
            return _respond({"complete": False, "chunks": sorted(stored.completed)})
        await self._finish(request, user, ticket)
        return _respond({"complete": True, "asset_id": ticket.asset_id})

    async def _chunk(self, request: Request) -> Response:
        """Pass one chunk through to the store, where the browser cannot send it there itself."""
        ticket = self._verify(request.headers.get(TOKEN_HEADER), await self._user_of(request))
        layout, index = _layout(ticket), request.path_params["index"]
        if not 1 <= index <= layout.total_chunks:
            raise _refused(400, f"The file has chunks 1 to {layout.total_chunks}.")
        length = layout.region(index)[1]
        if request.headers.get("Content-Length") != str(length):
            raise _refused(400, f"Chunk {index} has {length} bytes.")
        client = self._get_client(request)
        urls = await self._fresh_urls(client, ticket, index, 1)
        url = next((item["url"] for item in urls if item["chunk"] == index), None)
        if url is None:
            raise _refused(502, "The platform sent no URL for this chunk.")
        body = _ChunkBody(request, length, typed=any(name.lower() == "content-type" for name in ticket.headers))
        try:
            response = await client.multipart_upload._core.transport.send(
                StoreRequest(
                    operation="uploadChunk",
                    method="PUT",
                    url=url,
                    headers=ticket.headers,
                    body=body,
                    timeout_profile="upload",
                    max_retries=0,  # the browser has the chunk, and sends it again
                    accept="*/*",
                )
            )
        except APIStatusError as error:
            if error.status >= 500 or error.status == 429:
                raise
            raise _refused(409, f"The store rejected the chunk with status {error.status}.") from None
        except (TwelveLabsError, SourceError):
            if body.problem is not None:  # the network library wraps exceptions of a body
                raise _refused(400, f"The chunk did not arrive: {body.problem}.") from None
            raise
        proof = response.headers.get("ETag", "").removeprefix("W/").strip('" ')
        if not proof or (is_md5(proof, response.headers) and proof.lower() != body.md5):
            raise _refused(502, "The store did not confirm the chunk.")
        return _respond({"etag": proof})

    async def _user_of(self, request: Request) -> str:
        user = await _call(self._user, request)
        if not isinstance(user, str) or not user:
            raise _refused(401, "You are not logged in.")
        return user

    def _verify(self, token: object, user: str) -> UploadTicket:
        try:
            return self._tokens.verify(token, user)
        except TokenError as problem:
            raise _refused(403, str(problem)) from None

    async def _fresh_urls(
        self, client: AsyncTwelveLabs, ticket: UploadTicket, start: int, count: int
    ) -> list[dict[str, Any]]:
        try:
            response = await client.multipart_upload.get_additional_presigned_urls(
                ticket.upload_id, start=start, count=count
            )
        except APIStatusError as error:
            raise _gone(error) or error from None
        return self._checked(client, ticket, response.upload_urls or ())

    def _checked(
        self, client: AsyncTwelveLabs, ticket: UploadTicket, urls: Sequence[PresignedUrlChunk]
    ) -> list[dict[str, Any]]:
        """The URLs of a response, with the same checks as in `upload_file`: a browser follows them, too."""
        allow_http = client.multipart_upload._core.config.base_url.startswith("http://")
        try:
            found = UrlChecker(_layout(ticket).total_chunks, allow_http=allow_http).check(urls)
            return [{"chunk": index, "url": url} for index, url, _ in found]
        except ValueError as problem:
            raise _refused(502, f"The platform sent URLs that cannot be used: {problem}.") from None

    async def _finish(self, request: Request, user: str, ticket: UploadTicket) -> None:
        """Call the hook once for an upload, however many requests see its end; again only if it failed."""
        if self._completed is None:
            return
        call = self._finished.get(ticket.upload_id)
        if call is None:
            done = FinishedUpload(
                user=user,
                upload_id=ticket.upload_id,
                asset_id=ticket.asset_id,
                filename=ticket.filename,
                kind=ticket.kind,
                size=ticket.size,
            )
            call = asyncio.ensure_future(_call(self._completed, request, done))
            self._finished[ticket.upload_id] = call
            if len(self._finished) > KEPT_UPLOADS:
                self._finished.popitem(last=False)
        try:
            await asyncio.shield(call)  # the hook goes on although this browser has gone
        except Exception:
            self._finished.pop(ticket.upload_id, None)
            raise


class _ChunkBody(SafeRepr):
    """The body of an incoming request as the body of one to the store. None of it is kept."""

    replayable: bool = False

    def __init__(self, request: Request, length: int, *, typed: bool) -> None:
        self._request = request
        self.content_length: int = length
        self.content_type: str | None = None if typed else "application/octet-stream"
        self.problem: str | None = None
        self._digest = hashlib.md5(usedforsecurity=False)

    @property
    def md5(self) -> str:
        """Hexadecimal MD5 of what was sent."""
        return self._digest.hexdigest()

    async def open(self) -> AsyncIterator[bytes]:
        """The bytes as they arrive; exactly as many as were announced."""
        left = self.content_length
        pieces = self._request.stream()
        try:
            while left > 0 and (data := await asyncio.wait_for(anext(pieces, b""), STALL_SECONDS)):
                left -= len(data)
                self._digest.update(data)
                yield data
        except ClientDisconnect:
            self.problem = "the browser has gone"
        except TimeoutError:
            self.problem = f"nothing came for {STALL_SECONDS:g} s"
        if left and self.problem is None:
            self.problem = f"it has not {self.content_length} bytes"
        if self.problem is not None:
            raise SourceError(self.problem)


def _refused(status: int, message: str) -> RefusedError:
    return RefusedError(Problem(status=status, code=_CODES[status], message=message))


async def _call(function: Callable[..., Any], *arguments: object) -> Any:
    """Call a hook, which may be a coroutine function."""
    result = function(*arguments)
    return await result if inspect.isawaitable(result) else result


async def _json(request: Request) -> Mapping[str, Any]:
    """The JSON object of a request. A form of another site cannot send one: it would need permission for its type."""
    if request.headers.get("Content-Type", "").partition(";")[0].strip().lower() != "application/json":
        raise _refused(415, "The body must be application/json.")
    body = await read_limited(request, MAX_BODY_BYTES, BODY_SECONDS)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _refused(400, "The body must be a JSON object.")
    return value


def _respond(value: Mapping[str, Any], status: int = 200) -> JSONResponse:
    # It holds presigned URLs, or what makes some: nothing for a cache.
    return JSONResponse(value, status, {"Cache-Control": "no-store"})


def _kind(filename: str, content_type: str) -> str | None:
    """The kind of a file, from its name; from its media type where the name does not tell."""
    guessed = content_type.partition("/")[0]
    return media_type(filename) or (guessed if guessed in {"video", "audio", "image"} else None)


def _layout(ticket: UploadTicket) -> Layout:
    return Layout(ticket.size, ticket.chunk_size)


def _proofs(chunks: object, layout: Layout) -> dict[int, str]:
    """The ETag of each chunk of a report.

    Raises:
        RefusedError: The report is not valid.
    """
    if not isinstance(chunks, list) or not 1 <= len(chunks) <= MAX_REPORTED_CHUNKS:
        raise _refused(400, f"A report holds 1 to {MAX_REPORTED_CHUNKS} chunks.")
    proofs: dict[int, str] = {}
    for item in chunks:
        index, etag = (item.get("chunk"), item.get("etag")) if isinstance(item, dict) else (None, None)
        if type(index) is not int or not 1 <= index <= layout.total_chunks or index in proofs:
            raise _refused(400, f"A report names each chunk once; they are 1 to {layout.total_chunks}.")
        proof = etag.removeprefix("W/").strip('" ') if isinstance(etag, str) else ""
        if not _ETAG.fullmatch(proof):
            raise _refused(400, f"The ETag of chunk {index} is not valid.")
        proofs[index] = proof
    return proofs


def _gone(error: APIStatusError) -> RefusedError | None:
    """The response where the platform does not know an upload any more."""
    return _refused(410, "The upload has expired.") if is_gone(error) else None


@functools.cache
def _read_script() -> tuple[bytes, str]:
    """The script and its ETag."""
    body = resources.files("twelvelabs_async.starlette").joinpath(SCRIPT).read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'

"""Sessions of the user, with everything that aiohttp lets one set: a table of sessions x plain calls, uploads, streams.

What a session adds to its requests is meant for the API. A store that the platform names must see nothing of it.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest
from aiohttp import web
from yarl import URL

from twelvelabs_async import AsyncTwelveLabs, NotFoundError

from .conftest import KEY, QUICK, Peer, RawServer, Serve

if TYPE_CHECKING:
    from tests.conftest import Server

SECRET = "s3ssi0nSecret"
INDEX = {"_id": "i1", "index_name": "films", "models": [], "created_at": "2026-01-01T00:00:00Z"}
STREAM = b'{"event_type":"text_generation","text":"hi"}\n{"event_type":"stream_end","metadata":{}}\n'


async def store(peer: Peer) -> None:
    while True:
        body = await peer.body(await peer.request())
        await peer.respond(b"", "200 OK", f'ETag: "{hashlib.md5(body).hexdigest()}"', f"Set-Cookie: store={SECRET}")


def platform(store: RawServer) -> Callable[[web.Request], web.Response]:
    """Responds to whatever the table calls, and sets a cookie each time."""
    url = f"http://127.0.0.1:{store.port}/bucket/1?X-Amz-Signature=s1gned"

    def respond(request: web.Request) -> web.Response:
        path = request.path.removeprefix("/v1.3")
        if path == "/indexes/i1":
            response = web.json_response(INDEX)
        elif path == "/analyze":
            response = web.Response(body=STREAM, content_type="application/x-ndjson")
        elif path == "/assets/multipart-uploads":
            chunk = {"chunk_index": 1, "url": url, "expires_at": "2099-01-01T00:00:00Z"}
            opened = {"upload_id": "up_1", "asset_id": "as_1", "chunk_size": 100, "total_chunks": 1}
            response = web.json_response({**opened, "upload_urls": [chunk], "upload_headers": {"x-signed": "yes"}})
        elif path == "/assets/multipart-uploads/up_1":
            response = web.json_response({"url": "http://files/as_1", "processed_chunks": 1, "duplicate_chunks": 0})
        else:
            response = web.json_response({"code": "resource_not_exist", "message": "no"}, status=404)
        response.set_cookie("sid", SECRET)
        return response

    return respond


async def plain_call(client: AsyncTwelveLabs) -> None:
    assert (await client.indexes.retrieve("i1")).id == "i1"


async def missing(client: AsyncTwelveLabs) -> None:
    with pytest.raises(NotFoundError, match="resource_not_exist"):
        await client.indexes.retrieve("i2")


async def upload(client: AsyncTwelveLabs) -> None:
    result = await client.multipart_upload.upload_file(b"x" * 100, filename="a.mp4")
    assert (result.asset_id, result.asset_url) == ("as_1", "http://files/as_1")


async def stream(client: AsyncTwelveLabs) -> None:
    video: Any = {"type": "asset_id", "asset_id": "as_1"}
    assert await client.analyze_stream(video=video, prompt="What?").read_text() == "hi"


CALLS = {call.__name__: call for call in (plain_call, missing, upload, stream)}


async def failing(_: aiohttp.ClientResponse) -> None:
    raise AssertionError("the status is not for the session to judge")


async def unchanged(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    return await handler(request)


async def on_purpose(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    request.headers["X-On-Purpose"] = str(request.url.port)
    return await handler(request)


def refuse(_: Any) -> str:
    raise AssertionError("JSON is not encoded by the session")


def jar(*, unsafe: bool) -> aiohttp.CookieJar:
    """Cookies that were there before, among them some for any host."""
    made = aiohttp.CookieJar(unsafe=unsafe)
    made.update_cookies(SimpleCookie(f"old={SECRET}"), URL("http://127.0.0.1/"))
    made.update_cookies({"shared": SECRET})
    return made


@attrs.frozen
class Row:
    """A session.

    Attributes:
        id: What is special about it.
        make: Its arguments.
        sends: Text that the API has to see in each request, because the user set it.
    """

    id: str
    make: Callable[[], dict[str, Any]]
    sends: str | None = None


ROWS = (
    Row("plain", dict),
    Row("jar for host names", lambda: {"cookie_jar": jar(unsafe=False)}, "shared="),
    Row("jar for any host", lambda: {"cookie_jar": jar(unsafe=True)}, "old="),
    Row("cookies", lambda: {"cookies": {"mine": SECRET}}, "mine="),
    Row("Authorization", lambda: {"headers": {"Authorization": f"Bearer {SECRET}"}}, f"Bearer {SECRET}"),
    Row("another key", lambda: {"headers": {"X-API-Key": SECRET}}),
    Row("header twice", lambda: {"headers": [("X-Team", SECRET), ("x-team", SECRET)]}, f"x-team: {SECRET}"),
    Row("Host", lambda: {"headers": {"Host": f"{SECRET}.example.test"}}, SECRET),
    Row("auth", lambda: {"auth": aiohttp.BasicAuth("user", SECRET)}, "Basic "),
    Row("raise_for_status", lambda: {"raise_for_status": True}),
    Row("raise_for_status, a function", lambda: {"raise_for_status": failing}),
    Row("auto_decompress off", lambda: {"auto_decompress": False}),
    Row("base_url", lambda: {"base_url": "http://127.0.0.1:9/other/"}),
    Row("small buffer", lambda: {"read_bufsize": 1}),
    Row("json_serialize", lambda: {"json_serialize": refuse}),
    Row("HTTP/1.0", lambda: {"version": aiohttp.HttpVersion10}),
    Row("no automatic headers", lambda: {"skip_auto_headers": ["User-Agent", "Accept", "Accept-Encoding"]}),
    Row("requoting off", lambda: {"requote_redirect_url": False}),
    Row("one connection", lambda: {"connector": aiohttp.TCPConnector(limit=1)}),
    Row("connections closed", lambda: {"connector": aiohttp.TCPConnector(force_close=True)}),
    Row("middleware", lambda: {"middlewares": (unchanged,), "headers": {"X-Team": SECRET}}, SECRET),
    Row("tracing", lambda: {"trace_configs": [aiohttp.TraceConfig()]}),
    Row("short timeout", lambda: {"timeout": aiohttp.ClientTimeout(total=1e-6)}),
    Row("trust_env", lambda: {"trust_env": True}),
)


@pytest.fixture
async def objects(serve: Serve) -> RawServer:
    return await serve(store)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_sessions_of_the_user(server: Server, objects: RawServer, row: Row, call: str) -> None:
    server.responses = [platform(objects)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of aiohttp, for `auth`
        session = aiohttp.ClientSession(**row.make())
    async with session:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session, retry=QUICK) as client:
            for _ in range(2):  # the second time, cookies have been set
                await CALLS[call](client)
        assert not session.closed
    assert len(objects.heads) == (2 if call == "upload" else 0)
    for head in objects.heads:
        text = head.decode()
        assert text.startswith("PUT /bucket/1?X-Amz-Signature=s1gned HTTP/1.")
        assert text.lower().count("\r\nhost: ") == 1
        assert f"\r\nHost: 127.0.0.1:{objects.port}\r\n" in text
        assert text.count("x-signed: yes\r\n") == text.count("Content-Length: 100\r\n") == 1
        for secret in (KEY, SECRET, "Cookie", "Authorization", "x-team"):
            assert secret.lower() not in text.lower()
    for seen in server.seen:
        assert seen.headers["x-api-key"] == KEY  # not that of the session
        if row.sends is not None:
            assert row.sends in "\r\n".join(f"{name}: {value}" for name, value in seen.headers.items())


async def test_what_a_middleware_adds_on_purpose_is_sent(server: Server, objects: RawServer) -> None:
    """Middlewares are code of the user, and are told where a request goes."""
    server.responses = [platform(objects)]
    async with (
        aiohttp.ClientSession(middlewares=(on_purpose,), headers={"X-Team": SECRET}) as session,
        AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session) as client,
    ):
        await upload(client)
    assert {seen.headers["x-on-purpose"] for seen in server.seen} == {str(URL(server.url).port)}
    (head,) = objects.heads
    assert f"X-On-Purpose: {objects.port}\r\n" in head.decode()
    assert SECRET not in head.decode()


async def test_our_own_session_keeps_no_cookies(server: Server, objects: RawServer) -> None:
    server.responses = [platform(objects)]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        for call in (plain_call, upload, upload, stream, plain_call):
            await call(client)
    assert not any("cookie" in seen.headers for seen in server.seen)
    assert not any(b"cookie" in head.lower() for head in objects.heads)

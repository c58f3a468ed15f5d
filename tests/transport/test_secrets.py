"""Where the key goes, and where it does not: redirects, presigned URLs, proxies, TLS, headers, errors, logs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import pytest

from twelvelabs_async import __version__
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.form import FormBody, FormField
from twelvelabs_async._request.sources import BytesSource, FileSource
from twelvelabs_async.errors import APIConnectionError, APIStatusError, TwelveLabsError
from twelvelabs_async.uploads.engine import ChunkBody

from .conftest import KEY, Connect, Peer, Serve, get, post

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TLS = Path(__file__).parent / "tls"


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond()


def show_all(error: BaseException) -> str:
    """Everything that a log or an error tracker could show of an error."""
    text = "".join(traceback.format_exception(error))
    shown: BaseException | None = error
    while shown is not None:
        text += f"{shown!r} {shown} {vars(shown)}"
        shown = shown.__cause__ or shown.__context__
    return text


async def test_key_and_headers_are_sent_to_the_api(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url, headers={"X-Team": "films"}, user_agent="app/1.0")
    await transport.send(get(headers={"X-One": "1"}, query=[("q", "a b&c=d/é"), ("l", "1,2")]))
    head = server.heads[0].decode()
    assert head.startswith("GET /v1.3/things?q=a%20b%26c%3Dd%2F%C3%A9&l=1%2C2 HTTP/1.1\r\n")
    assert f"x-api-key: {KEY}\r\n" in head
    assert "X-Team: films\r\n" in head
    assert "X-One: 1\r\n" in head
    python = ".".join(map(str, sys.version_info[:3]))
    agent = f"twelvelabs-async/{__version__} aiohttp/{aiohttp.__version__} Python/{python} app/1.0"
    assert f"User-Agent: {agent}\r\n" in head
    assert "Content-Type" not in head


async def test_presigned_url_gets_neither_key_nor_headers_of_the_client(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url, headers={"X-Team": "films"}, user_agent="app/1.0")
    url = f"http://127.0.0.1:{server.port}/bucket/a%2Fb?X-Amz-Signature=ab%2Fc%2B&partNumber=1"
    request = get(url=url, headers={"Content-Type": "application/octet-stream"})
    request.method, request.body = "PUT", ChunkBody(BytesSource(b"abc"), 0, 3, None)
    response = await transport.send(request)
    assert response.status == 200
    head = server.heads[0].decode()
    assert head.startswith("PUT /bucket/a%2Fb?X-Amz-Signature=ab%2Fc%2B&partNumber=1 HTTP/1.1\r\n")
    assert KEY not in head
    assert "X-Team" not in head
    assert f"User-Agent: twelvelabs-async/{__version__}\r\n" in head
    assert "Content-Length: 3\r\n" in head
    assert head.count("Content-Type") == 1


@pytest.mark.parametrize(
    "url", ["http://[", "ftp://127.0.0.1/x", "nonsense", "", "http://", "http://127.0.0.1:99999/x"]
)
async def test_presigned_url_that_is_none(connect: Connect, url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    transport = connect("http://127.0.0.1:9")
    with pytest.raises((APIConnectionError, ValueError)):
        await transport.send(get(url=url))
    assert transport.limits.in_flight == 0


async def test_body_without_a_content_type_gets_none(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    await transport.send(post())
    await transport.send(post(body=JsonBody(b"{}")))
    assert b"Content-Type" not in server.heads[0]
    assert b"Content-Length: 0" in server.heads[0]
    assert b"Content-Type: application/json" in server.heads[1]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0b", "a\r"])
async def test_header_injection_is_refused(serve: Serve, connect: Connect, value: str) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    with pytest.raises(ValueError, match="line break"):
        await transport.send(get(headers={"X-One": value}))
    with pytest.raises(ValueError, match="header name"):
        await transport.send(get(headers={value: "x"}))
    assert not server.heads
    assert (await transport.send(get())).status == 200
    assert transport.limits.in_flight == 0


async def test_no_error_and_no_log_shows_a_secret(
    serve: Serve, connect: Connect, caplog: pytest.LogCaptureFixture, unused_tcp_port: int
) -> None:
    async def handler(peer: Peer) -> None:
        head = await peer.request()
        if b"/status" in head:
            await peer.respond(b'{"code":"x","message":"bad key %s"}' % KEY.encode(), "401 No", f"X-Echo: {KEY}")
        elif b"/nonsense" in head:
            peer.writer.write(b"nonsense\r\n\r\n")
        elif b"/cut" in head:
            await peer.respond(b"{", length=50)
        elif b"/slow" in head:
            await asyncio.sleep(30)
        else:
            peer.reset()

    server = await serve(handler)
    caplog.set_level(logging.DEBUG)
    transport = connect(server.url, max_retries=1)
    secret = "s3cr3tSignature"
    requests = [get(f"/{name}") for name in ("status", "nonsense", "cut", "reset")]
    requests += [get(f"/{name}", url=f"{server.url}/{name}?X-Sig={secret}") for name in ("status", "cut", "reset")]
    requests += [get(url=f"http://127.0.0.1:{unused_tcp_port}/x?X-Sig={secret}"), get("/slow", timeout=0.05)]
    requests += [get("/status", query=[("token", secret), ("page", "2")])]
    for request in requests:
        with pytest.raises(TwelveLabsError) as caught:
            await transport.send(request)
        shown = show_all(caught.value)
        assert KEY not in shown
        assert secret not in shown
        assert KEY not in repr(request)
        assert secret not in repr(request) or request.query
    assert KEY not in caplog.text
    assert secret not in caplog.text
    assert "token=***" in caplog.text
    assert "page=2" in caplog.text


def server_tls() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(TLS / "server.pem")
    return context


async def test_private_certificate_authority(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=server_tls())
    url = server.url.replace("http://", "https://")
    with pytest.raises(APIConnectionError, match=r"certificate .* not trusted.*ssl=") as caught:
        await connect(url).send(post())
    assert not server.heads
    assert caught.value.attempts == 1
    trusting = connect(url, ssl=ssl.create_default_context(cafile=TLS / "ca.pem"))
    assert (await trusting.send(post(body=JsonBody(b"{}")))).status == 200
    assert (await trusting.send(get())).status == 200
    async with aiohttp.ClientSession() as session:
        given = connect(url, session=session, ssl=ssl.create_default_context(cafile=TLS / "ca.pem"))
        assert (await given.send(get())).status == 200


async def test_server_that_speaks_no_tls(serve: Serve, connect: Connect) -> None:
    async def handler(peer: Peer) -> None:
        await peer.reader.read(10)
        peer.writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = await serve(handler)
    with pytest.raises(APIConnectionError):
        await connect(server.url.replace("http://", "https://"), max_retries=0).send(get())


class Proxy:
    """A proxy process and what it has seen."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.lines: list[str] = []

    async def collect(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.lines.append(line.decode())


@contextlib.asynccontextmanager
async def running_proxy(*options: str) -> AsyncIterator[Proxy]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.transport.proxy",
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    proxy = Proxy(process, int(await process.stdout.readline()))
    collecting = asyncio.create_task(proxy.collect())
    try:
        yield proxy
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 20)
        await collecting


async def test_requests_go_through_a_proxy_that_does_not_see_the_key(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=server_tls())
    url = server.url.replace("http://", "https://")
    async with running_proxy() as proxy:
        transport = connect(url, proxy=proxy.url, ssl=ssl.create_default_context(cafile=TLS / "ca.pem"))
        assert (await transport.send(get())).status == 200
        assert (await transport.send(post(body=JsonBody(b"{}")))).status == 200
        await transport.close()
    assert len(server.heads) == 2
    assert all(line.startswith(f"CONNECT 127.0.0.1:{server.port} ") for line in proxy.lines)
    assert KEY not in "".join(proxy.lines)


async def test_proxy_from_the_environment(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, recwarn: object
) -> None:
    server = await serve(responding)
    async with running_proxy() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        ignoring = connect(server.url)
        assert (await ignoring.send(get())).status == 200
        heeding = connect(server.url, trust_env=True)
        assert (await heeding.send(get())).status == 200
        await ignoring.close()
        await heeding.close()
    assert len(proxy.lines) == 1
    assert proxy.lines[0].startswith("GET http://127.0.0.1:")


async def test_proxy_that_refuses_or_is_not_there(serve: Serve, connect: Connect, unused_tcp_port: int) -> None:
    server = await serve(responding, ssl=server_tls())
    url = server.url.replace("http://", "https://")
    async with running_proxy("--refuse", "407") as proxy:
        with pytest.raises(APIConnectionError, match=r"proxy refused.*407") as caught:
            await connect(url, proxy=proxy.url).send(post())
        assert caught.value.attempts == 1
    secret = "pa55" + "word"
    transport = connect(url, proxy=f"http://user:{secret}@127.0.0.1:{unused_tcp_port}")
    with pytest.raises(APIConnectionError, match="proxy cannot be reached") as caught:
        await transport.send(post())
    assert caught.value.attempts == 3
    assert secret not in show_all(caught.value)
    assert not server.heads


async def test_file_object_that_cannot_seek_is_sent_once(serve: Serve, connect: Connect) -> None:
    class Pipe:
        """What a pipe can do."""

        def __init__(self, data: bytes) -> None:
            self.data = data

        def read(self, size: int = -1) -> bytes:
            data, self.data = self.data[: min(size, 1000)], self.data[min(size, 1000) :]
            return data

    async def handler(peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            await peer.respond(b"{}", "503 Later", "Retry-After: 0")

    server = await serve(handler)
    source = FileSource(Pipe(b"x" * 5000), 0, 5000, replayable=False)  # type: ignore[arg-type]
    body = FormBody([FormField("file", source, "a.mp4")])
    with pytest.raises(APIStatusError):
        await connect(server.url).send(post(body=body, timeout_profile="upload", idempotent=True))
    assert len(server.heads) == 1

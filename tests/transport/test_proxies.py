"""Proxies that refuse, lie or hang, the environment that names them, and credentials from `.netrc`."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import attrs
import pytest

from twelvelabs_async import Timeout
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.sources import BytesSource
from twelvelabs_async.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ConfigurationError,
    TwelveLabsError,
)
from twelvelabs_async.uploads.engine import ChunkBody

from .conftest import KEY, Connect, Handler, Peer, Serve, eventually, get, post
from .test_secrets import show_all
from .test_tls import FOREIGN, responding, server_context, trusting

if TYPE_CHECKING:
    from twelvelabs_async._request.message import Request

PASSWORD = "pa55" + "w0rd"
CREDENTIALS = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
VARIABLES = [f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL", "NO")]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NETRC", *VARIABLES, *map(str.lower, VARIABLES)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def put(url: str, headers: dict[str, str] | None = None) -> Request:
    """A chunk on its way to a store."""
    request = get(url=url, headers=headers or {})
    request.method, request.body = "PUT", ChunkBody(BytesSource(b"abc"), 0, 3, None)
    return request


async def tunnel(peer: Peer) -> None:
    """What a proxy is for."""
    head = await peer.request()
    host, _, port = head.split(b" ")[1].decode().rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    peer.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
        target.close()

    await asyncio.gather(pump(peer.reader, writer), pump(reader, peer.writer))


def says(data: bytes, *, stays: bool = False) -> Handler:
    """A proxy that sends something in response to whatever it is asked."""

    async def handler(peer: Peer) -> None:
        await peer.request()
        peer.writer.write(data)
        await peer.writer.drain()
        if stays:
            await peer.reader.read()

    return handler


async def resetting(peer: Peer) -> None:
    await peer.request()
    peer.reset()


async def impostor(peer: Peer) -> None:
    """It agrees, and then responds itself."""
    await peer.request()
    peer.writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
    await peer.reader.read(10)
    await peer.respond(b'{"_id": "i1"}')


def status(line: str) -> Handler:
    return says(f"HTTP/1.1 {line}\r\nContent-Length: 0\r\n\r\n".encode())


@attrs.frozen
class Row:
    """A proxy.

    Attributes:
        id: What it does.
        proxy: What it does, as a handler.
        says: What the error of a call says.
        attempts: How often a POST is tried.
        error: Class of the error.
    """

    id: str
    proxy: Handler
    says: str
    attempts: int = 1
    error: type[APIConnectionError] = APIConnectionError


ROWS = (
    Row("407", status("407 Proxy Authentication Required"), "proxy refused to connect .*407"),
    Row("403", status("403 Forbidden"), "proxy refused to connect .*403"),
    Row("502", status("502 Bad Gateway"), "proxy refused to connect .*502", attempts=3),
    Row("redirect", says(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n"), "302"),
    Row("garbage", says(b"nonsense\r\n\r\n"), "the proxy cannot be reached .*no HTTP", attempts=3),
    Row("leaves", says(b""), "the proxy cannot be reached .*no HTTP response, or none", attempts=3),
    Row("resets", resetting, "the proxy cannot be reached", attempts=3),
    Row("hangs", says(b"", stays=True), r"no connection .*within 0\.3 s", 3, APITimeoutError),
    Row("hangs within its head", says(b"HTTP/1.1 20", stays=True), r"within 0\.3 s", 3, APITimeoutError),
    Row("agrees and leaves", says(b"HTTP/1.1 200 OK\r\n\r\n"), "TLS handshake", attempts=3),
    Row("agrees and hangs", says(b"HTTP/1.1 200 OK\r\n\r\n", stays=True), r"within 0\.3 s", 3, APITimeoutError),
    Row("speaks for the API", impostor, "TLS with https://127.* failed"),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_proxies_that_do_not_connect(serve: Serve, connect: Connect, row: Row) -> None:
    """Nothing was sent to the API, so that a POST is retried wherever a retry can help."""
    server = await serve(responding, ssl=server_context())
    proxy = await serve(row.proxy)
    address = f"http://user:{PASSWORD}@127.0.0.1:{proxy.port}"
    timeout = Timeout(connect=0.3 if row.error is APITimeoutError else 20.0)
    transport = connect(server.url.replace("http://", "https://"), proxy=address, ssl=trusting(), timeout=timeout)
    with pytest.raises(row.error, match=row.says) as caught:
        await transport.send(post(body=JsonBody(b"{}")))
    assert caught.value.attempts == row.attempts
    shown = show_all(caught.value)
    for secret in (KEY, PASSWORD, CREDENTIALS):
        assert secret not in shown
    assert len(proxy.heads) == row.attempts
    for head in proxy.heads:
        assert head.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % server.port)
        assert KEY.encode() not in head
        assert b"things" not in head
    assert server.connections == 0
    assert transport.limits.in_flight == 0
    await eventually(lambda: proxy.live == 0)


async def test_a_tunnel_shows_host_and_port_only(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=server_context())
    proxy = await serve(tunnel)
    url = f"https://127.0.0.1:{server.port}"
    address = f"http://user:{PASSWORD}@127.0.0.1:{proxy.port}"
    transport = connect(url, proxy=address, ssl=trusting())
    assert (await transport.send(get("/things", query=[("q", "wedding")]))).status == 200
    assert (await transport.send(put(f"{url}/bucket/1?X-Amz-Signature=s3cr3t"))).status == 200
    (head,) = proxy.heads
    assert head.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % server.port)
    assert {line.split(b":")[0].lower() for line in head.split(b"\r\n")[1:-2]} <= {
        *(b"host", b"proxy-authorization", b"user-agent", b"accept", b"accept-encoding", b"connection"),
    }
    assert len(server.heads) == 2
    assert CREDENTIALS.encode() not in b"".join(server.heads)


async def test_headers_of_the_users_session_are_shown_to_a_proxy(serve: Serve, connect: Connect) -> None:
    """As SECURITY.md warns: aiohttp adds them to what it sends to the proxy. The key is not among them."""
    server = await serve(responding, ssl=server_context())
    proxy = await serve(tunnel)
    async with aiohttp.ClientSession(headers={"X-Team": "films"}) as session:
        url, address = server.url.replace("http://", "https://"), f"http://127.0.0.1:{proxy.port}"
        assert (await connect(url, proxy=address, ssl=trusting(), session=session).send(get())).status == 200
    (head,) = proxy.heads
    assert b"X-Team: films" in head
    assert KEY.encode() not in head


async def test_a_proxy_whose_certificate_is_not_trusted_is_named(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=server_context())
    proxy = await serve(tunnel, ssl=server_context(FOREIGN))
    address = f"https://user:{PASSWORD}@127.0.0.1:{proxy.port}"
    transport = connect(server.url.replace("http://", "https://"), proxy=address, ssl=trusting())
    with pytest.raises(
        APIConnectionError, match=rf"certificate of the proxy 127\.0\.0\.1:{proxy.port} is not"
    ) as caught:
        await transport.send(get())
    assert PASSWORD not in show_all(caught.value)


@pytest.mark.parametrize(
    ("line", "error"), [("407 Proxy Authentication Required", APIStatusError), ("502 Bad Gateway", APIStatusError)]
)
async def test_a_proxy_of_plain_http_responds_in_place_of_the_api(
    serve: Serve, connect: Connect, line: str, error: type[TwelveLabsError]
) -> None:
    proxy = await serve(status(line))
    transport = connect("http://127.0.0.1:9", proxy=f"http://user:{PASSWORD}@127.0.0.1:{proxy.port}")
    with pytest.raises(error, match=line[:3]) as caught:
        await transport.send(post())
    assert PASSWORD not in show_all(caught.value)
    assert CREDENTIALS not in show_all(caught.value)


WRONG = {
    "no scheme": f"user:{PASSWORD}@proxy.example.test:3128",
    "SOCKS": f"socks5://user:{PASSWORD}@127.0.0.1:1080",
    "open bracket": f"http://user:{PASSWORD}@[::1",
    "port": f"http://user:{PASSWORD}@127.0.0.1:99999",
    "no host": f"http://user:{PASSWORD}@",
}


@pytest.mark.parametrize("name", [*WRONG, "empty"])
def test_an_option_that_is_no_proxy(connect: Connect, name: str) -> None:
    with pytest.raises(ConfigurationError, match="proxy is not the URL of an HTTP proxy") as caught:
        connect("http://127.0.0.1:9", proxy=WRONG.get(name, ""))
    assert PASSWORD not in show_all(caught.value)


@pytest.mark.parametrize("own_session", [True, False])
@pytest.mark.parametrize("name", WRONG)
async def test_a_variable_that_is_no_proxy(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str, own_session: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", WRONG[name])
    session = None if own_session else aiohttp.ClientSession(trust_env=True)
    transport = connect("http://127.0.0.1:9", trust_env=own_session, session=session)
    with pytest.raises(ConfigurationError, match="HTTPS_PROXY is not the URL of an HTTP proxy") as caught:
        await transport.send(get())
    assert caught.value.variable == "HTTPS_PROXY"
    assert PASSWORD not in show_all(caught.value)
    if session is not None:
        await session.close()


async def test_a_proxy_that_aiohttp_would_ignore(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would connect directly, with a warning in the log."""
    server = await serve(responding)
    monkeypatch.setenv("HTTP_PROXY", f"https://user:{PASSWORD}@127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=r"HTTP_PROXY begins with https://.*pass proxy=") as caught:
        await connect(server.url, trust_env=True).send(get())
    assert PASSWORD not in show_all(caught.value)
    assert server.connections == 0
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert (await connect(server.url, trust_env=True).send(get())).status == 200


ENVIRONMENTS: dict[str, tuple[dict[str, str], bool]] = {
    "HTTP_PROXY": ({"HTTP_PROXY": "proxy"}, True),
    "http_proxy": ({"http_proxy": "proxy"}, True),
    "lower case first": ({"http_proxy": "proxy", "HTTP_PROXY": "http://127.0.0.1:9"}, True),
    "of the other scheme": ({"HTTPS_PROXY": "proxy"}, False),
    "ALL_PROXY": ({"ALL_PROXY": "proxy"}, False),
    "all_proxy": ({"all_proxy": "proxy"}, False),
    "NO_PROXY": ({"HTTP_PROXY": "proxy", "NO_PROXY": "example.test,127.0.0.1"}, False),
    "no_proxy": ({"http_proxy": "proxy", "no_proxy": "127.0.0.1"}, False),
    "NO_PROXY for all": ({"HTTP_PROXY": "proxy", "NO_PROXY": "*"}, False),
    "NO_PROXY for others": ({"HTTP_PROXY": "proxy", "NO_PROXY": "example.test"}, True),
}


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("name", ENVIRONMENTS)
async def test_the_environment(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool
) -> None:
    variables, through = ENVIRONMENTS[name]
    server, proxy = await serve(responding), await serve(responding)
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value.replace("proxy", f"http://user:{PASSWORD}@127.0.0.1:{proxy.port}"))
    transport = connect(server.url, trust_env=trusted)
    assert (await transport.send(get())).status == 200
    assert (await transport.send(put(f"http://127.0.0.1:{server.port}/bucket/1?sig=1"))).status == 200
    direct = 0 if through and trusted else 2
    assert (len(server.heads), len(proxy.heads)) == (direct, 2 - direct)
    for head in proxy.heads:
        assert f"Proxy-Authorization: Basic {CREDENTIALS}".encode() in head
    assert all(b"Proxy-Authorization" not in head for head in server.heads)


def authorization(head: bytes) -> str | None:
    lines = [line for line in head.decode().split("\r\n") if line.lower().startswith("authorization:")]
    assert len(lines) < 2
    return lines[0].partition(":")[2].strip() if lines else None


NETRC = {
    "of the host": f"machine 127.0.0.1 login user password {PASSWORD}\n",
    "of any host": f"default login user password {PASSWORD}\n",
}


@pytest.mark.parametrize("place", ["HOME", "NETRC"])
@pytest.mark.parametrize("name", NETRC)
@pytest.mark.parametrize("own_session", [True, False])
async def test_netrc_is_for_the_api_and_never_for_a_store(
    serve: Serve,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    place: str,
    own_session: bool,
) -> None:
    file = tmp_path / (".netrc" if place == "HOME" else "elsewhere")
    file.write_text(NETRC[name])
    file.chmod(0o600)
    if place == "NETRC":
        monkeypatch.setenv("NETRC", str(file))
    server, store = await serve(responding), await serve(responding)
    url = f"http://127.0.0.1:{store.port}/bucket/1?sig=1"

    async def send(trusted: bool, headers: dict[str, str], signed: dict[str, str]) -> list[str | None]:
        session = None if own_session else aiohttp.ClientSession(trust_env=trusted)
        transport = connect(server.url, trust_env=trusted and own_session, session=session, headers=headers)
        await transport.send(get())
        await transport.send(put(url, signed))
        if session is not None:
            await session.close()
        return [authorization(server.heads[-1]), authorization(store.heads[-1])]

    assert await send(False, {}, {}) == [None, None]
    assert await send(True, {}, {}) == [f"Basic {CREDENTIALS}", None]
    # What the caller gives, and what the platform signed, have priority; aiohttp refuses to choose.
    mine = {"Authorization": "Bearer mine"}
    assert await send(True, mine, {}) == ["Bearer mine", None]
    assert await send(True, mine, {"Authorization": "AWS4 signed"}) == ["Bearer mine", "AWS4 signed"]
    for head in store.heads:
        assert PASSWORD.encode() not in head
        assert CREDENTIALS.encode() not in head


@pytest.mark.parametrize("content", ["machine", "\0\xff"])
async def test_a_netrc_that_cannot_be_read_is_none(
    serve: Serve, connect: Connect, tmp_path: Path, content: str
) -> None:
    (tmp_path / ".netrc").write_text(content)
    server = await serve(responding)
    assert (await connect(server.url, trust_env=True).send(get())).status == 200
    assert authorization(server.heads[0]) is None

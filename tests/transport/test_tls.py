"""TLS servers that are not whom they should be, speak something else, or leave: one table, one row a server.

Certificates are made here, by authorities that live as long as the tests.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gc
import os
import socket
import ssl
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import attrs
import pytest
import trustme
from aiohttp import web

from twelvelabs_async import AsyncTwelveLabs, Timeout
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async.errors import APIConnectionError, APITimeoutError, UploadError

from .conftest import KEY, QUICK, Connect, Handler, Peer, Serve, eventually, get, post
from .test_secrets import show_all

if TYPE_CHECKING:
    from tests.conftest import Server
    from twelvelabs_async._request.message import Request

ROOT = Path(__file__).parents[2]
OWN = trustme.CA()
"""The authority that the client trusts."""
FOREIGN = trustme.CA()
HOST = "127.0.0.1"
NOW = dt.datetime.now(dt.UTC)


def server_context(authority: trustme.CA = OWN, host: str = HOST, **validity: Any) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host, **validity).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    """What a client passes that has an authority of its own."""
    context = ssl.create_default_context()
    OWN.configure_trust(context)
    return context


def self_signed() -> ssl.SSLContext:
    """The authority's certificate is presented as that of the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with FOREIGN.cert_pem.tempfile() as certificate, FOREIGN.private_key_pem.tempfile() as key:
        context.load_cert_chain(certificate, key)
    return context


def outdated() -> ssl.SSLContext:
    context = server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


def client_certificate(version: ssl.TLSVersion) -> Callable[[], ssl.SSLContext]:
    def make() -> ssl.SSLContext:
        context = server_context()
        context.verify_mode = ssl.CERT_REQUIRED
        OWN.configure_trust(context)
        context.minimum_version = context.maximum_version = version
        return context

    return make


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond()


async def plain_http(peer: Peer) -> None:
    await peer.reader.read(10)
    peer.writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


async def leaving(peer: Peer) -> None:
    await peer.reader.read(10)


async def resetting(peer: Peer) -> None:
    await peer.reader.read(10)
    peer.reset()


async def alerting(peer: Peer) -> None:
    """It knows no host of this name."""
    await peer.reader.read(10)
    peer.writer.write(bytes([0x15, 3, 3, 0, 2, 2, 112]))


async def silent(peer: Peer) -> None:
    await peer.reader.read()


@attrs.frozen
class Row:
    """One server.

    Attributes:
        id: What is wrong with it.
        says: What the error says.
        handler: What it does with a connection.
        context: Its TLS; None for none.
        attempts: How often it is tried.
        error: The class of the error.
    """

    id: str
    says: str
    handler: Handler = responding
    context: Callable[[], ssl.SSLContext] | None = None
    attempts: int = 1
    error: type[APIConnectionError] = APIConnectionError


DAY = dt.timedelta(days=1)
UNTRUSTED = r"TLS certificate of https://127\.0\.0\.1:\d+ is not trusted \(.*{}.*\)\. .*{}"
ROWS = (
    Row(
        "wrong address",
        UNTRUSTED.format("not valid for", "belongs to another host"),
        context=lambda: server_context(host="127.0.0.2"),
    ),
    Row(
        "wrong name",
        UNTRUSTED.format("not valid for", "belongs to another host"),
        context=lambda: server_context(host="api.example.test"),
    ),
    Row(
        "expired",
        UNTRUSTED.format("has expired", "Check the clock"),
        context=lambda: server_context(not_before=NOW - 9 * DAY, not_after=NOW - DAY),
    ),
    Row(
        "not yet valid",
        UNTRUSTED.format("not yet valid", "Check the clock"),
        context=lambda: server_context(not_before=NOW + DAY, not_after=NOW + 9 * DAY),
    ),
    Row(
        "unknown authority",
        UNTRUSTED.format("local issuer", r"ssl=ssl\.create_default_context\(cafile="),
        context=lambda: server_context(FOREIGN),
    ),
    Row("self-signed", UNTRUSTED.format("self.signed", r"create_default_context\(cafile="), context=self_signed),
    Row("plain HTTP on the port of TLS", r"TLS with https://127.*Check the port in the URL", plain_http),
    Row("alerts in the handshake", r"TLS with https://127.*failed .*Check the URL, and the context", alerting),
    Row("leaves in the handshake", "closed the connection during the TLS handshake", leaving, attempts=3),
    Row("resets in the handshake", r"no connection to https://127.*Check base_url", resetting, attempts=3),
    Row("silent in the handshake", r"no connection to .* within 0\.3 s", silent, attempts=3, error=APITimeoutError),
)


@pytest.mark.parametrize("request_", [get(), post(body=JsonBody(b"{}"))], ids=["GET", "POST"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
async def test_servers_that_are_not_trusted(serve: Serve, connect: Connect, row: Row, request_: Request) -> None:
    server = await serve(row.handler, ssl=None if row.context is None else row.context())
    url = server.url.replace("http://", "https://")
    transport = connect(url, ssl=trusting(), timeout=Timeout(connect=0.3 if row.handler is silent else 20.0))
    with pytest.raises(row.error, match=row.says) as caught:
        await transport.send(request_)
    assert caught.value.attempts == row.attempts
    assert caught.value.retryable is (row.attempts > 1)
    assert not isinstance(caught.value.__cause__, PermissionError)  # what OSError makes of OpenSSL's numbers
    assert KEY not in show_all(caught.value)
    assert server.heads == []  # the key stays here
    assert transport.limits.in_flight == 0
    await eventually(lambda: server.live == 0)
    gc.collect()


@pytest.mark.parametrize("own_session", [True, False])
async def test_an_authority_of_ones_own(serve: Serve, connect: Connect, own_session: bool) -> None:
    server = await serve(responding, ssl=server_context())
    session = None if own_session else aiohttp.ClientSession()
    transport = connect(server.url.replace("http://", "https://"), ssl=trusting(), session=session)
    for request in (get(), post(body=JsonBody(b"{}"))):
        assert (await transport.send(request)).status == 200
    assert server.connections == 1
    if session is not None:
        await session.close()


async def test_tls_where_plain_http_is_expected(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=server_context())
    with pytest.raises(APIConnectionError):
        await connect(server.url).send(post())
    assert server.heads == []


async def test_verification_can_be_disabled_only_in_so_many_words(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=server_context(FOREIGN, host="other.example.test"))
    url = server.url.replace("http://", "https://")
    assert (await connect(url, ssl=False).send(get())).status == 200
    with pytest.raises(APIConnectionError, match="not trusted"):
        await connect(url, ssl=True).send(get())
    with pytest.raises(APIConnectionError, match="not trusted"):
        await connect(url).send(get())


@contextlib.contextmanager
def openssl_server(context: ssl.SSLContext) -> Iterator[tuple[int, list[str]]]:
    """A server that sends OpenSSL's alerts, which asyncio swallows. Yields its port and, at the end, its refusals."""
    refused: list[str] = []
    listening = socket.create_server((HOST, 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return  # the end of the test
            stream = context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            with stream:
                stream.settimeout(60)
                try:
                    stream.do_handshake()
                except ssl.SSLError as error:
                    refused.append(str(error))
                    # Closing before the client does would reset the connection, and the alert could be lost.
                    while socket.socket.recv(stream, 4096):
                        pass

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield listening.getsockname()[1], refused
    finally:
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


ALERTS: dict[str, tuple[Callable[[], ssl.SSLContext], str]] = {
    "TLS 1.1 at most": (outdated, "no version of TLS in common"),
    "certificate of the client, TLS 1.2": (client_certificate(ssl.TLSVersion.TLSv1_2), "load_cert_chain"),
    "certificate of the client, TLS 1.3": (client_certificate(ssl.TLSVersion.TLSv1_3), "load_cert_chain"),
}


@pytest.mark.parametrize("request_", [get(), post(body=JsonBody(b"{}"))], ids=["GET", "POST"])
@pytest.mark.parametrize("name", ALERTS)
async def test_servers_that_refuse_the_client(connect: Connect, name: str, request_: Request) -> None:
    context, says = ALERTS[name]
    with openssl_server(context()) as (port, refused):
        transport = connect(f"https://{HOST}:{port}/v1.3", ssl=trusting())
        with pytest.raises(APIConnectionError, match=says) as caught:
            await transport.send(request_)
        assert (caught.value.attempts, caught.value.retryable) == (1, False)
        assert KEY not in show_all(caught.value)
        await transport.close()
    assert len(refused) == 1  # after the thread has ended: the alert arrives before the thread has noted it


async def test_a_certificate_of_the_client(serve: Serve, connect: Connect) -> None:
    server = await serve(responding, ssl=client_certificate(ssl.TLSVersion.TLSv1_3)())
    context = trusting()
    OWN.issue_cert("client@example.test").configure_cert(context)
    assert (await connect(server.url.replace("http://", "https://"), ssl=context).send(post())).status == 200


PROGRAM = """
import asyncio, sys
from twelvelabs_async import APIConnectionError, AsyncTwelveLabs

async def main():
    async with AsyncTwelveLabs(api_key="k", base_url=sys.argv[1], max_retries=0) as client:
        try:
            print(await client.get("/things"))
        except APIConnectionError as error:
            print("not trusted" in str(error))

asyncio.run(main())
"""


@pytest.mark.parametrize(("authority", "printed"), [(OWN, "{}"), (FOREIGN, "True")], ids=["own", "foreign"])
async def test_authorities_of_the_system_are_those_of_the_environment(
    serve: Serve, tmp_path: Path, authority: trustme.CA, printed: str
) -> None:
    """OpenSSL reads SSL_CERT_FILE, and with it the client without `ssl=`."""
    server = await serve(responding, ssl=server_context())
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        PROGRAM,
        server.url.replace("http://", "https://"),
        env={**os.environ, "SSL_CERT_FILE": str(file), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    out, _ = await asyncio.wait_for(program.communicate(), 60)
    assert out.decode().strip() == printed


async def test_a_store_that_is_not_trusted(serve: Serve, server: Server) -> None:
    """An upload ends at once with an UploadError; the store learns nothing, and the signature is in no message."""
    store = await serve(responding, ssl=server_context(FOREIGN))
    signature = "s3cr3tSignature"
    url = f"https://{HOST}:{store.port}/bucket/1?X-Amz-Signature={signature}"
    minted: list[str] = []

    def opened(_: web.Request) -> web.Response:
        minted.append(url)
        chunks = [{"chunk_index": 1, "url": url, "expires_at": "2099-01-01T00:00:00Z"}]
        body = {"upload_id": "up_1", "asset_id": "as_1", "chunk_size": 100, "total_chunks": 1, "upload_urls": chunks}
        return web.json_response({**body, "upload_headers": {}}, status=201)

    server.responses = [opened]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, ssl=trusting(), retry=QUICK) as client:
        with pytest.raises(UploadError, match=r"certificate of https://127.* is not trusted.*cafile") as caught:
            await client.multipart_upload.upload_file(b"x" * 100, filename="a.mp4")
    assert caught.value.upload_id == "up_1"
    assert list(caught.value.failed) == [1]
    shown = show_all(caught.value)
    assert KEY not in shown
    assert signature not in shown
    assert store.heads == []
    assert len(minted) == 1  # no retry, which would need a second URL

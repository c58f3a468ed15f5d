"""A table: how a secret is given x where a server puts it. No error shows it, whatever way it got in."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import aiohttp
import attrs
import pytest

from tests.leaks import find_leaks, local_leaks
from twelvelabs_async import AsyncTwelveLabs, Hooks, TwelveLabsError
from twelvelabs_async._request.options import RequestOptions
from twelvelabs_async.errors import APIConnectionError, StreamError, UploadError

from .conftest import QUICK, Peer, Serve

if TYPE_CHECKING:
    pass

KEY = "tlk_0Client/Key+77aQz9mN"
"""With characters that are escaped in URLs, and in JSON by some servers."""

OTHER = "tok_1Other/Secret+5kWx2"


@attrs.frozen
class Given:
    """How a secret is given."""

    id: str
    secret: str
    client: dict[str, Any] = attrs.field(factory=dict)
    options: RequestOptions | None = None
    session: dict[str, Any] | None = None
    """What a session of the user is made with."""


BASIC = base64.b64encode(f"someone:{OTHER}".encode()).decode()

GIVEN = [
    Given("api_key=", KEY, {"api_key": KEY}),
    Given("additional_headers: x-api-key", OTHER, options={"additional_headers": {"x-api-key": OTHER}}),
    Given("headers: Authorization", OTHER, options={"headers": {"Authorization": f"Bearer {OTHER}"}}),
    Given("headers: Authorization, basic", OTHER, options={"headers": {"authorization": f"Basic {BASIC}"}}),
    Given("headers: X-Team-Token", OTHER, options={"headers": {"X-Team-Token": OTHER}}),
    Given("headers= of the client", OTHER, {"headers": {"X-Secret": OTHER}}),
    Given("headers of the session", OTHER, session={"headers": {"Cookie": OTHER}}),
    Given("cookies of the session", OTHER, session={"cookies": {"id": OTHER}}),
]

Answer = Callable[[str], bytes]


def http(status: str, body: str | bytes = b"{}", *headers: str, length: int | None = None) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(data) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + data


def escaped(secret: str) -> str:
    return "".join(f"\\u{ord(char):04x}" for char in secret)


def percent(secret: str) -> str:
    return "".join(f"%{ord(char):02x}" for char in secret)


def refused(text: str, status: str = "401 Unauthorized") -> bytes:
    return http(status, f'{{"code":"api_key_invalid","message":"Not valid: {text}.","details":{{"a":["{text}"]}}}}')


ANSWERS: dict[str, Answer] = {
    "message": refused,
    "message, escaped": lambda secret: refused(escaped(secret)),
    "message, escaped twice": lambda secret: refused(escaped(secret).replace("\\", "\\\\")),
    "message, slashes escaped": lambda secret: refused(secret.replace("/", "\\/")),
    "message, percent-encoded": lambda secret: refused(quote(secret, safe="")),
    "message, every character percent-encoded": lambda secret: refused(percent(secret)),
    "message, percent-encoded twice": lambda secret: refused(quote(percent(secret))),
    "message, HTML": lambda secret: refused("".join(f"&#x{ord(char):x};" for char in secret)),
    "message, HTML in decimal": lambda secret: refused("".join(f"&#{ord(char)};" for char in secret)),
    "message, upper case": lambda secret: refused(secret.upper()),
    "message, base64": lambda secret: refused(base64.b64encode(secret.encode()).decode()),
    "message, base64 of the header": lambda secret: refused(base64.b64encode(f"key: {secret}!".encode()).decode()),
    "message, base64 of JSON": lambda secret: refused(
        base64.urlsafe_b64encode(f'{{"k":"{secret}"}}'.encode()).decode()
    ),
    "message, hexadecimal": lambda secret: refused(secret.encode().hex()),
    "message, cut": lambda secret: refused(secret[:12] + "..."),
    "message, many": lambda secret: refused(f"{secret} {escaped(secret)} {secret}"),
    "message, the end": lambda secret: refused(f"(...{secret[6:]})"),
    "message, the middle": lambda secret: refused(f"(...{secret[3:19]}...)"),
    "message, in two lines": lambda secret: refused(f"{secret[:10]}\\n{secret[10:]}"),
    "message, spaced": lambda secret: refused(" ".join(secret)),
    "message, quoted-printable": lambda secret: refused(
        "".join(char if char.isalnum() else f"={ord(char):02X}" for char in secret)
    ),
    "message, UTF-7": lambda secret: refused(secret.encode("utf-7").decode()),
    "message, named in HTML": lambda secret: refused(
        secret.replace("_", "&lowbar;").replace("/", "&sol;").replace("+", "&plus;")
    ),
    "message, Markdown": lambda secret: refused(secret.replace("_", "\\\\_")),
    "message, octal": lambda secret: refused("".join(f"\\\\{ord(char):03o}" for char in secret)),
    "message, code points": lambda secret: refused("".join(f"\\\\u{{{ord(char):x}}}" for char in secret)),
    "message, long code points": lambda secret: refused("".join(f"\\\\U{ord(char):08x}" for char in secret)),
    "message, hexadecimal with spaces": lambda secret: refused(secret.encode().hex(" ")),
    "message, base64 in lines": lambda secret: refused(
        base64.encodebytes(f"{secret} ".encode() * 9).decode().replace("\n", "\\n")
    ),
    "message, two strings": lambda secret: http("400 Bad", json.dumps({"details": [secret[:14], secret[14:]]})),
    "names of members": lambda secret: http("400 Bad", json.dumps({"message": "no", "details": {secret: {secret: 1}}})),
    "code": lambda secret: http("400 Bad", json.dumps({"code": secret, "message": {"inner": [secret]}})),
    "docs_url": lambda secret: http("400 Bad", json.dumps({"docs_url": f"https://x/?k={secret}", "message": "no"})),
    "text": lambda secret: http("403 Forbidden", f"<html>No: {secret}</html>"),
    "text, escaped": lambda secret: http("403 Forbidden", f'{{"broken": "{escaped(secret)}'),
    "text, cut at 200": lambda secret: http("403 Forbidden", "x" * 190 + secret),
    "text, cut at 2 KiB": lambda secret: http("500 Error", "x " * 1019 + secret * 3),
    "text, cut at 64 KiB": lambda secret: http("400 Bad", "x" * (64 * 1024 - 10) + secret),
    "text, cut by the server": lambda secret: http("401 No", f'{{"message": "{secret[:-3]}', length=500),
    "UTF-16": lambda secret: http("401 No", f'{{"message": "{secret}"}}'.encode("utf-16")),
    "UTF-16, text": lambda secret: http("403 Forbidden", f"<html>{secret}".encode("utf-16")),
    "UTF-16, big-endian": lambda secret: http("403 Forbidden", f"<html>{secret}".encode("utf-16-be")),
    "UTF-32, text": lambda secret: http("403 Forbidden", f"<html>{secret}".encode("utf-32")),
    "folded header": lambda secret: http("401 No", "{}", f"X-Echo: {secret[:10]}\r\n\t{secret[10:]}"),
    "header": lambda secret: http("401 No", "{}", f"X-Echo: {secret}", f"X-Echo-2: {percent(secret)}"),
    "name of a header": lambda secret: http("401 No", "{}", f"X-{secret.replace('/', '!')}: 1".replace("!", "")),
    "X-Request-Id": lambda secret: http("404 Not Found", "{}", f"X-Request-Id: {secret}"),
    "reason": lambda secret: http(f"401 {secret}"),
    "503 that is retried": lambda secret: http(
        "503 Busy", f"busy {secret}", f"X-Request-Id: {secret}", "Retry-After: 0"
    ),
    "redirect: path": lambda secret: http("302 Found", "", f"Location: https://elsewhere.test/{secret}/x?{secret}"),
    "redirect: host": lambda secret: http("302 Found", "", f"Location: https://{secret.replace('/', '.')}.test/"),
    "redirect: user": lambda secret: http("302 Found", "", f"Location: https://{quote(secret, safe='')}:x@else.test/"),
    "no HTTP": lambda secret: f"{secret} nonsense\r\n\r\n".encode(),
    "no HTTP: version": lambda secret: f"HTTP/{secret} 200 OK\r\n\r\n".encode(),
    "no HTTP: header": lambda secret: f"HTTP/1.1 200 OK\r\nX-{secret} broken\r\n\r\n".encode(),
    "no HTTP: length": lambda secret: f"HTTP/1.1 200 OK\r\nContent-Length: {secret}\r\n\r\n".encode(),
    "no HTTP: chunk": lambda secret: f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{secret}\r\n".encode(),
    "200 that is UTF-16": lambda secret: http("200 OK", f"<html>{secret}".encode("utf-16")),
    "200 that is no JSON": lambda secret: http("200 OK", f"<html>{secret}", f"X-Request-Id: {secret}"),
    "200 of another type": lambda secret: http("200 OK", json.dumps({"_id": 5, "index_name": {secret: secret}})),
    "200 with a value of another type": lambda secret: http("200 OK", f'{{"_id":"i","models":"{escaped(secret)}"}}'),
    "200 with a list": lambda secret: http("200 OK", json.dumps([secret]), f"X-Request-Id: {secret}"),
    "200 without a body": lambda secret: http("200 OK", "", f"X-Request-Id: {secret}"),
    "200, large": lambda secret: http("200 OK", json.dumps([secret, "x" * 300_000]), f"X-Request-Id: {secret}"),
    "200, truncated": lambda secret: http("200 OK", f'{{"a": "{secret}', f"X-Request-Id: {secret}", length=9999),
    "200, not gzip": lambda secret: http("200 OK", secret, "Content-Encoding: gzip", f"X-Request-Id: {secret}"),
}


def answering(data: bytes) -> Callable[[Peer], Awaitable[None]]:
    async def handler(peer: Peer) -> None:
        with_body = await peer.request()
        await peer.body(with_body)
        peer.writer.write(data)
        await peer.writer.drain()
        peer.writer.close()

    return handler


class Client:
    """A client whose secret is given in one way, and all that it tells others."""

    def __init__(self, url: str, given: Given, **settings: Any) -> None:
        self.seen: list[object] = []
        self._given = given
        self._settings = {
            "api_key": "tlk_1111111111111111",
            "base_url": url,
            "retry": QUICK,
            "hooks": Hooks(on_request=self.seen.append, on_response=self.seen.append, on_retry=self.seen.append),
            **given.client,
            **settings,
        }
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> AsyncTwelveLabs:
        if self._given.session is not None:
            self._session = aiohttp.ClientSession(**self._given.session)
        self._client = AsyncTwelveLabs(session=self._session, **self._settings)
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()
        if self._session is not None:
            await self._session.close()


Lines = Callable[[], "list[object]"]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Lines:
    """What was logged."""
    caplog.set_level(logging.DEBUG, "twelvelabs_async")
    return lambda: [
        text for record in caplog.records for text in (record.getMessage(), record.__dict__.get("twelvelabs"))
    ]


def check(error: BaseException, secret: str, *seen: object) -> None:
    assert not (leaks := find_leaks(error, secret, *seen)), "\n".join(leaks)
    assert not (leaks := local_leaks(error, secret)), "\n".join(leaks)


@pytest.mark.parametrize("place", ANSWERS)
@pytest.mark.parametrize("given", GIVEN, ids=lambda given: given.id)
async def test_no_error_shows_a_secret_that_the_server_has_echoed(
    serve: Serve, given: Given, place: str, lines: Lines
) -> None:
    server = await serve(answering(ANSWERS[place](given.secret)))
    calls: list[Callable[[AsyncTwelveLabs], Awaitable[object]]] = [
        lambda client: client.indexes.retrieve("i1", request_options=given.options),
        lambda client: client.get("/indexes/i1", request_options=given.options),
        lambda client: raw(client, given.options),
        lambda client: first_page(client, given.options),
        lambda client: client.assets.wait_for_done("a1", 0.001, request_options=given.options),
        lambda client: read(client.analyze_stream(prompt="What?", request_options=given.options)),
    ]
    watching = Client(server.url, given)
    async with watching as client:
        for number, call in enumerate(calls):
            try:
                await call(client)
            except TwelveLabsError as error:
                check(error, given.secret, *watching.seen, *lines())
            else:
                assert (number, place[:3]) == (1, "200"), "only the calls that return any JSON have no error"


async def raw(client: AsyncTwelveLabs, options: RequestOptions | None) -> object:
    response = await client.with_raw_response.indexes.retrieve("i1", request_options=options)
    return response.parse()


async def first_page(client: AsyncTwelveLabs, options: RequestOptions | None) -> object:
    return [index async for index in client.indexes.list(request_options=options)]


async def read(stream: Any) -> object:
    return [event async for event in stream]


# Streams: what arrives after a 200


def chunked(*pieces: str, kind: str = "application/x-ndjson", end: bool = True, request_id: str = "r1") -> bytes:
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nX-Request-Id: {request_id}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = "".join(f"{len(piece.encode()):x}\r\n{piece}\r\n" for piece in pieces)
    return (head + body + ("0\r\n\r\n" if end else "")).encode()


def event(text: str) -> str:
    return f'{{"event_type":"text_generation","text":"{text}"}}\n'


STREAMS: dict[str, Answer] = {
    "an error event": lambda secret: chunked(
        event("a"), f'{{"error":{{"code":"bad","message":"Not valid: {escaped(secret)}"}}}}\n'
    ),
    "an error event of an unknown type": lambda secret: chunked(
        event("a"), f'{{"event_type":"failed","why":[{{"{secret}":"{secret}"}}]}}\n'
    ),
    "a line that is no JSON": lambda secret: chunked(event("a"), f"oops {secret}\n", event("b")),
    "a line that is no JSON, escaped": lambda secret: chunked(event("a"), f'{{"oops": "{escaped(secret)}\n'),
    "a line that is cut": lambda secret: chunked(event("a"), '{"event_type":"text_generation","text":"' + secret[:14]),
    "a line that is cut at 2 KiB": lambda secret: chunked("x" * 2036 + secret + "\n"),
    "an event of another type": lambda secret: chunked(f'{{"event_type":"text_generation","text":["{secret}"]}}\n'),
    "a value of another type": lambda secret: chunked(
        f'{{"event_type":"stream_start","metadata":"{secret}"}}\n', event("b")
    ),
    "text, then the end": lambda secret: chunked(event(secret), event(f"x{secret}")),
    "a broken chunk": lambda secret: chunked(event("a"), end=False) + f"{secret}\r\n".encode(),
    "the request id": lambda secret: chunked(event("a"), request_id=secret),
    "the request id, and no end": lambda secret: chunked(event("a"), end=False, request_id=secret),
}


@pytest.mark.parametrize("place", STREAMS)
@pytest.mark.parametrize("given", GIVEN[:3], ids=lambda given: given.id)
async def test_no_stream_shows_a_secret(serve: Serve, given: Given, place: str, lines: Lines) -> None:
    server = await serve(answering(STREAMS[place](given.secret)))
    watching = Client(server.url, given)
    async with watching as client:
        stream = client.analyze_stream(prompt="What?", request_options=given.options)
        with pytest.raises(TwelveLabsError) as iterating:
            await read(stream)
        check(iterating.value, given.secret, *watching.seen, *lines())
        with pytest.raises(TwelveLabsError) as collecting:
            await client.analyze_stream(prompt="What?", request_options=given.options).collect()
        check(collecting.value, given.secret, *watching.seen, *lines())


@pytest.mark.parametrize(
    "body",
    [
        'event: response.failed\ndata: {"response":"%s"}\n\n',
        'data: {"type":"response.created","response":"%s"}\n\n',
        "data: %s\n\n",
        'event: %s\ndata: {"error":1}\n\n',
        'data: {"type":"response.output_text.delta","delta":"%s"}\n\n',
    ],
)
async def test_no_sse_stream_shows_a_secret(serve: Serve, body: str, lines: Lines) -> None:
    server = await serve(answering(chunked(body % KEY, kind="text/event-stream")))
    watching = Client(server.url, GIVEN[0])
    async with watching as client:
        with pytest.raises(StreamError) as caught:
            await read(client.responses.create_stream(knowledge_store_id="k1", input=[]))
        check(caught.value, KEY, *watching.seen, *lines())


# Uploads: the query of a presigned URL


SIGNATURE = "5f3759df/Sig+nature0123456789abcdef"
CREDENTIAL = "AKIAEXAMPLE0/20261121/eu-west-1"
QUERY = f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={quote(CREDENTIAL, safe='')}&X-Amz-Expires=900"
QUERY += f"&X-Amz-Signature={quote(SIGNATURE, safe='')}&x-id=UploadPart"

STORE: dict[str, Answer] = {
    "an XML error": lambda query: http("403 Forbidden", f"<Error><Q>{query.replace('&', '&amp;')}</Q></Error>"),
    "the query": lambda query: http("400 Bad Request", f"The query {query} is wrong"),
    "the decoded signature": lambda _: http("403 Forbidden", f"<Signature>{SIGNATURE}</Signature><C>{CREDENTIAL}</C>"),
    "escaped": lambda _: http("400 Bad", f'{{"message": "{escaped(SIGNATURE)} and {escaped(CREDENTIAL)}"}}'),
    "cut": lambda _: http("400 Bad", "x" * 2036 + SIGNATURE),
    "a header": lambda query: http("503 Busy", "", f"X-Query: {query}", f"X-Amz-Request-Id: {SIGNATURE}"),
    "the reason": lambda query: http(f"403 {query}"),
    "a redirect": lambda query: http("307 Elsewhere", "", f"Location: /{quote(SIGNATURE, safe='')}?{query}"),
    "no HTTP": lambda query: f"GET /{query} HTTP/1.1\r\n\r\n".encode(),
    "no ETag": lambda query: http("200 OK", query, f"X-Amz-Request-Id: {SIGNATURE}"),
    "no response": lambda _: b"",
}


def storing(answer: bytes) -> Callable[[Peer], Awaitable[None]]:
    """A platform and a store whose response to each chunk is this one."""

    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            await peer.body(head)
            url = f"{peer.server.url.removesuffix('/v1.3')}/bucket/1?{QUERY}"
            if head.startswith(b"PUT"):
                peer.writer.write(answer)
                await peer.writer.drain()
                return
            urls = [{"chunk_index": 1, "url": url, "expires_at": "2099-01-01T00:00:00Z"}]
            session = {"upload_id": "u1", "asset_id": "a1", "chunk_size": 10, "total_chunks": 1, "upload_urls": urls}
            await peer.respond(json.dumps({**session, "upload_session_id": "u1"}).encode())

    return handler


@pytest.mark.parametrize("place", STORE)
async def test_no_upload_shows_the_signature(serve: Serve, place: str, lines: Lines) -> None:
    server = await serve(storing(STORE[place](QUERY)))
    watching = Client(server.url, GIVEN[0])
    async with watching as client:
        with pytest.raises(UploadError) as caught:
            await client.multipart_upload.upload_file(b"0123456789", max_retries=1, retry_delay=0.001)
        assert caught.value.upload_id == "u1"
        assert caught.value.failed
        for secret in (SIGNATURE, CREDENTIAL):
            check(caught.value, secret, *watching.seen, *lines())


async def test_no_decode_error_shows_the_signature_of_a_url_in_the_response(serve: Serve, lines: Lines) -> None:
    async def handler(peer: Peer) -> None:
        while True:
            await peer.body(await peer.request())
            await peer.respond(json.dumps({"upload_urls": [{"url": f"https://store.test/1?{QUERY}"}]}).encode())

    server = await serve(handler)
    watching = Client(server.url, GIVEN[0])
    async with watching as client:
        with pytest.raises(TwelveLabsError) as caught:
            await client.multipart_upload.create(filename="a.mp4", total_size=5)
        for secret in (SIGNATURE, CREDENTIAL):
            check(caught.value, secret, *watching.seen, *lines())


# Proxies and TLS

PASSWORD = "pa55+W/ord & more"


@pytest.mark.filterwarnings("ignore:.*deprecated and will be removed:DeprecationWarning")
@pytest.mark.parametrize(
    "how",
    ["own session", "session=", "proxy of the session", "proxy_auth of the session", "environment of the session"],
)
@pytest.mark.parametrize(
    "text",
    [
        PASSWORD,
        quote(PASSWORD, safe=""),
        f"Someone1:{PASSWORD}",
        base64.b64encode(f"Someone1:{PASSWORD}".encode()).decode(),
        "Someone1",
    ],
)
async def test_no_error_shows_the_password_of_a_proxy(
    serve: Serve, text: str, how: str, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(answering(http(f"407 No {text}", f"No {text}", f"X-Request-Id: {text}")))
    proxy = f"http://Someone1:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
        if how == "environment of the session" and name != "NO_PROXY":
            monkeypatch.setenv(name, proxy)
    auth = aiohttp.BasicAuth("Someone1", PASSWORD)
    given = {
        "own session": Given("", PASSWORD, {"proxy": proxy}),
        "session=": Given("", PASSWORD, {"proxy": proxy}, session={}),
        "proxy of the session": Given("", PASSWORD, session={"proxy": proxy}),
        "proxy_auth of the session": Given(
            "",
            PASSWORD,
            session={"proxy": proxy.replace(proxy[7 : proxy.index("@") + 1], ""), "proxy_auth": auth},
        ),
        "environment of the session": Given("", PASSWORD, session={"trust_env": True}),
    }[how]
    for url in ("https://localhost:1/v1.3", "http://localhost:1/v1.3"):
        watching = Client(url, given, max_retries=0)
        async with watching as client:
            with pytest.raises(TwelveLabsError) as caught:
                await client.indexes.retrieve("i1")
            for secret in (PASSWORD, "Someone1"):
                check(caught.value, secret, *watching.seen, *lines())
    assert len(server.heads) == 2


async def test_no_error_shows_the_password_of_a_proxy_of_the_environment(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve(answering(http(f"407 {PASSWORD}")))
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with AsyncTwelveLabs(api_key=KEY, base_url="https://api.test/v1.3", trust_env=True, max_retries=0) as client:
        with pytest.raises(APIConnectionError, match="407") as caught:
            await client.indexes.retrieve("i1")
    check(caught.value, PASSWORD)


@pytest.mark.filterwarnings("ignore:.*deprecated and will be removed:DeprecationWarning")
async def test_session_that_has_credentials_of_its_own(serve: Serve) -> None:
    server = await serve(answering(refused(PASSWORD)))
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("me", PASSWORD)) as session:
        client = AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session)
        with pytest.raises(TwelveLabsError) as caught:
            await client.indexes.retrieve("i1")
    check(caught.value, PASSWORD)


async def test_tls_that_fails(serve: Serve, lines: Lines) -> None:
    async def no_tls(peer: Peer) -> None:
        peer.writer.write(f"HTTP/1.1 400 {KEY}\r\n\r\n".encode())
        await peer.reader.read()

    server = await serve(no_tls)
    watching = Client(server.url.replace("http://", "https://"), GIVEN[0], max_retries=0)
    async with watching as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.indexes.retrieve("i1")
    check(caught.value, KEY, *watching.seen, *lines())

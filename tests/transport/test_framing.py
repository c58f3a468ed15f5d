"""Nobody but the client says where a request ends: a raw server receives one request for each call, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, ConfigurationError
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.headers import FRAMING

from .conftest import KEY, Connect, Peer, Serve, post

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

SMUGGLED = b"x" * 5 + b"DELETE /v1.3/indexes/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"


async def responding(peer: Peer) -> None:
    while True:
        await peer.body(await peer.request())
        await peer.respond(b'{"_id":"1"}')


async def by_option(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.tasks.create(
        index_id="1", video_url="https://media.test/a.mp4", request_options={"additional_headers": headers}
    )


async def by_argument(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.post("/things", json={"a": SMUGGLED.decode()}, headers=headers)


async def by_option_of_an_argument(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.put("/things", json={"a": 1}, request_options={"headers": headers})


async def by_get(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.with_raw_response.get("/things", headers=headers)


async def by_form(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.assets.create(method="direct", file=SMUGGLED, request_options={"headers": headers})


async def by_stream(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    async with client.analyze_stream(video_id="1", prompt="x", request_options={"headers": headers}) as stream:
        return await stream.collect()


async def by_pager(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.indexes.list(request_options={"headers": headers})


async def by_copy(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.with_options(headers=headers).get("/things")


async def by_upload(client: AsyncTwelveLabs, headers: Mapping[str, str]) -> object:
    return await client.multipart_upload.upload_file(SMUGGLED, request_options={"headers": headers})


WAYS: list[Callable[[AsyncTwelveLabs, Mapping[str, str]], Awaitable[object]]] = [
    by_option,
    by_argument,
    by_option_of_an_argument,
    by_get,
    by_form,
    by_stream,
    by_pager,
    by_copy,
    by_upload,
]

HEADERS = [
    {"Content-Length": "5"},
    {"content-LENGTH": "5"},
    {"Content_Length": "5"},
    {"X-Fine": "1", "Transfer-Encoding": "chunked"},
    {"transfer_encoding": "identity"},
    {"Host": "evil.test"},
    {"Connection": "x-api-key"},
    {"Expect": "100-continue"},
    {"Upgrade": "h2c"},
    {"TE": "trailers"},
    {"Trailer": "X-A"},
    {"Proxy-Authorization": "Basic eA=="},
]


@pytest.mark.parametrize("headers", HEADERS, ids=[" ".join(headers) for headers in HEADERS])
@pytest.mark.parametrize("way", WAYS)
async def test_framing_headers_send_nothing(
    serve: Serve,
    way: Callable[[AsyncTwelveLabs, Mapping[str, str]], Awaitable[object]],
    headers: Mapping[str, str],
) -> None:
    server = await serve(responding)
    name = list(headers)[-1]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        with pytest.raises(ConfigurationError, match=f"'{name}' must not be set"):
            await way(client, headers)
        assert server.heads == []
        # The client stays usable, and the next request is the first.
        assert await client.get("/things", headers={"X-Fine": "1"}) == {"_id": "1"}
    assert len(server.heads) == 1


@pytest.mark.parametrize("name", sorted(FRAMING))
def test_framing_headers_of_a_client(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"'{name}' must not be set"):
        AsyncTwelveLabs(api_key=KEY, headers={name: "5"})


async def test_the_transport_checks_as_well(serve: Serve, connect: Connect) -> None:
    server = await serve(responding)
    transport = connect(server.url)
    with pytest.raises(ConfigurationError, match="Content-Length"):
        await transport.send(post(body=JsonBody(SMUGGLED), headers={"Content-Length": "5"}))
    assert server.heads == []
    assert transport.limits.in_flight == 0


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "application/merge-patch+json"}, {"Accept-Encoding": "identity"}, {"Range": "bytes=0-"}],
)
async def test_headers_about_the_content_are_sent(serve: Serve, headers: dict[str, Any]) -> None:
    server = await serve(responding)
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        assert await client.patch("/things", json={"a": 1}, headers=headers) == {"_id": "1"}
    [head] = server.heads
    [(name, value)] = headers.items()
    assert head.count(f"{name}: {value}\r\n".encode()) == 1
    assert head.count(f"{name}:".encode()) == 1
    assert b"Content-Length: 7\r\n" in head

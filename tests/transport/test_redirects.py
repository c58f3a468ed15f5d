"""Redirects: which are followed, and that the others are connection errors, without the key or a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twelvelabs_async._request.body import JsonBody
from twelvelabs_async.errors import APIConnectionError

from .conftest import KEY, Connect, Handler, Peer, Serve, get, post
from .test_secrets import responding, show_all

if TYPE_CHECKING:
    from twelvelabs_async._request.message import Request


def redirecting(location: str | None, status: str = "302 Found") -> Handler:
    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            if b"/v1.3/things" in head.split(b"\r\n")[0]:
                await peer.body(head)
                await peer.respond(b"{}", status, *([] if location is None else [f"Location: {location}"]))
            else:
                await peer.respond(b'{"at":"target"}')

    return handler


def check(error: APIConnectionError, status: int = 302) -> None:
    """What holds for the error of every redirect that is not followed."""
    assert "not followed" in str(error)
    assert f"status {status}" in str(error)
    assert "t0ken" not in show_all(error)
    assert KEY not in show_all(error)
    assert (error.retryable, error.attempts) == (False, 1)
    assert error.operation in {"listThings", "createThing"}


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
async def test_redirect_to_another_origin_is_refused_and_the_key_stays(
    serve: Serve, connect: Connect, status: str
) -> None:
    elsewhere = await serve(responding)
    server = await serve(redirecting(f"http://127.0.0.1:{elsewhere.port}/steal?token=t0ken", status))
    for request in (get(), post(body=JsonBody(b"{}"))):
        with pytest.raises(
            APIConnectionError, match=rf"redirected to http://127\.0\.0\.1:{elsewhere.port}/steal \("
        ) as e:
            await connect(server.url).send(request)
        check(e.value, int(status[:3]))
    assert elsewhere.connections == 0
    assert len(server.heads) == 2


async def test_redirect_within_the_origin_is_followed_for_get_only(serve: Serve, connect: Connect) -> None:
    server = await serve(redirecting("/v1.3/other?x=1"))
    transport = connect(server.url)
    response = await transport.send(get())
    assert response.body == b'{"at":"target"}'
    assert KEY.encode() in server.heads[1]
    for request in (post(body=JsonBody(b"{}")), get(url=f"{server.url}/things?sig=t0ken")):
        before = len(server.heads)
        with pytest.raises(APIConnectionError, match="redirected to http") as caught:
            await transport.send(request)
        check(caught.value)
        assert len(server.heads) == before + 1
    with pytest.raises(APIConnectionError, match="redirected to http") as caught:
        await connect(server.url, follow_redirects=False).send(get())
    check(caught.value)


async def test_redirects_in_a_circle_end(serve: Serve, connect: Connect) -> None:
    server = await serve(redirecting("/v1.3/things?token=t0ken"))
    with pytest.raises(APIConnectionError, match="5 redirects in a row") as caught:
        await connect(server.url).send(get())
    check(caught.value)
    assert len(server.heads) == 6


async def test_redirect_that_leaves_the_origin_at_the_second_step(serve: Serve, connect: Connect) -> None:
    elsewhere = await serve(responding)

    async def handler(peer: Peer) -> None:
        while True:
            head = await peer.request()
            first = b"/v1.3/things" in head.split(b"\r\n")[0]
            target = "/v1.3/other" if first else f"http://127.0.0.1:{elsewhere.port}/steal?token=t0ken"
            await peer.respond(b"", "302 Found", f"Location: {target}")

    server = await serve(handler)
    with pytest.raises(APIConnectionError, match=r"redirected to http://127\.0\.0\.1:\d+/steal \(") as caught:
        await connect(server.url).send(get())
    check(caught.value)
    assert len(server.heads) == 2
    assert elsewhere.connections == 0


NOWHERE = [
    None,
    "",
    "ftp://example.test/t0ken",
    "file:///t0ken",
    "data:,t0ken",
    "javascript:t0ken(1)",
    "mailto:t0ken@example.test",
    "http://[",
    "http://[::1/t0ken",
    "http://:99999/t0ken",
    "http://127.0.0.1:99999/t0ken",
    "http://127.0.0.1:0/t0ken",
    "http://127.0.0.1:x/t0ken",
    "http://a..b/t0ken",
    f"http://{'a' * 64}.test/t0ken",
    "http://exa mple.test/t0ken",
    "/v1.3/t0ken other",
    "/v1.3/t0ken\tother",
    "/v1.3/t0ken\x7fother",
    "http://user:t0ken@127.0.0.1/",
    "//t0ken@127.0.0.1/",
    "\\\\example.test\\t0ken\x0b",
]


@pytest.mark.parametrize("location", NOWHERE)
async def test_redirect_that_leads_nowhere(serve: Serve, connect: Connect, location: str | None) -> None:
    server = await serve(redirecting(location))
    with pytest.raises(APIConnectionError, match=r"redirected nowhere|sent something that is no HTTP") as caught:
        await connect(server.url, max_retries=0).send(get())
    assert "t0ken" not in show_all(caught.value)
    assert len(server.heads) == 1


async def test_user_name_for_the_origin_itself_is_not_sent(serve: Serve, connect: Connect) -> None:
    location: list[str] = []

    async def handler(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.respond(b"", "302 Found", location[0])

    server = await serve(handler)
    location.append(f"Location: http://evil:t0ken@127.0.0.1:{server.port}/v1.3/other")
    with pytest.raises(APIConnectionError, match="nowhere") as caught:
        await connect(server.url).send(get())
    check(caught.value)
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    "location",
    [
        "https://127.0.0.1:{port}/v1.3/other",
        "http://localhost:{port}/v1.3/other",
        "http://127.0.0.1:1/v1.3/other",
        "http://127.1:{port}/v1.3/other",
        "//example.test/v1.3/other",
    ],
)
@pytest.mark.parametrize("request_", [get(), get("/things", timeout_profile="stream")])
async def test_redirect_to_a_neighbour_is_another_origin(
    serve: Serve, connect: Connect, location: str, request_: Request
) -> None:
    async def handler(peer: Peer) -> None:
        await peer.request()
        await peer.respond(b"", "307 Temporary", "Location: " + location.format(port=peer.server.port) + "?s=t0ken")

    server = await serve(handler)
    with pytest.raises(APIConnectionError, match="redirected to http") as caught:
        await connect(server.url).send(request_)
    check(caught.value, 307)
    assert len(server.heads) == 1

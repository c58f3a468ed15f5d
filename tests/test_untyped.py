"""`client.get`, `post`, `put`, `patch` and `delete`: operations that this release does not know."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.conftest import KEY, Server
from twelvelabs_async import (
    APIConnectionError,
    APITimeoutError,
    AsyncTwelveLabs,
    DecodeError,
    InternalServerError,
    NotFoundError,
    RawResponse,
    RetryPolicy,
    types,
)
from twelvelabs_async._resource import THREAD_BYTES

QUICK = RetryPolicy(initial=0.01, maximum=0.02)


async def test_get(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, {"new": [1, None, "é"]})]
    assert await real.get("/new-things/a%2Fb:run", query={"q": "a b", "l": [1, 2], "no": None}) == {
        "new": [1, None, "é"]
    }
    [seen] = server.seen
    assert (seen.method, seen.path, seen.query) == ("GET", "/v1.3/new-things/a%2Fb:run", "q=a%20b&l=1&l=2")
    assert seen.headers["x-api-key"] == KEY
    assert seen.headers["accept"] == "application/json"
    assert seen.body == b""


async def test_a_path_without_a_slash_at_its_start(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, [])]
    assert await real.get("indexes") == []
    assert server.seen[0].path == "/v1.3/indexes"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (
            {"a": None, "b": [1.5], "m": types.IndexesUpdateRequest(index_name="x")},
            {"a": None, "b": [1.5], "m": {"index_name": "x"}},
        ),
        (types.IndexesUpdateRequest(index_name="x"), {"index_name": "x"}),
        ({}, {}),
        ([], []),
        ([{"a": None}, types.IndexesUpdateRequest(index_name="x")], [{"a": None}, {"index_name": "x"}]),
        ("text", "text"),
        (0, 0),
        (False, False),
    ],
)
async def test_json_bodies(real: AsyncTwelveLabs, server: Server, method: str, body: Any, sent: Any) -> None:
    server.responses = [(201, {"done": True})]
    assert await getattr(real, method)("/things/1", json=body, query={"a": None}) == {"done": True}
    [seen] = server.seen
    assert (seen.method, seen.path, seen.query) == (method.upper(), "/v1.3/things/1", "")
    assert seen.headers["content-type"] == "application/json"
    assert seen.json == sent


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
async def test_without_a_body(real: AsyncTwelveLabs, server: Server, method: str) -> None:
    server.responses = [(204, None)]
    assert await getattr(real, method)("/things") is None
    assert server.seen[0].body == b""
    assert "content-type" not in server.seen[0].headers


async def test_forms(real: AsyncTwelveLabs, server: Server, tmp_path: Path) -> None:
    file = tmp_path / "a.mp4"
    file.write_bytes(b"video bytes")
    server.responses = [(200, {})]
    await real.post(
        "/things", form={"name": "films", "tags": ["a", "b"], "no": None}, files={"video": file, "more": b"xyz"}
    )
    [seen] = server.seen
    assert seen.headers["content-type"].startswith("multipart/form-data; boundary=")
    for part in (b'name="name"\r\n\r\nfilms', b'name="tags"\r\n\r\na', b'name="tags"\r\n\r\nb', b"video bytes", b"xyz"):
        assert part in seen.body
    assert b'filename="a.mp4"' in seen.body
    assert b'name="no"' not in seen.body
    with pytest.raises(FileNotFoundError, match="video"):
        await real.put("/things", files={"video": tmp_path / "missing"})


async def test_options(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, {})]
    await real.post(
        "/things",
        json={"a": 1},
        query={"q": 1},
        headers={"X-A": "1"},
        request_options={"headers": {"X-B": "2"}, "query": {"r": 2}, "body": {"b": 2}},
    )
    await real.post("/things", request_options={"body": {"b": 2}})
    first, second = server.seen
    assert (first.query, first.json, second.json) == ("q=1&r=2", {"a": 1, "b": 2}, {"b": 2})
    assert (first.headers["x-a"], first.headers["x-b"]) == ("1", "2")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("https://evil.example/steal", "is a URL"),
        ("//evil.example/steal", "is a URL"),
        ("", "empty segment"),
        ("/", "empty segment"),
        ("/indexes/", "empty segment"),
        ("/indexes//videos", "empty segment"),
        ("/../other", "another route"),
        ("/indexes/./videos", "another route"),
        ("..", "another route"),
        ("/indexes/%2e%2E/tasks", "another route"),
        ("/indexes?page=2", "query="),
        ("/indexes#top", "query="),
        ("/indexes/a b", "quote"),
        ("/indexes/é", "quote"),
        ("/indexes/{id}", "quote"),
        ("/indexes/a\\b", "quote"),
        ("/indexes/%zz", "quote"),
        ("/indexes/a\r\nX: y", "quote"),
        ("/indexes/a\n", "quote"),
        ("/indexes/\0", "quote"),
        ("/indexes/\ud800", "quote"),
    ],
)
async def test_paths_that_could_reach_something_else(
    real: AsyncTwelveLabs, server: Server, path: str, words: str
) -> None:
    for call in (real.get, real.delete, real.with_raw_response.post):
        with pytest.raises(ValueError, match=words):
            await call(path)
    with pytest.raises(TypeError, match="must be a str"):
        await real.get(None)  # type: ignore[arg-type]
    assert not server.seen


async def test_a_path_stays_at_the_origin(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, {})]
    for path in ("@evil.example/x", ":80/x", "https:/evil.example", ".evil.example/"[:-1], "/a@b:c;d=e,f"):
        await real.get(path)
    assert all(seen.path.startswith("/v1.3/") for seen in server.seen)
    assert len(server.seen) == 5


async def test_wrong_arguments(real: AsyncTwelveLabs, server: Server) -> None:
    with pytest.raises(ValueError, match="json or a form, not both"):
        await real.post("/things", json={}, form={})
    with pytest.raises(ValueError, match="json or a form, not both"):
        await real.post("/things", json=[], files={"a": b"x"})
    with pytest.raises(ValueError, match="same fields: a"):
        await real.post("/things", form={"a": 1}, files={"a": b"x"})
    with pytest.raises(ValueError, match="body needs a JSON object"):
        await real.post("/things", json=[1], request_options={"body": {"a": 1}})
    for value in (float("nan"), {"a": float("nan")}, [object()], {"a": "\ud800"}, ["\ud800"]):
        with pytest.raises(ValueError, match=r"^(json|a)\b"):
            await real.post("/things", json=value)
    with pytest.raises(TypeError, match="no time_out"):
        await real.get("/things", request_options={"time_out": 1})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="line break"):
        await real.get("/things", headers={"X-A": "1\r\nX-B: 2"})
    assert not server.seen


async def test_errors(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(404, {"code": "resource_not_exist", "message": "no"})]
    with pytest.raises(NotFoundError) as caught:
        await real.get("/things/1")
    assert caught.value.code == "resource_not_exist"
    server.responses = [(200, b"<html>")]
    with pytest.raises(DecodeError, match="not JSON"):
        await real.get("/things/1")
    server.responses = [(200, b"[" * 100_000)]
    with pytest.raises(DecodeError):
        await real.get("/things/1")
    with pytest.raises(APIConnectionError, match=r"GET /things/\.\.\.: "):
        await real.with_options(base_url="http://127.0.0.1:9/v1.3").get("/things/1")


async def test_what_is_retried(server: Server) -> None:
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, retry=QUICK) as client:
        for method in ("get", "put", "delete"):
            server.responses = [(502, None), (200, {"after": method})]
            assert await getattr(client, method)("/things") == {"after": method}
        for call in (client.post, client.patch):
            server.responses = [(502, None), (200, {})]
            with pytest.raises(InternalServerError):
                await call("/things")
            server.responses = [(502, None), (200, {"idempotent": True})]
            assert await call("/things", idempotent=True) == {"idempotent": True}
            server.responses = [(502, None), (200, {"idempotent": True})]
            assert await call("/things", headers={"Idempotency-Key": "k"}) == {"idempotent": True}


async def test_limits(server: Server) -> None:
    server.responses = [(200, {})]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, max_retries=0) as client:
        await client.get("/things", rate_limit_group="search")
        assert "search" in client.limits.groups
        assert client.limits.in_flight == 0
    with pytest.raises(APIConnectionError, match="closed"):
        await client.get("/things")


async def test_timeouts(real: AsyncTwelveLabs) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the client ends the connection
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as silent:
        impatient = real.with_options(base_url=f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}")
        with pytest.raises(APITimeoutError, match=r"GET /things: not finished within 0\.05 s"):
            await impatient.get("/things", request_options={"timeout": 0.05})
        await impatient.close()


async def test_large_responses_and_other_json_engines(server: Server) -> None:
    content = {"x": "y" * THREAD_BYTES}
    server.responses = [(200, content)]

    class Engine:
        loads = staticmethod(json.loads)

        @staticmethod
        def dumps(value: Any) -> str:
            return json.dumps(value, indent=1)

    for engine in (None, Engine()):
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
            assert await client.post("/things", json=[1]) == content
    assert [seen.body for seen in server.seen] == [b"[1]", b"[\n 1\n]"]


async def test_raw_responses(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [lambda _: web.Response(body=b'{"a": 1}', headers={"X-Request-Id": "r"})]
    raw = await real.with_raw_response.get("/things/1")
    assert isinstance(raw, RawResponse)
    assert (raw.status, raw.request_id, raw.body, raw.parse()) == (200, "r", b'{"a": 1}', {"a": 1})
    assert "/things/..." in repr(raw)
    server.responses = [(204, None)]
    assert (await real.with_raw_response.delete("/things/1")).parse() is None
    server.responses = [(200, b"plain text")]
    raw = await real.with_raw_response.post("/things", json={})
    assert raw.body == b"plain text"
    with pytest.raises(DecodeError):
        raw.parse()


async def test_they_hide_no_resource(real: AsyncTwelveLabs) -> None:
    from twelvelabs_async._generated.raw_tree import RawResourceTree
    from twelvelabs_async._generated.tree import ResourceTree

    for name in ("get", "post", "put", "patch", "delete"):
        assert not hasattr(ResourceTree, name)
        assert not hasattr(RawResourceTree, name)
        assert callable(getattr(real, name))

from __future__ import annotations

import ast
import asyncio
import copy
import importlib.util
import json
import pickle
import re
import subprocess
import sys
import threading
import warnings
from typing import Any

import aiohttp
import attrs
import pytest
from aiohttp import web
from yarl import URL

from twelvelabs_async import (
    APIConnectionError,
    APITimeoutError,
    AsyncTwelveLabs,
    AuthenticationError,
    ConfigurationError,
    DecodeError,
    NotFoundError,
    RawResponse,
    TooManyRequestsError,
    UnknownVariant,
    _resource,
    get_request_id,
    to_dict,
)
from twelvelabs_async._config.config import Config
from twelvelabs_async._generated.operations import indexes as operations
from twelvelabs_async._request.builder import Decoder, RequestBuilder, builder_for
from twelvelabs_async._request.message import Response
from twelvelabs_async._request.operation import Operation, PagedOperation, StreamOperation, TypeRef
from twelvelabs_async._resource import THREAD_BYTES, Resource, load_off_loop
from twelvelabs_async._transport.secrets import Secrets

from .conftest import BASE_URL, KEY, Mocked, Server

INDEX = {"_id": "i", "index_name": "films", "models": [], "created_at": "2024-08-16T16:53:59Z", "later": 1}


def make(**settings: Any) -> AsyncTwelveLabs:
    return AsyncTwelveLabs(api_key=KEY, base_url=BASE_URL, **settings)


# --- life cycle --------------------------------------------------------------------------------------------------


def test_making_a_client_needs_no_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", KEY)
    client = AsyncTwelveLabs()
    assert client.base_url == "https://api.twelvelabs.io/v1.3"
    assert not client.closed


def test_without_a_key() -> None:
    with pytest.raises(ConfigurationError, match="TWELVE_LABS_API_KEY"):
        AsyncTwelveLabs()


async def test_closing() -> None:
    client = make()
    async with client:
        assert client.closed is False
    assert repr(client).endswith("(closed)>")
    await client.close()
    with pytest.raises(APIConnectionError, match="closed"):
        await client.indexes.retrieve("i")


def test_the_key_is_shown_nowhere() -> None:
    client = make(headers={"X-Secret": "s3cret"})
    for shown in (repr(client), str(client), repr(client._core.config), repr(vars(client))):
        assert KEY not in shown
        assert "s3cret" not in shown
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(client)
    for part in (client.indexes, client.with_raw_response, client.indexes.list()):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(part)
    with pytest.raises(TypeError, match="pickled"):
        copy.copy(client)


def test_resources_are_made_once() -> None:
    client = make()
    assert client.indexes is client.indexes
    assert client.with_raw_response is client.with_raw_response
    assert client.indexes.videos is client.indexes.videos


# --- calls -------------------------------------------------------------------------------------------------------


async def test_a_call(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", payload=INDEX)
    index = await client.indexes.retrieve(index_id="i")
    assert (index.id, index.index_name, index.extra) == ("i", "films", {"later": 1})
    [[call]] = mocked.requests.values()
    assert call.kwargs["headers"]["x-api-key"] == KEY


async def test_any_2xx_is_success_and_an_empty_body_is_never_parsed(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    for status, body in ((200, b""), (204, b""), (200, b"not json"), (202, b'{"x":1}')):
        mocked.delete(f"{BASE_URL}/indexes/i", status=status, body=body)
        assert await client.indexes.delete("i") is None  # type: ignore[func-returns-value]
    mocked.get(f"{BASE_URL}/indexes/i", status=203, payload=INDEX)
    assert (await client.indexes.retrieve("i")).id == "i"


async def test_an_empty_answer_where_the_contract_promises_one(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", status=204, headers={"X-Request-Id": "r"})
    with pytest.raises(DecodeError, match="empty body") as caught:
        await client.indexes.retrieve("i")
    assert (caught.value.status, caught.value.request_id) == (204, "r")


async def test_a_wrong_type_names_the_field(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", payload={**INDEX, "models": [{"model_name": 3}]}, headers={"X-Request-Id": "r"})
    with pytest.raises(DecodeError, match=r"models\[0\].model_name") as caught:
        await client.indexes.retrieve("i")
    assert (caught.value.status, caught.value.request_id) == (200, "r")


async def test_html_instead_of_json(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", body="<html>", content_type="text/html")
    with pytest.raises(DecodeError, match="base URL") as caught:
        await client.indexes.retrieve("i")
    assert caught.value.body == b"<html>"


async def test_errors(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    url = f"{BASE_URL}/indexes/i"
    mocked.get(url, status=404, payload={"code": "resource_not_exist", "message": "no"}, headers={"X-Request-Id": "r"})
    with pytest.raises(NotFoundError) as caught:
        await client.indexes.retrieve("i")
    assert (caught.value.code, caught.value.request_id) == ("resource_not_exist", "r")
    mocked.get(url, status=401, payload={"code": "api_key_invalid", "message": f"{KEY} is wrong"})
    with pytest.raises(AuthenticationError, match="TWELVE_LABS_API_KEY") as refused:
        await client.indexes.retrieve("i")
    assert KEY not in str(refused.value)
    mocked.get(url, status=429, headers={"Retry-After": "3"})
    with pytest.raises(TooManyRequestsError) as limited:
        await client.indexes.retrieve("i")
    assert limited.value.retry_after == 3.0


async def test_a_call_that_would_wait_for_a_rate_limit_says_how_long(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", status=429, headers={"Retry-After": "30"})
    with pytest.raises(TooManyRequestsError):
        await client.indexes.retrieve("i")
    with pytest.raises(APITimeoutError, match="pauses for") as late:
        await client.indexes.retrieve("i", request_options={"timeout_in_seconds": 5})
    assert late.value.retry_after is not None
    assert 20 < late.value.retry_after <= 30
    assert len(mocked.requests) == 1


async def test_bad_arguments_send_nothing(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    for bad in ("", ".", ".."):
        with pytest.raises(ValueError, match="index_id"):
            await client.indexes.retrieve(bad)
    with pytest.raises(FileNotFoundError, match="video_file"):
        await client.tasks.create(index_id="i", video_file="/no/such/file")
    assert not mocked.requests


async def test_ids_stay_in_their_segment(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, INDEX)]
    for value in ("../tasks/1", "a/b", "a?b", "a#b", "a%2Fb"):
        await real.indexes.retrieve(value)
    assert [seen.path for seen in server.seen] == [
        "/v1.3/indexes/..%2Ftasks%2F1",
        "/v1.3/indexes/a%2Fb",
        "/v1.3/indexes/a%3Fb",
        "/v1.3/indexes/a%23b",
        "/v1.3/indexes/a%252Fb",
    ]


async def test_a_large_answer_is_decoded_beside_the_loop(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, {**INDEX, "later": "x" * THREAD_BYTES})]
    index = await real.indexes.retrieve("i")
    assert len(index.extra["later"]) == THREAD_BYTES


async def test_first_calls_at_the_same_time(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, INDEX)]
    got = await asyncio.gather(*(real.indexes.retrieve("i") for _ in range(20)))
    assert len({index.id for index in got}) == 1


# --- raw responses -----------------------------------------------------------------------------------------------


async def test_raw_responses(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", payload=INDEX, headers={"X-Request-Id": "r", "X-RateLimit-Request-Limit": "60"})
    raw = await client.with_raw_response.indexes.retrieve("i")
    assert isinstance(raw, RawResponse)
    assert (raw.status, raw.request_id, raw.headers["x-ratelimit-request-limit"]) == (200, "r", "60")
    assert raw.parse().index_name == "films"
    assert "retrieveIndex" in repr(raw)
    mocked.delete(f"{BASE_URL}/indexes/i", status=204)
    assert (await client.with_raw_response.indexes.delete("i")).parse() is None
    mocked.get(f"{BASE_URL}/indexes", payload={"data": [INDEX], "page_info": {}})
    assert (await client.with_raw_response.indexes.list()).parse().data[0].id == "i"
    mocked.get(f"{BASE_URL}/indexes/i", body=b"")
    with pytest.raises(DecodeError):
        (await client.with_raw_response.indexes.retrieve("i")).parse()
    mocked.get(f"{BASE_URL}/indexes/i", status=404)
    with pytest.raises(NotFoundError):
        await client.with_raw_response.indexes.retrieve("i")


# --- request ids -------------------------------------------------------------------------------------------------


async def test_a_result_keeps_the_request_id(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.get(f"{BASE_URL}/indexes/i", payload={**INDEX, "models": [{}]}, headers={"X-Request-Id": "r"}, repeat=True)
    index = await client.indexes.retrieve("i")
    assert get_request_id(index) == "r"
    assert index.models
    assert get_request_id(index.models[0]) is None
    for same in (copy.copy(index), copy.deepcopy(index), pickle.loads(pickle.dumps(index))):
        assert get_request_id(same) == "r"
        assert same == index
    assert get_request_id(attrs.evolve(index, index_name="other")) is None
    assert "_request_id" not in repr(index)
    assert to_dict(index) == {**INDEX, "models": [{}]}
    assert get_request_id((await client.with_raw_response.indexes.retrieve("i")).parse()) == "r"
    mocked.get(f"{BASE_URL}/indexes/j", payload=INDEX)
    other = await client.indexes.retrieve("j")
    assert get_request_id(other) is None
    assert other == attrs.evolve(index, models=[])


async def test_pages_keep_their_request_ids(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    for number in (1, 2):
        page_info = {"page": number, "total_page": 2}
        mocked.get(
            re.compile(rf"{BASE_URL}/indexes($|\?)"),
            payload={"data": [INDEX], "page_info": page_info},
            headers={"X-Request-Id": f"r{number}"},
        )
    pager = await client.indexes.list()
    assert get_request_id(pager.page) == "r1"
    assert [get_request_id(page) async for page in pager.iter_pages()] == ["r1", "r2"]


async def test_an_unknown_variant_keeps_the_request_id(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.post(f"{BASE_URL}/summarize", payload={"new": 1}, headers={"X-Request-Id": "r"})
    with pytest.warns(DeprecationWarning, match="analyze"):
        result = await client.summarize(video_id="v", type="summary")
    assert result == UnknownVariant({"new": 1})
    assert get_request_id(result) == "r"


async def test_large_results_and_other_json_engines_keep_the_request_id(server: Server) -> None:
    def respond(_: web.Request) -> web.Response:
        return web.json_response({**INDEX, "later": "x" * THREAD_BYTES}, headers={"X-Request-Id": "r"})

    server.responses = [respond]
    for engine in (None, json):
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, json=engine) as client:
            assert get_request_id(await client.indexes.retrieve("i")) == "r"


async def test_an_assembled_result_keeps_the_request_id(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [lambda _: web.Response(body=STREAM, headers={"X-Request-Id": "r"})]
    with pytest.warns(DeprecationWarning, match="analyze"):
        result = await real.generate(video_id="v", prompt="p")
    assert result.data == "one\x85two"
    assert get_request_id(result) == "r"


@pytest.mark.parametrize("wrong", [None, {}, NotFoundError("", status=404)])
def test_what_has_no_request_id(wrong: Any) -> None:
    with pytest.raises(TypeError, match="takes the result of a call"):
        get_request_id(wrong)


# --- options -----------------------------------------------------------------------------------------------------


class Mine(AsyncTwelveLabs):
    tenant = "none"


async def test_with_options(server: Server) -> None:
    server.responses = [(200, INDEX)]
    async with Mine(api_key=KEY, base_url=server.url, headers={"X-A": "1", "X-B": "2"}) as client:
        client.tenant = "blue"
        await client.indexes.retrieve("i")
        other = client.with_options(timeout=5, max_retries=0, headers={"x-a": "3"}, user_agent="app/1", api_key="other")
        assert type(other) is Mine
        assert other.tenant == "blue"
        assert other.indexes is not client.indexes
        assert other._core.config.retry.max_retries == 0
        assert client._core.config.retry.max_retries == 2
        await other.indexes.retrieve("i")
        first, second = server.seen
        assert (first.headers["x-a"], second.headers["x-a"], second.headers["x-b"]) == ("1", "3", "2")
        assert second.headers["user-agent"].endswith("app/1")
        assert (first.headers["x-api-key"], second.headers["x-api-key"]) == (KEY, "other")
        with pytest.raises(ConfigurationError):
            client.with_options(timeout=-1)
    assert other.closed


async def test_a_session_of_the_caller_is_never_closed(server: Server) -> None:
    server.responses = [(200, INDEX)]
    async with aiohttp.ClientSession() as session:
        async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, session=session) as client:
            await client.indexes.retrieve("i")
        assert not session.closed


async def test_request_options(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, INDEX)]
    await real.indexes.retrieve(
        "i", request_options={"additional_headers": {"X-A": "1"}, "additional_query_parameters": {"debug": True}}
    )
    assert (server.seen[0].headers["x-a"], server.seen[0].query) == ("1", "debug=true")
    await real.indexes.retrieve("i", request_options={"timeout": 5, "headers": {"X-A": "2"}, "query": {"debug": False}})
    assert (server.seen[1].headers["x-a"], server.seen[1].query) == ("2", "debug=false")
    with pytest.raises(TypeError, match="no time_out"):
        await real.indexes.retrieve("i", request_options={"time_out": 5})  # type: ignore[arg-type]


async def test_redirects_can_be_refused(server: Server) -> None:
    def redirect(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/v1.3/indexes/moved"})

    server.responses = [redirect, (200, INDEX)]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url) as client:
        assert (await client.indexes.retrieve("i")).id == "i"
    server.responses = [redirect, (200, INDEX)]
    async with AsyncTwelveLabs(api_key=KEY, base_url=server.url, follow_redirects=False) as client:
        with pytest.raises(Exception, match="redirect"):
            await client.indexes.retrieve("i")


# --- deprecation -------------------------------------------------------------------------------------------------


async def test_deprecated_calls_name_the_successor(client: AsyncTwelveLabs, mocked: Mocked) -> None:
    mocked.post(f"{BASE_URL}/gist", payload={"id": "g"}, repeat=True)

    async def call() -> None:
        await client.gist(video_id="v", types=["title"])

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        await call()
        await call()
        await client.gist(video_id="v", types=["title"])
        await client.with_raw_response.gist(video_id="v", types=["title"])
    assert [warning.category for warning in caught] == [DeprecationWarning] * 3  # once for each place
    assert {warning.filename for warning in caught} == {__file__}
    assert "analyze" in str(caught[0].message)


# --- import ------------------------------------------------------------------------------------------------------


def run(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def test_import_loads_no_model() -> None:
    loaded = run(
        "import sys, twelvelabs_async\n"
        "print([m for m in sys.modules if '_generated.models.' in m or m in {'cattrs', 'orjson', 'numpy', 'yaml'}])"
    )
    assert loaded == "[]"


NOT_NEEDED = (
    "_codec.scanned_json",
    "_config.events",
    "_config.limits_state",
    "_request.files",
    "_request.form",
    "_request.slices",
    "_request.sources",
    "_request.streams",
    "_transport.secrets",
    "_transport.status_errors",
    "_transport.tls_advice",
    "_waiting",
    "pagination",
    "resources._sources",
    "streaming",
    "uploads",
    "waiters.many",
    "waiters.poller",
    "waiters.rules",
    "waiters.single",
)
"""What uploads, waits, lists, hooks and errors need, and a call that succeeds does not."""

ONE_CALL = """
import asyncio, sys
import twelvelabs_async
from aiohttp import web
from aiohttp.test_utils import TestServer

async def index(request):
    return web.json_response({"_id": "1", "index_name": "films", "video_count": 1})

async def main():
    app = web.Application()
    app.router.add_get("/indexes/1", index)
    async with TestServer(app) as server:
        async with twelvelabs_async.AsyncTwelveLabs(api_key="k", base_url=str(server.make_url("/"))) as client:
            assert (await client.indexes.retrieve("1")).index_name == "films"

asyncio.run(main())
print(sorted(name for name in sys.modules if name == "cattrs" or name.startswith("twelvelabs_async")))
"""


def test_a_first_call_loads_only_what_it_needs() -> None:
    loaded = set(ast.literal_eval(run(ONE_CALL)))
    assert {"twelvelabs_async._generated.models.indexes", "twelvelabs_async._codec.registry"} <= loaded
    assert not loaded & {"cattrs", *(f"twelvelabs_async.{name}" for name in NOT_NEEDED)}
    for name in NOT_NEEDED:  # all of them exist
        assert importlib.util.find_spec(f"twelvelabs_async.{name}") is not None, name


def test_what_reads_files_is_loaded_with_the_decoder_and_not_on_the_event_loop() -> None:
    loaded = run(
        "import sys\n"
        "from twelvelabs_async._generated.operations.assets import CREATE_ASSET\n"
        "from twelvelabs_async._request.builder import builder_for\n"
        "from twelvelabs_async._resource import load_decoder\n"
        "names = ('twelvelabs_async._request.files', 'twelvelabs_async._request.form')\n"
        "before = [name for name in names if name in sys.modules]\n"
        "load_decoder(builder_for(CREATE_ASSET))\n"
        "print(before, [name for name in names if name in sys.modules])"
    )
    assert loaded == "[] ['twelvelabs_async._request.files', 'twelvelabs_async._request.form']"


async def test_concurrent_first_calls_load_the_decoder_once(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = builder_for(operations.RETRIEVE_INDEX)
    decode = builder.decode or await load_off_loop(builder)
    builder.decode = None
    threads: list[str] = []
    original = _resource.load_decoder

    def load(given: RequestBuilder) -> Decoder:
        threads.append(threading.current_thread().name)
        return original(given)

    monkeypatch.setattr(_resource, "load_decoder", load)
    first = asyncio.create_task(load_off_loop(builder))
    await asyncio.sleep(0)
    first.cancel()  # others go on
    loaded = await asyncio.gather(*(load_off_loop(builder) for _ in range(20)))
    assert len(threads) == 1
    assert threads[0] != threading.current_thread().name
    assert {type(one) for one in loaded} == {type(decode)}
    assert builder_for(operations.RETRIEVE_INDEX).decode is loaded[0]
    assert first.cancelled()


def test_naming_a_model_loads_its_module_alone() -> None:
    loaded = run(
        "import sys, twelvelabs_async\ntwelvelabs_async.IndexSchema\n"
        "print(sorted(m.rpartition('.')[2] for m in sys.modules if '_generated.models.' in m))"
    )
    assert "indexes" in loaded
    assert "knowledge_stores" not in loaded


def test_url_of_the_test_client_is_no_real_one() -> None:
    assert (URL(BASE_URL).host or "").endswith(".test")


# --- streams -----------------------------------------------------------------------------------------------------

STREAM = b"""{"event_type":"stream_start","metadata":{"generation_id":"g"}}
{"event_type":"text_generation","text":"one\xc2\x85two"}
{"event_type":"new_event","x":1}
{"event_type":"stream_end","finish_reason":"stop"}
"""


async def test_a_stream(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, STREAM)]
    events = [event async for event in real.analyze_stream(video_id="v", prompt="p")]
    assert [type(event).__name__ for event in events] == [
        "StreamStartResponse",
        "StreamTextResponse",
        "UnknownVariant",
        "StreamEndResponse",
    ]
    assert server.seen[0].json == {"video_id": "v", "prompt": "p", "stream": True}
    assert "ndjson" in server.seen[0].headers["accept"]
    async with real.analyze_stream(video_id="v", prompt="p") as stream:
        async for _ in stream:
            break


async def test_a_refused_stream(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(404, {"code": "resource_not_exist", "message": "no"})]
    with pytest.raises(NotFoundError):
        async with real.analyze_stream(video_id="v", prompt="p"):
            pass
    with pytest.raises(ValueError, match="temperature"):
        await real.analyze_stream(video_id="v", prompt="p", temperature=float("nan")).collect()
    assert len(server.seen) == 1


async def test_a_stream_operation_says_what_its_events_are(real: AsyncTwelveLabs) -> None:
    operation: StreamOperation[Any] = StreamOperation(id="odd", method="POST", path="/odd", kind="sse")
    with pytest.raises(TypeError, match="odd"):
        Resource(real._core)._stream(operation)


def test_deprecated_pagers_and_streams_warn_where_they_are_made() -> None:
    resource = Resource(make()._core)
    pages: PagedOperation[Any, Any] = PagedOperation(
        id="oldList", method="GET", path="/old", items="data", style="page", deprecated="oldList: use new.list"
    )
    stream: StreamOperation[Any] = StreamOperation(
        id="oldStream",
        method="POST",
        path="/old",
        kind="ndjson",
        response=TypeRef("analyze", "StreamAnalyzeResponse"),
        deprecated="oldStream: use new.stream",
    )
    with pytest.warns(DeprecationWarning, match=r"use new\.list"):
        resource._paginate(pages)
    with pytest.warns(DeprecationWarning, match=r"use new\.stream"):
        resource._stream(stream)


async def test_a_raw_response_can_be_parsed_without_a_call_before() -> None:
    operation: Operation[Any] = Operation(
        id="fresh", method="GET", path="/fresh", response=TypeRef("indexes", "IndexSchema")
    )
    response = Response(status=200, headers={}, body=b'{"_id":"i","index_name":"films"}')
    raw: RawResponse[Any] = RawResponse(response, builder_for(operation), Secrets(Config.create(api_key=KEY)))
    assert raw.parse().index_name == "films"

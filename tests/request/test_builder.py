from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from twelvelabs_async import UNSET, ConfigurationError
from twelvelabs_async._codec.model import Model
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.builder import RequestBuilder, builder_for
from twelvelabs_async._request.form import FormBody
from twelvelabs_async._request.message import Request
from twelvelabs_async._request.operation import Operation, StreamOperation
from twelvelabs_async._request.params import quote_segment

if TYPE_CHECKING:
    from pathlib import Path

    from twelvelabs_async import RequestOptions

VIDEO: Operation[None] = Operation(
    id="getVideo",
    method="GET",
    path="/indexes/{index_id}/videos/{video_id}",
    query={"comma": "comma", "deep": "deep", "flat": "flat"},
    headers={"trace": "X-Trace"},
    nullable=frozenset({"maybe"}),
)
JSON: Operation[None] = Operation(
    id="postJson",
    method="POST",
    path="/things:do",
    body="json",
    fixed={"stream": False},
    nullable=frozenset({"maybe"}),
    lists=frozenset({"options"}),
)
FORM: Operation[None] = Operation(
    id="postForm", method="POST", path="/tasks", body="form", form_json=frozenset({"filter"}), files=frozenset({"file"})
)


@attrs.frozen(kw_only=True)
class Range(Model):
    gte: float | None = None
    lte: float | None = None


class Way(enum.Enum):
    UP = "up"


async def video(**values: Any) -> Request:
    return await RequestBuilder(VIDEO).build_any(path={"index_id": "i", "video_id": "v"}, **values)


async def query(**values: Any) -> list[tuple[str, str]]:
    return list((await video(query=values)).query)


async def json_of(**values: Any) -> Any:
    body = (await RequestBuilder(JSON).build_any(body=values)).body
    assert isinstance(body, JsonBody)
    return json.loads(body.data)


async def form_of(**values: Any) -> bytes:
    body = (await RequestBuilder(FORM).build_any(body=values)).body
    assert isinstance(body, FormBody)
    payload = body.open()
    return payload if isinstance(payload, bytes) else b"".join([part async for part in payload])


# --- path --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("66c1a", "66c1a"),
        ("a/b", "a%2Fb"),
        ("../tasks/1", "..%2Ftasks%2F1"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("a%2Fb", "a%252Fb"),
        ("%2e%2e", "%252e%252e"),
        ("a b", "a%20b"),
        ("a\\b", "a%5Cb"),
        ("é", "%C3%A9"),
        ("a;b", "a%3Bb"),
        ("...", "..."),
        (".a", ".a"),
        ("a\r\nb", "a%0D%0Ab"),
        ("\0", "%00"),
        (17, "17"),
        (Way.UP, "up"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
async def test_ids_stay_one_segment(value: Any, quoted: str) -> None:
    request = await RequestBuilder(VIDEO).build_any(path={"index_id": "i", "video_id": value})
    assert request.path == f"/indexes/i/videos/{quoted}"


@pytest.mark.parametrize("value", ["", ".", "..", None, True, b"x", ["a"], 1.5, "\ud800", Range()])
async def test_ids_that_could_reach_another_route(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^index_id"):
        await RequestBuilder(VIDEO).build_any(path={"index_id": value, "video_id": "v"})


def test_an_id_that_is_the_word_of_another_route() -> None:
    from twelvelabs_async._generated.operations.assets import RETRIEVE_ASSET

    with pytest.raises(ValueError, match=r"^asset_id must be an id; 'multipart-uploads' is a different route"):
        RequestBuilder(RETRIEVE_ASSET).build(path={"asset_id": "multipart-uploads"})
    assert (
        RequestBuilder(RETRIEVE_ASSET).build(path={"asset_id": "multipart-uploads-1"}).path
        == "/assets/multipart-uploads-1"
    )


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda value: value not in {".", ".."}))
def test_any_id_comes_back_out_of_the_path(value: str) -> None:
    quoted = quote_segment("index_id", value)
    url = f"https://host/v1.3/indexes/{quoted}/videos"
    assert urlsplit(url).path.split("/")[3:] == [quoted, "videos"]
    assert unquote(quoted) == value
    assert URL(url, encoded=True).raw_path == f"/v1.3/indexes/{quoted}/videos"


async def test_colon_paths_are_joined_as_paths() -> None:
    assert (await RequestBuilder(JSON).build_any(body={})).path == "/things:do"


def test_plans_are_kept() -> None:
    assert builder_for(VIDEO) is builder_for(VIDEO)
    assert builder_for(VIDEO) is not builder_for(FORM)


# --- query -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (2.5, "2.5"),
        (Way.UP, "up"),
        (dt.datetime(2024, 1, 2), "2024-01-02T00:00:00Z"),
        (dt.date(2024, 1, 2), "2024-01-02"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
async def test_scalars_of_a_query(value: Any, text: str) -> None:
    assert await query(name=value) == [("name", text)]
    assert await query(name=[value, value]) == [("name", text), ("name", text)]
    assert await query(deep={"k": value}) == [("deep[k]", text)]


async def test_lists_and_maps_of_a_query() -> None:
    assert await query(comma=["visual", "audio"]) == [("comma", "visual,audio")]
    assert await query(comma="visual") == [("comma", "visual")]
    assert await query(comma=[]) == []
    assert await query(name=("a", "b")) == [("name", "a"), ("name", "b")]
    assert await query(deep={"gte": 1, "in": ["a", "b"], "x": {"y": True}}) == [
        ("deep[gte]", "1"),
        ("deep[in]", "a"),
        ("deep[in]", "b"),
        ("deep[x][y]", "true"),
    ]
    assert await query(deep=Range(gte=1.5)) == [("deep[gte]", "1.5")]
    assert await query(deep=5) == [("deep", "5")]
    assert await query(flat={"a": 1, "b": [True, "x"], "c": UNSET}) == [("a", "1"), ("b", "true"), ("b", "x")]
    assert await query(flat=Range(lte=2.0)) == [("lte", "2.0")]
    assert await query(flat="x") == [("flat", "x")]
    assert await query(name={"a": 1}) == [("name[a]", "1")]
    assert await query(name=Range(gte=0.0)) == [("name[gte]", "0.0")]


async def test_what_a_query_leaves_out() -> None:
    assert await query(a=None, b=UNSET, maybe=None, c="") == [("maybe", "null"), ("c", "")]
    assert (await RequestBuilder(VIDEO).build_any(path={"index_id": "i", "video_id": "v"})).query == ()


async def test_bytes_have_no_place_in_a_query() -> None:
    with pytest.raises(ValueError, match=r"^name: "):
        await query(name=b"x")
    with pytest.raises(ValueError, match=r"^name: nan"):
        await query(name=float("nan"))


# --- options and headers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {
            "timeout_in_seconds": 5,
            "max_retries": 0,
            "additional_headers": {"X-A": "1"},
            "additional_query_parameters": {"r": ["3", "4"], "new": True},
            "additional_body_parameters": {"b": None, "c": [1]},
        },
        {
            "timeout": 5,
            "timeout_in_seconds": None,
            "max_retries": 0,
            "headers": {"X-A": "1"},
            "query": {"r": ["3", "4"], "new": True},
            "body": {"b": None, "c": [1]},
        },
    ],
    ids=["names of the official SDK", "names of with_options"],
)
async def test_options(options: RequestOptions) -> None:
    request = await RequestBuilder(JSON).build_any(body={"a": 1, "b": 2}, query={"q": "1", "r": "2"}, options=options)
    assert (request.timeout, request.max_retries) == (5, 0)
    assert request.headers == {"X-A": "1"}
    assert list(request.query) == [("q", "1"), ("r", "3"), ("r", "4"), ("new", "true")]
    assert isinstance(request.body, JsonBody)
    assert json.loads(request.body.data) == {"a": 1, "b": None, "c": [1], "stream": False}


async def test_body_members_for_an_operation_without_a_body() -> None:
    request = await video(options={"additional_body_parameters": {"a": 1}})
    assert isinstance(request.body, JsonBody)
    assert request.body.data == b'{"a":1}'
    assert (await video(options={})).body is None


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"time_out": 5}, TypeError, "no time_out"),
        ({"timeout": 5, "timeout_in_seconds": 5}, TypeError, "timeout and timeout_in_seconds, two names"),
        ({"additional_headers": {}, "headers": {}}, TypeError, "additional_headers and headers"),
        ({"query": {}, "additional_query_parameters": {}}, TypeError, "additional_query_parameters and query"),
        ({"body": {}, "additional_body_parameters": {}}, TypeError, "additional_body_parameters and body"),
        ({"timeout": 0}, ValueError, "options: timeout must"),
        ({"timeout": float("nan")}, ValueError, "options: timeout must"),
        ({"headers": {"A": 1}}, ValueError, "options: headers must"),
        ({"headers": "A: 1"}, ValueError, "options: headers must be a mapping, not str"),
        ({"query": [("a", 1)]}, ValueError, "options: query must be a mapping, not list"),
        ({"additional_body_parameters": 3}, ValueError, "additional_body_parameters must be a mapping, not int"),
        ({"timeout_in_seconds": 0}, ValueError, "timeout_in_seconds"),
        ({"timeout_in_seconds": True}, ValueError, "timeout_in_seconds"),
        ({"max_retries": -1}, ValueError, "max_retries"),
        ({"max_retries": 1.5}, ValueError, "max_retries"),
        ({"additional_headers": {"A": 1}}, ValueError, "additional_headers"),
        ({"additional_headers": {"A": "x\r\nB: y"}}, ValueError, "'A'"),
        ({"additional_headers": {"A b": "x"}}, ValueError, "A b"),
        ({"additional_headers": {"Content-Length": "5"}}, ConfigurationError, "'Content-Length' must not be set"),
        ({"headers": {"transfer-encoding": "chunked"}}, ConfigurationError, "'transfer-encoding' must not be set"),
    ],
)
async def test_options_that_make_no_sense(options: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        await video(options=options)


async def test_header_arguments() -> None:
    assert (await video(headers={"trace": "t", "X-Other": 3, "none": None})).headers == {"X-Trace": "t", "X-Other": "3"}


async def test_accept_of_streams() -> None:
    stream: StreamOperation[Any] = StreamOperation(id="s", method="POST", path="/s", kind="sse", body="json")
    request = await RequestBuilder(stream).build_any(body={})
    assert request.accept.startswith("text/event-stream")
    assert request.timeout_profile == "stream"


# --- bodies ------------------------------------------------------------------------------------------------------


async def test_json_bodies() -> None:
    assert await json_of() == {"stream": False}
    assert await json_of(stream=True) == {"stream": True}
    assert await json_of(stream=None) == {"stream": False}
    assert await json_of(a=None, maybe=None, b=UNSET, c={"d": None}) == {
        "maybe": None,
        "c": {"d": None},
        "stream": False,
    }
    assert await json_of(options="visual", other="x") == {"options": ["visual"], "other": "x", "stream": False}
    assert await json_of(options=["visual"], r=[Range(gte=1.0)]) == {
        "options": ["visual"],
        "r": [{"gte": 1.0}],
        "stream": False,
    }


RING: dict[str, Any] = {}
RING["ring"] = [RING]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [b"x"]}, r"^m\.a\[0\]: "),
        (float("inf"), "^m: inf"),
        ("\ud800", "^m: the string contains a lone surrogate"),
        (RING, "^m: it is nested too deeply, or contains itself"),
        (2**64, "^m: "),
        (object(), "^m: "),
    ],
)
async def test_json_values_that_cannot_be_sent(value: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        await json_of(before=1, m=value)


async def test_form_bodies() -> None:
    form = await form_of(
        index_id="i", flag=True, n=3, many=["a", 2], filter={"id": ["x"]}, none=None, when=dt.date(2024, 1, 2)
    )
    for part in (
        b'name="index_id"\r\n\r\ni\r\n',
        b'name="flag"\r\n\r\ntrue\r\n',
        b'name="n"\r\n\r\n3\r\n',
        b'name="many"\r\n\r\na\r\n',
        b'name="many"\r\n\r\n2\r\n',
        b'name="filter"\r\n\r\n{"id":["x"]}\r\n',
        b'name="when"\r\n\r\n2024-01-02\r\n',
    ):
        assert part in form
    assert b"none" not in form
    assert b'name="filter"\r\n\r\n{"a":1}\r\n' in await form_of(filter='{"a":1}')
    assert b'name="one"\r\n\r\nvisual\r\n' in await form_of(one="visual")
    assert b'name="range"\r\n\r\n{"gte":1.0}\r\n' in await form_of(range=Range(gte=1.0))


@pytest.mark.parametrize(
    "value", [b"x", bytearray(b"x"), float("nan"), "\ud800", ["ok", "\ud800"], [b"x"], {"a": b"x"}]
)
async def test_form_values_that_cannot_be_sent(value: Any) -> None:
    with pytest.raises(ValueError, match=r"^member"):
        await form_of(member=value)
    with pytest.raises(ValueError, match=r"^filter"):
        await form_of(filter=[value])


async def test_files_of_a_form(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"movie")
    form = await form_of(file=path)
    assert b'name="file"; filename="a.mp4"\r\nContent-Type: video/mp4\r\n\r\nmovie\r\n' in form
    form = await form_of(file=[("x.txt", b"one"), b"two"])
    assert b'filename="x.txt"\r\nContent-Type: text/plain\r\n\r\none\r\n' in form
    assert b'filename="file"\r\nContent-Type: application/octet-stream\r\n\r\ntwo\r\n' in form
    with pytest.raises(FileNotFoundError, match=r"^.*file: there is no such file"):
        await form_of(file=tmp_path / "b.mp4")

"""Values on the wire: identifiers in paths, date-times, nulls, lists, forms."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from tests.openapi import document
from tests.wire.calling import send
from tests.wire.server import CaptureServer, capture_server
from twelvelabs_async import AsyncTwelveLabs, UnknownVariant, types

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Wire = tuple[CaptureServer, AsyncTwelveLabs]


@contextlib.asynccontextmanager
async def _wire(operation_id: str) -> AsyncIterator[Wire]:
    facts = document.operations()[operation_id]
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        yield server, client


async def _sent(operation_id: str, *positional: Any, **arguments: Any) -> dict[str, Any]:
    path = document.operations()[operation_id].attribute_path
    async with _wire(operation_id) as (server, client):
        requests = await send(server, client, path, arguments, *positional)
    assert len(requests) == 1
    return requests[0]


@pytest.mark.parametrize(
    "identifier",
    [
        "../tasks/1",
        "a/b",
        "a?b=c",
        "a#b",
        "a%2Fb",
        "100%",
        "a b",
        "a+b",
        "\u00e9\u4e2d\U0001f3ac",
        "a:b",
        "a;b=c,d",
        "//other.example/x",
        "\\..\\x",
        "a\r\nX: y",
    ],
)
async def test_an_identifier_stays_one_part_of_the_path(identifier: str) -> None:
    request = await _sent("retrieveIndex", identifier)
    head, _, last = request["path"].rpartition("/")
    assert head == "/indexes"
    assert unquote(last) == identifier
    assert request["query"] == []


@pytest.mark.parametrize("identifier", ["", ".", "..", None, b"bytes"])
async def test_what_is_no_identifier_is_refused_before_anything_is_sent(identifier: Any) -> None:
    async with _wire("retrieveIndexedAsset") as (server, client):
        with pytest.raises((ValueError, TypeError), match="indexed_asset_id"):
            await client.indexes.indexed_assets.retrieve("an-index", identifier)
        assert server.requests == []


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (datetime(2026, 3, 4, 5, 6, 7), "2026-03-04T05:06:07Z"),
        (datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC), "2026-03-04T05:06:07Z"),
        (datetime(2026, 3, 4, 7, 6, 7, tzinfo=timezone(timedelta(hours=2))), "2026-03-04T05:06:07Z"),
        (datetime(2026, 3, 4, 5, 6, 7, 250000, tzinfo=UTC), "2026-03-04T05:06:07.250"),
        ("2026-03-04T05:06:07.123+01:00", "2026-03-04T05:06:07.123+01:00"),
        ("2026-03-04", "2026-03-04"),
    ],
)
async def test_date_times(value: datetime | str, sent: str) -> None:
    request = await _sent("listIndexes", created_at=value)
    ((name, text),) = request["query"]
    assert name == "created_at"
    assert text.startswith(sent)
    if isinstance(value, datetime):
        assert text.endswith("Z")
        read = datetime.fromisoformat(text)
        assert read == (value if value.tzinfo else value.replace(tzinfo=UTC))
    else:
        assert text == value


async def test_a_date_is_no_date_time_but_is_sent_as_it_is_written() -> None:
    request = await _sent("listIndexes", created_at=date(2026, 3, 4))
    assert request["query"][0][1].startswith("2026-03-04")


async def test_nulls_delete_fields_and_are_sent() -> None:
    request = await _sent(
        "updateIndexedAsset", "an-index", "an-asset", user_metadata={"gone": None, "kept": 1, "tags": ["a", "b"]}
    )
    assert request["json"] == {"user_metadata": {"gone": None, "kept": 1, "tags": ["a", "b"]}}


async def test_none_is_left_out_where_null_means_nothing() -> None:
    request = await _sent("updateEntity", "a-collection", "an-entity", name=None, description="text", metadata=None)
    assert request["json"] == {"description": "text"}
    request = await _sent("listIndexes", page=None, index_name=None, model_options=None)
    assert request["query"] == []


async def test_falsy_values_are_values() -> None:
    request = await _sent("updateEntity", "a-collection", "an-entity", description="", metadata={})
    assert request["json"] == {"description": "", "metadata": {}}
    request = await _sent("analyzeVideo", video_id="a-video", prompt="", temperature=0, max_tokens=0)
    assert request["json"] == {"video_id": "a-video", "prompt": "", "temperature": 0, "max_tokens": 0, "stream": False}


async def test_one_text_in_place_of_a_list_is_one_value() -> None:
    assert (await _sent("listIndexes", model_options="visual,audio"))["query"] == [["model_options", "visual,audio"]]
    assert (await _sent("listTasks", status="ready"))["query"] == [["status", "ready"]]
    request = await _sent("createSearch", index_id="an-index", search_options="visual", query_text="a")
    assert [part["content"] for part in request["form"] if part["name"] == "search_options"] == ["visual"]


async def test_lists_from_any_sequence() -> None:
    request = await _sent("listTasks", status=("ready", "failed"))
    assert request["query"] == [["status", "ready"], ["status", "failed"]]


async def test_an_empty_list_in_a_body_is_sent() -> None:
    request = await _sent("addEntityAssets", "a-collection", "an-entity", asset_ids=[])
    assert request["json"] == {"asset_ids": []}


async def test_a_map_with_the_name_of_an_argument() -> None:
    """A filter by metadata whose key is that of a parameter is sent next to it."""
    request = await _sent("listVideos", "an-index", page_limit=5, user_metadata={"page_limit": 7, "flag": False})
    assert sorted(request["query"]) == [["flag", "false"], ["page_limit", "5"], ["page_limit", "7"]]


async def test_names_that_forms_must_quote() -> None:
    name = 'a "quoted"; \u00e9\\name\r\n.mp4'
    request = await _sent("createTask", index_id="an-index", video_file=(name, b"bytes"))
    (file,) = [part for part in request["form"] if part["name"] == "video_file"]
    assert file["content"] == "bytes"
    assert "\n" not in file["filename"]
    assert file["filename"].endswith(".mp4")


async def test_request_options_add_to_the_request() -> None:
    request = await _sent(
        "updateEntity",
        "a-collection",
        "an-entity",
        name="a",
        request_options={
            "additional_query_parameters": {"extra": ["x", "y"], "flag": True},
            "additional_body_parameters": {"more": {"deep": None}},
        },
    )
    assert request["query"] == [["extra", "x"], ["extra", "y"], ["flag", "true"]]
    assert request["json"] == {"name": "a", "more": {"deep": None}}


async def test_models_fill_in_what_seldom_differs() -> None:
    chunk = types.CompletedChunk(chunk_index=1, proof="abc", chunk_size=5)
    request = await _sent("reportChunkBatch", "an-upload", completed_chunks=[chunk])
    assert request["json"]["completed_chunks"] == [
        {"chunk_index": 1, "proof": "abc", "proof_type": "etag", "chunk_size": 5}
    ]
    form = types.ResponseFormat(json_schema={"type": "object"})
    request = await _sent("analyzeVideo", video_id="a-video", response_format=form)
    assert request["json"]["response_format"] == {"type": "json_schema", "json_schema": {"type": "object"}}


async def test_variants_fill_in_their_tag() -> None:
    video = types.VideoInputRequest(
        media_source=types.MediaSource(asset_id="an-asset"),
        segmentation=types.VideoSegmentation_Dynamic(dynamic=types.VideoSegmentationDynamicDynamic(min_duration_sec=4)),
    )
    request = await _sent("createEmbeddingTaskV2", input_type="video", model_name="marengo3.0", video=video)
    assert request["json"]["video"] == {
        "media_source": {"asset_id": "an-asset"},
        "segmentation": {"strategy": "dynamic", "dynamic": {"min_duration_sec": 4}},
    }


@pytest.mark.parametrize(("filename", "kind"), [("a.mp4", "video"), ("a.wav", "audio"), ("a.png", "image")])
async def test_the_kind_of_an_upload_comes_from_its_name(filename: str, kind: str) -> None:
    request = await _sent("createMultipartUpload", filename=filename, total_size=5)
    assert request["json"] == {"filename": filename, "type": kind, "total_size": 5}


async def test_an_unknown_variant_is_sent_back_as_it_came() -> None:
    data = {"type": "something-new", "payload": {"deep": [1, None]}}
    request = await _sent("analyzeVideo", video=UnknownVariant(data, "something-new"), prompt="a")
    assert request["json"]["video"] == data

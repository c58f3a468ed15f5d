"""Explicit nulls: what the official SDK sends for optional arguments that are None."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from twelvelabs_async.emulator.openapi import document
from twelvelabs_async.emulator.openapi.nulls import without_nulls

from .conftest import MARENGO, Api

Files = dict[str, Path]

RECORDED = json.loads((Path(__file__).parents[2] / "wire" / "official.json").read_text(encoding="utf-8"))["calls"]
REQUESTS: list[tuple[str, Any]] = [
    (call["operation"], request) for call in RECORDED for request in call["requests"] if request.get("json")
]


def body_of(operation: str) -> Any:
    return document.load().operations[operation].body


def with_nulls(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body as the official SDK sends it if every argument that it lacks is None."""
    return {**dict.fromkeys(body_of(operation)["properties"]), **body}


def required_only(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name in body_of(operation).get("required", ())}


def test_the_recordings_have_optional_members() -> None:
    bodies = [(operation, required_only(operation, sent["json"])) for operation, sent in REQUESTS]
    operations = {operation for operation, body in bodies if with_nulls(operation, body) != body}
    assert len(operations) > 20


@pytest.mark.parametrize(("operation", "sent"), REQUESTS, ids=[operation for operation, _ in REQUESTS])
async def test_null_is_absent_in_whatever_the_official_sdk_sends(api: Api, operation: str, sent: Any) -> None:
    assert without_nulls(with_nulls(operation, sent["json"]), body_of(operation)) == sent["json"]

    async def outcome(body: Any, name: str) -> tuple[int, Any, Any]:
        # Some names and URLs can be taken only once.
        once = {"index_name": f"index {name}", "redirect_uri": f"https://app.example/{name}"}
        unique = {member: once.get(member, value) for member, value in body.items()}
        status, result = await api.call(sent["method"], sent["path"], json=unique)
        error = result.get("error", result) if status >= 400 else {}
        return status, error.get("code"), error.get("message")

    body = required_only(operation, sent["json"])
    assert await outcome(with_nulls(operation, body), "one") == await outcome(body, "two")


@pytest.mark.parametrize(
    ("operation", "sent", "read"),
    [
        (
            "createResponse",
            {"input": [{"type": "message"}], "text": {"format": {"type": "json_schema", "strict": None}}},
            {"input": [{"type": "message"}], "text": {"format": {"type": "json_schema"}}},
        ),
        (
            "analyzeVideo",
            {
                "video": {"type": "url", "url": None},
                "response_format": {"type": None, "json_schema": None},
                "prompt": None,
            },
            {"video": {"type": "url", "url": None}, "response_format": {"type": None, "json_schema": None}},
        ),
        (
            "createEmbeddingTaskV2",
            {"audio": {"segmentation": {"temporal": {"strategy": "fixed", "fixed": None}, "strategy": None}}},
            {"audio": {"segmentation": {"temporal": {"strategy": "fixed", "fixed": None}}}},
        ),
        (
            "createEntitiesBulk",
            {"entities": [{"name": "a", "description": None}, {"name": None}]},
            {"entities": [{"name": "a"}, {"name": None}]},
        ),
    ],
)
def test_nested_members(operation: str, sent: Any, read: Any) -> None:
    """Optional members are absent; required ones stay null."""
    assert without_nulls(sent, body_of(operation)) == read


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("updateAssetUserMetadata", {"user_metadata": {"a": None}}),
        ("analyzeVideo", {"response_format": {"type": "json_schema", "json_schema": {"default": None}}}),
        ("createIndex", {"indexname": None}),
        ("createIndex", {"models": [None]}),
        ("analyzeVideo", {"video": {"type": "no such variant", "url": None}}),
    ],
)
def test_what_is_no_optional_member_stays_null(operation: str, body: Any) -> None:
    assert without_nulls(body, body_of(operation)) == body


async def test_required_and_unknown_members_must_not_be_null(api: Api) -> None:
    async def refused(body: Any) -> tuple[str, str]:
        status, error = await api.call("POST", "/indexes", json=body)
        assert status == 400
        return error["code"], error["message"]

    code, message = await refused({"index_name": "a", "models": None, "addons": None})
    assert (code, "models" in message) == ("parameter_invalid", True)
    code, message = await refused({"index_name": "a", "models": [{**MARENGO, "model_options": None}]})
    assert (code, "models[0].model_options" in message) == ("parameter_invalid", True)
    code, message = await refused({"index_name": "a", "models": [MARENGO], "addon": None})
    assert (code, "addon" in message) == ("parameter_unknown", True)


async def test_one_of_several_members(api: Api) -> None:
    """Rules between members do not count those that are null, and still need one that is not."""
    sources = {"video": None, "image": None, "video_id": None}
    status, error = await api.call("POST", "/analyze", json={**sources, "prompt": "x", "stream": False})
    assert (status, error["code"]) == (400, "parameter_not_provided")
    body = {**sources, "video_id": "none", "prompt": "x", "prompt_v2": None, "stream": False}
    assert await api.refused("POST", "/analyze", json=body) == (404, "resource_not_exist")


async def test_empty_fields_of_a_form(api: Api, media_files: Files) -> None:
    """The official SDK sends an argument that is None as an empty field."""
    empty = {"url": "", "filename": "", "user_metadata": "", "enable_hls": "", "enable_thumbnail": ""}
    asset = await api.ok("GET", f"/assets/{await api.asset(media_files['video'], **empty)}")
    assert (asset["filename"], asset["user_metadata"], asset["hls"]["status"]) == ("beach party.mp4", {}, "ready")
    names = ["query_media_type", "query_media_url", "transcription_options", "group_by", "operator", "page_limit"]
    names += ["filter", "include_user_metadata", "threshold", "sort_option", "adjust_confidence_level"]
    form = {"index_id": await api.index(), "query_text": "red", "search_options": "visual", **dict.fromkeys(names, "")}
    found = await api.ok("POST", "/search", data=aiohttp.FormData(form, default_to_multipart=True))
    assert found["data"] == []
    for name in ("index_id", "search_options"):
        data = aiohttp.FormData({**form, name: ""}, default_to_multipart=True)
        status, error = await api.call("POST", "/search", data=data)
        assert (status, name in error["message"] or "indexes" in error["message"]) == (400, True)

"""The plain document says what the extensions of the real one say."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from twelvelabs_async.emulator.errors import ApiError
from twelvelabs_async.emulator.openapi import document as emulated
from twelvelabs_async.emulator.openapi.validation import check_request

from .bindings import configuration
from .document import plain
from .examples import bodies
from .run import DOCUMENT, missed
from .seed_data import VIDEO, Known

KNOWN: Known = {
    kind: ["6b0020a2a9da12fe76e3d7d2"] * 2 if kind == "asset" else ["6b0020a2a9da12fe76e3d7d2"]
    for kind in ("asset", "video", "index", "knowledge_store", "item", "task")
}


@cache
def document() -> dict[str, Any]:
    raw = yaml.load(DOCUMENT.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return plain(raw, KNOWN, {"task": ["spare"]})


def fits(schema: str, value: Any) -> bool:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": document()["components"]}
    return Draft202012Validator(whole).is_valid(value)


VIDEO_SOURCE = {"type": "asset_id", "asset_id": "x"}
RANGES = {"type": "segment_definitions", "segment_definitions": [{"id": "a", "description": "a", "time_ranges": []}]}


@pytest.mark.parametrize(
    ("schema", "value", "right"),
    [
        ("AnalyzeRequest", {"video": VIDEO_SOURCE, "prompt": "x"}, True),
        ("AnalyzeRequest", {"video": VIDEO_SOURCE, "prompt": "x", "unknown": 1}, False),
        ("AnalyzeRequest", {"video": VIDEO_SOURCE, "video_id": "x", "prompt": "x"}, False),
        ("AnalyzeRequest", {"prompt": "x"}, False),
        ("AnalyzeRequest", {"video_id": "x", "prompt": "x", "prompt_v2": {"input_text": "x"}}, False),
        ("SearchCreateRequest", {"index_id": "x", "search_options": ["visual"], "query_text": "x"}, True),
        ("SearchCreateRequest", {"index_id": "x", "search_options": ["visual"]}, False),
        (
            "SearchCreateRequest",
            {"index_id": "x", "search_options": ["visual"], "query_media_url": "https://a.example/a"},
            False,
        ),
        ("EmbedTasksCreateRequest", {"model_name": "marengo3.0", "video_url": "https://a.example/a"}, True),
        (
            "EmbedTasksCreateRequest",
            {"model_name": "marengo3.0", "video_url": "https://a.example/a", "video_start_offset_sec": 1},
            False,
        ),
        ("UserMetadata", {"a": None, "b": ["x"], "c": 2**70}, True),
        ("CreateAssetUploadRequest", {"filename": "a", "type": "video", "total_size": 2**64}, False),
    ],
)
def test_extensions_are_spelled_out(schema: str, value: Any, right: bool) -> None:
    assert fits(schema, value) is right
    try:
        check_request(value, emulated.load().schema(schema))
    except ApiError:
        assert not right
    else:
        assert right


def test_conditions_reach_into_lists() -> None:
    schema = document()["components"]["schemas"]["CreateAsyncAnalyzeRequest"]
    both = {"video": VIDEO_SOURCE, "start_time": 1}
    ranges = {**RANGES, "segment_definitions": [{"id": "a", "description": "a", "time_ranges": [{"start_time": 0}]}]}
    conditions = Draft202012Validator({"allOf": schema["allOf"]})
    assert conditions.is_valid(both)
    assert not conditions.is_valid({**both, "response_format": ranges})


def test_every_example_fits() -> None:
    operations = {
        operation["operationId"]: operation
        for item in document()["paths"].values()
        for method, operation in item.items()
        if method != "parameters"
    }
    examples = bodies(KNOWN)
    assert examples
    for identifier, values in examples.items():
        assert values, identifier
        (media,) = operations[identifier]["requestBody"]["content"].values()
        assert [example["value"] for example in media["examples"].values()] == values
        for value in values:
            assert fits(media["schema"]["$ref"].rpartition("/")[2], value), (identifier, value)


def test_what_is_deleted_is_not_what_stays() -> None:
    item = document()["paths"]["/tasks/{task_id}"]
    examples = {method: item[method]["parameters"][0]["schema"]["examples"] for method in ("get", "delete")}
    assert examples == {"get": KNOWN["task"], "delete": ["spare"]}
    text = configuration(emulated.load(), KNOWN, {"task": ["spare"]})
    kept = '"path.task_id" = { dictionary = "task", probability = 0.85 }'
    assert f'include-operation-id = "retrieveTask"\n[operations.parameters]\n{kept}' in text
    spare = '"path.task_id" = { dictionary = "spare_task", probability = 0.85 }'
    assert f'include-operation-id = "deleteTask"\n[operations.parameters]\n{spare}' in text


def test_a_run_must_have_met_everything() -> None:
    problems = missed([("listIndexes", 200, "application/json"), ("analyzeVideo", 200, "application/json")])
    assert not [problem for problem in problems if "listIndexes" in problem]
    assert "analyzeVideo never answered application/x-ndjson" in problems
    assert "createIndex never succeeded; it answered []" in problems


def test_the_video_is_long_enough(tmp_path: Path) -> None:
    assert VIDEO.duration >= 4
    assert VIDEO.write(tmp_path).stat().st_size < 100_000

"""Keys of plain dicts that have another name on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from twelvelabs_async._generated.operations.analyze import ANALYZE_VIDEO
from twelvelabs_async._generated.operations.embed_v2 import CREATE_EMBEDDINGS_V2
from twelvelabs_async._generated.operations.knowledge_stores import SEARCH_KNOWLEDGE_STORE
from twelvelabs_async._request.body import JsonBody
from twelvelabs_async._request.builder import RequestBuilder
from twelvelabs_async._request.operation import Operation
from twelvelabs_async.types import AnalyzeImageInput, AnalyzePromptV2, SmeMediaSource


def sent(operation: Operation[Any], /, *, options: Any = None, **members: Any) -> Any:
    path = {"knowledge_store_id": "ks_1"} if "{" in operation.path else None
    body = RequestBuilder(operation).build(path=path, body=members, options=options).body
    assert isinstance(body, JsonBody)
    return json.loads(body.data)


@pytest.mark.parametrize("key", ["base_64_string", "base64_string"])
def test_plain_dicts_under_both_names(key: str) -> None:
    image = {"name": "a", key: "AAAA"}
    assert sent(ANALYZE_VIDEO, image=[image])["image"] == [{"name": "a", "base64_string": "AAAA"}]
    video = {"type": "base64_string", key: "AAAA"}
    assert sent(ANALYZE_VIDEO, video=video)["video"] == {"type": "base64_string", "base64_string": "AAAA"}
    source = {"name": "a", "media_type": "image", key: "AAAA"}
    prompt = sent(ANALYZE_VIDEO, prompt_v_2={"input_text": "p", "media_sources": [source]})["prompt_v2"]
    assert prompt["media_sources"] == [{"name": "a", "media_type": "image", "base64_string": "AAAA"}]
    embedded = sent(CREATE_EMBEDDINGS_V2, input_type="image", image={"media_source": {key: "AAAA"}})
    assert embedded["image"] == {"media_source": {"base64_string": "AAAA"}}
    assert image == {"name": "a", key: "AAAA"}, "the caller's dict is left as it is"


def test_keywords_of_python() -> None:
    found = sent(SEARCH_KNOWLEDGE_STORE, filter={"item_id": {"in_": ["a"]}, "asset_type": {"in": ["video"]}})
    assert found["filter"] == {"item_id": {"in": ["a"]}, "asset_type": {"in": ["video"]}}


@pytest.mark.parametrize("name", ["prompt_v_2", "prompt_v2"])
def test_arguments_under_both_names(name: str) -> None:
    source = SmeMediaSource(name="a", media_type="image", base_64_string="AAAA")
    both: dict[str, Any] = {"prompt_v_2": None, "prompt_v2": None}
    prompt = AnalyzePromptV2(input_text="p", media_sources=[source])
    body = sent(ANALYZE_VIDEO, **both | {name: prompt}, image=[AnalyzeImageInput(name="b", base64_string="BBBB")])
    wire = [{"name": "a", "media_type": "image", "base64_string": "AAAA"}]
    assert body["prompt_v2"] == {"input_text": "p", "media_sources": wire}
    assert body["image"] == [{"name": "b", "base64_string": "BBBB"}]
    assert "prompt_v_2" not in body


def test_both_names_at_once() -> None:
    with pytest.raises(TypeError, match=r"^give prompt_v_2 or prompt_v2, which are the same, not both$"):
        sent(ANALYZE_VIDEO, prompt_v_2={"input_text": "a"}, prompt_v2={"input_text": "b"})
    images = [{"name": "a"}, {"name": "b", "base_64_string": "A", "base64_string": "A"}]
    with pytest.raises(TypeError, match=r"^image\[1\]: give base_64_string or base64_string"):
        sent(ANALYZE_VIDEO, image=images)
    with pytest.raises(TypeError, match=r"^filter\.item_id: give in_ or in"):
        sent(SEARCH_KNOWLEDGE_STORE, filter={"item_id": {"in_": [], "in": []}})


def test_keys_of_users_are_left_alone() -> None:
    schema = {"type": "object", "properties": {"base_64_string": {"type": "string"}, "in_": {}, "prompt_v_2": {}}}
    body = sent(ANALYZE_VIDEO, response_format={"type": "json_schema", "json_schema": schema})
    assert body["response_format"]["json_schema"] == schema


def test_additional_members_are_sent_as_given() -> None:
    body = sent(
        ANALYZE_VIDEO,
        prompt_v_2={"input_text": "a"},
        options={"additional_body_parameters": {"prompt_v2": {"input_text": "b"}, "in_": 1}},
    )
    assert body["prompt_v2"] == {"input_text": "b"}
    assert body["in_"] == 1


def test_values_that_are_no_objects_are_left_to_the_platform() -> None:
    assert sent(ANALYZE_VIDEO, image="text", video=[1, None])["video"] == [1, None]

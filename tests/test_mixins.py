"""Methods of generated models."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from twelvelabs_async import to_dict
from twelvelabs_async._codec.decode import decode
from twelvelabs_async.types import (
    AnalyzeTaskResponse,
    EmbeddingData,
    EmbeddingSuccessResponse,
    EmbeddingTaskResponse,
    NonStreamAnalyzeResponse,
)


def embedding(number: float, scope: str | None, option: str | None) -> EmbeddingData:
    return EmbeddingData(embedding=[number], embedding_scope=scope, embedding_option=option)


VIDEO = EmbeddingSuccessResponse(
    data=[
        embedding(1, "clip", "visual"),
        embedding(2, "clip", "visual"),
        embedding(3, "clip", "audio"),
        embedding(4, "asset", "visual"),
        embedding(5, "asset", "audio"),
    ]
)


def test_the_vector_that_matches() -> None:
    assert VIDEO.vector(scope="asset", option="visual") == [4]
    assert VIDEO.vector(scope="asset", option="audio") == [5]
    assert VIDEO.vector(scope="clip", option="audio") == [3]
    text = EmbeddingSuccessResponse(data=[embedding(7, None, "text")])
    assert text.vector() == text.vector(option="text") == [7]
    task = EmbeddingTaskResponse(id="t", status="ready", data=VIDEO.data)
    assert task.vector(scope="asset", option="visual") == [4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, r"5 embeddings match vector\(\); there are 2 with scope='clip', option='visual'; 1 with scope='clip', o"),
        ({"scope": "clip", "option": "visual"}, "2 embeddings match scope='clip', option='visual'; there are"),
        ({"scope": "asset"}, "2 embeddings match scope='asset'; there are"),
        ({"option": "text"}, "no embedding matches option='text'; there are 2 with scope='clip', option='visual'; 1"),
    ],
)
def test_none_or_several(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(LookupError, match=message):
        VIDEO.vector(**arguments)


def test_what_there_is_when_it_is_little() -> None:
    one = EmbeddingSuccessResponse(data=[embedding(1, None, "text")])
    with pytest.raises(LookupError, match=r"no embedding matches scope='clip'; there is 1 with scope=None, option='t"):
        one.vector(scope="clip")
    for task in (
        EmbeddingTaskResponse(id="t", status="processing"),
        EmbeddingTaskResponse(id="t", status="ready", data=[]),
    ):
        with pytest.raises(LookupError, match=r"there are none: .* once its status is 'ready'"):
            task.vector()


def test_the_text() -> None:
    assert NonStreamAnalyzeResponse(data="A goal.").text == "A goal."
    assert NonStreamAnalyzeResponse(data="").text == ""
    task: dict[str, Any] = {
        "task_id": "t",
        "custom_id": None,
        "status": "ready",
        "created_at": "2026-01-01T00:00:00Z",
        "result": {
            "generation_id": "g",
            "data": "A goal.",
            "finish_reason": "stop",
            "usage": {"output_tokens": 2},
        },
    }
    assert decode(AnalyzeTaskResponse, task).text == "A goal."
    for empty in (NonStreamAnalyzeResponse(), decode(AnalyzeTaskResponse, task | {"result": None})):
        with pytest.raises(LookupError, match="has no text"):
            assert empty.text


def test_models_stay_models() -> None:
    """No dictionary for each instance; they are compared, copied and sent as before."""
    for model in (VIDEO, EmbeddingTaskResponse(id="t", status="ready"), NonStreamAnalyzeResponse(data="x")):
        assert not hasattr(model, "__dict__")
        assert copy.deepcopy(model) == pickle.loads(pickle.dumps(model)) == model
    assert to_dict(NonStreamAnalyzeResponse(data="x")) == {"data": "x"}

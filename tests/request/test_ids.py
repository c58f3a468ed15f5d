from __future__ import annotations

import enum
import uuid
from typing import Any

import pytest

from twelvelabs_async import Asset, TasksCreateResponse, UnknownVariant, UploadResult
from twelvelabs_async._request.ids import id_of, ids_of

ASSET = Asset(id="as_1")
TASK = TasksCreateResponse(id="task_1", video_id="video_1")


class Name(enum.Enum):
    ONE = "one"


@pytest.mark.parametrize("value", ["as_1", "", 7, uuid.UUID(int=1), Name.ONE, None])
def test_an_id_stays_as_it_is(value: Any) -> None:
    assert id_of("asset_id", value, "asset") is value


def test_an_object_becomes_its_id() -> None:
    assert id_of("asset_id", ASSET, "asset") == "as_1"
    assert id_of("asset_id", UploadResult("as_2", ""), "asset") == "as_2"
    assert id_of("task_id", TASK, "task") == "task_1"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (TASK, "a TasksCreateResponse"),
        (UnknownVariant({"_id": "as_1"}), "an UnknownVariant"),
        ({"_id": "as_1"}, "a dict"),
        (["as_1"], "a list"),
        (b"as_1", "a bytes"),
        (object(), "an object"),
    ],
)
def test_anything_else_is_an_error_that_names_the_argument(value: Any, shown: str) -> None:
    with pytest.raises(ValueError, match=rf"^asset_id must be an asset or its id, not {shown}$"):
        id_of("asset_id", value, "asset")


def test_the_video_of_a_task_is_not_its_id() -> None:
    with pytest.raises(ValueError, match=r"^video_id must be a video or its id, not a TasksCreateResponse$"):
        id_of("video_id", TASK, "video")


def test_lists() -> None:
    assert ids_of("asset_ids", [ASSET, "as_2"], "asset") == ["as_1", "as_2"]
    assert ids_of("asset_ids", (ASSET,), "asset") == ["as_1"]
    assert ids_of("asset_ids", [], "asset") == []
    assert ids_of("asset_ids", ASSET, "asset") == "as_1"
    with pytest.raises(ValueError, match=r"^asset_ids\[1\] must be an asset or its id, not a TasksCreateResponse$"):
        ids_of("asset_ids", [ASSET, TASK], "asset")

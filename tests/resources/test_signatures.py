"""Convenience methods take the arguments of the official SDK, in its order and with its defaults."""

from __future__ import annotations

import inspect
import typing
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs, uploads
from twelvelabs_async._generated.operations import (
    analyze_batches,
    analyze_tasks,
    assets,
    embed_v2,
    indexed_assets,
    knowledge_store_items,
    multipart_uploads,
)
from twelvelabs_async._generated.operations import knowledge_stores as generated_stores
from twelvelabs_async._generated.tree import ResourceTree
from twelvelabs_async.errors import BulkError
from twelvelabs_async.resources import assets as finished_assets
from twelvelabs_async.resources import (
    embed_tasks,
    knowledge_stores,
    multipart_upload,
    search,
    tasks,
)

REQUIRED = inspect.Parameter.empty

SIGNATURES: list[tuple[Any, dict[str, Any]]] = [
    (
        tasks.TasksResource.create_bulk,
        {"index_id": REQUIRED, "video_files": None, "video_urls": None, "enable_video_stream": None},
    ),
    (tasks.TasksResource.wait_for_done, {"task_id": REQUIRED, "sleep_interval": 5.0, "callback": None}),
    (embed_tasks.EmbedTasksResource.create_bulk, {"model_name": REQUIRED, "videos": REQUIRED}),
    (embed_tasks.EmbedTasksResource.wait_for_done, {"task_id": REQUIRED, "sleep_interval": 5.0, "callback": None}),
    (
        multipart_upload.MultipartUploadResource.upload_file,
        {
            "file_path": REQUIRED,
            "filename": None,
            "file_type": "video",
            "batch_size": 10,
            "max_workers": 5,
            "progress_callback": None,
            "max_retries": 3,
            "retry_delay": 1.0,
        },
    ),
    (
        multipart_upload.MultipartUploadResource.wait_for_upload_completion,
        {"upload_id": REQUIRED, "sleep_interval": 5.0, "max_wait_time": None, "callback": None},
    ),
]

WAITS = [
    tasks.TasksResource.wait_for_done,
    embed_tasks.EmbedTasksResource.wait_for_done,
    embed_v2.EmbedV2TasksResource.wait_for_done,
    assets.AssetsResource.wait_for_done,
    indexed_assets.IndexesIndexedAssetsResource.wait_for_done,
    analyze_tasks.AnalyzeAsyncTasksResource.wait_for_done,
    analyze_batches.AnalyzeAsyncBatchesResource.wait_for_done,
    knowledge_store_items.KnowledgeStoreItemsResource.wait_for_done,
]


@pytest.mark.parametrize(("method", "expected"), SIGNATURES)
def test_arguments_of_the_official_sdk(method: Any, expected: dict[str, Any]) -> None:
    parameters = inspect.signature(method).parameters
    positional = [
        (name, parameter.default)
        for name, parameter in parameters.items()
        if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD and name != "self"
    ]
    assert positional == list(expected.items())


@pytest.mark.parametrize("method", WAITS)
def test_every_wait_has_the_same_arguments_and_an_end(method: Any) -> None:
    parameters = inspect.signature(method).parameters
    assert parameters["sleep_interval"].default == 5.0
    assert parameters["callback"].default is None
    assert 3600 <= parameters["timeout"].default <= 48 * 3600
    assert parameters["timeout"].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize(
    ("overriding", "generated", "added"),
    [
        (
            search.SearchResource.query,
            search.SearchResource.create,
            {"query_media_urls", "query_media_files"},
        ),
        (
            finished_assets.AssetsResource.create,
            assets.AssetsResource.create,
            {"size", "spool_dir", "max_spool_bytes"},
        ),
        (knowledge_stores.KnowledgeStoresResource.search, generated_stores.KnowledgeStoresResource.search, set()),
        (multipart_upload.MultipartUploadResource.create, multipart_uploads.MultipartUploadResource.create, set()),
        (AsyncTwelveLabs.generate, ResourceTree.generate, set()),
        (AsyncTwelveLabs.analyze, ResourceTree.analyze, {"into"}),
    ],
)
def test_an_overriding_method_takes_what_the_generated_one_takes(
    overriding: Any, generated: Any, added: set[str]
) -> None:
    ours, theirs = inspect.signature(overriding).parameters, inspect.signature(generated).parameters
    assert set(ours) - set(theirs) == added
    assert set(theirs) <= set(ours)
    assert all(ours[name].default == theirs[name].default for name in theirs)
    assert all(ours[name].annotation == theirs[name].annotation for name in theirs if name != "self")


def test_both_overloads_of_analyze_take_what_it_takes() -> None:
    whole = inspect.signature(AsyncTwelveLabs.analyze).parameters
    for overload in typing.get_overloads(AsyncTwelveLabs.analyze):
        parameters = inspect.signature(overload).parameters
        assert list(parameters) == list(whole)
        others = [name for name in whole if name not in {"self", "into"}]
        assert all(parameters[name].annotation == whole[name].annotation for name in others)
    assert len(typing.get_overloads(AsyncTwelveLabs.analyze)) == 2


def test_the_types_of_the_helpers_are_public() -> None:
    import twelvelabs_async

    assert twelvelabs_async.UploadProgress is uploads.UploadProgress
    assert twelvelabs_async.UploadResult is uploads.UploadResult
    assert twelvelabs_async.UploadStatus is uploads.UploadStatus
    assert twelvelabs_async.CreateEmbeddingsTaskVideoParams(video_url="https://x/y").video_file is None
    assert twelvelabs_async.BulkError is BulkError
    assert uploads.UploadError is twelvelabs_async.UploadError

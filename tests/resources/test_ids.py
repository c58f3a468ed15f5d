"""Wherever an id is expected, the object that a call returned works as well: the same request is sent."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from tests.openapi import document, objects, samples
from twelvelabs_async import (
    AsyncTwelveLabs,
    BadRequestError,
    TaskFailedError,
    UploadResult,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.conftest import Seen, Server

pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning")

ARGUMENTS = {
    (facts.id, field.name): objects.kind_of(field)
    for facts in document.operations().values()
    for field in facts.fields
    if objects.kind_of(field)
}
CASES = [(id_, name, model) for (id_, name), kind in ARGUMENTS.items() for model in objects.models_of(kind)]

REFUSED = (400, {"code": "parameter_invalid", "message": "no"})


def method_of(client: AsyncTwelveLabs, path: str) -> Any:
    found: Any = client
    for part in path.split("."):
        found = getattr(found, part)
    return found


async def call(client: AsyncTwelveLabs, operation: str, changed: dict[str, Any]) -> None:
    facts = document.operations()[operation]
    wanted = samples.argument_sets(operation)["required"] | changed
    if facts.stream is not None:
        wanted.pop(facts.stream.get("field", ""), None)
    arguments = {field.attribute: wanted[field.name] for field in facts.fields if field.name in wanted}
    made = method_of(client, facts.attribute_path)(**{**arguments, **files(arguments)})
    with pytest.raises(BadRequestError):
        await (made if inspect.isawaitable(made) else made.collect())


def files(arguments: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (value[samples.FILE_KEY]["name"], value[samples.FILE_KEY]["content"].encode())
        for name, value in arguments.items()
        if isinstance(value, dict) and samples.FILE_KEY in value
    }


def sent(seen: Seen) -> tuple[str, ...]:
    boundary = seen.headers.get("content-type", "").partition("boundary=")[2]
    body = seen.body.decode()
    return seen.method, seen.path, seen.query, body.replace(boundary, "") if boundary else body


def as_argument(operation: str, name: str, value: Any) -> Any:
    fields = {field.name: field for field in document.operations()[operation].fields}
    return [value] if document.resolve(fields[name].schema)["type"] == "array" else value


def test_every_id_is_an_argument() -> None:
    """Everything called an id, other than those of which the API has no objects, or which are the caller's own."""
    ids = {
        (facts.id, field.name)
        for facts in document.operations().values()
        for field in facts.fields
        if field.name.endswith(("_id", "_ids"))
    }
    assert {name for _, name in ids - ARGUMENTS.keys()} == {"custom_id", "integration_id", "session_id"}
    assert set(ARGUMENTS) <= ids
    assert len(CASES) > 200


@pytest.mark.parametrize(("operation", "name", "model"), CASES)
async def test_an_object_is_sent_as_its_id(
    real: AsyncTwelveLabs, server: Server, operation: str, name: str, model: str
) -> None:
    server.responses = [REFUSED]
    thing = objects.received(model)
    await call(real, operation, {name: as_argument(operation, name, thing.id)})
    await call(real, operation, {name: as_argument(operation, name, thing)})
    first, second = server.seen
    assert sent(first) == sent(second)


@pytest.mark.parametrize(("operation", "name"), ARGUMENTS)
async def test_an_object_of_another_kind_is_an_error_that_names_the_argument(
    client: AsyncTwelveLabs, operation: str, name: str
) -> None:
    wrong = objects.received(objects.another_model(ARGUMENTS[operation, name]))
    with pytest.raises(ValueError, match=rf"^{name}(\[0\])? must be an? [a-z0-9 ]+ or its id, not an? [A-Z]\w+$"):
        await call(client, operation, {name: as_argument(operation, name, wrong)})


async def test_a_raw_call(real: AsyncTwelveLabs, server: Server) -> None:
    server.responses = [(200, {"_id": "i"})]
    await real.with_raw_response.indexes.retrieve(objects.received("IndexSchema"))
    await real.with_raw_response.indexes.retrieve(objects.received("IndexSchema").id)
    assert sent(server.seen[0]) == sent(server.seen[1])


async def test_every_page_of_a_list(real: AsyncTwelveLabs, server: Server) -> None:
    pages = [
        {"data": [{"_id": name}], "page_info": {"page": number, "total_page": 2}}
        for number, name in ((1, "v"), (2, "w"))
    ]
    server.responses = [(200, page) for page in pages]
    assert len([video async for video in real.indexes.indexed_assets.list(objects.received("IndexSchema"))]) == 2
    assert server.seen[0].path == server.seen[1].path


# --- helpers -----------------------------------------------------------------------------------------------------

Wait = tuple[str, dict[str, str], str]

WAITS: dict[str, Wait] = {
    "tasks": ("retrieveTask", {"task_id": "task"}, "ready"),
    "assets": ("retrieveAsset", {"asset_id": "asset"}, "ready"),
    "indexes.indexed_assets": (
        "retrieveIndexedAsset",
        {"index_id": "index", "indexed_asset_id": "indexed_asset"},
        "ready",
    ),
    "embed.tasks": ("retrieveEmbeddingTaskStatus", {"task_id": "embed_task"}, "ready"),
    "embed.v_2.tasks": ("retrieveEmbeddingTaskV2", {"task_id": "embed_v2_task"}, "ready"),
    "analyze_async.tasks": ("retrieveAnalyzeTask", {"task_id": "analyze_task"}, "ready"),
    "analyze_async.batches": ("retrieveAnalyzeBatch", {"batch_id": "analyze_batch"}, "completed"),
    "knowledge_store_items": (
        "retrieveKnowledgeStoreItem",
        {"knowledge_store_id": "knowledge_store", "item_id": "knowledge_store_item"},
        "ready",
    ),
}


def state_of(operation: str, status: str, identifier: str) -> Any:
    answer = document.operations()[operation].answer
    assert answer is not None
    state = samples.Builder(members="required").build(answer, "") | {"status": status}
    return state | {name: identifier for name in ("_id", "task_id", "batch_id") if name in state}


WAIT_CASES = [
    (path, model) for path, (_, kinds, _) in WAITS.items() for model in objects.models_of(list(kinds.values())[-1])
]


@pytest.mark.parametrize(("path", "model"), WAIT_CASES)
async def test_waits(real: AsyncTwelveLabs, server: Server, path: str, model: str) -> None:
    operation, kinds, done = WAITS[path]
    wait: Callable[..., Awaitable[Any]] = method_of(real, path).wait_for_done
    arguments = [objects.received(objects.models_of(kind)[0]) for kind in list(kinds.values())[:-1]]
    arguments.append(objects.received(model))
    server.responses = [(200, state_of(operation, done, arguments[-1].id))]
    await wait(*arguments)
    await wait(*(thing.id for thing in arguments))
    assert server.seen[0].path == server.seen[1].path


@pytest.mark.parametrize("path", WAITS)
async def test_errors_of_a_wait_hold_the_id(real: AsyncTwelveLabs, server: Server, path: str) -> None:
    operation, kinds, _ = WAITS[path]
    wait: Callable[..., Awaitable[Any]] = method_of(real, path).wait_for_done
    things = [objects.received(objects.models_of(kind)[0]) for kind in kinds.values()]
    server.responses = [(200, state_of(operation, "failed", things[-1].id))]
    with pytest.raises(TaskFailedError) as failed:
        await wait(*things)
    assert f" {things[-1].id} ended as 'failed'" in str(failed.value)
    server.responses = [(200, state_of(operation, "processing", things[-1].id))]
    with pytest.raises(WaitTimeoutError) as late:
        await wait(*things, timeout=0.05)
    assert f" {things[-1].id} was not done" in str(late.value)


@pytest.mark.parametrize("path", WAITS)
async def test_waits_for_an_object_of_another_kind(client: AsyncTwelveLabs, path: str) -> None:
    _, kinds, _ = WAITS[path]
    wait: Callable[..., Awaitable[Any]] = method_of(client, path).wait_for_done
    for at, (name, kind) in enumerate(kinds.items()):
        things: list[Any] = ["one"] * len(kinds)
        things[at] = objects.received(objects.another_model(kind))
        with pytest.raises(ValueError, match=rf"^{name} must be "):
            await wait(*things)


@pytest.mark.parametrize("model", objects.models_of("upload"))
async def test_the_wait_for_an_upload(real: AsyncTwelveLabs, server: Server, model: str) -> None:
    state = {"status": "completed", "uploaded_chunks": [], "page_info": {}}
    server.responses = [(200, state)]
    upload = objects.received(model)
    await real.multipart_upload.wait_for_upload_completion(upload)
    await real.multipart_upload.wait_for_upload_completion(upload.id)
    assert server.seen[0].path == server.seen[1].path
    with pytest.raises(ValueError, match=r"^upload_id must be an upload or its id, not an Asset$"):
        await real.multipart_upload.wait_for_upload_completion(objects.received("Asset"))


async def test_the_result_of_an_upload_is_an_asset(real: AsyncTwelveLabs, server: Server) -> None:
    result = UploadResult("as_1", "")
    assert result.id == "as_1"
    assert repr(result) == "UploadResult(asset_id='as_1', asset_url='')"
    server.responses = [(200, {"_id": "as_1", "status": "ready"})]
    assert (await real.assets.wait_for_done(result)).id == "as_1"
    server.responses = [(201, {"_id": "v"})]
    await real.indexes.indexed_assets.create("i", asset_id=result)
    assert [seen.path for seen in server.seen] == ["/v1.3/assets/as_1", "/v1.3/indexes/i/indexed-assets"]
    assert server.seen[1].json == {"asset_id": "as_1"}


async def test_tasks_for_many_videos(real: AsyncTwelveLabs, server: Server) -> None:
    index = objects.received("IndexesCreateResponse")
    server.responses = [(201, {"_id": "t"})]
    await real.tasks.create_bulk(index, video_urls=["https://media.example/a.mp4"])
    assert index.id.encode() in server.seen[0].body
    with pytest.raises(ValueError, match=r"^index_id must be an index or its id, not an Asset$"):
        await real.tasks.create_bulk(objects.received("Asset"), video_urls=["https://media.example/a.mp4"])
    assert len(server.seen) == 1


async def test_a_search(real: AsyncTwelveLabs, server: Server) -> None:
    index = objects.received("IndexSchema")
    server.responses = [(200, {"data": []})]
    await real.search.query(index_id=index, query_text="goal", search_options=["visual"])
    await real.search.query(index_id=index.id, query_text="goal", search_options=["visual"])
    assert sent(server.seen[0]) == sent(server.seen[1])


@pytest.mark.parametrize("stream", [None, False])
async def test_generated_text(real: AsyncTwelveLabs, server: Server, *, stream: bool | None) -> None:
    server.responses = [(200, {"id": "g", "data": "text"})]
    video = objects.received("VideoVector")
    await real.generate(video_id=video, prompt="p", stream=stream)
    assert server.seen[0].json["video_id"] == video.id

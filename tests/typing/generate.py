"""Write user code that calls every operation, for type checkers: `python -m tests.typing.generate`.

`calls.py` must be accepted: every operation with its required arguments, with all arguments as models, with all
arguments as plain dicts, and with objects in place of ids; what comes back is asserted. `wrong_calls.py` must be
rejected line by line: each operation with an argument that does not exist, with an argument of a wrong type, with an
object of a wrong kind in place of an id, and without each required argument.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.models.always_present import ALWAYS_PRESENT
from tests.openapi import document, models, objects, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.openapi.document import Field, OperationFacts, Schema

HERE = Path(__file__).parent
CALLS = HERE / "calls.py"
WRONG_CALLS = HERE / "wrong_calls.py"

WRONG_OBJECTS = {"IndexSchema": "index", "TasksCreateResponse": "task"}
"""Model to the name of an argument of this type, for calls with an object of a wrong kind."""

CALLS_HEAD = '''"""User code that calls every operation. Type checkers must accept it; it is not run.

Written by `python -m tests.typing.generate`. Do not edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, assert_type

import twelvelabs_async
from twelvelabs_async import (
    AsyncTwelveLabs,
    KnowledgeStoreSearchPager,
    Outcome,
    Outcomes,
    RawResponse,
    UploadError,
    types,
    uploads,
    webhooks,
)
from twelvelabs_async.pagination import AsyncPager
from twelvelabs_async.streaming import AsyncStream

FILE = Path("a.mp4")
WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)

T = TypeVar("T")


def an(model: type[T]) -> T:
    """An object that an earlier call has returned."""
    raise NotImplementedError(model)


def present(value: str | int | Sequence[object] | types.PageInfo) -> None:
    """Take anything but None."""


async def ids_without_asserts(client: AsyncTwelveLabs) -> None:
    index = await client.indexes.create(index_name="films", models=[{"model_name": "m", "model_options": ["visual"]}])
    asset = await client.assets.create(method="direct", file=FILE)
    await client.assets.wait_for_done(asset.id)
    video = await client.indexes.indexed_assets.create(index.id, asset_id=asset.id)
    await client.indexes.indexed_assets.wait_for_done(index.id, video.id)
    analysis = await client.analyze_async.tasks.create(
        model_name="pegasus1.5", prompt="p", video={"type": "asset_id", "asset_id": asset.id}
    )
    await client.analyze_async.tasks.wait_for_done(analysis.id)


async def objects_in_place_of_ids(client: AsyncTwelveLabs) -> None:
    index = await client.indexes.create(index_name="films", models=[{"model_name": "m", "model_options": ["visual"]}])
    asset = await client.assets.create(method="direct", file=FILE)
    uploaded = await client.multipart_upload.upload_file(FILE)
    assert_type(await client.assets.wait_for_done(asset), types.AssetDetail)
    assert_type(await client.assets.wait_for_done(uploaded), types.AssetDetail)
    await client.indexes.indexed_assets.create(index, asset_id=uploaded)
    video = await client.indexes.indexed_assets.create(index, asset_id=asset)
    await client.indexes.indexed_assets.wait_for_done(index, video)
    await client.tasks.create_bulk(index, video_files=[FILE])
    await client.tasks.create_bulk(index_id=index, video_files=[FILE])
    await client.tasks.wait_for_done(await client.tasks.create(index_id=index, video_file=FILE))
    await client.embed.tasks.wait_for_done(await client.embed.tasks.create(model_name="m", video_file=FILE))
    await client.embed.v_2.tasks.wait_for_done(an(types.EmbedV2TasksCreateResponse))
    await client.analyze_async.tasks.wait_for_done(an(types.CreateAnalyzeTaskResponse))
    await client.analyze_async.batches.wait_for_done(an(types.CreateAnalyzeBatchResponse))
    await client.knowledge_store_items.wait_for_done(an(types.KnowledgeStore), an(types.KnowledgeStoreItem))
    await client.multipart_upload.wait_for_upload_completion(an(types.CreateAssetUploadResponse))
    tasks = await client.tasks.create_bulk(index, video_files=[FILE])
    async for outcome in client.tasks.as_completed(tasks, sleep_interval=1, timeout=60):
        assert_type(outcome, Outcome[types.VideoIndexingTask | types.TasksRetrieveResponse])
        assert_type(outcome.id, str)
        assert_type(outcome.state, types.VideoIndexingTask | types.TasksRetrieveResponse | None)
        assert_type(outcome.error, Exception | None)
    async for done in client.assets.as_completed(asset.id for asset in [asset]):
        assert_type(done.state, types.AssetDetail | None)
    assert_type(await client.assets.wait_all([asset, "an-asset"]), list[types.AssetDetail])
    failures = await client.assets.wait_all([asset], return_failures=True)
    assert_type(failures, list[types.AssetDetail | Exception])
    videos = await client.indexes.indexed_assets.wait_all(index, [video, "another"], sleep_interval=2)
    assert_type(videos, list[types.IndexedAsset | types.IndexedAssetDetailed])
    async for state in client.indexes.indexed_assets.watch(index, video):
        assert_type(state, types.IndexedAsset | types.IndexedAssetDetailed)
    waits: Outcomes[Outcome[types.KnowledgeStoreItem]] = client.knowledge_store_items.as_completed("ks_1", ["ksi_1"])
    await waits.aclose()
    client.notify(webhooks.unwrap(b"", {}, "secret"))
    client.notify({"data": {"id": "a-task"}})
    async for hit in client.search.query(index_id=index, query_text="goal", search_options=["visual"]):
        assert_type(hit, types.SearchItem)
    await client.generate(video_id=video, prompt="p")
    mixed: list[types.AssetOrId] = [asset, uploaded, asset.id]
    await client.entity_collections.entities.create("a-collection", name="n", asset_ids=mixed)
    await client.entity_collections.entities.create("a-collection", name="n", asset_ids=[asset, "an-asset"])
    await client.entity_collections.entities.create("a-collection", name="n", asset_ids=["an-asset"])


async def names_of_the_official_sdk(client: AsyncTwelveLabs) -> None:
    image = types.AnalyzeImageInput(name="a", base_64_string="AAAA")
    assert_type(image.base_64_string, str | None)
    assert_type(types.AnalyzeImageInput(name="a", base64_string="AAAA").base64_string, str | None)
    assert_type(types.VideoContextBase64String(base64_string="AAAA").base_64_string, str)
    await client.analyze(image=[{"name": "a", "base_64_string": "AAAA"}, image], prompt="What is it?")
    await client.analyze(video={"type": "base64_string", "base_64_string": "AAAA"}, prompt="What is it?")
    await client.analyze(video={"type": "base64_string", "base64_string": "AAAA"}, prompt_v2={"input_text": "a"})
    await client.knowledge_stores.search("a-store", query={"text": "a"}, filter={"item_id": {"in_": ["an-item"]}})
    await client.knowledge_stores.search("a-store", query={"text": "a"}, filter={"item_id": {"in": ["an-item"]}})
    model: types.AnalyzeRequestModelName = "pegasus1.5"
    total: twelvelabs_async.TotalResults = 1
    await client.analyze(model_name=model, prompt=str(total))
    assert_type(uploads.UploadError("a"), UploadError)


async def members_of_the_first_page(client: AsyncTwelveLabs) -> None:
    pager = await client.knowledge_stores.search("a-store", query={"text": "a"})
    assert_type(pager, KnowledgeStoreSearchPager)
    assert_type(pager.data, list[types.SearchKnowledgeStoreHit])
    assert_type(pager.next_page_token, str | None)
    assert_type(pager.effective_search_options, types.SearchKnowledgeStoreOptions)
    async for hit in pager:
        assert_type(hit, types.SearchKnowledgeStoreHit)


async def reading_lists(client: AsyncTwelveLabs) -> None:
    pager = client.indexes.list(request_options={"readahead": 0})
    assert_type(await pager.first(), types.IndexSchema | None)
    assert_type(await pager.collect(), list[types.IndexSchema])
    assert_type(await pager.collect(limit=3), list[types.IndexSchema])
    assert_type(pager.total, int | None)
    async for batch in pager.batched(3):
        assert_type(batch, list[types.IndexSchema])
    async for page in pager.iter_pages():
        assert_type(page.items, Sequence[types.IndexSchema])
        assert_type(page.total, int | None)
    items = aiter(client.with_options(readahead=2).indexes.list())
    assert_type(await anext(items), types.IndexSchema)
    await items.aclose()
    await pager.iter_pages().aclose()
    await pager.batched(3).aclose()
    AsyncTwelveLabs(readahead=0)
'''

PAGERS = {"knowledge_stores.search": "KnowledgeStoreSearchPager"}
"""Methods that return a pager of their own."""

WRONG_HEAD = '''"""Calls that type checkers must reject: every line with a mark, for the reason that is in the mark.

Written by `python -m tests.typing.generate`. Do not edit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import twelvelabs_async
from twelvelabs_async import AsyncTwelveLabs, UnknownVariant, types


class Wrong:
    """A value that no argument takes."""


async def ways_of_use(client: AsyncTwelveLabs) -> None:
    AsyncTwelveLabs(api_key=1)  # wrong: arg-type
    AsyncTwelveLabs(no_such_setting=1)  # wrong: call-arg
    client.no_such_resource  # wrong: attr-defined
    client.indexes.no_such_resource.list()  # wrong: attr-defined
    await client.indexes.create("films", [])  # wrong: call-arg
    await client.indexes.retrieve("an-index", "another")  # wrong: call-arg, arg-type
    await client.tasks.create(index_id="an-index", video_file=Path("a.mp4"), video_file_name="a")  # wrong: call-arg
    await client.indexes.retrieve(None)  # wrong: arg-type
    await client.indexes.retrieve("an-index", request_options={"time_out": 5})  # wrong: arg-type, typeddict-unknown-key
    await client.indexes.retrieve("an-index", request_options={"max_retries": "5"})  # wrong: arg-type, typeddict-item
    await client.analyze_stream(video_id="a-video", prompt="What happens?")  # wrong: misc


async def ways_of_iteration(client: AsyncTwelveLabs) -> None:
    for _ in client.indexes.list():  # wrong: attr-defined
        break
    async for _ in client.indexes.retrieve("an-index"):  # wrong: attr-defined
        break
    with client.analyze_stream(video_id="a-video"):  # wrong: attr-defined
        pass
    for _ in client.analyze_stream(video_id="a-video"):  # wrong: attr-defined
        break
    client.indexes.list().no_such_field  # wrong: attr-defined
    (await client.knowledge_stores.search("a-store", query={"text": "a"})).no_such_field  # wrong: attr-defined
    async for page in client.indexes.list().iter_pages():
        page.items.no_such_field  # wrong: attr-defined
    async for index in client.indexes.list():
        index.page_info  # wrong: attr-defined
    client.indexes.list(readahead=0)  # wrong: call-arg
    client.indexes.list(request_options={"readahead": "0"})  # wrong: arg-type, typeddict-item
    client.indexes.list().batched("3")  # wrong: arg-type
    (await client.indexes.list().first()).index_name  # wrong: union-attr


async def fields(client: AsyncTwelveLabs) -> None:
    index = await client.indexes.retrieve("an-index")
    index.no_such_field  # wrong: attr-defined
    index._id  # wrong: attr-defined
    index.index_name = "other"  # wrong: misc
    _: int = index.index_name  # wrong: assignment


async def objects(client: AsyncTwelveLabs, index: types.IndexSchema, task: types.TasksCreateResponse) -> None:
    await client.tasks.wait_for_done(index)  # wrong: arg-type
    client.tasks.as_completed([index])  # wrong: list-item
    await client.tasks.wait_all(task)  # wrong: call-overload
    client.tasks.watch(index)  # wrong: arg-type
    client.notify(task)  # wrong: arg-type
    await client.assets.wait_for_done(task)  # wrong: arg-type
    await client.indexes.indexed_assets.wait_for_done(task, "an-asset")  # wrong: arg-type
    await client.indexes.indexed_assets.wait_for_done(index, task)  # wrong: arg-type
    await client.embed.tasks.wait_for_done(task)  # wrong: arg-type
    await client.embed.v_2.tasks.wait_for_done(task)  # wrong: arg-type
    await client.analyze_async.tasks.wait_for_done(task)  # wrong: arg-type
    await client.analyze_async.batches.wait_for_done(task)  # wrong: arg-type
    await client.knowledge_store_items.wait_for_done(index, "an-item")  # wrong: arg-type
    await client.knowledge_store_items.wait_for_done("a-store", task)  # wrong: arg-type
    await client.multipart_upload.wait_for_upload_completion(task)  # wrong: arg-type
    await client.tasks.create_bulk(task, video_urls=[])  # wrong: arg-type
    client.search.query(index_id=task, search_options=["visual"])  # wrong: arg-type
    await client.generate(video_id=task, prompt="p")  # wrong: arg-type
    _: int = index.id  # wrong: assignment
    task.page_info  # wrong: attr-defined


async def models(client: AsyncTwelveLabs) -> None:
    types.NoSuchModel  # wrong: attr-defined
    twelvelabs_async.NoSuchModel  # wrong: attr-defined
    types.VideoContextUrl()  # wrong: call-arg
    types.VideoContextUrl(url=1)  # wrong: arg-type
    types.VideoContextUrl("https://media.example/a.mp4")  # wrong: call-arg, arg-type
    types.MediaSource(uri="https://media.example/a.mp4")  # wrong: call-overload
    types.MediaSource(base_64_string="AAAA", base64_string="AAAA")  # wrong: call-overload
    types.VideoContextBase64String()  # wrong: call-overload
    types.VideoContextBase64String(base_64_string=1)  # wrong: call-overload
    types.VideoContextBase64String(base64_string=1)  # wrong: call-overload
    types.IndexesCreateRequestModelsItem(model_name="marengo3.0", model_options=["visuall"])  # wrong: list-item


async def events(client: AsyncTwelveLabs) -> None:
    async for event in client.analyze_stream(video_id="a-video"):
        event.text  # wrong: union-attr
        event.no_such_field  # wrong: union-attr
        match event.event_type:
            case "text_generation":
                event.finish_reason  # wrong: union-attr
        if not isinstance(event, UnknownVariant) and event.event_type == "text_generation":
            event.finish_reason  # wrong: attr-defined


async def options(client: AsyncTwelveLabs, read: list[str]) -> None:
    search = client.search.query
    search(index_id="an-index", search_options=["visuall"])  # wrong: list-item
    search(index_id="an-index", search_options=["visual", "audioo"])  # wrong: list-item
    search(index_id="an-index", search_options="visual")  # wrong: arg-type
    search(index_id="an-index", search_options=read)  # wrong: arg-type
    search(index_id="an-index", search_options=["visual"], group_by="videos")  # wrong: arg-type
    search(index_id="an-index", search_options=["visual"], group_by=read[0])  # wrong: arg-type
    variable: list[types.IndexesCreateRequestModelsItemParams]
    variable = [{"model_name": "marengo3.0", "model_options": ["visuall"]}]  # wrong: list-item
    variable = [{"model_name": "marengo3.0", "options": ["visual"]}]  # wrong: typeddict-unknown-key, typeddict-item
    await client.indexes.create(index_name="films", models=variable)


async def plain_dicts(client: AsyncTwelveLabs) -> None:
    create, embed = client.indexes.create, client.embed.v_2.create
    await create(index_name="films", models=[{"model_name": "marengo3.0"}])  # wrong: list-item, typeddict-item
    await create(index_name="f", models=[{"model_name": "m", "model_options": ["visuall"]}])  # wrong: list-item
    await embed(input_type="text", model_name="m", text={"input_txt": "a"})  # wrong: arg-type, typeddict-item
    await embed(input_type="text", model_name="m", text={"input_text": 1})  # wrong: arg-type, typeddict-item
    await client.analyze(video={"type": "base64_string"})  # wrong: call-overload
    await client.analyze(video={"type": "base64_string", "base_64_string": 1})  # wrong: call-overload
    client.analyze_stream(video={"type": "base64_string"})  # wrong: arg-type, typeddict-item
    await client.indexes.indexed_assets.update("an-index", "an-asset", user_metadata={"a": {}})  # wrong: dict-item
'''


def calls() -> str:
    """Text of calls.py."""
    functions = [CALLS_HEAD, _always_present()]
    for facts in document.operations().values():
        body = "\n".join(f"    {line}" for line in _calls_of(facts))
        functions.append(f"\n\nasync def {_snake(facts.id)}(client: AsyncTwelveLabs) -> None:\n{body}\n")
    return _formatted("".join(functions))


def wrong_calls() -> str:
    """Text of wrong_calls.py."""
    functions = [WRONG_HEAD]
    for facts in document.operations().values():
        body = "\n".join(f"    {line}" for line in _wrong_calls_of(facts))
        arguments = f"client: AsyncTwelveLabs, x: Any, wrong: Wrong{_others(facts)}"
        functions.append(f"\n\nasync def {_snake(facts.id)}({arguments}) -> None:\n{body}\n")
    return "".join(functions)


def _always_present() -> str:
    """A function that uses what is always present in responses without looking whether it is None."""
    lines = []
    for name, wires in ALWAYS_PRESENT.items():
        known = {member.name: member.attribute for member in document.members(document.schemas()[name])}
        attributes = [known[wire] for wire in wires]
        lines += [f"    present(an(types.{name}).{attribute})" for attribute in attributes if attribute != "id"]
    lines += [
        f"    assert_type(an(types.{name}).id, str)"
        for name in document.schemas()
        if objects.kinds_of(name) or {"_id", "id"} & {*ALWAYS_PRESENT.get(name, ())}
    ]
    return "\n\ndef what_is_always_present() -> None:\n" + "\n".join(lines) + "\n"


def _calls_of(facts: OperationFacts) -> Iterator[str]:
    sets = samples.argument_sets(facts.id, legacy=True)
    fields = {field.name: field for field in facts.fields}
    for label, arguments in sets.items():
        for as_models in (True, False):
            if as_models == label.startswith("all:"):  # with other variants of a union once is enough
                continue
            if label == "required" and not as_models:
                continue
            written = ", ".join(
                f"{fields[name].attribute}={_expression(fields[name], value, as_models=as_models)}"
                for name, value in arguments.items()
                if not _decided_by_method(facts, name)
            )
            for path, result in _results(facts):
                yield f"assert_type({result[0]}client.{path}({written}), {result[1]})"
    required = {name: value for name, value in sets["required"].items() if not _decided_by_method(facts, name)}
    kinds = {field.name: objects.models_of(objects.kind_of(field)) for field in facts.fields if objects.kind_of(field)}
    for at in range(max(map(len, kinds.values()), default=0)):
        written = ", ".join(
            f"{fields[name].attribute}={_object(fields[name], kinds[name][at % len(kinds[name])])}"
            if name in kinds
            else f"{fields[name].attribute}={_expression(fields[name], required[name], as_models=False)}"
            for name in dict.fromkeys((*required, *kinds))
        )
        for path, result in _results(facts):
            yield f"assert_type({result[0]}client.{path}({written}), {result[1]})"
    written = ", ".join(
        ("" if fields[name].where == "path" else f"{fields[name].attribute}=")
        + _expression(fields[name], value, as_models=False)
        for name, value in required.items()
    )
    if not _always_streams(facts):
        answer = _answer(facts)
        yield f"assert_type(await client.with_raw_response.{facts.attribute_path}({written}), RawResponse[{answer}])"


def _results(facts: OperationFacts) -> Iterator[tuple[str, tuple[str, str]]]:
    """(method, (prefix, type)) of what an operation has on the client."""
    stream = facts.stream
    if stream and not stream.get("field"):
        yield facts.attribute_path, ("", f"AsyncStream[types.{stream['event']}]")
        return
    if facts.pagination and not _plain_page(facts):
        assert facts.answer is not None
        page = document.resolve(facts.answer)
        item = document.reference(page["properties"][facts.pagination["items"]]["items"])
        pager = PAGERS.get(facts.attribute_path, f"AsyncPager[types.{item}, {_answer(facts)}]")
        yield facts.attribute_path, ("", pager)
    else:
        yield facts.attribute_path, ("await ", _answer(facts))
    if stream:
        yield stream["method"], ("", f"AsyncStream[types.{stream['event']}]")


def _plain_page(facts: OperationFacts) -> bool:
    return facts.attribute_path in {"search.create", "search.retrieve"}


def _always_streams(facts: OperationFacts) -> bool:
    return facts.stream is not None and not facts.stream.get("field")


def _answer(facts: OperationFacts) -> str:
    return f"types.{document.reference(facts.answer)}" if facts.answer is not None else "None"


def _decided_by_method(facts: OperationFacts, name: str) -> bool:
    return facts.stream is not None and facts.stream.get("field") == name


def _expression(field: Field, value: Any, *, as_models: bool) -> str:
    if field.schema.get("x-json-encoded"):
        as_models = False
    return _literal(field.schema, value, as_models=as_models)


def _object(field: Field, name: str) -> str:
    expression = f"an(types.{name})"
    return f"[{expression}]" if document.resolve(field.schema)["type"] == "array" else expression


def _others(facts: OperationFacts) -> str:
    """Further arguments of a function: an object for every kind that the operation takes, of another kind."""
    names = {objects.another_model(kind) for field in facts.fields if (kind := objects.kind_of(field))}
    return "".join(f", {WRONG_OBJECTS[name]}: types.{name}" for name in sorted(names))


def _literal(schema: Schema, value: Any, *, as_models: bool) -> str:
    if isinstance(value, dict) and samples.FILE_KEY in value:
        return "FILE"
    chosen = models.variant(schema, value) if value is not None else schema
    resolved = document.resolve(chosen)
    if "oneOf" in resolved or "anyOf" in resolved:
        return _literal(chosen, value, as_models=as_models) if chosen is not schema else repr(value)
    if as_models and value == samples.DATE_TIME and resolved.get("format") == "date-time":
        return "WHEN"
    if isinstance(value, list):
        items = resolved.get("items", models.EMPTY)
        return f"[{', '.join(_literal(items, entry, as_models=as_models) for entry in value)}]"
    if isinstance(value, dict) and "properties" in resolved:
        known = {member.name: member for member in document.members(resolved)}
        written = {key: _literal(known[key].schema, entry, as_models=as_models) for key, entry in value.items()}
        if as_models:
            name = document.reference(chosen) or document.reference(schema)
            return f"types.{name}({', '.join(f'{known[key].attribute}={text}' for key, text in written.items())})"
        return f"{{{', '.join(f'{key!r}: {text}' for key, text in written.items())}}}"
    return repr(value)


OVERLOADED: Final = frozenset({"analyze"})
"""Methods of which mypy says that no overload matches, whatever is wrong."""


def _wrong_calls_of(facts: OperationFacts) -> Iterator[str]:
    for call in _calls_with_a_mistake(facts):
        method, found, mark = call.partition("  # wrong: ")
        overloaded = any(f"client.{path}(" in method for path in OVERLOADED)
        yield f"{method}{found}{'call-overload' if overloaded else mark}"


def _calls_with_a_mistake(facts: OperationFacts) -> Iterator[str]:
    fields = [field for field in facts.fields if not _decided_by_method(facts, field.name)]
    required = [field.attribute for field in fields if field.required and not field.schema.get("x-client-optional")]
    for path, (prefix, _) in _results(facts):
        written = ", ".join(f"{name}=x" for name in required)
        comma = ", " if written else ""
        yield f"{prefix}client.{path}({written}{comma}no_such_argument=x)  # wrong: call-arg"
        for left_out in required:
            rest = ", ".join(f"{name}=x" for name in required if name != left_out)
            yield f"{prefix}client.{path}({rest})  # wrong: call-arg"
        for field in fields:
            others = "".join(f", {name}=x" for name in required if name != field.attribute)
            yield f"{prefix}client.{path}({field.attribute}=wrong{others})  # wrong: arg-type"
            if kind := objects.kind_of(field):
                other, mark = WRONG_OBJECTS[objects.another_model(kind)], "arg-type"
                if document.resolve(field.schema)["type"] == "array":
                    other, mark = f"[{other}]", "list-item"
                yield f"{prefix}client.{path}({field.attribute}={other}{others})  # wrong: {mark}"
            if typo := _typo(field.schema):
                yield f"{prefix}client.{path}({field.attribute}={typo}{others})  # wrong: arg-type, list-item"
    prefix = next(_results(facts))[1][0]
    written = ", ".join(f"{name}=x" for name in required)
    yield f"{prefix}client.{facts.attribute_path}_({written})  # wrong: attr-defined"


def _typo(schema: Schema) -> str:
    """A value that is not in the list of an enum, or a list with one; empty for what is not an enum."""
    resolved = document.resolve(schema)
    if resolved.get("type") == "array":
        item = _typo(resolved["items"])
        return item and f"[{item}]"
    return '"no such value"' if "enum" in resolved and not resolved.get("x-open-in-requests") else ""


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _formatted(text: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(CALLS), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=HERE.parents[1],
    )
    return done.stdout


def main() -> None:
    """Write both files."""
    CALLS.write_text(calls(), encoding="utf-8")
    WRONG_CALLS.write_text(textwrap.dedent(wrong_calls()), encoding="utf-8")


if __name__ == "__main__":
    main()

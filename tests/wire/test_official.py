"""The same call through the official SDK (recorded) and through ours puts the same request on the wire."""

from __future__ import annotations

import inspect
import io
import json
import warnings
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.spec import document, models, samples
from tests.spec.document import Field
from tests.wire.capture import OFFICIAL, dump
from tests.wire.compare import Allowed, allowed, differences
from tests.wire.server import CaptureServer, capture_server
from twelvelabs_async import AsyncTwelveLabs

RECORDED: dict[str, Any] = json.loads(OFFICIAL.read_text(encoding="utf-8"))
CALLS: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _call in RECORDED["calls"]:
    CALLS[_call["operation"]].append(_call)

Spelling = Callable[[Field, Any], Any]


def _plain(_: Field, value: Any) -> Any:
    return value


def _models(field: Field, value: Any) -> Any:
    return value if samples.FILE_KEY in str(value) else models.construct(field.schema, value)


def _datetimes(field: Field, value: Any) -> Any:
    return models.with_datetimes(field.schema, value)


def _json_text(field: Field, value: Any) -> Any:
    return json.dumps(value) if field.schema.get("x-json-encoded") else value


SPELLINGS: dict[str, Spelling] = {
    "plain": _plain,
    "models": _models,
    "datetimes": _datetimes,
    "json text": _json_text,
}
"""Ways in which a user can write the same arguments."""


def test_recorded_argument_sets_are_those_of_the_document() -> None:
    """When this fails: make record-wire."""
    helpers = {"search.query", "tasks.create_bulk", "embed.tasks.create_bulk"}
    for operation_id, calls in CALLS.items():
        expected = samples.argument_sets(operation_id)
        for call in calls:
            if call["method"] not in helpers:
                left_out = set(call.get("left_out", ()))
                arguments = {name: value for name, value in expected[call["set"]].items() if name not in left_out}
                assert call["arguments"] == arguments, (operation_id, call["set"])
        assert {call["set"] for call in calls if call["method"] not in helpers} == set(expected)


def test_every_operation_was_recorded_or_is_not_in_the_official_sdk() -> None:
    missing = RECORDED["operations_that_it_does_not_have"]
    assert set(CALLS) | set(missing) == set(document.operations())
    assert len(CALLS) == 99
    assert all(document.operations()[operation].legacy for operation in missing)


@pytest.mark.parametrize("operation_id", CALLS)
async def test_same_request(operation_id: str) -> None:
    facts = document.operations()[operation_id]
    entries = [entry for entry in allowed() if entry.operation == operation_id]
    needed: set[Allowed] = set()
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        for call in CALLS[operation_id]:
            done: list[dict[str, Any]] = []
            for name, spelling in SPELLINGS.items():
                written = _written(facts, call["arguments"], spelling)
                if written in done:
                    continue
                done.append(written)
                requests = await _send(server, client, call["method"], _files(written))
                for found in differences(facts, call["requests"], requests):
                    covering = {entry for entry in entries if entry.covers(call["method"], found)}
                    assert covering, f"{call['method']}, arguments {call['set']}, written as {name}: {found}"
                    needed |= covering
    assert [entry for entry in entries if entry not in needed] == [], "differences.yaml allows more than is needed"


def test_differences_are_of_recorded_operations() -> None:
    assert {entry.operation for entry in allowed()} <= set(CALLS)


@pytest.mark.parametrize("operation_id", CALLS)
async def test_path_values_by_position(operation_id: str) -> None:
    facts = document.operations()[operation_id]
    names = [field.name for field in facts.fields if field.where == "path"]
    if not names:
        return
    call = CALLS[operation_id][0]
    rest = {name: value for name, value in call["arguments"].items() if name not in names}
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        requests = await _send(
            server,
            client,
            call["method"],
            _files(_written(facts, rest, _plain)),
            *(call["arguments"][name] for name in names),
        )
    assert requests[0]["path"] == call["requests"][0]["path"]


def _written(facts: document.OperationFacts, recorded: Mapping[str, Any], spelling: Spelling) -> dict[str, Any]:
    fields = {field.name: field for field in facts.fields}
    return {
        (fields[name].attribute if name in fields else name): spelling(fields[name], value) if name in fields else value
        for name, value in recorded.items()
    }


def _files(value: Any) -> Any:
    if isinstance(value, dict):
        if samples.FILE_KEY in value:
            return (value[samples.FILE_KEY]["name"], io.BytesIO(value[samples.FILE_KEY]["content"].encode()))
        return {name: _files(entry) for name, entry in value.items()}
    return [_files(entry) for entry in value] if isinstance(value, list) else value


async def _send(
    server: CaptureServer, client: AsyncTwelveLabs, path: str, arguments: dict[str, Any], *positional: Any
) -> list[dict[str, Any]]:
    server.requests.clear()
    method: Any = client
    for name in path.split("."):
        method = getattr(method, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        result = method(*positional, **arguments)
        if inspect.isawaitable(result):
            await result
        else:
            async for _ in result:
                pass
    return [dump(request) for request in server.requests]

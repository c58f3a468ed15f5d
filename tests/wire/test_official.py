"""The same call through the official SDK (recorded) and through ours puts the same request on the wire."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

import pytest

from tests.openapi import document, samples
from tests.wire.calling import ENCODERS, files, plain, send, written
from tests.wire.capture import OFFICIAL
from tests.wire.compare import Allowed, allowed, differences
from tests.wire.server import capture_server
from twelvelabs_async import AsyncTwelveLabs

RECORDED: dict[str, Any] = json.loads(OFFICIAL.read_text(encoding="utf-8"))
CALLS: dict[str, list[dict[str, Any]]] = defaultdict(list)
for _call in RECORDED["calls"]:
    CALLS[_call["operation"]].append(_call)


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
    assert not set(CALLS) & set(missing)
    assert len(CALLS) == 99
    assert all(document.operations()[operation].legacy for operation in missing)


@pytest.mark.parametrize("operation_id", CALLS)
async def test_same_request(operation_id: str) -> None:
    facts = document.operations()[operation_id]
    entries = [entry for entry in allowed() if operation_id in entry.operations]
    needed: list[Allowed] = []
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        for call in CALLS[operation_id]:
            done: list[dict[str, Any]] = []
            for name, spelling in ENCODERS.items():
                arguments = written(facts, call["arguments"], spelling)
                if arguments in done:
                    continue
                done.append(arguments)
                requests = await send(server, client, call["method"], files(arguments))
                for found in differences(facts, call["requests"], requests):
                    covering = [entry for entry in entries if entry.covers(found)]
                    assert covering, f"{call['method']}, arguments {call['set']}, written as {name}: {found}"
                    needed += covering
    assert [entry for entry in entries if entry not in needed] == [], "differences.yaml allows more than is needed"


def test_differences_are_of_recorded_operations() -> None:
    assert {operation for entry in allowed() for operation in entry.operations} <= set(CALLS)


def _path_names(operation_id: str) -> list[str]:
    return [field.name for field in document.operations()[operation_id].fields if field.where == "path"]


WITH_PATH_VALUES = [operation_id for operation_id in CALLS if _path_names(operation_id)]


def test_operations_with_path_values() -> None:
    """The others have nothing that can be given by position: their paths hold no braces."""
    assert len(WITH_PATH_VALUES) == 70
    braces = {operation_id for operation_id in CALLS if "{" in document.operations()[operation_id].path}
    assert set(WITH_PATH_VALUES) == braces


@pytest.mark.parametrize("operation_id", WITH_PATH_VALUES)
async def test_path_values_by_position(operation_id: str) -> None:
    facts = document.operations()[operation_id]
    names = _path_names(operation_id)
    call = CALLS[operation_id][0]
    rest = {name: value for name, value in call["arguments"].items() if name not in names}
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        requests = await send(
            server,
            client,
            call["method"],
            files(written(facts, rest, plain)),
            *(call["arguments"][name] for name in names),
        )
    assert [request["path"] for request in requests] == [request["path"] for request in call["requests"]]
    assert len(requests) == 1

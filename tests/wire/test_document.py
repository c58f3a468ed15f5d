"""Every operation sends what the document says, legacy operations and fields included."""

from __future__ import annotations

import inspect
import warnings

import pytest

from tests.openapi import document, samples
from tests.wire.calling import ENCODERS, files, plain, send, written
from tests.wire.compare import differences
from tests.wire.encoding import expected_request
from tests.wire.server import capture_server
from twelvelabs_async import AsyncTwelveLabs

OPERATIONS = document.operations()


def _methods(facts: document.OperationFacts) -> list[str]:
    stream = facts.stream or {}
    return [facts.attribute_path, *([stream["method"]] if "method" in stream else [])]


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_request(operation_id: str) -> None:
    facts = OPERATIONS[operation_id]
    switch = (facts.stream or {}).get("field")
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        for method in _methods(facts):
            for label, every in samples.argument_sets(operation_id, legacy=True).items():
                # A method decides on the switch for streams; only `generate` has it as an argument.
                arguments = {name: value for name, value in every.items() if name != switch}
                expected = expected_request(facts, arguments, method)
                for spelling_name, spelling in ENCODERS.items():
                    sent = await send(server, client, method, files(written(facts, arguments, spelling)))
                    found = differences(facts, [expected], sent)
                    assert found == [], f"{method}, arguments {label}, written as {spelling_name}"


ADDED = {
    "analyze": ["into"],
    "analyze_async.batches.results": ["expected"],
    "assets.create": ["size", "spool_dir", "max_spool_bytes"],
}
"""Arguments that the client adds to those of the document."""


@pytest.mark.parametrize("operation_id", OPERATIONS)
async def test_signature(operation_id: str) -> None:
    """Every documented argument by its wire name; path values also by position, nothing else."""
    facts = OPERATIONS[operation_id]
    switch = (facts.stream or {}).get("field")
    client = AsyncTwelveLabs(api_key="a-key")
    for path in _methods(facts):
        method: object = client
        for name in path.split("."):
            method = getattr(method, name)
        assert callable(method)
        parameters = dict(inspect.signature(method).parameters)
        parameters.pop("request_options")
        for name in ADDED.get(path, ()):
            assert parameters.pop(name).default is None
        fields = [field for field in facts.fields if field.name != switch or path == "generate"]
        expected = {name: field for field in fields for name in field.names}
        assert set(parameters) == set(expected)
        for name, parameter in parameters.items():
            field = expected[name]
            positional = parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            assert positional == (field.where == "path"), name
            if field.required and not field.schema.get("x-client-optional"):
                assert parameter.default is inspect.Parameter.empty, name
            else:
                assert not parameter.default, name


def test_there_are_operations() -> None:
    """Every test below has a case for each of them."""
    assert len(OPERATIONS) > 100
    assert all("required" in samples.argument_sets(operation_id, legacy=True) for operation_id in OPERATIONS)


@pytest.mark.parametrize("operation_id", [facts.id for facts in OPERATIONS.values() if facts.lifecycle != "current"])
async def test_operations_that_are_not_current_warn(operation_id: str) -> None:
    facts = OPERATIONS[operation_id]
    successor = facts.successor
    async with capture_server(facts) as server, AsyncTwelveLabs(api_key="a-key", base_url=server.base_url) as client:
        for path in _methods(facts):
            method: object = client
            for name in path.split("."):
                method = getattr(method, name)
            assert callable(method)
            arguments = written(facts, samples.argument_sets(operation_id)["required"], plain)
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                result = method(**arguments)
                if inspect.isawaitable(result):
                    await result
                else:
                    async for _ in result:
                        pass
            found = [entry for entry in caught if entry.category is DeprecationWarning]
            assert len(found) == 1
            assert found[0].filename == __file__, "the warning points at the caller"
            if successor is not None:
                assert successor in str(found[0].message)

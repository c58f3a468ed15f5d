"""The registry of operations and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twelvelabs_async.emulator.api.call import Call, Response
from twelvelabs_async.emulator.api.registry import Registry
from twelvelabs_async.emulator.handlers import REGISTRY
from twelvelabs_async.emulator.openapi import document

if TYPE_CHECKING:
    from twelvelabs_async.emulator.services import Services
    from twelvelabs_async.emulator.state.store import Job


async def _handler(call: Call) -> Response:
    return Response(call.body)


async def _job(services: Services, job: Job) -> None:
    del services, job


def test_every_operation_of_the_document_has_a_handler() -> None:
    assert REGISTRY.handlers.keys() == document.load().operations.keys()


def test_what_is_registered_twice_is_an_error() -> None:
    first, second = Registry(), Registry()
    for registry in (first, second):
        assert registry.operation("listIndexes")(_handler) is _handler
        assert registry.job("search")(_job) is _job
    with pytest.raises(ValueError, match="listIndexes"):
        first.operation("listIndexes")(_handler)
    with pytest.raises(ValueError, match="search"):
        first.job("search")(_job)
    with pytest.raises(ValueError, match="listIndexes"):
        Registry.merged([first, second])
    assert Registry.merged([first]).jobs == {"search": _job}

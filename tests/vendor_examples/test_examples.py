"""The example calls of the vendor's reference, rewritten for this client, run against the emulator."""

from __future__ import annotations

import contextlib
import json
import re
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.openapi import document
from tests.vendor_examples.extract import CALLS, VendorExample
from tests.vendor_examples.rewrite import runner
from tests.vendor_examples.seed_data import build
from twelvelabs_async import APIStatusError, AsyncTwelveLabs
from twelvelabs_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

EXAMPLES: list[VendorExample] = json.loads(CALLS.read_text(encoding="utf-8"))
BY_METHOD: dict[str, document.OperationFacts] = {}
for _facts in document.operations().values():
    BY_METHOD[_facts.attribute_path] = _facts
    if _facts.stream is not None and "method" in _facts.stream:
        BY_METHOD[_facts.stream["method"]] = _facts


pytestmark = pytest.mark.asyncio(loop_scope="module")


@contextlib.asynccontextmanager
async def _platform() -> AsyncIterator[AsyncTwelveLabs]:
    async with (
        Emulator(speed=0) as emulator,
        AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, max_retries=0) as client,
    ):
        yield client


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def client() -> AsyncIterator[AsyncTwelveLabs]:
    """A client of a platform that examples share: starting one takes longer than a call. It holds an index alone."""
    async with _platform() as client:
        await client.indexes.create(
            index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )
        yield client


async def _outcome(example: VendorExample, client: AsyncTwelveLabs, **values: Any) -> Any:
    """What the call gives, or the platform's refusal."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = await runner(example, values)(client)
        except APIStatusError as refusal:
            result = refusal
    messages = [str(entry.message) for entry in caught if entry.category is DeprecationWarning]
    assert len(messages) == (1 if BY_METHOD[example["method"]].warns else 0), messages
    return result


async def test_examples_are_of_documented_operations() -> None:
    assert len(EXAMPLES) == 60
    assert len({example["method"] for example in EXAMPLES}) == 60
    assert {example["method"] for example in EXAMPLES} <= set(BY_METHOD)
    assert {example["method"] for example in EXAMPLES} >= NEED_NOTHING


NEED_NOTHING = {
    "indexes.list",
    "indexes.create",
    "tasks.list",
    "tasks.transfers.create",
    "tasks.transfers.get_status",
    "tasks.transfers.get_logs",
    "assets.list",
    "multipart_upload.list_incomplete_uploads",
    "multipart_upload.create",
    "entity_collections.list",
    "entity_collections.create",
    "manage_entities.list_all_entities",
    "embed.tasks.list",
    "embed.v_2.create",
    "embed.v_2.tasks.list",
}
"""Examples that name nothing that would have to exist: they list or make things."""


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if example["method"] in NEED_NOTHING],
    ids=lambda example: example["method"],
)
async def test_that_needs_nothing(client: AsyncTwelveLabs, example: VendorExample) -> None:
    result = await _outcome(example, client)
    assert not isinstance(result, APIStatusError), result
    assert isinstance(result, list) == example["loop"]


@pytest.mark.parametrize(
    "example",
    [example for example in EXAMPLES if example["method"] not in NEED_NOTHING],
    ids=lambda example: example["method"],
)
async def test_about_things_that_do_not_exist(client: AsyncTwelveLabs, example: VendorExample) -> None:
    """What comes back is the platform's own refusal."""
    result = await _outcome(example, client)
    assert isinstance(result, APIStatusError), result
    assert 400 <= result.status < 500, result
    assert result.status in BY_METHOD[example["method"]].statuses, result
    assert re.fullmatch(r"[A-Za-z][A-Za-z_]+", result.code or ""), result


REFUSED = {
    "tasks.create": "neither a file nor a URL",
    "assets.create": "the method is direct, but there is no file",
    "search.create": "no query",
    "embed.create": "a model of this name does not exist",
    "embed.tasks.create": "a model of this name does not exist",
    "embed.v_2.tasks.create": "the emulator reads URLs of its own machine only",
}
"""Examples that the platform refuses whatever exists on it, and why."""


async def test_with_things_that_exist(tmp_path: Path) -> None:
    """The same calls about existing things do what they say; deletions come last, innermost first."""
    refused: dict[str, APIStatusError] = {}
    async with _platform() as client:
        arguments = await build(client, tmp_path)
        for example in sorted(EXAMPLES, key=lambda example: _order(example["method"])):
            values = {**arguments[""], **arguments.get(example["method"], {})}
            result = await _outcome(example, client, **values)
            if isinstance(result, APIStatusError):
                refused[example["method"]] = result
            else:
                assert isinstance(result, list) == example["loop"], example["method"]
    assert {method: error for method, error in refused.items() if method not in REFUSED} == {}
    assert set(refused) == set(REFUSED)


def _order(method: str) -> int:
    innermost_first = [
        "entity_collections.entities.delete",
        "entity_collections.delete",
        "indexes.indexed_assets.delete",
        "indexes.videos.delete",
        "tasks.delete",
        "assets.delete",
        "indexes.delete",
    ]
    return innermost_first.index(method) if method in innermost_first else -1

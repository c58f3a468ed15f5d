"""Warnings about operations, models and arguments that the platform has deprecated, or has announced to remove."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sys
import warnings
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, create_autospec

import pytest

from twelvelabs_async.errors import APIStatusError, BulkError, TwelveLabsError
from twelvelabs_async.types import IndexesCreateRequestModelsItem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from twelvelabs_async import AsyncTwelveLabs


OLD_INDEX = {"model_name": "marengo2.7", "model_options": ["visual"]}


@contextlib.contextmanager
def caught() -> Iterator[list[warnings.WarningMessage]]:
    """Every DeprecationWarning, as often as Python's default filters let it through."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", DeprecationWarning)
        yield found


def lines(found: list[warnings.WarningMessage]) -> list[int]:
    assert {warning.filename for warning in found} <= {__file__}
    return [warning.lineno for warning in found]


def here() -> int:
    return sys._getframe(1).f_lineno


async def test_the_line_is_that_of_the_call_and_not_that_of_the_await(client: AsyncTwelveLabs) -> None:
    with caught() as found:
        plain, first = client.embed.create(model_name="marengo3.0", text="a goal"), here()
        in_task = asyncio.create_task(client.embed.create(model_name="marengo3.0", text="a goal"))
        gathered = asyncio.gather(
            client.embed.create(model_name="marengo3.0", text="one"),
            client.with_raw_response.embed.create(model_name="marengo3.0", text="two"),
        )
        later = here()
        await plain
        await in_task
        await gathered
    assert lines(found) == [first, first + 1, later - 3, later - 2]
    assert {str(warning.message) for warning in found} == {
        "embed.create is deprecated: use embed.v_2.create instead. The platform has announced its deprecation in a "
        "future version of the API."
    }


async def test_each_line_warns_once(client: AsyncTwelveLabs) -> None:
    with caught() as found:
        for _ in range(3):
            pager = client.tasks.list()
            assert [task async for task in pager] == []
    assert len(found) == 1
    assert "tasks.list is deprecated: use indexes.indexed_assets.list instead." in str(found[0].message)


async def test_helpers_warn_where_they_are_called_and_waits_do_not(
    client: AsyncTwelveLabs, index_id: str, media: Path
) -> None:
    with caught() as found:
        files = [media / "beach.mp4", media / "beach.mp4"]
        created, at = await client.tasks.create_bulk(index_id=index_id, video_files=files), here()
        assert len(await client.tasks.wait_all(created)) == 2
        await client.tasks.wait_for_done(created[0])
    assert lines(found) == [at]
    assert "tasks.create is deprecated: use assets.create and indexes.indexed_assets.create" in str(found[0].message)


async def test_a_bulk_of_embedding_tasks_warns_about_its_model(client: AsyncTwelveLabs) -> None:
    with caught() as found, pytest.raises(BulkError):
        await client.embed.tasks.create_bulk("Marengo-retrieval-2.7", [{"video_url": "http://127.0.0.1:1/a.mp4"}])
    assert [str(warning.message).partition(" is ")[0] for warning in found] == [
        "embed.tasks.create",
        "model_name 'Marengo-retrieval-2.7'",
    ]


MODELS: dict[str, Callable[[AsyncTwelveLabs], Any]] = {
    "marengo2.7": lambda client: client.indexes.create(index_name="a", models=[OLD_INDEX]),  # type: ignore[list-item]
    "marengo2.7 as a model": lambda client: client.indexes.create(
        index_name="a", models=[IndexesCreateRequestModelsItem(model_name="marengo2.7", model_options=["visual"])]
    ),
    "marengo2.7 behind another": lambda client: client.indexes.create(
        index_name="a",
        models=({"model_name": "marengo3.0", "model_options": ["visual"]}, OLD_INDEX),  # type: ignore[arg-type]
    ),
    "marengo2.7 raw": lambda client: client.with_raw_response.indexes.create(index_name="a", models=[OLD_INDEX]),  # type: ignore[list-item]
}


@pytest.mark.parametrize("name", MODELS)
async def test_models(client: AsyncTwelveLabs, name: str) -> None:
    with caught() as found, contextlib.suppress(TwelveLabsError, ValueError):
        await MODELS[name](client)
    assert len(lines(found)) == 1
    assert str(found[0].message) == (
        "model_name 'marengo2.7' is deprecated: use marengo3.0 instead. The platform has announced to reindex videos "
        "with Marengo 3.0 from the middle of March 2026, and to deprecate Marengo 2.7 after that."
    )


async def test_arguments_of_a_search(client: AsyncTwelveLabs, index_id: str) -> None:
    with caught() as found:
        async for _ in client.search.query(index_id=index_id, query_text="a", search_options=["visual"]):
            pass
        assert found == []
        with contextlib.suppress(APIStatusError):
            await client.search.query(
                index_id=index_id, query_text="a", search_options=["visual"], threshold="low", page_limit=5
            )
    assert [str(warning.message).partition(":")[0] for warning in found] == ["threshold is deprecated"]


async def test_what_is_current_does_not_warn(client: AsyncTwelveLabs) -> None:
    """Neither do values in responses: an index may have been made with an old model."""
    with caught() as found:
        current = {"model_name": "marengo3.0", "model_options": ["visual"]}
        await client.indexes.create(index_name="current", models=[current])  # type: ignore[list-item]
        await client.post("/indexes", json={"index_name": "old", "models": [OLD_INDEX]})
        models = [index.models or [] async for index in client.indexes.list()]
        assert "marengo2.7" in {model.model_name for listed in models for model in listed}
        await client.embed.v_2.create(input_type="text", model_name="marengo3.0", text={"input_text": "a goal"})
        with contextlib.suppress(APIStatusError):
            await client.analyze(model_name="pegasus1.5", video_id="a", prompt="marengo2.7")
    assert found == []


def test_deprecated_methods_pass_for_coroutine_functions(client: AsyncTwelveLabs) -> None:
    """Mocks ask, and type checkers and editors read the mark of PEP 702."""
    method = type(client.tasks).create
    assert "assets.create" in method.__deprecated__  # type: ignore[attr-defined]
    assert inspect.signature(method).return_annotation == "TasksCreateResponse"
    assert isinstance(create_autospec(client.tasks, instance=True).create, AsyncMock)
    assert isinstance(create_autospec(client.indexes, instance=True).create, AsyncMock)
    assert "assets.create" in type(client.tasks).create_bulk.__deprecated__  # type: ignore[attr-defined]
    assert "embed.v_2" in type(client.embed.tasks).create_bulk.__deprecated__  # type: ignore[attr-defined]


def test_a_client_is_the_spec_of_a_mock(client: AsyncTwelveLabs) -> None:
    """A spec is read attribute by attribute, private ones included."""
    mock = AsyncMock(spec=client)
    assert isinstance(mock.gist, AsyncMock)
    assert isinstance(mock.analyze, AsyncMock)
    assert not isinstance(mock.analyze_stream, AsyncMock)
    assert isinstance(create_autospec(client, instance=True).tasks.create, AsyncMock)

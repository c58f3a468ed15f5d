"""indexes.get_or_create, against the emulator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from twelvelabs_async import IndexMismatchError

if TYPE_CHECKING:
    from twelvelabs_async import AsyncTwelveLabs
    from twelvelabs_async.types import IndexesCreateRequestModelsItemParams

MARENGO: IndexesCreateRequestModelsItemParams = {"model_name": "marengo3.0", "model_options": ["visual", "audio"]}


async def test_programs_that_start_at_the_same_time_share_an_index(client: AsyncTwelveLabs) -> None:
    found = await asyncio.gather(
        *(client.indexes.get_or_create(index_name="daily", models=[MARENGO]) for _ in range(8))
    )
    assert len({index.id for index in found}) == 1
    assert [index.id async for index in client.indexes.list()] == [found[0].id]


async def test_the_index_of_yesterday(client: AsyncTwelveLabs) -> None:
    for number in range(12):
        await client.indexes.create(index_name=f"daily {number}", models=[MARENGO])
    first = await client.indexes.get_or_create(index_name="daily", models=[MARENGO], addons=["thumbnail"])
    assert first.models
    assert (first.models[0].model_name, first.addons) == ("marengo3.0", ["thumbnail"])
    assert await client.indexes.get_or_create(index_name="daily", models=[MARENGO]) == first
    with pytest.raises(IndexMismatchError, match=r"audio, visual.* but marengo3.0 \(visual\) is wanted"):
        await client.indexes.get_or_create(
            index_name="daily", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
        )

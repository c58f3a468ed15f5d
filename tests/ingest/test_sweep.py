"""Assets that nothing uses."""

from __future__ import annotations

import pytest

from tests.ingest.conftest import Site


async def make(site: Site, name: str, number: int, **metadata: str) -> str:
    path = site.video(name, number)
    return (await site.client.assets.create(method="direct", file=path, user_metadata=metadata)).id


async def test_what_is_in_use_stays(site: Site) -> None:
    client = site.client
    indexed, stored, linked = [await make(site, f"{n}.mp4", n) for n in range(3)]
    await client.indexes.indexed_assets.create(site.index_id, asset_id=indexed)
    store = await client.knowledge_stores.create(name="films")
    await client.knowledge_store_items.create(store.id, asset_id=stored)
    collection = await client.entity_collections.create(name="people")
    image = linked
    await client.entity_collections.entities.create(collection.id, name="goal", asset_ids=[image])
    unused = [await make(site, "3.mp4", 3), await make(site, "4.mp4", 4, ingest_key="k")]

    assert [asset.id async for asset in client.assets.sweep(older_than=0)] == unused[::-1]
    assert [asset.id async for asset in client.assets.sweep()] == []  # they are younger than an hour
    everything = [asset.id async for asset in client.assets.sweep(older_than=0, unused=False)]
    assert everything == [*unused[::-1], linked, stored, indexed]

    # The sweep of a run considers what ingestions have made.
    run = site.ingest([])
    assert [asset.id async for asset in run.sweep(older_than=0)] == [unused[1]]
    assert [asset.id async for asset in run.sweep(older_than=0, remove=True)] == [unused[1]]
    assert [asset.id async for asset in client.assets.sweep(older_than=0, remove=True)] == [unused[0]]
    assert [asset.id async for asset in client.assets.list()] == [linked, stored, indexed]


async def test_what_comes_into_use_or_vanishes_meanwhile(site: Site) -> None:
    for number in range(3):
        await make(site, f"{number}.mp4", number)
    site.faults.add(kind="status", status=409, operation="deleteAsset", count=1)
    site.faults.add(kind="status", status=404, operation="deleteAsset", count=1, skip=1)
    removed = [asset.filename async for asset in site.client.assets.sweep(older_than=0, remove=True)]
    assert removed == ["1.mp4", "0.mp4"]  # 2.mp4 is in use by now, 1.mp4 was gone
    site.faults.add(kind="status", status=400, operation="deleteAsset")
    with pytest.raises(Exception, match="400"):
        _ = [asset async for asset in site.client.assets.sweep(older_than=0, remove=True)]


async def test_arguments(site: Site) -> None:
    with pytest.raises(ValueError, match="only unused assets are removed"):
        await anext(site.client.assets.sweep(unused=False, remove=True))
    with pytest.raises(ValueError, match="older_than"):
        await anext(site.client.assets.sweep(older_than=-1))

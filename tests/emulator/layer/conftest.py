"""A client of a running emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene, write_broken, write_image

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def emulator(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Emulator]:
    changes = getattr(request, "param", {})
    async with Emulator(**{"speed": 20, "state": tmp_path / "state", **changes}) as running:
        yield running


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncTwelveLabs]:
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    SampleVideo("beach.mp4", (Scene("blue", 4), Scene("red", 4, tone=440.0))).write(folder)
    SampleVideo("forest.mp4", (Scene("green", 4),)).write(folder)
    write_broken(folder / "broken.mp4")
    write_image(folder / "red.png", "red")
    return folder


@pytest.fixture
async def index_id(client: AsyncTwelveLabs) -> str:
    index = await client.indexes.create(
        index_name="films", models=[{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]
    )
    assert index.id
    return index.id

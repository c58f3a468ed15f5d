"""An emulator with something in it, for pages and examples."""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from twelvelabs_async.emulator.media import samples
from twelvelabs_async.emulator.media.samples import SampleVideo, Scene
from twelvelabs_async.testing import RunningEmulator, run_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twelvelabs_async.types import IndexesCreateRequestModelsItemParams

MODELS: list[IndexesCreateRequestModelsItemParams] = [
    {"model_name": "marengo3.0", "model_options": ["visual", "audio"]},
    {"model_name": "pegasus1.2", "model_options": ["visual", "audio"]},
]

GOAL = SampleVideo("goal.mp4", (Scene("green", 4, shape="white", motion="fast"), Scene("blue", 4)))
"""The video that the pages upload and search."""


@dataclass(frozen=True)
class SeededEmulator:
    """What the pages speak of: where the emulator is, and what it holds.

    Attributes:
        emulator: Where it is to be found.
        index_id: An index.
        asset_id: An asset that is indexed there.
        video_id: The same as a video of the index.
    """

    emulator: RunningEmulator
    index_id: str
    asset_id: str
    video_id: str


@contextlib.contextmanager
def running(folder: Path) -> Iterator[SeededEmulator]:
    """Run an emulator with something in it while the block lasts.

    Args:
        folder: A folder for its state.
    """
    with run_emulator(state=folder / "state", speed=0, check_responses=True) as emulator:
        yield asyncio.run(_fill(emulator, folder))


async def _fill(emulator: RunningEmulator, folder: Path) -> SeededEmulator:
    path = await asyncio.to_thread(GOAL.write, folder)
    async with emulator.client() as client:
        index = await client.indexes.create(index_name="seeded", models=MODELS)
        asset = await client.assets.create(method="direct", file=path)
        await client.assets.wait_for_done(asset, sleep_interval=0.02)
        indexed = await client.indexes.indexed_assets.create(index, asset_id=asset)
        await client.indexes.indexed_assets.wait_for_done(index, indexed, sleep_interval=0.02)
        return SeededEmulator(emulator, index.id, asset.id, indexed.id)


def write_files(folder: Path) -> None:
    """Write the files that the pages name: `goal.mp4`, `big.mp4`, and `films/` with two videos and a broken one."""
    films = folder / "films"
    films.mkdir()
    GOAL.write(folder)
    SampleVideo("big.mp4", (Scene("red", 2, pattern="noise"), Scene("cyan", 2, pattern="noise"))).write(folder)
    SampleVideo("beach.mp4", (Scene("yellow", 2), Scene("blue", 2))).write(films)
    SampleVideo("wood.mp4", (Scene("green", 2), Scene("brown", 2))).write(films)
    samples.write_broken(films / "broken.mp4")


@contextlib.contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Make a folder the current one."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

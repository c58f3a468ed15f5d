"""One emulator for all tests of this folder, in a thread, with one of each kind of thing in it."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING

import pytest

from tests.faults.background import Background
from tests.faults.seed_data import SeedData, build
from twelvelabs_async import AsyncTwelveLabs, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from twelvelabs_async.emulator import FaultPlan

QUICK = RetryPolicy(initial=0.001, maximum=0.005)
"""Retries without the pauses."""


@pytest.fixture(scope="session")
def background(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Background]:
    drive = tmp_path_factory.mktemp("drive")
    with Background(speed=0, media_folder=drive, redirect_uri_limit=1_000_000) as running:
        yield running


@pytest.fixture(scope="session")
def data(background: Background) -> SeedData:
    async def make() -> SeedData:
        emulator = background.emulator
        drive = emulator.settings.media_folder
        assert drive is not None
        async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client:
            return await build(client, drive)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of operations that are still there
        made = asyncio.run(make())
    gc.collect()  # what the first calls imported and threw away is not the tests' garbage
    return made


@pytest.fixture
def plan(background: Background) -> Iterator[FaultPlan]:
    """The fault plan; empty before and after the test."""
    plan = background.emulator.faults
    plan.clear()
    plan.counts.clear()
    plan.operations.clear()
    yield plan
    plan.clear()


@pytest.fixture
async def clean(background: Background) -> AsyncIterator[AsyncTwelveLabs]:
    """A client for what has to work."""
    emulator = background.emulator
    async with AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url) as client:
        yield client

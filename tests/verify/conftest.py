"""An emulator, and a way to verify it or what is in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from twelvelabs_async import AsyncTwelveLabs
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.verify import Report, Verification, open_client

Verify = Callable[..., Awaitable[Report]]

KINDS = ("asset", "index", "video", "entity_collection", "knowledge_store", "analyze_task", "task")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(speed=0, recorded_requests=2000) as running:
        yield running


async def left(emulator: Emulator) -> dict[str, int]:
    """How many things of each kind there are."""
    counts = {kind: len(await emulator.documents(kind)) for kind in KINDS}
    return {kind: count for kind, count in counts.items() if count}


def client_of(base_url: str, api_key: str) -> AbstractAsyncContextManager[AsyncTwelveLabs]:
    return open_client(api_key=api_key, base_url=base_url)


@pytest.fixture
def verify(emulator: Emulator) -> Verify:
    """Verifies the emulator, or what has another URL."""

    async def run(base_url: str = "", **options: Any) -> Report:
        options = {"max_requests": 600, "max_seconds": 120, "pause": 0.01, **options}
        async with client_of(base_url or emulator.base_url, options.pop("api_key", emulator.api_key)) as client:
            verification = Verification(client, **options)
            await verification.run()
        return verification.report()

    return run

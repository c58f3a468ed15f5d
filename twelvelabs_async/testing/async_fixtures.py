"""The fixture that needs pytest-asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ..client import AsyncTwelveLabs
    from .running import RunningEmulator


@pytest_asyncio.fixture
async def twelvelabs_client(twelvelabs_emulator: RunningEmulator) -> AsyncIterator[AsyncTwelveLabs]:
    """A client of `twelvelabs_emulator`."""
    async with twelvelabs_emulator.client() as client:
        yield client

"""What the README says one has to write with the official SDK: it works, and does what is claimed."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import httpx
from twelvelabs import AsyncTwelveLabs

from twelvelabs_async.testing import run_emulator

from .conftest import README

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_embedding_a_file(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the README does it: upload, poll, task, poll, delete."""
    found = re.search(r"^<!-- not run: it needs the official SDK.*?^```python\n(.*?)^vectors = ", README, re.M | re.S)
    assert found
    names: dict[str, Any] = {"asyncio": asyncio}
    exec(found[1], names)
    sleep = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _: sleep(0.05))

    with run_emulator(speed=1) as emulator:

        async def embed() -> Any:
            async with httpx.AsyncClient() as connections:  # the official SDK closes none of its own
                client = AsyncTwelveLabs(api_key=emulator.api_key, base_url=emulator.base_url, httpx_client=connections)
                return await names["embed"](client, str(media / "sea.mp4"))

        vectors = asyncio.run(embed())
        assert len(vectors[0].embedding) == 512
        assert {request.operation for request in emulator.requests} == {
            "createAsset",
            "retrieveAsset",
            "createEmbeddingTaskV2",
            "retrieveEmbeddingTaskV2",
            "deleteAsset",
        }
        assert emulator.assets == []

"""An emulator with an index, and a client for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.ingest.files import SourceFile, tiny_video, write_files
from tests.ingest.proof import platform_state, prove
from twelvelabs_async import AsyncTwelveLabs, Hooks
from twelvelabs_async.emulator import Emulator
from twelvelabs_async.emulator.media.samples import numbered
from twelvelabs_async.ingest import Ingestion, IngestOutcome

MODELS: list[Any] = [{"model_name": "marengo3.0", "model_options": ["visual", "audio"]}]


@attrs.define
class Site:
    """A platform, and what ingests into it.

    Attributes:
        emulator: The platform.
        client: A client.
        index_id: An index.
        calls: Requests of the client so far, by operation.
        folder: A folder for files.
    """

    emulator: Emulator
    client: AsyncTwelveLabs
    index_id: str
    calls: Counter[str]
    folder: Path

    @property
    def faults(self) -> Any:
        return self.emulator.faults

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    @property
    def journal(self) -> Path:
        return self.folder / "run.sqlite"

    def files(self, good: int, broken: int = 0) -> list[SourceFile]:
        return write_files(self.videos, good, broken)

    def video(self, name: str, number: int = 0) -> Path:
        """Write one video."""
        path = self.videos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(numbered(tiny_video(self.folder / "tiny"), number))
        return path

    def ingest(self, sources: Any = None, **arguments: Any) -> Ingestion:
        """Ingest, by default the folder of the videos with the journal."""
        if "knowledge_store_id" not in arguments:
            arguments.setdefault("index_id", self.index_id)
        arguments.setdefault("journal", self.journal)
        return self.client.ingest(self.videos if sources is None else sources, **{"sleep_interval": 0.02, **arguments})

    async def outcomes(self, sources: Any = None, **arguments: Any) -> list[IngestOutcome]:
        async with self.ingest(sources, **arguments) as run:
            return [outcome async for outcome in run]

    async def problems(self, files: list[SourceFile], container: str | None = None) -> list[str]:
        """What is wrong at the platform."""
        return prove(await platform_state(self.emulator), files, container=container or self.index_id)

    def creates(self) -> int:
        """Requests so far that made something."""
        return sum(number for name, number in self.calls.items() if name.startswith("create"))


OpenSite = Callable[..., AbstractAsyncContextManager[Site]]


@pytest.fixture
def open_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> OpenSite:
    """Opens a platform with settings of its own."""
    monkeypatch.setattr("twelvelabs_async.ingest.engine.BACKOFF", (0.01, 0.05))
    monkeypatch.setattr("twelvelabs_async.ingest.lookup.SETTLE", 0.05)

    @asynccontextmanager
    async def open_one(**settings: Any) -> AsyncIterator[Site]:
        calls = Counter[str]()

        def count(event: Any) -> None:
            calls[event.operation] += 1

        async with (
            Emulator(**{"speed": 0, **settings}) as emulator,
            AsyncTwelveLabs(
                api_key=emulator.api_key, base_url=emulator.base_url, hooks=Hooks(on_request=count)
            ) as client,
        ):
            index = await client.indexes.create(index_name="films", models=MODELS)
            calls.clear()
            yield Site(emulator, client, index.id, calls, tmp_path)

    return open_one


@pytest.fixture
async def site(open_site: OpenSite) -> AsyncIterator[Site]:
    """A platform without any delay."""
    async with open_site() as opened:
        yield opened

"""Ray is large, and has an environment of its own: `make test-ray`. Elsewhere, these tests do not exist."""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.ingest.files import SourceFile, write_files
from tests.ingest.kills import new_index
from tests.ingest.proof import platform_state, prove
from twelvelabs_async.emulator import Emulator

if importlib.util.find_spec("ray") is None:
    collect_ignore_glob = ["test_*.py"]

CANARY = "tlk_CANARYray0123456789abcdef"
"""The key of all tests. It must not be found anywhere."""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A cluster of this machine, whose workers find the key in their environment."""
    import ray

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TWELVE_LABS_API_KEY", CANARY)
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(num_cpus=4, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False)
        yield ray
        ray.shutdown()


@attrs.define
class Site:
    """A platform, and a folder.

    Attributes:
        emulator: The platform.
        index_id: An index.
        folder: A folder.
    """

    emulator: Emulator
    index_id: str
    folder: Path

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of `on_ray`."""
        return {
            "index_id": self.index_id,
            "output": self.output,
            "base_url": self.emulator.base_url,
            "sleep_interval": 0.1,
        }

    def files(self, good: int, broken: int = 0) -> list[SourceFile]:
        return write_files(self.videos, good, broken)

    async def problems(self, files: list[SourceFile]) -> list[str]:
        """What is wrong at the platform."""
        return prove(await platform_state(self.emulator), files, container=self.index_id)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with Emulator(speed=0, api_keys=(CANARY,)) as emulator:
        yield Site(emulator, await new_index(emulator), tmp_path)

"""examples/ray_ingest.py"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from examples import ray_ingest
from tests.ray.conftest import Site
from twelvelabs_async.ingest import on_ray

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ray.data.context")  # Ray's own


async def test_ingests_a_folder(
    cluster: Any, site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site.files(3, 1)
    cluster_environment = {"TWELVELABS_BASE_URL": site.emulator.base_url}
    monkeypatch.setattr(
        ray_ingest,
        "on_ray",
        lambda *given, **named: on_ray(
            *given, **named, runtime_env={"env_vars": cluster_environment}, sleep_interval=0.1
        ),
    )
    arguments = [str(site.videos), site.index_id, "--output", str(site.output), "--workers", "1"]
    for _ in range(2):
        assert await asyncio.to_thread(ray_ingest.main, arguments) == 1
        printed = capsys.readouterr()
        assert printed.out == "3 indexed, 1 failed.\n"
    assert "0 done, 0 failed, 0 pending" in printed.err  # nothing was left to do
    arguments[1] = "000000000000000000000000"
    arguments[3] = str(site.folder / "other")
    assert await asyncio.to_thread(ray_ingest.main, arguments) == 1
    assert "does not exist" in capsys.readouterr().err

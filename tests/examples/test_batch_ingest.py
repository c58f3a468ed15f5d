"""examples/batch_ingest.py"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from uuid import uuid4

from examples import batch_ingest

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ..docs.seeded_emulator import SeededEmulator


def new_index(seeded: SeededEmulator) -> str:
    async def create() -> str:
        async with seeded.emulator.client() as client:
            index = await client.indexes.create(
                index_name=f"batch {uuid4()}", models=[{"model_name": "marengo3.0", "model_options": ["visual"]}]
            )
            return index.id

    return asyncio.run(create())


def assets(seeded: SeededEmulator) -> set[str]:
    async def names() -> set[str]:
        async with seeded.emulator.client() as client:
            return {asset.filename or "" async for asset in client.assets.list()}

    return asyncio.run(names())


def test_ingests_a_folder(
    environment: SeededEmulator, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch_ingest, "DIRECT_BYTES", (files / "films/beach.mp4").stat().st_size - 1)
    index_id = new_index(environment)
    report = files / "failed.jsonl"
    arguments = [str(files / "films"), index_id, "--workers", "2", "--report", str(report)]

    assert batch_ingest.main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == "2 indexed, 0 already in the index, 1 failed.\n"
    assert "beach.mp4: indexed in" in printed.err
    assert "broken.mp4: failed: " in printed.err
    (failure,) = map(json.loads, report.read_text(encoding="utf-8").splitlines())
    assert failure["file"].endswith("broken.mp4")
    assert failure["error"]
    assert "broken.mp4" not in assets(environment)

    assert batch_ingest.main(arguments) == 1
    assert capsys.readouterr().out == "0 indexed, 2 already in the index, 1 failed.\n"

    (files / "films/broken.mp4").unlink()
    assert batch_ingest.main(arguments) == 0
    assert report.read_text(encoding="utf-8") == ""


def test_stops_when_the_key_is_refused(
    environment: SeededEmulator, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_wrong")
    assert batch_ingest.main([str(files / "films"), environment.index_id]) == 1
    assert "Check the API key" in capsys.readouterr().err


def test_removes_the_asset_of_a_video_that_cannot_be_indexed(
    environment: SeededEmulator, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = files / "one"
    folder.mkdir()
    (files / "goal.mp4").rename(folder / "unwanted.mp4")
    assert batch_ingest.main([str(folder), "000000000000000000000000"]) == 1
    assert "unwanted.mp4" not in assets(environment), capsys.readouterr()

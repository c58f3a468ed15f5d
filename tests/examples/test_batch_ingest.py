"""examples/batch_ingest.py"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from examples import batch_ingest

if TYPE_CHECKING:
    from pathlib import Path

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


def test_ingests_a_folder(environment: SeededEmulator, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index_id = new_index(environment)
    arguments = [str(files / "films"), index_id, "--journal", str(files / "run.sqlite"), "--concurrency", "2"]

    assert batch_ingest.main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == "2 indexed, 1 failed.\n"
    assert "beach.mp4: indexed" in printed.err
    assert "broken.mp4: Asset" in printed.err
    assert "broken.mp4" not in assets(environment)

    assert batch_ingest.main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == "2 indexed, 1 failed.\n"
    assert printed.err == ""  # nothing was left to do


def test_stops_when_the_key_is_refused(
    environment: SeededEmulator, files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TWELVE_LABS_API_KEY", "tlk_wrong")
    journal = ["--journal", str(files / "run.sqlite")]
    assert batch_ingest.main([str(files / "films"), environment.index_id, *journal]) == 1
    assert "Check the API key" in capsys.readouterr().err


def test_an_index_that_does_not_exist(
    environment: SeededEmulator, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = ["--journal", str(files / "run.sqlite")]
    assert batch_ingest.main([str(files / "films"), "000000000000000000000000", *journal]) == 1
    assert "does not exist" in capsys.readouterr().err


def test_a_folder_is_needed(files: Path) -> None:
    with pytest.raises(SystemExit):
        batch_ingest.main([str(files / "goal.mp4"), "i"])

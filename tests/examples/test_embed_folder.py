"""examples/embed_folder.py"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from examples import embed_folder

if TYPE_CHECKING:
    from pathlib import Path

    from ..docs.seeded_emulator import SeededEmulator


@pytest.mark.usefixtures("environment")
def test_embeds_a_folder(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (files / "films" / "broken.mp4").unlink()
    assert embed_folder.main([str(files / "films")]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(line["file"] for line in lines) == ["beach.mp4", "wood.mp4"]
    assert {len(line["vector"]) for line in lines} == {512}


@pytest.mark.usefixtures("environment")
def test_goes_on_after_a_failure(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert embed_folder.main([str(files / "films")]) == 1
    captured = capsys.readouterr()
    assert len(captured.out.splitlines()) == 2
    assert captured.err.startswith("broken.mp4: ")


def test_says_what_is_wrong(environment: SeededEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert environment
    assert embed_folder.main([str(tmp_path / "missing")]) == 1
    assert "missing" in capsys.readouterr().err

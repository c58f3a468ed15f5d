"""examples/search.py"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from examples import search
from twelvelabs_async.emulator.media import samples

if TYPE_CHECKING:
    from pathlib import Path

    from ..docs.seeded_emulator import SeededEmulator


def test_lists_indexes(environment: SeededEmulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert search.main([]) == 0
    assert re.search(rf"^{environment.index_id}  seeded \(\d+ videos\)$", capsys.readouterr().out, re.MULTILINE)


def test_finds_words(environment: SeededEmulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert search.main([environment.index_id, "blue", "--limit", "1"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    match = re.fullmatch(r" *\d+ +([\d.]+) s to +([\d.]+) s  in video (\w+)", line)
    assert match
    assert float(match[1]) >= 3.5  # the blue scene begins at second 4
    assert match[3]


def test_finds_a_picture(environment: SeededEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "blue.png"
    samples.write_image(picture, "blue")
    assert search.main([environment.index_id, "--image", str(picture), "--limit", "1"]) == 0
    assert "in video" in capsys.readouterr().out


def test_says_what_is_wrong(environment: SeededEmulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert search.main(["000000000000000000000000", "blue"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    assert search.main([environment.index_id, "--image", str(tmp_path / "none.png")]) == 1
    assert "query_media_file: there is no such file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        search.main([environment.index_id])

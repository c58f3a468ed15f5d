"""Fixtures for the pages and the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .seeded_emulator import SeededEmulator, running, write_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeededEmulator]:
    with running(tmp_path_factory.mktemp("seeded")) as found:
        yield found


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the files that the pages name."""
    folder = tmp_path / "files"
    folder.mkdir()
    write_files(folder)
    return folder

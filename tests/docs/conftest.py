"""Fixtures for the pages and the examples."""

from __future__ import annotations

import shutil
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


@pytest.fixture(scope="session")
def made_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the pages name; to encode the videos takes a while."""
    folder = tmp_path_factory.mktemp("files")
    write_files(folder)
    return folder


@pytest.fixture
def files(made_files: Path, tmp_path: Path) -> Path:
    """A folder with the files that the pages name, for one test."""
    return shutil.copytree(made_files, tmp_path / "files")

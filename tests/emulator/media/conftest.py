"""Videos of known content, made once per session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from twelvelabs_async.emulator import media
from twelvelabs_async.emulator.media.samples import demo_videos

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The demo's videos by the first word of their names."""
    directory = tmp_path_factory.mktemp("videos")
    return {spec.name.partition("_")[0]: spec.write(directory) for spec in demo_videos()}


@pytest.fixture(scope="session")
def indexes(videos: dict[str, Path]) -> dict[str, dict[str, Any]]:
    """The index of each of them."""
    return {name: media.index(path, media.probe(path), {"filename": path.name}) for name, path in videos.items()}

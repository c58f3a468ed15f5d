"""The same emulator and files as for the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..docs.conftest import files, world

if TYPE_CHECKING:
    from ..docs.seeded_emulator import World

__all__ = ["environment", "files", "world"]


@pytest.fixture
def environment(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Let programs find the emulator."""
    for name, value in world.emulator.environment.items():
        monkeypatch.setenv(name, value)
    return world

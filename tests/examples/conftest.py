"""The same emulator and files as for the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..docs.conftest import files, made_files, seeded

if TYPE_CHECKING:
    from ..docs.seeded_emulator import SeededEmulator

__all__ = ["environment", "files", "made_files", "seeded"]


@pytest.fixture
def environment(seeded: SeededEmulator, monkeypatch: pytest.MonkeyPatch) -> SeededEmulator:
    """Let programs find the emulator."""
    for name, value in seeded.emulator.environment.items():
        monkeypatch.setenv(name, value)
    return seeded
